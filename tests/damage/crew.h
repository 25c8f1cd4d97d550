/*
 * crew.h - splits a suite over several processes; each prints its test lines, and all are printed in order.
 */
#ifndef TEST_CREW_H
#define TEST_CREW_H

typedef struct share {
    unsigned number, of; /* this one, counted from 0, and how many there are */
} share;

/* Runs work() in `size` processes. What it returns counts failures; true: none anywhere. */
int crew_run(unsigned size, unsigned (*work)(share mine, void *context), void *context);

#endif
