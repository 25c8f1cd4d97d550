/*
 * keyring.h - the passphrases this run was given, or found on its way.
 *
 * One list for the whole program, since every file that is opened may need it. It is written before
 * threads start and only read afterwards.
 */
#ifndef PITR_FIND_KEYRING_H
#define PITR_FIND_KEYRING_H

#include <stdbool.h>
#include <stddef.h>

/* No more than so many are kept: each is tried on each encrypted file. */
#define KEYRING_MAX 16

/*
 * Takes those of the environment (PITR_CIPHER_PASS, PGBACKREST_REPO1_CIPHER_PASS), and the first line of
 * a file (NULL: none). False with one line in message: the file cannot be read, or is empty.
 */
bool keyring_load(const char *file, char message[512]);

/* Adds one that is not there yet; empty ones and those beyond KEYRING_MAX are left out. */
void keyring_add(const char *passphrase);

size_t keyring_count(void);
const char *keyring_at(size_t i); /* borrowed; "" where there is none */

/* Forgets them all. */
void keyring_clear(void);

#endif
