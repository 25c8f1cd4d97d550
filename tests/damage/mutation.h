/*
 * mutation.h - one change of an archive, chosen by a number: the same number makes the same change each time.
 */
#ifndef TEST_MUTATION_H
#define TEST_MUTATION_H

#include "specimen.h"

typedef enum mutation_kind {
    MUTATION_OF_BYTES,  /* checksums are as they were: what was hit shows */
    MUTATION_OF_RECORDS /* page headers, back links and checksums are right again: another WAL */
} mutation_kind;

typedef struct mutation {
    mutation_kind kind;
    const char *what; /* for people */
    size_t file;      /* the one that is changed; records may reach into its neighbours */
    blob bytes[SPECIMEN_FILES_MAX]; /* what the files hold now; nothing: as before */
} mutation;

/* Start with all zero; may be used again. Only OF_BYTES where the specimen is not one run of segments. */
void mutation_make(mutation *m, const specimen *s, uint64_t number, mutation_kind kind);
void mutation_free(mutation *m);

/* Is what is left of a file simply shorter WAL: as before up to the end of a record, then zeros? */
bool mutation_is_end(const mutation *m, const specimen *s);

#endif
