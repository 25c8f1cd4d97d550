/*
 * folder.h - a folder for one test: files are put into it, and all of it goes at the end.
 *
 * Whatever fails here ends the program: tests have nothing better to do.
 */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include "blob.h"

typedef struct folder {
    char path[64];
} folder;

folder folder_new(void);
/* Removes it with all it holds. */
void folder_remove(const folder *f);

/* Path of something in it. Borrowed until the sixteenth call from now. */
const char *in_folder(const folder *f, const char *name);
/* Writes a file; folders on the way are made. */
void put_file(const folder *f, const char *name, wp_view bytes);
void put_text(const folder *f, const char *name, const char *text);
void put_subfolder(const folder *f, const char *name);

/* Appends bytes as one gzip member. */
void put_gzip(blob *b, wp_view bytes);

#endif
