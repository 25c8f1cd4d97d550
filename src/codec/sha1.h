/*
 * sha1.h - the SHA-1 of bytes that come in pieces, as archivers note it of each file.
 */
#ifndef PITR_FIND_SHA1_H
#define PITR_FIND_SHA1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA1_BYTES 20

/* Used for one file after the other. */
typedef struct sha1 sha1;

sha1 *sha1_new(void); /* NULL: no memory, or this build has no library that can tell */
void sha1_begin(sha1 *s);
void sha1_add(sha1 *s, const uint8_t *bytes, size_t len);
void sha1_end(sha1 *s, uint8_t out[SHA1_BYTES]);
void sha1_free(sha1 *s); /* NULL is fine */

/* 40 hexadecimal digits in small letters, and nothing else. */
bool sha1_parse(const char *text, uint8_t out[SHA1_BYTES]);

#endif
