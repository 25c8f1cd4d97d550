/*
 * progress.h - a bar on stderr for work that takes longer than a second.
 */
#ifndef PITR_FIND_PROGRESS_H
#define PITR_FIND_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
    bool is_wanted; /* asked for, and stderr is a terminal that can redraw a line */
    bool has_colour;
    bool is_drawn;
    uint64_t total_bytes;
    uint64_t started_us, drawn_us;
} progress;

/* Milliseconds between two drawings: whoever waits longer than that should wake up and call update. */
#define PROGRESS_STEP_MS 200

progress progress_start(bool is_wanted, uint64_t total_bytes);

/* Draws when it is time to: cheap to call often. */
void progress_update(progress *p, uint64_t done_bytes);

/* Takes the bar off the screen. */
void progress_end(progress *p);

#endif
