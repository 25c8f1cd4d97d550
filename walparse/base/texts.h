/*
 * texts.h - each distinct text once, numbered from 0.
 */
#ifndef WPI_TEXTS_H
#define WPI_TEXTS_H

#include "base/table.h"

/* Start with all zero. */
typedef struct wpi_texts {
    char **texts;
    uint32_t n, room;
    wpi_table index; /* hash of a text -> number + 1 of the first with that hash */
} wpi_texts;

/*
 * The number of a text, which is copied when it is new. UINT32_MAX: no memory, or max texts are kept
 * already.
 */
uint32_t wpi_texts_number(wpi_texts *texts, const char *text, uint32_t max);

void wpi_texts_free(wpi_texts *texts);

#endif
