/*
 * segment.h - segment names, positions and the first page of a segment.
 */
#ifndef WALPARSE_SEGMENT_H
#define WALPARSE_SEGMENT_H

#include <walparse/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wp_profile;

#define WP_SEGMENT_NAME_CHARS 24
#define WP_SEGMENT_NAME_BYTES (WP_SEGMENT_NAME_CHARS + 1)
#define WP_SEGMENT_SIZE_MIN (UINT32_C(1) << 20)
#define WP_SEGMENT_SIZE_MAX (UINT32_C(1) << 30)
/* Enough bytes of a segment for wp_segment_probe(). */
#define WP_PROBE_BYTES 40

/* The three numbers in a segment's name. */
typedef struct wp_segment_name {
    wp_tli tli;
    uint32_t log, seg;
} wp_segment_name;

/* What the first page of a segment tells. */
typedef struct wp_segment_info {
    const struct wp_profile *profile; /* borrowed, lives for ever */
    uint64_t system_identifier;
    wp_lsn start_lsn;      /* position of the segment's first byte (xlp_pageaddr) */
    wp_tli page_tli;       /* timeline of the first page: may be older than the file's */
    uint32_t segment_size; /* bytes, a power of two from 1 MB to 1 GB */
    uint32_t page_size;    /* XLOG_BLCKSZ, bytes */
    uint8_t max_align;     /* 8, or 4 for 32-bit x86 servers */
} wp_segment_info;

/** Takes the first 24 characters of text apart. False unless they are upper-case hex digits. */
WP_API bool wp_segment_name_parse(const char *text, wp_segment_name *out);

/** Writes the name of the segment of a timeline that holds an LSN and returns buf. */
WP_API char *wp_segment_name_format(wp_tli tli, wp_lsn lsn, uint32_t segment_size,
                                    char buf[WP_SEGMENT_NAME_BYTES]);

/** First LSN of the segment so named; false when seg is out of range for the segment size. */
WP_API bool wp_segment_name_start(const wp_segment_name *name, uint32_t segment_size, wp_lsn *out);

/**
 * Reads the long page header at the start of a segment.
 * Needs WP_PROBE_BYTES bytes. WP_END: an all-zero first page (a segment made in advance, never used);
 * WP_ERR_BYTEORDER, WP_ERR_VERSION, WP_ERR_GEOMETRY, WP_ERR_NOT_WAL say why it is none of ours.
 */
WP_API wp_status wp_segment_probe(wp_view head, wp_segment_info *out, wp_error *err);

#ifdef __cplusplus
}
#endif
#endif
