/*
 * plain_file.h - the bytes of a file that is not packed.
 */
#ifndef PITR_FIND_PLAIN_FILE_H
#define PITR_FIND_PLAIN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Opens a file to be read; a pipe is not waited for. -1 with errno set. */
int plain_file_open(const char *path);

/* Up to room bytes from a position; *len: how many there are. False with errno set. */
bool plain_file_read(int fd, uint8_t *buf, size_t room, off_t at, size_t *len);

#endif
