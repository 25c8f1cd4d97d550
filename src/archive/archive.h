/*
 * archive.h - which WAL there is: an ordered list of segments, and what is known of them.
 *
 * archive_open.h makes it of SOURCE arguments; reading a file's bytes is input.h, decoding them scan.h.
 */
#ifndef PITR_FIND_ARCHIVE_H
#define PITR_FIND_ARCHIVE_H

#include <stdio.h>

#include <walparse/walparse.h>

#include "archive/timeline_tree.h"
#include "archive/layout.h"

/* One segment to be read. */
typedef struct archive_segment {
    char *path; /* file, as it was found */
    wp_tli tli; /* of its name */
    wp_lsn start_lsn;
    wp_lsn
        end_lsn; /* read no further: end of the segment, or where the next timeline branched off */
    bool is_partial;  /* only a .partial file was there */
    bool holds_whole; /* it lies where an archiver has whole segments only */
    bool has_copies;  /* there are other full files of its timeline for it */
    bool has_lesser;  /* there are other files for it, which are not the same */
    char *spoilt;     /* NULL, or a line about a file that should have been read instead */
} archive_segment;

/* A .backup file is no longer. */
#define BACKUP_FILE_BYTES_MAX 8192

/* The first file after the last segment where nothing but what a server makes ready for later lies. */
typedef struct archive_leftover {
    char *path; /* NULL: there is none */
    char *why;  /* the line about it */
    wp_lsn start_lsn;
    bool is_expected; /* it may lie there also where the WAL ends with its segment */
} archive_leftover;

/* The full file that an older timeline has for a segment that is read from the file of a newer one. */
typedef struct archive_older {
    wp_tli tli;
    wp_lsn start_lsn;
} archive_older;

/* Segments missing between two that are there: [from, until). */
typedef struct archive_gap {
    wp_tli tli;
    wp_lsn from, until;
} archive_gap;

/* A base backup that has its history file among the sources, or stands in the archiver's catalogue. */
typedef struct archive_backup {
    char *path;                      /* of that file */
    char id[LAYOUT_BACKUP_ID_BYTES]; /* by which the archiver knows it; "": not in its catalogue */
    wp_backup_label label;
    bool is_usable; /* it is on the history of the followed timeline, and its WAL begins no later */
    bool is_gone;   /* the archiver's catalogue has others, and this one no more: not usable */
} archive_backup;

typedef struct archive {
    wp_segment_info info;     /* of the first segment: profile, system identifier, sizes */
    uint32_t block_size;      /* of data pages as far as known: the WAL page size */
    wp_tli timeline;          /* the one followed */
    timeline_history history; /* of the one followed */
    wp_tli *
        lineage; /* its timelines, as a history file has them; NULL: there is none, or they are guessed */
    timeline_tree timeline_tree; /* all of which anything is known here */
    archive_older *older;
    size_t nolder;
    wp_lsn
        own_lsn; /* transactions that end before it are of no interest: 0, for whoever opened it to set */
    wp_tli *timelines; /* every timeline that has segments here, rising */
    size_t ntimelines;
    /* In LSN order, one per position, those of the followed timeline's history. */
    archive_segment *segments;
    size_t nsegments;
    /* After the limits: holds the rest of the last segment's last record. Path NULL: none. */
    archive_segment following;
    archive_leftover leftover;
    char *complaint; /* about the first tar archive that breaks off; NULL: none does */
    archive_gap *gaps;
    size_t ngaps;
    wp_lsn first_lsn;        /* of all WAL on the followed history, whatever the limits */
    archive_backup *backups; /* by the LSN they start at */
    size_t nbackups;
    char **directories; /* where segments were found, each once, in order of the command line */
    size_t ndirectories;
    wal_layout layout; /* the one that all segments come from, without its folders; else PLAIN */
    bool
        has_unread_copies; /* before the first segment are some of which there are two files, not compared */
    bool is_compressed; /* at least one segment is */
    bool is_encrypted;  /* and was decrypted with a passphrase that was given */
    size_t
        nconflicts; /* segments and history files of which there are two, and not with the same content */
    struct remote
        *remote; /* a command fetches the segments (fetched_archive.h); NULL: they are files */
    void (*close_remote)(struct archive *archive); /* and what ends that */
    struct segment_fetcher *segment_fetcher;       /* of it */
    char **warnings; /* what a user should know: files left out, history files that are missing */
    size_t nwarnings;
    bool
        is_out_of_range; /* archive_open() failed, and only because nothing lies in the range asked for */
} archive;

/*
 * Only the first pages that decide something are looked at (the ends of every run of segments): whoever
 * reads a segment must still expect another cluster's, and then calls this. It reads all first pages and
 * writes the line that lists the clusters; always false.
 */
bool archive_fail_clusters(const archive *archive, char message[512]);

/* The last segment that starts at an LSN or before, borrowed; NULL: none does. */
const archive_segment *archive_segment_of(const archive *archive, wp_lsn lsn);

/*
 * The timeline that an LSN is on, as far as a server can be sent there: that of the record, or where only a newer
 * timeline's file has it, that one.
 */
wp_tli archive_timeline(const archive *archive, wp_lsn lsn);

void archive_free(archive *archive);

#endif
