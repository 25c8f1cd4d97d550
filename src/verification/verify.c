/*
 * verify.c - see verify.h.
 *
 * Timelines come in rising order, each with its own WAL only: from the segment in which it left its parent on. The
 * segment before that is read as well, so that the two are seen to fit; what is told of it is known already.
 */
#include "verification/verification.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scan/ending.h"
#include "file/filename.h"
#include "base/grow.h"
#include "base/log.h"
#include "base/message.h"
#include "scan/scan.h"
#include "scan/unexpected.h"
#include "archive/archive_open.h"

/* ---- problems ------------------------------------------------------------------------------- */

/* ---- one timeline --------------------------------------------------------------------------- */

typedef struct pass {
    verification *v;
    verify_timeline *timeline;
    const archive *view;
    size_t at;    /* segment whose facts pass */
    wp_lsn known; /* what lies before was told along another timeline */
    verify_segment now;
    verify_commit last; /* commit on this pass */
    wp_time last_time;  /* of the last transaction that ended on this pass, whichever way */
    bool is_minimal;
    forks forks;
    size_t first_problem; /* of this pass */
    bool is_out_of_memory;
} pass;

static void begin_segment(pass *p)
{
    const archive_segment *from = p->at < p->view->nsegments ? &p->view->segments[p->at] : NULL;
    p->now = (verify_segment){ 0 };
    if (from == NULL)
        return;
    (void)wp_segment_name_format(from->tli, from->start_lsn, p->view->info.segment_size,
                                 p->now.name);
    p->now.tli = from->tli;
    p->now.start_lsn = from->start_lsn;
    p->now.is_partial = from->is_partial;
}

static void end_segment(pass *p, const wp_fact_end *end)
{
    verification *v = p->v;
    p->now.records = end->records;
    if (p->now.start_lsn >= p->known) {
        verify_segment *slot = GROW(v->segments, v->nsegments, v->segments_room);
        if (slot != NULL)
            *slot = p->now;
        p->is_out_of_memory |= slot == NULL;
        p->timeline->segments++;
    }
    p->at++;
    begin_segment(p);
}

/* Where a timeline was left, the commit so far is the last that its child has from it. */
static void note_forks(pass *p, const verify_commit *commit)
{
    verification *v = p->v;
    for (size_t i = 0; i < v->ntimelines; i++) {
        verify_timeline *child = &v->timelines[i];
        if (child->branch->parent == p->timeline->tli && commit->lsn < child->branch->begin)
            child->before_fork = *commit;
    }
}

static void on_xact_end(void *context, const wp_xact_end *end)
{
    pass *p = context;
    verify_timeline *t = p->timeline;
    p->last_time = end->time;
    if (end->op != WP_XACT_COMMIT && end->op != WP_XACT_COMMIT_PREPARED)
        return;
    const verify_commit commit = { end->lsn, end->end_lsn, end->time };
    p->now.first = p->now.commits == 0 ? commit : p->now.first;
    p->now.last = commit;
    p->now.commits++;
    p->last = commit;
    note_forks(p, &commit);
    if (end->lsn < t->branch->begin)
        return;
    t->first = t->commits == 0 ? commit : t->first;
    t->last = commit;
    t->commits++;
}

static void note_point(pass *p, const wp_fact_restore_point *fact)
{
    verification *v = p->v;
    verify_point *slot = GROW(v->points, v->npoints, v->points_room);
    if (slot == NULL) {
        p->is_out_of_memory = true;
        return;
    }
    *slot = (verify_point){ .tli = p->timeline->tli, .lsn = fact->end_lsn, .time = fact->time };
    memcpy(slot->name, fact->name, sizeof slot->name);
    slot->name[sizeof slot->name - 1] = '\0';
}

static void lift(int32_t *value, int32_t found)
{
    *value = found > *value ? found : *value;
}

static void note_settings(verification *v, const wp_control_settings *found)
{
    verify_parameters *most = &v->parameters;
    lift(&most->max_connections, found->max_connections);
    lift(&most->max_worker_processes, found->max_worker_processes);
    lift(&most->max_wal_senders, found->max_wal_senders);
    lift(&most->max_prepared_transactions, found->max_prepared_xacts);
    lift(&most->max_locks_per_transaction, found->max_locks_per_xact);
}

static void note_parameters(pass *p, const wp_fact_parameters *fact)
{
    verification *v = p->v;
    note_settings(v, &(wp_control_settings){ fact->max_connections, fact->max_worker_processes,
                                             fact->max_wal_senders, fact->max_prepared_xacts,
                                             fact->max_locks_per_xact });
    const bool is_minimal = fact->wal_level == 0;
    if (!is_minimal && p->is_minimal)
        v->minimal[v->nminimal - 1].until = fact->fact.lsn;
    if (is_minimal && !p->is_minimal) {
        verify_minimal *slot = GROW(v->minimal, v->nminimal, v->minimal_room);
        p->is_out_of_memory |= slot == NULL;
        if (slot == NULL)
            return;
        *slot =
            (verify_minimal){ .tli = p->timeline->tli, .from = fact->fact.lsn, .before = p->last };
    }
    p->is_minimal = is_minimal;
}

/* The WAL knows where a backup ended of which only the beginning is known. */
static void note_backup_end(const pass *p, const wp_fact_backup_end *fact)
{
    for (size_t i = 0; i < p->v->nbackups; i++) {
        wp_backup_label *label = &p->v->backups[i].label;
        if (label->stop_lsn == 0 && label->start_lsn == fact->start
            && label->timeline == p->timeline->tli)
            label->stop_lsn = fact->end_lsn;
    }
}

/* The WAL that opens a timeline may contradict its history file, or what was guessed without one. */
static void note_origin(pass *p, const wp_fact *fact)
{
    const size_t before = p->forks.count;
    forks_note(&p->forks, fact);
    if (p->forks.count == before)
        return;
    const fork_place *seen = &p->forks.items[before];
    if (seen->tli == p->timeline->tli)
        p->timeline->opened = *seen;
    const verify_problem problem = {
        .kind = VERIFY_HISTORY, .tli = seen->tli, .from = seen->lsn, .barrier = seen->lsn
    };
    text line = { 0 };
    if (forks_contradict(seen, timeline_tree_find(&p->v->tree, seen->tli))) {
        forks_explain(&p->forks, seen, &p->v->tree, &line);
        if (!verify_add_problem(p->v, &problem, NULL, text_chars(&line)))
            p->is_out_of_memory = true;
    }
    text_free(&line);
}

static void on_fact(void *context, const wp_fact *fact)
{
    pass *p = context;
    const void *any = fact;
    note_origin(p, fact);
    const bool is_own = fact->lsn >= p->timeline->branch->begin;
    if (fact->kind == WP_FACT_SEGMENT_END)
        end_segment(p, any);
    else if (fact->kind == WP_FACT_RESTORE_POINT && is_own)
        note_point(p, any);
    else if (fact->kind == WP_FACT_PARAMETERS && is_own)
        note_parameters(p, any);
    else if (fact->kind == WP_FACT_BACKUP_END && is_own)
        note_backup_end(p, any);
}

/* Gaps are told of the whole archive, so this is what lies between them. */
static void on_damage(void *context, const scan_damage *damage)
{
    pass *p = context;
    if (damage->path == NULL)
        return;
    const verify_problem problem = { .kind = VERIFY_DAMAGE,
                                     .tli = p->timeline->tli,
                                     .from = damage->from,
                                     .until = damage->until,
                                     .barrier = damage->barrier,
                                     .before = p->last };
    if (p->at < p->view->nsegments && p->view->segments[p->at].path == damage->path)
        p->now.is_damaged = true;
    else if (p->timeline->segments > 0) /* what is told of a file once all of it was read */
        p->v->segments[p->v->nsegments - 1].is_damaged = true;
    if (!verify_add_problem(p->v, &problem, damage->path, damage->text))
        p->is_out_of_memory = true;
}

/* A file that turned out to be cut has more to say than was told at first. */
static void take_late_words(pass *p, const scan_result *result)
{
    size_t at = p->first_problem;
    for (size_t i = 0; i < result->ndamages && i < SCAN_DAMAGES_MAX && at < p->v->nproblems; i++) {
        verify_problem *problem = &p->v->problems[at];
        const scan_damage *damage = &result->damages[i];
        if (damage->path == NULL || problem->from != damage->from
            || strncmp(problem->text, damage->text, strlen(problem->text)) != 0)
            continue;
        char *longer = strdup(damage->text);
        if (longer != NULL) {
            free(problem->text);
            problem->text = longer;
        }
        problem->barrier = damage->barrier;
        at++;
    }
}

static void note_open_end(pass *p, const scan_result *result)
{
    text words = { 0 };
    if (ending_words(result, p->last_time, false, &words))
        text_list_addf(&p->v->notes, "%s", text_chars(&words));
    text_free(&words);
}

static bool read_view(pass *p, char message[MESSAGE_BYTES])
{
    scan_result result;
    scan *scanner = scan_new(p->view, NULL);
    if (scanner == NULL)
        return message_no_memory(message);
    const scan_config config = {
        .jobs = p->v->input.jobs,
        .skip_dml = true,
        .read_all = true,
        .show_progress = log_is_live(),
        .callbacks = { .context = p, .on_xact_end = on_xact_end, .on_fact = on_fact },
        .on_damage = on_damage
    };
    begin_segment(p);
    p->first_problem = p->v->nproblems;
    /* Names are of no interest: that some were learnt late is no reason to read again. */
    const bool is_good = scan_run(scanner, &config, &result, message) != SCAN_FAILED;
    p->timeline->end_lsn = result.end_lsn;
    take_late_words(p, &result);
    note_open_end(p, &result);
    unexpected_warn(&result.unexpected, p->view->info.profile, &p->v->notes);
    scan_free(scanner);
    return is_good && (!p->is_out_of_memory || message_no_memory(message));
}

/* ---- gaps ----------------------------------------------------------------------------------- */

/* An ancestor's gaps were told when it was its turn. One over a fork lacks another file on each side of it. */
static bool is_told(const verification *v, const archive *wal, const archive_gap *gap)
{
    for (size_t i = 0; i < v->nproblems; i++) {
        const verify_problem *one = &v->problems[i];
        bool is_ancestor = false;
        for (size_t n = 0; n < wal->history.nspans; n++)
            is_ancestor |=
                wal->history.spans[n].tli == one->tli && gap->until <= wal->history.spans[n].end;
        if (one->kind == VERIFY_GAP && is_ancestor && one->from == gap->from
            && one->until >= gap->until)
            return true;
    }
    return false;
}

static bool add_gaps(verification *v, const verify_timeline *t, const archive *wal)
{
    const uint32_t size = v->info.segment_size;
    for (size_t i = 0; i < wal->ngaps; i++) {
        const archive_gap *gap = &wal->gaps[i];
        char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
        char first[WP_SEGMENT_NAME_BYTES], last[WP_SEGMENT_NAME_BYTES], line[200];
        if (is_told(v, wal, gap))
            continue;
        (void)wp_lsn_format(gap->from, from);
        (void)wp_lsn_format(gap->until, until);
        (void)wp_segment_name_format(gap->tli, gap->from, size, first);
        (void)wp_segment_name_format(gap->tli, gap->until - 1, size, last);
        if (strcmp(first, last) == 0)
            (void)snprintf(line, sizeof line, "segment %s is missing (%s to %s)", first, from,
                           until);
        else
            (void)snprintf(line, sizeof line, "segments %s to %s are missing (%s to %s)", first,
                           last, from, until);
        const verify_problem problem = { .kind = VERIFY_GAP,
                                         .tli = t->tli,
                                         .from = gap->from,
                                         .until = gap->until,
                                         .barrier = gap->from };
        if (!verify_add_problem(v, &problem, NULL, line))
            return false;
    }
    return true;
}

/* ---- all timelines -------------------------------------------------------------------------- */

static bool open_along(const verification *v, wp_tli tli, archive *out, char message[MESSAGE_BYTES])
{
    const archive_limits limits = { .timeline = tli, .system_id = v->input.system_id };
    return archive_open(v->input.sources, v->input.nsources, &limits, out, message);
}

/* The part of an archive that is a timeline's own, with the segment before it where there is one. */
static archive own_part(const archive *wal, const verify_timeline *t, wp_lsn *known)
{
    archive view = *wal;
    const wp_lsn fork = t->branch->begin - t->branch->begin % wal->info.segment_size;
    size_t n = 0;
    while (n < view.nsegments
           && (view.segments[n].start_lsn < fork || view.segments[n].tli != t->tli))
        n++;
    *known = n < view.nsegments ? view.segments[n].start_lsn : 0;
    if (n > 0 && n < view.nsegments && view.segments[n - 1].end_lsn == view.segments[n].start_lsn)
        n--;
    view.segments += n;
    view.nsegments -= n;
    return view;
}

static bool read_timeline(verification *v, verify_timeline *t, char message[MESSAGE_BYTES])
{
    archive wal;
    if (!open_along(v, t->tli, &wal, message))
        return false;
    pass p = { .v = v, .timeline = t, .last_time = WP_TIME_UNKNOWN };
    const archive view = own_part(&wal, t, &p.known);
    p.view = &view;
    t->history_start = wal.segments[0].start_lsn;
    t->start_lsn = p.known > t->branch->begin ? p.known : t->branch->begin;
    bool is_good = view.nsegments == 0 || read_view(&p, message);
    if (is_good && !add_gaps(v, t, &wal))
        is_good = message_no_memory(message);
    t->history = wal.history;
    wal.history = (timeline_history){ 0 };
    archive_free(&wal);
    return is_good;
}

static bool add_contradiction(verification *v, const branch *one)
{
    char line[BRANCHES_LINE_BYTES];
    const verify_problem problem = { .kind = VERIFY_HISTORY, .tli = one->tli };
    return !timeline_tree_explain(&v->tree, one, line)
           || verify_add_problem(v, &problem, NULL, line);
}

static bool add_history_problem(verification *v, const branch *one)
{
    char line[120];
    if (one->has_history || one->tli == 1 || !one->has_segments)
        return true;
    (void)snprintf(line, sizeof line,
                   "there is no usable %08X.history: a server cannot be sent to timeline %u",
                   one->tli, one->tli);
    const verify_problem problem = { .kind = VERIFY_HISTORY, .tli = one->tli };
    return verify_add_problem(v, &problem, NULL, line);
}

static bool read_timelines(verification *v, char message[MESSAGE_BYTES])
{
    for (size_t i = 0; i < v->tree.count; i++) {
        const branch *one = &v->tree.items[i];
        if (!add_contradiction(v, one))
            return message_no_memory(message);
        if (!one->has_segments)
            continue;
        verify_timeline *slot = GROW(v->timelines, v->ntimelines, v->timelines_room);
        if (slot == NULL)
            return message_no_memory(message);
        *slot = (verify_timeline){ .tli = one->tli, .branch = one };
    }
    for (size_t i = 0; i < v->ntimelines; i++)
        if (!read_timeline(v, &v->timelines[i], message)
            || (!add_history_problem(v, v->timelines[i].branch) && !message_no_memory(message)))
            return false;
    return true;
}

/* ---- backups -------------------------------------------------------------------------------- */

static bool add_backup(verification *v, const char *path, const wp_backup_label *label,
                       bool is_given, bool is_catalogued)
{
    verify_backup *slot = GROW(v->backups, v->nbackups, v->backups_room);
    if (slot == NULL)
        return false;
    *slot = (verify_backup){
        .path = strdup(path), .label = *label, .is_given = is_given, .is_catalogued = is_catalogued
    };
    return slot->path != NULL;
}

static bool add_given_backup(verification *v, const char *path, const archive *wal,
                             char message[MESSAGE_BYTES])
{
    backup base;
    bool is_good = backup_open(path, wal->segments[0].start_lsn, &base, message)
                   && backup_fits(&base, wal, message);
    if (is_good) {
        wp_backup_label label = base.label;
        note_settings(v, &base.settings);
        label.stop_lsn = label.stop_lsn != 0 ? label.stop_lsn : base.stop_lsn;
        is_good = add_backup(v, path, &label, true, false) || message_no_memory(message);
    }
    backup_free(&base);
    return is_good;
}

/* Two sources may hold the file of one backup. */
static bool is_listed(const verification *v, const wp_backup_label *label)
{
    for (size_t i = 0; i < v->nbackups; i++) {
        const wp_backup_label *other = &v->backups[i].label;
        if (other->start_lsn == label->start_lsn && other->stop_lsn == label->stop_lsn
            && other->timeline == label->timeline && strcmp(other->label, label->label) == 0)
            return true;
    }
    return false;
}

static bool find_backups(verification *v, const archive *wal, char message[MESSAGE_BYTES])
{
    for (size_t i = 0; i < wal->nbackups; i++)
        if (!wal->backups[i].is_gone && !is_listed(v, &wal->backups[i].label)
            && !add_backup(v, wal->backups[i].path, &wal->backups[i].label, false,
                           wal->backups[i].id[0] != '\0'))
            return message_no_memory(message);
    for (size_t i = 0; i < v->input.nbackups; i++)
        if (!add_given_backup(v, v->input.backups[i], wal, message))
            return false;
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------ */

bool verify(const verify_input *input, verification *v, char message[MESSAGE_BYTES])
{
    archive wal;
    *v = (verification){ .input = *input, .parameters = { -1, -1, -1, -1, -1 } };
    if (!open_along(v, 0, &wal, message))
        return false;
    v->info = wal.info;
    v->tree = wal.timeline_tree;
    wal.timeline_tree = (timeline_tree){ 0 };
    const bool is_good = find_backups(v, &wal, message);
    archive_free(&wal);
    return is_good && read_timelines(v, message) && verify_files(v, message)
           && (verify_windows(v) || message_no_memory(message));
}
