#!/usr/bin/env bash
# One major: does `pitr-find simulate` say where a real server really stops?
#
#   tests/servers/simulate.sh PITR-FIND MAJOR
#
# A server makes a known history and archives it; a base backup is taken while nothing happens. Then the
# backup is restored with right and wrong settings, one after the other. For each, simulate is asked first
# and the server has the last word: the reason and the LSN in the new timeline's history file, how many
# transactions are there, which are in doubt, or the FATAL line in its log.
# shellcheck disable=SC2154 # the names of the history are assigned by sourcing $work/facts
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

pitr_find=$(realpath "$1")
major=$2

if ! use_major "$major"; then
    echo "ok - $major: simulate # SKIP $reason"
    exit 0
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/pitr-simulate-$major.XXXXXX")
chmod 755 "$work"
source=$work/source backup=$work/backup archive=$work/archive copy=$work/copy
problems=$work/problems
mkdir "$archive"
give_to_owner "$work"
cd "$work"

finish() {
    local status=$?
    trap - EXIT
    stop_all_clusters
    cd /
    if [ "$status" -ne 0 ] && [ "$failures" -eq 0 ]; then
        echo "not ok - $major: simulate ended with status $status"
        tail -n 5 "$work"/*.log "$source/log" 2>/dev/null | cut -c1-300 | sed 's/^/#   /' || true
    fi
    if [ -n "${KEEP:-}" ]; then echo "# kept: $work"; else rm -rf "$work"; fi
    exit "$status"
}
trap finish EXIT
trap 'exit 143' TERM INT

segment=1
[ "$major" -ge 11 ] || segment=16
segment_bytes=$((segment << 20))

# ---- a known history -----------------------------------------------------------------------
# Every transaction from the backup on adds one row to the journal, so that rows count transactions.

fact() { printf '%s=%q\n' "$1" "$2" >>"$work/facts"; }

# transaction NAME BODY [END]: notes NAME_xid, and NAME_start and NAME_end, the LSNs around its end.
transaction() {
    local said
    said=$(sql "$source" <<-SQL
	BEGIN;
	INSERT INTO journal (what) VALUES ('$1');
	$2
	SELECT txid_current() || ' ' || pg_current_wal_insert_lsn();
	${3:-COMMIT};
	SELECT pg_current_wal_insert_lsn();
	SQL
    )
    set -- "$1" $said
    fact "$1_xid" "$2"
    fact "$1_start" "$3"
    fact "$1_end" "$4"
}

# commit_time XID [INTERVAL]: in UTC, without a zone.
commit_time() {
    sql "$source" -c "SELECT to_char((pg_xact_commit_timestamp('$1'::xid) + interval '${2:-0}') AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
}

make_history() {
    make_cluster "$source" "$major" "$segment" <<-SETTINGS
	wal_level = replica
	archive_mode = on
	archive_command = 'test ! -f $archive/%f && cp %p $archive/%f'
	track_commit_timestamp = on
	max_prepared_transactions = 5
	autovacuum = off
	timezone = 'UTC'
	log_timezone = 'UTC'
	SETTINGS
    start_cluster "$source"
    database=postgres sql "$source" -c 'CREATE DATABASE shop'
    sql "$source" -c 'CREATE TABLE journal (id serial, what text); CREATE TABLE subs (id int); CREATE TABLE victim AS SELECT generate_series(1, 100) AS id'
    transaction old ''
    sql "$source" -c "SELECT pg_create_restore_point('early')" >/dev/null
    sleep 1.2
    transaction older_than_backup ''
    take_backup
    rows_in_backup=$(sql "$source" -c 'SELECT count(*) FROM journal')
    transaction first ''
    transaction drop 'DROP TABLE victim;'
    transaction aborted '' ROLLBACK
    transaction parent 'SAVEPOINT s; INSERT INTO subs VALUES (1); RELEASE s;'
    transaction third ''
    sql "$source" -c "SELECT pg_create_restore_point('here')" >/dev/null
    transaction prepared '' "PREPARE TRANSACTION 'it''s waiting'"
    transaction fourth ''
    sql "$source" -c "COMMIT PREPARED 'it''s waiting'"
    transaction last ''
    fact subxid "$(sql "$source" -c "SELECT xmin FROM subs")"
    local last_segment
    last_segment=$(sql "$source" -c 'SELECT pg_walfile_name(pg_switch_wal())')
    wait_until 'archiving' 60 sql "$source" -c "SELECT last_archived_wal >= '$last_segment' FROM pg_stat_archiver"
}

take_backup() {
    local start="pg_backup_start('base', true)" stop='pg_backup_stop()'
    [ "$major" -ge 15 ] || { start="pg_start_backup('base', true, false)" stop='pg_stop_backup(false)'; }
    mkdir "$backup"
    give_to_owner "$backup"
    sql "$source" >"$work/label" 2>"$work/backup.log" <<-SQL
	\o /dev/null
	SELECT $start;
	\! cp -a '$source/data' '$backup/data'
	\o
	SELECT labelfile FROM $stop;
	SQL
    rm -f "$backup/data/postmaster.pid" "$backup/data/postmaster.opts"
    rm -rf "$backup"/data/pg_wal/*
    printf '%s\n' "$(cat "$work/label")" >"$backup/data/backup_label"
    echo 'archive_mode = off' >>"$backup/data/postgresql.conf"
    give_to_owner "$backup/data"
    redo=$(sed -n 's/^START WAL LOCATION: \([0-9A-F/]*\) .*/\1/p' "$work/label")
    [ -n "$redo" ]
}

# ---- one restore ---------------------------------------------------------------------------

answer() { jq -r "$1 // \"\"" "$work/json"; }

# Puts the settings where the major reads them. A copy whose server refused its settings is used again.
is_fresh=
configure() {
    if [ -z "$is_fresh" ]; then
        rm -rf "$copy"
        mkdir "$copy"
        cp -a "$backup/data" "$copy/data"
    fi
    rm -f "$copy/log" "$copy/data/recovery.conf"
    cp "$backup/data/postgresql.conf" "$copy/data"
    if [ "$major" -ge 12 ]; then
        cat "$work/settings" >"$copy/data/postgresql.auto.conf"
        touch "$copy/data/recovery.signal"
    else
        cat "$work/settings" >"$copy/data/recovery.conf"
    fi
    { echo "unix_socket_directories = '$copy'"; cat "$work/server"; } >>"$copy/data/postgresql.conf"
    give_to_owner "$copy"
}

# Starts it and waits for the end of recovery, or of the server.
recover() {
    clusters+=("$copy")
    server pg_ctl -D "$copy/data" -W -l "$copy/log" start >"$copy/pg_ctl.log" 2>&1 || true
    local tries=1200
    while [ "$tries" -gt 0 ]; do
        # A server that refuses its configuration leaves without a farewell.
        if grep -qE 'is ready to accept connections|database system is shut down' "$copy/log" 2>/dev/null ||
            { grep -q 'FATAL' "$copy/log" && [ ! -e "$copy/data/postmaster.pid" ]; } 2>/dev/null; then
            is_fresh=$(grep -q 'starting .*recovery' "$copy/log" || echo yes)
            return 0
        fi
        sleep 0.05
        tries=$((tries - 1))
    done
    is_fresh=
    echo "the server neither finished recovery nor ended" >>"$problems"
}

compare_stop() {
    local said switch want rows gids
    said=$(grep . "$copy/data/pg_wal/00000002.history" 2>/dev/null | tail -n 1 || true)
    same "$problems" reason "$(answer .stop.reason)" "$(cut -f 3- <<<"$said")"
    switch=$(lsn_number "$(cut -f 2 <<<"$said")") want=$(lsn_number "$(answer .stop.stops_before_lsn)")
    if [ "$switch" -ne "$want" ] && [ "$(next_record_start "$switch" "$segment_bytes")" -ne "$want" ]; then
        echo "the server applied up to $(cut -f 2 <<<"$said"), not up to $(answer .stop.stops_before_lsn)" >>"$problems"
    fi
    rows=$(sql "$copy" -c 'SELECT count(*) FROM journal' 2>&1) || true
    same "$problems" 'transactions kept' "$(answer .keeps.transactions)" $((rows - rows_in_backup))
    gids=$(sql "$copy" -c 'SELECT gid FROM pg_prepared_xacts ORDER BY 1' 2>&1) || true
    same "$problems" 'in doubt' "$(answer '[.in_doubt[].gid] | sort | join("\n")')" "$gids"
    same "$problems" 'the victim is there' "$(sql "$copy" -c "SELECT to_regclass('victim') IS NOT NULL")" "$1"
}

# check NAME VICTIM RULE SETTING...: VICTIM t or f: the table must be there or not, - when recovery fails.
# RULE: a finding that must be there, or -. A setting that begins with @ goes to postgresql.conf.
check() {
    local name=$1 victim=$2 rule=$3 setting words=()
    shift 3
    : >"$problems"
    : >"$work/server"
    echo "restore_command = 'cp $archive/%f %p'" >"$work/settings"
    for setting; do
        case $setting in
        @*)
            echo "${setting#@}" >>"$work/server"
            words+=("${setting#@}")
            ;;
        *) echo "$setting" >>"$work/settings" ;;
        esac
    done
    grep -q recovery_target_action "$work/settings" || [ -n "${no_action:-}" ] ||
        echo "recovery_target_action = 'promote'" >>"$work/settings"
    local status=0
    "$pitr_find" simulate -q --format json --backup "$backup/data" "$work/settings" "${words[@]}" "$archive" \
        >"$work/json" 2>"$work/err" || status=$?
    [ "$status" -le 1 ] || { echo "status $status" && cat "$work/err"; } >>"$problems"
    same "$problems" 'status' "$status" "$([ "$(jq .as_asked "$work/json")" = true ] && echo 0 || echo 1)"
    # Without --backup the .backup file of the archive must lead to the same.
    "$pitr_find" simulate -q --format json "$work/settings" "${words[@]}" "$archive" >"$work/json2" 2>&1 || true
    same "$problems" 'by the .backup file' "$(jq -c '[.outcome, .fatal, .stop, .keeps]' "$work/json2")" \
        "$(jq -c '[.outcome, .fatal, .stop, .keeps]' "$work/json")"
    [ "$rule" = - ] || jq -e --arg rule "$rule" 'any(.findings[]; .rule == $rule)' "$work/json" >/dev/null ||
        echo "no finding $rule" >>"$problems"
    configure
    recover
    case $(answer .outcome) in
    stops | ends)
        if [ "$(answer .then)" = 'shuts down' ]; then
            grep -qE 'shutdown at recovery target' "$copy/log" || echo 'the server did not shut down at the target' >>"$problems"
        else
            compare_stop "$victim"
        fi
        ;;
    *)
        grep -F 'FATAL' "$copy/log" >"$work/fatals" || true
        cat "$copy/log" "$copy/pg_ctl.log" 2>/dev/null | grep -qF -- "$(answer .fatal)" ||
            { echo "the server does not say: $(answer .fatal)" && cat "$work/fatals"; } >>"$problems"
        [ -n "$(answer .fatal)" ] && [ -s "$work/fatals" ] || echo 'no FATAL' >>"$problems"
        same "$problems" 'the victim' - "$victim"
        ;;
    esac
    if [ -s "$problems" ]; then
        { sed 's/^/settings: /' "$work/settings"; grep -E 'FATAL|stopping|redo done' "$copy/log" || true; } >>"$problems"
    fi
    verdict "$major: simulate: $name ($(answer .outcome)$([ -z "$(answer .fatal)" ] || echo ": $(answer .fatal)"))" "$problems"
    stop_cluster "$copy" immediate || true
}

# ---- what is asked for ---------------------------------------------------------------------

make_history
# shellcheck disable=SC1091
. "$work/facts"
drop_time=$(commit_time "$drop_xid") old_time=$(commit_time "$old_xid" '0.4 seconds')
after_last=$(commit_time "$last_xid" '1 second')
stop_cluster "$source" fast
before="recovery_target_inclusive = off"
# A target that is never reached: the server ends, or goes into service at the end of the WAL.
never=f
[ "$major" -lt 13 ] || never=-

check 'lsn, before the drop' t - "recovery_target_lsn = '$drop_start'" "$before"
check 'lsn, inclusive: the drop is kept' f keeps-the-drop "recovery_target_lsn = '$drop_start'"
check 'lsn, inclusive, at the end of a good record' t - "recovery_target_lsn = '$first_end'"
check 'lsn inside the drop record' f no-record-there "recovery_target_lsn = '$(lsn_text $(($(lsn_number "$drop_start") + 1)))'" "$before"
check 'lsn behind the end' $never "$([ "$major" -ge 13 ] && echo beyond-the-end || echo never-reached)" "recovery_target_lsn = '0/FF000000'"
check 'lsn before the end of the backup' - before-backup-end "recovery_target_lsn = '$redo'"
check 'xid, before the drop' t - "recovery_target_xid = $drop_xid" "$before"
check 'xid, inclusive by default: the drop is kept' f keeps-the-drop "recovery_target_xid = '$drop_xid'"
check 'xid, rolled back' f rolled-back "recovery_target_xid = '$aborted_xid'" "$before"
check 'xid of a subtransaction' $never subtransaction "recovery_target_xid = '$subxid'"
check 'xid with an epoch' t epoch-in-xid "recovery_target_xid = '$((drop_xid + (3 << 32)))'" "$before"
check 'xid in octal' t octal-xid "recovery_target_xid = '$(printf '0%o' "$drop_xid")'" "$before"
check 'xid with a leading zero' $never octal-xid "recovery_target_xid = '0$drop_xid'" "$before"
check 'xid in hexadecimal' t hex-xid "recovery_target_xid = '$(printf '0x%x' "$drop_xid")'" "$before"
check 'xid with something behind it' t garbage-behind-xid "recovery_target_xid = '$drop_xid abc'" "$before"
check 'xid that is an LSN' $never lsn-as-xid "recovery_target_xid = '$drop_start'"
check 'xid older than the backup' $never before-backup "recovery_target_xid = '$old_xid'"
check 'xid of a prepared transaction' f - "recovery_target_xid = '$prepared_xid'" "$before"
check 'time, before the drop' t - "recovery_target_time = '$drop_time+00'" "$before"
check 'time, inclusive by default: the drop is kept' f keeps-the-drop "recovery_target_time = '$drop_time+00'"
check 'time in a zone by name' t - "recovery_target_time = '$drop_time UTC'" "$before"
check 'time without a zone' t no-zone "recovery_target_time = '$drop_time'" "$before" "@timezone = 'UTC'"
check 'time with Z' "$([ "$major" -ge 12 ] && echo - || echo t)" zone-abbreviation "recovery_target_time = '${drop_time}Z'" "$before"
check 'time with an abbreviation' "$([ "$major" -ge 12 ] && echo - || echo f)" zone-abbreviation "recovery_target_time = '$drop_time PST'" "$before"
check 'time that is a word' "$([ "$major" -ge 11 ] && echo - || echo f)" - "recovery_target_time = 'infinity'"
check 'time older than the backup' t older-than-backup "recovery_target_time = '$old_time+00'"
check 'time in the idle tail' $never idle-tail "recovery_target_time = '$after_last+00'"
check 'restore point' f - "recovery_target_name = 'here'"
check 'restore point older than the backup' $never before-backup "recovery_target_name = 'early'"
check 'restore point there is not' $never - "recovery_target_name = 'nowhere'"
check 'immediate' t - "recovery_target = 'immediate'"
check 'immediate, misspelt' - - "recovery_target = 'now'"
check 'no target' f -
check 'two targets' "$([ "$major" -ge 12 ] && echo - || echo f)" two-targets "recovery_target_xid = '$drop_xid'" "recovery_target_name = 'here'" "$before"
check 'an empty target behind' "$([ "$major" -ge 12 ] && echo - || echo f)" empty-target "recovery_target_xid = '$drop_xid'" "recovery_target_name = ''" "$before"
check 'an empty target before' t empty-target "recovery_target_name = ''" "recovery_target_xid = '$drop_xid'" "$before"
check 'an empty time' "$([ "$major" -ge 12 ] && echo f || echo -)" empty-target "recovery_target_time = ''"
check 'a timeline there is not' - no-timeline "recovery_target_timeline = '7'"
check 'a timeline that is no number' "$([ "$major" -ge 12 ] && echo - || echo t)" - "recovery_target_timeline = 'abc'" "recovery_target_xid = '$drop_xid'" "$before"
check 'timeline current' t - "recovery_target_timeline = 'current'" "recovery_target_xid = '$drop_xid'" "$before"
check 'an unknown action' - invalid-value "recovery_target_xid = '$drop_xid'" "recovery_target_action = 'resume'"
check 'an unknown setting' - unknown-name "recovery_target_lns = '$drop_start'"
check 'an unquoted LSN' - syntax "recovery_target_lsn = $drop_start"
no_action=1 check 'pause without hot standby' t pause-without-hot-standby "recovery_target_xid = '$drop_xid'" "$before" '@hot_standby = off'

exit $((failures > 0))
