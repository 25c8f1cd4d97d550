/*
 * archive_open.c - from SOURCE arguments to the list of segments to be read, see archive_open.h.
 *
 *   find.c              names        which files may be WAL
 *   segment_files.c     first pages  what they are, of which cluster
 *   timeline_history.c  history      which timeline counts where
 *   segment_choice.c    positions    which file is read for which stretch; limits
 *   position_copies.c   content      whether the others are copies of it
 */
#include "archive/archive_open.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "archive/clusters.h"
#include "file/filename.h"
#include "base/grow.h"
#include "archive/timeline_history.h"
#include "archive/live_wal.h"
#include "base/message.h"
#include "archive/position_copies.h"
#include "archive/segment_choice.h"
#include "archive/fetched_archive.h"

/* All there is while an archive is being opened. */
typedef struct opening {
    segment_files segment_files;
    bool has_history_file;
    segment_choice segment_choice;
    size_t first, until; /* the positions to be read */
    size_t nwarnings_room;
    archive *out;
    const archive_limits *limits;
    char *message;
} opening;

__attribute__((format(printf, 2, 3))) static bool warn(opening *o, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    char **slot = text ? GROW(o->out->warnings, o->out->nwarnings, o->nwarnings_room) : NULL;
    if (!slot) {
        free(text);
        return message_no_memory(o->message);
    }
    *slot = text;
    return true;
}

/* ---- timelines ------------------------------------------------------------------------------ */

/* Files come sorted by timeline. */
static bool list_timelines(opening *o)
{
    archive *out = o->out;
    out->timelines = calloc(o->segment_files.nfiles, sizeof *out->timelines);
    if (!out->timelines)
        return message_no_memory(o->message);
    for (size_t i = 0; i < o->segment_files.nfiles; i++) {
        const segment_file *file = &o->segment_files.files[i];
        if (segment_files_counts(file)
            && (out->ntimelines == 0 || out->timelines[out->ntimelines - 1] != file->name.tli))
            out->timelines[out->ntimelines++] = file->name.tli;
    }
    return out->ntimelines > 0 || message_fail(o->message, "no usable WAL segment");
}

static bool has_timeline(const archive *a, wp_tli tli)
{
    for (size_t i = 0; i < a->ntimelines; i++)
        if (a->timelines[i] == tli)
            return true;
    return false;
}

static bool choose_timeline(opening *o)
{
    archive *out = o->out;
    const wp_tli asked = o->limits->timeline;
    out->timeline = asked ? asked : out->timelines[out->ntimelines - 1];
    if (has_timeline(out, out->timeline) || timeline_history_file(&o->segment_files, out->timeline))
        return true;
    const unsigned first = out->timelines[0], last = out->timelines[out->ntimelines - 1];
    if (out->ntimelines == 1)
        return message_fail(o->message, "no segment of timeline %u (all are of timeline %u)",
                            (unsigned)asked, first);
    return message_fail(o->message, "no segment of timeline %u (there are %zu timelines, %u to %u)",
                        (unsigned)asked, out->ntimelines, first, last);
}

static bool read_lineage(opening *o)
{
    char *complaint = NULL;
    const unsigned tli = o->out->timeline;
    const find_history *file = NULL;
    if (!timeline_history_of(&o->segment_files, tli, &o->out->history, &file, &complaint,
                             o->message))
        return false;
    o->has_history_file = file != NULL;
    char guess[60] = "";
    if (!o->has_history_file && o->out->history.nspans > 1)
        (void)snprintf(guess, sizeof guess, "timeline %u is taken to begin with its first segment",
                       tli);
    bool is_good = true;
    if (complaint)
        is_good = warn(o, "%s%s%s", complaint, guess[0] != '\0' ? "; " : "", guess);
    else if (guess[0] != '\0')
        is_good = warn(o, "no %08X.history among the sources: %s", tli, guess);
    free(complaint);
    return is_good;
}

/* ---- limits --------------------------------------------------------------------------------- */

static bool fail_range(const opening *o)
{
    const segment_choice *all = &o->segment_choice;
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    o->out->is_out_of_range = true;
    if (all->n == 0)
        return message_fail(o->message, "no segment of the history of timeline %u",
                            (unsigned)o->out->timeline);
    return message_fail(
        o->message, "no segment in the range asked for: the archive has %s to %s",
        wp_lsn_format(all->list[0].start_lsn, from),
        wp_lsn_format(all->list[all->n - 1].start_lsn + o->segment_files.info.segment_size, until));
}

static bool limit_by_lsn(opening *o)
{
    const segment_choice *all = &o->segment_choice;
    const archive_limits *limits = o->limits;
    o->first = 0;
    o->until = all->n;
    while (o->first < o->until
           && all->list[o->first].start_lsn + o->segment_files.info.segment_size
                  <= limits->from_lsn)
        o->first++;
    while (limits->to_lsn && o->until > o->first
           && all->list[o->until - 1].start_lsn > limits->to_lsn)
        o->until--;
    return o->first < o->until || fail_range(o);
}

static bool limit_by_time(opening *o)
{
    const archive_limits *limits = o->limits;
    if (!limits->has_since && !limits->has_until)
        return true;
    return segment_choice_narrow_by_time(
        &o->segment_choice, limits->has_since ? limits->since : INT64_MIN,
        limits->has_until ? limits->until : INT64_MAX, &o->first, &o->until, o->message);
}

/* That something lies within the limits is known now; what it is called may be told anywhere. */
static bool limit(opening *o)
{
    if (!limit_by_lsn(o) || !limit_by_time(o))
        return false;
    if (o->limits->reads_all && o->first < o->until) {
        o->first = 0;
        o->until = o->segment_choice.n;
    } else if (o->limits->reads_neighbours && o->first < o->until) {
        o->first -= o->first > 0;
        o->until += o->until < o->segment_choice.n;
    }
    return true;
}

/* ---- several files for one position --------------------------------------------------------- */

static bool warn_tally(opening *o, const segment_tally *tally, const char *what)
{
    if (tally->n == 0)
        return true;
    if (tally->n == 1)
        return warn(o, "%s%s", tally->text, what);
    return warn(o, "%s%s; %zu more like it", tally->text, what, tally->n - 1);
}

static bool warn_of_histories(void *context, const find_history *first, const find_history *other)
{
    opening *o = context;
    o->out->nconflicts++;
    return warn(o,
                "\"%s\" differs from \"%s\": which of them is the history of timeline %u cannot be "
                "told",
                other->path, first->path, (unsigned)first->tli);
}

static bool compare_positions(opening *o)
{
    position_copies all = { .choice = &o->segment_choice };
    bool is_good = true;
    for (size_t i = o->first; is_good && i < o->until; i++)
        is_good = position_copies_compare(&all, &o->segment_choice.list[i], o->message);
    o->out->nconflicts += all.conflicts.n;
    is_good = is_good && warn_tally(o, &all.conflicts, ": which of them is right cannot be told")
              && warn_tally(o, &all.cut, "");
    position_copies_free(&all);
    return is_good;
}

/* ---- base backups --------------------------------------------------------------------------- */

static int by_start(const void *x, const void *y)
{
    const wp_lsn a = ((const archive_backup *)x)->label.start_lsn;
    const wp_lsn b = ((const archive_backup *)y)->label.start_lsn;
    return (a > b) - (a < b);
}

static bool is_in_history(const opening *o, const wp_backup_label *label)
{
    const int at = timeline_history_find(&o->out->history, label->timeline);
    return at >= 0 && label->start_lsn >= o->out->first_lsn
           && label->stop_lsn <= o->out->history.spans[at].end;
}

/* Reads one history file. A server needs none of them, so what is wrong with one is no reason to stop. */
static bool read_backup(opening *o, const char *path, archive_backup *out, bool *is_good)
{
    uint8_t text[BACKUP_FILE_BYTES_MAX];
    size_t len;
    bool is_damaged;
    wp_error err;
    *is_good = probe_bytes(&o->segment_files.prober, path, text, sizeof text, &len, &is_damaged,
                           o->message);
    if (!*is_good)
        return warn(o, "%s: left out", o->message);
    *is_good = wp_backup_label_parse((wp_view){ text, len }, &out->label, &err) >= 0;
    if (!*is_good)
        return warn(o, "\"%s\" is not a backup history file: %s", path, err.text);
    out->is_usable = is_in_history(o, &out->label);
    out->path = strdup(path);
    return out->path || message_no_memory(o->message);
}

/* What the archiver's catalogue says of one: the history file that it left, or one more. */
static bool take_catalogued(opening *o, const archiver_catalog_backup *from)
{
    archive *out = o->out;
    if (from->cluster && from->cluster != o->segment_files.info.system_identifier)
        return true;
    archive_backup *to = NULL;
    for (size_t i = 0; !to && i < out->nbackups; i++)
        if (out->backups[i].label.start_lsn == from->start
            && out->backups[i].label.timeline == from->tli)
            to = &out->backups[i];
    if (!to) {
        to = &out->backups[out->nbackups];
        *to = (archive_backup){ .path = strdup(from->path) };
        if (!to->path)
            return message_no_memory(o->message);
        out->nbackups++;
        to->label.start_lsn = from->start;
        to->label.timeline = from->tli;
        to->label.start_time = from->time;
        (void)snprintf(to->label.label, sizeof to->label.label, "%s", from->id);
        (void)snprintf(to->label.start_time_text, sizeof to->label.start_time_text, "%.*s",
                       (int)sizeof to->label.start_time_text - 1, from->time_text);
    }
    if (to->label.stop_lsn < from->stop)
        to->label.stop_lsn = from->stop;
    (void)snprintf(to->id, sizeof to->id, "%s", from->id);
    to->is_usable = is_in_history(o, &to->label);
    return true;
}

/* A catalogue that knows of any knows of all that are left: others have been removed since. */
static void leave_uncatalogued(archive *out)
{
    bool has_catalogued = false;
    for (size_t i = 0; i < out->nbackups; i++)
        has_catalogued |= out->backups[i].id[0] != '\0';
    for (size_t i = 0; has_catalogued && i < out->nbackups; i++) {
        out->backups[i].is_gone = out->backups[i].id[0] == '\0';
        out->backups[i].is_usable &= !out->backups[i].is_gone;
    }
}

static bool take_catalog(opening *o)
{
    const catalogue *from = &o->segment_files.catalogue;
    const uint64_t own = o->segment_files.info.system_identifier;
    bool has_own = from->nclusters == 0;
    for (size_t i = 0; i < from->nbackups; i++)
        if (!take_catalogued(o, &from->backups[i]))
            return false;
    for (size_t i = 0; i < from->nclusters; i++)
        has_own |= from->clusters[i] == own;
    leave_uncatalogued(o->out);
    if (from->complaint[0] && !warn(o, "%s: left out", from->complaint))
        return false;
    return has_own
           || warn(o,
                   "the archiver's catalog is of system identifier %" PRIu64
                   ", and this WAL of %" PRIu64 ": does it belong there?",
                   from->clusters[0], own);
}

static bool read_backups(opening *o)
{
    const find_list *found = &o->segment_files.found;
    archive *out = o->out;
    out->first_lsn = o->segment_choice.list[0].start_lsn;
    out->backups =
        calloc(found->nbackups + o->segment_files.catalogue.nbackups + 1, sizeof *out->backups);
    if (!out->backups)
        return message_no_memory(o->message);
    for (size_t i = 0; i < found->nbackups; i++) {
        bool is_good;
        if (!read_backup(o, found->backups[i], &out->backups[out->nbackups], &is_good))
            return false;
        out->nbackups += is_good;
    }
    if (!take_catalog(o))
        return false;
    qsort(out->backups, out->nbackups, sizeof *out->backups, by_start);
    return true;
}

/* ---- the result ----------------------------------------------------------------------------- */

/* Is it in a folder where an archiver has nothing but whole segments? */
static bool is_in_archiver(const opening *o, const char *path)
{
    const find_list *found = &o->segment_files.found;
    for (size_t i = 0; i < found->nlayouts; i++)
        if (layout_holds_whole(&found->layouts[i], path))
            return true;
    return false;
}

/* Two full files of one timeline. They are sorted by it, full ones first. */
static bool has_copies(const position *one)
{
    bool has = false;
    for (size_t i = 1; i < one->nfiles; i++)
        has |= one->files[i].at->name.tli == one->files[i - 1].at->name.tli
               && !one->files[i].at->found->name.is_partial;
    return has;
}

static bool fill_segment(const opening *o, const position *one, archive_segment *out)
{
    segment_file *file = one->files[0].at;
    *out = (archive_segment){ .path = strdup(file->found->path),
                              .tli = file->name.tli,
                              .start_lsn = one->start_lsn,
                              .end_lsn = segment_choice_end(&o->segment_choice, one),
                              .is_partial = file->found->name.is_partial,
                              .holds_whole = is_in_archiver(o, file->found->path),
                              .has_copies = has_copies(one),
                              .has_lesser = one->has_lesser };
    for (size_t i = 0; one->is_bad && i < one->nfiles; i++)
        one->files[i].at->is_told = true;
    if (one->spoilt) {
        one->spoilt->is_told = true;
        out->spoilt = strdup(one->spoilt->why ? one->spoilt->why : "");
    }
    return (out->path && !one->spoilt == !out->spoilt) || message_no_memory(o->message);
}

static bool fill_leftover(opening *o)
{
    const position *one = &o->segment_choice.leftover;
    archive_leftover *out = &o->out->leftover;
    if (one->nfiles == 0 || o->until < o->segment_choice.n)
        return true;
    const segment_file *file = one->files[0].at;
    *out = (archive_leftover){ .path = strdup(file->found->path),
                               .why = strdup(file->why ? file->why : ""),
                               .start_lsn = one->start_lsn,
                               .is_expected = file->found->name.is_partial
                                              || live_has_file(file->found->path) };
    return (out->path && out->why) || message_no_memory(o->message);
}

/* The position after the last one, when the limits and nothing else left it out. */
static bool fill_following(opening *o)
{
    const archive_segment *last = &o->out->segments[o->out->nsegments - 1];
    if (o->until == o->segment_choice.n || o->segment_choice.list[o->until].is_bad
        || o->segment_choice.list[o->until].start_lsn != last->end_lsn)
        return true;
    return fill_segment(o, &o->segment_choice.list[o->until], &o->out->following);
}

/* Those of other clusters are no candidates for a position, but have its name. */
static void note_strangers(opening *o)
{
    archive *out = o->out;
    for (size_t i = 0; i < o->segment_files.nfiles; i++) {
        const segment_file *file = &o->segment_files.files[i];
        if (!file->is_foreign)
            continue;
        const archive_segment *at = archive_segment_of(out, file->start_lsn);
        if (at != NULL && at->start_lsn == file->start_lsn && at->tli == file->name.tli)
            out->segments[at - out->segments].has_lesser = true;
    }
}

static bool fill_segments(opening *o)
{
    archive *out = o->out;
    for (size_t i = 0; i < o->first; i++)
        out->has_unread_copies |= has_copies(&o->segment_choice.list[i]);
    out->segments = calloc(o->until - o->first, sizeof *out->segments);
    if (!out->segments)
        return message_no_memory(o->message);
    for (size_t i = o->first; i < o->until; i++) {
        if (!fill_segment(o, &o->segment_choice.list[i], &out->segments[out->nsegments]))
            return false;
        out->nsegments++;
        out->is_compressed |= o->segment_choice.list[i].files[0].at->is_compressed;
        out->is_encrypted |= o->segment_choice.list[i].files[0].at->is_encrypted;
    }
    note_strangers(o);
    return fill_following(o) && fill_leftover(o);
}

static bool fill_gaps(opening *o)
{
    archive *out = o->out;
    size_t room = 0;
    for (size_t i = 1; i < out->nsegments; i++) {
        const wp_lsn from = out->segments[i - 1].end_lsn, until = out->segments[i].start_lsn;
        if (from == until)
            continue;
        archive_gap *slot = GROW(out->gaps, out->ngaps, room);
        if (!slot)
            return message_no_memory(o->message);
        *slot = (archive_gap){ out->segments[i].tli, from, until };
    }
    return true;
}

static bool fill_layout(opening *o)
{
    const find_list *found = &o->segment_files.found;
    if (found->nlayouts != 1 || found->has_plain)
        return true;
    return layout_copy(&found->layouts[0], &o->out->layout) || message_no_memory(o->message);
}

/* The timelines whose stretch of the history begins inside a segment have copied what was before. */
static bool fill_older(opening *o)
{
    archive *out = o->out;
    size_t room = 0;
    for (size_t i = o->first; i < o->until; i++) {
        const position *one = &o->segment_choice.list[i];
        for (size_t n = 1; !one->is_bad && n < one->nfiles; n++) {
            segment_file *file = one->files[n].at;
            if (file->name.tli == one->files[0].at->name.tli || file->found->name.is_partial)
                continue;
            if (!segment_files_examine(&o->segment_files, file, o->message))
                return false;
            archive_older *slot =
                file->state == SEGMENT_FILE_GOOD ? GROW(out->older, out->nolder, room) : NULL;
            if (slot)
                *slot = (archive_older){ file->name.tli, one->start_lsn };
            else if (file->state == SEGMENT_FILE_GOOD)
                return message_no_memory(o->message);
        }
    }
    return true;
}

/* What pages may be of is known where a history file says so, and not by what files there are. */
static bool fill_lineage(opening *o)
{
    archive *out = o->out;
    if (!o->has_history_file && out->timeline != 1)
        return true;
    out->lineage = calloc(out->history.nspans + 1, sizeof *out->lineage);
    if (!out->lineage)
        return message_no_memory(o->message);
    for (size_t i = 0; i < out->history.nspans; i++)
        out->lineage[i] = out->history.spans[i].tli;
    return true;
}

static bool warn_of_branches(opening *o)
{
    char line[BRANCHES_LINE_BYTES];
    bool is_good = true;
    for (size_t i = 0; is_good && i < o->out->timeline_tree.count; i++) {
        if (!timeline_tree_explain(&o->out->timeline_tree, &o->out->timeline_tree.items[i], line))
            continue;
        o->out->nconflicts++;
        is_good = warn(o, "%s", line);
    }
    return is_good;
}

static bool fill_out(opening *o)
{
    archive *out = o->out;
    out->info = segment_files_info(&o->segment_files, o->segment_choice.list[o->first].files[0].at);
    out->block_size = out->info.page_size;
    if (!fill_segments(o) || !fill_gaps(o) || !fill_layout(o) || !fill_older(o) || !fill_lineage(o)
        || !timeline_tree_build(&o->segment_files, &out->history, &out->timeline_tree, o->message)
        || !warn_of_branches(o))
        return false;
    out->directories = o->segment_files.found.directories;
    out->ndirectories = o->segment_files.found.ndirectories;
    o->segment_files.found.directories = NULL;
    o->segment_files.found.ndirectories = 0;
    return true;
}

/*
 * A file that has no part in what is read, nor in what is said of it; zeros are no news, nor is what a server's own
 * folder has ready for later.
 */
static bool is_left_out(const segment_file *file)
{
    if (file->state != SEGMENT_FILE_BAD || file->is_told || !file->why || file->is_zero
        || file->is_foreign)
        return false;
    return file->holds != SEGMENT_FILE_HOLDS_LEFTOVER || !live_has_file(file->found->path);
}

/* WAL that goes on where it is not read. */
static bool note_strays(opening *o)
{
    archive *out = o->out;
    const archive_segment *end = &out->segments[out->nsegments - 1];
    char name[WP_SEGMENT_NAME_BYTES], *line = NULL;
    wp_segment_name last;
    if (o->until < o->segment_choice.n || out->complaint
        || !wp_segment_name_parse(
            wp_segment_name_format(end->tli, end->start_lsn, out->info.segment_size, name), &last))
        return true;
    const stray *next =
        strays_after(&o->segment_files.found.strays, &last, out->info.system_identifier);
    if (!next)
        return true;
    if (next->is_passing)
        return warn(o,
                    "\"%s\" follows by its name, and is not read: it is being copied, or was left "
                    "over from a copy that ended early",
                    next->path);
    const bool is_made =
        asprintf(&line, "WAL that should follow is in \"%s\", %s", next->path,
                 next->is_below ? "a folder that is not read (name the folder as one "
                                  "more SOURCE)"
                                : "under a name that is not read (unpack it, or give "
                                  "it the name of its segment)")
        >= 0;
    out->complaint = is_made ? line : NULL;
    return is_made || message_no_memory(o->message);
}

static bool warn_left_out(opening *o)
{
    const size_t nforeign = o->segment_files.foreign.n;
    if (nforeign
        && !warn(o, "%zu segment%s of other clusters left out", nforeign, nforeign == 1 ? "" : "s"))
        return false;
    const find_list *found = &o->segment_files.found;
    if (found->complaint[0] && !(o->out->complaint = strdup(found->complaint)))
        return message_no_memory(o->message);
    for (size_t i = 0; i < found->nnotes; i++)
        if (!warn(o, "%s", found->notes[i]))
            return false;
    if (found->nunsaid > 0 && !warn(o, "%zu more like that about the sources", found->nunsaid))
        return false;
    segment_tally rest = { 0 };
    for (size_t i = 0; i < o->segment_files.nfiles; i++) {
        const segment_file *file = &o->segment_files.files[i];
        if (is_left_out(file) && rest.n++ == 0)
            (void)snprintf(rest.text, sizeof rest.text, "%s", file->why);
    }
    return warn_tally(o, &rest, ": left out") && note_strays(o);
}

/* Does a server get the bad one all the same? Which one an archiver's own command takes nobody knows. */
static bool is_in_the_way(const opening *o, const find_history *bad, const find_history *used)
{
    return o->segment_files.found.nlayouts > 0 || timeline_history_hides(bad, used);
}

static bool warn_of_history(void *context, const find_history *file, const char *why,
                            const find_history *used)
{
    opening *o = context;
    if (used && is_in_the_way(o, file, used)) {
        o->out->nconflicts++;
        return warn(o,
                    "\"%s\" is ignored: %s; a server may be given it, and not \"%s\": move it away",
                    file->path, why, used->path);
    }
    if (used)
        return warn(o, "\"%s\" is ignored: %s; \"%s\" is whole and used: move the other one away",
                    file->path, why, used->path);
    /* That of the followed timeline is told where it is read. */
    return file->tli == o->out->timeline || warn(o, "\"%s\" is ignored: %s", file->path, why);
}

static bool open_steps(opening *o)
{
    if (!list_timelines(o) || !choose_timeline(o) || !read_lineage(o)
        || !segment_choice_build(&o->segment_files, &o->out->history, &o->segment_choice,
                                 o->message)
        || !limit(o)
        || !segment_choice_decide_edges(&o->segment_choice, o->first, &o->until, o->message)
        || !compare_positions(o)
        || !timeline_history_each_conflict(&o->segment_files, warn_of_histories, o, o->message)
        || !segment_choice_decide_edges(&o->segment_choice, o->first, &o->until, o->message))
        return false;
    if (o->first >= o->until)
        return fail_range(o);
    return read_backups(o) && fill_out(o) && warn_left_out(o)
           && timeline_history_each_unreadable(&o->segment_files, warn_of_history, o);
}

bool archive_open(char *const *sources, size_t nsources, const archive_limits *limits, archive *out,
                  char message[MESSAGE_BYTES])
{
    if (limits->command != NULL)
        return fetched_archive_open(sources, nsources, limits, out, message);
    *out = (archive){ 0 };
    opening o = { .out = out, .limits = limits, .message = message };
    const bool is_good =
        segment_files_open(sources, nsources, limits->system_id, &o.segment_files, message)
        && open_steps(&o);
    segment_choice_free(&o.segment_choice);
    segment_files_free(&o.segment_files);
    const bool is_out_of_range = out->is_out_of_range;
    if (!is_good)
        archive_free(out);
    out->is_out_of_range = is_out_of_range;
    return is_good;
}
