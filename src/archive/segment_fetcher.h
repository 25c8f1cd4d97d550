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
#define FETCHER_SEGMENTS_MAX 65536
/* Commands that run at once. */
#define FETCHER_THREADS 4

struct archive;
typedef struct segment_fetcher segment_fetcher;

typedef enum segment_fetcher_answer {
    FETCHER_FILE,
    FETCHER_END,
    FETCHER_FAILED
} segment_fetcher_answer;

/*
 * Names of what may be fetched for the n-th segment, best first, NULL after the last. The chosen one is
 * passed to note(), on any thread but never twice at once.
 */
typedef struct segment_fetcher_plan {
    void *context;
    bool (*name)(void *context, size_t n, unsigned choice, char buf[25]);
    void (*note)(void *context, size_t n, unsigned choice);
} segment_fetcher_plan;

/* command: borrowed. NULL with one line in message. */
segment_fetcher *segment_fetcher_new(const char *command, char message[512]);

/* Fetches any file. FETCHER_END: there is none, and message says what the command said. *path: to be given to segment_fetcher_forget(). */
segment_fetcher_answer segment_fetcher_file(segment_fetcher *s, const char *name, char **path,
                                            char message[512]);
void segment_fetcher_forget(char *path);

/* From now on n segments by a plan. first: where the 0th was fetched to already, taken over; or NULL. False: no memory. */
bool segment_fetcher_begin(segment_fetcher *s, size_t n, const segment_fetcher_plan *plan,
                           char *first, char message[512]);

/* Starts fetching ahead for so many who read, again from the first segment. False with one line in message. */
bool segment_fetcher_start(segment_fetcher *s, unsigned readers, char message[512]);
/* Nobody waits for a segment any more; files that are read stay. May be called twice. */
void segment_fetcher_interrupt(segment_fetcher *s);
/* Ends that, when nobody reads any more: the files go. Returns how many segments there are, as far as is known. */
size_t segment_fetcher_stop(segment_fetcher *s);

/* The n-th segment's file, to be given back with segment_fetcher_done(). Waits for it. Any thread. */
segment_fetcher_answer segment_fetcher_get(segment_fetcher *s, size_t n, const char **path,
                                           char message[512]);
void segment_fetcher_done(segment_fetcher *s, size_t n);

/* One of the two who read the n-th segment needs it no more (the first has but one). Any thread. */
void segment_fetcher_pass(segment_fetcher *s, size_t n);

/* Is there an n-th segment? Waits until that is known. Any thread. */
bool segment_fetcher_has(segment_fetcher *s, size_t n);

void segment_fetcher_free(segment_fetcher *s); /* NULL is fine */

#endif
