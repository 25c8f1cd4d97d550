/*
 * profile.c - the table of versions, and with shape.c the only file that spells a major.
 *
 * A new major is a new row. Rows are complete, nothing is inherited from the row before. What a
 * column means is said in profile.h. Where each comes from in the sources of PostgreSQL, and the
 * majors that changed it:
 *
 *   page_magic                access/xlog_internal.h, XLOG_PAGE_MAGIC (every major)
 *   page_flags, _overwrite    access/xlog_internal.h, XLP_* (19: BKP_REMOVABLE went, OVERWRITE took its place)
 *   max_builtin_rmgr          access/rmgrlist.h (9.6: Generic, LogicalMessage; 19: XLOG2)
 *   has_custom_rmgrs          access/rmgr.h, RM_MIN_CUSTOM_ID (15)
 *   image_*                   access/xlogrecord.h, BKPIMAGE_* (10: APPLY; 15: lz4, zstd, moved)
 *   has_toplevel_xid          access/xlogrecord.h, XLR_BLOCK_ID_TOPLEVEL_XID (14)
 *   abort_has_dbinfo,         access/rmgrdesc/xactdesc.c, ParseAbortRecord (11)
 *   xact_has_gid              access/xact.h, XACT_XINFO_HAS_GID (11)
 *   stats_item_bytes          access/xact.h, xl_xact_stats_item (15; 18: 64-bit object id)
 *   prepare                   access/xact.h and twophase.c, TwoPhaseFileHeader, xl_xact_prepare
 *                             (9.6: gid behind the header; 11: origin; 15: dropped statistics)
 *   heap2_ops                 access/heapam_xlog.h, XLOG_HEAP2_* (14, 17)
 *   prune_flags_at            access/heapam_xlog.h, xl_heap_prune (19: two bytes)
 *   has_heap_truncate         access/heapam_xlog.h, XLOG_HEAP_TRUNCATE (11)
 *   database_*                commands/dbcommands_xlog.h (13: array of tablespaces; 15: WAL_LOG)
 *   smgr_truncate_has_flags   catalog/storage_xlog.h, xl_smgr_truncate (9.6)
 *   checkpoint_*              catalog/pg_control.h, CheckPoint (12: 64-bit next xid; 17: wal_level;
 *                             19: logicalDecodingEnabled, 64-bit MultiXact offset)
 *   parameters_*              access/xlog_internal.h, xl_parameter_change (12)
 *   end_of_recovery_*         access/xlog_internal.h, xl_end_of_recovery (17)
 *   has_partition_merge       parser/gram.y (19)
 *   keyword_set               parser/kwlist.h (13: normalize; 16, 17: JSON words, system_user; 19: graph_table)
 *   has_fixed_database_oids   catalog/pg_database.dat (15)
 *   has_control_functions     the functions of pg_control (9.6)
 *   catalog                   catalog/pg_class.h, pg_namespace.h, pg_database.h, pg_type.h,
 *                             pg_index.h (11: relrewrite, indnkeyatts; 12: oid is a column;
 *                             15: datcollate is text, indnullsnotdistinct; 18: relallfrozen);
 *                             pg_attribute.h (10: attidentity; 11: atthasmissing; 12: attgenerated;
 *                             14: attcompression; 16: attndims, attstattarget moved; 18: attcacheoff went);
 *                             pg_proc.h (11: prokind), pg_trigger.h (13: tgparentid), pg_policy.h,
 *                             pg_rewrite.h, pg_constraint.h (11: conparentid; 18: conenforced)
 *   only_tables_have_types    catalog/heap.c, heap_create_with_catalog (14)
 *   caches                    utils/syscache.h, enum SysCacheIdentifier (every cache that comes moves those after it):
 *                             RELOID, ATTNUM, TYPEOID, PROCOID, NAMESPACEOID, CONSTROID, AUTHOID
 *   control*                  catalog/pg_control.h, ControlFileData (11: no prevCheckPoint; 12: 64-bit
 *                             next xid; 17: wal_level in CheckPoint; 18: default_char_signedness; 19: CheckPoint,
 *                             slru_pages_per_segment, data_checksum_version_init)
 *   recovery                  access/transam/xlog.c, xlogrecovery.c (10: pg_wal and the LSN target, hot
 *                             standby by default; 11: recovery_target_time must be a date; 12:
 *                             recovery.signal instead of recovery.conf, the checks of guc.c; 13:
 *                             a missed target is FATAL; 14: pause where a setting is too low; 19: recovery_target_xid is checked)
 *
 * The offsets of catalog columns are those the pg_attribute of servers gives; 9.5 and 9.6 have the
 * catalogs of 10 but for relispartition.
 */
#include <walparse/profile.h>

#include <stdio.h>
#include <string.h>

#include <walparse/rmgr.h>

// clang-format off
static const wp_profile profiles[] = {
    {
        .major = "9.5",
        .page_magic = 0xD087,
        .page_flags = 0x000F, .page_overwrite = 0x0008,

        .max_builtin_rmgr = WP_RMGR_REPLICATION_ORIGIN,
        .has_custom_rmgrs = false,

        .image_apply = 0, .image_pglz = 0x02, .image_lz4 = 0, .image_zstd = 0,
        .has_toplevel_xid = false,

        .abort_has_dbinfo = false, .xact_has_gid = false,
        .stats_item_bytes = 0,
        .prepare = { .header_bytes = 248, .ncommitstats_at = -1, .ninvalmsgs_at = 40,
                     .gidlen_at = -1, .gid_at = 45 },

        .heap2_ops = WP_HEAP2_CLEAN,
        .has_heap_truncate = false,
        .keyword_set = 0,
        .database_drop_op = 0x10, .database_wal_log_op = 0xFF, .database_drop_is_array = false,
        .smgr_truncate_has_flags = false,

        .checkpoint_full_next_xid = false, .checkpoint_has_wal_level = false,
        .parameters_have_wal_senders = false, .end_of_recovery_has_wal_level = false,

        .has_fixed_database_oids = false,
        .has_control_functions = false,
        .catalog = { .oid_in_header = true,
                     .relname_at = 0, .relnamespace_at = 64, .relfilenode_at = 84,
                     .reltablespace_at = 88, .reltoastrelid_at = 104,
                     .relpersistence_at = 110, .relkind_at = 111,
                     .relispartition_at = -1, .relrewrite_at = -1,
                     .nspname_at = 0, .datname_at = 0,
                     .datconnlimit_at = 204, .dattablespace_at = 220,
                     .typcategory_at = 76,
                     .proname_at = 0, .pronamespace_at = 64, .prokind_at = -1, .proisagg_at = 92,
                     .tgrelid_at = 0, .tgparentid_at = -1, .tgname_at = 4,
                     .tgisinternal_at = 75,
                     .polname_at = 0, .polrelid_at = 64,
                     .conname_at = 0, .contype_at = 68, .conrelid_at = 72,
                     .conindid_at = 80, .conparentid_at = -1,
                     .typname_at = 0, .typnamespace_at = 64, .typtype_at = 75, .typrelid_at = 80,
                     .indrelid_at = 4, .indislive_at = 18,
                     .attnum_at = 78, .attisdropped_at = 97 },
        .only_tables_have_types = false,
        .caches = { [WP_WATCHED_CLASS] = 54, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 72,
                    [WP_WATCHED_PROC] = 51, [WP_WATCHED_NAMESPACE] = 36,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 942,
        .control = { .min_recovery_at = 136, .max_align_at = 200, .crc_at = 256 },
        .recovery = { .conf_file = "recovery.conf", .has_signal_file = false,
                      .has_lsn_target = false, .wal_directory = "pg_xlog",
                      .targets_exclude_each_other = false, .empty_unsets = false,
                      .default_is_latest_timeline = false, .has_current_timeline = false,
                      .time_must_be_date = false, .time_needs_full_zone = false,
                      .hot_standby_by_default = false, .pause_needs_asking = true,
                      .missed_target_is_fatal = false,
                      .low_setting_pauses = false, .minimal_wal_is_fatal = false,
                      .lacks_subscriptions = true,
                      .standby_wal_level = "hot_standby" },
    },
    {
        .major = "9.6",
        .page_magic = 0xD093,
        .page_flags = 0x000F, .page_overwrite = 0x0008,

        .max_builtin_rmgr = WP_RMGR_LOGICAL_MESSAGE,
        .has_custom_rmgrs = false,

        .image_apply = 0, .image_pglz = 0x02, .image_lz4 = 0, .image_zstd = 0,
        .has_toplevel_xid = false,

        .abort_has_dbinfo = false, .xact_has_gid = false,
        .stats_item_bytes = 0,
        .prepare = { .header_bytes = 48, .ncommitstats_at = -1, .ninvalmsgs_at = 40,
                     .gidlen_at = 46, .gid_at = -1 },

        .heap2_ops = WP_HEAP2_CLEAN,
        .has_heap_truncate = false,
        .keyword_set = 0,
        .database_drop_op = 0x10, .database_wal_log_op = 0xFF, .database_drop_is_array = false,
        .smgr_truncate_has_flags = true,

        .checkpoint_full_next_xid = false, .checkpoint_has_wal_level = false,
        .parameters_have_wal_senders = false, .end_of_recovery_has_wal_level = false,

        .has_fixed_database_oids = false,
        .has_control_functions = true,
        .catalog = { .oid_in_header = true,
                     .relname_at = 0, .relnamespace_at = 64, .relfilenode_at = 84,
                     .reltablespace_at = 88, .reltoastrelid_at = 104,
                     .relpersistence_at = 110, .relkind_at = 111,
                     .relispartition_at = -1, .relrewrite_at = -1,
                     .nspname_at = 0, .datname_at = 0,
                     .datconnlimit_at = 204, .dattablespace_at = 220,
                     .typcategory_at = 76,
                     .proname_at = 0, .pronamespace_at = 64, .prokind_at = -1, .proisagg_at = 92,
                     .tgrelid_at = 0, .tgparentid_at = -1, .tgname_at = 4,
                     .tgisinternal_at = 75,
                     .polname_at = 0, .polrelid_at = 64,
                     .conname_at = 0, .contype_at = 68, .conrelid_at = 72,
                     .conindid_at = 80, .conparentid_at = -1,
                     .typname_at = 0, .typnamespace_at = 64, .typtype_at = 75, .typrelid_at = 80,
                     .indrelid_at = 4, .indislive_at = 18,
                     .attnum_at = 78, .attisdropped_at = 97 },
        .only_tables_have_types = false,
        .caches = { [WP_WATCHED_CLASS] = 45, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 63,
                    [WP_WATCHED_PROC] = 42, [WP_WATCHED_NAMESPACE] = 36,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 960,
        .control = { .min_recovery_at = 136, .max_align_at = 200, .crc_at = 256 },
        .recovery = { .conf_file = "recovery.conf", .has_signal_file = false,
                      .has_lsn_target = false, .wal_directory = "pg_xlog",
                      .targets_exclude_each_other = false, .empty_unsets = false,
                      .default_is_latest_timeline = false, .has_current_timeline = false,
                      .time_must_be_date = false, .time_needs_full_zone = false,
                      .hot_standby_by_default = false, .pause_needs_asking = true,
                      .missed_target_is_fatal = false,
                      .low_setting_pauses = false, .minimal_wal_is_fatal = false,
                      .lacks_subscriptions = true },
    },
    {
        .major = "10",
        .page_magic = 0xD097,
        .page_flags = 0x000F, .page_overwrite = 0x0008,

        .max_builtin_rmgr = WP_RMGR_LOGICAL_MESSAGE,
        .has_custom_rmgrs = false,

        .image_apply = 0x04, .image_pglz = 0x02, .image_lz4 = 0, .image_zstd = 0,
        .has_toplevel_xid = false,

        .abort_has_dbinfo = false, .xact_has_gid = false,
        .stats_item_bytes = 0,
        .prepare = { .header_bytes = 48, .ncommitstats_at = -1, .ninvalmsgs_at = 40,
                     .gidlen_at = 46, .gid_at = -1 },

        .heap2_ops = WP_HEAP2_CLEAN,
        .has_heap_truncate = false,
        .keyword_set = 0,
        .database_drop_op = 0x10, .database_wal_log_op = 0xFF, .database_drop_is_array = false,
        .smgr_truncate_has_flags = true,

        .checkpoint_full_next_xid = false, .checkpoint_has_wal_level = false,
        .parameters_have_wal_senders = false, .end_of_recovery_has_wal_level = false,

        .has_fixed_database_oids = false,
        .has_control_functions = true,
        .catalog = { .oid_in_header = true,
                     .relname_at = 0, .relnamespace_at = 64, .relfilenode_at = 84,
                     .reltablespace_at = 88, .reltoastrelid_at = 104,
                     .relpersistence_at = 110, .relkind_at = 111,
                     .relispartition_at = 125, .relrewrite_at = -1,
                     .nspname_at = 0, .datname_at = 0,
                     .datconnlimit_at = 204, .dattablespace_at = 220,
                     .typcategory_at = 76,
                     .proname_at = 0, .pronamespace_at = 64, .prokind_at = -1, .proisagg_at = 92,
                     .tgrelid_at = 0, .tgparentid_at = -1, .tgname_at = 4,
                     .tgisinternal_at = 75,
                     .polname_at = 0, .polrelid_at = 64,
                     .conname_at = 0, .contype_at = 68, .conrelid_at = 72,
                     .conindid_at = 80, .conparentid_at = -1,
                     .typname_at = 0, .typnamespace_at = 64, .typtype_at = 75, .typrelid_at = 80,
                     .indrelid_at = 4, .indislive_at = 18,
                     .attnum_at = 78, .attisdropped_at = 98 },
        .only_tables_have_types = false,
        .caches = { [WP_WATCHED_CLASS] = 50, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 74,
                    [WP_WATCHED_PROC] = 43, [WP_WATCHED_NAMESPACE] = 36,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 1002,
        .control = { .min_recovery_at = 136, .max_align_at = 200, .crc_at = 288 },
        .recovery = { .conf_file = "recovery.conf", .has_signal_file = false,
                      .has_lsn_target = true, .wal_directory = "pg_wal",
                      .targets_exclude_each_other = false, .empty_unsets = false,
                      .default_is_latest_timeline = false, .has_current_timeline = false,
                      .time_must_be_date = false, .time_needs_full_zone = false,
                      .hot_standby_by_default = true, .pause_needs_asking = true,
                      .missed_target_is_fatal = false,
                      .low_setting_pauses = false, .minimal_wal_is_fatal = false },
    },
    {
        .major = "11",
        .page_magic = 0xD098,
        .page_flags = 0x000F, .page_overwrite = 0x0008,

        .max_builtin_rmgr = WP_RMGR_LOGICAL_MESSAGE,
        .has_custom_rmgrs = false,

        .image_apply = 0x04, .image_pglz = 0x02, .image_lz4 = 0, .image_zstd = 0,
        .has_toplevel_xid = false,

        .abort_has_dbinfo = true, .xact_has_gid = true,
        .stats_item_bytes = 0,
        .prepare = { .header_bytes = 64, .ncommitstats_at = -1, .ninvalmsgs_at = 40,
                     .gidlen_at = 46, .gid_at = -1 },

        .heap2_ops = WP_HEAP2_CLEAN,
        .has_heap_truncate = true,
        .keyword_set = 0,
        .database_drop_op = 0x10, .database_wal_log_op = 0xFF, .database_drop_is_array = false,
        .smgr_truncate_has_flags = true,

        .checkpoint_full_next_xid = false, .checkpoint_has_wal_level = false,
        .parameters_have_wal_senders = false, .end_of_recovery_has_wal_level = false,

        .has_fixed_database_oids = false,
        .has_control_functions = true,
        .catalog = { .oid_in_header = true,
                     .relname_at = 0, .relnamespace_at = 64, .relfilenode_at = 84,
                     .reltablespace_at = 88, .reltoastrelid_at = 104,
                     .relpersistence_at = 110, .relkind_at = 111,
                     .relispartition_at = 124, .relrewrite_at = 128,
                     .nspname_at = 0, .datname_at = 0,
                     .datconnlimit_at = 204, .dattablespace_at = 220,
                     .typcategory_at = 76,
                     .proname_at = 0, .pronamespace_at = 64, .prokind_at = 92, .proisagg_at = -1,
                     .tgrelid_at = 0, .tgparentid_at = -1, .tgname_at = 4,
                     .tgisinternal_at = 75,
                     .polname_at = 0, .polrelid_at = 64,
                     .conname_at = 0, .contype_at = 68, .conrelid_at = 72,
                     .conindid_at = 80, .conparentid_at = 84,
                     .typname_at = 0, .typnamespace_at = 64, .typtype_at = 75, .typrelid_at = 80,
                     .indrelid_at = 4, .indislive_at = 20,
                     .attnum_at = 78, .attisdropped_at = 99 },
        .only_tables_have_types = false,
        .caches = { [WP_WATCHED_CLASS] = 50, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 74,
                    [WP_WATCHED_PROC] = 43, [WP_WATCHED_NAMESPACE] = 36,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 1100,
        .control = { .min_recovery_at = 128, .max_align_at = 192, .crc_at = 280 },
        .recovery = { .conf_file = "recovery.conf", .has_signal_file = false,
                      .has_lsn_target = true, .wal_directory = "pg_wal",
                      .targets_exclude_each_other = false, .empty_unsets = false,
                      .default_is_latest_timeline = false, .has_current_timeline = false,
                      .time_must_be_date = true, .time_needs_full_zone = false,
                      .hot_standby_by_default = true, .pause_needs_asking = true,
                      .missed_target_is_fatal = false,
                      .low_setting_pauses = false, .minimal_wal_is_fatal = false },
    },
    {
        .major = "12",
        .page_magic = 0xD101,
        .page_flags = 0x000F, .page_overwrite = 0x0008,

        .max_builtin_rmgr = WP_RMGR_LOGICAL_MESSAGE,
        .has_custom_rmgrs = false,

        .image_apply = 0x04, .image_pglz = 0x02, .image_lz4 = 0, .image_zstd = 0,
        .has_toplevel_xid = false,

        .abort_has_dbinfo = true, .xact_has_gid = true,
        .stats_item_bytes = 0,
        .prepare = { .header_bytes = 64, .ncommitstats_at = -1, .ninvalmsgs_at = 40,
                     .gidlen_at = 46, .gid_at = -1 },

        .heap2_ops = WP_HEAP2_CLEAN,
        .has_heap_truncate = true,
        .keyword_set = 0,
        .database_drop_op = 0x10, .database_wal_log_op = 0xFF, .database_drop_is_array = false,
        .smgr_truncate_has_flags = true,

        .checkpoint_full_next_xid = true, .checkpoint_has_wal_level = false,
        .parameters_have_wal_senders = true, .end_of_recovery_has_wal_level = false,

        .has_fixed_database_oids = false,
        .has_control_functions = true,
        .catalog = { .oid_in_header = false,
                     .relname_at = 4, .relnamespace_at = 68, .relfilenode_at = 88,
                     .reltablespace_at = 92, .reltoastrelid_at = 108,
                     .relpersistence_at = 114, .relkind_at = 115,
                     .relispartition_at = 127, .relrewrite_at = 128,
                     .nspname_at = 4, .datname_at = 4,
                     .datconnlimit_at = 208, .dattablespace_at = 224,
                     .typcategory_at = 80,
                     .proname_at = 4, .pronamespace_at = 68, .prokind_at = 96, .proisagg_at = -1,
                     .tgrelid_at = 4, .tgparentid_at = -1, .tgname_at = 8,
                     .tgisinternal_at = 79,
                     .polname_at = 4, .polrelid_at = 68,
                     .conname_at = 4, .contype_at = 72, .conrelid_at = 76,
                     .conindid_at = 84, .conparentid_at = 88,
                     .typname_at = 4, .typnamespace_at = 68, .typtype_at = 79, .typrelid_at = 84,
                     .indrelid_at = 4, .indislive_at = 20,
                     .attnum_at = 78, .attisdropped_at = 100 },
        .only_tables_have_types = false,
        .caches = { [WP_WATCHED_CLASS] = 50, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 75,
                    [WP_WATCHED_PROC] = 43, [WP_WATCHED_NAMESPACE] = 36,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 1201,
        .control = { .min_recovery_at = 136, .max_align_at = 204, .crc_at = 288 },
        .recovery = { .conf_file = "postgresql.auto.conf", .has_signal_file = true,
                      .has_lsn_target = true, .wal_directory = "pg_wal",
                      .targets_exclude_each_other = true, .empty_unsets = true,
                      .default_is_latest_timeline = true, .has_current_timeline = true,
                      .time_must_be_date = true, .time_needs_full_zone = true,
                      .hot_standby_by_default = true, .pause_needs_asking = false,
                      .missed_target_is_fatal = false,
                      .low_setting_pauses = false, .minimal_wal_is_fatal = false },
    },
    {
        .major = "13",
        .page_magic = 0xD106,
        .page_flags = 0x000F, .page_overwrite = 0x0008,

        .max_builtin_rmgr = WP_RMGR_LOGICAL_MESSAGE,
        .has_custom_rmgrs = false,

        .image_apply = 0x04, .image_pglz = 0x02, .image_lz4 = 0, .image_zstd = 0,
        .has_toplevel_xid = false,

        .abort_has_dbinfo = true, .xact_has_gid = true,
        .stats_item_bytes = 0,
        .prepare = { .header_bytes = 64, .ncommitstats_at = -1, .ninvalmsgs_at = 40,
                     .gidlen_at = 46, .gid_at = -1 },

        .heap2_ops = WP_HEAP2_CLEAN,
        .has_heap_truncate = true,
        .keyword_set = 1,
        .database_drop_op = 0x10, .database_wal_log_op = 0xFF, .database_drop_is_array = true,
        .smgr_truncate_has_flags = true,

        .checkpoint_full_next_xid = true, .checkpoint_has_wal_level = false,
        .parameters_have_wal_senders = true, .end_of_recovery_has_wal_level = false,

        .has_fixed_database_oids = false,
        .has_control_functions = true,
        .catalog = { .oid_in_header = false,
                     .relname_at = 4, .relnamespace_at = 68, .relfilenode_at = 88,
                     .reltablespace_at = 92, .reltoastrelid_at = 108,
                     .relpersistence_at = 114, .relkind_at = 115,
                     .relispartition_at = 127, .relrewrite_at = 128,
                     .nspname_at = 4, .datname_at = 4,
                     .datconnlimit_at = 208, .dattablespace_at = 224,
                     .typcategory_at = 80,
                     .proname_at = 4, .pronamespace_at = 68, .prokind_at = 96, .proisagg_at = -1,
                     .tgrelid_at = 4, .tgparentid_at = 8, .tgname_at = 12,
                     .tgisinternal_at = 83,
                     .polname_at = 4, .polrelid_at = 68,
                     .conname_at = 4, .contype_at = 72, .conrelid_at = 76,
                     .conindid_at = 84, .conparentid_at = 88,
                     .typname_at = 4, .typnamespace_at = 68, .typtype_at = 79, .typrelid_at = 84,
                     .indrelid_at = 4, .indislive_at = 20,
                     .attnum_at = 78, .attisdropped_at = 100 },
        .only_tables_have_types = false,
        .caches = { [WP_WATCHED_CLASS] = 50, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 75,
                    [WP_WATCHED_PROC] = 43, [WP_WATCHED_NAMESPACE] = 36,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 1300,
        .control = { .min_recovery_at = 136, .max_align_at = 204, .crc_at = 288 },
        .recovery = { .conf_file = "postgresql.auto.conf", .has_signal_file = true,
                      .has_lsn_target = true, .wal_directory = "pg_wal",
                      .targets_exclude_each_other = true, .empty_unsets = true,
                      .default_is_latest_timeline = true, .has_current_timeline = true,
                      .time_must_be_date = true, .time_needs_full_zone = true,
                      .hot_standby_by_default = true, .pause_needs_asking = false,
                      .missed_target_is_fatal = true,
                      .low_setting_pauses = false, .minimal_wal_is_fatal = false },
    },
    {
        .major = "14",
        .page_magic = 0xD10D,
        .page_flags = 0x000F, .page_overwrite = 0x0008,

        .max_builtin_rmgr = WP_RMGR_LOGICAL_MESSAGE,
        .has_custom_rmgrs = false,

        .image_apply = 0x04, .image_pglz = 0x02, .image_lz4 = 0, .image_zstd = 0,
        .has_toplevel_xid = true,

        .abort_has_dbinfo = true, .xact_has_gid = true,
        .stats_item_bytes = 0,
        .prepare = { .header_bytes = 64, .ncommitstats_at = -1, .ninvalmsgs_at = 40,
                     .gidlen_at = 46, .gid_at = -1 },

        .heap2_ops = WP_HEAP2_PRUNE,
        .has_heap_truncate = true,
        .keyword_set = 1,
        .database_drop_op = 0x10, .database_wal_log_op = 0xFF, .database_drop_is_array = true,
        .smgr_truncate_has_flags = true,

        .checkpoint_full_next_xid = true, .checkpoint_has_wal_level = false,
        .parameters_have_wal_senders = true, .end_of_recovery_has_wal_level = false,

        .has_fixed_database_oids = false,
        .has_control_functions = true,
        .catalog = { .oid_in_header = false,
                     .relname_at = 4, .relnamespace_at = 68, .relfilenode_at = 88,
                     .reltablespace_at = 92, .reltoastrelid_at = 108,
                     .relpersistence_at = 114, .relkind_at = 115,
                     .relispartition_at = 127, .relrewrite_at = 128,
                     .nspname_at = 4, .datname_at = 4,
                     .datconnlimit_at = 208, .dattablespace_at = 224,
                     .typcategory_at = 80,
                     .proname_at = 4, .pronamespace_at = 68, .prokind_at = 96, .proisagg_at = -1,
                     .tgrelid_at = 4, .tgparentid_at = 8, .tgname_at = 12,
                     .tgisinternal_at = 83,
                     .polname_at = 4, .polrelid_at = 68,
                     .conname_at = 4, .contype_at = 72, .conrelid_at = 76,
                     .conindid_at = 84, .conparentid_at = 88,
                     .typname_at = 4, .typnamespace_at = 68, .typtype_at = 79, .typrelid_at = 84,
                     .indrelid_at = 4, .indislive_at = 20,
                     .attnum_at = 78, .attisdropped_at = 101 },
        .only_tables_have_types = true,
        .caches = { [WP_WATCHED_CLASS] = 51, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 76,
                    [WP_WATCHED_PROC] = 43, [WP_WATCHED_NAMESPACE] = 36,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 1300,
        .control = { .min_recovery_at = 136, .max_align_at = 204, .crc_at = 288 },
        .recovery = { .conf_file = "postgresql.auto.conf", .has_signal_file = true,
                      .has_lsn_target = true, .wal_directory = "pg_wal",
                      .targets_exclude_each_other = true, .empty_unsets = true,
                      .default_is_latest_timeline = true, .has_current_timeline = true,
                      .time_must_be_date = true, .time_needs_full_zone = true,
                      .hot_standby_by_default = true, .pause_needs_asking = false,
                      .missed_target_is_fatal = true,
                      .low_setting_pauses = true, .minimal_wal_is_fatal = true },
    },
    {
        .major = "15",
        .page_magic = 0xD110,
        .page_flags = 0x000F, .page_overwrite = 0x0008,

        .max_builtin_rmgr = WP_RMGR_LOGICAL_MESSAGE,
        .has_custom_rmgrs = true,

        .image_apply = 0x02, .image_pglz = 0x04, .image_lz4 = 0x08, .image_zstd = 0x10,
        .has_toplevel_xid = true,

        .abort_has_dbinfo = true, .xact_has_gid = true,
        .stats_item_bytes = 12,
        .prepare = { .header_bytes = 72, .ncommitstats_at = 40, .ninvalmsgs_at = 48,
                     .gidlen_at = 54, .gid_at = -1 },

        .heap2_ops = WP_HEAP2_PRUNE,
        .has_heap_truncate = true,
        .keyword_set = 1,
        .database_drop_op = 0x20, .database_wal_log_op = 0x10, .database_drop_is_array = true,
        .smgr_truncate_has_flags = true,

        .checkpoint_full_next_xid = true, .checkpoint_has_wal_level = false,
        .parameters_have_wal_senders = true, .end_of_recovery_has_wal_level = false,

        .has_fixed_database_oids = true,
        .has_control_functions = true,
        .catalog = { .oid_in_header = false,
                     .relname_at = 4, .relnamespace_at = 68, .relfilenode_at = 88,
                     .reltablespace_at = 92, .reltoastrelid_at = 108,
                     .relpersistence_at = 114, .relkind_at = 115,
                     .relispartition_at = 127, .relrewrite_at = 128,
                     .nspname_at = 4, .datname_at = 4,
                     .datconnlimit_at = 80, .dattablespace_at = 92,
                     .typcategory_at = 80,
                     .proname_at = 4, .pronamespace_at = 68, .prokind_at = 96, .proisagg_at = -1,
                     .tgrelid_at = 4, .tgparentid_at = 8, .tgname_at = 12,
                     .tgisinternal_at = 83,
                     .polname_at = 4, .polrelid_at = 68,
                     .conname_at = 4, .contype_at = 72, .conrelid_at = 76,
                     .conindid_at = 84, .conparentid_at = 88,
                     .typname_at = 4, .typnamespace_at = 68, .typtype_at = 79, .typrelid_at = 84,
                     .indrelid_at = 4, .indislive_at = 21,
                     .attnum_at = 78, .attisdropped_at = 101 },
        .only_tables_have_types = true,
        .caches = { [WP_WATCHED_CLASS] = 55, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 80,
                    [WP_WATCHED_PROC] = 45, [WP_WATCHED_NAMESPACE] = 36,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 1300,
        .control = { .min_recovery_at = 136, .max_align_at = 204, .crc_at = 288 },
        .control_32 = { .min_recovery_at = 120, .max_align_at = 184, .crc_at = 268 },
        .recovery = { .conf_file = "postgresql.auto.conf", .has_signal_file = true,
                      .has_lsn_target = true, .wal_directory = "pg_wal",
                      .targets_exclude_each_other = true, .empty_unsets = true,
                      .default_is_latest_timeline = true, .has_current_timeline = true,
                      .time_must_be_date = true, .time_needs_full_zone = true,
                      .hot_standby_by_default = true, .pause_needs_asking = false,
                      .missed_target_is_fatal = true,
                      .low_setting_pauses = true, .minimal_wal_is_fatal = true },
    },
    {
        .major = "16",
        .page_magic = 0xD113,
        .page_flags = 0x000F, .page_overwrite = 0x0008,

        .max_builtin_rmgr = WP_RMGR_LOGICAL_MESSAGE,
        .has_custom_rmgrs = true,

        .image_apply = 0x02, .image_pglz = 0x04, .image_lz4 = 0x08, .image_zstd = 0x10,
        .has_toplevel_xid = true,

        .abort_has_dbinfo = true, .xact_has_gid = true,
        .stats_item_bytes = 12,
        .prepare = { .header_bytes = 72, .ncommitstats_at = 40, .ninvalmsgs_at = 48,
                     .gidlen_at = 54, .gid_at = -1 },

        .heap2_ops = WP_HEAP2_PRUNE,
        .has_heap_truncate = true,
        .keyword_set = 2,
        .database_drop_op = 0x20, .database_wal_log_op = 0x10, .database_drop_is_array = true,
        .smgr_truncate_has_flags = true,

        .checkpoint_full_next_xid = true, .checkpoint_has_wal_level = false,
        .parameters_have_wal_senders = true, .end_of_recovery_has_wal_level = false,

        .has_fixed_database_oids = true,
        .has_control_functions = true,
        .catalog = { .oid_in_header = false,
                     .relname_at = 4, .relnamespace_at = 68, .relfilenode_at = 88,
                     .reltablespace_at = 92, .reltoastrelid_at = 108,
                     .relpersistence_at = 114, .relkind_at = 115,
                     .relispartition_at = 127, .relrewrite_at = 128,
                     .nspname_at = 4, .datname_at = 4,
                     .datconnlimit_at = 80, .dattablespace_at = 92,
                     .typcategory_at = 80,
                     .proname_at = 4, .pronamespace_at = 68, .prokind_at = 96, .proisagg_at = -1,
                     .tgrelid_at = 4, .tgparentid_at = 8, .tgname_at = 12,
                     .tgisinternal_at = 83,
                     .polname_at = 4, .polrelid_at = 68,
                     .conname_at = 4, .contype_at = 72, .conrelid_at = 76,
                     .conindid_at = 84, .conparentid_at = 88,
                     .typname_at = 4, .typnamespace_at = 68, .typtype_at = 79, .typrelid_at = 84,
                     .indrelid_at = 4, .indislive_at = 21,
                     .attnum_at = 74, .attisdropped_at = 95 },
        .only_tables_have_types = true,
        .caches = { [WP_WATCHED_CLASS] = 55, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 80,
                    [WP_WATCHED_PROC] = 45, [WP_WATCHED_NAMESPACE] = 36,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 1300,
        .control = { .min_recovery_at = 136, .max_align_at = 204, .crc_at = 288 },
        .control_32 = { .min_recovery_at = 120, .max_align_at = 184, .crc_at = 268 },
        .recovery = { .conf_file = "postgresql.auto.conf", .has_signal_file = true,
                      .has_lsn_target = true, .wal_directory = "pg_wal",
                      .targets_exclude_each_other = true, .empty_unsets = true,
                      .default_is_latest_timeline = true, .has_current_timeline = true,
                      .time_must_be_date = true, .time_needs_full_zone = true,
                      .hot_standby_by_default = true, .pause_needs_asking = false,
                      .missed_target_is_fatal = true,
                      .low_setting_pauses = true, .minimal_wal_is_fatal = true },
    },
    {
        .major = "17",
        .page_magic = 0xD116,
        .page_flags = 0x000F, .page_overwrite = 0x0008,

        .max_builtin_rmgr = WP_RMGR_LOGICAL_MESSAGE,
        .has_custom_rmgrs = true,

        .image_apply = 0x02, .image_pglz = 0x04, .image_lz4 = 0x08, .image_zstd = 0x10,
        .has_toplevel_xid = true,

        .abort_has_dbinfo = true, .xact_has_gid = true,
        .stats_item_bytes = 12,
        .prepare = { .header_bytes = 72, .ncommitstats_at = 40, .ninvalmsgs_at = 48,
                     .gidlen_at = 54, .gid_at = -1 },

        .heap2_ops = WP_HEAP2_PRUNE_FREEZE, .prune_flags_at = 1,
        .has_heap_truncate = true,
        .keyword_set = 3,
        .database_drop_op = 0x20, .database_wal_log_op = 0x10, .database_drop_is_array = true,
        .smgr_truncate_has_flags = true,

        .checkpoint_full_next_xid = true, .checkpoint_has_wal_level = true,
        .parameters_have_wal_senders = true, .end_of_recovery_has_wal_level = true,

        .has_fixed_database_oids = true,
        .has_control_functions = true,
        .catalog = { .oid_in_header = false,
                     .relname_at = 4, .relnamespace_at = 68, .relfilenode_at = 88,
                     .reltablespace_at = 92, .reltoastrelid_at = 108,
                     .relpersistence_at = 114, .relkind_at = 115,
                     .relispartition_at = 127, .relrewrite_at = 128,
                     .nspname_at = 4, .datname_at = 4,
                     .datconnlimit_at = 80, .dattablespace_at = 92,
                     .typcategory_at = 80,
                     .proname_at = 4, .pronamespace_at = 68, .prokind_at = 96, .proisagg_at = -1,
                     .tgrelid_at = 4, .tgparentid_at = 8, .tgname_at = 12,
                     .tgisinternal_at = 83,
                     .polname_at = 4, .polrelid_at = 68,
                     .conname_at = 4, .contype_at = 72, .conrelid_at = 76,
                     .conindid_at = 84, .conparentid_at = 88,
                     .typname_at = 4, .typnamespace_at = 68, .typtype_at = 79, .typrelid_at = 84,
                     .indrelid_at = 4, .indislive_at = 21,
                     .attnum_at = 74, .attisdropped_at = 95 },
        .only_tables_have_types = true,
        .caches = { [WP_WATCHED_CLASS] = 55, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 80,
                    [WP_WATCHED_PROC] = 45, [WP_WATCHED_NAMESPACE] = 36,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 1700,
        .control = { .min_recovery_at = 136, .max_align_at = 204, .crc_at = 288 },
        .control_32 = { .min_recovery_at = 124, .max_align_at = 188, .crc_at = 272 },
        .recovery = { .conf_file = "postgresql.auto.conf", .has_signal_file = true,
                      .has_lsn_target = true, .wal_directory = "pg_wal",
                      .targets_exclude_each_other = true, .empty_unsets = true,
                      .default_is_latest_timeline = true, .has_current_timeline = true,
                      .time_must_be_date = true, .time_needs_full_zone = true,
                      .hot_standby_by_default = true, .pause_needs_asking = false,
                      .missed_target_is_fatal = true,
                      .low_setting_pauses = true, .minimal_wal_is_fatal = true,
                      .quotes_settings = true },
    },
    {
        .major = "18",
        .page_magic = 0xD118,
        .page_flags = 0x000F, .page_overwrite = 0x0008,

        .max_builtin_rmgr = WP_RMGR_LOGICAL_MESSAGE,
        .has_custom_rmgrs = true,

        .image_apply = 0x02, .image_pglz = 0x04, .image_lz4 = 0x08, .image_zstd = 0x10,
        .has_toplevel_xid = true,

        .abort_has_dbinfo = true, .xact_has_gid = true,
        .stats_item_bytes = 16,
        .prepare = { .header_bytes = 72, .ncommitstats_at = 40, .ninvalmsgs_at = 48,
                     .gidlen_at = 54, .gid_at = -1 },

        .heap2_ops = WP_HEAP2_PRUNE_FREEZE, .prune_flags_at = 1,
        .has_heap_truncate = true,
        .keyword_set = 3,
        .database_drop_op = 0x20, .database_wal_log_op = 0x10, .database_drop_is_array = true,
        .smgr_truncate_has_flags = true,

        .checkpoint_full_next_xid = true, .checkpoint_has_wal_level = true,
        .parameters_have_wal_senders = true, .end_of_recovery_has_wal_level = true,

        .has_fixed_database_oids = true,
        .has_control_functions = true,
        .catalog = { .oid_in_header = false,
                     .relname_at = 4, .relnamespace_at = 68, .relfilenode_at = 88,
                     .reltablespace_at = 92, .reltoastrelid_at = 112,
                     .relpersistence_at = 118, .relkind_at = 119,
                     .relispartition_at = 131, .relrewrite_at = 132,
                     .nspname_at = 4, .datname_at = 4,
                     .datconnlimit_at = 80, .dattablespace_at = 92,
                     .typcategory_at = 80,
                     .proname_at = 4, .pronamespace_at = 68, .prokind_at = 96, .proisagg_at = -1,
                     .tgrelid_at = 4, .tgparentid_at = 8, .tgname_at = 12,
                     .tgisinternal_at = 83,
                     .polname_at = 4, .polrelid_at = 68,
                     .conname_at = 4, .contype_at = 72, .conrelid_at = 80,
                     .conindid_at = 88, .conparentid_at = 92,
                     .typname_at = 4, .typnamespace_at = 68, .typtype_at = 79, .typrelid_at = 84,
                     .indrelid_at = 4, .indislive_at = 21,
                     .attnum_at = 74, .attisdropped_at = 91 },
        .only_tables_have_types = true,
        .caches = { [WP_WATCHED_CLASS] = 57, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 82,
                    [WP_WATCHED_PROC] = 47, [WP_WATCHED_NAMESPACE] = 38,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 1800,
        .control = { .min_recovery_at = 136, .max_align_at = 204, .crc_at = 292 },
        .control_32 = { .min_recovery_at = 124, .max_align_at = 188, .crc_at = 276 },
        .recovery = { .conf_file = "postgresql.auto.conf", .has_signal_file = true,
                      .has_lsn_target = true, .wal_directory = "pg_wal",
                      .targets_exclude_each_other = true, .empty_unsets = true,
                      .default_is_latest_timeline = true, .has_current_timeline = true,
                      .time_must_be_date = true, .time_needs_full_zone = true,
                      .hot_standby_by_default = true, .pause_needs_asking = false,
                      .missed_target_is_fatal = true,
                      .low_setting_pauses = true, .minimal_wal_is_fatal = true,
                      .quotes_settings = true },
    },
    {
        .major = "19",
        .page_magic = 0xD121,
        .page_flags = 0x0007, .page_overwrite = 0x0004,

        .max_builtin_rmgr = WP_RMGR_XLOG2,
        .has_custom_rmgrs = true,

        .image_apply = 0x02, .image_pglz = 0x04, .image_lz4 = 0x08, .image_zstd = 0x10,
        .has_toplevel_xid = true,

        .abort_has_dbinfo = true, .xact_has_gid = true,
        .stats_item_bytes = 16,
        .prepare = { .header_bytes = 72, .ncommitstats_at = 40, .ninvalmsgs_at = 48,
                     .gidlen_at = 54, .gid_at = -1 },

        .heap2_ops = WP_HEAP2_PRUNE_FREEZE, .prune_flags_at = 0,
        .has_heap_truncate = true,
        .has_partition_merge = true,
        .keyword_set = 4,
        .database_drop_op = 0x20, .database_wal_log_op = 0x10, .database_drop_is_array = true,
        .smgr_truncate_has_flags = true,

        .checkpoint_full_next_xid = true, .checkpoint_has_wal_level = true,
        .checkpoint_has_logical = true,
        .parameters_have_wal_senders = true, .end_of_recovery_has_wal_level = true,

        .has_fixed_database_oids = true,
        .has_control_functions = true,
        .catalog = { .oid_in_header = false,
                     .relname_at = 4, .relnamespace_at = 68, .relfilenode_at = 88,
                     .reltablespace_at = 92, .reltoastrelid_at = 112,
                     .relpersistence_at = 118, .relkind_at = 119,
                     .relispartition_at = 131, .relrewrite_at = 132,
                     .nspname_at = 4, .datname_at = 4,
                     .datconnlimit_at = 80, .dattablespace_at = 92,
                     .typcategory_at = 80,
                     .proname_at = 4, .pronamespace_at = 68, .prokind_at = 96, .proisagg_at = -1,
                     .tgrelid_at = 4, .tgparentid_at = 8, .tgname_at = 12,
                     .tgisinternal_at = 83,
                     .polname_at = 4, .polrelid_at = 68,
                     .conname_at = 4, .contype_at = 72, .conrelid_at = 80,
                     .conindid_at = 88, .conparentid_at = 92,
                     .typname_at = 4, .typnamespace_at = 68, .typtype_at = 79, .typrelid_at = 84,
                     .indrelid_at = 4, .indislive_at = 21,
                     .attnum_at = 74, .attisdropped_at = 91 },
        .only_tables_have_types = true,
        .caches = { [WP_WATCHED_CLASS] = 65, [WP_WATCHED_ATTRIBUTE] = 7, [WP_WATCHED_TYPE] = 90,
                    [WP_WATCHED_PROC] = 47, [WP_WATCHED_NAMESPACE] = 38,
                    [WP_WATCHED_CONSTRAINT] = 19, [WP_WATCHED_AUTHID] = 11 },
        .control_version = 1903, .control_version_old = 1902,
        .control = { .min_recovery_at = 144, .max_align_at = 212, .has_slru_size = true, .crc_at = 308 },
        .control_32 = { .min_recovery_at = 136, .max_align_at = 200, .has_slru_size = true, .crc_at = 296 },
        .recovery = { .conf_file = "postgresql.auto.conf", .has_signal_file = true,
                      .has_lsn_target = true, .wal_directory = "pg_wal",
                      .targets_exclude_each_other = true, .empty_unsets = true,
                      .default_is_latest_timeline = true, .has_current_timeline = true,
                      .time_must_be_date = true, .time_needs_full_zone = true,
                      .hot_standby_by_default = true, .pause_needs_asking = false,
                      .missed_target_is_fatal = true,
                      .low_setting_pauses = true, .minimal_wal_is_fatal = true,
                      .quotes_settings = true, .xid_is_checked = true },
    },
};
// clang-format on

#define PROFILES (sizeof profiles / sizeof *profiles)

const wp_profile *wp_profile_at(size_t index)
{
    return index < PROFILES ? &profiles[index] : NULL;
}

const wp_profile *wp_profile_by_magic(uint16_t magic)
{
    for (size_t i = 0; i < PROFILES; i++)
        if (profiles[i].page_magic == magic)
            return &profiles[i];
    return NULL;
}

const wp_profile *wp_profile_by_major(const char *major)
{
    for (size_t i = 0; i < PROFILES; i++)
        if (strcmp(profiles[i].major, major) == 0)
            return &profiles[i];
    return NULL;
}

const wp_profile *wp_profile_by_server_version(int number)
{
    /* Up to 9.6 the major is two numbers. */
    char major[16];
    if (number >= 100000)
        (void)snprintf(major, sizeof major, "%d", number / 10000);
    else
        (void)snprintf(major, sizeof major, "%d.%d", number / 10000, number / 100 % 100);
    return wp_profile_by_major(major);
}

const char *wp_profile_unreleased(uint16_t magic, bool *is_beta)
{
    /* 19: pages changed ten times while it was made, the last one but one in its first two betas. */
    *is_beta = magic == 0xD120;
    return magic >= 0xD119 && magic <= 0xD120 ? "19" : NULL;
}

const char *wp_profile_fixed_database(const wp_profile *profile, wp_oid db)
{
    static const char *const names[] = { [1] = "template1", [4] = "template0", [5] = "postgres" };
    if (db >= sizeof names / sizeof names[0] || (db != 1 && !profile->has_fixed_database_oids))
        return NULL;
    return names[db];
}
