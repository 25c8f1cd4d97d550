/*
 * sources.h - what a command works with, beside what was asked.
 */
#ifndef PITR_FIND_SOURCES_H
#define PITR_FIND_SOURCES_H

#include "backup/backup.h"
#include "recovery/data_directory.h"

/* All borrowed. */
typedef struct sources {
    const archive *wal;         /* along the followed timeline */
    const backup *base;         /* NULL: none */
    const wp_known *known;      /* names from a server; NULL: none */
    const data_directory *into; /* to write to; NULL: none */
    const text_list *warnings;  /* met while they were opened */
} sources;

#endif
