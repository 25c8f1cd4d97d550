/*
 * probe.h - looks into a segment file without reading all of it: its first page, its first commit.
 */
#ifndef PITR_FIND_PROBE_H
#define PITR_FIND_PROBE_H

#include <walparse/walparse.h>

#include "file/holds.h"
#include "file/input.h"

/* Buffers used over and over. Start with all zero; free with probe_free(). */
typedef struct prober {
    input *in;
    wp_mapper *mapper;
    wp_facts facts;
} prober;

typedef enum probe_verdict {
    PROBE_SEGMENT, /* info holds what the first page says */
    PROBE_UNUSED,  /* it begins with zeros */
    PROBE_OTHER    /* err says why it is no segment this program can read */
} probe_verdict;

typedef struct probe_result {
    probe_verdict verdict;
    wp_segment_info info;
    wp_error err;
    bool is_compressed, is_encrypted;
    char holds[HOLDS_BYTES]; /* OTHER: what the file holds */
} probe_result;

/* Reads the first page. False with one line in message when the file cannot be read or unpacked. */
bool probe_head(prober *p, const char *path, probe_result *out, char message[512]);

/* Is there nothing but zeros in the file? False with one line in message on a read error. */
bool probe_is_zero(prober *p, const char *path, bool *is_zero, char message[512]);

/*
 * Does every page say that it is of a position before the one it lies at, or hold zeros? start: where the file should
 * begin. False with one line in message on a read error.
 */
bool probe_is_older(prober *p, const char *path, wp_lsn start, uint32_t page_size, bool *is_older,
                    char message[512]);

/*
 * Time of the first transaction end in a segment: the first page often does, a segment without one is read
 * to its end, and *out is then WP_TIME_UNKNOWN. False with one line in message on a read error.
 */
bool probe_first_commit(prober *p, const char *path, const wp_segment_info *segment, wp_time *out,
                        char message[512]);

/*
 * Up to `room` first bytes, unpacked, into buf. False with one line in message on a read error, and where they end early for the
 * compressed data is damaged (*is_damaged): part of a text may say something else than all of it.
 */
bool probe_bytes(prober *p, const char *path, uint8_t *buf, size_t room, size_t *len,
                 bool *is_damaged, char message[512]);

void probe_free(prober *p);

#endif
