/*
 * xact.c - `xact`: the biography of one transaction, or the transactions of a window. See xact.h.
 */
#include "command/xact/xact.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/plural.h"
#include "base/result.h"
#include "command/read_records.h"
#include "command/with_sources.h"
#include "command/record_pass.h"
#include "command/who_of_biography.h"
#include "command/render_biography.h"
#include "command/xact/render_list.h"
#include "file/filename.h"
#include "search/xid_epoch.h"

/* Of each list for people, where --limit does not say otherwise; and of the commits meanwhile. */
#define LINES_SHOWN 10

/* Options of its own. */
typedef struct xact_options {
    uint64_t limit; /* 0: all, or LINES_SHOWN */
    uint64_t xid;   /* may have its epoch, as txid_current() gives it; 0: none */
} xact_options;

/* ---- operands ------------------------------------------------------------------------------- */

static bool is_number(const char *word)
{
    return word[strspn(word, "0123456789")] == '\0';
}

/* xact [XID] SOURCE... */
static bool take_operands(options *out, const command_line *line)
{
    xact_options *own = (void *)out->own;
    if (out->nsources == 0 || !is_number(out->sources[0]) || line->path_exists(out->sources[0])
        || filename_parse(out->sources[0]).kind != FILENAME_OTHER)
        return true;
    errno = 0;
    own->xid = strtoull(out->sources[0], NULL, 10);
    if (errno != 0 || (wp_xid)own->xid < FAMILY_FIRST_XID)
        return message_fail(line->message,
                            "\"%.40s\" is not the id of a transaction: they begin with %u",
                            out->sources[0], FAMILY_FIRST_XID);
    out->sources++;
    out->nsources--;
    return true;
}

static bool check(const options *o, const command_line *line)
{
    const xact_options *own = (const void *)o->own;
    const bool begins_fetch = o->given[OPT_FROM_LSN] && o->given[OPT_FROM_COMMAND];
    const bool has_window = o->given[OPT_SINCE] || o->given[OPT_UNTIL] || o->given[OPT_TO_LSN]
                            || (o->given[OPT_FROM_LSN] && !begins_fetch);
    if (own->xid != 0 && has_window)
        return message_fail(line->message, "--since, --until, --from-lsn and --to-lsn list the "
                                           "transactions of a window: they go without an XID "
                                           "(--from-lsn goes with one and --from-command)");
    if (own->xid == 0 && (o->given[OPT_LOG] || o->given[OPT_LOG_LINE_PREFIX]))
        return message_fail(line->message, "--log tells who one transaction was: it goes with an "
                                           "XID");
    if (o->given[OPT_LOG_LINE_PREFIX] && !o->given[OPT_LOG])
        return message_fail(line->message, "--log-line-prefix goes with --log");
    if (own->xid != 0 && o->format == XACT_CSV)
        return message_fail(line->message,
                            "--format csv goes with the list of transactions: of one "
                            "there is table and json");
    return true;
}

/* ---- one transaction ------------------------------------------------------------------------ */

/* False after the line of an error. */
static bool ask_who(const options *o, biography *b, who_answer *who)
{
    const who_config config = { .logs = o->logs.items,
                                .nlogs = o->logs.count,
                                .prefix = o->log_line_prefix };
    text_list warnings = { 0 };
    char message[MESSAGE_BYTES];
    if (config.nlogs == 0)
        return true;
    b->who = who;
    const bool is_good = who_of_biography(&config, b, who, &warnings, message);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    if (!is_good)
        (void)result_trouble(message);
    return is_good;
}

static exit_code tell_biography(const options *o, const question *q, const sources *from)
{
    const xact_options *own = (const void *)o->own;
    const uint64_t limit = own->limit != 0 ? own->limit : LINES_SHOWN;
    biography b;
    exit_code epoch;
    if (!xid_epoch_is_here(from->wal, own->xid, q->jobs, &epoch))
        return epoch;
    exit_code code = biography_gather(q, from, (wp_xid)own->xid, limit, &b);
    text out = { 0 };
    who_answer who = { 0 };
    if (b.size.records > 0 && code != EXIT_TROUBLE && !ask_who(o, &b, &who))
        code = EXIT_TROUBLE;
    if (b.size.records > 0 && code != EXIT_TROUBLE) {
        if (o->format == XACT_JSON)
            biography_json(&b, from->wal, &out);
        else
            biography_story(&b, from->wal, limit, &out);
        if (!result_print(&out))
            code = EXIT_TROUBLE;
    }
    who_free(&who);
    biography_free(&b);
    return code == EXIT_FOUND ? epoch : code;
}

/* ---- the transactions of a window ----------------------------------------------------------- */

static bool take_fact(void *context, const wp_fact *fact)
{
    return ledger_take(context, fact);
}

static void miss(void *context, wp_lsn until)
{
    ledger_miss(context, until);
}

static exit_code warn_of_doubt(const ledger *l, exit_code code)
{
    char lsn[WP_LSN_TEXT_BYTES];
    if (l->is_full)
        log_warning("more than %zu transactions are open at a time: some are not told",
                    LEDGER_OPEN_MAX);
    if (l->late > 0)
        log_warning("%" PRIu64 " transaction%s may have begun before this WAL, which begins at %s: "
                    "what %s did there is not told",
                    l->late, plural(l->late), wp_lsn_format(l->start_lsn, lsn),
                    l->late == 1 ? "it" : "they");
    if (l->sum.nameless > 0)
        log_warning("%" PRIu64 " row%s that are counted are of files that this WAL does not name: "
                    "they may be of system catalogs; --backup and --dsn give names",
                    l->sum.nameless, plural(l->sum.nameless));
    if (l->minimal > 0)
        log_warning("wal_level was minimal: %" PRIu64 " transaction%s that changed relations may "
                    "have put rows into new files, and the WAL need not have them",
                    l->minimal, plural(l->minimal));
    return l->is_full || l->late > 0 || l->sum.nameless > 0 || l->minimal > 0 ? EXIT_DOUBT : code;
}

static exit_code print_ledger(const options *o, const question *q, const archive *wal,
                              const wal_reach *reach, ledger *l, exit_code code)
{
    char message[MESSAGE_BYTES];
    text out = { 0 };
    if (l->is_failed || !ledger_finish(l)) {
        message_no_memory(message);
        return result_trouble(message);
    }
    code = warn_of_doubt(l, code);
    if (l->nrows == 0) {
        wal_reach_tell_nothing(reach, wal, q, "no transaction of that window");
        return code == EXIT_FOUND ? EXIT_NOTHING : code;
    }
    render_list[o->format](l, &out);
    return result_print(&out) ? code : EXIT_TROUBLE;
}

static exit_code list_transactions(const options *o, const question *q, const sources *from)
{
    const xact_options *own = (const void *)o->own;
    char message[MESSAGE_BYTES];
    wp_record_filter filter = { .of_xacts = true };
    question whole = *q;
    whole.range.from_lsn = 0; /* a transaction may begin before the window */
    relation_names *names;
    ledger l;
    wal_reach reach = { 0 };
    exit_code code = EXIT_TROUBLE;
    if (!relation_names_read(q, from, &names, message))
        return result_trouble(message);
    if (ledger_start(q, names, from->wal->info.segment_size, own->limit, &l)) {
        const record_reader reader = { .on_record = record_pass_decode,
                                       .record_context = &filter,
                                       .take = take_fact,
                                       .miss = miss,
                                       .context = &l,
                                       .takes_all = true,
                                       .reach = &reach };
        if (from->wal->nconflicts > 0)
            ledger_miss(&l, UINT64_MAX);
        code = read_records(&whole, from->wal, &reader);
        if (code != EXIT_TROUBLE)
            code = print_ledger(o, q, from->wal, &reach, &l, code);
    } else {
        message_no_memory(message);
        code = result_trouble(message);
    }
    ledger_free(&l);
    relation_names_free(names);
    return code;
}

static exit_code answer_xact(const options *o, const question *q, const sources *from)
{
    const xact_options *own = (const void *)o->own;
    return own->xid != 0 ? tell_biography(o, q, from) : list_transactions(o, q, from);
}

static exit_code run(const options *o)
{
    return with_sources(
        o, "is it the XID? It is a number, and comes first: pitr-find xact XID SOURCE...",
        answer_xact);
}

/* ---- the command ---------------------------------------------------------------------------- */

// clang-format off
static const option_row limit_row = { .name = "limit", .letter = 'n', .arg = "N", .type = OPTION_NUMBER,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(xact_options, limit), .max = UINT64_MAX,
    .help = "only the N largest transactions; of one, N lines of each\nlist and N commits meanwhile (default 10)" };

static const option_use takes[] = {
    { .row = &option_table[OPT_SINCE],
      .help = "only transactions that end at TS or later" },
    { .row = &option_table[OPT_UNTIL],
      .help = "only transactions that end at TS or earlier" },
    { .row = &option_table[OPT_FROM_LSN],
      .help = "only transactions whose end starts here or later; with\n--from-command and an XID: where fetching begins" },
    { .row = &option_table[OPT_TO_LSN],
      .help = "only transactions whose end starts here or earlier" },
    { .row = &option_table[OPT_TIMELINE] },
    { .row = &limit_row },
    { .row = &option_table[OPT_FORMAT], .words = "table json csv",
      .help = "table (the default), json (an object, or one a line) or\ncsv (of the list)" },
    { .row = &option_table[OPT_BACKUP],
      .help = "a base backup (directory, base.tar, an archiver's): its\ncatalogs give names" },
    { .row = &option_table[OPT_FROM_COMMAND] },
    TAKES_TO_READ
    { .row = &option_table[OPT_DSN] },
    { .row = &option_table[OPT_LOG], .help = "of an XID: a log of the server (csvlog, jsonlog or stderr,\npacked or not), or a folder of them: who did it? May be given\nmore than once" },
    { .row = &option_table[OPT_LOG_LINE_PREFIX] },
    { .row = &option_table[OPT_JOBS] },
    TAKES_ALWAYS
};

const command xact_command = {
    .name = "xact",
    .usage = "xact [OPTION]... [XID] SOURCE...",
    .summary = "tell all that one transaction did, or list the transactions of a window",
    .help = "With an XID tells the biography of that transaction: where it begins and ends, what it did, its\n"
            "subtransactions, locks, relations and files, and who committed meanwhile. Without one lists the\n"
            "transactions that end in a window, the largest first. A first operand of digits only is the\n"
            "XID, unless it names a file.",
    .exits = "Exit status: 0 told, 1 no such transaction, 2 wrong usage or unreadable input, 3 told, and it may\n"
             "have begun before this WAL, records or subtransactions of it may be hidden, or rows counted\n"
             "may be of system catalogs.\n",
    .takes = takes,
    .take_operands = take_operands,
    .check = check,
    .run = run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
