# shellcheck shell=bash
# Fields of the version table that no server tells of itself:
#
#   bits and lengths in records, which the fixtures and rmgrs.sh show: page_*, image_*, prepare.*, database_*, checkpoint_* ...
#   how rows are moved on a page: redo.sh compares pages with the server's
#   numbers of caches, which are compiled in: the fixtures show them
#   what recovery does with a setting: simulate.sh starts servers with it
#   dump.*: what pg_waldump prints, which the fixtures and dump.sh show
#   value.*: what COPY prints, which value.sh compares
#   what an archiver does with two ways to archive: check.sh sets both
#   replication.*: commands of the replication protocol, which stream.sh uses
#   what is of other machines, betas, and majors before 10
untold_fields='archives_by_one_only page_flags page_overwrite image_apply image_pglz image_lz4 image_zstd has_toplevel_xid abort_has_dbinfo xact_has_gid
    stats_item_bytes prepare.header_bytes prepare.ncommitstats_at prepare.ninvalmsgs_at prepare.gidlen_at prepare.gid_at heap2_ops
    prune_flags_at compacts_by_pointer prune_drops_pointers multixact_offset_bytes has_heap_truncate database_drop_op database_wal_log_op database_drop_is_array smgr_truncate_has_flags
    checkpoint_full_next_xid checkpoint_has_wal_level checkpoint_has_logical parameters_have_wal_senders
    end_of_recovery_has_wal_level keyword_set
    caches[WP_WATCHED_CLASS] caches[WP_WATCHED_ATTRIBUTE] caches[WP_WATCHED_TYPE] caches[WP_WATCHED_PROC]
    caches[WP_WATCHED_NAMESPACE] caches[WP_WATCHED_CONSTRAINT] caches[WP_WATCHED_AUTHID] caches[WP_WATCHED_DEPEND]
    control_version_old control.has_slru_size
    control_32.min_recovery_at control_32.max_align_at control_32.has_slru_size control_32.checksum_version_at control_32.crc_at
    recovery.targets_exclude_each_other recovery.empty_unsets recovery.has_current_timeline recovery.time_must_be_date
    recovery.time_needs_full_zone recovery.pause_needs_asking recovery.missed_target_is_fatal recovery.low_setting_pauses
    recovery.minimal_wal_is_fatal recovery.quotes_settings recovery.xid_is_checked'

# told_fields MAJOR <TABLE >TABLE      the lines of the version table that a server of MAJOR is asked for
told_fields() {
    local untold=$untold_fields
    # Below 15 no function lists resource managers; below 12 no setting names the timeline.
    [ "$1" -ge 15 ] || untold+=' max_builtin_rmgr'
    [ "$1" -ge 12 ] || untold+=' recovery.default_is_latest_timeline'
    awk -v untold="$untold" 'BEGIN { n = split(untold, name); while (n) is_untold[name[n--]] = 1 }
        !($1 in is_untold) && $1 !~ /^(dump|value|replication)[.]/'
}
