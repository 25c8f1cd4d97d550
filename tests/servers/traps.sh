#!/usr/bin/env bash
# One major: recoveries that go wrong by their archive, their backup or their server: does `pitr-find simulate`
# foresee what a real server then does?
#
#   tests/servers/traps.sh PITR-FIND MAJOR
#
# Timelines (an earlier restore has archived its own), a backup taken under load, missing, damaged and cut WAL,
# settings lower than the primary's, and WAL of wal_level minimal. The comparison is that of simulate.sh.
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
    echo "ok - $major: traps # SKIP $reason"
    exit 0
fi

start_work traps
busy=$work/busy # a backup under load
before="recovery_target_inclusive = off"
senders() { [ "$major" -lt 12 ] || echo "${1}max_wal_senders = $2"; } # a limit from 12 on

# ---- a known history -----------------------------------------------------------------------

# An archive as it is now: also DIR NAME... : without these files
snapshot() {
    local dir=$1
    shift
    mkdir "$dir"
    cp -a "$archive"/. "$dir"
    (cd "$dir" && rm -f "$@")
    give_to_owner "$dir"
}

segment_now() { sql "$source" -c 'SELECT pg_walfile_name(pg_current_wal_insert_lsn())'; }

# Commits so that the record lies across the end of a segment.
drop_across_segments() {
    transaction crossing "DO \$\$
	DECLARE size int := $segment_bytes; rest int;
	BEGIN
	    DROP TABLE crossing;
	    LOOP
	        rest := size - (pg_current_wal_insert_lsn() - '0/0')::numeric % size;
	        EXIT WHEN rest <= 200;
	        PERFORM pg_logical_emit_message(false, 'x', repeat('x', greatest(least(rest - 250, 100000), 1)));
	    END LOOP;
	END \$\$;"
}

# The first restore went wrong, and has archived what came of it: timeline 2 leaves behind `first`.
make_branch() {
    branch=$work/branch
    snapshot "$branch"
    cat >"$work/settings" <<-SETTINGS
	restore_command = 'cp $branch/%f %p'
	recovery_target_xid = '$first_xid'
	recovery_target_action = 'promote'
	SETTINGS
    cat >"$work/server" <<-SETTINGS
	archive_mode = on
	archive_command = 'test ! -f $branch/%f && cp %p $branch/%f'
	SETTINGS
    configure
    recover "$backup"
    local trunk=$source
    source=$copy
    transaction other1 ''
    transaction other2 ''
    archive_all
    stop_cluster "$copy"
    source=$trunk
    rm -rf "$copy"
}

restart_with() { # restart_with SETTING...
    stop_cluster "$source"
    printf '%s\n' "$@" >>"$source/data/postgresql.conf"
    start_cluster "$source"
}

make_history() {
    start_source <<-SETTINGS
	max_connections = 30
	SETTINGS
    sql "$source" -c 'CREATE TABLE victim AS SELECT generate_series(1, 100) AS id; CREATE TABLE crossing AS SELECT generate_series(1, 50) AS id'
    take_backup "$backup"
    transaction first ''
    transaction drop 'DROP TABLE victim;'
    archive_all
    third_segment=$(segment_now)
    transaction third ''
    archive_all
    transaction fourth ''
    archive_all
    # shellcheck disable=SC1091
    . "$work/facts"
    make_branch

    local rows=$rows_in_backup
    take_backup "$busy" "BEGIN; INSERT INTO journal (what) VALUES ('during'); SELECT txid_current() AS x \\gset
	COMMIT; SELECT pg_create_restore_point('in backup'); \\o $work/during
	SELECT 'during_xid=' || :x; \\o /dev/null"
    cat "$work/during" >>"$work/facts"
    busy_rows=$rows_in_backup rows_in_backup=$rows
    transaction fifth ''
    archive_all
    cp -a "$archive"/. "$branch"
    snapshot "$work/gap" "$third_segment"
    snapshot "$work/damaged"
    printf 'oops' | dd of="$work/damaged/$third_segment" bs=1 seek=$(($(lsn_number "$third_start") % segment_bytes + 30)) conv=notrunc status=none
    mkdir "$work/hidden"
    cp -a "$branch"/. "$work/hidden"
    mv "$work/hidden/00000002.history" "$work/hidden/00000003.history"

    drop_across_segments
    local tail
    tail=$(segment_now)
    transaction sixth ''
    archive_all
    snapshot "$work/cut" "$tail"
    snapshot "$work/partial" "$tail"
    cp "$archive/$tail" "$work/partial/$tail.partial"

    restart_with 'max_connections = 50' 'max_worker_processes = 12' 'max_wal_senders = 15' \
        'max_prepared_transactions = 9' 'max_locks_per_transaction = 100'
    transaction raised ''
    archive_all
    snapshot "$work/raised"

    restart_with 'wal_level = minimal' 'archive_mode = off' 'max_wal_senders = 0'
    transaction minimal ''
    restart_with 'wal_level = replica' 'archive_mode = on' 'max_wal_senders = 15'
    transaction final ''
    archive_all
    snapshot "$work/minimal"
    cp -n "$source"/data/pg_wal/0000000100* "$work/minimal" || true
}

make_history
# shellcheck disable=SC1091
. "$work/facts"
drop_time=$(commit_time "$drop_xid") during_time=$(commit_time "$during_xid")
older=$(commit_time "$third_xid")
stop_cluster "$source" fast

# ---- timelines -----------------------------------------------------------------------------

# From 12 on the default is the latest timeline, where the xid is another's: silently the wrong place.
from=$work/branch
other=t
[ "$major" -ge 12 ] || other=f
check 'xid, where an earlier restore has archived timeline 2' "$other" - "recovery_target_xid = '$drop_xid'"
check 'xid on the latest timeline is another transaction' t - "recovery_target_xid = '$drop_xid'" "recovery_target_timeline = 'latest'"
check 'xid on timeline 1 by number' f keeps-the-drop "recovery_target_xid = '$drop_xid'" "recovery_target_timeline = '1'"
check 'xid on timeline 2 by number' t - "recovery_target_xid = '$drop_xid'" "$before" "recovery_target_timeline = '2'"
check 'xid on timeline 2 in hexadecimal' t - "recovery_target_xid = '$drop_xid'" "$before" "recovery_target_timeline = '0x2'"
check 'timeline current' "$([ "$major" -ge 12 ] && echo f || echo t)" - "recovery_target_xid = '$drop_xid'" "recovery_target_timeline = 'current'"
check 'lsn on timeline 1, where the latest is 2' "$([ "$major" -ge 13 ] && echo - || { [ "$major" -ge 12 ] && echo t || echo f; })" \
    - "recovery_target_lsn = '$fifth_start'" "$before"
check 'time, where the latest timeline is later' t - "recovery_target_time = '$drop_time+00'" "$before" "recovery_target_timeline = '1'"
from=$work/hidden
check 'a timeline that a missing number hides' f keeps-the-drop "recovery_target_xid = '$drop_xid'" "recovery_target_timeline = 'latest'"
from=$work/branch base=$busy base_rows=$busy_rows
check 'a timeline that left before the backup' - not-a-child "recovery_target_xid = '$fifth_xid'" "recovery_target_timeline = '2'"
check 'the backup on timeline 1, by number' f - "recovery_target_xid = '$fifth_xid'" "recovery_target_timeline = '1'"

# ---- a backup under load -------------------------------------------------------------------

from=$archive
check 'xid inside the backup' - before-backup-end "recovery_target_xid = '$during_xid'"
check 'time inside the backup' - before-backup-end "recovery_target_time = '$during_time+00'" "$before"
check 'time older than a backup, in which something ended' - older-than-backup "recovery_target_time = '$older+00'"
check 'restore point inside the backup' - before-backup-end "recovery_target_name = 'in backup'"
stop=$(sed -n 's/^STOP WAL LOCATION: \([0-9A-F/]*\) .*/\1/p' "$archive"/*.backup | tail -n 1) # the later one's
check 'lsn at the end of the backup' f - "recovery_target_lsn = '$stop'" "$before"
check 'immediate' f - "recovery_target = 'immediate'"
unset base base_rows

# ---- WAL that is not there -----------------------------------------------------------------

never=t
[ "$major" -lt 13 ] || never=-
from=$work/gap
check 'a segment is missing before the target' "$([ "$never" = t ] && echo f || echo -)" gap "recovery_target_xid = '$fourth_xid'"
check 'a segment is missing behind the target' t - "recovery_target_xid = '$drop_xid'" "$before"
check 'no target, and a segment is missing' f gap
from=$work/damaged
check 'a damaged record before the target' "$([ "$never" = t ] && echo f || echo -)" gap "recovery_target_xid = '$fourth_xid'"
check 'a damaged record behind the target' t - "recovery_target_xid = '$drop_xid'" "$before"
from=$work/cut
check 'the record at the target goes on in a missing segment' "$([ "$never" = t ] && echo f || echo -)" - "recovery_target_lsn = '$crossing_start'" "$before"

# What `target` prints instead: the record before. The rest of the commit is in a .partial file that no server asks for.
crossing() { # crossing NAME SOURCE OPTION...
    local name=$1
    from=$2
    shift 2
    : >"$problems"
    : >"$work/server"
    "$pitr_find" -q --action promote "$@" "$from" >"$work/settings" 2>"$work/err" || cat "$work/err" >>"$problems"
    configure
    recover "$backup"
    same "$problems" 'rows of the table' "$(sql "$copy" -c 'SELECT count(*) FROM crossing' 2>&1)" 50
    same "$problems" 'the transaction before' "$(sql "$copy" -c "SELECT count(*) FROM journal WHERE what = 'fifth'" 2>&1)" 1
    verdict "$major: traps: $name" "$problems"
    stop_copy
}
crossing 'a DROP whose commit goes on in a .partial file' "$work/partial" --restore-command "cp '$work/partial/%f' '%p'" --before 'DROP TABLE public\.crossing'
cut_lsn=$("$pitr_find" -q --before 'DROP TABLE public\.crossing' --format json "$archive" | json_value .event.commit_lsn)
crossing 'a commit that goes on in a missing segment, by LSN' "$work/cut" --before-lsn "$cut_lsn"

# ---- settings lower than the primary's -----------------------------------------------------

from=$work/raised
enough=('@max_connections = 50' '@max_worker_processes = 12' '@max_wal_senders = 15' '@max_prepared_transactions = 9' '@max_locks_per_transaction = 100')
target="recovery_target_xid = '$raised_xid'"
low=-
check 'settings as high as the primary raised them' f - "$target" "${enough[@]}"
check 'max_connections too low' $low setting-too-low "$target" "${enough[@]}" '@max_connections = 30'
check 'max_worker_processes too low' $low setting-too-low "$target" "${enough[@]}" '@max_worker_processes = 8'
[ "$major" -lt 12 ] || check 'max_wal_senders too low' $low setting-too-low "$target" "${enough[@]}" '@max_wal_senders = 10'
check 'max_prepared_transactions too low' $low setting-too-low "$target" "${enough[@]}" '@max_prepared_transactions = 5'
check 'max_locks_per_transaction too low' $low setting-too-low "$target" "${enough[@]}" '@max_locks_per_transaction = 64'
check 'max_connections too low, without hot standby' f - "$target" "${enough[@]}" '@max_connections = 30' '@hot_standby = off'
check 'max_connections too low behind the target' t - "recovery_target_xid = '$drop_xid'" "$before" '@max_connections = 30'

# ---- wal_level minimal ---------------------------------------------------------------------

from=$work/minimal
target="recovery_target_xid = '$final_xid'"
check 'WAL of wal_level minimal before the target' - - "$target" "${enough[@]}"
check 'WAL of wal_level minimal, without hot standby' "$([ "$major" -ge 14 ] && echo - || echo f)" - "$target" "${enough[@]}" '@hot_standby = off'
check 'WAL of wal_level minimal behind the target' t - "recovery_target_xid = '$drop_xid'" "$before"

# `target` says the same: no restore of that backup gets to what the server was seen to refuse.
: >"$problems"
for base in '' "$backup/data"; do
    status=0
    "$pitr_find" --before-xid "$final_xid" ${base:+--backup "$base"} "$from" >"$work/settings" 2>"$work/err" || status=$?
    same "$problems" "backup '$base': status" "$status" 3
    ! grep 'restorable  yes' "$work/err" >>"$problems" || true
    grep -q 'wal_level was minimal before the target' "$work/err" || echo "no word of wal_level: $(cat "$work/err")" >>"$problems"
done
verdict "$major: WAL of wal_level minimal, and target" "$problems"

exit $((failures > 0))
