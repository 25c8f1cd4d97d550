/* timeline_story.c - see timeline_story.h. */
#include "target/timeline_story.h"

#include "target/restorable.h"

/* The fork where the way up to a timeline leaves the target's, before the target; NULL: it comes by the target. */
static const branch *leaves_before(const report *r, wp_tli tli)
{
    const timeline_tree *all = &r->archive->timeline_tree;
    const branch *one = timeline_tree_find(all, tli);
    for (size_t i = 0; one != NULL && one->tli != r->timeline && i < all->count; i++) {
        if (one->parent == r->timeline || one->parent == 0)
            return one->parent != 0 && r->target.stop.lsn < one->begin ? NULL : one;
        one = timeline_tree_find(all, one->parent);
    }
    return NULL;
}

/* ", which left timeline 1 at 0/B214E8 and never gets to the target" */
static void add_way(const report *r, wp_tli tli, text *line)
{
    const branch *fork = leaves_before(r, tli);
    char lsn[WP_LSN_TEXT_BYTES];
    text_addf(line, "timeline %u", tli);
    if (tli == r->timeline)
        text_add(line, ", the target's own");
    else if (fork == NULL)
        text_add(line, ", which comes by the target too");
    else if (fork->parent == r->timeline)
        text_addf(line, ", which left timeline %u at %s and never gets to the target", fork->parent,
                  wp_lsn_format(fork->begin, lsn));
    else
        text_add(line, ", which never gets to the target");
}

static wp_tli backup_timeline(const report *r)
{
    const archive_backup *too_new;
    if (r->base != NULL)
        return r->base->label.timeline;
    const archive_backup *best = restorable_backup_for(r, &too_new);
    return best != NULL ? best->label.timeline : 0;
}

static void keep(text *line, text_list *out)
{
    text_list_addf(out, "%s", text_chars(line));
    text_clear(line);
}

static void say_backups(const report *r, const char *who, wp_tli tli, text *line, text_list *out)
{
    text_addf(line, "%s would follow the backup's timeline", who);
    if (tli != 0) {
        text_add(line, ": ");
        add_way(r, tli, line);
    }
    keep(line, out);
}

static void say_latest(const report *r, const char *who, wp_tli latest, text *line, text_list *out)
{
    text_addf(line, "%s would follow ", who);
    add_way(r, latest, line);
    keep(line, out);
}

static void say_hidden(const timeline_tree *all, wp_tli latest, text_list *out)
{
    for (size_t i = 0; i < all->count; i++) {
        if (!all->items[i].has_history || all->items[i].tli <= latest)
            continue;
        text_list_addf(out,
                       "timeline %u is hidden from latest: there is no %08X.history, where the "
                       "server stops looking",
                       all->items[i].tli, latest + 1);
        return;
    }
}

void timeline_story(const report *r, text_list *out)
{
    const timeline_tree *all = &r->archive->timeline_tree;
    const wp_profile *profile = r->archive->info.profile;
    char who[80];
    text line = { 0 };
    if (all->count < 2)
        return;
    const wp_tli own = backup_timeline(r);
    const wp_tli latest = timeline_tree_latest(all, own != 0 ? own : all->items[0].tli);
    if (profile->recovery.default_is_latest_timeline) {
        snprintf(who, sizeof who, "latest, the default of PostgreSQL %s,", profile->major);
        say_latest(r, who, latest, &line, out);
        say_backups(r, "current", own, &line, out);
    } else {
        snprintf(who, sizeof who, "by default PostgreSQL %s", profile->major);
        say_backups(r, who, own, &line, out);
        say_latest(r, "latest (and current, which is read as latest)", latest, &line, out);
    }
    say_hidden(all, latest, out);
    text_free(&line);
}
