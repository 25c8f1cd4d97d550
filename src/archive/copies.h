/*
 * copies.h - are two files copies of one segment?
 */
#ifndef PITR_FIND_COPIES_H
#define PITR_FIND_COPIES_H

#include "file/input.h"

typedef enum copies_verdict {
    COPIES_ALIKE,
    COPIES_FIRST_CUT, /* alike as far as the first goes: what follows in it is nothing, or zeros; or, where both must
                          be whole, the first one alone is not: too short, too long, or its packed data breaks off */
    COPIES_SECOND_CUT, /* the same the other way round */
    COPIES_DIFFER
} copies_verdict;

/* Buffers used over and over. Start with all zero; free with copies_free(). */
typedef struct copies {
    input *inputs[2];
} copies;

/* What the two files should be. */
typedef struct copies_rules {
    uint64_t segment_size; /* in bytes */
    bool may_end;          /* .partial files: they may end anywhere */
} copies_rules;

/*
 * Compares what two files hold, unpacked, up to a segment's size; pgBackRest's names tell by themselves when
 * they have the same checksum. False with one line in message on a read error.
 */
bool copies_compare(copies *c, const char *first, const char *second, const copies_rules *rules,
                    copies_verdict *out, char message[512]);

/* Two paths of one file: no copies at all. */
bool copies_is_same_file(const char *a, const char *b);

void copies_free(copies *c);

#endif
