/*
 * watch_open.c - opens what a watch reads from and where it tells. See watching.h.
 *
 * The source comes first, so that the place where reading begins is settled; names are asked for after that, and events are told
 * from that place on: what commits meanwhile is not missed, and what it creates has a name.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/options_question.h"
#include "command/watch/watching.h"
#include "live/folder_source.h"
#include "live/stream_source.h"
#include "server/names.h"
#include "server/session.h"

/* ---- the source ----------------------------------------------------------------------------- */

/* The timeline that was read when the state was saved; 0: nothing was saved. */
static bool saved_timeline(watching *w, wp_tli *out)
{
    const follow_config config = { .question = &w->question, .saved = state_saved(w->state) };
    follow *saved = NULL;
    if (!follow_new(&config, &saved, w->message))
        return false;
    *out = follow_timeline(saved);
    follow_free(saved);
    return true;
}

static bool take_redo(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    (void)message;
    const char *lsn = session_value(row, 0);
    if (lsn != NULL)
        (void)wp_lsn_parse(lsn, context);
    return true;
}

/* Where a recovery would begin now. False: the server does not tell. */
static bool ask_redo(const watching *w, wp_lsn *redo)
{
    const session_config config = { .conninfo = w->source_path,
                                    .option = "SOURCE",
                                    .server = "the server of SOURCE" };
    char why[MESSAGE_BYTES];
    session *s;
    *redo = 0;
    if (!session_open(&config, &s, why))
        return false;
    (void)session_ask(s, "SELECT redo_lsn FROM pg_catalog.pg_control_checkpoint()", take_redo, redo,
                      why);
    session_close(s);
    return *redo != 0;
}

/*
 * A page of a catalog is whole in WAL the first time that it is changed after a checkpoint, and later changes may have only a part
 * of a row: so what was written since the last checkpoint is read before anything is told. Where that is not to be had, the
 * stream stays as it is, and what is not known then is said.
 */
static bool begin_at_redo(watching *w, const stream_config *server)
{
    wp_lsn redo;
    const wp_lsn from = w->source->from;
    const wp_tli tli = w->source->from_tli;
    if (!ask_redo(w, &redo) || redo / w->source->segment_bytes >= from / w->source->segment_bytes)
        return true;
    stream_config again = *server;
    live_source_free(w->source); /* a slot is of one at a time */
    w->source = NULL;
    again.from_lsn = redo;
    if (stream_source_open(&again, &w->source, w->message) && w->source->from_tli == tli) {
        w->source->from = from;
        return true;
    }
    if (w->source != NULL)
        live_source_free(w->source);
    again.from_lsn = from;
    return stream_source_open(&again, &w->source, w->message);
}

static bool open_source(watching *w)
{
    const options *o = w->options;
    const wp_lsn from = w->is_restart ? state_restart_lsn(w->state) : o->from_lsn;
    wp_tli tli = 0;
    if (w->is_restart && !saved_timeline(w, &tli))
        return false;
    if (w->is_restart && o->given[OPT_FROM_LSN])
        log_story("pitr-find: going on where the state left off, not at --from-lsn");
    const stream_config server = { .conninfo = w->source_path,
                                   .option = "SOURCE",
                                   .slot = w->own->slot,
                                   .create_slot = w->own->create_slot,
                                   .from_lsn = from,
                                   .from_tli = tli,
                                   .system_identifier = o->system_id };
    if (w->own->is_server)
        return stream_source_open(&server, &w->source, w->message)
               && (from != 0 || begin_at_redo(w, &server));
    const folder_source_config config = {
        .folder = w->source_path, .from = from, .from_tli = tli, .system_identifier = o->system_id
    };
    return folder_source_open(&config, &w->source, w->message);
}

/* ---- names ---------------------------------------------------------------------------------- */

static void warn_all(text_list *warnings)
{
    for (size_t i = 0; i < warnings->count; i++)
        log_warning("%s", warnings->items[i]);
    text_list_free(warnings);
}

/* A server that was named must answer; the watched one may refuse. */
static bool ask_names(watching *w)
{
    const char *conninfo = w->options->dsn != NULL                           ? w->options->dsn
                           : w->own->is_server && w->options->backup == NULL ? w->source_path
                                                                             : NULL;
    text_list warnings = { 0 };
    if (conninfo == NULL)
        return true;
    const bool is_good = server_names(conninfo, NULL, w->source->system_identifier, &w->names,
                                      &warnings, w->message);
    warn_all(&warnings);
    if (is_good || w->options->dsn != NULL)
        return is_good;
    wp_external_names_free(w->names);
    w->names = NULL;
    log_warning("no names from the server: %s", w->message);
    return true;
}

static bool open_backup(watching *w)
{
    const char *path = w->options->backup;
    if (path == NULL)
        return true;
    if (!backup_open(path, w->source->from, &w->base, w->message))
        return false;
    return w->base.system_identifier == w->source->system_identifier
           || message_fail(w->message, "backup \"%.300s\" is of another cluster", path);
}

static bool open_follow(watching *w)
{
    const follow_config config = { .question = &w->question,
                                   .pattern = w->options->regex,
                                   .external_names = w->names,
                                   .seed = w->options->backup != NULL ? &w->base.seed : NULL,
                                   .system_identifier = w->source->system_identifier,
                                   .tell_from = w->is_restart ? 0 : w->source->from,
                                   .told = w->hook != NULL ? w->noted.hooked : w->noted.told,
                                   .saved = w->is_restart ? state_saved(w->state) : (wp_view){ 0 },
                                   .callbacks = watching_callbacks(w) };
    return follow_new(&config, &w->follow, w->message);
}

/* ---- where it tells ------------------------------------------------------------------------- */

static bool open_hook(watching *w)
{
    const uint64_t seconds = w->own->exec_seconds != 0 ? w->own->exec_seconds : WATCH_EXEC_SECONDS;
    const hook_config config = { .argv = w->own->exec.items, .limit_ms = (int64_t)seconds * 1000 };
    if (w->own->exec.count == 0)
        return true;
    w->hook = hook_new(&config);
    w->counts.has_hook = true;
    return w->hook != NULL || message_no_memory(w->message);
}

static void on_guard_line(void *context, const char *line)
{
    (void)context;
    log_warning("%s", line);
}

static void on_guard_report(void *context, const char *lines, const char *json)
{
    watching *w = context;
    text out = { 0 };
    text_add(&out, w->lines.format == WATCH_JSON ? json : lines);
    text_add(&out, w->lines.format == WATCH_JSON ? "\n" : "");
    if (out.failed ? !message_no_memory(w->message)
                   : !told_lines_write(&w->lines, text_chars(&out), out.len, w->message))
        (void)watching_fail(w);
    text_free(&out);
}

static bool open_guard(watching *w)
{
    const watch_options *own = w->own;
    const guard_config config = { .context = w,
                                  .on_line = on_guard_line,
                                  .on_report = on_guard_report,
                                  .pattern = own->on,
                                  .rows =
                                      own->guard_rows != 0 ? own->guard_rows : GUARD_ROWS_DEFAULT,
                                  .is_dry_run = own->is_dry_run,
                                  .system_identifier = w->source->system_identifier };
    text_list notes = { 0 };
    if (own->guard == NULL)
        return true;
    const bool is_good = guard_new(own->guard, &config, &w->guard, &notes, w->message);
    for (size_t i = 0; i < notes.count; i++)
        log_story("pitr-find: %s", notes.items[i]);
    text_list_free(&notes);
    return is_good;
}

static bool open_lines(watching *w)
{
    return told_lines_open(&w->lines, (watch_format)w->options->format, w->own->output,
                           w->is_restart ? w->noted.output_bytes : UINT64_MAX, w->message);
}

static bool open_listener(watching *w)
{
    return w->own->listen == NULL
           || listener_new(w->own->listen, &w->counts, &w->listener, w->message);
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* Microseconds since 2000. */
static wp_time now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return ((wp_time)t.tv_sec - INT64_C(946684800)) * 1000000 + t.tv_nsec / 1000;
}

static void tell_beginning(const watching *w)
{
    char from[WP_LSN_TEXT_BYTES];
    log_story("pitr-find: watching from %s on timeline %u%s", wp_lsn_format(w->source->from, from),
              (unsigned)w->source->from_tli,
              w->names == NULL && w->options->backup == NULL && !w->is_restart
                  ? "; what was created before has no name but in later WAL: see --dsn, --backup"
                  : "");
}

bool watching_open(watching *w, const options *o)
{
    *w = (watching){ .options = o,
                     .own = (const void *)o->own,
                     .is_noted = true,
                     .source_path = o->sources[0],
                     .signals = -1,
                     .lines = { .fd = -1 },
                     .counts = { .last_event = WP_TIME_UNKNOWN,
                                 .last_destructive = WP_TIME_UNKNOWN,
                                 .last_commit = WP_TIME_UNKNOWN,
                                 .started = now(),
                                 .is_connected = true } };
    w->question = options_question(o);
    /* Else a file that is opened may become standard output. */
    if (w->own->output == NULL && fcntl(STDOUT_FILENO, F_GETFD) < 0)
        return message_fail(w->message, "cannot write the result: standard output is closed");
    if (!watching_open_state(w) || !open_source(w) || !open_backup(w) || !ask_names(w)
        || !open_hook(w) || !open_follow(w) || !open_guard(w) || !open_listener(w)
        || !open_lines(w))
        return false;
    w->counts.position = w->source->from;
    w->counts.timeline = w->source->from_tli;
    tell_beginning(w);
    return true;
}

void watching_close(watching *w)
{
    listener_free(w->listener);
    guard_free(w->guard);
    hook_free(w->hook);
    follow_free(w->follow);
    state_free(w->state);
    wp_external_names_free(w->names);
    backup_free(&w->base);
    told_lines_close(&w->lines);
    live_source_free(w->source);
    if (w->signals >= 0)
        (void)close(w->signals);
}
