/* search_timelines.c - see search_timelines.h. */
#include "search/search_timelines.h"

#include <stdio.h>
#include <string.h>

#include "search/doubt.h"
#include "search/no_match.h"
#include "base/message.h"
#include "search/search_warnings.h"

static search_status search(timeline_search *h, const archive *wal, search_result *out,
                            char message[MESSAGE_BYTES])
{
    if (h->sink == NULL)
        return search_target(h->question, wal, h->from->base, h->from->external_names, out,
                             message);
    return search_events(h->question, wal, h->from->base, h->from->external_names, h->sink, out,
                         message);
}

/* Nothing was found there: is that for certain? */
static void note_missed(timeline_search *h, const archive *wal, const search_result *found)
{
    if (!doubt_of_search(h->question, wal, found))
        return;
    h->is_in_doubt = true;
    search_warnings(h->question, wal, found, &h->missed);
}

/* The newest branch that has it. */
static search_status search_others(timeline_search *h, char message[MESSAGE_BYTES])
{
    search_status status = SEARCH_NOTHING;
    for (size_t i = 0; status == SEARCH_NOTHING && i < h->others.count; i++) {
        search_free(&h->results[1]);
        archive_free(&h->other);
        if (!other_timelines_open(h->question, &h->others.items[i], &h->other, message))
            return SEARCH_FAILED;
        status = search(h, &h->other, &h->results[1], message);
        if (status == SEARCH_NOTHING)
            note_missed(h, &h->other, &h->results[1]);
    }
    if (status == SEARCH_DONE) {
        h->archive = &h->other;
        h->found = &h->results[1];
    }
    return status;
}

/* "; nor on timeline 2 from 0/3000060 on, nor on timeline 1 from 0/2000060 on" */
static void add_others(const timeline_search *h, char message[MESSAGE_BYTES])
{
    text line = { 0 };
    char from[WP_LSN_TEXT_BYTES];
    for (size_t i = 0; i < h->others.count; i++)
        text_addf(&line, "%s nor on timeline %u from %s on", i > 0 ? "," : ";",
                  h->others.items[i].tli, wp_lsn_format(h->others.items[i].from, from));
    const size_t len = strlen(message);
    (void)snprintf(message + len, MESSAGE_BYTES - len, "%s", text_chars(&line));
    text_free(&line);
}

search_status timeline_search_run(timeline_search *h, char message[MESSAGE_BYTES])
{
    char ignored[MESSAGE_BYTES];
    h->archive = h->from->wal;
    h->found = &h->results[0];
    const search_status status = search(h, h->from->wal, &h->results[0], message);
    if (status == SEARCH_FAILED)
        return status;
    if (!other_timelines_look(h->question, h->from->wal, &h->others, ignored)) {
        (void)snprintf(message, MESSAGE_BYTES, "%s", ignored);
        return SEARCH_FAILED;
    }
    if (status == SEARCH_DONE || h->others.count == 0)
        return status;
    note_missed(h, h->from->wal, &h->results[0]);
    const search_status there = search_others(h, ignored);
    if (there == SEARCH_FAILED)
        (void)snprintf(message, MESSAGE_BYTES, "%s", ignored);
    else if (there == SEARCH_NOTHING)
        add_others(h, message);
    return there;
}

static void warn_of_place(const timeline_search *h, text_list *out)
{
    char from[WP_LSN_TEXT_BYTES];
    if (h->archive == h->from->wal)
        return;
    text_list_addf(
        out,
        "timeline %u, the latest here, does not contain it: this is timeline %u, which goes "
        "on past %s",
        h->from->wal->timeline, h->archive->timeline, wp_lsn_format(h->archive->own_lsn, from));
}

/* Where what was asked for lies; 0: nothing was found. */
static wp_lsn place_of(const timeline_search *h)
{
    if (h->question->kind == QUESTION_RESTORE_POINT)
        return h->found->points.chosen.fact.lsn;
    return h->found->has_xact ? h->found->event.xact.lsn : h->found->place.lsn;
}

/*
 * A timeline that left the one with the match before that, and of which there is the history file alone: the match is
 * on a branch that was given up, and what was done instead is not known. NULL: none.
 */
static const branch *unseen_branch(const timeline_search *h)
{
    const timeline_tree *all = &h->archive->timeline_tree;
    const bool asks = h->question->kind == QUESTION_PATTERN;
    const wp_lsn at = place_of(h);
    for (size_t i = all->count; asks && at != 0 && h->archive->remote == NULL && i-- > 0;) {
        const branch *one = &all->items[i];
        if (one->has_history && !one->has_segments && !one->is_followed
            && one->tli > h->archive->timeline && at >= one->diverges && !h->question->has_timeline)
            return one;
    }
    return NULL;
}

static void warn_of_unseen_branch(const timeline_search *h, text_list *out)
{
    char from[WP_LSN_TEXT_BYTES];
    const branch *one = unseen_branch(h);
    if (one != NULL)
        text_list_addf(
            out,
            "timeline %u begins at %s, before what was found, and none of its WAL is "
            "here: what was found lies on a timeline that was left, and what was done on "
            "timeline %u is not known. Name the folder with its WAL as one more SOURCE; "
            "if the one that was left is meant, give --timeline %u",
            one->tli, wp_lsn_format(one->diverges, from), one->tli, h->archive->timeline);
}

/* The branches have much in common. */
static void add_new_lines(const text_list *lines, text_list *out)
{
    for (size_t i = 0; i < lines->count; i++) {
        bool is_said = false;
        for (size_t n = 0; n < out->count; n++)
            is_said |= strcmp(out->items[n], lines->items[i]) == 0;
        if (!is_said)
            text_list_addf(out, "%s", lines->items[i]);
    }
}

void timeline_search_warnings(const timeline_search *h, text_list *out)
{
    const wp_lsn at = place_of(h);
    search_warnings(h->question, h->archive, h->found, out);
    add_new_lines(&h->missed, out);
    for (size_t i = 0; i < h->from->warnings->count; i++)
        text_list_addf(out, "%s", h->from->warnings->items[i]);
    warn_of_place(h, out);
    warn_of_unseen_branch(h, out);
    if (h->archive == h->from->wal && (h->found->matches.total > 0 || at != 0))
        other_timelines_warn(h->question, h->archive, &h->others, at, out);
}

bool timeline_search_is_in_doubt(const timeline_search *h)
{
    return h->is_in_doubt || unseen_branch(h) != NULL
           || doubt_of_search(h->question, h->archive, h->found);
}

exit_code timeline_search_tell_nothing(const timeline_search *h, const char *message)
{
    text_list warnings = { 0 };
    const bool is_in_doubt = timeline_search_is_in_doubt(h);
    timeline_search_warnings(h, &warnings);
    no_match_head(h->question, h->found, is_in_doubt, message);
    no_match_tell(h->question, h->archive, h->found);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    /* What cannot be read, or has no name, may be what was asked for. */
    return is_in_doubt ? EXIT_DOUBT : EXIT_NOTHING;
}

void timeline_search_free(timeline_search *h)
{
    text_list_free(&h->missed);
    search_free(&h->results[0]);
    search_free(&h->results[1]);
    archive_free(&h->other);
    other_timelines_free(&h->others);
}
