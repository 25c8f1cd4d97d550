/* rescue_report.c - see rescue_report.h. */
#include "command/rescue/rescue_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/message.h"
#include "base/plural.h"
#include "base/temporary.h"
#include "search/event_text.h"
#include "search/match_lines.h"

static const char *const doubt_words[WP_ROW_DOUBTS] = {
    [WP_ROW_DOUBT_MAKER] = "nobody knows how the transaction ended that made them",
    [WP_ROW_DOUBT_REMOVER] = "nobody knows how the transaction ended that removed them",
    [WP_ROW_DOUBT_MULTIXACT] = "the members of their multixact are not known",
    [WP_ROW_DOUBT_HEADER] = "their header contradicts itself",
};
static const char *const doubt_keys[WP_ROW_DOUBTS] = {
    [WP_ROW_DOUBT_MAKER] = "unknown_maker",
    [WP_ROW_DOUBT_REMOVER] = "unknown_remover",
    [WP_ROW_DOUBT_MULTIXACT] = "unknown_multixact",
    [WP_ROW_DOUBT_HEADER] = "damaged_header",
};

bool rescue_is_certain(const rescue_report *r)
{
    const heap_sums catalogs = extract_catalog_sums(r->extract);
    if (r->extract->replay.is_cut || !heap_sums_are_certain(&catalogs) || r->base == NULL
        || r->manifest->differing > 0)
        return false;
    for (size_t i = 0; i < r->tables->count; i++)
        if (!table_result_is_certain(&r->tables->items[i], &r->results->items[i]))
            return false;
    return true;
}

/* ---- the story ------------------------------------------------------------------------------ */

static void tell_sums(const char *what, const heap_sums *s)
{
    char where[200] = "";
    if (s->has_first)
        (void)snprintf(where, sizeof where, "; the first one is block %u of file %u%s%s",
                       s->first_block, s->first_file.rel,
                       s->first_fault != WP_FAULT_NONE ? ": " : "",
                       s->first_fault != WP_FAULT_NONE ? wp_page_fault_text(s->first_fault) : "");
    if (s->damaged_blocks > 0)
        log_warning("%s: %" PRIu64 " of %" PRIu64 " blocks %s damaged: their rows are not told%s",
                    what, s->damaged_blocks, s->blocks, s->damaged_blocks == 1 ? "is" : "are",
                    where);
    if (s->unknown_blocks > 0)
        log_warning("%s: %" PRIu64 " of %" PRIu64 " blocks %s not known: their rows are not told%s",
                    what, s->unknown_blocks, s->blocks, s->unknown_blocks == 1 ? "is" : "are",
                    where);
    if (s->may_have_more)
        log_warning("%s: it may have more blocks than the %" PRIu64 " that are known", what,
                    s->blocks);
    for (size_t i = 0; i < WP_ROW_DOUBTS; i++)
        if (s->doubts[i] > 0)
            log_warning("%s: %" PRIu64 " row%s left out: %s", what, s->doubts[i],
                        s->doubts[i] == 1 ? " is" : "s are", doubt_words[i]);
}

static void tell_values(const char *what, const table_result *result)
{
    const row_text_sums *s = &result->values;
    if (s->missing_chunks > 0)
        log_warning("%s: %" PRIu64 " row%s left out: a value's chunks are not in the TOAST table",
                    what, s->missing_chunks, s->missing_chunks == 1 ? " is" : "s are");
    if (s->damaged_values > 0)
        log_warning("%s: %" PRIu64 " row%s left out: a value contradicts itself or its type", what,
                    s->damaged_values, s->damaged_values == 1 ? " is" : "s are");
    if (result->not_undone > 0)
        log_warning("%s: %" PRIu64 " row%s left out: no UPDATE by the key finds what the "
                    "transaction made of %s; --format insert has %s",
                    what, result->not_undone, result->not_undone == 1 ? " is" : "s are",
                    result->not_undone == 1 ? "it" : "them",
                    result->not_undone == 1 ? "it" : "them");
    if (result->may_lack_rows)
        log_warning("%s: the transaction rewrote or emptied the table, too, and rows that it took "
                    "after that are not among these; --all writes the whole table",
                    what);
    if (s->first[0] != '\0')
        log_warning("%s: the first of them: %s", what, s->first);
}

static const char *rows_words(unsigned rows)
{
    if (rows == SUBJECT_ALL)
        return "";
    return rows == SUBJECT_UPDATED   ? " that the transaction updated, as they were"
           : rows == SUBJECT_DELETED ? " that the transaction deleted"
                                     : " that the transaction deleted or updated, as they were";
}

static void tell_table(const rescue_report *r, size_t index, text *line)
{
    const rescue_table *table = &r->tables->items[index];
    const table_result *result = &r->results->items[index];
    dictionary_add_name(table->database->dictionary, table->relation, line);
    text_addf(line, ": %" PRIu64 " row%s%s", result->rows, plural(result->rows),
              rows_words(table->rows));
    if (result->file != NULL)
        text_addf(line, ", in %s", result->file);
    story_line(index == 0 ? "tables" : "", line);
    for (size_t i = 0; i < result->gaps.lines.count; i++) {
        text_addf(line, "    not restored: %s", result->gaps.lines.items[i]);
        story_line("", line);
    }
}

static void warn_of_table(const rescue_report *r, size_t index)
{
    const rescue_table *table = &r->tables->items[index];
    const table_result *result = &r->results->items[index];
    text name = { 0 };
    dictionary_add_name(table->database->dictionary, table->relation, &name);
    const char *what = text_chars(&name);
    if (table->relation->persistence == 't')
        log_warning("%s is temporary: the WAL has none of its rows, and no backup has its files",
                    what);
    if (table->relation->persistence == 'u')
        log_warning("%s is unlogged: the WAL has none of its rows, and a server empties it when it "
                    "recovers: nothing can be had",
                    what);
    tell_sums(what, &result->sums);
    if (!heap_sums_are_certain(&result->toast_sums)) {
        text where = { 0 };
        text_addf(&where, "%s, its TOAST table", what);
        tell_sums(text_chars(&where), &result->toast_sums);
        text_free(&where);
    }
    tell_values(what, result);
    text_free(&name);
}

static void tell_place(const rescue_report *r, text *line)
{
    const search_result *found = r->search->found;
    const event_view view = event_match_view(&found->event);
    char time[WP_TIME_TEXT_BYTES], lsn[WP_LSN_TEXT_BYTES];
    if (found->has_xact) {
        text_addf(line, "%s", event_text(&view));
        if (view.event != NULL)
            match_add_database(line, view.event);
        log_headline("found %s", text_chars(line));
        text_clear(line);
        text_addf(line, "transaction %u, ended %s at %s", view.xact->xid,
                  wp_time_format(view.xact->time, time), wp_lsn_format(view.xact->lsn, lsn));
        story_line("by", line);
    }
    if (found->matched_xacts > 1) {
        text_addf(line,
                  "this is number %" PRIu64 " of %" PRIu64 " that match; --pick chooses another:",
                  found->event.number, found->matches.total);
        story_line("matches", line);
        match_lines_tell(found, found->event.number);
    }
    if (found->points.total > 1)
        match_lines_tell_points(found, found->points.number);
}

static void tell_replay(const rescue_report *r, text *line)
{
    const replay *done = &r->extract->replay;
    char lsn[WP_LSN_TEXT_BYTES], start[WP_LSN_TEXT_BYTES];
    text_addf(line, "%s; %" PRIu64 " records of WAL", wp_lsn_format(done->reached, lsn),
              done->records);
    if (r->base != NULL)
        text_addf(line,
                  " from %s, where the backup starts, and %" PRIu64
                  " bytes of the backup, were read",
                  wp_lsn_format(backup_blocks_about(r->base)->label.start_lsn, start),
                  backup_blocks_bytes_read(r->base));
    else
        text_add(line, " were read");
    story_line("rows as of", line);
}

static void warn_of_search(const rescue_report *r)
{
    text_list warnings = { 0 };
    timeline_search_warnings(r->search, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
}

void rescue_tell(const rescue_report *r)
{
    const replay *done = &r->extract->replay;
    char lsn[WP_LSN_TEXT_BYTES];
    text line = { 0 };
    tell_place(r, &line);
    tell_replay(r, &line);
    for (size_t i = 0; i < r->tables->count; i++)
        tell_table(r, i, &line);
    text_free(&line);
    warn_of_search(r);
    if (done->is_cut)
        log_warning(
            "the WAL can be followed to %s only: the rows are those of there, and not of the "
            "place that was asked for: %s",
            wp_lsn_format(done->reached, lsn), done->why);
    if (r->base == NULL)
        log_warning(
            "there is no backup: only what this WAL proves is told; name one with --backup");
    const heap_sums catalogs = extract_catalog_sums(r->extract);
    if (r->manifest->differing > 0)
        log_warning("the backup: %" PRIu64 " file%s not what the backup_manifest says, first %s: "
                    "rows may be missing, or not what they were",
                    r->manifest->differing, r->manifest->differing == 1 ? " is" : "s are",
                    r->manifest->first);
    tell_sums("the catalogs", &catalogs);
    for (size_t i = 0; i < r->tables->count; i++)
        warn_of_table(r, i);
}

/* ---- the report ----------------------------------------------------------------------------- */

static void add_sums(const heap_sums *s, text *out)
{
    text_addf(out,
              "{\"blocks\":%" PRIu64 ",\"damaged_blocks\":%" PRIu64 ",\"unknown_blocks\":%" PRIu64
              ",\"may_have_more\":%s,\"rows_in_doubt\":%" PRIu64,
              s->blocks, s->damaged_blocks, s->unknown_blocks, s->may_have_more ? "true" : "false",
              s->in_doubt);
    for (size_t i = 0; i < WP_ROW_DOUBTS; i++)
        if (doubt_keys[i] != NULL)
            text_addf(out, ",\"%s\":%" PRIu64, doubt_keys[i], s->doubts[i]);
    text_add(out, "}");
}

static void add_table(const rescue_table *table, const table_result *result, text *out)
{
    const dictionary *d = table->database->dictionary;
    text_add(out, "{");
    const char *database = table->database->row->name;
    text_add_json_member(out, "database", *database != '\0' ? database : NULL);
    text_add(out, ",");
    text_add_json_member(out, "schema", dictionary_schema(d, table->relation->schema));
    text_add(out, ",");
    text_add_json_member(out, "table", table->relation->name);
    text_addf(out, ",\"oid\":%u,\"filenode\":%u", table->relation->oid, table->relation->file.rel);
    text_addf(out, ",\"rows\":%" PRIu64 ",\"certain\":%s", result->rows,
              table_result_is_certain(table, result) ? "true" : "false");
    text_addf(out, ",\"of\":\"%s\"",
              table->rows == SUBJECT_ALL       ? "table"
              : table->rows == SUBJECT_UPDATED ? "updated"
              : table->rows == SUBJECT_DELETED ? "deleted"
                                               : "deleted or updated");
    text_addf(out, ",\"unlogged\":%s", table->relation->persistence == 'u' ? "true" : "false");
    text_add(out, ",\"doubt\":");
    add_sums(&result->sums, out);
    text_add(out, ",\"toast_doubt\":");
    add_sums(&result->toast_sums, out);
    text_addf(out,
              ",\"rows_with_missing_chunks\":%" PRIu64 ",\"rows_with_damaged_values\":%" PRIu64 ",",
              result->values.missing_chunks, result->values.damaged_values);
    text_addf(out, "\"rows_not_undone\":%" PRIu64 ",", result->not_undone);
    text_addf(out, "\"may_lack_rows\":%s,", result->may_lack_rows ? "true" : "false");
    json_string(out, "first_lost", result->values.first);
    text_add(out, ",\"not_restored\":[");
    for (size_t i = 0; i < result->gaps.lines.count; i++) {
        text_add(out, i > 0 ? "," : "");
        text_add_json(out, result->gaps.lines.items[i]);
    }
    text_add(out, "],");
    text_add_json_member(out, "file", result->file);
    text_add(out, "}");
}

static void add_report(const rescue_report *r, exit_code code, text *out)
{
    const replay *done = &r->extract->replay;
    const backup_about *about = r->base != NULL ? backup_blocks_about(r->base) : NULL;
    text_addf(out, "{\"status\":%d,", (int)code);
    json_lsn(out, "asked_lsn", r->subject->until);
    text_add(out, ",");
    json_lsn(out, "lsn", done->reached);
    text_addf(out, ",\"wal_is_cut\":%s,", done->is_cut ? "true" : "false");
    json_string(out, "wal_is_cut_because", done->why);
    text_add(out, ",\"backup\":");
    if (about != NULL) {
        text_add(out, "{");
        json_lsn(out, "start_lsn", about->label.start_lsn);
        text_add(out, ",");
        json_lsn(out, "stop_lsn", about->stop_lsn);
        text_addf(out, ",\"bytes_read\":%" PRIu64 ",\"has_checksums\":%s",
                  backup_blocks_bytes_read(r->base), about->has_checksums ? "true" : "false");
        text_addf(out, ",\"has_manifest\":%s,\"differing_files\":%" PRIu64 ",",
                  r->manifest->is_there ? "true" : "false", r->manifest->differing);
        json_string(out, "first_differing", r->manifest->first);
        text_add(out, "}");
    } else {
        text_add(out, "null");
    }
    text_addf(out, ",\"wal_bytes\":%" PRIu64 ",\"wal_records\":%" PRIu64 ",\"passes\":%u",
              done->bytes, done->records, r->extract->passes);
    text_add(out, ",\"catalogs_doubt\":");
    const heap_sums catalogs = extract_catalog_sums(r->extract);
    add_sums(&catalogs, out);
    text_add(out, ",\"tables\":[");
    for (size_t i = 0; i < r->tables->count; i++) {
        text_add(out, i > 0 ? "," : "");
        add_table(&r->tables->items[i], &r->results->items[i], out);
    }
    text_add(out, "]}\n");
}

bool rescue_write_report(const rescue_report *r, exit_code code, char message[MESSAGE_BYTES])
{
    const char *name = r->own->report;
    text out = { 0 };
    char *path = NULL;
    if (name == NULL)
        return true;
    add_report(r, code, &out);
    int fd = out.failed ? -1 : temporary_file(name, &path, message);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool is_good =
        file != NULL && fwrite(out.bytes, 1, out.len, file) == out.len && fflush(file) == 0;
    if (out.failed)
        (void)message_no_memory(message);
    else if (fd >= 0 && !is_good)
        (void)message_fail(message, "cannot write \"%s\": %s", name, strerror(errno));
    if (is_good)
        is_good = temporary_keep(path, fd, name, message);
    else
        temporary_drop(path);
    if (file != NULL)
        (void)fclose(file);
    text_free(&out);
    return is_good;
}
