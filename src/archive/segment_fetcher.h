/*
 * segment_fetcher.h - segments that a command fetches one by one, some ahead of their turn.
 *
 * The segments of such an archive are not known before they are asked for: its list is longer than they
 * are, and the first that the command does not have is the end. Each lies in a private folder from when it is
 * fetched until both who read it are done: its own turn, and the record before that ends in it.
 */
#ifndef PITR_FIND_SEGMENT_FETCHER_H
#define PITR_FIND_SEGMENT_FETCHER_H

#include <stdbool.h>
#include <stddef.h>

/* So many segments at most: 1 TB of 16 MB each. */
#define SUPPLY_SEGMENTS_MAX 65536
/* Commands that run at once. */
#define SUPPLY_FETCHERS 4

struct archive;
typedef struct supply supply;

typedef enum supply_answer { SUPPLY_FILE, SUPPLY_END, SUPPLY_FAILED } supply_answer;

/*
 * Names of what may be fetched for the n-th segment, best first, NULL behind the last. The chosen one is
 * passed to note(), on any thread but never twice at once.
 */
typedef struct supply_plan {
    void *context;
    bool (*name)(void *context, size_t n, unsigned choice, char buf[25]);
    void (*note)(void *context, size_t n, unsigned choice);
} supply_plan;

/* command: borrowed. NULL with one line in message. */
supply *supply_new(const char *command, char message[512]);

/* Fetches any file. SUPPLY_END: there is none, and message says what the command said. *path: to be given to supply_forget(). */
supply_answer supply_fetch(supply *s, const char *name, char **path, char message[512]);
void supply_forget(char *path);

/* From now on n segments by a plan. first: where the 0th was fetched to already, taken over; or NULL. False: no memory. */
bool supply_begin(supply *s, size_t n, const supply_plan *plan, char *first, char message[512]);

/* Starts fetching ahead for so many who read, again from the first segment. False with one line in message. */
bool supply_start(supply *s, unsigned readers, char message[512]);
/* Ends that. Returns how many segments there are, as far as is known. */
size_t supply_stop(supply *s);

/* The n-th segment's file, to be given back with supply_done(). Waits for it. Any thread. */
supply_answer supply_get(supply *s, size_t n, const char **path, char message[512]);
void supply_done(supply *s, size_t n);

/* One of the two who read the n-th segment needs it no more (the first has but one). Any thread. */
void supply_pass(supply *s, size_t n);

/* Is there an n-th segment? Waits until that is known. Any thread. */
bool supply_has(supply *s, size_t n);

void supply_free(supply *s); /* NULL is fine */

#endif
