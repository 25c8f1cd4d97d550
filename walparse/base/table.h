/*
 * table.h - a small open-addressing hash table of pointers, keyed by up to three 32-bit numbers.
 */
#ifndef WPI_TABLE_H
#define WPI_TABLE_H

#include <walparse/types.h>

typedef struct wpi_key {
    uint32_t a, b, c;
} wpi_key;

typedef struct wpi_table_slot {
    wpi_key key;
    uint32_t hash; /* 0: free */
    void *value;
} wpi_table_slot;

/* Start with all zero. */
typedef struct wpi_table {
    wpi_table_slot *slots;
    size_t room, used; /* room: a power of two, or 0 */
} wpi_table;

/* NULL when absent. */
void *wpi_table_get(const wpi_table *table, wpi_key key);
/* Adds or replaces; the value must not be NULL. False: out of memory, nothing changed. */
bool wpi_table_put(wpi_table *table, wpi_key key, void *value);
/* Takes the key out and returns its value, NULL when absent. */
void *wpi_table_take(wpi_table *table, wpi_key key);
/* Values in no particular order: start with *at = 0; NULL at the end. No changes in between. */
void *wpi_table_next(const wpi_table *table, size_t *at);
/* The same with their keys. */
bool wpi_table_next_key(const wpi_table *table, size_t *at, wpi_key *key);
/* Forgets all keys, keeps the memory. */
void wpi_table_clear(wpi_table *table);
/* Frees the table, not the values. */
void wpi_table_free(wpi_table *table);

#endif
