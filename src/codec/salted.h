/*
 * salted.h - decrypts what `openssl enc -aes-256-cbc` and pgBackRest write, as it is read.
 *
 * Such a file is "Salted__", a salt of 8 bytes, and the data. How the key was made from passphrase and salt
 * it does not say: each way of salted.c is tried with each passphrase of keyring.h, until what comes
 * out begins like something that is known.
 */
#ifndef PITR_FIND_SALTED_H
#define PITR_FIND_SALTED_H

#include <walparse/types.h>

#define SALTED_HEADER_BYTES 16
/* The data is a row of blocks, the last of them filled up. */
#define SALTED_BLOCK_BYTES 16

/* Used for one file after the other. */
typedef struct salted salted;

/* Was this build made with what it takes? */
bool salted_is_known(void);

salted *salted_new(void); /* NULL: no memory, or not known */

/*
 * Finds the key for a file that begins with these bytes (PACKING_HEAD_BYTES, or all it has; the path is for
 * formats that are known by name). False: no passphrase fits.
 */
bool salted_begin(salted *s, wp_view head, const char *path);

/* Decrypts what follows the header, in pieces. Up to SALTED_BLOCK_BYTES more than len are written. */
size_t salted_step(salted *s, const uint8_t *in, size_t len, uint8_t *out);

/* The last bytes, at most SALTED_BLOCK_BYTES. *is_whole: the file was not cut short. */
size_t salted_end(salted *s, uint8_t *out, bool *is_whole);

void salted_free(salted *s); /* NULL is fine */

#endif
