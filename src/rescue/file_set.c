/* file_set.c - see file_set.h. */
#include "rescue/file_set.h"

#include <stdint.h>
#include <stdlib.h>

static bool is_same(const wp_locator *x, const wp_locator *y)
{
    return x->rel == y->rel && x->db == y->db && x->spc == y->spc;
}

/* The slot that has the file, or the empty one where it belongs. */
static wp_locator *slot_of(const file_set *set, const wp_locator *file)
{
    uint64_t hash = ((uint64_t)file->rel << 32 | file->db) ^ (uint64_t)file->spc << 17;
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(hash >> 32) & (set->nslots - 1);
    while (set->slots[at].rel != 0 && !is_same(&set->slots[at], file))
        at = (at + 1) & (set->nslots - 1);
    return &set->slots[at];
}

static bool grow(file_set *set)
{
    file_set larger = { .nslots = set->nslots > 0 ? set->nslots * 2 : 64, .count = set->count };
    larger.slots = calloc(larger.nslots, sizeof *larger.slots);
    if (larger.slots == NULL)
        return false;
    for (size_t i = 0; i < set->nslots; i++)
        if (set->slots[i].rel != 0)
            *slot_of(&larger, &set->slots[i]) = set->slots[i];
    free(set->slots);
    *set = larger;
    return true;
}

bool file_set_add(file_set *set, const wp_locator *file)
{
    if (file->rel == 0 || file_set_has(set, file))
        return true;
    if (set->count * 2 >= set->nslots && !grow(set))
        return false;
    *slot_of(set, file) = *file;
    set->count++;
    return true;
}

bool file_set_has(const file_set *set, const wp_locator *file)
{
    return set->nslots > 0 && slot_of(set, file)->rel != 0;
}

void file_set_free(file_set *set)
{
    free(set->slots);
    *set = (file_set){ 0 };
}
