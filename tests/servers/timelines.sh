#!/usr/bin/env bash
# One major: an archive with two timelines, and a table dropped before the fork and on each side of it. Each drop is
# found on its timeline, and a real server is restored to right before it with the settings as they are printed.
#
#   tests/servers/timelines.sh PITR-FIND MAJOR
#
# Proves, for the server of that major:
# - after a point-in-time recovery, while the old server went on, both branches are recovered to the right place: the
#   table is back with its rows, what was committed before on that branch is there, what came after is not;
# - what the story says of the server's default timeline is what the server does with the timeline's line left out;
# - `verify` calls the archive whole, and knows the fork, the backup and the last commit of each branch.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"
pitr_find=$1
major=$2

if ! use_major "$major"; then
    echo "ok - $major: restored on two timelines # SKIP $reason"
    exit 0
fi
# shellcheck source=tests/servers/restores.sh
. "$here/restores.sh"
start_work timelines

# ---- the history -------------------------------------------------------------------------------

# lose CLUSTER TABLE: between two rows of the journal.
lose() {
    sql "$1" -c "INSERT INTO journal (what) VALUES ('$2-before')" -c "DROP TABLE $2" \
        -c "INSERT INTO journal (what) VALUES ('$2-after')"
    last_commit=$(sql "$1" -c "SELECT to_char(timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM pg_last_committed_xact()")
}

start_source </dev/null
for table in shared first second; do
    sql "$source" -c "CREATE TABLE $table AS SELECT generate_series(1, 100) AS id"
done
take_backup "$backup"
lose "$source" shared
fork=$(restore_point fork)
lose "$source" first
last_on_1=$last_commit
archive_all

branch=$work/branch
echo "restore_command = 'cp $archive/%f %p'
recovery_target_name = 'fork'
recovery_target_action = 'promote'" >"$work/settings"
echo 'archive_mode = on' >"$work/server"
copy=$branch configure
copy=$branch recover "$backup"
lose "$branch" second
last_on_2=$last_commit
archive_all "$branch"
stop_cluster "$branch"
stop_cluster "$source"
: >"$work/server"
is_fresh=
[ -e "$archive/00000002.history" ]

# ---- each drop ---------------------------------------------------------------------------------

rows_of() { sql "$copy" -c "SELECT count(*) FROM $1" 2>&1 || true; }
journal_has() { sql "$copy" -c "SELECT count(*) FROM journal WHERE what = '$1'" 2>&1 || true; }

# was_reached TABLE: did the server stop right before the drop?
was_reached() {
    grep -q 'is ready to accept connections' "$copy/log" && [ "$(journal_has "$1-before")" = 1 ] &&
        [ "$(journal_has "$1-after")" = 0 ] && [ "$(rows_of "$1")" = 100 ]
}

for pair in 'shared 1' 'first 1' 'second 2'; do
    read -r table tli <<<"$pair"
    : >"$problems"
    status=0
    "$pitr_find" --before "DROP TABLE public\.$table\$" --action promote "$archive" >"$work/settings" 2>"$work/story" || status=$?
    same "$problems" 'exit status' "$status" 0
    same "$problems" 'timeline' "$(sed -n "s/^recovery_target_timeline = '\(.*\)'/\1/p" "$work/settings")" "$tli"
    grep -q 'restorable  yes' "$work/story" || echo 'it does not say that it is restorable' >>"$problems"
    configure
    recover "$backup"
    same "$problems" "rows of $table" "$(rows_of "$table")" 100
    same "$problems" 'committed before' "$(journal_has "$table-before")" 1
    same "$problems" 'committed after' "$(journal_has "$table-after")" 0
    [ "$table" = shared ] || same "$problems" 'dropped before the fork' "$(sql "$copy" -c "SELECT to_regclass('shared') IS NULL")" t
    for other in first second; do # what the other branch lost is not lost here
        [ "$table" = "$other" ] || same "$problems" "rows of $other" "$(rows_of $other)" 100
    done
    [ ! -s "$problems" ] || { cat "$work/story"; grep -E 'FATAL|LOG:.*recover|stopping' "$copy/log"; } >>"$problems" || true
    verdict "$major: timelines: restored to right before the drop of $table on timeline $tli" "$problems"
    stop_copy

    : >"$problems"
    said=$(grep -m1 -E 'the default of PostgreSQL|by default PostgreSQL' "$work/story") || echo 'nothing is said of the default' >>"$problems"
    sed -i '/^recovery_target_timeline/d' "$work/settings"
    configure
    recover "$backup"
    predicted=reached actual=missed
    [[ $said != *'never gets to the target'* ]] || predicted=missed
    ! was_reached "$table" || actual=reached
    same "$problems" "$said" "$actual" "$predicted"
    verdict "$major: timelines: without its number the default is $actual for $table, as foretold" "$problems"
    stop_copy
done

# ---- the whole archive -------------------------------------------------------------------------

: >"$problems"
status=0
"$pitr_find" verify --format json "$archive" >"$work/json" 2>"$work/err" || status=$?
same "$problems" 'exit status' "$status" 0
same "$problems" 'fork' "$(json_value '.timelines[] | select(.timeline == 2) | "\(.parent) \(.fork_lsn) \(.reason)"' "$work/json")" \
    "$(tail -n 1 "$archive/00000002.history" | tr '\t' ' ')"
same "$problems" 'restore point' "$(json_value '.restore_points[0] | "\(.name) \(.lsn)"' "$work/json")" "fork $fork"
for pair in "1 $last_on_1" "2 $last_on_2"; do
    read -r tli time <<<"$pair"
    same "$problems" "last commit along timeline $tli" \
        "$(json_value '.windows[] | select(.timeline == $t) | .last_commit.time' --argjson t "$tli" "$work/json")" "$time"
    same "$problems" 'backup' "$(json_value '.windows[] | select(.timeline == $t) | .from_lsn' --argjson t "$tli" "$work/json")" \
        "$(sed -n 's/^STOP WAL LOCATION: \([0-9A-F/]*\) .*/\1/p' "$archive"/00000001*.backup)"
done
verdict "$major: timelines: verify knows the fork, the backup and the last commit of each branch" "$problems"

[ "$failures" -eq 0 ]
