/*
 * facts.h - writing facts into a buffer.
 */
#ifndef WPI_FACTS_H
#define WPI_FACTS_H

#include <walparse/fact.h>

/* Where decoders put facts. A failed allocation is remembered; what is written after it goes nowhere. */
typedef struct wpi_builder {
    wp_facts *facts;
    bool out_of_memory;
} wpi_builder;

/*
 * Appends a fact of bytes (rounded up to 8, the whole of it zeroed) and fills in its head. NULL when
 * memory is out. The pointer is good until the next fact is added.
 */
void *wpi_fact_add(wpi_builder *out, wp_fact_kind kind, size_t bytes, wp_lsn lsn, wp_xid xid);

#endif
