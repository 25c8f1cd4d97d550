/*
 * options.h - the command line.
 *
 * One table (options_table.c) has a row for each option; the parser and --help read it.
 */
#ifndef PITR_FIND_OPTIONS_H
#define PITR_FIND_OPTIONS_H

#include "base/text.h"
#include "search/question.h"

typedef enum command_id {
    COMMAND_TARGET,
    COMMAND_EVENTS,
    COMMAND_SIMULATE,
    COMMAND_VERIFY,
    COMMAND_FETCH,
    COMMAND_SUMMARY,
    COMMANDS
} command_id;

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
    OPT_EVENTS_FORMAT,
    OPT_SIMULATE_FORMAT,
    OPT_SIMULATE_BACKUP,
    OPT_VERIFY_FORMAT,
    OPT_VERIFY_BACKUP,
    OPT_ACTION,
    OPT_INSPECTABLE,
    OPT_RESTORE_COMMAND,
    OPT_BACKUP,
    OPT_FROM_COMMAND,
    OPT_SYSTEM_ID,
    OPT_CIPHER_PASS_FILE,
    OPT_DSN,
    OPT_WRITE,
    OPT_JOBS,
    OPT_QUIET,
    OPT_HELP,
    OPT_VERSION,
    OPTIONS
} option_id;

/* Values of options that take one of several words, in the order of their rows' words. */
typedef enum target_format {
    FORMAT_CONF,
    FORMAT_JSON,
    FORMAT_SHELL,
    FORMAT_PGBACKREST, /* from here on: commands of archivers (archiver.h) */
    FORMAT_BARMAN,
    FORMAT_WALG,
    FORMAT_PROBACKUP,
    TARGET_FORMATS
} target_format;
typedef enum events_format { EVENTS_TABLE, EVENTS_CSV, EVENTS_JSON, EVENTS_FORMATS } events_format;
typedef enum simulate_format { SIMULATE_TEXT, SIMULATE_JSON, SIMULATE_FORMATS } simulate_format;

typedef enum verify_format { VERIFY_TABLE, VERIFY_JSON, VERIFY_CSV, VERIFY_FORMATS } verify_format;

typedef struct option_time {
    wp_time time;
    bool is_local; /* it was given without an offset */
} option_time;

typedef struct options {
    command_id command;
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
    unsigned format; /* target_format, events_format, simulate_format or verify_format */
    unsigned action; /* index of a word */
    bool inspectable;
    const char *restore_command;
    const char *backup;
    const char *from_command;
    uint64_t system_id; /* 0: there must be one only */
    const char *cipher_pass_file;
    const char *dsn;
    const char *write;
    uint64_t jobs; /* 0: all cores */
    bool quiet, help, version;
    const char *regex;     /* of `events` */
    char *const *settings; /* of `simulate`: name=value words; the first may be a file instead */
    size_t nsettings;
    bool settings_has_file;
    const char *fetch_name, *fetch_path; /* of `fetch`: the file wanted, and where to */
    char *const *sources;                /* borrowed from argv */
    size_t nsources;
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

#define ON_TARGET (1U << COMMAND_TARGET)
#define ON_EVENTS (1U << COMMAND_EVENTS)
#define ON_SIMULATE (1U << COMMAND_SIMULATE)
#define ON_VERIFY (1U << COMMAND_VERIFY)
#define ON_FETCH (1U << COMMAND_FETCH)
#define ON_SUMMARY (1U << COMMAND_SUMMARY)
#define ON_SEARCH (ON_TARGET | ON_EVENTS)
#define ON_SCAN (ON_SEARCH | ON_SIMULATE | ON_VERIFY | ON_SUMMARY)
#define ON_ALL (ON_SCAN | ON_FETCH)

typedef struct option_row {
    const char *name; /* without dashes */
    char letter;      /* 0: none */
    const char *arg;  /* what the value is called in --help; NULL for flags */
    option_type type;
    unsigned commands; /* bits: which commands take it */
    option_group group;
    size_t at;         /* offset of its field in struct options */
    const char *words; /* OPTION_WORD: separated by blanks; the first is the default */
    uint64_t max;      /* OPTION_NUMBER */
    const char *help;  /* one or more lines */
} option_row;

typedef struct command_row {
    const char *name;
    const char *usage;   /* what follows the program's name */
    const char *summary; /* one line */
    const char *help;    /* a paragraph */
    const char *exits;   /* what its exit statuses mean: the end of its --help */
} command_row;

extern const option_row option_table[OPTIONS];
extern const command_row command_table[COMMANDS];

/*
 * Reads a command line, moving operands to the front of argv. path_exists tells a pattern from a file.
 * On failure returns false with one line in message.
 */
bool options_parse(int argc, char **argv, bool (*path_exists)(const char *path), options *out,
                   char message[512]);

/* How many threads are to be used: --jobs, or one for each core. */
unsigned options_jobs(const options *o);

/* The help of a command; that of the default one lists the commands too. */
void options_help(command_id command, text *out);

/* The word an OPTION_WORD option has, into buf. */
const char *options_word(option_id id, unsigned index, char buf[32]);

#endif
