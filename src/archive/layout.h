/*
 * layout.h - which archiver a folder belongs to, and where below it WAL lies.
 *
 * Each archiver is one row of the table in layout.c: how its folders are told, which of them hold WAL,
 * where its catalogue is, and the command by which a server fetches WAL from it.
 */
#ifndef PITR_FIND_LAYOUT_H
#define PITR_FIND_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct text;

/* Room for what an archiver calls a base backup. */
#define LAYOUT_BACKUP_ID_BYTES 128

typedef enum layout_kind {
    LAYOUT_PLAIN, /* files, or folders of them: archive_command, pg_receivewal */
    LAYOUT_PGBACKREST,
    LAYOUT_BARMAN,
    LAYOUT_BARMAN_CLOUD, /* CloudNativePG too */
    LAYOUT_WALG,
    LAYOUT_PROBACKUP,
    LAYOUT_RMAN,
    LAYOUT_PGMONETA,
    LAYOUT_PGHOARD,
    LAYOUT_DATA_DIRECTORY,
    LAYOUT_TAR, /* one archive: the root is its path, the name the folder in it, with a slash */
    LAYOUTS
} layout_kind;

/* One archive as it was recognised. Start with all zero: PLAIN. */
typedef struct wal_layout {
    layout_kind kind;
    char *root; /* absolute; what the archiver calls its repository, home, prefix; NULL: PLAIN */
    char *home; /* of one server: below it are WAL and catalogue; as it was given, or below that */
    char *name; /* of the stanza, server, instance or site; NULL: there is no such thing */
    bool
        is_uneven; /* of a tar archive: tar does not find all its WAL in that folder, or fails of what follows its data */
    char **folders; /* that hold WAL, as far as SOURCE has them */
    size_t nfolders;
} wal_layout;

/*
 * Recognises the folder of a SOURCE, or the archive it is part of. False with one line in message: it has
 * the WAL of several servers (they are listed), it cannot be read. Free with layout_free() in either case.
 */
bool layout_of(const char *source, wal_layout *out, char message[512]);

/* Does a file lie in a folder where an archiver puts nothing but whole segments, .partial files apart? */
bool layout_holds_whole(const wal_layout *l, const char *path);

/* Is it the same archive? */
bool layout_is_same(const wal_layout *a, const wal_layout *b);

/* Makes a copy, without the folders. False: no memory. */
bool layout_copy(const wal_layout *from, wal_layout *out);

/* "pgBackRest repository /backup, stanza main". */
void layout_describe(const wal_layout *l, struct text *out);

/* "pgBackRest repository" */
const char *layout_title(layout_kind kind);

/*
 * The archiver's own restore_command: a form in which @ stands for the root and # for the name, both
 * inside double quotes, and ! for layout_cipher_words() where WAL is encrypted. NULL: it has none.
 */
const char *layout_restore_form(layout_kind kind);
const char *layout_cipher_words(layout_kind kind);

/* How the archiver is told to restore a backup, for people; nothing where it takes no id. */
void layout_tell_use(const wal_layout *l, const char *id, struct text *out);

/* Calls back with every catalogue file. False as soon as the callback says so. */
typedef bool layout_visit(void *context, const wal_layout *l, const char *path);
bool layout_each_catalogue(const wal_layout *l, layout_visit *visit, void *context);

void layout_free(wal_layout *l);

#endif
