/*
 * test_decode_misc.c - the small resource managers: checkpoints, restore points, settings, storage,
 * databases, tablespaces, the relation map, locks, messages, TRUNCATE.
 *
 * The first table is main data that real servers wrote; the words beside it are pg_walinspect's for
 * 15 on, for older servers what the statement was. What a server would not write is built.
 */
#include <stdio.h>

#include "decode/decode.h"
#include "hex.h"

#include "cases.h"

#define LSN UINT64_C(0x16B374D848)
#define END_LSN UINT64_C(0x16B374D900)

#define TEXT_BYTES 1024

static wpi_decoder decoder_of(uint8_t rmid)
{
    switch (rmid) {
    case WP_RMGR_XLOG:
        return wpi_decode_xlog;
    case WP_RMGR_SMGR:
        return wpi_decode_smgr;
    case WP_RMGR_DATABASE:
        return wpi_decode_database;
    case WP_RMGR_TABLESPACE:
        return wpi_decode_tablespace;
    case WP_RMGR_RELMAP:
        return wpi_decode_relmap;
    case WP_RMGR_STANDBY:
        return wpi_decode_standby;
    case WP_RMGR_LOGICAL_MESSAGE:
        return wpi_decode_message;
    case WP_RMGR_HEAP:
        return wpi_decode_heap_truncate;
    default:
        fail_msg("no decoder for %u", rmid);
        return NULL;
    }
}

static bool decode_to(wpi_builder out, const char *major, uint8_t max_align, uint8_t rmid,
                      uint8_t info, wp_view main)
{
    const wpi_record record = { .profile = wp_profile_by_major(major),
                                .lsn = LSN,
                                .end_lsn = END_LSN,
                                .xid = 700,
                                .info = info,
                                .rmid = rmid,
                                .max_align = max_align,
                                .main = main };
    assert_non_null(record.profile);
    return decoder_of(rmid)(&record, &out);
}

static bool decode(const char *major, uint8_t max_align, uint8_t rmid, uint8_t info, wp_view main,
                   wp_facts *facts)
{
    return decode_to((wpi_builder){ .facts = facts }, major, max_align, rmid, info, main);
}

/* ---- facts in words ---- */

static void add(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char *text, const char *format, ...)
{
    const size_t len = strlen(text);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text + len, TEXT_BYTES - len, format, args);
    va_end(args);
}

static void add_time(char *text, wp_time time)
{
    char buf[WP_TIME_TEXT_BYTES];
    add(text, "; time %s", wp_time_format_setting(time, buf));
}

static void add_lsn(char *text, const char *before, wp_lsn lsn)
{
    char buf[WP_LSN_TEXT_BYTES];
    add(text, "%s%s", before, wp_lsn_format(lsn, buf));
}

static void add_locator(char *text, const wp_locator *locator)
{
    add(text, " %u/%u/%u", locator->spc, locator->db, locator->rel);
}

static void say_checkpoint(char *text, const wp_fact *fact)
{
    const wp_fact_checkpoint *f = (const void *)fact;
    add_lsn(text, "checkpoint redo ", f->redo);
    add(text, "; tli %u; prev tli %u; fpw %u; xid %u; oldest running xid %u; %s", f->tli,
        f->previous_tli, f->full_page_writes, f->next_xid, f->oldest_active_xid,
        fact->op ? "online" : "shutdown");
    add_time(text, f->time);
}

static void say_end_of_recovery(char *text, const wp_fact *fact)
{
    const wp_fact_checkpoint *f = (const void *)fact;
    add(text, "end of recovery tli %u; prev tli %u", f->tli, f->previous_tli);
    add_time(text, f->time);
}

static void say_restore_point(char *text, const wp_fact *fact)
{
    const wp_fact_restore_point *f = (const void *)fact;
    add(text, "restore point %s", f->name);
    add_time(text, f->time);
}

static void say_backup_end(char *text, const wp_fact *fact)
{
    const wp_fact_backup_end *f = (const void *)fact;
    add_lsn(text, "backup end ", f->start);
    assert_true(f->end_lsn == END_LSN);
}

static void say_parameters(char *text, const wp_fact *fact)
{
    const wp_fact_parameters *f = (const void *)fact;
    add(text, "max_connections=%d max_worker_processes=%d max_wal_senders=%d", f->max_connections,
        f->max_worker_processes, f->max_wal_senders);
    add(text, " max_prepared_xacts=%d max_locks_per_xact=%d wal_level=%d", f->max_prepared_xacts,
        f->max_locks_per_xact, f->wal_level);
    add(text, " wal_log_hints=%u track_commit_timestamp=%u", f->wal_log_hints,
        f->track_commit_timestamp);
}

static void say_full_page_writes(char *text, const wp_fact *fact)
{
    add(text, "full_page_writes %u", fact->op);
}

static void say_overwritten(char *text, const wp_fact *fact)
{
    const wp_fact_overwritten *f = (const void *)fact;
    add_lsn(text, "overwritten ", f->overwritten);
    add_time(text, f->time);
}

static void say_storage(char *text, const wp_fact *fact)
{
    const wp_fact_storage *f = (const void *)fact;
    if (fact->kind == WP_FACT_STORAGE_CREATE) {
        add(text, "create fork %u", fact->op);
        add_locator(text, &f->locator);
    } else {
        add(text, "truncate");
        add_locator(text, &f->locator);
        add(text, " to %u blocks flags %u", f->block, fact->op);
    }
}

static void say_database(char *text, const wp_fact *fact)
{
    const wp_fact_database *f = (const void *)fact;
    add(text, fact->kind == WP_FACT_DATABASE_DROP ? "drop database %u" : "create database %u",
        f->db);
    for (uint32_t i = 0; i < f->ntablespaces; i++)
        add(text, " in %u", f->tablespaces[i]);
    if (fact->op)
        add(text, " by pages");
}

static void say_tablespace(char *text, const wp_fact *fact)
{
    const wp_fact_tablespace *f = (const void *)fact;
    const char *what = fact->kind == WP_FACT_TABLESPACE_DROP ? "drop" : "create";
    add(text, "%s tablespace %u", what, f->tablespace);
}

static void say_relmap(char *text, const wp_fact *fact)
{
    const wp_fact_relmap *f = (const void *)fact;
    add(text, "map of %u:", f->db);
    for (uint32_t i = 0; i < f->nentries; i++)
        add(text, " %u=%u", f->entries[i].catalog, f->entries[i].filenode);
}

static void say_lock(char *text, const wp_fact *fact)
{
    const wp_fact_lock *f = (const void *)fact;
    add(text, "%slock xid %u db %u rel %u", *text ? ", " : "", fact->xid, f->db, f->rel);
}

static void say_running(char *text, const wp_fact *fact)
{
    const wp_fact_running *f = (const void *)fact;
    add(text, "nextXid %u latestCompletedXid %u oldestRunningXid %u%s", f->next_xid,
        f->latest_completed, f->oldest_running, f->overflowed ? "; overflowed" : "");
}

static void say_message(char *text, const wp_fact *fact)
{
    const wp_fact_message *f = (const void *)fact;
    add(text, "%stransactional of %u, prefix \"%s\"; %u bytes", fact->op ? "" : "non-", f->db,
        f->prefix, f->message_bytes);
}

static void say_heap_truncate(char *text, const wp_fact *fact)
{
    const wp_fact_heap_truncate *f = (const void *)fact;
    add(text, "truncate of %u flags %u:", f->db, fact->op);
    for (uint32_t i = 0; i < f->nrels; i++)
        add(text, " %u", f->rels[i]);
}

static void say(char *text, const wp_fact *fact)
{
    static void (*const words[])(char *, const wp_fact *) = {
        [WP_FACT_CHECKPOINT] = say_checkpoint,
        [WP_FACT_END_OF_RECOVERY] = say_end_of_recovery,
        [WP_FACT_RESTORE_POINT] = say_restore_point,
        [WP_FACT_BACKUP_END] = say_backup_end,
        [WP_FACT_PARAMETERS] = say_parameters,
        [WP_FACT_FULL_PAGE_WRITES] = say_full_page_writes,
        [WP_FACT_OVERWRITTEN] = say_overwritten,
        [WP_FACT_STORAGE_CREATE] = say_storage,
        [WP_FACT_STORAGE_TRUNCATE] = say_storage,
        [WP_FACT_DATABASE_CREATE] = say_database,
        [WP_FACT_DATABASE_DROP] = say_database,
        [WP_FACT_TABLESPACE_CREATE] = say_tablespace,
        [WP_FACT_TABLESPACE_DROP] = say_tablespace,
        [WP_FACT_RELMAP] = say_relmap,
        [WP_FACT_LOCK] = say_lock,
        [WP_FACT_RUNNING_XACTS] = say_running,
        [WP_FACT_LOGICAL_MESSAGE] = say_message,
        [WP_FACT_HEAP_TRUNCATE] = say_heap_truncate,
    };
    assert_true(fact->kind < COUNT(words) && words[fact->kind]);
    assert_true(fact->lsn == LSN);
    assert_true(fact->kind == WP_FACT_LOCK || fact->xid == 700);
    assert_int_equal(fact->size % 8, 0);
    words[fact->kind](text, fact);
}

/* All facts, in words; one after the other. */
static const char *say_all(const wp_facts *facts, char text[TEXT_BYTES])
{
    text[0] = '\0';
    size_t pos = 0;
    for (const wp_fact *fact; (fact = wp_facts_next(facts, &pos));)
        say(text, fact);
    return text;
}

/* ---- records as servers wrote them ---- */

typedef struct record_case {
    const char *name;
    const char *major;
    uint8_t max_align, rmid, info;
    const char *hex;
    const char *says;    /* "": understood, and nothing to say */
    uint32_t used_bytes; /* what follows is padding, or not read; 0: all is used */
} record_case;

static const record_case record_cases[] = {
    { "checkpoint of 9.5", "9.5", 8, 0, 0x10,
      "38b896010000000001000000010000000100000000000000020300000060000001000000000000006f020000"
      "01000000010000000100000086d7026b0000000000000000000000000203000000000000",
      "checkpoint redo 0/196B838; tli 1; prev tli 1; fpw 1; xid 770; oldest running xid 770;"
      " online; time 2026-11-22 11:52:38.000000+00",
      76 },
    { "checkpoint of 15", "15", 8, 0, 0x10,
      "d8000004000000000100000001000000000000000000000080030000000000004d4000000100000000000000"
      "cc02000001000000010000000100000000000000d55c036b0000000000000000000000008003000000000000",
      "checkpoint redo 0/40000D8; tli 1; prev tli 1; fpw 0; xid 896; oldest running xid 896;"
      " online; time 2026-11-22 21:21:25.000000+00",
      84 },
    { "checkpoint of 18", "18", 8, 0, 0x10,
      "0801000400000000010000000100000000000000020000009c03000000000000504000000100000000000000"
      "e802000001000000010000000100000000000000e25c036b0000000000000000000000009c03000000000000",
      "checkpoint redo 0/4000108; tli 1; prev tli 1; fpw 0; xid 924; oldest running xid 924;"
      " online; time 2026-11-22 21:21:38.000000+00",
      84 },
    { "shutdown checkpoint of 18", "18", 8, 0, 0x00,
      "2800000100000000010000000100000001000000010000000300000000000000102700000100000000000000"
      "0300000001000000010000000100000000000000de5c036b0000000000000000000000000000000000000000",
      "checkpoint redo 0/1000028; tli 1; prev tli 1; fpw 1; xid 3; oldest running xid 0;"
      " shutdown; time 2026-11-22 21:21:34.000000+00",
      84 },
    { "checkpoint of 15, 32-bit x86", "15", 4, 0, 0x10,
      "c40000040000000001000000010000000000000080030000000000004d4000000100000000000000cc020000"
      "010000000100000001000000e65c036b00000000000000000000000080030000",
      "checkpoint redo 0/40000C4; tli 1; prev tli 1; fpw 0; xid 896; oldest running xid 896;"
      " online; time 2026-11-22 21:21:42.000000+00",
      0 },
    { "checkpoint of 17, 32-bit x86", "17", 4, 0, 0x10,
      "c800000400000000010000000100000000000000020000008e030000000000004d4000000100000000000000"
      "da020000010000000100000001000000ea5c036b0000000000000000000000008e030000",
      "checkpoint redo 0/40000C8; tli 1; prev tli 1; fpw 0; xid 910; oldest running xid 910;"
      " online; time 2026-11-22 21:21:46.000000+00",
      0 },
    { "end of recovery of 18", "18", 8, 0, 0x90, "75d5aa2be303030002000000010000000200000000000000",
      "end of recovery tli 2; prev tli 1; time 2026-11-22 21:45:55.207541+00", 16 },
    { "end of recovery of 15, 32-bit x86", "15", 4, 0, 0x90, "71a9c72be30303000200000001000000",
      "end of recovery tli 2; prev tli 1; time 2026-11-22 21:45:57.096817+00", 0 },
    { "restore point, its rest not cleared", "18", 8, 0, 0x70,
      "06f9b0d4e20303006c65616620706f696e740064f4550000f8a60d28f4550000000000000000000000000000"
      "0000000000880364f45500001822f663f455000068870364f4550000",
      "restore point leaf point; time 2026-11-22 21:21:35.992070+00", 0 },
    { "full_page_writes off", "18", 8, 0, 0x80, "00", "full_page_writes 0", 0 },
    { "backup end", "18", 8, 0, 0x50, "2800000300000000", "backup end 0/3000028", 0 },
    { "parameters of 10", "10", 8, 0, 0x60, "64000000080000000a000000400000000200000000000000",
      "max_connections=100 max_worker_processes=8 max_wal_senders=-1 max_prepared_xacts=10"
      " max_locks_per_xact=64 wal_level=2 wal_log_hints=0 track_commit_timestamp=0",
      22 },
    { "parameters of 18", "18", 8, 0, 0x60,
      "6400000008000000050000000a000000400000000200000000000000",
      "max_connections=100 max_worker_processes=8 max_wal_senders=5 max_prepared_xacts=10"
      " max_locks_per_xact=64 wal_level=2 wal_log_hints=0 track_commit_timestamp=0",
      26 },
    { "storage create", "18", 8, 2, 0x11, "7f060000010000000f34000000000000",
      "create fork 0 1663/1/13327", 0 },
    { "storage truncate of 9.5", "9.5", 8, 2, 0x21, "000000007f060000004000005e400000",
      "truncate 1663/16384/16478 to 0 blocks flags 0", 0 },
    { "storage truncate of 9.6", "9.6", 8, 2, 0x21, "000000007f060000753000005c40000007000000",
      "truncate 1663/12405/16476 to 0 blocks flags 7", 0 },
    { "storage truncate of 18", "18", 8, 2, 0x21, "000000007f060000050000001840000007000000",
      "truncate 1663/5/16408 to 0 blocks flags 7", 0 },
    { "create database, files copied", "10", 8, 4, 0x01, "8b3200007f060000010000007f060000",
      "create database 12939 in 1663", 0 },
    { "create database of 15, files copied", "15", 8, 4, 0x01, "040000007f060000010000007f060000",
      "create database 4 in 1663", 0 },
    { "create database of 15, pages logged", "15", 8, 4, 0x10, "4b4000007f060000",
      "create database 16459 in 1663 by pages", 0 },
    { "drop database of 9.5", "9.5", 8, 4, 0x11, "024100007f060000", "drop database 16642 in 1663",
      0 },
    { "drop database of 12", "12", 8, 4, 0x11, "504000007f060000", "drop database 16464 in 1663",
      0 },
    { "drop database of 13", "13", 8, 4, 0x11, "50400000010000007f060000",
      "drop database 16464 in 1663", 0 },
    { "drop database of 15", "15", 8, 4, 0x21, "4b400000010000007f060000",
      "drop database 16459 in 1663", 0 },
    { "create tablespace", "18", 8, 5, 0x00, "4a4000002f7372762f747300", "create tablespace 16458",
      4 },
    { "drop tablespace", "18", 8, 5, 0x10, "4a400000", "drop tablespace 16458", 0 },
    { "lock", "18", 8, 8, 0x00, "010000000400000001000000e7040000", "lock xid 4 db 1 rel 1255", 0 },
    { "locks held at a checkpoint", "18", 8, 8, 0x00,
      "0500000084030000050000002140000084030000050000002640000084030000050000002940000084030000"
      "0500000027400000840300000500000025400000",
      "lock xid 900 db 5 rel 16417, lock xid 900 db 5 rel 16422, lock xid 900 db 5 rel"
      " 16425, lock xid 900 db 5 rel 16423, lock xid 900 db 5 rel 16421",
      0 },
    { "running transactions", "18", 8, 8, 0x10,
      "0100000000000000006f6bc8e9020000e8020000e7020000e8020000",
      "nextXid 745 latestCompletedXid 743 oldestRunningXid 744", 0 },
    { "running transactions of 9.5", "9.5", 8, 8, 0x10,
      "010000000000000000e877017c0200007b0200007a0200007b020000",
      "nextXid 636 latestCompletedXid 634 oldestRunningXid 635", 0 },
    { "message of 10", "10", 8, 21, 0x00,
      "8c3200000100000004000000000000000b000000000000007072650068656c6c6f20776f726c64",
      "transactional of 12940, prefix \"pre\"; 11 bytes", 0 },
    { "message of 15, 32-bit x86", "15", 4, 21, 0x00,
      "0500000001abeaff040000000b0000007072650068656c6c6f20776f726c64",
      "transactional of 5, prefix \"pre\"; 11 bytes", 0 },
    { "truncate of 11", "11", 8, 10, 0x30, "2233000002000000030000000240000014400000",
      "truncate of 13090 flags 3: 16386 16404", 0 },
    { "truncate of 15, 32-bit x86", "15", 4, 10, 0x30, "05000000020000000391ae560140000011400000",
      "truncate of 5 flags 3: 16385 16401", 0 },
    { "truncate of 18", "18", 8, 10, 0x30, "0500000002000000035500000140000012400000",
      "truncate of 5 flags 3: 16385 16402", 0 },
};

/* Understood whole; refused, with no fact, when any byte that is read is missing. */
static void record_is_read(void **state)
{
    const record_case *row = *state;
    blob main = { 0 };
    put_hex(&main, row->hex);
    const size_t used = row->used_bytes ? row->used_bytes : main.len;
    for (size_t len = 0; len <= main.len; len++) {
        uint8_t *cut = malloc(len ? len : 1);
        assert_non_null(cut);
        memcpy(cut, main.at, len);
        wp_facts facts = { 0 };
        const bool is_good =
            decode(row->major, row->max_align, row->rmid, row->info, (wp_view){ cut, len }, &facts);
        if (is_good != (len >= used))
            fail_msg("%zu of %zu bytes", len, main.len);
        char text[TEXT_BYTES];
        assert_string_equal(say_all(&facts, text), is_good ? row->says : "");
        wp_facts_free(&facts);
        free(cut);
    }
    blob_free(&main);
}

/* Without memory there is no fact, and that is no damage. */
static void no_memory_no_fact(void **state)
{
    const record_case *row = *state;
    blob main = { 0 };
    put_hex(&main, row->hex);
    wp_facts facts = { 0 };
    const wpi_builder out = { .facts = &facts, .out_of_memory = true };
    assert_true(decode_to(out, row->major, row->max_align, row->rmid, row->info, view_of(&main)));
    assert_int_equal(facts.len, 0);
    blob_free(&main);
}

/* ---- records no server writes, or only a broken one ---- */

typedef struct wrong_case {
    const char *name;
    const char *major;
    uint8_t max_align, rmid, info;
    const char *hex;
    const char *says; /* NULL: refused */
} wrong_case;

/* Little-endian counts: as many as there are bytes for, more, negative, wrapping around. */
#define ZEROS_24 "000000000000000000000000000000000000000000000000"
#define NAME_64 ZEROS_24 ZEROS_24 "00000000000000000000000000000000"
#define LETTERS_32 "6161616161616161616161616161616161616161616161616161616161616161"

static const wrong_case wrong_cases[] = {
    { "lock count too large", "15", 8, 8, 0x00, "03000000" ZEROS_24, NULL },
    { "lock count negative", "15", 8, 8, 0x00, "ffffffff" ZEROS_24, NULL },
    { "lock count wraps", "15", 8, 8, 0x00, "56555515" ZEROS_24, NULL },
    { "no locks", "15", 8, 8, 0x00, "00000000", "" },
    { "standby invalidations", "15", 8, 8, 0x20, "", "" },
    { "running count too large", "15", 8, 8, 0x10,
      "02000000"
      "01000000" ZEROS_24,
      NULL },
    { "running counts negative", "15", 8, 8, 0x10,
      "ffffffff"
      "ffffffff" ZEROS_24,
      NULL },
    { "running overflowed", "15", 8, 8, 0x10,
      "00000000"
      "00000000"
      "01000000"
      "03000000"
      "02000000"
      "01000000",
      "nextXid 3 latestCompletedXid 1 oldestRunningXid 2; overflowed" },
    { "fork out of range", "15", 8, 2, 0x10,
      "7f0600000500000015400000"
      "00010000",
      NULL },
    { "init fork", "15", 8, 2, 0x10,
      "7f0600000500000015400000"
      "03000000",
      "create fork 3 1663/5/16405" },
    { "database count too large", "15", 8, 4, 0x20,
      "4b400000"
      "02000000"
      "7f060000",
      NULL },
    { "database count negative", "15", 8, 4, 0x20,
      "4b400000"
      "ffffffff"
      "7f060000",
      NULL },
    { "database in two tablespaces", "13", 8, 4, 0x10,
      "4b400000"
      "02000000"
      "7f060000"
      "06400000",
      "drop database 16459 in 1663 in 16390" },
    { "0x20 is no database operation of 14", "14", 8, 4, 0x20, "", "" },
    { "0x10 drops in 14", "14", 8, 4, 0x10,
      "4b400000"
      "01000000"
      "7f060000",
      "drop database 16459 in 1663" },
    { "0x10 creates in 15", "15", 8, 4, 0x10,
      "4b400000"
      "7f060000",
      "create database 16459 in 1663 by pages" },
    { "map of two", "15", 8, 7, 0x00,
      "050000007f06000018000000"
      "1727590002000000"
      "eb0400002c400000"
      "e1040000e1040000",
      "map of 5: 1259=16428 1249=1249" },
    { "shared map", "15", 8, 7, 0x00,
      "000000008006000008000000"
      "1727590000000000",
      "map of 0:" },
    { "map with another magic", "15", 8, 7, 0x00,
      "050000007f06000008000000"
      "1827590000000000",
      NULL },
    { "map with more than its file holds", "15", 8, 7, 0x00,
      "050000007f06000010000000"
      "1727590002000000"
      "eb0400002c400000"
      "e1040000e1040000",
      NULL },
    { "map with a negative count", "15", 8, 7, 0x00,
      "050000007f06000010000000"
      "17275900ffffffff"
      "eb0400002c400000",
      NULL },
    { "map longer than the record", "15", 8, 7, 0x00,
      "050000007f06000009000000"
      "1727590000000000",
      NULL },
    { "map of negative length", "15", 8, 7, 0x00,
      "050000007f060000ffffffff"
      "1727590000000000",
      NULL },
    { "message longer than the record", "15", 8, 21, 0x00,
      "0500000001000000"
      "0200000000000000"
      "0200000000000000"
      "7000"
      "61",
      NULL },
    { "message whose lengths wrap", "15", 8, 21, 0x00,
      "0500000001000000"
      "0200000000000000"
      "ffffffffffffffff"
      "7000"
      "61",
      NULL },
    { "message without a prefix", "15", 8, 21, 0x00,
      "0500000001000000"
      "0000000000000000"
      "0200000000000000"
      "7000",
      NULL },
    { "message whose prefix has no end", "15", 8, 21, 0x00,
      "0500000001000000"
      "0200000000000000"
      "0000000000000000"
      "7070",
      NULL },
    { "long prefix is cut", "15", 8, 21, 0x00,
      "0500000000000000"
      "4100000000000000"
      "0000000000000000" LETTERS_32 LETTERS_32 "00",
      "non-transactional of 5, prefix"
      " \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"; 0 bytes" },
    { "truncate count too large", "15", 8, 10, 0x30,
      "05000000"
      "02000000"
      "03000000"
      "01400000",
      NULL },
    { "truncate count wraps", "15", 8, 10, 0x30,
      "05000000"
      "01000040"
      "03000000"
      "01400000",
      NULL },
    { "0x30 is no heap operation of 10", "10", 8, 10, 0x30, "", "" },
    { "insert", "15", 8, 10, 0x00, "", "" },
    { "restore point without an end", "15", 8, 0, 0x70, "0000000000000000" LETTERS_32 LETTERS_32,
      NULL },
    { "restore point with 63 letters", "15", 8, 0, 0x70,
      "0000000000000000" LETTERS_32
      "6161616161616161616161616161616161616161616161616161616161616100",
      "restore point aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "; time 2000-01-01 00:00:00.000000+00" },
    { "restore point without a name", "15", 8, 0, 0x70, "0000000000000000" NAME_64,
      "restore point ; time 2000-01-01 00:00:00.000000+00" },
    { "overwritten record", "15", 8, 0, 0xD0,
      "c80f001600000000"
      "0000000000000000",
      "overwritten 0/16000FC8; time 2000-01-01 00:00:00.000000+00" },
    { "overwritten record, cut", "15", 8, 0, 0xD0,
      "c80f001600000000"
      "00000000000000",
      NULL },
    { "checkpoint at an impossible time", "15", 8, 0, 0x10,
      "d800000400000000"
      "01000000"
      "01000000"
      "0000000000000000"
      "8003000000000000" ZEROS_24 "00000000"
      "00000000"
      "ffffffffffffff7f"
      "00000000"
      "00000000"
      "80030000",
      "checkpoint redo 0/40000D8; tli 1; prev tli 1; fpw 0; xid 896; oldest running xid 896; online"
      "; time unknown" },
    { "full_page_writes on", "15", 8, 0, 0x80, "01", "full_page_writes 1" },
    { "next oid", "15", 8, 0, 0x30, "", "" },
    { "switch", "15", 8, 0, 0x40, "", "" },
    { "tablespace operation that is none", "15", 8, 5, 0x20, "", "" },
    { "map operation that is none", "15", 8, 7, 0x10, "", "" },
    { "message operation that is none", "15", 8, 21, 0x10, "", "" },
    { "storage operation that is none", "15", 8, 2, 0x30, "", "" },
};

static void wrong_is_refused(void **state)
{
    const wrong_case *row = *state;
    blob main = { 0 };
    put_hex(&main, row->hex);
    uint8_t *exact = malloc(main.len ? main.len : 1);
    assert_non_null(exact);
    if (main.len)
        memcpy(exact, main.at, main.len);
    wp_facts facts = { 0 };
    const bool is_good = decode(row->major, row->max_align, row->rmid, row->info,
                                (wp_view){ exact, main.len }, &facts);
    assert_int_equal(is_good, row->says != NULL);
    char text[TEXT_BYTES];
    assert_string_equal(say_all(&facts, text), row->says ? row->says : "");
    wp_facts_free(&facts);
    free(exact);
    blob_free(&main);
}

int main(void)
{
    return RUN_CASES("record", record_cases, record_is_read)
           + RUN_CASES("no memory", record_cases, no_memory_no_fact)
           + RUN_CASES("wrong", wrong_cases, wrong_is_refused);
}
