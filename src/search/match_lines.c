/* match_lines.c - see match_lines.h. */
#include "search/match_lines.h"

#include <inttypes.h>

#include "base/log.h"
#include "scan/rows.h"

void story_line(const char *label, text *line)
{
    log_labelled(label, text_chars(line));
    text_clear(line);
}

void match_add_database(text *out, const wp_event *event)
{
    if (wp_event_kind_is_database(event->kind))
        return;
    if (event->database.name != NULL)
        text_addf(out, " in database %s", event->database.name);
    else if (event->database.oid != 0)
        text_addf(out, " in database [%u]", event->database.oid);
}

static void tell_match(const event_match *match, text *line)
{
    char time[WP_TIME_TEXT_BYTES];
    text_addf(line, "%5" PRIu64 "  %s  xid %u  %s", match->number,
              wp_time_format(match->xact.time, time), match->xact.xid, match->event.text);
    rows_add(line, &match->event);
    match_add_database(line, &match->event);
    log_story("  %s", text_chars(line));
    text_clear(line);
}

void match_lines_tell(const search_result *found, uint64_t chosen)
{
    const matches *list = &found->matches;
    const size_t lines = list->count < MATCH_LINES_MAX + 1 ? list->count : MATCH_LINES_MAX + 1;
    const size_t first = list->keeps_latest ? list->count - lines : 0;
    text line = { 0 };
    uint64_t told = 0;
    for (size_t i = first; i < first + lines && told < MATCH_LINES_MAX; i++) {
        const event_match *match = matches_at(list, i);
        if (match->number == chosen)
            continue;
        tell_match(match, &line);
        told++;
    }
    const uint64_t others = list->total - (chosen != 0 ? 1 : 0);
    if (others > told)
        log_story("         ... and %" PRIu64 " more", others - told);
    text_free(&line);
}

void match_lines_tell_points(const search_result *found, uint64_t chosen)
{
    const search_points *points = &found->points;
    char time[WP_TIME_TEXT_BYTES], lsn[WP_LSN_TEXT_BYTES];
    for (uint64_t i = 0; i < points->total && i < SEARCH_POINTS_MAX; i++)
        if (i + 1 != chosen)
            log_story("  %5" PRIu64 "  %s  at %s", i + 1,
                      wp_time_format(points->items[i].time, time),
                      wp_lsn_format(points->items[i].end_lsn, lsn));
    if (points->total > SEARCH_POINTS_MAX)
        log_story("         ... and %" PRIu64 " more", points->total - SEARCH_POINTS_MAX);
}
