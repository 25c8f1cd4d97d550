/*
 * facts.h - writing facts into a buffer.
 */
#ifndef WPI_FACTS_H
#define WPI_FACTS_H

#include <walparse/fact.h>

/* Something that a record of its kind is not known to have. */
typedef struct wpi_oddity {
    wp_oddity what; /* 0: nothing */
    uint32_t value;
} wpi_oddity;

struct wpi_dml;

/* Where decoders put facts. A failed allocation is remembered; what is written after it goes nowhere. */
typedef struct wpi_builder {
    wp_facts *facts;
    bool out_of_memory;
    bool tells_more; /* WP_FACT_XACT_MORE is wanted, too */
    wpi_oddity odd;  /* set by the decoder of the record at hand */
    struct wpi_dml
        *counts; /* of rows: those of a transaction go out before its end; NULL: none are kept */
} wpi_builder;

/*
 * Appends a fact of bytes (rounded up to 8, the whole of it zeroed) and fills in its head. NULL when
 * memory is out. The pointer is good until the next fact is added.
 */
void *wpi_fact_add(wpi_builder *out, wp_fact_kind kind, size_t bytes, wp_lsn lsn, wp_xid xid);

/* The fact at facts->open_at, where it is of this kind and the last one; else NULL. Borrowed until a fact is added. */
wp_fact *wpi_fact_open(const wp_facts *facts, wp_fact_kind kind);

/* WAL from lsn to until, 0: not known, is damaged; expected, found: of the number that is wrong. */
typedef struct wpi_damage {
    wp_damage what;
    wp_lsn lsn, until;
    uint32_t expected, found;
} wpi_damage;

void wpi_damage_add(wpi_builder *out, wpi_damage damage);

/* All parts that a record announces are read, and so many bytes are left: there is a part that is not known. */
void wpi_note_rest(wpi_builder *out, size_t bytes);

#endif
