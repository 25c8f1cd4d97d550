/* record_filter.c - see record_filter.h. */
#include "command/record_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/message.h"
#include "command/time_window.h"

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

static bool take_relation(const char *value, wp_record_filter *filter, char message[MESSAGE_BYTES])
{
    const char *at = value;
    wp_locator *out = &filter->relation;
    filter->has_relation = true;
    const bool is_good = take_number(&at, &out->spc) && *at++ == '/' && take_number(&at, &out->db)
                         && *at++ == '/' && take_number(&at, &out->rel) && *at == '\0';
    return is_good
           || message_fail(message,
                           "--relation takes TABLESPACE/DATABASE/FILE, like 1663/16384/16392 (not "
                           "\"%.100s\"): SELECT pg_relation_filepath('NAME') tells the numbers",
                           value);
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
           && (own->relation == NULL || take_relation(own->relation, filter, message))
           && (own->block == NULL || take_block(own->block, filter, message));
}

/* Which subtransactions a transaction has may be told anywhere. */
exit_code record_filter_with_sources(const options *o, const char *advice, answer *give)
{
    const filter_options *own = (const void *)o->own;
    options in_window = *o;
    const exit_code code = time_window_narrow(&in_window);
    if (code != EXIT_FOUND)
        return code;
    return own->xid == 0 ? with_sources_in_range(&in_window, advice, give)
                         : with_sources(&in_window, advice, give);
}

bool record_filter_check(const options *o, const command_line *line)
{
    wp_record_filter filter = { 0 };
    return take(o, &filter, line->message);
}

bool record_filter_make(const options *o, const question *q, const archive *wal,
                        wp_record_filter *out, records_of_xact *of_xact,
                        char message[MESSAGE_BYTES])
{
    const filter_options *own = (const void *)o->own;
    if (!take(o, out, message))
        return false;
    if (own->xid == 0)
        return true;
    if (!records_of_xact_find(wal, (wp_xid)own->xid, q->jobs, of_xact, message))
        return false;
    out->xids = of_xact->xids;
    out->nxids = of_xact->nxids;
    out->lsns = of_xact->lsns;
    out->nlsns = of_xact->nlsns;
    return true;
}

#define FIELD(name) offsetof(filter_options, name)

// clang-format off
const option_row record_filter_rmgr = { .name = "rmgr", .arg = "NAMES", .type = OPTION_STRING,
    .group = GROUP_NARROW, .is_own = true, .at = FIELD(rmgr),
    .help = "only records of these resource managers, like Heap,Transaction" };
const option_row record_filter_xid = { .name = "xid", .arg = "N", .type = OPTION_NUMBER,
    .group = GROUP_NARROW, .is_own = true, .at = FIELD(xid), .max = UINT32_MAX,
    .help = "only records of this transaction: those of its\nsubtransactions, too, and its COMMIT PREPARED" };
const option_row record_filter_relation = { .name = "relation", .arg = "T/D/F", .type = OPTION_STRING,
    .group = GROUP_NARROW, .is_own = true, .at = FIELD(relation),
    .help = "only records with a block of this file: tablespace, database\nand file, as numbers" };
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
