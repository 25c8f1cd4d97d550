/*
 * nothing.c - see nothing.h.
 */
#include "nothing.h"

#include <stdio.h>

void nothing_range(const search_result *found, char buf[NOTHING_RANGE_BYTES])
{
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    snprintf(buf, NOTHING_RANGE_BYTES, "%llu committed transaction%s between %s and %s",
             (unsigned long long)found->commits, found->commits == 1 ? "" : "s",
             wp_lsn_format(found->scan.start_lsn, from), wp_lsn_format(found->scan.end_lsn, until));
}

typedef struct doubt {
    wp_xid xid;
    char gid[200];
} doubt;

static void look_at_prepared(void *context, wp_xid xid, const char *gid)
{
    doubt *search = context;
    if (xid == search->xid)
        snprintf(search->gid, sizeof search->gid, "%s", gid != NULL ? gid : "?");
}

static void say_no_such_xid(const options *o, const search_result *found,
                            char message[MESSAGE_BYTES])
{
    char range[NOTHING_RANGE_BYTES];
    nothing_range(found, range);
    doubt search = { .xid = (wp_xid)(o->given[OPT_BEFORE_XID] ? o->before_xid : o->after_xid) };
    if (found->scan.reducer != NULL)
        wp_reducer_each_prepared(found->scan.reducer, look_at_prepared, &search);
    if (search.gid[0] != '\0')
        message_fail(message, "transaction %u is prepared as '%s' and has not ended in this WAL",
                     search.xid, search.gid);
    else
        message_fail(message, "transaction %u does not end in this WAL: there are %s", search.xid,
                     range);
}

static void say_not_that_late(const options *o, const search_result *found,
                              char message[MESSAGE_BYTES])
{
    char last[WP_TIME_TEXT_BYTES], asked[WP_TIME_TEXT_BYTES];
    if (found->latest_time == WP_TIME_UNKNOWN) {
        message_fail(message, "no transaction ends in this WAL");
        return;
    }
    message_fail(message, "no transaction ends at %s or later: the last one ends at %s",
                 wp_time_format(o->before_time.time, asked),
                 wp_time_format(found->latest_time, last));
}

static void say_no_match(const options *o, const search_result *found, char message[MESSAGE_BYTES])
{
    char range[NOTHING_RANGE_BYTES];
    nothing_range(found, range);
    if (found->picks.total > 0)
        message_fail(message, "there is no match number %llu, only %llu",
                     (unsigned long long)o->pick.number, (unsigned long long)found->picks.total);
    else
        message_fail(message, "nothing matches \"%.200s\" in %s",
                     o->given[OPT_BEFORE] ? o->before : o->after, range);
}

static void say_no_such_point(const options *o, const backup *base, const search_result *found,
                              char message[MESSAGE_BYTES])
{
    const search_points *points = &found->points;
    const char *name = o->restore_point;
    char lsn[WP_LSN_TEXT_BYTES], start[WP_LSN_TEXT_BYTES], range[160];
    nothing_range(found, range);
    if (points->total > 0)
        message_fail(message, "there is no restore point \"%.63s\" number %llu, only %llu", name,
                     (unsigned long long)o->pick.number, (unsigned long long)points->total);
    else if (points->before_backup != 0)
        message_fail(
            message,
            "the restore point \"%.63s\" is at %s, and the backup starts behind it, at %s: "
            "take an older backup",
            name, wp_lsn_format(points->before_backup, lsn),
            wp_lsn_format(base->label.start_lsn, start));
    else
        message_fail(message, "no restore point \"%.63s\" in %s", name, range);
}

void nothing_found(const options *o, const backup *base, const search_result *found,
                   char message[MESSAGE_BYTES])
{
    if (o->given[OPT_RESTORE_POINT])
        say_no_such_point(o, base, found, message);
    else if (o->given[OPT_BEFORE] || o->given[OPT_AFTER])
        say_no_match(o, found, message);
    else if (o->given[OPT_BEFORE_TIME])
        say_not_that_late(o, found, message);
    else
        say_no_such_xid(o, found, message);
}
