/*
 * guard_recipe.h - what people do with a standby that was paused in time: how to read what is to be saved, how to bring the
 * standby exactly before it was locked, and how to let it go on.
 *
 * What a server does with each of this: docs/manual/guard.md; all of it is run by tests/servers/guard.sh.
 */
#ifndef PITR_FIND_GUARD_RECIPE_H
#define PITR_FIND_GUARD_RECIPE_H

#include "command/watch/guard_incident.h"
#include "command/watch/standby.h"

typedef struct guard_step {
    const char *name; /* "read", "exact", "copy", "go on" */
    text words;       /* a line or more for people */
    text commands;    /* for a shell, a line each */
} guard_step;

#define GUARD_STEPS_MAX 8

typedef struct guard_recipe {
    guard_step steps[GUARD_STEPS_MAX];
    size_t count;
} guard_recipe;

/* The settings that stop the standby at lsn, in the order in which they are written: names and values. */
#define GUARD_SETTINGS 5
typedef struct guard_setting {
    const char *name;
    char value[WP_LSN_TEXT_BYTES > 16 ? WP_LSN_TEXT_BYTES : 16];
} guard_setting;
void guard_settings(const guard_incident *incident, wp_lsn lsn, const char *action,
                    guard_setting out[GUARD_SETTINGS]);

/* Where an exact target lies that leaves the object readable; 0: none is known. */
wp_lsn guard_exact_lsn(const guard_incident *incident);

/* Start with all zero, free with guard_recipe_free(). A text that has failed is for want of memory. */
void guard_recipe_make(const guard_incident *incident, const standby_about *about,
                       const guard_look *look, guard_place place, guard_recipe *out);
void guard_recipe_free(guard_recipe *recipe);

#endif
