/*
 * sources.h - what a search works with: WAL, base backup, names of a server, the data directory to write to.
 */
#ifndef PITR_FIND_SOURCES_H
#define PITR_FIND_SOURCES_H

#include "backup/backup.h"
#include "recovery/data_directory.h"
#include "search/question.h"

typedef struct sources {
    const archive *wal;                      /* along the followed timeline */
    const backup *base;                      /* NULL: none */
    const wp_external_names *external_names; /* names from a server; NULL: none */
    const data_directory *into;              /* to write to; NULL: none */
    const text_list *warnings;               /* met while they were opened */
    struct {
        archive wal;
        backup base;
        wp_external_names *external_names;
        data_directory into;
        text_list warnings;
    } own; /* what the pointers point to */
} sources;

/*
 * Opens what the question names, and the data directory into, or NULL, in the order of what it costs. A data directory that was
 * restored and not started yet is the backup where no other one is named. False with one line in message. Free with
 * sources_free() in any case; not to be copied.
 */
bool sources_open(const question *q, const char *into, sources *out, char message[512]);

void sources_free(sources *from);

/* A SOURCE that is not there, and not spelt like a path: a word that was meant otherwise. NULL: there is none. */
const char *sources_stray_word(const question *q);

#endif
