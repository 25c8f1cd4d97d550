/*
 * record_filter.h - which records are wanted: options that `dump` and `stats` share.
 */
#ifndef PITR_FIND_RECORD_FILTER_H
#define PITR_FIND_RECORD_FILTER_H

#include <stdatomic.h>

#include <walparse/walparse.h>

#include "cli/command.h"
#include "command/records_of_xact.h"
#include "command/with_sources.h"
#include "search/question.h"
#include "search/relation_names.h"

/* A command that takes them has this as the first member of its own options. */
typedef struct filter_options {
    const char *rmgr;     /* names, separated by commas; NULL: all */
    uint64_t xid;         /* may have its epoch; 0: all */
    const char *relation; /* TABLESPACE/DATABASE/FILE, or a pattern of names; NULL: any */
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
    { .row = &option_table[OPT_DATABASE], .help = "with --relation REGEX: only in this database" },  \
    { .row = &record_filter_fork },                                                                 \
    { .row = &record_filter_block },                                                                \
    { .row = &record_filter_fullpage },                                                             \
    { .row = &option_table[OPT_SINCE], .help = "only records written at TS or later, as far as their\nWAL can tell: see the manual" }, \
    { .row = &option_table[OPT_UNTIL], .help = "only records written at TS or earlier" },           \
    { .row = &option_table[OPT_FROM_LSN], .help = "only records that start here or later" },        \
    { .row = &option_table[OPT_TO_LSN], .help = "only records that start here or earlier" },
#define TAKES_NAMES                                                                                 \
    { .row = &option_table[OPT_BACKUP],                                                             \
      .help = "a base backup (directory, base.tar, an archiver's): its\ncatalogs give names" }, \
    { .row = &option_table[OPT_DSN] },
/* clang-format on */

typedef struct record_filter {
    wp_record_filter wanted;
    records_of_xact of_xact;  /* of --xid */
    relation_files relations; /* of --relation */
    relation_names *names;    /* NULL: they were not needed */
    const char *database;     /* of --database; NULL: any */
    bool is_doubtful;      /* there may be files of that relation which are not known to be its */
    bool may_be_of_initdb; /* the pattern is found in a name of a file that initdb made */
    atomic_bool met_nameless; /* a record was left out for a file that has no name here */
} record_filter;

/* Opens what the filter needs, and names if all are to be known, and answers: see with_sources.h. The options given to the answer have LSNs for --since and --until. */
exit_code record_filter_with_sources(const options *o, bool needs_all_names, const char *advice,
                                     answer *give);

/* May what it means (--xid, names) be told anywhere in the WAL, also after the records it is of? */
bool record_filter_is_told_anywhere(const options *o);

/* Are their values what they should be? A command's check. takes_names: it prints names. */
bool record_filter_check(const options *o, bool takes_names, const command_line *line);

/*
 * The filter that the options make up, for the records of an archive: it is read for --xid, and for names. *out is zeroed, not to be copied and to be
 * freed with record_filter_free() in any case. Other than EXIT_FOUND: why is told, and there is no record: where no relation is
 * known by that name, the records are read for those of files without a name.
 */
exit_code record_filter_make(const options *o, const question *q, const sources *from,
                             bool needs_names, record_filter *out);
void record_filter_free(record_filter *filter);

/*
 * The exit status of what was read with it; says where a file without a name, or a name that may be an old one, leaves doubt.
 * last: the last record that was told; UINT64_MAX: all were.
 */
exit_code record_filter_status(const record_filter *filter, wp_lsn last, exit_code read);

#endif
