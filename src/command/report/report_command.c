/*
 * report_command.c - see report_command.h.
 */
#include "command/report/report_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/message.h"
#include "base/opened.h"
#include "base/result.h"
#include "command/report/gather.h"
#include "command/report/manifest.h"
#include "command/report/output.h"
#include "command/report/render.h"
#include "command/with_sources.h"
#include "target/find_target.h"

#define HOST_BYTES 256

static const char manifest_name[] = "manifest.json";

/* Options of its own. */
typedef struct report_options {
    const char *output; /* the folder */
    const char *verify; /* a manifest; NULL: a report is to be made */
} report_options;

/* ---- what fits together --------------------------------------------------------------------- */

static bool check_verify(const options *o, const command_line *line)
{
    static const option_id fits[] = { OPT_BACKUP, OPT_LOG, OPT_QUIET, OPT_HELP, OPT_VERSION };
    const report_options *own = (const void *)o->own;
    bool is_alone = own->output == NULL;
    for (int id = 0; id < OPTIONS; id++) {
        bool is_fit = !o->given[id];
        for (size_t i = 0; i < sizeof fits / sizeof *fits; i++)
            is_fit |= (int)fits[i] == id;
        is_alone &= is_fit;
    }
    return is_alone
           || message_fail(line->message,
                           "--verify MANIFEST goes with SOURCEs, --backup and --log alone");
}

static bool check(const options *o, const command_line *line)
{
    const report_options *own = (const void *)o->own;
    if (own->verify != NULL)
        return check_verify(o, line);
    if (!find_target_check(o, line))
        return false;
    return own->output != NULL
           || message_fail(line->message, "where to? Name a folder for the report: --output DIR");
}

/* By report_format. */
static void (*const render[REPORT_FORMATS])(const report_document *d, text *out) = {
    [REPORT_HTML] = report_html,
    [REPORT_JSON] = report_json,
    [REPORT_TIMESKETCH] = report_timesketch,
};

/* ---- the report ----------------------------------------------------------------------------- */

typedef struct asking {
    const options *options;
    const sources *from;
} asking;

static bool write_report(const report_document *d, const text *page, text *manifest,
                         char message[MESSAGE_BYTES])
{
    const report_options *own = (const void *)d->options->own;
    const char *name = report_file_name((report_format)d->options->format);
    uint8_t digest[SHA256_BYTES];
    char host[HOST_BYTES] = "";
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    if (!sha256_of(text_chars(page), page->len, digest, message))
        return false;
    report_manifest(d, host, page->len, digest, manifest);
    if (page->failed || manifest->failed)
        return message_no_memory(message);
    const output_file files[] = { { name, page }, { manifest_name, manifest } };
    return output_write(own->output, files, sizeof files / sizeof *files, message);
}

static bool tell_names(const report_document *d)
{
    const report_options *own = (const void *)d->options->own;
    text out = { 0 };
    text_addf(&out, "%s/%s\n%s/%s\n", own->output,
              report_file_name((report_format)d->options->format), own->output, manifest_name);
    return result_print(&out);
}

static exit_code tell(void *context, const report *r, text_list *warnings)
{
    const asking *a = context;
    char message[MESSAGE_BYTES];
    report_document d;
    text page = { 0 }, manifest = { 0 };
    exit_code code = EXIT_TROUBLE;
    (void)warnings;
    if (gather(a->options, r, a->from, &d)) {
        render[a->options->format](&d, &page);
        if (!write_report(&d, &page, &manifest, message))
            code = result_trouble(message);
        else if (tell_names(&d))
            code = EXIT_FOUND;
    }
    text_free(&page);
    text_free(&manifest);
    report_document_free(&d);
    return code;
}

static exit_code answer_report(const options *o, const question *asked, const sources *from)
{
    asking a = { .options = o, .from = from };
    options told = *o; /* its formats are those of `target` */
    question q = *asked;
    told.format = FORMAT_CONF;
    told.given[OPT_FORMAT] = false;
    q.needs_all_kinds = o->format == REPORT_JSON;
    return find_target(&told, &q, from, tell, &a);
}

static exit_code run(const options *o)
{
    const report_options *own = (const void *)o->own;
    char message[MESSAGE_BYTES];
    if (own->verify != NULL)
        return manifest_verify(own->verify, o);
    if (!sha256_is_here(message)
        || !output_check(own->output, report_file_name((report_format)o->format), message))
        return result_trouble(message);
    opened_watch();
    return with_sources(o,
                        "is it a part of the pattern? Quote that: --before \"DROP TABLE orders\"",
                        answer_report);
}

/* ---- the command ---------------------------------------------------------------------------- */

// clang-format off
static const option_row output_row = { .name = "output", .letter = 'o', .arg = "DIR", .type = OPTION_STRING,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(report_options, output),
    .help = "the folder for the report and its manifest, made where it is\nmissing. A report that is there is never replaced" };
static const option_row verify_row = { .name = "verify", .arg = "MANIFEST", .type = OPTION_STRING,
    .group = GROUP_WHAT, .is_own = true, .at = offsetof(report_options, verify),
    .help = "no new report: is each file that this manifest.json names\nstill the same in the SOURCEs?" };

static const option_use takes[] = {
    TAKES_TO_ASK
    { .row = &verify_row },
    { .row = &output_row },
    { .row = &option_table[OPT_FORMAT], .words = REPORT_FORMAT_WORDS,
      .help = "html (a page that needs nothing else, the default), json (an\nobject) or timesketch (lines that it imports)" },
    { .row = &option_table[OPT_ACTION] },
    { .row = &option_table[OPT_INSPECTABLE] },
    { .row = &option_table[OPT_RESTORE_COMMAND] },
    { .row = &option_table[OPT_BACKUP] },
    TAKES_TO_READ
    { .row = &option_table[OPT_DSN] },
    { .row = &option_table[OPT_LOG] },
    { .row = &option_table[OPT_LOG_LINE_PREFIX] },
    { .row = &option_table[OPT_JOBS] },
    TAKES_ALWAYS
};

const command report_command = {
    .name = "report",
    .usage = "report --before REGEX --output DIR [OPTION]... SOURCE...",
    .summary = "write an incident down: target, timeline, evidence, hashes of inputs",
    .help = "Finds the incident as target does, and writes a page that tells all that is known of it: the\n"
            "target, what is kept and lost, a timeline, the transaction, the archive's health, what to do, and\n"
            "the records that prove it. Beside it, manifest.json has the SHA-256 of every file that was read.\n"
            "The same input gives the same bytes.",
    .exits = "Exit status: 0 written, or all files are the same, 1 nothing matched, or a file is not the same,\n"
             "2 wrong usage or unreadable input, 3 written or not, in doubt: a gap, damage, a missing name or\n"
             "an unknown kind of record in the range searched; or no restore gets there yet.\n",
    .takes = takes,
    .check = check,
    .run = run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
