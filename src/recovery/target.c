/*
 * target.c - see target.h.
 */
#include "recovery/target.h"

#include <stdio.h>
#include <string.h>

/* ---- places --------------------------------------------------------------------------------- */

target_place target_before_xact(const wp_xact_end *end)
{
    return (target_place){ .right = end->lsn,
                           .lsn = end->lsn,
                           .record = end->lsn,
                           .record_end = end->end_lsn,
                           .xid = end->xid,
                           .time = end->time };
}

/* After a transaction, nothing that matters happens until the next one ends. */
target_place target_after_xact(const wp_xact_end *end)
{
    return (target_place){ .right = end->end_lsn,
                           .may_be_later = true,
                           .choice = TARGET_RIGHT_AFTER,
                           .lsn = end->lsn,
                           .lsn_inclusive = true,
                           .record = end->lsn,
                           .record_end = end->end_lsn,
                           .xid = end->xid,
                           .xid_inclusive = true,
                           .time = end->time,
                           .time_inclusive = true };
}

/* Transactions are what it divides: right after the last one before it is as good. */
target_place target_at_restore_point(const wp_fact_restore_point *point, const wp_xact_end *last)
{
    target_place place = { .right = point->end_lsn,
                           .may_be_earlier = true,
                           .may_be_later = true,
                           .choice = TARGET_RIGHT_AFTER,
                           .lsn = point->fact.lsn,
                           .lsn_inclusive = true,
                           .record = point->fact.lsn,
                           .record_end = point->end_lsn,
                           .xid = last->xid,
                           .xid_inclusive = true,
                           .time = point->time,
                           .time_inclusive = true };
    memcpy(place.name, point->name, sizeof place.name);
    place.name[sizeof place.name - 1] = '\0';
    return place;
}

/*
 * The last commit before it is what xid and time speak of: after it by xid; by time, where recovery goes on to
 * the next end of a transaction, only before it.
 */
target_place target_before_nontransactional(wp_lsn lsn, const wp_xact_end *last)
{
    return (target_place){ .right = lsn,
                           .may_be_earlier = true,
                           .choice = TARGET_BEFORE_NONTRANSACTIONAL,
                           .lsn = lsn,
                           .record = lsn,
                           .record_end = lsn,
                           .xid = last->xid,
                           .xid_inclusive = true,
                           .time = last->xid != 0 ? last->time : WP_TIME_UNKNOWN };
}

target_place target_before_lsn(wp_lsn lsn, wp_lsn record, wp_lsn record_end,
                               const wp_xact_end *next)
{
    return (target_place){ .right = record,
                           .lsn = lsn,
                           .record = record,
                           .record_end = record_end,
                           .xid = next != NULL ? next->xid : 0,
                           .time = next != NULL ? next->time : WP_TIME_UNKNOWN };
}

target_place target_after_last(wp_lsn last_record, wp_lsn lsn)
{
    target_place place = { .right = lsn, .lsn = lsn, .time = WP_TIME_UNKNOWN };
    target_by_previous(&place, last_record);
    return place;
}

target_place target_before_lock(wp_lsn lock)
{
    return (target_place){ .choice = TARGET_BEFORE_LOCK,
                           .right = lock,
                           .lsn = lock,
                           .record = lock,
                           .record_end = lock,
                           .time = WP_TIME_UNKNOWN };
}

void target_by_previous(target_place *place, wp_lsn previous)
{
    place->is_by_previous = true;
    place->lsn = place->record = previous;
    place->record_end = place->right;
    place->lsn_inclusive = true;
}

/* ---- targets -------------------------------------------------------------------------------- */

/* False: a moment that no calendar has. */
static bool format_time(wp_time time, char buf[WP_TIME_TEXT_BYTES])
{
    wp_time_format_setting(time, buf);
    return buf[0] >= '0' && buf[0] <= '9';
}

bool target_config(const target_place *place, target_kind kind, const wp_stop_config *base,
                   wp_stop_config *out)
{
    char time[WP_TIME_TEXT_BYTES];
    *out = *base;
    switch (kind) {
    case TARGET_LSN:
        out->kind = WP_STOP_AT_LSN;
        out->lsn = place->lsn;
        out->inclusive = place->lsn_inclusive;
        return true;
    case TARGET_XID:
        out->kind = WP_STOP_AT_XID;
        out->xid = place->xid;
        out->inclusive = place->xid_inclusive;
        return place->xid != 0;
    case TARGET_TIME:
        out->kind = WP_STOP_AT_TIME;
        out->time = place->time;
        out->inclusive = place->time_inclusive;
        return place->time != WP_TIME_UNKNOWN && format_time(place->time, time);
    case TARGET_NAME:
        out->kind = WP_STOP_AT_NAME;
        memcpy(out->name, place->name, sizeof out->name);
        out->inclusive = true;
        return place->name[0] != '\0';
    case TARGET_KINDS:
        break;
    }
    return false;
}

static void set_value(const wp_stop_config *config, target *out)
{
    switch (config->kind) {
    case WP_STOP_AT_LSN:
        wp_lsn_format(config->lsn, out->value);
        break;
    case WP_STOP_AT_XID:
        snprintf(out->value, sizeof out->value, "%u", config->xid);
        break;
    case WP_STOP_AT_TIME:
        (void)format_time(config->time, out->value);
        break;
    default:
        snprintf(out->value, sizeof out->value, "%s", config->name);
        break;
    }
}

bool target_stops(const target *t)
{
    return t->is_known && t->stop.outcome == WP_STOP_STOPS;
}

/* It stops where it should, or where nothing that matters lies between. */
static bool is_exact(const target_place *place, const target *t, const wp_stop_result *right)
{
    if (!target_stops(t) || place->inside != 0)
        return false;
    if (t->stop.next_lsn == place->right)
        return true;
    const bool may_differ =
        t->stop.next_lsn < place->right ? place->may_be_earlier : place->may_be_later;
    return may_differ && right != NULL && right->kept == t->stop.kept;
}

bool target_make(const target_place *place, target_kind kind, const wp_stop_result *stop,
                 const wp_stop_result *right, target *out)
{
    static const wp_stop_config none;
    wp_stop_config config;
    if (!target_config(place, kind, &none, &config))
        return false;
    *out = (target){ .kind = kind, .inclusive = config.inclusive, .is_known = stop != NULL };
    set_value(&config, out);
    if (stop != NULL)
        out->stop = *stop;
    out->exact = is_exact(place, out, right);
    if (stop == NULL || !target_stops(out) || right == NULL || right->outcome != WP_STOP_STOPS)
        return true;
    out->costs = stop->kept < right->kept ? right->kept - stop->kept : 0;
    out->lets_through = stop->kept > right->kept ? stop->kept - right->kept : 0;
    return true;
}

wp_lsn target_position(const target_place *place, const target *t)
{
    const bool is_there = t->is_known
                          && (t->stop.outcome == WP_STOP_STOPS
                              || (t->stop.outcome == WP_STOP_FATAL_EARLY && t->kind != TARGET_LSN));
    return is_there ? t->stop.next_lsn : place->right;
}

const char *target_kind_name(target_kind kind)
{
    static const char *const names[TARGET_KINDS] = { "lsn", "xid", "time", "name" };
    return names[kind];
}
