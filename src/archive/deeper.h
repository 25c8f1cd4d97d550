/*
 * deeper.h - archives that lie further below a folder than is walked: a copied bucket, a folder of all backups.
 */
#ifndef PITR_FIND_DEEPER_H
#define PITR_FIND_DEEPER_H

#include <stdbool.h>
#include <stddef.h>

/* So many are told. */
#define DEEPER_MAX 8

typedef struct deeper {
    char *paths[DEEPER_MAX];   /* each a SOURCE of its own; in order of their names */
    bool are_data[DEEPER_MAX]; /* a data directory, or a base backup with WAL inside */
    size_t count;
    bool has_more;
} deeper;

/*
 * Looks a bounded way down for folders with segments: what belongs to one archive is one path. Data directories count
 * only where there is nothing else. Links are not followed. False with one line in message. Free in any case.
 */
bool deeper_look(const char *folder, deeper *out, char message[512]);
void deeper_free(deeper *d);

#endif
