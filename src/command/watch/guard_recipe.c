/* guard_recipe.c - see guard_recipe.h. */
#include "command/watch/guard_recipe.h"

#include <inttypes.h>
#include <stdio.h>

#define MARK_BEGIN "# pitr-find guard: begin"
#define MARK_END "# pitr-find guard: end"
/* Of the copy that is promoted. */
#define COPY_PORT "5499"

typedef struct recipe_maker {
    const guard_incident *incident;
    const standby_about *about;
    const guard_look *look;
    guard_recipe *out;
} recipe_maker;

static guard_step *add_step(recipe_maker *m, const char *name)
{
    guard_step *step = &m->out->steps[m->out->count++];
    step->name = name;
    return step;
}

/* ---- settings ------------------------------------------------------------------------------- */

wp_lsn guard_exact_lsn(const guard_incident *incident)
{
    return incident->bounds.locks ? incident->inspectable : incident->bounds.end;
}

void guard_settings(const guard_incident *incident, wp_lsn lsn, const char *action,
                    guard_setting out[GUARD_SETTINGS])
{
    static const char *const names[GUARD_SETTINGS] = {
        "recovery_target_lsn", "recovery_target_inclusive", "recovery_target_timeline",
        "recovery_target_action", "recovery_min_apply_delay"
    };
    for (size_t i = 0; i < GUARD_SETTINGS; i++)
        out[i].name = names[i];
    (void)wp_lsn_format(lsn, out[0].value);
    snprintf(out[1].value, sizeof out[1].value, "off");
    snprintf(out[2].value, sizeof out[2].value, "%" PRIu32, incident->tli);
    snprintf(out[3].value, sizeof out[3].value, "%s", action);
    snprintf(out[4].value, sizeof out[4].value, "0");
}

static void add_settings(const recipe_maker *m, wp_lsn lsn, const char *action, bool is_copy,
                         const char *directory, text *out)
{
    guard_setting settings[GUARD_SETTINGS];
    guard_settings(m->incident, lsn, action, settings);
    text_add(out, "printf '%s\\n' '' '" MARK_BEGIN "'");
    for (size_t i = 0; i < GUARD_SETTINGS; i++)
        text_addf(out, " \"%s = '%s'\"", settings[i].name, settings[i].value);
    if (is_copy)
        text_add(out, " \"primary_conninfo = ''\"");
    text_addf(out, " '" MARK_END "' >> \"$%s/%s\"\n", directory,
              m->about->profile->recovery.conf_file);
}

static void add_directory(const recipe_maker *m, text *out)
{
    text_add(out, "export PGDATA=");
    text_add_word(out, m->about->data_directory != NULL ? m->about->data_directory
                                                        : "/the/data/directory/of/the/standby");
    text_add(out, "\n");
}

/* ---- steps ---------------------------------------------------------------------------------- */

/* pg_dump of all that the incident takes. connection: further options, or empty. */
static void add_dump(const recipe_maker *m, const char *connection, text *out)
{
    const guard_incident *incident = m->incident;
    text_addf(out, "pg_dump%s --lock-wait-timeout=10000 -d ", connection);
    text_add_word(out, incident->database != NULL ? incident->database : "DATABASE");
    size_t named = 0;
    for (size_t i = 0; i < incident->count; i++)
        if (incident->objects[i].dump[0] != '\0') {
            text_addf(out, " %s", incident->objects[i].dump);
            named++;
        }
    text_add(out, named == 0 ? " -t THE.TABLE" : "");
    text_add(out, " -f saved.sql\n");
}

static void read_here(recipe_maker *m, guard_place place)
{
    char lsn[WP_LSN_TEXT_BYTES];
    guard_step *step = add_step(m, "read");
    text_addf(&step->words,
              "%s, as of %s. Save it first (PGHOST, PGPORT and PGUSER of the standby set)",
              place == GUARD_BEFORE_LOCK ? "it can be read on the standby now"
                                         : "try to read it on the standby: it may be locked there",
              wp_lsn_format(m->look->replayed, lsn));
    add_dump(m, "", &step->commands);
}

static void read_after_restart(recipe_maker *m)
{
    guard_step *step = add_step(m, "read");
    text_add(&step->words, "save it (PGHOST, PGPORT and PGUSER of the standby set)");
    add_dump(m, "", &step->commands);
}

/* Restarts the standby so that it pauses right before the lock, or the commit where nothing is locked. */
static void go_to(recipe_maker *m, wp_lsn lsn, bool is_behind)
{
    char buf[WP_LSN_TEXT_BYTES];
    guard_step *step = add_step(m, "exact");
    wp_lsn_format(lsn, buf);
    if (is_behind)
        text_addf(
            &step->words,
            "as the owner of the server restart the standby at once and without a checkpoint: it then pauses at %s, before the lock, and can be "
            "read. Only while the first command prints t; once it prints f: step copy",
            buf);
    else
        text_addf(
            &step->words,
            "that lacks what committed from there to %s. To have it all, restart the standby (as the owner of the server) so that it pauses "
            "there, and save it again",
            buf);
    if (is_behind)
        text_addf(
            &step->commands,
            "psql -XAt -d postgres -c \"SELECT min_recovery_end_lsn <= '%s' FROM pg_control_recovery()\"\n",
            buf);
    add_directory(m, &step->commands);
    text_addf(&step->commands, "pg_ctl -w -m %s stop\n", is_behind ? "immediate" : "fast");
    add_settings(m, lsn, "pause", false, "PGDATA", &step->commands);
    text_add(&step->commands, "pg_ctl -w start\n"
                              "psql -XAt -d postgres -c 'SELECT pg_last_wal_replay_lsn()'\n");
}

/* What works wherever replay stands before the end: a copy of it, promoted there, which ends the transaction. */
static void promote_copy(recipe_maker *m, bool is_only_way)
{
    guard_step *step = add_step(m, "copy");
    text_addf(
        &step->words,
        "%s copy the stopped standby (or take a snapshot), and promote the copy right before the %s: there the "
        "transaction is rolled back. Do not start the standby itself before all is saved",
        is_only_way ? "the standby cannot go back before the lock:" : "where that fails:",
        m->incident->bounds.is_delayed ? "commit" : "record that does it");
    if (m->about->tablespaces > 0)
        text_addf(
            &step->words,
            ". Its %" PRIu64
            " tablespaces lie outside of the data directory: copy them too, and let the links in "
            "pg_tblspc of the copy lead there, or the copy writes into those of the standby",
            m->about->tablespaces);
    add_directory(m, &step->commands);
    text_add(&step->commands, "export COPY=/where/there/is/room\n"
                              "pg_ctl -w -m fast stop\n"
                              "cp -a \"$PGDATA\" \"$COPY\"\n"
                              "rm -f \"$COPY/postmaster.pid\"\n");
    add_settings(m, m->incident->bounds.end, "promote", true, "COPY", &step->commands);
    text_add(&step->commands,
             "pg_ctl -D \"$COPY\" -w -o \"-p " COPY_PORT " -c listen_addresses= -c archive_mode=off"
             " -c unix_socket_directories=/tmp\" start\n");
    add_dump(m, " -h /tmp -p " COPY_PORT, &step->commands);
}

static void go_on(recipe_maker *m, bool was_restarted)
{
    guard_step *step = add_step(m, "go on");
    text_add(&step->words,
             "once all is saved: the standby goes on as one, and replays what it was paused for. ");
    if (was_restarted) {
        text_add(
            &step->words,
            "With the settings of a restart in place, pg_wal_replay_resume() would PROMOTE it: take them out and "
            "restart it. Without them: SELECT pg_wal_replay_resume()");
        add_directory(m, &step->commands);
        text_addf(&step->commands, "sed -i '/^" MARK_BEGIN "$/,/^" MARK_END "$/d' \"$PGDATA/%s\"\n",
                  m->about->profile->recovery.conf_file);
        text_add(&step->commands, "pg_ctl -w -m fast restart\n");
    } else {
        text_add(&step->words, "It is not promoted by that");
        text_add(&step->commands, "psql -X -d postgres -c 'SELECT pg_wal_replay_resume()'\n");
    }
}

void guard_recipe_make(const guard_incident *incident, const standby_about *about,
                       const guard_look *look, guard_place place, guard_recipe *out)
{
    recipe_maker m = { incident, about, look, out };
    const wp_lsn exact = guard_exact_lsn(incident);
    if (place == GUARD_AFTER)
        return;
    if (place == GUARD_BEFORE_END) {
        const bool can_go_back = guard_can_go_back(look, exact);
        if (can_go_back) {
            go_to(&m, exact, true);
            read_after_restart(&m);
        }
        promote_copy(&m, !can_go_back);
        go_on(&m, true);
        return;
    }
    const bool is_exact = exact != 0 && look->replayed < exact && place == GUARD_BEFORE_LOCK;
    read_here(&m, place);
    if (is_exact)
        go_to(&m, exact, false);
    if (place == GUARD_PLACE_UNKNOWN)
        promote_copy(&m, false);
    go_on(&m, is_exact || place == GUARD_PLACE_UNKNOWN);
}

void guard_recipe_free(guard_recipe *recipe)
{
    for (size_t i = 0; i < recipe->count; i++) {
        text_free(&recipe->steps[i].words);
        text_free(&recipe->steps[i].commands);
    }
    recipe->count = 0;
}
