/*
 * record_filter.h - which records are wanted: options that `dump` and `stats` share.
 */
#ifndef PITR_FIND_RECORD_FILTER_H
#define PITR_FIND_RECORD_FILTER_H

#include <walparse/walparse.h>

#include "cli/command.h"
#include "command/records_of_xact.h"
#include "command/with_sources.h"
#include "search/question.h"

/* A command that takes them has this as the first member of its own options. */
typedef struct filter_options {
    const char *rmgr;     /* names, separated by commas; NULL: all */
    uint64_t xid;         /* 0: all */
    const char *relation; /* TABLESPACE/DATABASE/FILE; NULL: any */
    unsigned fork;        /* 0: any; else its number and 1 */
    const char *block;    /* NULL: any */
    bool fullpage;
} filter_options;

extern const option_row record_filter_rmgr, record_filter_xid, record_filter_relation,
    record_filter_fork, record_filter_block, record_filter_fullpage;

/* clang-format off */
#define TAKES_RECORD_FILTER                                                                         \
    { .row = &record_filter_rmgr },                                                                 \
    { .row = &record_filter_xid },                                                                  \
    { .row = &record_filter_relation },                                                             \
    { .row = &record_filter_fork },                                                                 \
    { .row = &record_filter_block },                                                                \
    { .row = &record_filter_fullpage },                                                             \
    { .row = &option_table[OPT_SINCE], .help = "only records written at TS or later, as far as their\nWAL can tell: see the manual" }, \
    { .row = &option_table[OPT_UNTIL], .help = "only records written at TS or earlier" },           \
    { .row = &option_table[OPT_FROM_LSN], .help = "only records that start here or later" },        \
    { .row = &option_table[OPT_TO_LSN], .help = "only records that start here or earlier" },
/* clang-format on */

/* Opens what the filter needs, and answers: see with_sources.h. The options given to the answer have LSNs for --since and --until. */
exit_code record_filter_with_sources(const options *o, const char *advice, answer *give);

/* Are their values what they should be? A command's check. */
bool record_filter_check(const options *o, const command_line *line);

/*
 * The filter that the options make up, for the records of an archive: it is read for --xid. *of_xact is zeroed, belongs to the filter and
 * is to be freed after it. False with one line in message.
 */
bool record_filter_make(const options *o, const question *q, const archive *wal,
                        wp_record_filter *out, records_of_xact *of_xact, char message[512]);

#endif
