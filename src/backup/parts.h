/*
 * parts.h - files of a base backup that can be read, each with where its bytes lie: in a file of their own, in an archive, or in
 * the scratch file to which they were unpacked.
 */
#ifndef PITR_FIND_PARTS_H
#define PITR_FIND_PARTS_H

#include <stdio.h>

#include "backup/place.h"

#define PARTS_OPEN_MAX 16

typedef struct backup_part {
    place at;
    uint32_t file; /* number of the file it lies in */
    uint64_t offset, size;
} backup_part;

typedef struct backup_parts {
    const char *backup; /* path, borrowed */
    char **files;       /* paths; the scratch file has one, too */
    size_t nfiles, files_room;
    backup_part *items;
    size_t n, room;
    size_t sorted; /* so many are in order, and found */
    struct {
        uint32_t file;
        int fd; /* -1: free */
    } open[PARTS_OPEN_MAX];
    size_t next_open; /* to be closed for another one */
    char *scratch;    /* path of the scratch file, NULL: there is none */
    uint32_t scratch_file;
    int scratch_fd;
    uint64_t scratch_bytes;
    uint64_t bytes_read; /* of the backup */
} backup_parts;

void parts_init(backup_parts *p, const char *backup);
void parts_free(backup_parts *p);

/* Files in which parts lie: each gets a number. False: no memory. */
bool parts_add_file(backup_parts *p, const char *path, uint32_t *file, char message[512]);
bool parts_add(backup_parts *p, const backup_part *one, char message[512]);

/* Puts them in order, once all have been added. False with one line in message: one is there twice. */
bool parts_sort(backup_parts *p, char message[512]);
/* Of those that were put in order; NULL: it is not there. Borrowed until one is added. */
const backup_part *parts_find(const backup_parts *p, const place *at);

/* Up to len bytes of a part from an offset; *got: how many there are. False with one line in message. */
bool parts_read(backup_parts *p, const backup_part *one, uint64_t at, uint8_t *buf, size_t len,
                size_t *got, char message[512]);

/* A part of the scratch file, of no bytes yet, in *out; the bytes that are added then are its. */
bool parts_scratch_begin(backup_parts *p, const place *at, backup_part *out, char message[512]);
bool parts_scratch_write(backup_parts *p, backup_part *one, const void *bytes, size_t len,
                         char message[512]);

#endif
