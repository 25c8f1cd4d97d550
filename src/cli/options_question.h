/*
 * options_question.h - what `target`, `events` and `summary` are asked, from their options.
 */
#ifndef PITR_FIND_OPTIONS_QUESTION_H
#define PITR_FIND_OPTIONS_QUESTION_H

#include "cli/options.h"

/* Options that options_parse() took; what the question points to is theirs. */
question options_question(const options *o);

/* Tells how times without an offset were read. */
void options_tell_zones(const options *o);

#endif
