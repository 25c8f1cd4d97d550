/*
 * text.h - lines are written here: a growing buffer, formatted straight into.
 *
 * A put_ writes nothing once memory has run out (out_of_memory, sticky), so a description is written without
 * asking, and its caller asks once.
 */
#ifndef WPI_TEXT_H
#define WPI_TEXT_H

#include <string.h>

#include <walparse/dump.h>

typedef struct wpi_text {
    char *start; /* from malloc(); not NUL-terminated */
    size_t len, room;
    bool out_of_memory;
    const wp_dump *dump; /* which zone times are told in; NULL: UTC */
    wp_file_text *files; /* WP_FILE_TEXTS, named before; NULL: they are not kept */
} wpi_text;

/* Room for n more bytes; where they go, or NULL. */
char *wpi_text_grow(wpi_text *out, size_t n);

static inline char *wpi_text_reserve(wpi_text *out, size_t n)
{
    return n <= out->room - out->len ? out->start + out->len : wpi_text_grow(out, n);
}

static inline void wpi_put_bytes(wpi_text *out, const void *bytes, size_t n)
{
    char *at = wpi_text_reserve(out, n);
    if (!at)
        return;
    memcpy(at, bytes, n);
    out->len += n;
}

/* A literal: its length is known to the compiler. */
static inline void wpi_put(wpi_text *out, const char *text)
{
    wpi_put_bytes(out, text, strlen(text));
}

static inline void wpi_put_char(wpi_text *out, char c)
{
    wpi_put_bytes(out, &c, 1);
}

/* %u, %d, %llu, %lld. */
void wpi_put_u64(wpi_text *out, uint64_t value);
void wpi_put_i64(wpi_text *out, int64_t value);
void wpi_put_u32(wpi_text *out, uint32_t value);
static inline void wpi_put_i32(wpi_text *out, int32_t value)
{
    wpi_put_i64(out, value);
}
/* Hexadecimal, padded with zeros to at least width digits: %0*X, %0*x. */
void wpi_put_hex(wpi_text *out, uint64_t value, unsigned width);
void wpi_put_lower_hex(wpi_text *out, uint64_t value, unsigned width);
/* %X/%X, and %X/%08X. */
void wpi_put_lsn(wpi_text *out, wp_lsn lsn);
void wpi_put_lsn_padded(wpi_text *out, wp_lsn lsn);
/* As descriptions of the major have it: padded from 19 on. */
void wpi_put_lsn_of(wpi_text *out, const struct wp_profile *profile, wp_lsn lsn);
/* A moment as pg_waldump prints it, whatever it is: "2026-11-22 10:48:05.074335 UTC". */
void wpi_put_time(wpi_text *out, wp_time time);
/* T or F; true or false. */
static inline void wpi_put_flag(wpi_text *out, bool flag)
{
    wpi_put_char(out, flag ? 'T' : 'F');
}
static inline void wpi_put_bool(wpi_text *out, bool value)
{
    wpi_put(out, value ? "true" : "false");
}
/* tablespace/database/file, and the path of a file below the data directory: "base/16384/16392_fsm". */
void wpi_put_locator(wpi_text *out, const wp_locator *locator);
void wpi_put_path(wpi_text *out, const struct wp_profile *profile, const wp_locator *locator,
                  uint8_t fork);

#endif
