/* record_filter.c - see record_filter.h. */
#include "command/record_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/grow.h"
#include "base/message.h"
#include "base/plural.h"
#include "base/result.h"
#include "command/read_records.h"
#include "command/time_window.h"
#include "search/pattern.h"
#include "search/xid_epoch.h"

/* The number of a manager by its name as pg_waldump has it; custom ones by custom128 and so on. -1: none. */
static int rmgr_number(const char *name, size_t len)
{
    char known[WP_RMGR_NAME_BYTES];
    for (int i = 0; i < WP_RMGR_COUNT; i++) {
        if (i > WP_RMGR_BUILTIN_MAX && i < WP_RMGR_CUSTOM_MIN)
            continue;
        wp_rmgr_name((uint8_t)i, known);
        if (strlen(known) == len && strncasecmp(known, name, len) == 0)
            return i;
    }
    return -1;
}

static bool take_rmgrs(const char *names, wp_record_filter *filter, char message[MESSAGE_BYTES])
{
    filter->has_rmgrs = true;
    for (const char *at = names; at != NULL;) {
        const size_t len = strcspn(at, ",");
        const int number = rmgr_number(at, len);
        if (number < 0)
            return message_fail(message,
                                "--rmgr takes names of resource managers like Heap,Transaction "
                                "(not \"%.*s\")",
                                (int)(len < 60 ? len : 60), at);
        filter->rmgrs[number] = true;
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return true;
}

/* A number of 32 bits at *at, which is moved past it. */
static bool take_number(const char **at, uint32_t *out)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    errno = 0;
    const unsigned long long value = strtoull(*at, &end, 10);
    *at = end;
    *out = (uint32_t)value;
    return errno == 0 && value <= UINT32_MAX;
}

static bool is_by_name(const char *relation)
{
    return relation != NULL && relation[strspn(relation, "0123456789/")] != '\0';
}

static bool take_numbers(const char *value, wp_locator *out, char message[MESSAGE_BYTES])
{
    const char *at = value;
    const bool is_good = take_number(&at, &out->spc) && *at++ == '/' && take_number(&at, &out->db)
                         && *at++ == '/' && take_number(&at, &out->rel) && *at == '\0';
    return is_good
           || message_fail(message,
                           "--relation takes TABLESPACE/DATABASE/FILE, like 1663/16384/16392, or "
                           "a pattern of names (not \"%.100s\")",
                           value);
}

static bool check_pattern(const char *value, char message[MESSAGE_BYTES])
{
    compiled_pattern *pattern = pattern_new(value, message);
    pattern_free(pattern);
    return pattern != NULL;
}

static bool check_relation(const char *value, char message[MESSAGE_BYTES])
{
    wp_locator file;
    return is_by_name(value) ? check_pattern(value, message) : take_numbers(value, &file, message);
}

static bool take_block(const char *value, wp_record_filter *filter, char message[MESSAGE_BYTES])
{
    const char *at = value;
    filter->has_block = true;
    return (take_number(&at, &filter->block) && *at == '\0')
           || message_fail(message, "--block takes the number of a block (not \"%.100s\")", value);
}

static bool take(const options *o, wp_record_filter *filter, char message[MESSAGE_BYTES])
{
    const filter_options *own = (const void *)o->own;
    filter->from_lsn = o->from_lsn;
    filter->to_lsn = o->to_lsn;
    filter->with_image = own->fullpage;
    filter->has_fork = own->fork > 0;
    filter->fork = (uint8_t)(own->fork - filter->has_fork);
    return (own->rmgr == NULL || take_rmgrs(own->rmgr, filter, message))
           && (own->relation == NULL || check_relation(own->relation, message))
           && (own->block == NULL || take_block(own->block, filter, message));
}

/* Which subtransactions a transaction has, and which files a relation. */
bool record_filter_is_told_anywhere(const options *o)
{
    const filter_options *own = (const void *)o->own;
    return own->xid != 0 || is_by_name(own->relation);
}

exit_code record_filter_with_sources(const options *o, bool needs_all_names, const char *advice,
                                     answer *give)
{
    const filter_options *own = (const void *)o->own;
    const bool is_anywhere = needs_all_names || record_filter_is_told_anywhere(o);
    options in_window = *o;
    bool is_doubtful;
    exit_code code = time_window_narrow(&in_window, &is_doubtful);
    if (code != EXIT_FOUND)
        return code;
    if (own->xid != 0)
        code = with_sources_past_range(&in_window, advice, give);
    else if (is_anywhere)
        code = with_sources(&in_window, advice, give);
    else
        code = with_sources_in_range(&in_window, advice, give);
    return time_window_status(code, is_doubtful);
}

bool record_filter_check(const options *o, bool takes_names, const command_line *line)
{
    const filter_options *own = (const void *)o->own;
    wp_record_filter filter = { 0 };
    const bool is_named = is_by_name(own->relation);
    if (o->database != NULL && !is_named)
        return message_fail(line->message, "--database goes with --relation REGEX");
    if (o->dsn != NULL && !is_named && !takes_names)
        return message_fail(line->message, "--dsn gives names, and nothing asks for names here");
    if (own->xid != 0 && (wp_xid)own->xid == 0)
        return message_fail(line->message, "--xid takes the id of a transaction, and 0 is none, "
                                           "whatever its epoch");
    return take(o, &filter, line->message);
}

static void note_nameless(void *context, const wp_locator *file, wp_lsn lsn)
{
    record_filter *filter = context;
    const bool is_of_initdb = file->rel < RELATION_NAMES_FIRST_NORMAL_OID;
    if (is_of_initdb && !filter->may_be_of_initdb)
        return;
    if (filter->database != NULL
        && !relation_names_may_be_database(filter->names, file->db, filter->database))
        return;
    if (relation_names_of_file(filter->names, file, lsn) == NULL)
        atomic_store_explicit(&filter->met_nameless, true, memory_order_relaxed);
}

static void say_unknown(const options *o, const sources *from, const record_filter *out)
{
    const filter_options *own = (const void *)o->own;
    const char *of_backup =
        from->base == NULL ? ": --backup gives names that the WAL does not have" : "";
    const char *dsn =
        from->base == NULL && from->external_names == NULL ? ", and so does --dsn" : "";
    if (o->database != NULL && !relation_names_have_database(out->names, o->database))
        log_error("no database is known here whose name is \"%.200s\", so no relation of it%s%s; "
                  "--database takes an OID, too",
                  o->database, of_backup, dsn);
    else
        log_error("no relation is known here whose name matches \"%.200s\"%s%.100s%s%s",
                  own->relation, o->database != NULL ? " in database " : "",
                  o->database != NULL ? o->database : "", of_backup, dsn);
}

static bool pass_over(void *context, const wp_record *record, wp_facts *facts)
{
    return wp_stats_record(context, record, facts) >= 0;
}

static bool take_nothing(void *context, const wp_fact *fact)
{
    (void)context;
    (void)fact;
    return true;
}

/* Of a file that is not known to be of such a relation there may be records. */
static exit_code look_for_nameless(const question *q, const sources *from, record_filter *filter)
{
    wp_stats looked_at = { .by = WP_STATS_TOGETHER, .filter = filter->wanted };
    wal_reach reach = { 0 };
    const record_reader reader = {
        .on_record = pass_over, .record_context = &looked_at, .take = take_nothing, .reach = &reach
    };
    const exit_code read = read_records(q, from->wal, &reader);
    if (read != EXIT_TROUBLE)
        wal_reach_tell_nothing(&reach, from->wal, q, "no such record");
    return record_filter_status(filter, UINT64_MAX, read == EXIT_FOUND ? EXIT_NOTHING : read);
}

/* The files whose relations have such a name. */
static bool find_relations(const options *o, record_filter *out, char message[MESSAGE_BYTES])
{
    const filter_options *own = (const void *)o->own;
    if (!relation_names_files(out->names, own->relation, o->database, &out->relations, message)
        || !relation_names_may_be_of_initdb(own->relation, &out->may_be_of_initdb, message))
        return false;
    out->database = o->database;
    if (out->relations.maybe > 0) {
        log_warning("%zu file%s may be of such a relation, too: the name of %s schema is not known",
                    out->relations.maybe, plural(out->relations.maybe),
                    out->relations.maybe == 1 ? "its" : "their");
        out->is_doubtful = true;
    }
    return true;
}

static bool find_xact(const question *q, const sources *from, const filter_options *own,
                      record_filter *out, char message[MESSAGE_BYTES])
{
    const wp_xid xid = (wp_xid)own->xid;
    if (!records_of_xact_find(from->wal, xid, q->jobs, &out->of_xact, message))
        return false;
    const wp_xid top = out->of_xact.family.top;
    records_of_xact_narrow(&out->of_xact, &out->wanted);
    if (top != xid)
        log_story("pitr-find: %u is a subtransaction of %u: records are those of all of it", xid,
                  top);
    if (possible_parts_warn(&out->of_xact.possible))
        out->is_doubtful = true;
    if (!out->of_xact.is_open)
        return true;
    log_warning("transaction %u does not end in the WAL read here: which subtransactions it has is "
                "told at its end, and records of some may be left out",
                top);
    out->is_doubtful = true;
    return true;
}

static bool make(const options *o, const question *q, const sources *from, bool needs_names,
                 record_filter *out, char message[MESSAGE_BYTES])
{
    const filter_options *own = (const void *)o->own;
    const bool is_named = is_by_name(own->relation);
    wp_record_filter *wanted = &out->wanted;
    if (!take(o, wanted, message) || (own->xid != 0 && !find_xact(q, from, own, out, message))
        || ((needs_names || is_named) && !relation_names_read(q, from, &out->names, message)))
        return false;
    if (own->relation == NULL)
        return true;
    if (is_named) {
        if (!find_relations(o, out, message))
            return false;
        wanted->on_other_file = note_nameless;
        wanted->other_file_context = out;
    } else {
        wp_locator *file = GROW(out->relations.items, out->relations.count, out->relations.room);
        if (file == NULL || !take_numbers(own->relation, file, message))
            return message_no_memory(message);
    }
    static const wp_locator none = { 0 };
    wanted->relations = out->relations.count > 0 ? out->relations.items : &none;
    wanted->nrelations = out->relations.count;
    return true;
}

exit_code record_filter_make(const options *o, const question *q, const sources *from,
                             bool needs_names, record_filter *out)
{
    const filter_options *own = (const void *)o->own;
    char message[MESSAGE_BYTES];
    exit_code code;
    if (!xid_epoch_is_here(from->wal, own->xid, q->jobs, &code))
        return code;
    out->is_doubtful = code == EXIT_DOUBT;
    if (!make(o, q, from, needs_names, out, message))
        return result_trouble(message);
    if (out->wanted.relations == NULL || out->wanted.nrelations > 0)
        return EXIT_FOUND;
    say_unknown(o, from, out);
    return look_for_nameless(q, from, out);
}

void record_filter_free(record_filter *filter)
{
    records_of_xact_free(&filter->of_xact);
    free(filter->relations.items);
    relation_names_free(filter->names);
    *filter = (record_filter){ 0 };
}

exit_code record_filter_status(const record_filter *filter, wp_lsn last, exit_code read)
{
    if (read == EXIT_TROUBLE)
        return read;
    if (filter->met_nameless)
        log_warning(
            "records of files whose names are not known here are left out: they may be of "
            "such a relation. pitr-find stats --by relation lists them; --backup gives names");
    const bool has_old_names = relation_names_tell_doubts(filter->names, last);
    return filter->is_doubtful || filter->met_nameless || has_old_names ? EXIT_DOUBT : read;
}

#define FIELD(name) offsetof(filter_options, name)

// clang-format off
const option_row record_filter_rmgr = { .name = "rmgr", .arg = "NAMES", .type = OPTION_STRING,
    .group = GROUP_NARROW, .is_own = true, .at = FIELD(rmgr),
    .help = "only records of these resource managers, like Heap,Transaction" };
const option_row record_filter_xid = { .name = "xid", .arg = "N", .type = OPTION_NUMBER,
    .group = GROUP_NARROW, .is_own = true, .at = FIELD(xid), .max = UINT64_MAX,
    .help = "only records of this transaction: those of its\nsubtransactions, too, and its COMMIT PREPARED" };
const option_row record_filter_relation = { .name = "relation", .arg = "REGEX|T/D/F", .type = OPTION_STRING,
    .group = GROUP_NARROW, .is_own = true, .at = FIELD(relation),
    .help = "only records with a block of relations whose schema.name\nmatches; or of this file: tablespace/database/file, as numbers" };
const option_row record_filter_fork = { .name = "fork", .arg = "FORK", .type = OPTION_WORD,
    .group = GROUP_NARROW, .is_own = true, .at = FIELD(fork), .words = "any main fsm vm init",
    .help = "only records with a block of this fork: main, fsm, vm or\ninit (default any)" };
const option_row record_filter_block = { .name = "block", .arg = "N", .type = OPTION_STRING,
    .group = GROUP_NARROW, .is_own = true, .at = FIELD(block),
    .help = "only records with this block" };
const option_row record_filter_fullpage = { .name = "fullpage", .type = OPTION_FLAG,
    .group = GROUP_NARROW, .is_own = true, .at = FIELD(fullpage),
    .help = "only records with a full-page image" };
// clang-format on
