/*
 * segment_files.h - the files of the sources, with what their first pages say.
 *
 * A file is opened when somebody wants to know whether it holds what its name promises, not before: an
 * archive may have ten thousand of them.
 */
#ifndef PITR_FIND_SEGMENT_FILES_H
#define PITR_FIND_SEGMENT_FILES_H

#include "archive/archiver_catalog.h"
#include "archive/find.h"
#include "file/probe.h"

typedef enum segment_file_state {
    SEGMENT_FILE_UNSEEN,
    SEGMENT_FILE_GOOD, /* the first page fits name and cluster */
    SEGMENT_FILE_BAD   /* left out */
} segment_file_state;

/* What is in a BAD file. */
typedef enum segment_files_holds {
    SEGMENT_FILE_HOLDS_OTHER, /* what is no WAL, or that of a later position */
    SEGMENT_FILE_HOLDS_LEFTOVER, /* zeros, or the WAL of an earlier position: made ready for later, as it seems */
    SEGMENT_FILE_HOLDS_STRANGER /* of another cluster, or no segment has such a name */
} segment_files_holds;

typedef struct segment_file {
    const find_file *found;
    wp_segment_name
        name; /* of the file, or what its first page says when it has a name of its own */
    wp_lsn start_lsn;
    wp_tli page_tli; /* of the first page, once GOOD */
    segment_file_state state;
    segment_files_holds holds;          /* once BAD */
    bool is_zero, is_empty, is_foreign; /* BAD, and for that */
    bool is_told; /* BAD, and said to be damage: no further word is lost on it */
    char *why;    /* BAD: a line about it */
    bool is_compressed, is_encrypted; /* as far as known */
    size_t rank;                      /* for the caller's use */
} segment_file;

/* Files of one kind: how many, and a line about the first. */
typedef struct segment_tally {
    size_t n;
    char text[400];
} segment_tally;

typedef struct segment_files {
    find_list found;
    segment_file *files; /* by timeline, start, full before partial, order of the sources */
    size_t nfiles;
    wp_segment_info info;    /* of the first good one: all others must be of the same cluster */
    segment_tally unused;    /* zeros: made in advance */
    segment_tally misplaced; /* recycled or renamed */
    segment_tally others;    /* no WAL, or none this program reads */
    segment_tally foreign;   /* of another cluster than the one asked for */
    uint64_t system_id;      /* asked for; 0: there must be one only */
    catalogue catalogue;     /* of all layouts found */
    prober prober;
} segment_files;

/*
 * Finds the files and looks into the first good one of every timeline and source, and whose the ends of every run of
 * segments are; into all of them where a cluster is asked for (system_id not 0), and others are left out. False with one line in message:
 * nothing found, nothing usable, several clusters, unreadable. Free with segment_files_free() in either case.
 */
bool segment_files_open(char *const *sources, size_t nsources, uint64_t system_id,
                        segment_files *out, char message[512]);

/* Looks into a file if nobody has, and sets its state. False as segment_files_open(). */
bool segment_files_examine(segment_files *segment_files, segment_file *file, char message[512]);

/*
 * Does it stand for WAL that should be there? Not what is of no use, and not what a server's own folder has
 * ready for later.
 */
bool segment_files_counts(const segment_file *file);

/* What the first page of a GOOD file says. */
wp_segment_info segment_files_info(const segment_files *segment_files, const segment_file *file);

void segment_files_free(segment_files *segment_files);

#endif
