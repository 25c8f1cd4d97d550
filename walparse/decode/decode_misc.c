/*
 * decode_misc.c - the small resource managers: storage, databases, tablespaces, the relation map,
 * standby, logical messages; and TRUNCATE as wal_level logical spells it out.
 *
 * Mirrors smgrdesc.c, dbasedesc.c, tblspcdesc.c, relmapdesc.c, standbydesc.c, logicalmsgdesc.c and
 * heapdesc.c below access/rmgrdesc.
 */
#include <string.h>

#include "decode/decode.h"

#define SMGR_CREATE 0x10 /* catalog/storage_xlog.h */
#define SMGR_TRUNCATE 0x20

#define DATABASE_CREATE_FILE_COPY 0x00 /* commands/dbcommands_xlog.h; the others moved: profile */

#define TABLESPACE_CREATE 0x00 /* commands/tablespace.h */
#define TABLESPACE_DROP 0x10

#define RELMAP_UPDATE 0x00 /* utils/relmapper.h, RelMapFile in relmapper.c */
#define RELMAP_MAGIC UINT32_C(0x592717)

#define STANDBY_RUNNING_XACTS 0x10 /* storage/standbydefs.h */
#define LOCK_ENTRY_BYTES 12

#define LOGICAL_MESSAGE 0x00 /* replication/message.h */

#define HEAP_OP_MASK 0x70 /* access/heapam_xlog.h */
#define HEAP_TRUNCATE 0x30

static wp_locator take_locator(wpi_cursor *c)
{
    wp_locator got;
    got.spc = wpi_take_u32(c);
    got.db = wpi_take_u32(c);
    got.rel = wpi_take_u32(c);
    return got;
}

static bool add_storage(const wpi_record *record, wp_fact_kind kind, uint32_t op,
                        wp_locator locator, uint32_t block, wpi_builder *out)
{
    wp_fact_storage *fact = wpi_fact_add(out, kind, sizeof *fact, record->lsn, record->xid);
    if (!fact)
        return true;
    fact->fact.op = (uint8_t)op;
    fact->locator = locator;
    fact->block = block;
    return true;
}

bool wpi_decode_smgr(const wpi_record *record, wpi_builder *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    switch (record->info & WPI_INFO_OP_MASK) {
    case SMGR_CREATE: {
        const wp_locator locator = take_locator(&c);
        const uint32_t fork = wpi_take_u32(&c);
        if (c.overrun || fork > UINT8_MAX)
            return false;
        return add_storage(record, WP_FACT_STORAGE_CREATE, fork, locator, 0, out);
    }
    case SMGR_TRUNCATE: {
        const uint32_t block = wpi_take_u32(&c);
        const wp_locator locator = take_locator(&c);
        const uint32_t flags = record->profile->smgr_truncate_has_flags ? wpi_take_u32(&c) : 0;
        if (c.overrun || flags > UINT8_MAX)
            return false;
        return add_storage(record, WP_FACT_STORAGE_TRUNCATE, flags, locator, block, out);
    }
    default:
        return true;
    }
}

/* A database fact; tablespaces are count oids in the record. */
static bool add_database(const wpi_record *record, wp_fact_kind kind, uint8_t op, wp_oid db,
                         const uint8_t *tablespaces, uint32_t count, wpi_builder *out)
{
    wp_fact_database *fact =
        wpi_fact_add(out, kind, sizeof *fact + count * sizeof(wp_oid), record->lsn, record->xid);
    if (!fact)
        return true;
    fact->fact.op = op;
    fact->db = db;
    fact->ntablespaces = count;
    for (size_t i = 0; i < count; i++)
        fact->tablespaces[i] = wpi_u32(tablespaces + i * sizeof(wp_oid));
    return true;
}

bool wpi_decode_database(const wpi_record *record, wpi_builder *out)
{
    const wp_profile *profile = record->profile;
    const uint8_t op = record->info & WPI_INFO_OP_MASK;
    const bool is_drop = op == profile->database_drop_op;
    const bool is_logged = op == profile->database_wal_log_op;
    if (!is_drop && !is_logged && op != DATABASE_CREATE_FILE_COPY)
        return true;

    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_oid db = wpi_take_u32(&c);
    uint32_t count = 1;
    const uint8_t *tablespaces = is_drop && profile->database_drop_is_array
                                     ? wpi_take_array(&c, sizeof(wp_oid), &count)
                                     : wpi_take(&c, sizeof(wp_oid));
    if (op == DATABASE_CREATE_FILE_COPY)
        (void)wpi_take(&c, 2 * sizeof(wp_oid)); /* what it was copied from */
    if (c.overrun)
        return false;
    return add_database(record, is_drop ? WP_FACT_DATABASE_DROP : WP_FACT_DATABASE_CREATE,
                        is_logged, db, tablespaces, count, out);
}

bool wpi_decode_tablespace(const wpi_record *record, wpi_builder *out)
{
    const uint8_t op = record->info & WPI_INFO_OP_MASK;
    if (op != TABLESPACE_CREATE && op != TABLESPACE_DROP)
        return true;
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_oid oid = wpi_take_u32(&c);
    if (c.overrun)
        return false;
    wp_fact_tablespace *fact = wpi_fact_add(
        out, op == TABLESPACE_DROP ? WP_FACT_TABLESPACE_DROP : WP_FACT_TABLESPACE_CREATE,
        sizeof *fact, record->lsn, record->xid);
    if (fact)
        fact->tablespace = oid;
    return true;
}

/* u32 db, u32 tablespace, i32 nbytes, then a whole map file: magic, count, pairs, padding, CRC. */
bool wpi_decode_relmap(const wpi_record *record, wpi_builder *out)
{
    if ((record->info & WPI_INFO_OP_MASK) != RELMAP_UPDATE)
        return true;
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_oid db = wpi_take_u32(&c);
    (void)wpi_take_u32(&c);
    uint32_t nbytes;
    const uint8_t *image = wpi_take_array(&c, 1, &nbytes);
    if (!image)
        return false;

    wpi_cursor map = wpi_cursor_of((wp_view){ image, nbytes });
    const uint32_t magic = wpi_take_u32(&map);
    uint32_t count;
    const uint8_t *pairs = wpi_take_array(&map, sizeof(wp_relmap_entry), &count);
    if (map.overrun || magic != RELMAP_MAGIC)
        return false;
    wp_fact_relmap *fact =
        wpi_fact_add(out, WP_FACT_RELMAP, sizeof *fact + count * sizeof(wp_relmap_entry),
                     record->lsn, record->xid);
    if (!fact)
        return true;
    fact->db = db;
    fact->nentries = count;
    for (size_t i = 0; i < count; i++, pairs += sizeof(wp_relmap_entry))
        fact->entries[i] = (wp_relmap_entry){ wpi_u32(pairs), wpi_u32(pairs + 4) };
    return true;
}

static bool decode_locks(const wpi_record *record, wpi_builder *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    uint32_t count;
    const uint8_t *entry = wpi_take_array(&c, LOCK_ENTRY_BYTES, &count);
    if (c.overrun)
        return false;
    for (; count > 0; count--, entry += LOCK_ENTRY_BYTES) {
        wp_fact_lock *fact =
            wpi_fact_add(out, WP_FACT_LOCK, sizeof *fact, record->lsn, wpi_u32(entry));
        if (!fact)
            return true;
        fact->db = wpi_u32(entry + 4);
        fact->rel = wpi_u32(entry + 8);
    }
    return true;
}

static bool decode_running(const wpi_record *record, wpi_builder *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const uint64_t xids = wpi_take_u32(&c);
    const uint64_t subxids = wpi_take_u32(&c);
    const bool overflowed = wpi_take_u8(&c) != 0;
    wpi_align(&c, 4);
    const wp_xid next_xid = wpi_take_u32(&c);
    const wp_xid oldest_running = wpi_take_u32(&c);
    const wp_xid latest_completed = wpi_take_u32(&c);
    if (c.overrun || xids + subxids > wpi_left(&c) / sizeof(wp_xid))
        return false;
    wp_fact_running *fact =
        wpi_fact_add(out, WP_FACT_RUNNING_XACTS, sizeof *fact, record->lsn, record->xid);
    if (!fact)
        return true;
    fact->next_xid = next_xid;
    fact->oldest_running = oldest_running;
    fact->latest_completed = latest_completed;
    fact->overflowed = overflowed;
    return true;
}

bool wpi_decode_standby(const wpi_record *record, wpi_builder *out)
{
    switch (record->info & WPI_INFO_OP_MASK) {
    case WPI_STANDBY_LOCK:
        return decode_locks(record, out);
    case STANDBY_RUNNING_XACTS:
        return decode_running(record, out);
    default:
        return true;
    }
}

/* The server's size_t is as wide as its alignment tells. */
static uint64_t take_size(wpi_cursor *c, uint8_t max_align)
{
    return max_align == 4 ? wpi_take_u32(c) : wpi_take_u64(c);
}

/* u32 db, u8 transactional, size_t prefix bytes (NUL included), size_t message bytes, both. */
bool wpi_decode_message(const wpi_record *record, wpi_builder *out)
{
    if ((record->info & WPI_INFO_OP_MASK) != LOGICAL_MESSAGE)
        return true;
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_oid db = wpi_take_u32(&c);
    const bool is_transactional = wpi_take_u8(&c) != 0;
    wpi_align(&c, record->max_align);
    const uint64_t prefix_bytes = take_size(&c, record->max_align);
    const uint64_t message_bytes = take_size(&c, record->max_align);
    if (c.overrun || prefix_bytes > wpi_left(&c) || message_bytes > wpi_left(&c) - prefix_bytes)
        return false;

    const uint8_t *prefix = wpi_take(&c, (size_t)prefix_bytes);
    const uint8_t *nul = memchr(prefix, 0, (size_t)prefix_bytes);
    if (!nul)
        return false;
    wp_fact_message *fact =
        wpi_fact_add(out, WP_FACT_LOGICAL_MESSAGE, sizeof *fact, record->lsn, record->xid);
    if (!fact)
        return true;
    const size_t chars = (size_t)(nul - prefix);
    fact->fact.op = is_transactional;
    fact->db = db;
    fact->message_bytes = message_bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)message_bytes;
    memcpy(fact->prefix, prefix, chars < WP_NAME_BYTES ? chars : WP_NAME_BYTES - 1);
    return true;
}

bool wpi_decode_heap_truncate(const wpi_record *record, wpi_builder *out)
{
    if (!record->profile->has_heap_truncate || (record->info & HEAP_OP_MASK) != HEAP_TRUNCATE)
        return true;
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_oid db = wpi_take_u32(&c);
    const uint32_t count = wpi_take_u32(&c);
    const uint8_t flags = wpi_take_u8(&c);
    wpi_align(&c, 4);
    if (c.overrun || count > wpi_left(&c) / sizeof(wp_oid))
        return false;
    wp_fact_heap_truncate *fact =
        wpi_fact_add(out, WP_FACT_HEAP_TRUNCATE, sizeof *fact + count * sizeof(wp_oid), record->lsn,
                     record->xid);
    if (!fact)
        return true;
    fact->fact.op = flags;
    fact->db = db;
    fact->nrels = count;
    for (size_t i = 0; i < count; i++)
        fact->rels[i] = wpi_take_u32(&c);
    return true;
}
