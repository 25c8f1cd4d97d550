/*
 * table.c - linear probing, grown at two thirds full, holes closed on removal.
 */
#include "base/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

static uint32_t hash_key(wpi_key key)
{
    uint64_t h = key.a * UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ h >> 29 ^ key.b) * UINT64_C(0xBF58476D1CE4E5B9);
    h = (h ^ h >> 32 ^ key.c) * UINT64_C(0x94D049BB133111EB);
    const uint32_t folded = (uint32_t)(h ^ h >> 31);
    return folded ? folded : 1;
}

static bool same_key(wpi_key x, wpi_key y)
{
    return x.a == y.a && x.b == y.b && x.c == y.c;
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t find(const wpi_table *table, wpi_key key, uint32_t hash)
{
    size_t at = hash & (table->room - 1);
    while (table->slots[at].hash
           && !(table->slots[at].hash == hash && same_key(table->slots[at].key, key)))
        at = (at + 1) & (table->room - 1);
    return at;
}

static bool grow(wpi_table *table)
{
    const size_t room = table->room ? table->room * 2 : FIRST_ROOM;
    wpi_table bigger = { calloc(room, sizeof *bigger.slots), room, table->used };
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < table->room; i++)
        if (table->slots[i].hash)
            bigger.slots[find(&bigger, table->slots[i].key, table->slots[i].hash)] =
                table->slots[i];
    free(table->slots);
    *table = bigger;
    return true;
}

void *wpi_table_get(const wpi_table *table, wpi_key key)
{
    if (table->used == 0)
        return NULL;
    const wpi_table_slot *slot = &table->slots[find(table, key, hash_key(key))];
    return slot->hash ? slot->value : NULL;
}

bool wpi_table_put(wpi_table *table, wpi_key key, void *value)
{
    assert(value != NULL); /* it would read as absent */
    if ((table->used + 1) * 3 > table->room * 2 && !grow(table))
        return false;
    const uint32_t hash = hash_key(key);
    wpi_table_slot *slot = &table->slots[find(table, key, hash)];
    table->used += slot->hash == 0;
    *slot = (wpi_table_slot){ key, hash, value };
    return true;
}

void *wpi_table_take(wpi_table *table, wpi_key key)
{
    if (table->used == 0)
        return NULL;
    const size_t mask = table->room - 1;
    size_t hole = find(table, key, hash_key(key));
    if (!table->slots[hole].hash)
        return NULL;
    void *value = table->slots[hole].value;
    for (size_t next = (hole + 1) & mask; table->slots[next].hash; next = (next + 1) & mask) {
        const size_t home = table->slots[next].hash & mask;
        if (((next - home) & mask) >= ((next - hole) & mask)) {
            table->slots[hole] = table->slots[next];
            hole = next;
        }
    }
    table->slots[hole].hash = 0;
    table->used--;
    return value;
}

bool wpi_table_next_key(const wpi_table *table, size_t *at, wpi_key *key)
{
    while (*at < table->room && !table->slots[*at].hash)
        ++*at;
    if (*at >= table->room)
        return false;
    *key = table->slots[(*at)++].key;
    return true;
}

void *wpi_table_next(const wpi_table *table, size_t *at)
{
    while (*at < table->room) {
        const wpi_table_slot *slot = &table->slots[(*at)++];
        if (slot->hash)
            return slot->value;
    }
    return NULL;
}

void wpi_table_clear(wpi_table *table)
{
    if (table->used)
        memset(table->slots, 0, table->room * sizeof *table->slots);
    table->used = 0;
}

void wpi_table_free(wpi_table *table)
{
    free(table->slots);
    *table = (wpi_table){ 0 };
}
