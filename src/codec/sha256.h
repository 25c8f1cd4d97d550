/*
 * sha256.h - the SHA-256 of files and of bytes, by which anybody can tell whether they are still the same.
 */
#ifndef PITR_FIND_SHA256_H
#define PITR_FIND_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_TEXT_BYTES (2 * SHA256_BYTES + 1)

/* Has this build the library for it? Else all below fail, and say so. */
bool sha256_is_here(char message[512]);

/* Of bytes in memory. False with one line in message. */
bool sha256_of(const void *bytes, size_t len, uint8_t out[SHA256_BYTES], char message[512]);

/* Of a file as it lies there, packed or not, and its size. False with one line in message: it cannot be read. */
bool sha256_of_file(const char *path, uint8_t out[SHA256_BYTES], uint64_t *size, char message[512]);

/* 64 hexadecimal digits in small letters. Returns buf. */
char *sha256_text(const uint8_t digest[SHA256_BYTES], char buf[SHA256_TEXT_BYTES]);

/* The version of the library, as it says itself; "" where there is none. Static. */
const char *sha256_library(void);

#endif
