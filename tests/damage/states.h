/*
 * states.h - what segments of real archives were seen as, and what nobody has seen yet: one row for each.
 */
#ifndef TEST_STATES_H
#define TEST_STATES_H

#include "pack.h"
#include "specimen.h"

/* One segment, to be spoilt. */
typedef struct subject {
    const specimen *of;
    const specimen_file *file;
    size_t which, last; /* of its archive's segments */
    const packer *packed_by;
    blob bytes;    /* what its file will hold: unpacked in content states, packed in the others */
    char name[96]; /* of its file */
    char path[256];
} subject;

typedef enum state_kind {
    STATE_OF_CONTENT, /* before it is packed */
    STATE_OF_PACKED,  /* once it is packed */
    STATE_OF_FILE     /* in its place: nothing is written for it */
} state_kind;

typedef enum state_verdict {
    STATE_DAMAGED, /* doubt is said in any case */
    STATE_OTHER,   /* another answer than before may not come without doubt */
    STATE_GONE     /* as DAMAGED, but fetch says that there is no such file */
} state_verdict;

/* Where a state makes sense. */
enum { IN_FIRST = 1, IN_MIDDLE = 2, IN_NEWEST = 4, ANYWHERE = 7 };

typedef struct state {
    const char *name;
    state_kind kind;
    void (*make)(subject *s, long arg);
    long arg;
    state_verdict verdict;
    unsigned where;
} state;

/* NULL behind the last. */
const state *state_at(size_t i);

#endif
