/*
 * saved_pages.h - full-page images of records as files, one a page, named as pg_waldump --save-fullpage names them.
 */
#ifndef PITR_FIND_SAVED_PAGES_H
#define PITR_FIND_SAVED_PAGES_H

#include "archive/archive.h"
#include "base/message.h"

typedef struct saved_pages {
    const char *folder; /* borrowed */
    const archive *wal; /* borrowed: the one that images are of */
    int fd;             /* of the folder; -1: not open */
    uint8_t *page;      /* room for one */
    uint64_t nbroken;   /* images of which there is no file */
    bool is_failed;     /* a file cannot be written, see message */
    char message[MESSAGE_BYTES];
} saved_pages;

/*
 * Into a folder that is made with those above it, or is there and empty; both are borrowed. False with one line in pages->message.
 * Free with saved_pages_close() in any case.
 */
bool saved_pages_open(saved_pages *pages, const char *folder, const archive *wal);

/*
 * Writes the page of an image. One that does not unpack is told on stderr, and counted. False: it cannot be written.
 */
bool saved_pages_take(saved_pages *pages, const wp_fact_image *image);

void saved_pages_close(saved_pages *pages);

#endif
