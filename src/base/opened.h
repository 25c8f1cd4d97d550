/*
 * opened.h - which files were opened to be read: for a report, which says of what it was made.
 *
 * Nothing is kept until it is asked for. Whoever opens a file of an archive, a base backup or a log notes it, on any thread.
 */
#ifndef PITR_FIND_OPENED_H
#define PITR_FIND_OPENED_H

#include <stdbool.h>

/* From now on. */
void opened_watch(void);

/* One was opened. The path is copied, once. */
void opened_note(const char *path);

/* Calls back with each path, by rising name. False: there was no memory to keep all of them. */
bool opened_each(void (*visit)(void *context, const char *path), void *context);

#endif
