/*
 * stop_window.h - where recovery would stop for targets that are known only once their place has passed.
 *
 * The rules are those of walparse/stop.h. A simulator must see the WAL from the backup on, but `target` learns
 * what to stop at when it meets it, and the last of many matches counts. So one simulator without a target
 * follows at a distance, and what it has not seen yet is kept in a window: a target found now gets a copy of
 * it, which runs through the window and then on. A target that stops before the window begins (by time, where
 * clocks went back; by LSN, far back in a long transaction) is told apart: it takes a second pass.
 */
#ifndef PITR_FIND_STOP_WINDOW_H
#define PITR_FIND_STOP_WINDOW_H

#include <walparse/walparse.h>

/* So many transaction ends (and rare other things) before the place of a target are still at hand. */
#define STOP_WINDOW_ENDS 1024
#define STOP_WINDOW_TARGETS_MAX 6

typedef struct stop_window_target {
    wp_stop_config config;
    /* By LSN: the record that is there, and the byte after it (or any in front of the next). 0: not known. */
    wp_lsn record, record_end;
    bool is_far_back; /* it is known to stop before the window */
} stop_window_target;

typedef struct stop_window stop_window;

/* base: a configuration without a target. NULL: out of memory. Free it with stop_window_free(). */
stop_window *stop_window_new(const wp_stop_config *base);

/* Forgets the WAL so far. False: out of memory. */
bool stop_window_restart(stop_window *f);

/* What passes, in order. False: out of memory. */
bool stop_window_add_end(stop_window *f, const wp_xact_end *end);
bool stop_window_add_fact(stop_window *f, const wp_fact *fact);

/*
 * These are the targets now, instead of those before. Before anything has passed: they may stop anywhere.
 */
void stop_window_aim(stop_window *f, const stop_window_target *targets, size_t n);

/* The WAL is through. False: out of memory. */
bool stop_window_finish(stop_window *f);

/* Of the n-th target, borrowed until stop_window_restart() or stop_window_free(). NULL: it stopped before the window. */
const wp_stop_result *stop_window_result(const stop_window *f, size_t n);

/* NULL is fine. */
void stop_window_free(stop_window *f);

#endif
