/*
 * simulate.c - see simulate.h.
 *
 *   settings -> settings.c -> backup (backup_label.c) -> timeline -> scan with wp_stop -> findings -> text or JSON
 */
#include "command/simulate/simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file/filename.h"
#include "archive/find.h"
#include "backup/label_of_backup.h"
#include "base/grow.h"
#include "base/message.h"
#include "file/probe.h"
#include "scan/rows.h"
#include "archive/timeline_history.h"
#include "scan/unexpected.h"
#include "archive/archive_open.h"
#include "base/result.h"

#define SETTINGS_BYTES_MAX ((size_t)1 << 20)
#define PASSES_MAX 32
/* So many of the latest backups of an archive are tried at once. */
#define BACKUPS_MAX 32

/* ---- the settings --------------------------------------------------------------------------- */

static bool read_settings_file(const char *path, conf_lines *out, char message[MESSAGE_BYTES])
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (file == NULL)
        return message_fail(message, "cannot open the settings \"%s\": %s", path, strerror(errno));
    uint8_t *bytes = malloc(SETTINGS_BYTES_MAX);
    const size_t len = bytes != NULL ? fread(bytes, 1, SETTINGS_BYTES_MAX, file) : 0;
    const bool is_read = bytes != NULL && ferror(file) == 0;
    const int why = errno;
    if (file != stdin)
        fclose(file);
    bool is_good = false;
    if (bytes == NULL)
        message_no_memory(message);
    else if (!is_read)
        message_fail(message, "cannot read the settings \"%s\": %s", path, strerror(why));
    else if (len == SETTINGS_BYTES_MAX || memchr(bytes, '\0', len) != NULL)
        message_fail(message, "\"%s\" is not a file of settings: say SETTINGS before the SOURCE",
                     path);
    else
        is_good = conf_lines_add_text(out, (wp_view){ bytes, len }) || message_no_memory(message);
    free(bytes);
    return is_good;
}

/* A server reads no words: one that is misspelt is a slip of the command line. */
static bool check_word(const conf_lines *lines, char message[MESSAGE_BYTES])
{
    const char *name = lines->items[lines->count - 1].name, *meant = recovery_meant(name);
    return meant == NULL
           || message_fail(message, "unknown setting \"%.100s\": do you mean %s?", name, meant);
}

static bool read_settings(const options *o, conf_lines *out, char message[MESSAGE_BYTES])
{
    const simulate_operands *own = (const void *)o->own;
    for (size_t i = 0; i < own->nsettings; i++) {
        const bool is_file = i == 0 && own->has_file;
        if (is_file ? !read_settings_file(own->settings[i], out, message)
                    : !conf_lines_add_word(out, own->settings[i]) && !message_no_memory(message))
            return false;
        if (!is_file && !check_word(out, message))
            return false;
    }
    return true;
}

/* ---- timelines ------------------------------------------------------------------------------ */

static const find_history *history_of(const find_list *files, wp_tli tli)
{
    for (size_t i = 0; i < files->nhistories; i++)
        if (files->histories[i].tli == tli)
            return &files->histories[i];
    return NULL;
}

static bool has_history(const void *files, wp_tli tli)
{
    return history_of(files, tli) != NULL;
}

/* The timeline the settings ask for, seen from the backup's. */
static wp_tli wanted_timeline(const recovery *r, const find_list *files, wp_tli backup)
{
    switch (r->timeline) {
    case RECOVERY_TIMELINE_NUMBER:
        return r->tli;
    case RECOVERY_TIMELINE_LATEST:
        return timeline_latest(backup, has_history, files);
    case RECOVERY_TIMELINE_CURRENT:
        break;
    }
    return backup;
}

/* The first of a timeline's history files that is one; without any, the message is about the first. */
static bool read_history(const find_list *files, wp_tli tli, timeline_history *out,
                         char message[MESSAGE_BYTES])
{
    prober p = { 0 };
    timeline_answer read = TIMELINE_BAD;
    const find_history *first = history_of(files, tli);
    for (size_t i = 0; read == TIMELINE_BAD && i < files->nhistories; i++) {
        const find_history *file = &files->histories[i];
        char why[MESSAGE_BYTES];
        if (file->tli != tli)
            continue;
        read = timeline_read(&p, file->path, tli, out, why);
        if (read == TIMELINE_FAILED)
            (void)message_fail(message, "%s", why);
        else if (read == TIMELINE_BAD && file == first)
            (void)message_fail(message, "\"%s\": %.400s", file->path, why);
    }
    probe_free(&p);
    return read == TIMELINE_READ;
}

/* Where the history of a timeline leaves an older one; UINT64_MAX: not at all, 0: it never was on it. */
static bool leaves_at(const find_list *files, wp_tli tli, wp_tli older, wp_lsn *out,
                      char message[MESSAGE_BYTES])
{
    *out = tli == older ? UINT64_MAX : 0;
    if (history_of(files, tli) == NULL || tli == older)
        return true;
    timeline_history history = { 0 };
    if (!read_history(files, tli, &history, message))
        return false;
    const int at = timeline_history_find(&history, older);
    if (at >= 0)
        *out = history.spans[at].end;
    timeline_free(&history);
    return true;
}

static void refuse(simulation *s, const char *rule, const char *words)
{
    (void)snprintf(s->recovery.fatal, sizeof s->recovery.fatal, "%s", words);
    findings_add(&s->findings, FINDING_FATAL, rule, "the server does not start: %s", words);
}

/* Sets s->timeline; or recovery.fatal, when there is no such timeline or it left the backup's before it. */
static bool choose_timeline(simulation *s, const find_list *files, wp_tli backup,
                            char message[MESSAGE_BYTES])
{
    const wp_tli tli = wanted_timeline(&s->recovery, files, backup);
    char words[120];
    wp_lsn leaves = 0;
    if (tli != 1 && tli != backup && history_of(files, tli) == NULL) {
        (void)snprintf(words, sizeof words, "recovery target timeline %u does not exist", tli);
        refuse(s, "no-timeline", words);
        return true;
    }
    if (!leaves_at(files, tli, backup, &leaves, message))
        return false;
    if (leaves <= s->start) {
        (void)snprintf(words, sizeof words,
                       "requested timeline %u is not a child of this server's history", tli);
        refuse(s, "not-a-child", words);
        return true;
    }
    s->timeline = tli;
    return true;
}

/* ---- going through the WAL ------------------------------------------------------------------ */

typedef struct walk {
    wp_stop *stops[BACKUPS_MAX]; /* one for each start that is tried */
    size_t nstops;
    simulated_xact now; /* of the transaction whose end comes next */
    simulation *sim;    /* whose last and next are filled; NULL: nobody's */
    bool has_next;
    wp_lsn redo; /* of the first checkpoint that may begin a backup */
    wp_lsn first_record;
    bool stop;
} walk;

static void forget_xact(simulated_xact *xact)
{
    text_clear(&xact->lines);
    xact->count = 0;
    xact->total = 0;
}

static void on_event(void *context, const wp_event *event)
{
    simulated_xact *xact = &((walk *)context)->now;
    if (++xact->total > SIMULATED_EVENTS_MAX)
        return;
    text_add(&xact->lines, event->text);
    rows_add(&xact->lines, event);
    if (event->database.name != NULL)
        text_addf(&xact->lines, " in database %s", event->database.name);
    text_add_bytes(&xact->lines, "", 1);
    xact->count++;
}

static void take_xact(walk *w, simulated_xact *into)
{
    const simulated_xact spare = *into;
    *into = w->now;
    w->now = spare;
}

static void on_xact_end(void *context, const wp_xact_end *end)
{
    walk *w = context;
    for (size_t i = 0; i < w->nstops; i++)
        wp_stop_add_end(w->stops[i], end);
    const bool is_commit = end->op == WP_XACT_COMMIT || end->op == WP_XACT_COMMIT_PREPARED;
    if (w->sim != NULL && is_commit) {
        if (wp_stop_last_commit(w->stops[0]) == end->lsn) {
            take_xact(w, &w->sim->last);
        } else if (wp_stop_is_reached(w->stops[0]) && !w->has_next) {
            take_xact(w, &w->sim->next);
            w->has_next = true;
        }
    }
    forget_xact(&w->now);
}

static void on_fact(void *context, const wp_fact *fact)
{
    walk *w = context;
    for (size_t i = 0; i < w->nstops; i++)
        wp_stop_add_fact(w->stops[i], fact);
}

static void free_stops(walk *w)
{
    for (size_t i = 0; i < w->nstops; i++)
        wp_stop_free(w->stops[i]);
    w->nstops = 0;
}

static bool new_stops(walk *w, const wp_stop_config *configs, size_t n, char message[MESSAGE_BYTES])
{
    wp_error err;
    free_stops(w);
    for (; w->nstops < n; w->nstops++)
        if (wp_stop_new(&configs[w->nstops], &w->stops[w->nstops], &err) < 0)
            return message_fail(message, "%s", err.text);
    return true;
}

/* All of an archive past one simulator for each configuration. Their watch_lsn must be the same. */
static bool walk_through(walk *w, const options *o, scan *scanner, const wp_stop_config *configs,
                         size_t n, scan_result *out, char message[MESSAGE_BYTES])
{
    const scan_config config = { .jobs = options_jobs(o),
                                 .skip_dml = w->sim == NULL,
                                 .show_progress = log_is_live(),
                                 .watch_lsn = wp_stop_watch_lsn(&configs[0]),
                                 .callbacks = { .context = w,
                                                .on_event = w->sim != NULL ? on_event : NULL,
                                                .on_xact_end = on_xact_end,
                                                .on_fact = on_fact } };
    for (int pass = 0; pass < PASSES_MAX; pass++) {
        if (!new_stops(w, configs, n, message))
            return false;
        forget_xact(&w->now);
        w->has_next = false;
        if (w->sim != NULL) {
            forget_xact(&w->sim->last);
            forget_xact(&w->sim->next);
        }
        switch (scan_run(scanner, &config, out, message)) {
        case SCAN_DONE:
        case SCAN_STOPPED:
            return true;
        case SCAN_FAILED:
            return false;
        case SCAN_AGAIN:
            break;
        }
    }
    return message_fail(message, "catalogs seem to move without end: is the WAL damaged?");
}

static bool walk_once(walk *w, const options *o, const archive *wal, const wp_stop_config *configs,
                      size_t n, scan_result *out, char message[MESSAGE_BYTES])
{
    scan *scanner = scan_new(wal, NULL);
    if (scanner == NULL)
        return message_no_memory(message);
    const bool is_good = walk_through(w, o, scanner, configs, n, out, message);
    scan_free(scanner);
    return is_good;
}

static void look_for_checkpoint(void *context, const wp_fact *fact)
{
    walk *w = context;
    if (fact->kind == WP_FACT_FIRST_RECORD && w->first_record == 0)
        w->first_record = fact->lsn;
    if (fact->kind != WP_FACT_CHECKPOINT || w->stop)
        return;
    const wp_lsn redo = ((const wp_fact_checkpoint *)(const void *)fact)->redo;
    if (redo < w->first_record)
        return;
    w->redo = redo;
    w->stop = true;
}

/* Redo position of the first checkpoint that a backup may start from with this WAL; 0: there is none. */
static bool first_redo(const archive *wal, wp_lsn *out, char message[MESSAGE_BYTES])
{
    walk w = { .sim = NULL };
    scan_result result;
    const scan_config config = { .jobs = 1,
                                 .skip_dml = true,
                                 .callbacks = { .context = &w, .on_fact = look_for_checkpoint },
                                 .stop = &w.stop };
    const bool is_good = scan_once(wal, &config, &result, message) != SCAN_FAILED;
    *out = w.redo;
    return is_good;
}

/* ---- the backup ----------------------------------------------------------------------------- */

static void set_backup(simulation *s, const label_file *backup)
{
    s->has_backup = true;
    s->backup = *backup;
    s->start = backup->label.start_lsn;
}

static wp_stop_config config_for(const simulation *s, const label_file *backup)
{
    wp_stop_config config = s->recovery.stop;
    config.profile = s->profile;
    config.start = backup != NULL ? backup->label.start_lsn : s->start;
    config.backup = backup == NULL                  ? WP_BACKUP_ASSUMED
                    : backup->label.is_from_standby ? WP_BACKUP_STANDBY
                                                    : WP_BACKUP_PRIMARY;
    return config;
}

/* True when a restore of that backup stops where it was asked to. */
static bool is_good_stop(const wp_stop_config *config, const wp_stop_result *r)
{
    const bool is_older =
        config->kind == WP_STOP_AT_TIME
        && (r->later_in_backup > 0
            || (r->backup_time != WP_TIME_UNKNOWN && config->time < r->backup_time));
    return r->outcome == WP_STOP_STOPS && !is_older;
}

/* The newest of the backups with which the target can be reached; the oldest when none is. */
static bool try_backups(simulation *s, const archive *wal, const label_file *items, size_t n,
                        char message[MESSAGE_BYTES])
{
    wp_stop_config configs[BACKUPS_MAX];
    walk w = { .sim = NULL };
    scan_result result;
    size_t chosen = 0;
    for (size_t i = 0; i < n; i++)
        configs[i] = config_for(s, &items[i]);
    bool is_good = true;
    if (s->recovery.stop.kind == WP_STOP_AT_LSN) { /* no need to look */
        for (size_t i = 1; i < n; i++)
            if (items[i].label.stop_lsn != 0 && items[i].label.stop_lsn <= s->recovery.stop.lsn)
                chosen = i;
    } else if (n > 1) {
        is_good = walk_once(&w, s->options, wal, configs, n, &result, message);
        for (size_t i = 0; is_good && i < n; i++)
            if (is_good_stop(&configs[i], wp_stop_finish(w.stops[i])))
                chosen = i;
        free_stops(&w);
        text_free(&w.now.lines);
    }
    if (is_good)
        set_backup(s, &items[chosen]);
    return is_good;
}

/* Keeps the backups whose WAL is here and on the way to the timeline, and of those the latest. */
static size_t usable_backups(const simulation *s, const archive *wal, const find_list *files,
                             label_files *list)
{
    size_t n = 0;
    char message[MESSAGE_BYTES];
    for (size_t i = 0; i < list->count; i++) {
        const label_file *one = &list->items[i];
        wp_lsn leaves = 0;
        const wp_tli tli = wanted_timeline(&s->recovery, files, one->label.timeline);
        if (wal->nsegments > 0 && one->label.start_lsn >= wal->segments[0].start_lsn
            && leaves_at(files, tli, one->label.timeline, &leaves, message)
            && leaves > one->label.start_lsn)
            list->items[n++] = *one;
    }
    if (n > BACKUPS_MAX) {
        memmove(list->items, list->items + (n - BACKUPS_MAX), BACKUPS_MAX * sizeof *list->items);
        n = BACKUPS_MAX;
    }
    return n;
}

static bool find_backup(simulation *s, const archive *wal, const find_list *files,
                        char message[MESSAGE_BYTES])
{
    label_files list;
    bool is_good = backup_labels_read(wal->directories, wal->ndirectories, &list, message);
    const size_t n = is_good ? usable_backups(s, wal, files, &list) : 0;
    if (n > 0) {
        is_good = try_backups(s, wal, list.items, n, message);
        s->backup_was_found = is_good;
    }
    backup_labels_free(&list);
    return is_good;
}

static bool assume_start(simulation *s, const archive *wal, char message[MESSAGE_BYTES])
{
    if (!first_redo(wal, &s->start, message))
        return false;
    char lsn[WP_LSN_TEXT_BYTES];
    if (s->start != 0)
        findings_add(&s->findings, FINDING_NOTE, "assumed-backup",
                     "no backup is known: taken to start at %s, the first checkpoint in this WAL; "
                     "--backup tells where it really starts",
                     wp_lsn_format(s->start, lsn));
    else
        findings_add(
            &s->findings, FINDING_NOTE, "assumed-backup",
            "no backup is known, and no checkpoint in this WAL can begin one: taken to start "
            "with the first record; --backup tells where it really starts");
    return true;
}

/* ---- other timelines ------------------------------------------------------------------------ */

/* The target may be on a branch that is not followed. */
static bool look_on_other_timelines(simulation *s, char message[MESSAGE_BYTES])
{
    const archive *all = s->archive;
    const bool is_missed =
        s->result->outcome == WP_STOP_FATAL_NEVER
        || (s->result->outcome == WP_STOP_ENDS && s->config.kind != WP_STOP_AT_END);
    if (!is_missed || s->config.kind == WP_STOP_IMMEDIATE || s->result->gap)
        return true;
    for (size_t i = 0; i < all->ntimelines; i++) {
        const archive_limits limits = { .timeline = all->timelines[i],
                                        .system_id = s->options->system_id };
        archive wal;
        walk w = { .sim = NULL };
        scan_result scanned;
        char ignored[MESSAGE_BYTES], lsn[WP_LSN_TEXT_BYTES];
        if (all->timelines[i] == s->timeline
            || !archive_open(s->options->sources, s->options->nsources, &limits, &wal, ignored))
            continue;
        const bool is_good = walk_once(&w, s->options, &wal, &s->config, 1, &scanned, message);
        const wp_stop_result *r = is_good ? wp_stop_finish(w.stops[0]) : NULL;
        if (r != NULL && r->outcome == WP_STOP_STOPS)
            findings_add(&s->findings, FINDING_WARNING, "other-timeline",
                         "timeline %u has it, at %s: set recovery_target_timeline = '%u'",
                         all->timelines[i], wp_lsn_format(r->lsn, lsn), all->timelines[i]);
        free_stops(&w);
        text_free(&w.now.lines);
        archive_free(&wal);
        if (!is_good)
            return false;
    }
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static bool print_simulation(const simulation *s)
{
    text out = { 0 };
    render_simulation[s->options->format](s, &out);
    return result_print(&out);
}

static void warn_about_archive(const archive *wal, const scan_result *scanned)
{
    for (size_t i = 0; i < wal->nwarnings; i++)
        log_warning("%s", wal->warnings[i]);
    for (size_t i = 0; i < scanned->ndamages && i < SCAN_DAMAGES_MAX; i++)
        log_warning("%s", scanned->damages[i].text);
    text_list unexpected = { 0 };
    unexpected_warn(&scanned->unexpected, wal->info.profile, &unexpected);
    for (size_t i = 0; i < unexpected.count; i++)
        log_warning("%s", unexpected.items[i]);
    text_list_free(&unexpected);
}

/*
 * Damage where the backup starts, which a server cannot read past. Where no backup is known, any damage before the
 * checkpoint that was taken for the start may hide an earlier one.
 */
static bool has_doubtful_start(const simulation *s, const archive *wal, const scan_result *scanned)
{
    const wp_lsn segment = wal->info.segment_size;
    bool is_doubtful = false;
    for (size_t i = 0; i < scanned->ndamages && i < SCAN_DAMAGES_MAX; i++) {
        const scan_damage *one = &scanned->damages[i];
        const wp_lsn until =
            one->until != 0 ? one->until : one->from - one->from % segment + segment;
        const bool is_before = s->start == 0 || one->from <= s->start;
        is_doubtful = is_doubtful || (is_before && (!s->has_backup || until > s->start));
    }
    return is_doubtful;
}

/* Through the WAL of the timeline that is followed, and out with the result. */
static exit_code run_along(simulation *s, const archive *wal)
{
    char message[MESSAGE_BYTES];
    exit_code code = EXIT_TROUBLE;
    walk w = { .sim = s };
    scan_result scanned;
    scan *scanner = scan_new(wal, NULL);
    s->config = config_for(s, s->has_backup ? &s->backup : NULL);
    const bool is_good =
        scanner != NULL ? walk_through(&w, s->options, scanner, &s->config, 1, &scanned, message)
                        : message_no_memory(message);
    if (is_good) {
        s->scan = &scanned;
        s->result = wp_stop_finish(w.stops[0]);
        simulation_add_findings(s, wal);
    }
    if (!is_good || !look_on_other_timelines(s, message)) {
        log_error("%s", message);
    } else {
        warn_about_archive(wal, &scanned);
        if (print_simulation(s))
            code = simulation_is_as_asked(s) ? EXIT_FOUND : EXIT_NOTHING;
        if (code == EXIT_FOUND
            && (scanned.unexpected.total > 0 || has_doubtful_start(s, wal, &scanned)))
            code = EXIT_DOUBT;
    }
    free_stops(&w);
    text_free(&w.now.lines);
    text_free(&s->last.lines);
    text_free(&s->next.lines);
    scan_free(scanner);
    return code;
}

/* Where a server reads its configuration, recovery settings are unknown up to 11; from 12 on there is no recovery.conf. */
static void check_file(simulation *s)
{
    const simulate_operands *own = (const void *)s->options->own;
    const bool has_recovery_conf = !s->profile->recovery.has_signal_file;
    char words[120];
    if (!own->has_file)
        return;
    const char *name = filename_base(own->settings[0]);
    const bool is_recovery_conf = strcmp(name, "recovery.conf") == 0;
    const bool is_other =
        strcmp(name, "postgresql.conf") == 0 || strcmp(name, "postgresql.auto.conf") == 0;
    if (!has_recovery_conf && is_recovery_conf) {
        refuse(s, "wrong-file", "using recovery command file \"recovery.conf\" is not supported");
    } else if (has_recovery_conf && is_other && s->recovery.target != NULL) {
        (void)snprintf(words, sizeof words, "configuration file \"%s\" contains errors", name);
        refuse(s, "wrong-file", words);
    }
}

/* Which backup, where it starts, and which timeline is followed from there. */
static bool prepare(simulation *s, const archive *wal, const find_list *files,
                    char message[MESSAGE_BYTES])
{
    wp_tli backup_tli = wal->timelines[0];
    if (s->options->backup != NULL) {
        label_file given;
        char ignored[MESSAGE_BYTES];
        if (!backup_label_read(s->options->backup, &given, message)
            && !label_of_backup(s->options->backup, &given, ignored))
            return false;
        set_backup(s, &given);
    } else if (!find_backup(s, wal, files, message)) {
        return false;
    }
    if (s->has_backup)
        backup_tli = s->backup.label.timeline;
    else if (!assume_start(s, wal, message))
        return false;
    return choose_timeline(s, files, backup_tli, message);
}

static exit_code refused(const simulation *s)
{
    return print_simulation(s) ? EXIT_NOTHING : EXIT_TROUBLE;
}

/* The segments of the timeline that the server follows may be others. */
static exit_code follow(simulation *s, const archive *wal)
{
    char message[MESSAGE_BYTES];
    const archive_limits limits = { .timeline = s->timeline, .system_id = s->options->system_id };
    archive followed;
    if (s->timeline == wal->timeline)
        return run_along(s, wal);
    if (!archive_open(s->options->sources, s->options->nsources, &limits, &followed, message)) {
        log_error("%s", message);
        return EXIT_TROUBLE;
    }
    const exit_code code = run_along(s, &followed);
    archive_free(&followed);
    return code;
}

static exit_code run_in(const options *o, const conf_lines *lines, const archive *wal,
                        const find_list *files)
{
    simulation *s = calloc(1, sizeof *s);
    char message[MESSAGE_BYTES];
    exit_code code = EXIT_TROUBLE;
    if (s == NULL) {
        log_error("out of memory");
        return EXIT_TROUBLE;
    }
    s->options = o;
    s->archive = wal;
    s->lines = lines;
    s->profile = wal->info.profile;
    recovery_read(s->profile, lines, &s->recovery, &s->findings);
    check_file(s);
    if (s->recovery.fatal[0] != '\0')
        code = refused(s);
    else if (s->recovery.is_unclear)
        log_error("%s", s->findings.items[s->findings.count - 1].text);
    else if (!prepare(s, wal, files, message))
        log_error("%s", message);
    else if (s->recovery.fatal[0] != '\0')
        code = refused(s);
    else
        code = follow(s, wal);
    free(s);
    return code;
}

exit_code simulate_run(const options *o)
{
    char message[MESSAGE_BYTES];
    conf_lines lines = { 0 };
    find_list files = { 0 };
    archive wal = { 0 };
    const archive_limits limits = { .system_id = o->system_id };
    exit_code code = EXIT_TROUBLE;
    if (!read_settings(o, &lines, message)
        || !archive_open(o->sources, o->nsources, &limits, &wal, message))
        log_error("%s", message);
    else if (!find_sources(o->sources, o->nsources, &files, message))
        log_error("%s", message);
    else
        code = run_in(o, &lines, &wal, &files);
    find_free(&files);
    archive_free(&wal);
    conf_lines_free(&lines);
    return code;
}
