/*
 * standby.h - the delayed standby of a guard: what it is, where its replay stands, and the pause.
 *
 * Nothing but pg_wal_replay_pause() is ever asked of it that is not a question.
 */
#ifndef PITR_FIND_STANDBY_H
#define PITR_FIND_STANDBY_H

#include "command/watch/guard_verdict.h"
#include "server/session.h"

/* What holds as long as the server runs. */
typedef struct standby_about {
    const wp_profile *profile;
    uint64_t system_identifier;
    char user[WP_NAME_BYTES];
    bool may_pause;
    char *data_directory; /* NULL: the user may not know it */
    wp_time started;
    bool knows_settings; /* those of recovery: else has_target is not known, and no delay */
    bool has_target;     /* a recovery target is set */
    int64_t
        delay_ms; /* where it cannot change while the server runs; -1: ask again, or not known */
    uint64_t tablespaces; /* outside of the data directory */
} standby_about;

/* Short limits for all that is asked from now on. False with one line in message. */
bool standby_prepare(session *s, char message[512]);

/* Free with standby_about_free(). False with one line in message. */
bool standby_ask_about(session *s, standby_about *out, char message[512]);
void standby_about_free(standby_about *about);

/* Where replay stands now. False with one line in message. */
bool standby_ask_look(session *s, const standby_about *about, guard_look *out, char message[512]);

/* Asks it to pause, unless replay has passed `end` already. False with one line in message. */
bool standby_ask_pause(session *s, wp_lsn end, char message[512]);

/* Milliseconds of a value of recovery_min_apply_delay, as servers read it: "30s", "5min", "1h", "200"; -1: none. */
int64_t standby_delay_ms(const char *value);

#endif
