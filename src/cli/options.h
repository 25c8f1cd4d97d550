/*
 * options.h - what was said on the command line.
 *
 * One table (options_table.c) has a row for each option; which command takes which is in its entry (command.h).
 */
#ifndef PITR_FIND_OPTIONS_H
#define PITR_FIND_OPTIONS_H

#include <stddef.h>

#include "base/text.h"
#include "search/question.h"

typedef enum option_id {
    OPT_BEFORE,
    OPT_AFTER,
    OPT_BEFORE_XID,
    OPT_AFTER_XID,
    OPT_BEFORE_TIME,
    OPT_BEFORE_LSN,
    OPT_RESTORE_POINT,
    OPT_PICK,
    OPT_DATABASE,
    OPT_RELATION,
    OPT_MIN_ROWS,
    OPT_INCLUDE_TEMP,
    OPT_SINCE,
    OPT_UNTIL,
    OPT_FROM_LSN,
    OPT_TO_LSN,
    OPT_TIMELINE,
    OPT_TARGET,
    OPT_FORMAT,
    OPT_ACTION,
    OPT_INSPECTABLE,
    OPT_RESTORE_COMMAND,
    OPT_BACKUP,
    OPT_FROM_COMMAND,
    OPT_SYSTEM_ID,
    OPT_CIPHER_PASS_FILE,
    OPT_DSN,
    OPT_LOG,
    OPT_LOG_LINE_PREFIX,
    OPT_WRITE,
    OPT_JOBS,
    OPT_QUIET,
    OPT_HELP,
    OPT_VERSION,
    OPTIONS
} option_id;

typedef struct option_time {
    wp_time time;
    bool is_local; /* it was given without an offset */
} option_time;

/* So often may an option be given that takes one string each time. */
#define OPTION_STRINGS_MAX 16

typedef struct option_strings {
    const char *items[OPTION_STRINGS_MAX]; /* none is empty */
    size_t count;
} option_strings;

/* A command and its arguments, as exec takes them: NULL stands at items[count]. Borrowed from argv. */
typedef struct option_rest {
    char *const *items;
    size_t count; /* 0: the option was not given */
} option_rest;

/* So large may it be. */
#define OPTIONS_OWN_BYTES 512

typedef struct options {
    const struct command *command;
    bool given[OPTIONS];
    const char *before, *after;
    uint64_t before_xid, after_xid; /* 64 bits, as txid_current() gives them */
    option_time before_time;
    wp_lsn before_lsn;
    const char *restore_point;
    question_pick pick;
    const char *database, *relation;
    uint64_t min_rows;
    bool include_temp;
    option_time since, until;
    wp_lsn from_lsn, to_lsn;
    wp_tli timeline; /* 0: the latest */
    unsigned target; /* target_kind */
    unsigned format; /* index of a word of the command's */
    unsigned action; /* index of a word */
    bool inspectable;
    const char *restore_command;
    const char *backup;
    const char *from_command;
    uint64_t system_id; /* 0: there must be one only */
    const char *cipher_pass_file;
    const char *dsn;
    option_strings logs;
    const char *log_line_prefix;
    const char *write;
    uint64_t jobs; /* 0: all cores */
    bool quiet, help, version;
    const char *regex;    /* of `events` */
    char *const *sources; /* borrowed from argv */
    size_t nsources;
    _Alignas(max_align_t) char own
        [OPTIONS_OWN_BYTES]; /* a struct of the command's, for options of its own; zeros */
} options;

/* What an option's value is, and so which field it fills. */
typedef enum option_type {
    OPTION_FLAG,     /* bool */
    OPTION_STRING,   /* const char *, never empty */
    OPTION_WORD,     /* unsigned: index in the row's words */
    OPTION_NUMBER,   /* uint64_t, from 1 up to the row's max */
    OPTION_LSN,      /* wp_lsn */
    OPTION_TIME,     /* option_time */
    OPTION_TIMELINE, /* wp_tli */
    OPTION_PICKING,  /* question_pick */
    OPTION_STRINGS,  /* option_strings: it may be given more than once */
    OPTION_REST,     /* option_rest: the rest of the line, whatever it is */
    OPTION_TYPES
} option_type;

typedef enum option_group {
    GROUP_WHAT,
    GROUP_NARROW,
    GROUP_WHERE,
    GROUP_OUTPUT,
    GROUP_OTHER,
    GROUPS
} option_group;

typedef struct option_row {
    const char *name; /* without dashes */
    char letter;      /* 0: none */
    const char *arg;  /* what the value is called in --help; NULL for flags */
    option_type type;
    option_group group;
    bool is_own;       /* of one command, which keeps it in options.own */
    size_t at;         /* offset of its field in struct options, or in own */
    const char *words; /* OPTION_WORD: separated by blanks; the first is the default */
    uint64_t max;      /* OPTION_NUMBER */
    const char *help;  /* one or more lines */
} option_row;

extern const option_row option_table[OPTIONS];

/* An option as a command takes it. */
typedef struct option_use {
    const option_row *row;    /* of option_table, or the command's own; NULL ends a list */
    const char *words, *help; /* where they are not the row's */
} option_use;

const char *option_words(const option_use *use);
const char *option_help(const option_use *use);

/* Reads a value into the option's field; a flag's is not looked at. False with one line in message: what the option wants. */
bool option_read(const option_use *use, const char *value, options *out, char message[512]);

/* The same of an OPTION_REST: the arguments that are left, one at least. */
void option_read_rest(const option_use *use, char *const *items, size_t count, options *out);

/* How many threads are to be used: --jobs, or one for each core. */
unsigned options_jobs(const options *o);

/* One of the words of an option, into buf. */
const char *options_word(const char *words, unsigned index, char buf[32]);

#endif
