/* options_question.c - see options_question.h. */
#include "cli/options_question.h"

#include "base/log.h"
#include "base/time_text.h"

static question_kind kind_of(const options *o)
{
    static const struct {
        option_id given;
        question_kind kind;
    } kinds[] = {
        { OPT_BEFORE, QUESTION_PATTERN },
        { OPT_AFTER, QUESTION_PATTERN },
        { OPT_BEFORE_XID, QUESTION_XID },
        { OPT_AFTER_XID, QUESTION_XID },
        { OPT_BEFORE_TIME, QUESTION_TIME },
        { OPT_BEFORE_LSN, QUESTION_LSN },
        { OPT_RESTORE_POINT, QUESTION_RESTORE_POINT },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (o->given[kinds[i].given])
            return kinds[i].kind;
    return QUESTION_LIST;
}

question options_question(const options *o)
{
    const bool is_after = o->given[OPT_AFTER] || o->given[OPT_AFTER_XID];
    return (question){
        .kind = kind_of(o),
        .is_after = is_after,
        .pattern = o->given[OPT_BEFORE]  ? o->before
                   : o->given[OPT_AFTER] ? o->after
                                         : o->regex,
        .xid = o->given[OPT_BEFORE_XID] ? o->before_xid : o->after_xid,
        .time = o->before_time.time,
        .lsn = o->before_lsn,
        .restore_point = o->restore_point,
        .has_pick = o->given[OPT_PICK],
        .pick = o->pick,
        .database = o->database,
        .relation = o->relation,
        .min_rows = o->min_rows,
        .include_temporary = o->include_temp,
        .range = { .has_since = o->given[OPT_SINCE],
                   .has_until = o->given[OPT_UNTIL],
                   .since = o->since.time,
                   .until = o->until.time,
                   .from_lsn = o->from_lsn,
                   .to_lsn = o->to_lsn },
        .has_timeline = o->given[OPT_TIMELINE],
        .timeline = o->timeline,
        .system_id = o->system_id,
        .from_command = o->from_command,
        .backup = o->backup,
        .dsn = o->dsn,
        .sources = o->sources,
        .nsources = o->nsources,
        .jobs = options_jobs(o),
        .has_target_kind = o->given[OPT_TARGET],
        .target_kind = (target_kind)o->target,
        .is_inspectable = o->inspectable,
    };
}

void options_tell_zones(const options *o)
{
    const struct {
        option_id id;
        const option_time *value;
    } times[] = { { OPT_BEFORE_TIME, &o->before_time },
                  { OPT_SINCE, &o->since },
                  { OPT_UNTIL, &o->until } };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        if (!o->given[times[i].id] || !times[i].value->is_local)
            continue;
        char zone[TIMEPARSE_TEXT_BYTES], utc[WP_TIME_TEXT_BYTES];
        log_story("pitr-find: --%s has no offset: read in the local zone (%s), it is %s",
                  option_table[times[i].id].name, time_text_zone(times[i].value->time, zone),
                  wp_time_format(times[i].value->time, utc));
    }
}
