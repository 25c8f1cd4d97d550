/*
 * saved.h - what is known, as bytes: written by one process and read by another one of the same build.
 */
#ifndef WPI_SAVED_H
#define WPI_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct wpi_saver {
    bool (*write)(void *context, const void *bytes, size_t n);
    void *context;
    bool failed; /* nothing is written any more */
} wpi_saver;

static inline void wpi_save(wpi_saver *s, const void *bytes, size_t n)
{
    s->failed = s->failed || (n && !s->write(s->context, bytes, n));
}

static inline void wpi_save_number(wpi_saver *s, uint64_t number)
{
    wpi_save(s, &number, sizeof number);
}

typedef struct wpi_loader {
    const uint8_t *at;
    size_t left;
    bool failed; /* it ends too early, or says what cannot be: everything is 0 from there on */
} wpi_loader;

/* The next n bytes, borrowed. NULL: there are fewer. */
static inline const uint8_t *wpi_load_view(wpi_loader *l, size_t n)
{
    const uint8_t *at = l->at;
    l->failed = l->failed || n > l->left;
    if (l->failed)
        return NULL;
    l->at += n;
    l->left -= n;
    return at;
}

static inline void wpi_load(wpi_loader *l, void *out, size_t n)
{
    const uint8_t *bytes = wpi_load_view(l, n);
    if (bytes)
        memcpy(out, bytes, n);
    else
        memset(out, 0, n);
}

static inline uint64_t wpi_load_number(wpi_loader *l)
{
    uint64_t number;
    wpi_load(l, &number, sizeof number);
    return number;
}

/* How many things follow, of least bytes each: there cannot be more than the bytes that are left. */
static inline size_t wpi_load_count(wpi_loader *l, size_t least)
{
    const uint64_t n = wpi_load_number(l);
    l->failed = l->failed || n > l->left / least;
    return l->failed ? 0 : (size_t)n;
}

#endif
