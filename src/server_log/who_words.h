/*
 * who_words.h - an answer as JSON, and as lines for people.
 */
#ifndef PITR_FIND_WHO_WORDS_H
#define PITR_FIND_WHO_WORDS_H

#include "server_log/who.h"

/* An object. */
void who_json(const who_answer *answer, text *out);

/* Three lines a session at most: who, how certain that is, and the statement. */
void who_lines(const who_answer *answer, text_list *out);

#endif
