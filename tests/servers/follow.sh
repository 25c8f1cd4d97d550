#!/usr/bin/env bash
# The WAL of a server under load, followed while it is written.
#
#   tests/servers/follow.sh PITR-FIND MAJOR      MAJOR 15 to 18
#
# Proves that `dump --follow`, on a live pg_wal whose files are recycled by checkpoints, and on the archive that archive_command
# fills with cp, prints every record once: also where it is ended at any time and started again after the last record that it
# printed, and over a promotion. The right text is that of pg_waldump (15), and what `dump` prints when the server has ended.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

pitr_find=$1
major=$2

if ! use_major "$major"; then
    echo "ok - $major: WAL that is followed # SKIP $reason"
    exit 0
fi

work_in follow archive
source=$work/source
wal=$source/data/pg_wal
problems=$work/problems
database=postgres
export TZ=UTC LC_ALL=C
RANDOM=$major # the moments at which the reader is ended

followers=()
sessions=()
stop_background() {
    [ "${#followers[@]}" -eq 0 ] || kill "${followers[@]}" 2>/dev/null || true
    [ "${#sessions[@]}" -eq 0 ] || kill "${sessions[@]}" 2>/dev/null || true
}

step='start of the server'
make_cluster "$source" "$major" 1 <<SETTINGS
archive_mode = on
archive_command = 'cp %p $work/archive/%f'
wal_level = replica
max_wal_size = 8MB
min_wal_size = 4MB
wal_keep_size = 20MB
wal_recycle = on
log_checkpoints = on
timezone = UTC
SETTINGS
start_cluster "$source"
sql "$source" -c 'CREATE TABLE load (a int PRIMARY KEY, t text)' -c 'SELECT pg_switch_wal()' >load.log
wait_until 'archived segment' "$source" 'SELECT archived_count > 0 FROM pg_stat_archiver'

# ---- load and readers ----------------------------------------------------------------------

# follow NAME ARG...: appends what it prints to NAME.txt, its process is $!. It is the program itself, with its files, when
# this returns: a shell that has forked and not yet executed may lose a signal.
follow() {
    local name=$1 tries=1200
    shift
    "$pitr_find" dump --follow "$@" >>"$name.txt" 2>>"$name.err" </dev/null &
    until [ "/proc/$!/exe" -ef "$pitr_find" ]; do
        [ "$tries" -gt 0 ] || { echo "the reader of $name does not start" >>"$problems"; return 0; }
        nap 0.05
        tries=$((tries - 1))
    done
}
# ended PID: by SIGTERM, with its status in $status
ended() {
    kill -TERM "$1"
    status=0
    wait "$1" || status=$?
}
last_lsn() { tail -n 1 "$1" | sed -n 's/.* lsn: \([0-9A-F/]*\), .*/\1/p'; }

# changes KEY: a session with many small transactions, about a megabyte of WAL a second
changes() {
    local i
    for ((i = 0; i < 400; i++)); do
        echo "INSERT INTO load SELECT $1 + $i * 50 + g, repeat(md5(g::text), 3) FROM generate_series(1, 30) g;"
        echo "UPDATE load SET t = t || 'x' WHERE a BETWEEN $1 + $i * 50 - 50 AND $1 + $i * 50;"
        [ $((i % 5)) -ne 0 ] || echo "BEGIN; DELETE FROM load WHERE a % 7 = $((i % 7)) AND a BETWEEN $1 AND $1 + $i * 50; ROLLBACK;"
        echo 'SELECT pg_sleep(0.03) \g /dev/null'
    done
}
checkpoints() {
    local i
    for ((i = 0; i < 8; i++)); do
        echo 'CHECKPOINT; SELECT pg_sleep(1.2) \g /dev/null'
        [ $((i % 3)) -ne 0 ] || echo 'SELECT pg_switch_wal() \g /dev/null'
    done
}

step='load'
: >"$problems"
follow archived "$work/archive"
archived=$!
follow live "$wal"
live=$!
for key in 1000000 2000000; do
    changes $key | sql "$source" -f - >>load.log 2>&1 &
    sessions+=($!)
done
checkpoints | sql "$source" -f - >>load.log 2>&1 &
sessions+=($!)
followers=("$archived" "$live")
for ((i = 0; i < 6; i++)); do
    before=$(wc -l <live.txt)
    nap "$((RANDOM % 2)).$(printf '%03d' $((RANDOM % 1000)))"
    ended "$live"
    # One that had not begun yet just ends.
    [ "$status" -eq 143 ] && [ "$(wc -l <live.txt)" -eq "$before" ] || same "$problems" "status of reader $i" "$status" 0
    lsn=$(last_lsn live.txt)
    if [ -n "$lsn" ]; then
        follow live --from-lsn "$(lsn_text $(($(lsn_number "$(sed 's|/0*\(.\)|/\1|' <<<"$lsn")") + 1)))" "$wal"
    else
        follow live "$wal"
    fi
    live=$!
    followers=("$archived" "$live")
done
for session in "${sessions[@]}"; do wait "$session"; done
sessions=()
stop_cluster "$source"
grep -qE 'checkpoint complete.* [1-9][0-9]* recycled' "$source/log" || echo 'no segment was recycled' >>"$problems"
# The one written to last has the end of the WAL.
files=("$wal"/0???????????????????????)
last_file=${files[0]}
for file in "${files[@]}"; do [ "$last_file" -nt "$file" ] || last_file=$file; done
first_timeline=${last_file##*/}
cp "$wal/$first_timeline" .

step='promotion'
as_owner touch "$source/data/standby.signal"
start_cluster "$source"
server pg_ctl -D "$source/data" -w -t 120 promote >promote.log
sql "$source" -c "INSERT INTO load SELECT g, 'promoted' FROM generate_series(1, 5000) g" -c 'SELECT pg_switch_wal()' \
    -c "INSERT INTO load SELECT g, 'promoted' FROM generate_series(5001, 9000) g" >>load.log
stop_cluster "$source"

# ---- what was printed ----------------------------------------------------------------------

# read_to_end NAME WANT: waits for the last line
read_to_end() {
    local end=$((SECONDS + 60)) lsn
    lsn=$(last_lsn "$2")
    until [ "$(last_lsn "$1.txt")" = "$lsn" ]; do
        [ "$SECONDS" -lt $end ] || { echo "the reader of $1 has come to $(last_lsn "$1.txt"), not to $lsn" >>"$problems"; return 0; }
        nap 0.1
    done
}
step='comparing'
"$pitr_find" dump -q archive "$wal" >want.txt 2>>"$problems" || true
"$pitr_find" dump -q archive >want_archived.txt 2>>"$problems" || true
[ "$(wc -l <want.txt)" -gt 50000 ] || echo "only $(wc -l <want.txt) records" >>"$problems"
read_to_end live want.txt
read_to_end archived want_archived.txt
ended "$live"
same "$problems" 'status of the reader of pg_wal' "$status" 0
ended "$archived"
same "$problems" 'status of the reader of the archive' "$status" 0
followers=()
for name in live archived; do
    want=want.txt
    [ "$name" = live ] || want=want_archived.txt
    diff "$name.txt" "$want" >"$name.diff" || head -n 5 "$name.diff" >>"$problems"
    grep -q 'timeline 2 begins at .*: going on along it' "$name.err" || echo "$name: the new timeline is not told" >>"$problems"
    ! grep -E 'warning|error' "$name.err" >>"$problems" || true
done
verdict "$major: dump --follow: $(wc -l <live.txt) records of a live pg_wal with 6 readers, and of its archive, each once" "$problems"

if [ "$major" = 15 ]; then
    mkdir -p segments
    cp archive/00000001???????????????? segments
    cp "$first_timeline" segments
    files=(segments/*)
    "$(client_folder)/pg_waldump" -p segments "${files[0]##*/}" "$first_timeline" >theirs.txt 2>waldump.log || true
    head -n "$(wc -l <theirs.txt)" <live.txt >ours.txt
    diff theirs.txt ours.txt >"$problems" || true
    [ "$(wc -l <theirs.txt)" -gt 50000 ] || echo "pg_waldump has only $(wc -l <theirs.txt) records" >>"$problems"
    verdict "$major: dump --follow: up to the promotion the $(wc -l <theirs.txt) lines of pg_waldump" "$problems"
fi

exit $((failures > 0))
