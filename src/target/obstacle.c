/* obstacle.c - see obstacle.h. */
#include "target/obstacle.h"

#include "target/restorable.h"

/* So many segments are named. */
#define NAMED_MAX 3

typedef struct needs {
    text names; /* of files, with what is wrong with each */
    size_t count;
} needs;

static void add_need(needs *all, const char *name, const char *what)
{
    if (all->count < NAMED_MAX)
        text_addf(&all->names, "%s%s (%s)", all->count > 0 ? ", " : "", name, what);
    all->count++;
}

/* "000000010000000000000003", "000000010000000000000003 to 000000010000000000000005" */
static void add_segments(const report *r, needs *all, wp_tli tli, wp_lsn from, wp_lsn until,
                         const char *what)
{
    const uint32_t size = r->archive->info.segment_size;
    char first[WP_SEGMENT_NAME_BYTES], last[WP_SEGMENT_NAME_BYTES];
    text name = { 0 };
    text_add(&name, wp_segment_name_format(tli, from, size, first));
    if (until > from && (until - 1) / size > from / size)
        text_addf(&name, " to %s", wp_segment_name_format(tli, until - 1, size, last));
    add_need(all, text_chars(&name), what);
    text_free(&name);
}

static void add_history(const report *r, needs *all)
{
    const branch *one = restorable_without_history(r);
    char name[32];
    if (one == NULL)
        return;
    (void)snprintf(name, sizeof name, "%08X.history", one->tli);
    add_need(all, name, one->has_bad_history ? "damaged" : "missing");
}

static void find_needs(const report *r, needs *all)
{
    const scan_damage *one;
    const wp_lsn start = restorable_start(r), first = r->archive->first_lsn;
    const wp_tli tli = r->base != NULL ? r->base->label.timeline : r->timeline;
    if (start != 0 && start < first)
        add_segments(r, all, tli, start, first,
                     r->archive->remote != NULL ? "not fetched" : "missing");
    for (size_t at = 0; (one = restorable_damage(r, &at)) != NULL;) {
        const bool is_gap = one->path == NULL;
        add_segments(r, all, archive_timeline(r->archive, one->barrier), one->barrier,
                     is_gap ? one->until : one->barrier, is_gap ? "missing" : "damaged");
    }
    add_history(r, all);
}

void obstacle_explain(const report *r, text *out)
{
    char lsn[WP_LSN_TEXT_BYTES];
    needs all = { .count = 0 };
    find_needs(r, &all);
    if (restorable_is_too_new(r))
        text_addf(out, "this backup is too new: one is needed that ended before %s",
                  wp_lsn_format(target_position(r->place, &r->target), lsn));
    else if (all.count > 0)
        text_addf(out, "recovery needs %s", text_chars(&all.names));
    else
        text_addf(out, "this backup is on timeline %u, which does not lead to the target",
                  r->base->label.timeline);
    if (!restorable_is_too_new(r) && all.count > NAMED_MAX)
        text_addf(out, " and %zu more", all.count - NAMED_MAX);
    text_free(&all.names);
}

bool obstacle_is_silent(const report *r)
{
    const wp_lsn start = restorable_start(r);
    return !r->archive->info.profile->recovery.missed_target_is_fatal && restorable_barrier(r) != 0
           && (start == 0 || start >= r->archive->first_lsn);
}

static void add_silence(const report *r, text_list *out)
{
    if (obstacle_is_silent(r))
        text_list_addf(out,
                       "PostgreSQL %s would give no error: it would replay the WAL before that, go "
                       "into service, and not be at the target",
                       r->archive->info.profile->major);
}

/* A backup that was taken after all that is in the way. */
static void add_way_out(const report *r, text_list *out)
{
    const wp_lsn after = restorable_way_out(r);
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    if (after != 0)
        text_list_addf(
            out, "or give as --backup a base backup that began at %s or later and ended before %s",
            wp_lsn_format(after, from),
            wp_lsn_format(target_position(r->place, &r->target), until));
}

static void add_search(const report *r, text_list *out)
{
    const char *folder = r->archive->info.profile->recovery.wal_directory;
    needs all = { .count = 0 };
    find_needs(r, &all);
    if (all.count > 0)
        text_list_addf(out,
                       "look for %s in %s of the production server, in %s of the base backup, and "
                       "in other copies of the archive%s",
                       all.count > 1 ? "them" : "it", folder, folder,
                       restorable_without_history(r) != NULL
                           ? "; what belongs in the history file is said above"
                           : "");
    text_free(&all.names);
}

void obstacle_steps(const report *r, text_list *out)
{
    text why = { 0 };
    obstacle_explain(r, &why);
    text_list_addf(out, "do NOT start a server yet: %s", text_chars(&why));
    text_free(&why);
    if (restorable_is_too_new(r)) {
        text_list_addf(out, "restore an older backup, then run pitr-find again with that one");
        return;
    }
    add_silence(r, out);
    add_search(r, out);
    add_way_out(r, out);
    text_list_addf(out, "then run pitr-find again");
}
