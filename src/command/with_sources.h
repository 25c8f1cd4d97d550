/*
 * with_sources.h - how a command that searches gets what it works with.
 */
#ifndef PITR_FIND_WITH_SOURCES_H
#define PITR_FIND_WITH_SOURCES_H

#include "cli/command.h"
#include "search/sources.h"

typedef exit_code answer(const options *o, const question *q, const sources *from);

/* Opens what the options name, and answers. advice: what a word may have been meant for that is no SOURCE. */
exit_code with_sources(const options *o, const char *advice, answer *give);
/* The same for a question to which WAL after the range belongs: what a command fetches goes on past it. */
exit_code with_sources_past_range(const options *o, const char *advice, answer *give);
/* The same for a question whose answer is in the range of LSNs alone: no more is read than that needs. */
exit_code with_sources_in_range(const options *o, const char *advice, answer *give);

#endif
