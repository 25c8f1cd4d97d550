/* render_list.c - see render_list.h. */
#include "command/xact/render_list.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/plural.h"

/* What people read, and what scripts do; NULL: null. */
static const struct {
    const char *words, *key;
} ends[LEDGER_ENDS] = {
    [LEDGER_COMMIT] = { "COMMIT", "COMMIT" },
    [LEDGER_ROLLBACK] = { "ROLLBACK", "ROLLBACK" },
    [LEDGER_COMMIT_PREPARED] = { "COMMIT PREPARED", "COMMIT PREPARED" },
    [LEDGER_ROLLBACK_PREPARED] = { "ROLLBACK PREPARED", "ROLLBACK PREPARED" },
    [LEDGER_PREPARED] = { "only prepared", "PREPARE" },
    [LEDGER_LOST] = { "lost in a crash", "LOST" },
    [LEDGER_NONE] = { "no end here", NULL },
};

static const char *time_or_nothing(wp_time time, char buf[WP_TIME_TEXT_BYTES])
{
    wp_time_format(time, buf);
    return buf[0] >= '0' && buf[0] <= '9' ? buf : "";
}

/* What became of them is not known of all: of a transaction without an end. */
static ledger_rows rows_left(const ledger_row *row)
{
    const ledger_rows *kept = &row->rows[FATE_KEPT], *unknown = &row->rows[FATE_UNKNOWN];
    return (ledger_rows){ kept->inserted + unknown->inserted, kept->updated + unknown->updated,
                          kept->deleted + unknown->deleted };
}

/* ---- table ---------------------------------------------------------------------------------- */

static void add_cells(text *out, const char *xid, const char *first, const char *end_lsn,
                      const char *end, const char *time, const ledger_row *row)
{
    const ledger_rows rows = rows_left(row);
    text_addf(out,
              "%10s  %-13s  %-13s  %-17s  %-27s %9" PRIu64 " %12" PRIu64 " %12" PRIu64 " %9" PRId64
              " %9" PRId64 " %9" PRId64 " %8u",
              xid, first, end_lsn, end, time, row->records, row->bytes, row->image_bytes,
              rows.inserted, rows.updated, rows.deleted, row->nsubxacts);
    if (row->nameless > 0)
        text_addf(out, "  %" PRIu64 " row%s in files without a name", row->nameless,
                  plural(row->nameless));
}

static void render_table(const ledger *from, text *out)
{
    text_addf(out, "%10s  %-13s  %-13s  %-17s  %-27s %9s %12s %12s %9s %9s %9s %8s\n", "xid",
              "first LSN", "end LSN", "end", "time", "records", "bytes", "image bytes", "inserted",
              "updated", "deleted", "subxacts");
    for (size_t i = 0; i < from->nrows; i++) {
        const ledger_row *row = &from->rows[i];
        char xid[16], first[WP_LSN_TEXT_BYTES], end[WP_LSN_TEXT_BYTES] = "";
        char time[WP_TIME_TEXT_BYTES];
        (void)snprintf(xid, sizeof xid, "%u", row->xid);
        if (row->end_lsn != 0)
            (void)wp_lsn_format(row->end_lsn, end);
        add_cells(out, xid, wp_lsn_format(row->first_lsn, first), end, ends[row->end].words,
                  time_or_nothing(row->time, time), row);
        text_add(out, row->begins_here ? "\n" : "  may have begun before\n");
    }
    if (from->rest.xid > 0) {
        add_cells(out, "others", "", "", "", "", &from->rest);
        text_add(out, "\n");
    }
    add_cells(out, "all", "", "", "", "", &from->sum);
    text_add(out, "\n");
}

/* ---- CSV and JSON --------------------------------------------------------------------------- */

static void render_csv(const ledger *from, text *out)
{
    text_add(out,
             "xid,first_lsn,end_lsn,end,time,records,bytes,image_bytes,rows_inserted,rows_updated,"
             "rows_deleted,subtransactions,begins_here,rolled_back_inserted,rolled_back_updated,"
             "rolled_back_deleted,nameless_rows\n");
    for (size_t i = 0; i < from->nrows; i++) {
        const ledger_row *row = &from->rows[i];
        const ledger_rows rows = rows_left(row), *back = &row->rows[FATE_ROLLED_BACK];
        char first[WP_LSN_TEXT_BYTES], end[WP_LSN_TEXT_BYTES] = "", time[WP_TIME_TEXT_BYTES];
        if (row->end_lsn != 0)
            (void)wp_lsn_format(row->end_lsn, end);
        text_addf(out, "%u,%s,%s,%s,%s,", row->xid, wp_lsn_format(row->first_lsn, first), end,
                  ends[row->end].key != NULL ? ends[row->end].key : "",
                  time_or_nothing(row->time, time));
        text_addf(out,
                  "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRId64 ",%" PRId64 ",%" PRId64
                  ",%u,%s,%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRIu64 "\n",
                  row->records, row->bytes, row->image_bytes, rows.inserted, rows.updated,
                  rows.deleted, row->nsubxacts, row->begins_here ? "true" : "false", back->inserted,
                  back->updated, back->deleted, row->nameless);
    }
}

static void render_json(const ledger *from, text *out)
{
    for (size_t i = 0; i < from->nrows; i++) {
        const ledger_row *row = &from->rows[i];
        const ledger_rows rows = rows_left(row), *back = &row->rows[FATE_ROLLED_BACK];
        text_addf(out, "{\"xid\":%u,", row->xid);
        json_lsn(out, "first_lsn", row->first_lsn);
        text_add(out, ",");
        json_lsn(out, "end_lsn", row->end_lsn);
        text_add(out, ",");
        json_string(out, "end", ends[row->end].key);
        text_add(out, ",");
        json_time(out, "time", row->time);
        text_addf(out,
                  ",\"records\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"image_bytes\":%" PRIu64
                  ",\"rows_inserted\":%" PRId64 ",\"rows_updated\":%" PRId64
                  ",\"rows_deleted\":%" PRId64 ",\"subtransactions\":%u",
                  row->records, row->bytes, row->image_bytes, rows.inserted, rows.updated,
                  rows.deleted, row->nsubxacts);
        text_addf(out,
                  ",\"begins_here\":%s,\"rolled_back_inserted\":%" PRId64
                  ",\"rolled_back_updated\":%" PRId64 ",\"rolled_back_deleted\":%" PRId64
                  ",\"nameless_rows\":%" PRIu64 "}\n",
                  row->begins_here ? "true" : "false", back->inserted, back->updated, back->deleted,
                  row->nameless);
    }
}

void (*const render_list[XACT_FORMATS])(const ledger *from, text *out) = {
    [XACT_TABLE] = render_table, [XACT_JSON] = render_json, [XACT_CSV] = render_csv
};
