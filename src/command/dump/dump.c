/*
 * dump.c - `dump`: records in WAL order, each as the pg_waldump of its major prints it. See dump.h.
 *
 * Worker threads write the lines (walparse/describe/), the calling thread prints them in order.
 */
#include "command/dump/dump.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"
#include "base/result.h"
#include "base/text.h"
#include "command/dump/follow.h"
#include "command/dump/last_records.h"
#include "command/dump/saved_pages.h"
#include "command/read_records.h"
#include "command/record_filter.h"

/* Joined lines are longer, and mostly written from where they are. */
#define OUTPUT_BYTES ((size_t)16 << 10)

/* Options of its own. */
typedef struct dump_options {
    filter_options filter;
    uint64_t limit; /* 0: all */
    uint64_t last;  /* 0: not only the last ones */
    bool follow;
    const char *save_fullpage; /* a folder; NULL: none */
    bool names;
} dump_options;

typedef struct printing {
    uint64_t limit, lines;
    wp_lsn *last; /* the record with which the limit was reached is put there */
    bool is_terminal, is_failed;
    int error;
    saved_pages *pages;
} printing;

/* The local zone, as pg_waldump has it. */
static void zone_at(void *context, int64_t unix_seconds, wp_zone *out)
{
    (void)context;
    const time_t moment = (time_t)unix_seconds;
    struct tm local;
    if (localtime_r(&moment, &local) == NULL)
        return;
    out->offset = (int32_t)local.tm_gmtoff;
    const size_t len = strnlen(local.tm_zone, sizeof out->abbreviation - 1);
    memcpy(out->abbreviation, local.tm_zone, len);
    out->abbreviation[len] = '\0';
}

static void name_file(void *context, const wp_locator *file, wp_lsn lsn, wp_file_name *out)
{
    const relation_names *names = context;
    *out = (wp_file_name){
        .relation = relation_names_of_file(names, file, lsn),
        .toast_of = relation_names_of_toasted(names, file, lsn),
        .database = relation_names_of_database(names, file->db),
    };
}

static bool dump_record(void *context, const wp_record *record, wp_facts *facts)
{
    return wp_dump_record(context, record, facts) >= 0;
}

/* To a terminal names in the WAL must not talk; piped, they are as pg_waldump prints them. */
static bool print_visibly(const wp_fact_text *line)
{
    text bytes = { 0 }, visible = { 0 };
    text_add_bytes(&bytes, (const char *)(line + 1), line->text_bytes - 1);
    text_add_visible(&visible, text_chars(&bytes));
    text_add(&visible, "\n");
    const bool is_good =
        !bytes.failed && !visible.failed && fputs(text_chars(&visible), stdout) != EOF;
    text_free(&bytes);
    text_free(&visible);
    return is_good;
}

static bool print_fact(void *context, const wp_fact *fact)
{
    printing *p = context;
    if (fact->kind == WP_FACT_IMAGE)
        return saved_pages_take(p->pages, (const void *)fact);
    const wp_fact_text *line = (const void *)fact;
    const bool is_good = p->is_terminal
                             ? print_visibly(line)
                             : fwrite(line + 1, 1, line->text_bytes, stdout) == line->text_bytes;
    if (!is_good) {
        p->is_failed = true;
        p->error = errno;
        return false;
    }
    if (++p->lines == p->limit)
        *p->last = fact->lsn;
    return p->lines != p->limit;
}

/* With --follow segments of other timelines may have come. */
static void turn_to(void *context, const archive *wal)
{
    ((printing *)context)->pages->wal = wal;
}

static exit_code print_records(const options *o, const question *q, const archive *wal,
                               wp_dump *what, saved_pages *pages, wp_lsn *last)
{
    const dump_options *own = (const void *)o->own;
    printing p = {
        .limit = own->limit, .last = last, .is_terminal = isatty(STDOUT_FILENO), .pages = pages
    };
    wal_reach reach = { 0 };
    const record_reader reader = { .on_record = dump_record,
                                   .record_context = what,
                                   .take = print_fact,
                                   .context = &p,
                                   .reach = &reach };
    /* Else lines are looked at one by one. */
    what->joins_lines = p.limit == 0 && !p.is_terminal && !own->follow;
    static char output[OUTPUT_BYTES]; /* glibc heeds a size only with a buffer */
    (void)setvbuf(stdout, output, _IOFBF, sizeof output);
    if (what->format == WP_DUMP_CSV)
        (void)fputs(what->name_file != NULL ? WP_DUMP_CSV_HEAD_NAMES : WP_DUMP_CSV_HEAD, stdout);
    const follower following = {
        .what = what, .take = print_fact, .turn_to = turn_to, .context = &p
    };
    const exit_code code =
        own->follow ? follow_records(q, wal, &following) : read_records(q, wal, &reader);
    if (pages->is_failed)
        return result_trouble(pages->message);
    if (p.is_failed || ferror(stdout) != 0 || fflush(stdout) != 0) {
        log_error("cannot write the result: %s", strerror(p.is_failed ? p.error : errno));
        return EXIT_TROUBLE;
    }
    if (code == EXIT_FOUND && pages->nbroken > 0)
        return EXIT_DOUBT;
    if (p.lines > 0 || own->follow || code == EXIT_TROUBLE)
        return code;
    wal_reach_tell_nothing(&reach, wal, q, "no such record");
    return code == EXIT_FOUND ? EXIT_NOTHING : code;
}

/* The folder is made when all else is known to be right. */
static exit_code save_and_print(const options *o, const question *q, const archive *wal,
                                wp_dump *what, wp_lsn *last)
{
    const dump_options *own = (const void *)o->own;
    saved_pages pages = { .fd = -1 };
    const bool is_good =
        own->save_fullpage == NULL || saved_pages_open(&pages, own->save_fullpage, wal);
    const exit_code code =
        is_good ? print_records(o, q, wal, what, &pages, last) : result_trouble(pages.message);
    saved_pages_close(&pages);
    return code;
}

static exit_code print_last(const options *o, const question *q, const archive *wal, wp_dump *what)
{
    const dump_options *own = (const void *)o->own;
    char message[MESSAGE_BYTES];
    last_records last;
    question asked = *q;
    if (!last_records_find(wal, what, own->last, q->jobs, &last, message))
        return result_trouble(message);
    /* Whatever has been written since. What cannot be read up to the end of the WAL may be a later one. */
    if (last.first != 0) {
        asked.range.from_lsn = what->filter.from_lsn = last.first;
        if (!own->follow)
            what->filter.to_lsn = last.last;
    }
    return save_and_print(o, &asked, &last.wal, what, &(wp_lsn){ 0 });
}

static exit_code print_range(const options *o, const question *q, const archive *wal, wp_dump *what,
                             wp_lsn *last)
{
    const dump_options *own = (const void *)o->own;
    return own->last != 0 ? print_last(o, q, wal, what) : save_and_print(o, q, wal, what, last);
}

static exit_code dump_archive(const options *o, const question *q, const sources *from)
{
    const dump_options *own = (const void *)o->own;
    record_filter filter = { 0 };
    wp_dump what = { .format = (wp_dump_format)o->format,
                     .block_size = from->wal->block_size,
                     .with_images = own->save_fullpage != NULL,
                     .zone_at = zone_at };
    tzset();
    exit_code code = record_filter_make(o, q, from, own->names, &filter);
    if (code == EXIT_FOUND) {
        what.filter = filter.wanted;
        what.name_file = own->names ? name_file : NULL;
        what.name_context = filter.names;
        wp_lsn last = UINT64_MAX;
        code = print_range(o, q, from->wal, &what, &last);
        code = record_filter_status(&filter, last, code);
    }
    record_filter_free(&filter);
    return code;
}

static bool check(const options *o, const command_line *line)
{
    const dump_options *own = (const void *)o->own;
    if (own->last != 0 && own->limit != 0)
        return message_fail(line->message, "--last and --limit do not go together");
    if (own->follow && o->from_command != NULL)
        return message_fail(line->message,
                            "--follow reads files: it does not go with --from-command");
    if (own->follow && record_filter_is_told_anywhere(o))
        return message_fail(line->message,
                            "--follow goes with neither --xid nor --relation REGEX: which "
                            "subtransactions and files they mean is told later");
    if (own->follow && own->names)
        return message_fail(line->message, "--follow does not go with --names: what is created or "
                                           "renamed later would have none, or the wrong one");
    if (own->follow && o->given[OPT_UNTIL])
        return message_fail(line->message,
                            "--follow does not go with --until: it ends at --to-lsn, "
                            "--limit or a signal");
    return record_filter_check(o, own->names, line);
}

static exit_code run(const options *o)
{
    const dump_options *own = (const void *)o->own;
    return record_filter_with_sources(
        o, own->names, "dump takes no pattern: see pitr-find dump --help", dump_archive);
}

/* ---- the command ---------------------------------------------------------------------------- */

// clang-format off
static const option_row limit_row = { .name = "limit", .letter = 'n', .arg = "N", .type = OPTION_NUMBER,
    .group = GROUP_NARROW, .is_own = true, .at = offsetof(dump_options, limit), .max = UINT64_MAX,
    .help = "stop after N records" };
static const option_row last_row = { .name = "last", .arg = "N", .type = OPTION_NUMBER,
    .group = GROUP_NARROW, .is_own = true, .at = offsetof(dump_options, last), .max = LAST_RECORDS_MAX,
    .help = "only the last N records" };
static const option_row follow_row = { .name = "follow", .type = OPTION_FLAG,
    .group = GROUP_WHERE, .is_own = true, .at = offsetof(dump_options, follow),
    .help = "go on as WAL is written, like tail -f, until --limit, --to-lsn\nor a signal" };
static const option_row save_fullpage_row = { .name = "save-fullpage", .arg = "DIR", .type = OPTION_STRING,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(dump_options, save_fullpage),
    .help = "also write each full-page image of these records, unpacked,\nto a file in DIR, which is empty or will be made" };

static const option_row names_row = { .name = "names", .type = OPTION_FLAG,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(dump_options, names),
    .help = "tell the names of the relations, too: reads all WAL for them\nfirst" };

static const option_use takes[] = {
    TAKES_RECORD_FILTER
    { .row = &limit_row },
    { .row = &last_row },
    { .row = &option_table[OPT_TIMELINE] },
    { .row = &follow_row },
    { .row = &option_table[OPT_FORMAT], .words = "text json csv",
      .help = "text (lines of pg_waldump, the default), json (an object a\nline) or csv, with the columns of pg_walinspect" },
    { .row = &names_row },
    { .row = &save_fullpage_row },
    { .row = &option_table[OPT_FROM_COMMAND] },
    TAKES_NAMES
    TAKES_TO_READ
    { .row = &option_table[OPT_JOBS] },
    TAKES_ALWAYS
};

const command dump_command = {
    .name = "dump",
    .usage = "dump [OPTION]... SOURCE...",
    .summary = "print the records, as pg_waldump does",
    .help = "Prints every record along a timeline in WAL order, one line each, as the pg_waldump of the WAL's\n"
            "own major does. What cannot be read is told on stderr, and reading goes on after it. Times are\n"
            "in the local zone, as pg_waldump has them: TZ=UTC pitr-find dump ...",
    .exits = "Exit status: 0 printed, 1 no such record, 2 wrong usage or unreadable input, 3 printed or not, a\n"
             "gap or damage was passed over, a page image could not be unpacked, a segment is there twice with\n"
             "other content, a name may be an old one, or more records may be of the transaction of --xid.\n",
    .takes = takes,
    .check = check,
    .run = run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
