/*
 * describe.c - a record as a line: what all resource managers have in common. Mirrors bin/pg_waldump/pg_waldump.c,
 * XLogDumpDisplayRecord, and access/rmgrdesc/xlogdesc.c, XLogRecGetBlockRefInfo.
 */
#include "describe/describe.h"

#include "describe/digits.h"
#include "describe/ops.h"
#include "format/rmgr.h"

/* A name is padded to this many characters. */
#define NAME_WIDTH 11
/* Names, words and numbers before the operation. */
#define HEAD_CHARS_MAX 256
/* Words and numbers of a block. */
#define BLOCK_CHARS_MAX 128

typedef struct manager {
    wpi_describer describe;
    wpi_identifier identify;
    const wpi_ops *ops; /* NULL: it has more to say than rows do */
} manager;

static const manager managers[] = {
    [WP_RMGR_XLOG] = { wpi_describe_xlog, wpi_identify_xlog, &wpi_ops_xlog },
    [WP_RMGR_XACT] = { wpi_describe_xact, wpi_identify_xact, NULL },
    [WP_RMGR_SMGR] = { wpi_describe_smgr, wpi_identify_smgr, NULL },
    [WP_RMGR_CLOG] = { wpi_describe_clog, wpi_identify_clog, &wpi_ops_clog },
    [WP_RMGR_DATABASE] = { wpi_describe_database, wpi_identify_database, &wpi_ops_database },
    [WP_RMGR_TABLESPACE] = { wpi_describe_tablespace, wpi_identify_tablespace,
                             &wpi_ops_tablespace },
    [WP_RMGR_MULTIXACT] = { wpi_describe_multixact, wpi_identify_multixact, &wpi_ops_multixact },
    [WP_RMGR_RELMAP] = { wpi_describe_relmap, wpi_identify_relmap, &wpi_ops_relmap },
    [WP_RMGR_STANDBY] = { wpi_describe_standby, wpi_identify_standby, NULL },
    [WP_RMGR_HEAP2] = { wpi_describe_heap2, wpi_identify_heap2, &wpi_ops_heap2 },
    [WP_RMGR_HEAP] = { wpi_describe_heap, wpi_identify_heap, &wpi_ops_heap },
    [WP_RMGR_BTREE] = { wpi_describe_btree, wpi_identify_btree, &wpi_ops_btree },
    [WP_RMGR_HASH] = { wpi_describe_hash, wpi_identify_hash, &wpi_ops_hash },
    [WP_RMGR_GIN] = { wpi_describe_gin, wpi_identify_gin, &wpi_ops_gin },
    [WP_RMGR_GIST] = { wpi_describe_gist, wpi_identify_gist, &wpi_ops_gist },
    [WP_RMGR_SEQUENCE] = { wpi_describe_sequence, wpi_identify_sequence, &wpi_ops_sequence },
    [WP_RMGR_SPGIST] = { wpi_describe_spgist, wpi_identify_spgist, &wpi_ops_spgist },
    [WP_RMGR_BRIN] = { wpi_describe_brin, wpi_identify_brin, &wpi_ops_brin },
    [WP_RMGR_COMMIT_TS] = { wpi_describe_commit_ts, wpi_identify_commit_ts, &wpi_ops_commit_ts },
    [WP_RMGR_REPLICATION_ORIGIN] = { wpi_describe_origin, wpi_identify_origin, &wpi_ops_origin },
    [WP_RMGR_GENERIC] = { wpi_describe_generic, wpi_identify_generic, NULL },
    [WP_RMGR_LOGICAL_MESSAGE] = { wpi_describe_message, wpi_identify_message, &wpi_ops_message },
    [WP_RMGR_XLOG2] = { wpi_describe_xlog2, wpi_identify_xlog2, NULL },
};

#define MANAGERS (sizeof managers / sizeof *managers)

static const char *const fork_names[] = { "main", "fsm", "vm", "init" };

#define FORKS (sizeof fork_names / sizeof *fork_names)

/* Bytes of the record that are page images: the rest is what pg_waldump calls the record's length. */
uint32_t wpi_image_bytes(const wpi_record *record)
{
    uint32_t bytes = 0;
    for (unsigned i = 0; i < record->nblocks; i++)
        bytes += (uint32_t)record->blocks[i].image.bytes.len;
    return bytes;
}

const char *wpi_fork_name(uint8_t fork)
{
    return fork < FORKS ? fork_names[fork] : "unknown";
}

/* Most records are of files that were named a few records before. */
static char *add_file(char *at, const wp_locator *file, wpi_text *out)
{
    if (!out->files)
        return wpi_add_locator(at, file->spc, file->db, file->rel);
    wp_file_text *known = &out->files[file->rel % WP_FILE_TEXTS];
    const wp_locator *last = &known->file;
    if (known->len == 0 || last->rel != file->rel || last->db != file->db
        || last->spc != file->spc) {
        known->file = *file;
        known->len = (uint32_t)(wpi_add_locator(known->chars, file->spc, file->db, file->rel)
                                - known->chars);
    }
    memcpy(at, known->chars, sizeof known->chars);
    return at + known->len;
}

static void put_block(const wpi_record *record, const wpi_block *block, wpi_text *out)
{
    char *start = wpi_text_reserve(out, BLOCK_CHARS_MAX);
    if (!start)
        return;
    char *at = wpi_add_u32(wpi_add(start, ", blkref #"), block->id);
    at = add_file(wpi_add(at, ": rel "), &block->locator, out);
    if (block->fork != WPI_FORK_MAIN)
        at = wpi_add(wpi_add(at, " fork "), wpi_fork_name(block->fork));
    at = wpi_add_u32(wpi_add(at, " blk "), block->number);
    const uint8_t apply = record->profile->image_apply;
    if (block->has_image) {
        at = wpi_add(at, " FPW");
        if (apply && !(block->image.info & apply))
            at = wpi_add(at, " for WAL verification");
    }
    out->len += (size_t)(at - start);
}

/* Padded to its width. */
static char *add_name(char *at, uint8_t rmid)
{
    const wpi_rmgr_name *builtin = wpi_rmgr_builtin(rmid);
    size_t len;
    if (builtin) {
        len = builtin->len;
        memcpy(at, builtin->chars, sizeof builtin->chars);
    } else {
        len = strlen(wp_rmgr_name(rmid, at));
    }
    memcpy(at + len, "           ", NAME_WIDTH);
    return at + (len > NAME_WIDTH ? len : NAME_WIDTH);
}

/* What comes before the operation. */
static void put_head(const wpi_record *record, wpi_text *out)
{
    char *start = wpi_text_reserve(out, HEAD_CHARS_MAX);
    if (!start)
        return;
    char *at = add_name(wpi_add(start, "rmgr: "), record->rmid);
    at = wpi_add(at, " len (rec/tot): ");
    at = wpi_add_u32_wide(at, record->total_bytes - wpi_image_bytes(record), 6);
    *at = '/';
    at = wpi_add_u32_wide(at + 1, record->total_bytes, 6);
    at = wpi_add_u32_wide(wpi_add(at, ", tx: "), record->xid, 10);
    at = wpi_add_lsn_padded(wpi_add(at, ", lsn: "), record->lsn);
    at = wpi_add_lsn_padded(wpi_add(at, ", prev "), record->prev);
    at = wpi_add(at, ", desc: ");
    out->len += (size_t)(at - start);
}

const char *wp_record_type(const wp_profile *profile, uint8_t rmid, uint8_t info)
{
    return rmid < MANAGERS ? managers[rmid].identify(profile, info & WPI_INFO_OP_MASK) : NULL;
}

void wpi_put_operation(const wpi_record *record, wpi_text *out)
{
    const char *operation = wp_record_type(record->profile, record->rmid, record->info);
    if (operation) {
        wpi_put(out, operation);
        return;
    }
    wpi_put(out, "UNKNOWN (");
    wpi_put_lower_hex(out, record->info & WPI_INFO_OP_MASK, 1);
    wpi_put_char(out, ')');
}

/* Managers of extensions are told by their numbers. */
bool wpi_put_details(const wpi_record *record, wpi_text *out)
{
    if (record->rmid < MANAGERS)
        return managers[record->rmid].describe(record, out);
    wpi_put(out, "rmid: ");
    wpi_put_u32(out, record->rmid);
    return true;
}

bool wpi_is_file_before(const wpi_record *record, unsigned block)
{
    const wp_locator *file = &record->blocks[block].locator;
    for (unsigned i = 0; i < block; i++) {
        const wp_locator *other = &record->blocks[i].locator;
        if (file->spc == other->spc && file->db == other->db && file->rel == other->rel)
            return true;
    }
    return false;
}

/* A name does not end a line, nor does it move the cursor. */
static void put_name(wpi_text *out, const char *name)
{
    for (; *name; name++) {
        const uint8_t c = (uint8_t)*name;
        if (c >= 0x20 && c != 0x7F) {
            wpi_put_char(out, *name);
            continue;
        }
        wpi_put(out, "\\x");
        wpi_put_hex(out, c, 2);
    }
}

void wpi_put_names(const wpi_record *record, wpi_text *out)
{
    const char *separator = "rel ";
    for (unsigned i = 0; i < record->nblocks; i++) {
        const wp_locator *file = &record->blocks[i].locator;
        wp_file_name name = { 0 };
        if (wpi_is_file_before(record, i))
            continue;
        out->dump->name_file(out->dump->name_context, file, record->lsn, &name);
        if (!name.relation)
            continue;
        wpi_put(out, separator);
        wpi_put_locator(out, file);
        wpi_put(out, " is ");
        put_name(out, name.relation);
        if (name.toast_of) {
            wpi_put(out, " (");
            put_name(out, name.toast_of);
            wpi_put_char(out, ')');
        }
        separator = "; rel ";
    }
}

/* The separator is taken back where nothing follows it. */
static void put_names_after(const wpi_record *record, wpi_text *out)
{
    const size_t before = out->len;
    wpi_put(out, "; ");
    const size_t begin = out->len;
    wpi_put_names(record, out);
    if (out->len == begin)
        out->len = before;
}

/* The operation and its details. A row is looked up once, if its name tells all. */
static bool put_described(const wpi_record *record, wpi_text *out)
{
    const wpi_ops *ops = record->rmid < MANAGERS ? managers[record->rmid].ops : NULL;
    const uint8_t op = record->info & WPI_INFO_OP_MASK;
    const wpi_op *row = ops ? wpi_op_find(ops, record->profile, op) : NULL;
    char *start = row ? wpi_text_reserve(out, row->name_len + 1U) : NULL;
    if (!start) {
        wpi_put_operation(record, out);
        wpi_put_char(out, ' ');
        return wpi_put_details(record, out);
    }
    *wpi_add_short(start, row->name, row->name_len) = ' ';
    out->len += row->name_len + 1U;
    if ((op & ops->mask) != op)
        row = wpi_op_find(ops, record->profile, op & ops->mask);
    return wpi_op_describe(row, record, out);
}

bool wpi_put_line(const wpi_record *record, wpi_text *out)
{
    put_head(record, out);
    if (!put_described(record, out))
        return false;
    for (unsigned i = 0; i < record->nblocks; i++)
        put_block(record, &record->blocks[i], out);
    if (out->dump && out->dump->name_file)
        put_names_after(record, out);
    wpi_put_char(out, '\n');
    return true;
}
