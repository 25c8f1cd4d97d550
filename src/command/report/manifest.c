/*
 * manifest.c - manifest.json, which lets anybody check what a report was made of: see render.h. A line a file, so that it can be read
 * without a JSON library.
 *
 * The same input and the same question give the same bytes: nothing here tells when it was made, on how many threads, or where
 * to.
 */
#include "command/report/manifest.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/time_text.h"
#include "cli/command.h"
#include "command/report/render.h"

/* ---- options -------------------------------------------------------------------------------- */

static void add_pick(const question_pick *pick, text *out)
{
    static const char *const words[] = {
        [PICK_LAST] = "last", [PICK_FIRST] = "first", [PICK_UNIQUE] = "unique"
    };
    if (pick->rule == PICK_NUMBER)
        text_addf(out, "\"%" PRIu64 "\"", pick->number);
    else
        text_add_json(out, words[pick->rule]);
}

static void add_value(const options *o, const option_use *use, text *out)
{
    const option_row *row = use->row;
    const void *field = (const char *)o + row->at;
    char buf[WP_TIME_TEXT_BYTES > 32 ? WP_TIME_TEXT_BYTES : 32];
    switch (row->type) {
    case OPTION_STRING:
        text_add_json(out, *(const char *const *)field);
        break;
    case OPTION_WORD:
        text_add_json(out, options_word(option_words(use), *(const unsigned *)field, buf));
        break;
    case OPTION_NUMBER:
        text_addf(out, "\"%" PRIu64 "\"", *(const uint64_t *)field);
        break;
    case OPTION_LSN:
        text_add_json(out, wp_lsn_format(*(const wp_lsn *)field, buf));
        break;
    case OPTION_TIME:
        text_add_json(out, wp_time_format(((const option_time *)field)->time, buf));
        break;
    case OPTION_TIMELINE:
        text_addf(out, "\"%u\"", *(const wp_tli *)field);
        break;
    case OPTION_PICKING:
        add_pick(field, out);
        break;
    default:
        text_add(out, "true");
        break;
    }
}

/* What makes no difference to what is found is not told, nor what may hold a password. */
static bool is_told(option_id id)
{
    return id != OPT_JOBS && id != OPT_QUIET && id != OPT_DSN;
}

static void add_options(const options *o, text *out)
{
    const char *before = "";
    text_add(out, " \"options\":{");
    for (const option_use *use = o->command->takes; use->row != NULL; use++) {
        if (use->row->is_own || use->row->type == OPTION_STRINGS)
            continue;
        const option_id id = (option_id)(use->row - option_table);
        if (!o->given[id] || !is_told(id))
            continue;
        text_addf(out, "%s\n  \"%s\":", before, use->row->name);
        add_value(o, use, out);
        before = ",";
    }
    text_add(out, "},\n");
}

/* ---- files ---------------------------------------------------------------------------------- */

void manifest_file_key(const input_list *list, const input_file *one, text *out)
{
    text_addf(out, "{\"kind\":\"%s\",", input_kind_word(one->kind));
    manifest_place_key(list, one, out);
}

void manifest_place_key(const input_list *list, const input_file *one, text *out)
{
    size_t number = 0;
    if (one->root != SIZE_MAX)
        for (size_t i = 0; i <= one->root; i++)
            number += strcmp(list->roots[i].option, list->roots[one->root].option) == 0;
    if (number > 0)
        text_addf(out, "\"of\":\"%s %zu\",", list->roots[one->root].option, number);
    else
        text_add(out, "\"of\":null,");
    text_add_json_member(out, "name", one->name);
}

static void add_digest(uint64_t size, const uint8_t digest[SHA256_BYTES], text *out)
{
    char hex[SHA256_TEXT_BYTES];
    text_addf(out, ",\"size\":%" PRIu64 ",\"sha256\":\"%s\"}", size, sha256_text(digest, hex));
}

static void add_roots(const input_list *list, const char *option, text *out)
{
    const char *before = "";
    text_addf(out, " \"%ss\":[", option);
    for (size_t i = 0; i < list->nroots; i++) {
        if (strcmp(list->roots[i].option, option) != 0)
            continue;
        text_add(out, before);
        text_add_json(out, list->roots[i].path);
        before = ",";
    }
    text_add(out, "],\n");
}

void report_manifest(const report_document *d, const char *host, uint64_t size,
                     const uint8_t digest[SHA256_BYTES], text *out)
{
    const input_list *list = &d->inputs;
    char zone[TIMEPARSE_TEXT_BYTES];
    text_addf(out, "{\"tool\":\"pitr-find\",\"version\":\"%s\",\"library\":\"libwalparse %s\",\n",
              PITR_FIND_VERSION, wp_version());
    text_add(out, " ");
    json_string(out, "sha256_by", sha256_library());
    text_add(out, ",\n \"command\":\"report\",\n ");
    json_string(out, "host", host);
    text_add(out, ",\n ");
    json_string(out, "zone", time_text_zone(report_incident_time(d), zone));
    text_add(out, ",\n");
    add_options(d->options, out);
    add_roots(list, "source", out);
    add_roots(list, "backup", out);
    add_roots(list, "log", out);
    text_addf(out, " \"report\":{\"name\":\"%s\"",
              report_file_name((report_format)d->options->format));
    add_digest(size, digest, out);
    text_add(out, ",\n \"inputs\":[\n");
    for (size_t i = 0; i < list->count; i++) {
        text_add(out, i > 0 ? ",\n  " : "  ");
        manifest_file_key(list, &list->items[i], out);
        add_digest(list->items[i].size, list->items[i].digest, out);
    }
    text_add(out, "\n ]}\n");
}
