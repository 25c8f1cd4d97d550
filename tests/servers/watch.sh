#!/usr/bin/env bash
# `pitr-find watch` of a running server: each DROP that the server committed is told once, in order and at once.
#
#   tests/servers/watch.sh PITR-FIND MAJOR
#
# The right list is what the server said itself: the xid of each transaction that dropped a table, in the order of their commits, by
# txid_current(). One watch is killed (-9) again and again, with --state and --output; another one is not, and notes when each line came. The
# server is restarted and crashes, and at last its standby is promoted.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

program=$(realpath "$1")
major=$2

if ! use_major "$major"; then
    echo "ok - $major: watch # SKIP $reason"
    exit 0
fi

work_in watch standby
source=$work/source standby=$work/standby problems=$work/problems
database=postgres
export LC_ALL=C TZ=UTC
segment_mb=1
[ "$major" -ge 11 ] || segment_mb=16
watchers=()
stop_background() { [ "${#watchers[@]}" -eq 0 ] || kill "${watchers[@]}" 2>/dev/null || true; }
conninfo() { echo "host=$1 port=$port user=postgres"; }

step='start of the server'
keep='wal_keep_size = 300MB'
[ "$major" -ge 13 ] || keep='wal_keep_segments = 300'
[ "$major" -ge 11 ] || keep='wal_keep_segments = 20'
make_cluster "$source" "$major" "$segment_mb" <<SETTINGS
wal_level = replica
max_wal_senders = 20
hot_standby = on
$keep
SETTINGS
start_cluster "$source"
sql "$source" -c 'CREATE TABLE load (a int, t text)' >load.log
stop_cluster "$source"
cp -a "$source/data" "$standby/data"
{
    echo "unix_socket_directories = '$standby'"
    [ "$major" -lt 12 ] || echo "primary_conninfo = '$(conninfo "$source")'"
} >>"$standby/data/postgresql.conf"
if [ "$major" -ge 12 ]; then
    touch "$standby/data/standby.signal"
else
    printf "standby_mode = on\nprimary_conninfo = '%s'\nrecovery_target_timeline = 'latest'\n" "$(conninfo "$source")" \
        >"$standby/data/recovery.conf"
fi
give_to_owner "$standby"
start_cluster "$source"
start_cluster "$standby"
wait_until 'standby that goes along' "$source" "SELECT count(*) = 1 FROM pg_stat_replication WHERE application_name = 'walreceiver' AND state = 'streaming'"

# What was there before the segment in which the watch begins: its row in pg_class comes into the WAL only in part.
: >"$problems"
sql "$source" -c 'CREATE TABLE old (a int)' -c 'INSERT INTO old VALUES (1)' >old.log
sql "$source" -c 'SELECT pg_switch_wal()' >>old.log
"$program" watch --format json 'truncate' "$(conninfo "$source")" >old.json 2>old.err </dev/null &
old=$!
watchers+=("$old")
until grep -qs 'watching from' old.err; do
    kill -0 "$old" || { fail "$major: watch: it begins" old.err; exit 1; }
    nap 0.05
done
xid=$(sql "$source" -q -c 'BEGIN; TRUNCATE old; SELECT txid_current(); COMMIT')
end=$((SECONDS + 20))
until [ -s old.json ] || [ "$SECONDS" -ge $end ]; do nap 0.1; done
kill "$old"
status=0
wait "$old" || status=$?
same "$problems" 'exit status' "$status" 0
same "$problems" 'xid and text' "$(jq -r '"\(.xid) \(.text)"' old.json)" "$xid TRUNCATE TABLE public.old"
verdict "$major: watch: TRUNCATE of a table that was there before" "$problems"

both="$(conninfo "$source,$standby")"
[ "$major" -lt 14 ] || both+=' target_session_attrs=read-write'

# drops FROM UNTIL CLUSTER: tables come, get rows and go, one transaction each; the xids that dropped go to dropped.txt
drops() {
    local i
    for ((i = $1; i < $2; i++)); do
        echo "CREATE TABLE t_$i AS SELECT g FROM generate_series(1, 50) g;"
        echo "INSERT INTO load SELECT g, repeat('x', 100) FROM generate_series(1, 100) g;"
        echo "BEGIN; DROP TABLE t_$i; SELECT txid_current(); COMMIT;"
        echo "BEGIN; CREATE TABLE r_$i (a int); DROP TABLE IF EXISTS load; ROLLBACK;"
        [ $((i % 7)) -ne 0 ] || echo 'SELECT pg_sleep(0.1) \g /dev/null'
    done | sql "$3" -q >>dropped.txt
}
: >dropped.txt
told() { jq -r 'select(.kind == "DROP TABLE" and (.object.name | startswith("t_"))) | .xid' "$1"; }
has_all() { [ "$(told "$1" | wc -l)" -ge "$(wc -l <dropped.txt)" ]; }
wait_all() { # wait_all FILE
    local end=$((SECONDS + 90))
    until has_all "$1"; do
        [ "$SECONDS" -lt $end ] || { echo "$1: $(told "$1" | wc -l) of $(wc -l <dropped.txt)" >>"$problems"; tail -n 3 ./*.err >>"$problems"; return 0; }
        nap 0.1
    done
}

: >"$problems"
cat >stamp.py <<'END'
import json, sys, time
for line in sys.stdin:
    event = json.loads(line)
    event["came"] = time.time()
    print(json.dumps(event), flush=True)
END
"$program" watch --format json 'drop table' "$both" 2>steady.err </dev/null > >(python3 stamp.py >steady.json) &
steady=$!
watchers+=("$steady")
until grep -qs 'watching from' steady.err; do
    kill -0 "$steady" || { fail "$major: watch: it begins" steady.err; exit 1; }
    nap 0.05
done
killed=(watch -q --format json --state state --output killed.json 'drop table' "$both")
(
    trap 'kill -9 "$child" 2>/dev/null; exit 0' TERM
    while :; do
        "$program" "${killed[@]}" 2>>killed.err </dev/null &
        child=$!
        until [ -s state ] || ! kill -0 "$child" 2>/dev/null; do nap 0.05; done # the first start, however slow
        sleep 0.7
        kill -9 $child 2>/dev/null || true
        wait $child 2>/dev/null || true
    done
) &
killer=$!
watchers+=("$killer")
until [ -s state ]; do
    kill -0 "$killer" 2>/dev/null && [ "$SECONDS" -lt 300 ] || { fail "$major: watch: a state is saved" killed.err; exit 1; }
    nap 0.05
done

step='traffic'
drops 0 60 "$source"
wait_all steady.json
jq -r 'select(.object.name | startswith("t_")) | .came - (.time | .[0:19] + "Z" | fromdate) - (.time[19:26] | tonumber)' steady.json >late.txt
awk '$1 <= 1 { n++ } END { exit !(n >= NR * 0.9 && NR >= 60) }' late.txt || {
    echo "of $(wc -l <late.txt) events these came later than 1 s:" >>"$problems"
    awk '$1 > 1' late.txt >>"$problems"
}
verdict "$major: watch: a DROP is told within 1 s of its commit (the latest after $(sort -g late.txt | tail -n 1) s)" "$problems"

step='restart and crash'
: >"$problems"
stop_cluster "$source" fast
start_cluster "$source"
drops 60 80 "$source"
stop_cluster "$source" immediate
start_cluster "$source"
drops 80 100 "$source"
wait_all steady.json
end=$(sql "$source" -c 'SELECT pg_current_wal_flush_lsn()')
wait_until 'standby that has all' "$standby" "SELECT pg_last_wal_replay_lsn() >= '$end'"

step='promotion'
stop_cluster "$source" immediate
server pg_ctl -D "$standby/data" -w -t 120 promote >promote.log
drops 100 120 "$standby"
wait_all steady.json
kill "$killer" || true
wait "$killer" 2>/dev/null || true
end=$(sql "$standby" -c 'SELECT pg_current_wal_flush_lsn()')
"$program" "${killed[@]:0:1}" --to-lsn "$end" "${killed[@]:1}" 2>>killed.err || echo "status $? at the end: $(tail -n 2 killed.err)" >>"$problems"
kill "$steady"
wait "$steady" || echo "status $? of the steady one: $(tail -n 2 steady.err)" >>"$problems"
[ "$(wc -l <dropped.txt)" -eq 120 ] || echo "$(wc -l <dropped.txt) tables were dropped" >>"$problems"
for file in steady killed; do
    told $file.json | diff dropped.txt - >difference || { echo "$file:"; head -n 10 difference; } >>"$problems"
done
jq -r 'select((.object.name | startswith("t_")) and .target.lsn != .commit_lsn) | .text' steady.json >>"$problems"
verdict "$major: watch: none missed, none twice, in order, over kill -9, restart, crash and promotion" "$problems"

exit $((failures > 0))
