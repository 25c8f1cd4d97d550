/*
 * dml.c - the table of running row counts.
 *
 * Slots are found by the low bits of the xid itself: neighbours in time are neighbours in memory.
 */
#include "decode/dml.h"

#include <stdlib.h>
#include <string.h>

/* Twice the entries, so that probing stays short. */
#define SLOTS ((size_t)WPI_DML_ENTRIES_MAX * 2)
#define SLOT_MASK (WPI_DML_ENTRIES_MAX * 2u - 1)

bool wpi_dml_init(wpi_dml *dml)
{
    *dml = (wpi_dml){ 0 };
    dml->slots = calloc(SLOTS, sizeof *dml->slots);
    dml->entries = malloc(WPI_DML_ENTRIES_MAX * sizeof *dml->entries);
    if (dml->slots && dml->entries)
        return true;
    wpi_dml_fini(dml);
    return false;
}

void wpi_dml_fini(wpi_dml *dml)
{
    free(dml->slots);
    free(dml->entries);
    *dml = (wpi_dml){ 0 };
}

void wpi_dml_clear(wpi_dml *dml)
{
    if (dml->nlive)
        memset(dml->slots, 0, SLOTS * sizeof *dml->slots);
    dml->nentries = dml->free_list = dml->nlive = 0;
}

/* The slot of xid, or the free one where it would go. */
static uint32_t find_slot(const wpi_dml *dml, wp_xid xid)
{
    uint32_t at = xid & SLOT_MASK;
    while (dml->slots[at].xid && dml->slots[at].xid != xid)
        at = (at + 1) & SLOT_MASK;
    return at;
}

/* Frees a slot of a linearly probed table: those after it that depend on it move up. */
static void free_slot(wpi_dml *dml, uint32_t at)
{
    uint32_t hole = at;
    for (uint32_t next = (at + 1) & SLOT_MASK; dml->slots[next].xid;
         next = (next + 1) & SLOT_MASK) {
        const uint32_t home = dml->slots[next].xid & SLOT_MASK;
        if (((next - home) & SLOT_MASK) >= ((next - hole) & SLOT_MASK)) {
            dml->slots[hole] = dml->slots[next];
            hole = next;
        }
    }
    dml->slots[hole] = (wpi_dml_slot){ 0, 0 };
}

/* Adds an entry after the last of its xid, so that they come out in the order they began. */
static wpi_dml_entry *new_entry(wpi_dml *dml, uint32_t *link, const wp_locator *locator, wp_lsn lsn)
{
    uint32_t index;
    if (dml->free_list) {
        index = dml->free_list - 1;
        dml->free_list = dml->entries[index].next;
    } else {
        index = dml->nentries++;
    }
    dml->entries[index] = (wpi_dml_entry){ .locator = *locator, .lsn = lsn };
    *link = index + 1;
    dml->nlive++;
    return &dml->entries[index];
}

wpi_dml_entry *wpi_dml_at(wpi_dml *dml, wp_xid xid, const wp_locator *locator, wp_lsn lsn,
                          wpi_builder *out)
{
    if (xid == 0)
        return NULL;
    uint32_t slot = find_slot(dml, xid);
    uint32_t *link = &dml->slots[slot].first;
    while (*link) {
        wpi_dml_entry *entry = &dml->entries[*link - 1];
        if (entry->locator.rel == locator->rel && entry->locator.db == locator->db
            && entry->locator.spc == locator->spc)
            return entry;
        link = &entry->next;
    }
    if (dml->nlive == WPI_DML_ENTRIES_MAX) {
        wpi_dml_flush_all(dml, out);
        slot = find_slot(dml, xid);
        link = &dml->slots[slot].first;
    }
    dml->slots[slot].xid = xid;
    return new_entry(dml, link, locator, lsn);
}

static void write_entry(const wpi_dml_entry *entry, wp_xid xid, wpi_builder *out)
{
    wp_fact_dml *fact = wpi_fact_add(out, WP_FACT_DML, sizeof *fact, entry->lsn, xid);
    if (!fact)
        return;
    fact->locator = entry->locator;
    fact->inserted = entry->inserted;
    fact->updated = entry->updated;
    fact->deleted = entry->deleted;
}

/* Writes a chain and puts its entries on the free list. */
static void flush_chain(wpi_dml *dml, const wpi_dml_slot *slot, wpi_builder *out)
{
    for (uint32_t i = slot->first; i;) {
        wpi_dml_entry *entry = &dml->entries[i - 1];
        const uint32_t next = entry->next;
        if (out)
            write_entry(entry, slot->xid, out);
        entry->next = dml->free_list;
        dml->free_list = i;
        dml->nlive--;
        i = next;
    }
}

void wpi_dml_flush_xid(wpi_dml *dml, wp_xid xid, wpi_builder *out)
{
    if (xid == 0)
        return;
    const uint32_t slot = find_slot(dml, xid);
    if (dml->slots[slot].xid != xid)
        return;
    flush_chain(dml, &dml->slots[slot], out);
    free_slot(dml, slot);
}

void wpi_dml_flush_all(wpi_dml *dml, wpi_builder *out)
{
    if (wpi_dml_is_empty(dml))
        return;
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (dml->slots[i].xid)
            flush_chain(dml, &dml->slots[i], out);
        dml->slots[i] = (wpi_dml_slot){ 0, 0 };
    }
    wpi_dml_clear(dml);
}
