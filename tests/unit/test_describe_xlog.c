/*
 * test_describe_xlog.c - checkpoints, settings, and what else the WAL says of itself, in the words of each major's tool.
 *
 * What the words are: xlog_desc of servers of 10 to 18, called with these bytes; of 9.5, 9.6 and 19 xlogdesc.c and the
 * tools' lines of the same operations.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "CHECKPOINT_ONLINE, 9.5", "9.5", 0x10, "0A00000001000000020000000100000001EEEEEE0700000084030000006000000300000005000000DA02000001000000"
      "010000000500000000F1536500000000E20200008303000070030000", NULL,
      "CHECKPOINT_ONLINE redo 1/A; tli 2; prev tli 1; fpw true; xid 7/900; oid 24576; multi 3; offset 5; oldest xid 730 in DB 1; oldest multi 1 in DB 5; oldest/newest commit timestamp xid: 738/899; oldest running xid 880; online" },
    { "CHECKPOINT_ONLINE, 9.6", "9.6", 0x10, "0A00000001000000020000000100000001EEEEEE0700000084030000006000000300000005000000DA02000001000000"
      "010000000500000000F1536500000000E20200008303000070030000", NULL,
      "CHECKPOINT_ONLINE redo 1/A; tli 2; prev tli 1; fpw true; xid 7:900; oid 24576; multi 3; offset 5; oldest xid 730 in DB 1; oldest multi 1 in DB 5; oldest/newest commit timestamp xid: 738/899; oldest running xid 880; online" },
    { "CHECKPOINT_ONLINE, 11", "11", 0x10, "0A00000001000000020000000100000001EEEEEE0700000084030000006000000300000005000000DA02000001000000"
      "010000000500000000F1536500000000E20200008303000070030000", NULL,
      "CHECKPOINT_ONLINE redo 1/A; tli 2; prev tli 1; fpw true; xid 7:900; oid 24576; multi 3; offset 5; oldest xid 730 in DB 1; oldest multi 1 in DB 5; oldest/newest commit timestamp xid: 738/899; oldest running xid 880; online" },
    { "CHECKPOINT_ONLINE, 12", "12", 0x10, "0A00000001000000020000000100000001EEEEEEEEEEEEEE8403000007000000006000000300000005000000DA020000"
      "010000000100000005000000EEEEEEEE00F1536500000000E20200008303000070030000", NULL,
      "CHECKPOINT_ONLINE redo 1/A; tli 2; prev tli 1; fpw true; xid 7:900; oid 24576; multi 3; offset 5; oldest xid 730 in DB 1; oldest multi 1 in DB 5; oldest/newest commit timestamp xid: 738/899; oldest running xid 880; online" },
    { "CHECKPOINT_ONLINE, 16", "16", 0x10, "0A00000001000000020000000100000001EEEEEEEEEEEEEE8403000007000000006000000300000005000000DA020000"
      "010000000100000005000000EEEEEEEE00F1536500000000E20200008303000070030000", NULL,
      "CHECKPOINT_ONLINE redo 1/A; tli 2; prev tli 1; fpw true; xid 7:900; oid 24576; multi 3; offset 5; oldest xid 730 in DB 1; oldest multi 1 in DB 5; oldest/newest commit timestamp xid: 738/899; oldest running xid 880; online" },
    { "CHECKPOINT_ONLINE, 17", "17", 0x10, "0A00000001000000020000000100000001EEEEEE010000008403000007000000006000000300000005000000DA020000"
      "010000000100000005000000EEEEEEEE00F1536500000000E20200008303000070030000", NULL,
      "CHECKPOINT_ONLINE redo 1/A; tli 2; prev tli 1; fpw true; wal_level replica; xid 7:900; oid 24576; multi 3; offset 5; oldest xid 730 in DB 1; oldest multi 1 in DB 5; oldest/newest commit timestamp xid: 738/899; oldest running xid 880; online" },
    { "CHECKPOINT_ONLINE, 19", "19", 0x10, "0A00000001000000020000000100000001EEEEEE0100000001EEEEEEEEEEEEEE84030000070000000060000003000000"
      "00F2052A01000000DA02000001000000010000000500000000F1536500000000E2020000830300007003000003000000", NULL,
      "CHECKPOINT_ONLINE redo 1/0000000A; tli 2; prev tli 1; fpw true; wal_level replica; logical decoding true; xid 7:900; oid 24576; multi 3; offset 5000000000; oldest xid 730 in DB 1; oldest multi 1 in DB 5; oldest/newest commit timestamp xid: 738/899; oldest running xid 880; checksums inprogress-on; online" },
    { "CHECKPOINT_SHUTDOWN, 16-i386", "16-i386", 0x00, "0A00000001000000020000000100000001EEEEEE8403000007000000006000000300000005000000DA02000001000000"
      "010000000500000000F1536500000000E20200008303000070030000", NULL,
      "CHECKPOINT_SHUTDOWN redo 1/A; tli 2; prev tli 1; fpw true; xid 7:900; oid 24576; multi 3; offset 5; oldest xid 730 in DB 1; oldest multi 1 in DB 5; oldest/newest commit timestamp xid: 738/899; oldest running xid 880; shutdown" },
    { "CHECKPOINT_SHUTDOWN, 18-i386", "18-i386", 0x00, "0A00000001000000020000000100000001EEEEEE010000008403000007000000006000000300000005000000DA020000"
      "01000000010000000500000000F1536500000000E20200008303000070030000", NULL,
      "CHECKPOINT_SHUTDOWN redo 1/A; tli 2; prev tli 1; fpw true; wal_level replica; xid 7:900; oid 24576; multi 3; offset 5; oldest xid 730 in DB 1; oldest multi 1 in DB 5; oldest/newest commit timestamp xid: 738/899; oldest running xid 880; shutdown" },
    { "CHECKPOINT_SHUTDOWN, 19-i386", "19-i386", 0x00, "0A00000001000000020000000100000001EEEEEE0100000001EEEEEE8403000007000000006000000300000000F2052A"
      "01000000DA02000001000000010000000500000000F1536500000000E2020000830300007003000003000000", NULL,
      "CHECKPOINT_SHUTDOWN redo 1/0000000A; tli 2; prev tli 1; fpw true; wal_level replica; logical decoding true; xid 7:900; oid 24576; multi 3; offset 5000000000; oldest xid 730 in DB 1; oldest multi 1 in DB 5; oldest/newest commit timestamp xid: 738/899; oldest running xid 880; checksums inprogress-on; shutdown" },
    { "NOOP", "15", 0x20, "", NULL,
      "NOOP " },
    { "NEXTOID", "15", 0x30, "00600000", NULL,
      "NEXTOID 24576" },
    { "SWITCH", "15", 0x40, "", NULL,
      "SWITCH " },
    { "BACKUP_END", "18", 0x50, "0A00000001000000", NULL,
      "BACKUP_END 1/A" },
    { "BACKUP_END, 19", "19", 0x50, "0A00000001000000", NULL,
      "BACKUP_END 1/0000000A" },
    { "PARAMETER_CHANGE, 9.5", "9.5", 0x60, "64000000080000000500000040000000020000000100", NULL,
      "PARAMETER_CHANGE max_connections=100 max_worker_processes=8 max_prepared_xacts=5 max_locks_per_xact=64 wal_level=hot_standby wal_log_hints=on track_commit_timestamp=off" },
    { "PARAMETER_CHANGE, 9.6", "9.6", 0x60, "64000000080000000500000040000000010000000100", NULL,
      "PARAMETER_CHANGE max_connections=100 max_worker_processes=8 max_prepared_xacts=5 max_locks_per_xact=64 wal_level=replica wal_log_hints=on track_commit_timestamp=off" },
    { "PARAMETER_CHANGE, 11, unknown wal_level", "11", 0x60, "64000000080000000500000040000000090000000001", NULL,
      "PARAMETER_CHANGE max_connections=100 max_worker_processes=8 max_prepared_xacts=5 max_locks_per_xact=64 wal_level=? wal_log_hints=off track_commit_timestamp=on" },
    { "PARAMETER_CHANGE, 12", "12", 0x60, "640000000800000004000000FFFFFFFF40000000020000000001", NULL,
      "PARAMETER_CHANGE max_connections=100 max_worker_processes=8 max_wal_senders=4 max_prepared_xacts=-1 max_locks_per_xact=64 wal_level=logical wal_log_hints=off track_commit_timestamp=on" },
    { "RESTORE_POINT", "15", 0x70, "F8E7D6C5B4A302006265666F72655F64726F700000000000000000000000000000000000000000000000000000000000"
      "000000000000000000000000000000000000000000000000", NULL,
      "RESTORE_POINT before_drop" },
    { "RESTORE_POINT without an end", "15", 0x70, "F8E7D6C5B4A3020078787878787878787878787878787878787878787878787878787878787878787878787878787878"
      "787878787878787878787878787878787878787878787878", NULL,
      NULL },
    { "FPW_CHANGE on", "15", 0x80, "01", NULL,
      "FPW_CHANGE true" },
    { "FPW_CHANGE off", "15", 0x80, "00", NULL,
      "FPW_CHANGE false" },
    { "END_OF_RECOVERY, 16", "16", 0x90, "F8E7D6C5B4A302000200000001000000", NULL,
      "END_OF_RECOVERY tli 2; prev tli 1; time 2023-07-17 22:06:02.057720 UTC" },
    { "END_OF_RECOVERY, 17", "17", 0x90, "F8E7D6C5B4A30200020000000100000000000000", NULL,
      "END_OF_RECOVERY tli 2; prev tli 1; time 2023-07-17 22:06:02.057720 UTC; wal_level minimal" },
    { "FPI_FOR_HINT", "15", 0xA0, "", NULL,
      "FPI_FOR_HINT " },
    { "FPI", "9.5", 0xB0, "", NULL,
      "FPI " },
    { "FPI_MULTI, 11", "11", 0xC0, "", NULL,
      "FPI_MULTI " },
    { "0xC0, 12", "12", 0xC0, "", NULL,
      "UNKNOWN " },
    { "0xC0, 18", "18", 0xC0, "", NULL,
      "UNKNOWN " },
    { "ASSIGN_LSN, 19", "19", 0xC0, "00000000", NULL,
      "ASSIGN_LSN " },
    { "0xD0, 9.5", "9.5", 0xD0, "0A00000001000000F8E7D6C5B4A30200", NULL,
      "UNKNOWN " },
    { "OVERWRITE_CONTRECORD, 9.6", "9.6", 0xD0, "0A00000001000000F8E7D6C5B4A30200", NULL,
      "OVERWRITE_CONTRECORD lsn 1/A; time 2023-07-17 22:06:02.057720 UTC" },
    { "OVERWRITE_CONTRECORD, 19", "19", 0xD0, "0A00000001000000F8E7D6C5B4A30200", NULL,
      "OVERWRITE_CONTRECORD lsn 1/0000000A; time 2023-07-17 22:06:02.057720 UTC" },
    { "0xE0, 16", "16", 0xE0, "01000000", NULL,
      "UNKNOWN " },
    { "CHECKPOINT_REDO, 17", "17", 0xE0, "01000000", NULL,
      "CHECKPOINT_REDO wal_level replica" },
    { "CHECKPOINT_REDO, 19", "19", 0xE0, "0200000002000000", NULL,
      "CHECKPOINT_REDO wal_level logical; checksums inprogress-off" },
    { "CHECKPOINT_REDO, 19, unknown state", "19", 0xE0, "0200000004000000", NULL,
      "CHECKPOINT_REDO wal_level logical; checksums ?" },
    { "0xF0, 18", "18", 0xF0, "01", NULL,
      "UNKNOWN " },
    { "LOGICAL_DECODING_STATUS_CHANGE, 19", "19", 0xF0, "01", NULL,
      "LOGICAL_DECODING_STATUS_CHANGE true" },
    { "LOGICAL_DECODING_STATUS_CHANGE to off", "19", 0xF0, "00", NULL,
      "LOGICAL_DECODING_STATUS_CHANGE false" },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_xlog, wpi_identify_xlog, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_xlog", cases, check);
}
