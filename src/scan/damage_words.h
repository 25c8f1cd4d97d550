/*
 * damage_words.h - what is wrong with a record or page, for people.
 */
#ifndef PITR_FIND_DAMAGE_WORDS_H
#define PITR_FIND_DAMAGE_WORDS_H

#include <walparse/walparse.h>

#define DAMAGE_WORDS_BYTES 120

/* "record with a wrong checksum (0000A001, expected 0000B002)" */
void damage_words(const wp_fact_damage *fact, char out[DAMAGE_WORDS_BYTES]);

#endif
