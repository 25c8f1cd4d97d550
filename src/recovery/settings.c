/*
 * settings.c - see settings.h. Mirrors readRecoveryCommandFile() up to 11, the check and assign hooks of
 * the recovery targets from 12 on.
 */
#include "recovery/settings.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "recovery/server_time.h"
#include "base/spelling.h"

const char *const recovery_then_words[3] = {
    [RECOVERY_PAUSES] = "pauses",
    [RECOVERY_PROMOTES] = "promotes",
    [RECOVERY_SHUTS_DOWN] = "shuts down",
};

/* ---- findings ------------------------------------------------------------------------------- */

void findings_add(findings *list, finding_level level, const char *rule, const char *format, ...)
{
    if (list->count == FINDINGS_MAX)
        return;
    finding *added = &list->items[list->count++];
    added->level = level;
    added->rule = rule;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(added->text, sizeof added->text, format, args);
    va_end(args);
}

bool findings_have(const findings *list, finding_level level)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].level == level)
            return true;
    return false;
}

/* ---- reading -------------------------------------------------------------------------------- */

typedef struct reading {
    const wp_profile *profile;
    const wp_recovery_traits *traits;
    const conf_lines *lines;
    recovery *out;
    findings *found;
    const conf_line *kept; /* the target that counts; NULL: none so far */
} reading;

/* The server does not start: the first such line is the one in its log. */
__attribute__((format(printf, 3, 4))) static void refuse(reading *r, const char *rule,
                                                         const char *format, ...)
{
    char text[sizeof r->out->fatal];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    findings_add(r->found, FINDING_FATAL, rule, "the server does not start: %.350s", text);
    if (r->out->fatal[0] == '\0')
        memcpy(r->out->fatal, text, sizeof text);
}

static bool has_recovery_conf(const reading *r)
{
    return !r->traits->has_signal_file;
}

static void refuse_value(reading *r, const conf_line *line)
{
    refuse(r, "invalid-value", "invalid value for %sparameter \"%s\": \"%.150s\"",
           has_recovery_conf(r) ? "recovery " : "", line->name, line->value);
}

/* Any unambiguous beginning of true, false, yes, no, on, off; 1 and 0. */
static bool read_bool(const char *value, bool *out)
{
    static const struct {
        const char *word;
        size_t least;
        bool value;
    } words[] = { { "true", 1, true }, { "false", 1, false }, { "yes", 1, true },
                  { "no", 1, false },  { "on", 2, true },     { "off", 2, false },
                  { "1", 1, true },    { "0", 1, false } };
    const size_t len = strlen(value);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (len >= words[i].least && strncasecmp(words[i].word, value, len) == 0) {
            *out = words[i].value;
            return true;
        }
    }
    return false;
}

/* ---- one target ----------------------------------------------------------------------------- */

/* False: the server refuses the value. */
typedef bool read_target(reading *r, const conf_line *line);

static bool read_lsn(reading *r, const conf_line *line)
{
    if (wp_lsn_parse(line->value, &r->out->stop.lsn))
        return true;
    if (has_recovery_conf(r))
        refuse(r, "invalid-value", "invalid input syntax for type pg_lsn: \"%.100s\"", line->value);
    else
        refuse_value(r, line);
    return false;
}

static void lint_xid(reading *r, const conf_line *line, const wp_xid_setting *got)
{
    wp_lsn lsn;
    if (wp_lsn_parse(line->value, &lsn)) {
        findings_add(r->found, FINDING_ELSEWHERE, "lsn-as-xid",
                     "\"%s\" is a WAL position: as an xid the server reads %u; for a position use "
                     "recovery_target_lsn",
                     line->value, got->xid);
        return;
    }
    if (got->form == WP_NUMBER_NONE) {
        findings_add(r->found, FINDING_ELSEWHERE, "text-as-xid",
                     "\"%.100s\" is not a number: the server reads 0, which never matches",
                     line->value);
        return;
    }
    if (got->form == WP_NUMBER_OCTAL)
        findings_add(r->found, FINDING_ELSEWHERE, "octal-xid",
                     "\"%.100s\" begins with 0 and is read as octal: transaction %u", line->value,
                     got->xid);
    if (got->form == WP_NUMBER_HEX)
        findings_add(r->found, FINDING_WARNING, "hex-xid",
                     "\"%.100s\" is read as hexadecimal: transaction %u", line->value, got->xid);
    if (got->rest[0] != '\0')
        findings_add(r->found, FINDING_ELSEWHERE, "garbage-behind-xid",
                     "\"%.100s\": \"%.50s\" is ignored, the server reads transaction %u",
                     line->value, got->rest, got->xid);
    if (got->is_negative)
        findings_add(r->found, FINDING_ELSEWHERE, "negative-xid",
                     "\"%.100s\" is negative: the server reads transaction %u", line->value,
                     got->xid);
    else if (got->number > UINT32_MAX)
        findings_add(r->found, FINDING_NOTE, "epoch-in-xid",
                     "%s has an epoch in it, which the server drops: transaction %u", line->value,
                     got->xid);
    if (got->xid < 3)
        findings_add(r->found, FINDING_ELSEWHERE, "no-such-xid",
                     "no transaction has the xid %u: it never matches", got->xid);
}

/* Nothing but a number, and one that is left when its epoch is cut off. */
static bool is_normal_xid(const wp_xid_setting *got)
{
    return got->form != WP_NUMBER_NONE && got->rest[0] == '\0' && !got->is_negative
           && got->xid >= 3;
}

static bool read_xid(reading *r, const conf_line *line)
{
    wp_xid_setting got;
    if (!wp_xid_setting_parse(line->value, &got)
        || (r->traits->xid_is_checked && !is_normal_xid(&got))) {
        if (has_recovery_conf(r))
            refuse(r, "invalid-value", "recovery_target_xid is not a valid number: \"%.100s\"",
                   line->value);
        else
            refuse_value(r, line);
        return false;
    }
    lint_xid(r, line, &got);
    r->out->stop.xid = got.xid;
    return true;
}

static void refuse_time(reading *r, const conf_line *line, const servertime *got)
{
    if (got->notes & SERVERTIME_ABBREVIATION)
        findings_add(
            r->found, FINDING_WARNING, "zone-abbreviation",
            "from PostgreSQL 12 on, Z and abbreviations of zones like \"%s\" are refused in "
            "recovery_target_time: write an offset, like +00",
            got->zone);
    if (!has_recovery_conf(r))
        refuse_value(r, line);
    else if (got->notes & SERVERTIME_WORD)
        refuse(r, "invalid-value", "recovery_target_time is not a valid timestamp: \"%s\"",
               line->value);
    else
        refuse(r, "invalid-value",
               "invalid input syntax for %stimestamp with time zone: \"%.100s\"", "type ",
               line->value);
}

static bool read_time(reading *r, const conf_line *line)
{
    const conf_line *zone = conf_lines_find(r->lines, "timezone");
    const servertime got =
        servertime_read(r->traits, line->value, zone != NULL ? zone->value : NULL);
    char utc[WP_TIME_TEXT_BYTES];
    switch (got.verdict) {
    case SERVERTIME_REFUSED:
        refuse_time(r, line, &got);
        return false;
    case SERVERTIME_UNCLEAR:
        r->out->is_unclear = true;
        findings_add(r->found, FINDING_WARNING, "unclear-time",
                     "\"%.100s\" is not understood here: write it like 2026-11-22 "
                     "10:48:05.074335+00",
                     line->value);
        return true;
    case SERVERTIME_GOOD:
        break;
    }
    r->out->stop.time = got.time;
    if (got.notes & SERVERTIME_NO_ZONE)
        findings_add(
            r->found, FINDING_WARNING, "no-zone",
            "\"%.100s\" has no zone: the server reads it in its TimeZone; read in %s%s it is "
            "%s",
            line->value, zone != NULL ? "TimeZone " : "the local zone",
            zone != NULL ? zone->value : "", wp_time_format(got.time, utc));
    if (got.notes & SERVERTIME_ABBREVIATION)
        findings_add(
            r->found, FINDING_NOTE, "zone-abbreviation",
            "\"%s\" is read as an offset of the abbreviations that come with the server: it "
            "is %s; from 12 on it is refused",
            got.zone, wp_time_format(got.time, utc));
    return true;
}

static bool read_name(reading *r, const conf_line *line)
{
    if (strlen(line->value) >= WP_NAME_BYTES) {
        if (has_recovery_conf(r))
            refuse(r, "invalid-value", "recovery_target_name is too long (maximum 63 characters)");
        else
            refuse_value(r, line);
        return false;
    }
    memcpy(r->out->stop.name, line->value, strlen(line->value) + 1);
    return true;
}

static bool read_immediate(reading *r, const conf_line *line)
{
    if (strcmp(line->value, "immediate") == 0)
        return true;
    refuse_value(r, line);
    return false;
}

static const struct target_row {
    const char *name;
    wp_stop_kind kind;
    read_target *read;
} targets[] = {
    { "recovery_target", WP_STOP_IMMEDIATE, read_immediate },
    { "recovery_target_lsn", WP_STOP_AT_LSN, read_lsn },
    { "recovery_target_name", WP_STOP_AT_NAME, read_name },
    { "recovery_target_time", WP_STOP_AT_TIME, read_time },
    { "recovery_target_xid", WP_STOP_AT_XID, read_xid },
};

static const struct target_row *target_row_of(const char *name)
{
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (strcmp(targets[i].name, name) == 0)
            return &targets[i];
    return NULL;
}

/* ---- which target counts -------------------------------------------------------------------- */

/* Where one parameter stands several times, only the last line is looked at from 12 on. */
static bool is_overridden(const reading *r, const conf_line *line)
{
    return !has_recovery_conf(r) && conf_lines_find(r->lines, line->name) != line;
}

static void take_target(reading *r, const conf_line *line, const struct target_row *row)
{
    if (is_overridden(r, line))
        return;
    const bool is_empty = line->value[0] == '\0';
    if (r->kept != NULL && strcmp(r->kept->name, line->name) != 0) {
        if (r->traits->targets_exclude_each_other) {
            if (is_empty)
                findings_add(r->found, FINDING_WARNING, "empty-target",
                             "the empty %s after %s counts as a second target", line->name,
                             r->kept->name);
            refuse(r, "two-targets", "multiple recovery targets specified");
            return;
        }
        findings_add(r->found, FINDING_WARNING, "two-targets",
                     "two targets, %s and %s: up to PostgreSQL 11 the last line counts, from 12 on "
                     "the server does not start",
                     r->kept->name, line->name);
    }
    if (is_empty && r->traits->empty_unsets) {
        r->kept = NULL;
        r->out->stop.kind = WP_STOP_AT_END;
        findings_add(r->found, FINDING_NOTE, "empty-target",
                     "%s is empty: that is no target at all", line->name);
        return;
    }
    if (is_empty)
        findings_add(r->found, FINDING_WARNING, "empty-target",
                     "%s is empty: up to PostgreSQL 11 that is a target all the same", line->name);
    if (!row->read(r, line))
        return;
    r->kept = line;
    r->out->stop.kind = row->kind;
    r->out->target = line->name;
    r->out->value = line->value;
}

/* ---- the other settings --------------------------------------------------------------------- */

static void read_inclusive(reading *r)
{
    const conf_line *line = conf_lines_find(r->lines, "recovery_target_inclusive");
    r->out->stop.inclusive = true;
    if (line != NULL && !read_bool(line->value, &r->out->stop.inclusive))
        refuse(r, "invalid-value", "parameter \"%s\" requires a Boolean value", line->name);
    const wp_stop_kind kind = r->out->stop.kind;
    if (line != NULL && (kind == WP_STOP_AT_NAME || kind == WP_STOP_IMMEDIATE))
        findings_add(r->found, FINDING_NOTE, "inclusive-ignored",
                     "recovery_target_inclusive says nothing about %s", r->out->target);
}

/* A plain number as strtoul reads it, base 0. */
static bool read_number(const char *value, uint64_t *out)
{
    wp_xid_setting got;
    if (!wp_xid_setting_parse(value, &got))
        return false;
    *out = got.number;
    return true;
}

static void read_timeline(reading *r)
{
    recovery *out = r->out;
    const conf_line *line = conf_lines_find(r->lines, "recovery_target_timeline");
    uint64_t number = 0;
    out->timeline = r->traits->default_is_latest_timeline ? RECOVERY_TIMELINE_LATEST
                                                          : RECOVERY_TIMELINE_CURRENT;
    if (line == NULL)
        return;
    out->timeline = RECOVERY_TIMELINE_LATEST;
    if (strcmp(line->value, "latest") == 0)
        return;
    const bool is_current = strcmp(line->value, "current") == 0;
    if (is_current && r->traits->has_current_timeline) {
        out->timeline = RECOVERY_TIMELINE_CURRENT;
        return;
    }
    if (!read_number(line->value, &number)) {
        refuse(r, "invalid-value", "recovery_target_timeline is not a valid number");
        return;
    }
    if (number == 0 && !r->traits->has_current_timeline) {
        findings_add(r->found, FINDING_ELSEWHERE, "timeline-word",
                     "recovery_target_timeline = '%.60s' means latest to PostgreSQL %s: leave the "
                     "line out to stay on the backup's timeline",
                     line->value, r->profile->major);
        return;
    }
    out->timeline = RECOVERY_TIMELINE_NUMBER;
    out->tli = (wp_tli)number;
    if (out->tli == 0)
        refuse(r, "no-timeline", "recovery target timeline 0 does not exist");
}

static void read_action(reading *r, bool hot_standby)
{
    static const char *const words[] = { "pause", "promote", "shutdown" };
    const conf_line *line = conf_lines_find(r->lines, "recovery_target_action");
    recovery *out = r->out;
    bool is_known = line == NULL;
    out->then = RECOVERY_PAUSES;
    for (size_t i = 0; line != NULL && i < sizeof words / sizeof *words; i++) {
        const bool is_same = has_recovery_conf(r) ? strcmp(words[i], line->value) == 0
                                                  : strcasecmp(words[i], line->value) == 0;
        if (is_same)
            out->then = (recovery_then)i;
        is_known |= is_same;
    }
    if (!is_known)
        refuse_value(r, line);
    if (out->stop.kind == WP_STOP_AT_END)
        out->then = RECOVERY_PROMOTES;
    if (out->then != RECOVERY_PAUSES || hot_standby)
        return;
    out->then =
        line == NULL && r->traits->pause_needs_asking ? RECOVERY_PROMOTES : RECOVERY_SHUTS_DOWN;
    findings_add(r->found, FINDING_WARNING, "pause-without-hot-standby",
                 "with hot_standby = off the server does not pause at the target: it %s",
                 recovery_then_words[out->then]);
}

static void read_restore_command(reading *r)
{
    const char *fatal = r->traits->quotes_settings
                            ? "must specify \"restore_command\" when standby mode is not enabled"
                            : "must specify restore_command when standby mode is not enabled";
    const conf_line *line = conf_lines_find(r->lines, "restore_command");
    bool is_file = false;
    for (size_t i = 0; i < r->lines->count; i++)
        is_file |= r->lines->items[i].line > 0;
    if ((line != NULL && line->value[0] != '\0') || r->out->stop.is_standby
        || (line == NULL && !is_file))
        return;
    if (has_recovery_conf(r) && line == NULL)
        refuse(r, "no-restore-command", "recovery command file \"recovery.conf\" %s", fatal);
    else if (has_recovery_conf(r))
        findings_add(
            r->found, FINDING_WARNING, "no-restore-command",
            "restore_command is empty: the archive is not read, and unless pg_wal has it all "
            "the server could not locate required checkpoint record");
    else if (line != NULL)
        refuse(r, "no-restore-command", "%s", fatal);
    else
        findings_add(
            r->found, FINDING_WARNING, "no-restore-command",
            "no restore_command here: unless another file of the server's configuration has "
            "it, it ends with: %s",
            fatal);
}

static void read_limits(reading *r)
{
    for (int i = 0; i < WP_LIMITS; i++) {
        const conf_line *line = conf_lines_find(r->lines, wp_stop_limit_name((wp_stop_limit)i));
        uint64_t number = 0;
        if (line != NULL && read_number(line->value, &number) && number <= INT32_MAX)
            r->out->stop.limits[i] = (int32_t)number;
    }
}

/* ---- names ---------------------------------------------------------------------------------- */

static bool is_among(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

#define IS_AMONG(name, names) is_among((name), (names), sizeof(names) / sizeof *(names))

static const char *const common_names[] = {
    "recovery_target",          "recovery_target_xid",      "recovery_target_time",
    "recovery_target_name",     "recovery_target_action",   "recovery_target_inclusive",
    "recovery_target_timeline", "restore_command",          "archive_cleanup_command",
    "recovery_end_command",     "recovery_min_apply_delay", "primary_conninfo",
    "primary_slot_name",
};

/* So many wrong letters. Up to that no setting of any server is like one of these. */
#define MISSPELT_MAX 2

const char *recovery_meant(const char *name)
{
    const char *best = NULL;
    unsigned least = MISSPELT_MAX + 1;
    for (size_t i = 0; i <= sizeof common_names / sizeof *common_names; i++) {
        const char *known = i < sizeof common_names / sizeof *common_names ? common_names[i]
                                                                           : "recovery_target_lsn";
        const unsigned distance = spelling_distance(name, strlen(name), known, strlen(known));
        if (distance == 0)
            return NULL;
        if (distance < least) {
            least = distance;
            best = known;
        }
    }
    return best;
}

/* Does a server of this major know the name, where it stands? */
static bool is_known_name(const reading *r, const conf_line *line)
{
    static const char *const old[] = { "standby_mode", "trigger_file" };
    if (strcmp(line->name, "recovery_target_lsn") == 0)
        return r->traits->has_lsn_target;
    if (IS_AMONG(line->name, common_names))
        return true;
    if (IS_AMONG(line->name, old))
        return has_recovery_conf(r);
    if (strcmp(line->name, "pause_at_recovery_target") == 0)
        return false;
    /* Any other setting: fine in a configuration file, not in recovery.conf. */
    const bool is_in_recovery_conf = has_recovery_conf(r) && line->line > 0;
    return !is_in_recovery_conf && strncmp(line->name, "recovery_target", 15) != 0
           && recovery_meant(line->name) == NULL;
}

static void check_names(reading *r)
{
    for (size_t i = 0; i < r->lines->count; i++) {
        const conf_line *line = &r->lines->items[i];
        if (!is_known_name(r, line))
            refuse(r, "unknown-name", "unrecognized %s parameter \"%.100s\"",
                   has_recovery_conf(r) ? "recovery" : "configuration", line->name);
    }
}

static void check_syntax(reading *r)
{
    const conf_lines *lines = r->lines;
    char near[sizeof lines->bad_near + 20] = "near end of line";
    if (lines->bad_near[0] != '\0')
        (void)snprintf(near, sizeof near, "near token \"%s\"", lines->bad_near);
    if (lines->bad_line > 0 && has_recovery_conf(r)) {
        refuse(r, "syntax", "syntax error in file \"%s\" line %u, %s", r->traits->conf_file,
               lines->bad_line, near);
    } else if (lines->bad_line > 0) {
        findings_add(r->found, FINDING_FATAL, "syntax", "syntax error in line %u, %s",
                     lines->bad_line, near);
        refuse(r, "syntax", "configuration file \"%s\" contains errors", r->traits->conf_file);
    }
    if (lines->has_include)
        findings_add(r->found, FINDING_WARNING, "include",
                     "included files are not read here: what they say is left out");
}

void recovery_read(const wp_profile *profile, const conf_lines *lines, recovery *out,
                   findings *found)
{
    *out = (recovery){ .stop = { .kind = WP_STOP_AT_END } };
    reading r = {
        .profile = profile, .traits = &profile->recovery, .lines = lines, .out = out, .found = found
    };
    check_syntax(&r);
    check_names(&r);
    for (size_t i = 0; i < lines->count; i++) {
        const struct target_row *row = target_row_of(lines->items[i].name);
        if (row != NULL && is_known_name(&r, &lines->items[i]))
            take_target(&r, &lines->items[i], row);
    }
    if (r.kept == NULL)
        out->target = out->value = NULL;
    const conf_line *standby = conf_lines_find(lines, "standby_mode");
    if (standby != NULL && has_recovery_conf(&r))
        (void)read_bool(standby->value, &out->stop.is_standby);
    const conf_line *hot = conf_lines_find(lines, "hot_standby");
    out->stop.hot_standby = profile->recovery.hot_standby_by_default;
    if (hot != NULL)
        (void)read_bool(hot->value, &out->stop.hot_standby);
    read_inclusive(&r);
    read_timeline(&r);
    read_action(&r, out->stop.hot_standby);
    read_restore_command(&r);
    read_limits(&r);
}
