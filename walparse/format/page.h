/*
 * page.h - the header of one WAL page, held against what it should say.
 */
#ifndef WPI_PAGE_H
#define WPI_PAGE_H

#include <walparse/profile.h>
#include <walparse/segment.h>

#define WPI_PAGE_BYTES_MAX 65536
/* A long header of a server that aligns to 8. */
#define WPI_PAGE_HEADER_BYTES_MAX 40

typedef struct wpi_page_rules {
    wp_segment_info info;
} wpi_page_rules;

typedef struct wpi_page_header {
    uint16_t magic;
    bool is_contrecord, is_overwrite;
    uint32_t rem_len; /* bytes of the continued record still to come */
    wp_tli tli;
    uint32_t bytes; /* length of this header */
} wpi_page_header;

typedef enum wpi_page_fault {
    WPI_PAGE_GOOD,
    WPI_PAGE_ZERO,  /* nothing but zeros: never written */
    WPI_PAGE_STALE, /* a sound page of the same place in an earlier segment: the file was recycled */
    WPI_PAGE_BAD
} wpi_page_fault;

/* page: len bytes, of a page at lsn. magic in *out is always set. */
wpi_page_fault wpi_page_check(const wpi_page_rules *rules, const uint8_t *page, uint32_t len,
                              wp_lsn lsn, wpi_page_header *out);

/* One byte at least, and all of them 0. */
bool wpi_is_all_zero(const uint8_t *bytes, uint32_t len);

#endif
