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
# shellcheck source=tests/servers/restores.sh
. "$here/restores.sh"

pitr_find=$(realpath "$1")
major=$2

if ! use_major "$major"; then
    echo "ok - $major: simulate # SKIP $reason"
    exit 0
fi

start_work simulate

# ---- a known history -----------------------------------------------------------------------
# Every transaction from the backup on adds one row to the journal, so that rows count transactions.

make_history() {
    start_source </dev/null
    sql "$source" -c 'CREATE TABLE subs (id int); CREATE TABLE victim AS SELECT generate_series(1, 100) AS id'
    transaction old ''
    restore_point early >/dev/null
    sleep 1.2
    transaction older_than_backup ''
    take_backup "$backup"
    transaction first ''
    transaction drop 'DROP TABLE victim;'
    transaction aborted '' ROLLBACK
    transaction parent "SAVEPOINT s; INSERT INTO subs VALUES (1); RELEASE s;
	SAVEPOINT r; INSERT INTO subs VALUES (2); SELECT xmin AS rolled FROM subs WHERE id = 2 \\gset
	ROLLBACK TO r;
	\\o $work/rolled
	SELECT 'rolled_xid=' || :rolled;
	\\o"
    transaction third ''
    restore_point here >/dev/null
    transaction prepared '' "PREPARE TRANSACTION 'it''s waiting'"
    transaction fourth ''
    sql "$source" -c "COMMIT PREPARED 'it''s waiting'"
    transaction last ''
    transaction forever '' "PREPARE TRANSACTION 'forever'"
    cat "$work/rolled" >>"$work/facts"
    fact subxid "$(sql "$source" -c "SELECT xmin FROM subs")"
    archive_all
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
check 'xid of a savepoint that was rolled back' f rolled-back "recovery_target_xid = '$rolled_xid'"
check 'xid that is prepared and never ended' $never prepared "recovery_target_xid = '$forever_xid'"
check 'xid that nobody has had' $never - "recovery_target_xid = '$((last_xid + 100000))'"
check 'xid 0' $never no-such-xid "recovery_target_xid = '0'"
check 'xid below 0' $never negative-xid "recovery_target_xid = '-5'"
check 'xid that is text' $never text-as-xid "recovery_target_xid = 'abc'"
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
# Up to 10 that is the time when the server reads it: simulate says that it cannot judge that.
[ "$major" -lt 11 ] || check 'time now' - - "recovery_target_time = 'now'"
check 'time older than the backup' t older-than-backup "recovery_target_time = '$old_time+00'"
check 'time in the idle tail' $never idle-tail "recovery_target_time = '$after_last+00'"
check 'restore point' f - "recovery_target_name = 'here'"
check 'restore point, not inclusive' f inclusive-ignored "recovery_target_name = 'here'" "$before"
check 'restore point with a name too long' - invalid-value "recovery_target_name = '$(printf 'x%.0s' {1..64})'"
check 'restore point older than the backup' $never before-backup "recovery_target_name = 'early'"
check 'restore point there is not' $never - "recovery_target_name = 'nowhere'"
check 'immediate' t - "recovery_target = 'immediate'"
check 'immediate, misspelt' - - "recovery_target = 'now'"
check 'no target' f -
check 'two targets' "$([ "$major" -ge 12 ] && echo - || echo f)" two-targets "recovery_target_xid = '$drop_xid'" "recovery_target_name = 'here'" "$before"
check 'one target twice' t - "recovery_target_xid = '$last_xid'" "recovery_target_xid = '$drop_xid'" "$before"
check 'an empty recovery_target' "$([ "$major" -ge 12 ] && echo f || echo -)" - "recovery_target = ''"
check 'an empty target behind' "$([ "$major" -ge 12 ] && echo - || echo f)" empty-target "recovery_target_xid = '$drop_xid'" "recovery_target_name = ''" "$before"
check 'an empty target before' t empty-target "recovery_target_name = ''" "recovery_target_xid = '$drop_xid'" "$before"
check 'an empty time' "$([ "$major" -ge 12 ] && echo f || echo -)" empty-target "recovery_target_time = ''"
check 'a timeline there is not' - no-timeline "recovery_target_timeline = '7'"
check 'a timeline that is not a number' "$([ "$major" -ge 12 ] && echo - || echo t)" - "recovery_target_timeline = 'abc'" "recovery_target_xid = '$drop_xid'" "$before"
check 'timeline current' t - "recovery_target_timeline = 'current'" "recovery_target_xid = '$drop_xid'" "$before"
check 'an unknown action' - invalid-value "recovery_target_xid = '$drop_xid'" "recovery_target_action = 'resume'"
check 'an unknown setting' - unknown-name "recovery_target_lns = '$drop_start'"
check 'an unquoted LSN' - syntax "recovery_target_lsn = $drop_start"
if [ "$major" -ge 12 ]; then
    check 'an empty restore_command' - no-restore-command "recovery_target_xid = '$drop_xid'" "restore_command = ''"
fi
check 'shutdown at the target' t - "recovery_target_xid = '$drop_xid'" "$before" "recovery_target_action = 'shutdown'"
check 'an explicit pause without hot standby' t pause-without-hot-standby "recovery_target_xid = '$drop_xid'" "$before" "recovery_target_action = 'pause'" '@hot_standby = off'
no_action=1 check 'pause without hot standby' t pause-without-hot-standby "recovery_target_xid = '$drop_xid'" "$before" '@hot_standby = off'

# ---- the settings in the wrong file --------------------------------------------------------

# wrong_file NAME: settings that are right, but where the major does not read them
wrong_file() {
    : >"$problems"
    : >"$work/server"
    echo "restore_command = 'cp $archive/%f %p'" >"$work/$1"
    echo "recovery_target_xid = '$drop_xid'" >>"$work/$1"
    "$pitr_find" simulate -q --format json "$work/$1" "$archive" >"$work/json" 2>>"$problems" || true
    echo "restore_command = 'cp $archive/%f %p'" >"$work/settings"
    is_fresh=
    configure
    cat "$work/$1" >>"$copy/data/$1"
    give_to_owner "$copy"
    recover "$backup"
    read_json answers "$work/json"
    same "$problems" outcome "${answers[outcome]:-}" refused
    local fatal=${answers[fatal]:-}
    grep -qF -- "${fatal/#configuration file*/contains errors}" "$copy/log" || { echo "the server does not say: $fatal" && cat "$copy/log"; } >>"$problems"
    is_fresh=
    verdict "$major: simulate: the settings in $1 (refused: $fatal)" "$problems"
    stop_copy
}

if [ "$major" -ge 12 ]; then wrong_file recovery.conf; else wrong_file postgresql.auto.conf; fi

exit $((failures > 0))
