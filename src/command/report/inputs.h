/*
 * inputs.h - the files that a report was made of, each with its size and SHA-256.
 */
#ifndef PITR_FIND_INPUTS_H
#define PITR_FIND_INPUTS_H

#include "base/text.h"
#include "codec/sha256.h"

typedef enum input_kind {
    INPUT_WAL,
    INPUT_HISTORY,        /* of timelines */
    INPUT_BACKUP_HISTORY, /* .backup files of the archive */
    INPUT_BACKUP,         /* files of --backup that were read */
    INPUT_LOG,            /* --log */
    INPUT_OTHER,          /* what else of a SOURCE was read: catalogues of archivers */
    INPUT_KINDS
} input_kind;

/* "wal" ... */
const char *input_kind_word(input_kind kind);

typedef struct input_file {
    input_kind kind;
    size_t root; /* index in roots of what it lies in; SIZE_MAX: none of them */
    char *path;  /* as it was opened */
    char *name;  /* the same from the root on; of a root that is a file itself its last part */
    uint64_t size;
    uint8_t digest[SHA256_BYTES];
} input_file;

/* What was named on the command line. Borrowed. */
typedef struct input_root {
    const char *option; /* "source", "backup", "log" */
    const char *path;
} input_root;

#define INPUT_ROOTS_MAX 128

typedef struct input_list {
    input_root roots[INPUT_ROOTS_MAX];
    size_t nroots;
    input_file *items; /* by root, then name */
    size_t count, room;
} input_list;

/* The same paths once more. False with one line in message: too many. */
bool input_add_root(input_list *list, const char *option, const char *path, char message[512]);

/*
 * All files that may be WAL, or tell of it, in the SOURCEs; and what else was opened since opened_watch(). Reads none. False with one
 * line in message. Free with input_list_free() in any case.
 */
bool input_list_find(input_list *list, bool adds_opened, char message[512]);

/* Reads them all. False with one line in message. */
bool input_list_digest(input_list *list, char message[512]);

uint64_t input_list_bytes(const input_list *list);

void input_list_free(input_list *list);

#endif
