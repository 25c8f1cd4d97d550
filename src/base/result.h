/*
 * result.h - what goes to stdout, once it is complete.
 */
#ifndef PITR_FIND_RESULT_H
#define PITR_FIND_RESULT_H

#include "base/log.h"
#include "base/text.h"

/* Prints a text and frees it. False, after a line of error: it ran out of memory, or cannot be written. */
bool result_print(text *out);

/* The line of an error, and EXIT_TROUBLE. */
exit_code result_trouble(const char *message);

#endif
