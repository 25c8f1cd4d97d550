/* render_biography.c - see render_biography.h. */
#include "command/render_biography.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/plural.h"
#include "base/time_text.h"
#include "server_log/who_words.h"

static const char *const op_words[] = {
    [WP_XACT_COMMIT] = "COMMIT",
    [WP_XACT_ABORT] = "ROLLBACK",
    [WP_XACT_COMMIT_PREPARED] = "COMMIT PREPARED",
    [WP_XACT_ABORT_PREPARED] = "ROLLBACK PREPARED",
};
static const char *const fate_words[FATES] = {
    [FATE_UNKNOWN] = "unknown", [FATE_KEPT] = "kept", [FATE_ROLLED_BACK] = "rolled back"
};
static const char *const storage_words[] = {
    [STORAGE_CREATED] = "created",
    [STORAGE_TRUNCATED] = "truncated",
    [STORAGE_DROPPED] = "dropped",
    [STORAGE_DATABASE_CREATED] = "database created",
    [STORAGE_DATABASE_DROPPED] = "database dropped",
    [STORAGE_TABLESPACE_CREATED] = "tablespace created",
    [STORAGE_TABLESPACE_DROPPED] = "tablespace dropped",
};
static const char *const inval_keys[WP_INVAL_KINDS] = {
    [WP_INVAL_CATCACHE] = "catcache", [WP_INVAL_CATALOG] = "catalog",
    [WP_INVAL_RELCACHE] = "relcache", [WP_INVAL_SMGR] = "smgr",
    [WP_INVAL_RELMAP] = "relmap",     [WP_INVAL_SNAPSHOT] = "snapshot",
    [WP_INVAL_RELSYNC] = "relsync",   [WP_INVAL_OTHER] = "other",
};

/* Longest file: three numbers of ten digits, two slashes. */
#define FILE_BYTES 40

static const char *file_words(const wp_locator *file, char buf[FILE_BYTES])
{
    (void)snprintf(buf, FILE_BYTES, "%u/%u/%u", file->spc, file->db, file->rel);
    return buf;
}

/* What of a storage item is a name: a database and a tablespace are no file. */
static const char *storage_file(const biography_storage *one, char buf[FILE_BYTES])
{
    if (one->what == STORAGE_DATABASE_CREATED || one->what == STORAGE_DATABASE_DROPPED)
        (void)snprintf(buf, FILE_BYTES, "%u/%u", one->file.spc, one->file.db);
    else if (one->what >= STORAGE_TABLESPACE_CREATED)
        (void)snprintf(buf, FILE_BYTES, "%u", one->file.spc);
    else
        (void)file_words(&one->file, buf);
    return buf;
}

static const char *segment_of(const archive *wal, wp_lsn lsn, char buf[WP_SEGMENT_NAME_BYTES])
{
    const archive_segment *segment = archive_segment_of(wal, lsn);
    return wp_segment_name_format(segment != NULL ? segment->tli : wal->timeline, lsn,
                                  wal->info.segment_size, buf);
}

/* NULL: it is not known. */
static const char *storage_name(const biography *b, const biography_storage *one)
{
    if (one->what <= STORAGE_DROPPED)
        return relation_names_of_file(b->names, &one->file, one->lsn);
    const bool is_database =
        one->what == STORAGE_DATABASE_CREATED || one->what == STORAGE_DATABASE_DROPPED;
    if (is_database)
        return relation_names_of_database(b->names, one->file.db);
    return one->file.spc == b->tablespace ? b->tablespace_name : NULL;
}

/* Not more than this passed from its first record to its end, in microseconds; -1: not known. */
static int64_t longest_duration(const biography *b)
{
    const bool has_times = b->family.has_end && biography_has_beginning(b)
                           && b->time_before != WP_TIME_UNKNOWN && b->end_time != WP_TIME_UNKNOWN
                           && b->end_time >= b->time_before;
    return has_times ? b->end_time - b->time_before : -1;
}

/* ---- for people ----------------------------------------------------------------------------- */

#define LABEL "%-17s"

static void add_place(text *out, const archive *wal, wp_lsn lsn)
{
    char at[WP_LSN_TEXT_BYTES], segment[WP_SEGMENT_NAME_BYTES];
    text_addf(out, "%s in %s", wp_lsn_format(lsn, at), segment_of(wal, lsn, segment));
}

static void add_end(const biography *b, const archive *wal, text *out)
{
    const family *of = &b->family;
    text_addf(out, LABEL, "end");
    if (of->has_end) {
        text_addf(out, "%s", op_words[of->end_op]);
        if (of->end_op == WP_XACT_ABORT && biography_may_be_part(b))
            text_add(out, " (of a transaction, or of a savepoint: this WAL does not tell)");
        text_add(out, " at ");
        add_place(out, wal, of->end_lsn);
        text_addf(out, "\n" LABEL, "");
        time_text_add(out, b->end_time);
    } else if (b->cut_lsn != 0) {
        text_addf(out, "a record of %s that is not whole begins at ", op_words[b->cut_op]);
        add_place(out, wal, b->cut_lsn);
    } else if (of->lost_lsn != 0) {
        text_add(out, "none: the server stopped or crashed before ");
        add_place(out, wal, of->lost_lsn);
        text_add(out, b->is_doubtful ? "; did it commit? Not all WAL before that could be read"
                                     : ", so it did not commit");
    } else {
        char lsn[WP_LSN_TEXT_BYTES];
        text_addf(out, "none: %s when this WAL ends at %s%s",
                  b->is_prepared ? "prepared, and neither committed nor rolled back" : "not ended",
                  wp_lsn_format(b->family.wal_end, lsn),
                  b->is_doubtful ? ", as far as it could be read" : "");
    }
    text_add(out, "\n");
    if (!of->has_end && biography_may_be_part(b))
        text_addf(out, LABEL "it may be a subtransaction of another: this WAL does not tell\n", "");
}

/* As SQL writes it: ROLLBACK PREPARED takes it so. */
static void add_literal(text *out, const char *words)
{
    text doubled = { 0 };
    for (; *words != '\0'; words++)
        text_addf(&doubled, *words == '\'' ? "''" : "%c", *words);
    text_add(out, "'");
    text_add_visible(out, text_chars(&doubled));
    text_add(out, "'");
    out->failed |= doubled.failed;
    text_free(&doubled);
}

static void add_prepare(const biography *b, const archive *wal, text *out)
{
    if (!b->is_prepared && b->gid == NULL)
        return;
    text_addf(out, LABEL, "prepared");
    add_literal(out, b->gid != NULL ? b->gid : "");
    if (b->is_prepared) {
        text_add(out, " at ");
        add_place(out, wal, b->family.prepare_lsn);
        text_addf(out, "\n" LABEL, "");
        time_text_add(out, b->prepare_time);
    } else {
        text_add(out, ", before this WAL");
    }
    text_add(out, "\n");
}

static void add_seconds(text *out, int64_t us)
{
    text_addf(out, "%" PRId64 ".%06" PRId64 " s", us / 1000000, us % 1000000);
}

static void add_times(const biography *b, text *out)
{
    if (longest_duration(b) >= 0) {
        text_addf(out, LABEL "at most ", "duration");
        add_seconds(out, longest_duration(b));
        text_add(out, ", from its first record: the end of another before that is of ");
        time_text_add(out, b->time_before);
        text_add(out, "\n");
    }
    if (b->has_origin) {
        char lsn[WP_LSN_TEXT_BYTES];
        text_addf(out, LABEL "%u, where it ended at %s", "origin", b->origin,
                  wp_lsn_format(b->origin_lsn, lsn));
        if (b->origin_time != WP_TIME_UNKNOWN) {
            text_add(out, ", ");
            time_text_add(out, b->origin_time);
        }
        text_add(out, "\n");
    }
}

static void add_who(const biography *b, text *out)
{
    text_list lines = { 0 };
    if (b->who == NULL)
        return;
    who_lines(b->who, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        text_addf(out, LABEL, i == 0 ? "who" : "");
        text_add_visible(out, lines.items[i]);
        text_add(out, "\n");
    }
    text_list_free(&lines);
}

static size_t shown(size_t count, uint64_t limit)
{
    return limit != 0 && limit < count ? (size_t)limit : count;
}

static void add_more(text *out, size_t count, size_t told)
{
    if (told < count)
        text_addf(out, "  and %zu more\n", count - told);
}

static void add_events(const biography *b, uint64_t limit, text *out)
{
    const size_t told = shown(b->nevents, limit);
    if (!biography_is_commit(b))
        return;
    text_addf(out, "\nwhat it did%s\n", b->nevents == 0 ? ": nothing that makes an event" : "");
    for (size_t i = 0; i < told; i++) {
        const biography_event *event = &b->events[i];
        text_add(out, "  ");
        text_add_visible(out, text_chars(&event->words));
        if (event->has_rows)
            text_addf(out, "  (%s%" PRIu64 " row%s)", event->may_miss_rows ? ">=" : "", event->rows,
                      plural(event->rows));
        text_add(out, "\n");
    }
    add_more(out, b->nevents, told);
}

static void add_subtransactions(const biography *b, uint64_t limit, text *out)
{
    const family *of = &b->family;
    size_t by_fate[FATES] = { 0 };
    const size_t count = of->count - 1;
    size_t told = 0;
    for (size_t i = 0; i < of->count; i++)
        by_fate[of->members[i].fate] += of->members[i].xid != of->top;
    if (count > 0)
        text_addf(out, "\nsubtransactions: %zu kept, %zu rolled back, %zu unknown\n",
                  by_fate[FATE_KEPT], by_fate[FATE_ROLLED_BACK], by_fate[FATE_UNKNOWN]);
    for (size_t i = 0; i < of->count && told < shown(count, limit); i++) {
        const family_member *one = &of->members[i];
        const biography_part *part = &b->parts[i];
        char lsn[WP_LSN_TEXT_BYTES];
        if (one->xid == of->top)
            continue;
        told++;
        text_addf(out, "  %-10u %-11s  %" PRIu64 " record%s, %" PRIu64 " bytes", one->xid,
                  fate_words[one->fate], part->size.records, plural(part->size.records),
                  part->size.bytes);
        if (part->first_lsn != 0)
            text_addf(out, ", from %s", wp_lsn_format(part->first_lsn, lsn));
        if (one->inside != 0)
            text_addf(out, ", inside %u", one->inside);
        text_add(out, "\n");
    }
    add_more(out, count, told);
    if (b->possible.count > 0) {
        text_addf(out, "\nmay be subtransactions:%s", b->possible.has_more ? " more than" : "");
        for (size_t i = 0; i < shown(b->possible.count, limit); i++)
            text_addf(out, " %u", b->possible.items[i].xid);
        text_addf(out, "%s\n", shown(b->possible.count, limit) < b->possible.count ? " ..." : "");
    }
}

static void add_locks(const biography *b, uint64_t limit, text *out)
{
    const size_t told = shown(b->nlocks, limit);
    if (b->nlocks > 0)
        text_addf(out, "\nlocks (AccessExclusiveLock): %zu\n", b->nlocks);
    for (size_t i = 0; i < told; i++) {
        const biography_lock *one = &b->locks[i];
        char lsn[WP_LSN_TEXT_BYTES];
        const char *name = relation_names_of_oid(b->names, one->db, one->rel, one->lsn);
        text_addf(out, "  %-13s  ", wp_lsn_format(one->lsn, lsn));
        if (name != NULL)
            text_add_visible(out, name);
        else
            text_addf(out, "relation %u of database %u", one->rel, one->db);
        text_add(out, "\n");
    }
    add_more(out, b->nlocks, told);
}

/* Whose rows stand in the line of a file: those that are not of a subtransaction that was rolled back alone. */
static fate main_fate(const biography *b)
{
    if (biography_is_commit(b))
        return FATE_KEPT;
    return b->family.has_end || b->family.lost_lsn != 0 ? FATE_ROLLED_BACK : FATE_UNKNOWN;
}

static void add_rows(text *out, const biography_file *file, fate of)
{
    const int64_t *rows = file->rows[of];
    if (file->is_unlogged) {
        text_addf(out, " %9s %9s %9s", "?", "?", "?");
        return;
    }
    text_addf(out, " %9" PRId64 " %9" PRId64 " %9" PRId64, rows[ROWS_INSERTED], rows[ROWS_UPDATED],
              rows[ROWS_DELETED]);
}

static bool has_rows(const int64_t rows[ROW_OPS])
{
    return rows[ROWS_INSERTED] != 0 || rows[ROWS_UPDATED] != 0 || rows[ROWS_DELETED] != 0;
}

/* What the file is called, where that is known. */
static void add_name(const biography *b, const wp_locator *file, wp_lsn lsn, text *out)
{
    const char *name = relation_names_of_file(b->names, file, lsn);
    const char *toasted = relation_names_of_toasted(b->names, file, lsn);
    if (name == NULL && toasted == NULL)
        return;
    text_add(out, "  ");
    text_add_visible(out, name != NULL ? name : toasted);
    text_add(out, name != NULL && toasted != NULL ? " of " : "");
    if (name != NULL && toasted != NULL)
        text_add_visible(out, toasted);
    text_add(out, name == NULL ? " (TOAST)" : "");
}

static void add_files(const biography *b, uint64_t limit, text *out)
{
    const size_t told = shown(b->nfiles, limit);
    const fate rows_of = main_fate(b);
    if (b->nfiles > 0)
        text_addf(out, "\n%-28s %9s %12s %12s %9s %9s %9s\n", "relations", "records", "bytes",
                  "image bytes", "inserted", "updated", "deleted");
    for (size_t i = 0; i < told; i++) {
        const biography_file *one = &b->files[i];
        char file[FILE_BYTES];
        text_addf(out, "  %-26s %9" PRIu64 " %12" PRIu64 " %12" PRIu64,
                  file_words(&one->file, file), one->size.records, one->size.bytes,
                  one->size.image_bytes);
        add_rows(out, one, rows_of);
        add_name(b, &one->file, one->first_lsn, out);
        text_add(out, "\n");
        if (rows_of != FATE_ROLLED_BACK && !one->is_unlogged
            && has_rows(one->rows[FATE_ROLLED_BACK])) {
            text_addf(out, "    %-24s %9s %12s %12s", "rolled back besides", "", "", "");
            add_rows(out, one, FATE_ROLLED_BACK);
            text_add(out, "\n");
        }
    }
    add_more(out, b->nfiles, told);
}

static void add_storage(const biography *b, uint64_t limit, text *out)
{
    static const char *const forks[] = { "", " (fsm)", " (vm)", " (init)" };
    const size_t told = shown(b->nstorage, limit);
    if (b->nstorage > 0)
        text_addf(out, "\nfiles: %zu\n", b->nstorage);
    for (size_t i = 0; i < told; i++) {
        const biography_storage *one = &b->storage[i];
        char lsn[WP_LSN_TEXT_BYTES], file[FILE_BYTES];
        text_addf(out, "  %-13s  %-9s  %s%s", wp_lsn_format(one->lsn, lsn),
                  storage_words[one->what], storage_file(one, file),
                  one->fork < 4 ? forks[one->fork] : "");
        if (one->what == STORAGE_TRUNCATED)
            text_addf(out, "  to %u block%s", one->blocks, plural(one->blocks));
        if (one->what <= STORAGE_DROPPED) {
            add_name(b, &one->file, one->lsn, out);
        } else if (storage_name(b, one) != NULL) {
            text_add(out, "  ");
            text_add_visible(out, storage_name(b, one));
        }
        text_add(out, "\n");
    }
    add_more(out, b->nstorage, told);
}

static void add_messages(const biography *b, uint64_t limit, text *out)
{
    const size_t told = shown(b->nmessages, limit);
    if (b->nmessages > 0)
        text_addf(out, "\nlogical messages: %zu\n", b->nmessages);
    for (size_t i = 0; i < told; i++) {
        const biography_message *one = &b->messages[i];
        char lsn[WP_LSN_TEXT_BYTES];
        text_addf(out, "  %-13s  ", wp_lsn_format(one->lsn, lsn));
        text_add_visible(out, one->prefix);
        text_addf(out, "  %u byte%s%s\n", one->bytes, plural(one->bytes),
                  one->is_transactional ? "" : ", not transactional");
    }
    add_more(out, b->nmessages, told);
}

static void add_invals(const biography *b, text *out)
{
    const char *before = ":";
    if (biography_invals(b) == 0)
        return;
    text_addf(out, "\ninvalidations: %" PRIu64, biography_invals(b));
    for (int i = 0; i < WP_INVAL_KINDS; i++) {
        if (b->invals[i] == 0)
            continue;
        text_addf(out, "%s %s %u", before, inval_keys[i], b->invals[i]);
        before = ",";
    }
    text_add(out, "\n");
}

static void add_commit(text *out, const char *label, const biography_commit *one)
{
    char lsn[WP_LSN_TEXT_BYTES], time[WP_TIME_TEXT_BYTES];
    text_addf(out, "  %-6s %-10u  %-13s  %s\n", label, one->xid, wp_lsn_format(one->lsn, lsn),
              wp_time_format(one->time, time));
}

static void add_meanwhile(const biography *b, text *out)
{
    text_addf(out, "\nmeanwhile %" PRIu64 " other transaction%s committed\n", b->commits,
              plural(b->commits));
    for (size_t i = 0; i < b->nlisted; i++)
        add_commit(out, i == 0 ? "first" : "", &b->listed[i]);
    if (b->commits > b->nlisted + 1)
        text_addf(out, "  and %" PRIu64 " more\n", b->commits - b->nlisted - 1);
    if (b->commits > b->nlisted)
        add_commit(out, "last", &b->last_commit);
}

void biography_story(const biography *b, const archive *wal, uint64_t limit, text *out)
{
    const char *database = relation_names_of_database(b->names, b->db);
    text_addf(out, LABEL "%u on timeline %u, database ", "transaction", b->family.top,
              archive_timeline(wal, b->first_lsn));
    if (database != NULL)
        text_add_visible(out, database);
    else
        text_addf(out, "%u", b->db);
    text_add(out, "\n");
    if (b->asked != b->family.top)
        text_addf(out, LABEL "%u is a subtransaction of it\n", "asked for", b->asked);
    text_addf(out, LABEL, "first record");
    add_place(out, wal, b->first_lsn);
    text_addf(out, "%s\n" LABEL,
              biography_has_beginning(b) ? "" : "; it may have begun before this WAL",
              "last record");
    add_place(out, wal, b->last_lsn);
    text_add(out, "\n");
    add_prepare(b, wal, out);
    add_end(b, wal, out);
    add_times(b, out);
    add_who(b, out);
    text_addf(out, LABEL "%" PRIu64 ", %" PRIu64 " bytes, %" PRIu64 " of them page images\n",
              "records", b->size.records, b->size.bytes, b->size.image_bytes);
    add_events(b, limit, out);
    add_subtransactions(b, limit, out);
    add_locks(b, limit, out);
    add_files(b, limit, out);
    add_storage(b, limit, out);
    add_messages(b, limit, out);
    add_invals(b, out);
    add_meanwhile(b, out);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

/* "key":value, with what stands before it. */
static void add_lsn(text *out, const char *key, wp_lsn lsn)
{
    text_add(out, ",");
    json_lsn(out, key, lsn);
}

static void add_time(text *out, const char *key, wp_time time)
{
    text_add(out, ",");
    json_time(out, key, time);
}

static void add_string(text *out, const char *key, const char *value)
{
    text_add(out, ",");
    json_string(out, key, value);
}

static void add_number(text *out, const char *key, uint64_t value)
{
    text_addf(out, ",\"%s\":%" PRIu64, key, value);
}

static void add_number_or_null(text *out, const char *key, uint64_t value)
{
    text_add(out, ",");
    json_number(out, key, value);
}

static void add_bool(text *out, const char *key, bool value)
{
    text_addf(out, ",\"%s\":%s", key, value ? "true" : "false");
}

static void add_segment(text *out, const char *key, const archive *wal, wp_lsn lsn)
{
    char segment[WP_SEGMENT_NAME_BYTES];
    add_string(out, key, lsn != 0 ? segment_of(wal, lsn, segment) : NULL);
}

static void add_size(text *out, const biography_size *size)
{
    add_number(out, "records", size->records);
    add_number(out, "bytes", size->bytes);
    add_number(out, "image_bytes", size->image_bytes);
}

static const char *end_key(const biography *b)
{
    if (b->family.has_end)
        return op_words[b->family.end_op];
    if (b->family.lost_lsn != 0)
        return b->is_doubtful ? NULL : "LOST";
    return b->is_prepared ? "PREPARE" : NULL;
}

static void add_json_end(const biography *b, const archive *wal, text *out)
{
    const family *of = &b->family;
    const wp_lsn lost_lsn = b->is_doubtful ? 0 : of->lost_lsn;
    const wp_lsn end = of->has_end ? of->end_lsn : lost_lsn;
    add_string(out, "end", end_key(b));
    add_lsn(out, "end_lsn", end);
    add_lsn(out, "end_end_lsn", b->end_end_lsn);
    add_segment(out, "end_segment", wal, end);
    add_time(out, "time", b->end_time);
    add_lsn(out, "cut_end_lsn", b->cut_lsn);
    add_string(out, "prepared_gid", b->gid);
    add_lsn(out, "prepare_lsn", of->prepare_lsn);
    add_time(out, "prepare_time", b->prepare_time);
    add_time(out, "time_before", b->time_before);
    text_add(out, ",\"duration_at_most\":");
    if (longest_duration(b) >= 0)
        text_addf(out, "%" PRId64 ".%06" PRId64, longest_duration(b) / 1000000,
                  longest_duration(b) % 1000000);
    else
        text_add(out, "null");
    add_number_or_null(out, "origin", b->origin);
    add_lsn(out, "origin_lsn", b->origin_lsn);
    add_time(out, "origin_time", b->origin_time);
}

static void add_json_rows(text *out, const char *key, const biography_file *file, fate of)
{
    const int64_t *rows = file->rows[of];
    if (file->is_unlogged) {
        text_addf(out, ",\"%s\":{\"inserted\":null,\"updated\":null,\"deleted\":null}", key);
        return;
    }
    text_addf(out,
              ",\"%s\":{\"inserted\":%" PRId64 ",\"updated\":%" PRId64 ",\"deleted\":%" PRId64 "}",
              key, rows[ROWS_INSERTED], rows[ROWS_UPDATED], rows[ROWS_DELETED]);
}

static void add_json_file(const biography *b, const biography_file *one, text *out)
{
    char file[FILE_BYTES];
    text_addf(out, "{\"file\":\"%s\"", file_words(&one->file, file));
    add_string(out, "name", relation_names_of_file(b->names, &one->file, one->first_lsn));
    add_string(out, "toast_of", relation_names_of_toasted(b->names, &one->file, one->first_lsn));
    add_lsn(out, "first_lsn", one->first_lsn);
    add_size(out, &one->size);
    add_json_rows(out, "kept", one, FATE_KEPT);
    add_json_rows(out, "rolled_back", one, FATE_ROLLED_BACK);
    add_json_rows(out, "unknown", one, FATE_UNKNOWN);
    text_add(out, "}");
}

static void add_json_storage(const biography *b, const biography_storage *one, text *out)
{
    char file[FILE_BYTES], lsn[WP_LSN_TEXT_BYTES];
    text_addf(out, "{\"lsn\":\"%s\",\"what\":\"%s\",\"file\":\"%s\"", wp_lsn_format(one->lsn, lsn),
              storage_words[one->what], storage_file(one, file));
    add_string(out, "name", storage_name(b, one));
    text_addf(out, ",\"fork\":%u,\"blocks\":", one->fork);
    if (one->what == STORAGE_TRUNCATED)
        text_addf(out, "%u}", one->blocks);
    else
        text_add(out, "null}");
}

static void add_json_subtransactions(const biography *b, text *out)
{
    const char *before = "";
    text_add(out, ",\"subtransactions\":[");
    for (size_t i = 0; i < b->family.count; i++) {
        const family_member *one = &b->family.members[i];
        if (one->xid == b->family.top)
            continue;
        text_addf(out, "%s{\"xid\":%u,\"fate\":\"%s\"", before, one->xid, fate_words[one->fate]);
        add_number_or_null(out, "inside", one->inside);
        add_lsn(out, "first_lsn", b->parts[i].first_lsn);
        add_lsn(out, "rollback_lsn", one->abort_lsn);
        add_size(out, &b->parts[i].size);
        text_add(out, "}");
        before = ",";
    }
    text_add(out, "],\"possible_subtransactions\":[");
    for (size_t i = 0; i < b->possible.count; i++)
        text_addf(out, "%s%u", i > 0 ? "," : "", b->possible.items[i].xid);
    text_add(out, "]");
}

static void add_json_lists(const biography *b, text *out)
{
    text_add(out, ",\"locks\":[");
    for (size_t i = 0; i < b->nlocks; i++) {
        const biography_lock *one = &b->locks[i];
        char lsn[WP_LSN_TEXT_BYTES];
        text_addf(out, "%s{\"lsn\":\"%s\",\"xid\":%u,\"database_oid\":%u,\"relation_oid\":%u",
                  i > 0 ? "," : "", wp_lsn_format(one->lsn, lsn), one->xid, one->db, one->rel);
        add_string(out, "name", relation_names_of_oid(b->names, one->db, one->rel, one->lsn));
        text_add(out, "}");
    }
    text_add(out, "],\"relations\":[");
    for (size_t i = 0; i < b->nfiles; i++) {
        text_add(out, i > 0 ? "," : "");
        add_json_file(b, &b->files[i], out);
    }
    text_add(out, "],\"files\":[");
    for (size_t i = 0; i < b->nstorage; i++) {
        text_add(out, i > 0 ? "," : "");
        add_json_storage(b, &b->storage[i], out);
    }
    text_add(out, "],\"messages\":[");
    for (size_t i = 0; i < b->nmessages; i++) {
        const biography_message *one = &b->messages[i];
        char lsn[WP_LSN_TEXT_BYTES];
        text_addf(out, "%s{\"lsn\":\"%s\",", i > 0 ? "," : "", wp_lsn_format(one->lsn, lsn));
        text_add_json_member(out, "prefix", one->prefix);
        add_number(out, "bytes", one->bytes);
        add_bool(out, "transactional", one->is_transactional);
        text_add(out, "}");
    }
    text_add(out, "]");
}

static void add_json_invals(const biography *b, text *out)
{
    text_add(out, ",\"invalidations\":");
    if (!biography_is_commit(b)) {
        text_add(out, "null"); /* a rollback has none to send */
        return;
    }
    text_addf(out, "{\"all\":%" PRIu64, biography_invals(b));
    for (int i = 0; i < WP_INVAL_KINDS; i++)
        add_number(out, inval_keys[i], b->invals[i]);
    text_add(out, "}");
}

static void add_json_commit(text *out, const biography_commit *one)
{
    text_addf(out, "{\"xid\":%u", one->xid);
    add_lsn(out, "lsn", one->lsn);
    add_time(out, "time", one->time);
    text_add(out, "}");
}

static void add_json_meanwhile(const biography *b, text *out)
{
    text_addf(out, ",\"meanwhile\":{\"commits\":%" PRIu64 ",\"first\":", b->commits);
    if (b->commits > 0)
        add_json_commit(out, &b->first_commit);
    text_add(out, b->commits > 0 ? ",\"last\":" : "null,\"last\":null");
    if (b->commits > 0)
        add_json_commit(out, &b->last_commit);
    text_add(out, ",\"listed\":[");
    for (size_t i = 0; i < b->nlisted; i++) {
        text_add(out, i > 0 ? "," : "");
        add_json_commit(out, &b->listed[i]);
    }
    text_add(out, "]}");
}

void biography_json(const biography *b, const archive *wal, text *out)
{
    text_addf(out, "{\"xid\":%u,\"asked_xid\":%u,\"may_be_subtransaction\":%s,\"timeline\":%u",
              b->family.top, b->asked, biography_may_be_part(b) ? "true" : "false",
              archive_timeline(wal, b->first_lsn));
    add_number_or_null(out, "database_oid", b->db);
    add_string(out, "database", relation_names_of_database(b->names, b->db));
    add_bool(out, "begins_here", biography_has_beginning(b));
    add_lsn(out, "first_lsn", b->first_lsn);
    add_segment(out, "first_segment", wal, b->first_lsn);
    add_lsn(out, "last_lsn", b->last_lsn);
    add_segment(out, "last_segment", wal, b->last_lsn);
    add_json_end(b, wal, out);
    add_size(out, &b->size);
    text_add(out, ",\"events\":[");
    for (size_t i = 0; i < b->nevents; i++)
        text_addf(out, "%s%s", i > 0 ? "," : "", text_chars(&b->events[i].json));
    text_add(out, "]");
    add_json_subtransactions(b, out);
    add_json_lists(b, out);
    add_json_invals(b, out);
    add_json_meanwhile(b, out);
    if (b->who != NULL) {
        text_add(out, ",\"who\":");
        who_json(b->who, out);
    }
    text_add(out, "}\n");
}
