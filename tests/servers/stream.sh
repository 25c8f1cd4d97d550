#!/usr/bin/env bash
# The WAL of a running server over streaming replication, byte for byte.
#
#   tests/servers/stream.sh STREAM MAJOR      STREAM: the program that writes it to segment files (stream.c)
#
# Proves that what is handed out is what lies in the server's pg_wal: under load, over a restart, a crash, and the promotion of a
# standby; that an idle stream outlives a wal_sender_timeout of one second; that a slot's place is where reading goes on; and that
# each thing a server can refuse is one clear line.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

stream=$(realpath "$1")
major=$2

if ! use_major "$major"; then
    echo "ok - $major: a stream of WAL # SKIP $reason"
    exit 0
fi

work_in stream standby
source=$work/source standby=$work/standby problems=$work/problems
database=postgres
export LC_ALL=C
segment_mb=1
[ "$major" -ge 11 ] || segment_mb=16
segment_bytes=$((segment_mb << 20))
wal=pg_wal

readers=()
stop_background() {
    [ "${#readers[@]}" -eq 0 ] || kill "${readers[@]}" 2>/dev/null || true
}

# read_wal NAME [OPTION...] [-- CONNINFO]: in the background, segments to NAME/, lines to NAME.out; its process is $reader
read_wal() {
    local name=$1 options=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    mkdir -p "$name"
    : >"$name.out" # an older one says nothing of this reader
    "$stream" "${options[@]}" "${2:-host=$source user=postgres}" "$name" >"$name.out" 2>&1 </dev/null &
    reader=$!
    readers+=("$reader")
}

# says FILE PATTERN: waits until a line of it matches
says() {
    local end=$((SECONDS + 60))
    until grep -qE "$2" "$1"; do
        [ "$SECONDS" -lt $end ] || { { echo "$1 does not say '$2':"; cat "$1"; } >>"$problems"; return 0; }
        nap 0.05
    done
}

# ended PID WANT: waits for it
ended() {
    local status=0
    wait "$1" || status=$?
    same "$problems" 'status of the reader' "$status" "$2"
}

# same_wal NAME TIMELINE CLUSTER FROM TO: the segments of that stretch, as the server has them
same_wal() {
    local at=$(($(lsn_number "$4") / segment_bytes * segment_bytes)) to file bytes
    to=$(lsn_number "$5")
    while [ "$at" -lt "$to" ]; do
        file=$(printf '%08X%08X%08X' "$2" $((at >> 32)) $(((at & 0xFFFFFFFF) / segment_bytes)))
        bytes=$((to - at < segment_bytes ? to - at : segment_bytes))
        cmp -n "$bytes" "$1/$file" "$3/data/$wal/$file" >>"$problems" 2>&1 || true
        [ "$(stat -c %s "$1/$file")" -ge "$bytes" ] || echo "$1/$file is too short" >>"$problems"
        at=$((at + segment_bytes))
    done
}

flushed() { sql "${1:-$source}" -c 'SELECT pg_current_wal_flush_lsn()'; }
load() { # load CLUSTER ROWS
    sql "$1" -c "INSERT INTO load SELECT g, repeat(md5(g::text), 3) FROM generate_series(1, $2) g"
}
conninfo() { echo "host=$1 port=$port user=${2:-postgres}"; }

declare -A pid

step='start of the server'
keep='wal_keep_size = 300MB'
[ "$major" -ge 13 ] || keep='wal_keep_segments = 300'
[ "$major" -ge 11 ] || keep='wal_keep_segments = 20'
make_cluster "$source" "$major" "$segment_mb" <<SETTINGS
wal_level = logical
max_wal_senders = 20
max_replication_slots = 8
hot_standby = on
max_wal_size = 64MB
$keep
SETTINGS
{
    echo 'local replication secretive md5'
    echo 'local replication norep trust'
    echo 'local replication nohba reject'
    cat "$source/data/pg_hba.conf"
} >hba
cp hba "$source/data/pg_hba.conf"
start_cluster "$source"
sql "$source" >load.log <<'SQL'
CREATE TABLE load (a int, t text);
CREATE USER norep;
CREATE USER nohba REPLICATION;
CREATE USER secretive REPLICATION PASSWORD 'right';
SELECT pg_create_logical_replication_slot('logical', 'test_decoding') \g /dev/null
SQL

# ---- restart, crash ------------------------------------------------------------------------

step='load, restart, crash'
: >"$problems"
from=$(flushed)
for name in plain slotted; do
    options=(times)
    [ $name = plain ] || options=(slot=made create confirm)
    read_wal $name "${options[@]}" -- "$(conninfo "$source,$standby")"
    pid[$name]=$reader
    says $name.out '^begin'
    lsn=$(sed -n 's/^begin \([^ ]*\) on 1, segments of '$segment_bytes', .*/\1/p' $name.out)
    [ "$(lsn_number "$lsn")" -ge "$(lsn_number "$from")" ] || echo "$name begins at $lsn, the server was at $from" >>"$problems"
done
wait_until 'temporary slot' "$source" \
    "SELECT count(*) = 1 FROM pg_replication_slots WHERE slot_name LIKE 'pitr\\_find\\_%' AND temporary AND active"
load "$source" 20000
stop_cluster "$source" # waits until all is read
says plain.out '^lost: the server ends the stream'
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
rm -rf "$standby"/data/pg_replslot/*
give_to_owner "$standby"
start_cluster "$source"
says plain.out '^back: connected again: going on at '
load "$source" 20000
stop_cluster "$source" immediate
start_cluster "$source"
load "$source" 5000
for name in plain slotted; do
    says $name.out '^lost: the connection is lost'
    same "$problems" "losses of $name" "$(grep -c '^lost: .*; trying again$' $name.out)" 2
done
end=$(flushed)
until [ "$(awk '/^[0-9]/ { n = $1 } END { print n + 0 }' plain.out)" -ge "$(lsn_number "$end")" ]; do nap 0.1; done
same_wal plain 1 "$source" "$from" "$end"
verdict "$major: stream: WAL is that of the server over a restart and a crash" "$problems"

# ---- slots ---------------------------------------------------------------------------------

step='place of a slot'
: >"$problems"
kill -9 "${pid[slotted]}"
wait "${pid[slotted]}" 2>/dev/null || true
load "$source" 5000
place=$(sql "$source" -c "SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = 'made'")
end=$(flushed)
read_wal again slot=made confirm "to=$end"
ended "$reader" 0
same "$problems" 'begin at the place of the slot' "$(sed -n 's/^begin \([^ ]*\) .*/\1/p' again.out)" "$place"
same_wal again 1 "$source" "$place" "$end"
wait_until 'slot that moved' "$source" "SELECT pg_wal_lsn_diff(restart_lsn, '0/0') = $(($(lsn_number "$end") / segment_bytes * segment_bytes))
    FROM pg_replication_slots WHERE slot_name = 'made'" || echo 'the slot did not move' >>"$problems"
verdict "$major: stream: a slot holds the place, and moves when WAL is confirmed" "$problems"

# ---- idle ----------------------------------------------------------------------------------

step='idle stream'
: >"$problems"
sql "$source" -c "ALTER SYSTEM SET wal_sender_timeout = '1s'" -c 'SELECT pg_reload_conf()' >>load.log
for try in 1 2 3; do # a busy machine may stop the reader for a second
    read_wal "idle$try"
    says "idle$try.out" '^begin'
    nap 3
    kill "$reader"
    grep -q '^lost' "idle$try.out" || break
done
same "$problems" 'an idle stream' "$(cat "idle$try.out")" "$(grep '^begin' "idle$try.out")"
sql "$source" -c 'ALTER SYSTEM RESET wal_sender_timeout' -c 'SELECT pg_reload_conf()' >>load.log
verdict "$major: stream: it lives while nothing is written, with wal_sender_timeout = 1s" "$problems"

# ---- promotion -----------------------------------------------------------------------------

step='promotion'
: >"$problems"
start_cluster "$standby"
wait_until 'standby that goes along' "$source" "SELECT count(*) = 1 FROM pg_stat_replication WHERE application_name = 'walreceiver' AND state = 'streaming'"
read_wal cascade -- "$(conninfo "$standby")"
pid[cascade]=$reader
says cascade.out '^begin'
load "$source" 2000
end=$(flushed)
wait_until 'standby that has all' "$standby" "SELECT pg_last_wal_replay_lsn() >= '$end'"
stop_cluster "$source" immediate
says plain.out '^lost' # the third time
server pg_ctl -D "$standby/data" -w -t 120 promote >promote.log
load "$standby" 5000
end=$(flushed "$standby")
fork=$(awk '{ print $2 }' "$standby/data/$wal/00000002.history")
for name in plain cascade; do
    says $name.out "^timeline 2 at $fork, read to $(lsn_number "$fork")\$"
    until same_wal $name 2 "$standby" "$fork" "$end" && [ ! -s "$problems" ]; do
        tries=$((${tries:-0} + 1))
        [ "$tries" -lt 300 ] || break
        : >"$problems"
        nap 0.1
    done
done
same_wal plain 1 "$source" "$from" "$fork"
! grep '^lost' cascade.out >>"$problems" || true
read_wal old "from=$from" "to=$end" -- "$(conninfo "$standby")"
ended "$reader" 0
grep -q "^timeline 2 at $fork" old.out || cat old.out >>"$problems"
same_wal old 1 "$source" "$from" "$fork"
same_wal old 2 "$standby" "$fork" "$end"
read_wal beyond tli=1 "from=$end" "to=$end" -- "$(conninfo "$standby")" # as after a failover that lost WAL
ended "$reader" 0
grep -q "^timeline 2 at $fork" beyond.out || cat beyond.out >>"$problems"
same_wal beyond 2 "$standby" "$fork" "$end"
verdict "$major: stream: a promotion is followed, from the server that fails to its standby, and from the beginning" "$problems"

# ---- what a server refuses -----------------------------------------------------------------

# refused WORDS [OPTION...] [-- CONNINFO]: one line with those words, at the start or as soon as it reads
refused() {
    local words=$1 before
    before=$(wc -l <"$problems")
    shift
    read_wal refused "$@"
    ended "$reader" 2
    same "$problems" 'lines of failure' "$(grep -c '^failed: ' refused.out)" 1
    grep -qE "^failed: .*$words" refused.out || cat refused.out >>"$problems"
    ! grep -n s3cr3t refused.out >>"$problems" || true
    [ "$(wc -l <"$problems")" = "$before" ] || echo "wanted: $words" >>"$problems"
}

step='refusals'
: >"$problems"
kill "${pid[plain]}" "${pid[cascade]}"
export PGPASSFILE=$work/none
new=$standby
sql "$new" -c "SELECT pg_create_logical_replication_slot('logical', 'test_decoding')" -c "SELECT pg_create_physical_replication_slot('held')" >>load.log
at=$(conninfo "$new")
read_wal holder slot=held -- "$at"
holder=$reader
says holder.out '^begin'
read_wal busy slot=held -- "$at" # for ten seconds the other one could end
busy=$reader
refused 'CONNINFO is not a connection string' -- s3cr3t
refused 'no password supplied.*; give it in ~/.pgpass or PGPASSWORD$' -- "$(conninfo "$new" secretive)"
refused 'password authentication failed.*; give the right password in ' -- "$(conninfo "$new" secretive) password=s3cr3t"
refused '; give the user the right: ALTER ROLE ... REPLICATION$' -- "$(conninfo "$new" norep)"
refused 'pg_hba.conf .*; add a line to pg_hba.conf: local replication ' -- "$(conninfo "$new" nohba)"
refused "'s WAL ends at .*, before FFF/0, where reading is to go on" from=FFF/0 -- "$at"
refused 'is of another cluster: its system identifier is [0-9]*, that of the WAL read before is 1$' system=1 -- "$at"
refused 'is on timeline 2, and timeline 9, which was read, is none of its history' tli=9 "from=$end" -- "$at"
refused 'there is no slot none: make it with --create-slot' slot=none -- "$at"
refused "a slot's name has lower-case letters, digits and _" slot=No -- "$at"
refused 'slot logical is one of logical replication: name a physical one' slot=logical -- "$at"
refused 'slot .*none.* with --create-slot$' slot=none "from=$end" -- "$at"
ended "$busy" 2
grep -qE '^failed: .*slot .*held.* is active for PID [0-9]*; end that session, or name another slot$' busy.out || cat busy.out >>"$problems"
kill "$holder"
wait "$holder" || true

# WAL that is removed
settings=(-c 'ALTER SYSTEM SET wal_keep_segments = 0')
[ "$major" -lt 13 ] || settings=(-c 'ALTER SYSTEM SET wal_keep_size = 0' -c "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
sql "$new" "${settings[@]}" -c "ALTER SYSTEM SET max_wal_size = '$((segment_mb * 2))MB'" -c "ALTER SYSTEM SET min_wal_size = '$((segment_mb * 2))MB'" \
    -c 'SELECT pg_reload_conf()' -c "SELECT pg_drop_replication_slot('logical')" -c "SELECT pg_create_physical_replication_slot('lost', true)" >>load.log
[ "$major" -ge 13 ] || sql "$new" -c "SELECT pg_drop_replication_slot('lost')"
for _ in 1 2 3 4; do sql "$new" -c 'SELECT pg_switch_wal()' -c 'INSERT INTO load VALUES (1)' -c CHECKPOINT >>load.log; done
refused "has removed the WAL from 0/[0-9A-F]* on: read it in the archive .*, or begin later with --from-lsn" "from=$from" -- "$at"
[ "$major" -lt 13 ] || refused 'the WAL it held is removed; read that in the archive, drop the slot, and make it anew' slot=lost -- "$at"

# senders
sql "$new" -c 'ALTER SYSTEM SET max_wal_senders = 1' -c "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots" >>load.log
stop_cluster "$new"
refused 'cannot connect to the server: ' -- "$at"
start_cluster "$new"
read_wal holder -- "$at"
holder=$reader
says holder.out '^begin'
refused 'max_wal_senders.*; raise max_wal_senders$' -- "$at"
kill "$holder"
sql "$new" -c 'ALTER SYSTEM SET max_wal_senders = 0' -c 'ALTER SYSTEM SET wal_level = minimal' >>load.log
stop_cluster "$new"
start_cluster "$new"
refused '; set max_wal_senders = 10 and wal_level = replica, and restart the server$' -- "$at"
verdict "$major: stream: what the server refuses is one line that says what to do" "$problems"

exit $((failures > 0))
