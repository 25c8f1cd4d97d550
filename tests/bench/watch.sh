#!/bin/bash
# Prints what `pitr-find watch` takes to follow a running server: CPU at 16 MB of WAL a second, beside pg_receivewal on the same
# stream in the same minute, and its memory over 10 GB of WAL. Figures, never a verdict; that every DROP TABLE was told, in order
# and once, is checked in the same run.
#
#   tests/bench/watch.sh BUILD
#
# PITR_BENCH_DIR      where the server and what pg_receivewal writes lie for the time, BUILD/bench by default
# PITR_BENCH_RATE     MB of WAL a second, 16 by default
# PITR_BENCH_SECONDS  that long, 60 by default
# PITR_BENCH_WAL      GB of WAL for the memory, as fast as they come; 10 by default, 0 leaves it out
set -euo pipefail

build=$(realpath "$1")
folder=$(realpath -m "${PITR_BENCH_DIR:-$build/bench}")
rate=${PITR_BENCH_RATE:-16} seconds=${PITR_BENCH_SECONDS:-60} gigabytes=${PITR_BENCH_WAL:-10}
bin=${PG_BINDIR:-/usr/lib/postgresql/15/bin}
mkdir -p "$folder"
work=$(mktemp -d -p "$folder" watch.XXXXXX)
children=()
finish() {
    [ "${#children[@]}" -eq 0 ] || kill "${children[@]}" 2>/dev/null || true
    [ ! -e "$work/data/postmaster.pid" ] || as "$bin/pg_ctl" -D "$work/data" -m immediate -w stop >/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 143' TERM INT

# The server refuses to run as root; it works below a folder its own user can reach.
as=()
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$work"
    as=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi
as() { "${as[@]}" env -C "$work" "$@"; }
# The same in place of the calling subshell, so that its process is the program itself.
as_exec() { cd "$work" && exec "${as[@]}" "$@"; }
socket=$(mktemp -d -t pitr-watch-bench.XXXXXX) # short enough for a socket's name
trap 'finish; rm -rf "$socket"' EXIT
[ "$(id -u)" -ne 0 ] || chown postgres "$socket"
export PGHOST=$socket PGPORT=5497 PGUSER=postgres PGDATABASE=bench TZ=UTC LC_ALL=C
sql() { as "$bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# ---- a server, and its load ----------------------------------------------------------------

install -m 755 "$build/pitr-find" "$work/pitr-find"
as "$bin/initdb" -D "$work/data" -A trust -U postgres --no-sync --data-checksums >/dev/null
as tee -a "$work/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$socket'
port = $PGPORT
fsync = off
synchronous_commit = off
shared_buffers = 256MB
max_wal_size = 2GB
checkpoint_timeout = 30s
timezone = UTC
CONF
as "$bin/pg_ctl" -D "$work/data" -l "$work/log" -w start >/dev/null
sql -d postgres -c 'CREATE DATABASE bench'
sql -c 'CREATE TABLE facts (customer int, amount numeric(12, 2), note text)' \
    -c 'CREATE TABLE accounts (id int PRIMARY KEY, n int, filler text)' \
    -c "INSERT INTO accounts SELECT g, 0, repeat('x', 60) FROM generate_series(1, 200000) g" -c 'CREATE TABLE drops (name text)'
as tee "$work/work.sql" >/dev/null <<'SQL'
\set id random(1, 199900)
INSERT INTO facts SELECT g, g * 1.5, md5(g::text) FROM generate_series(1, 250) g;
UPDATE accounts SET n = n + 1 WHERE id BETWEEN :id AND :id + 50;
SQL
# As many bytes as a server can make.
as tee "$work/wide.sql" >/dev/null <<'SQL'
INSERT INTO facts SELECT g, g, repeat(md5(g::text), 50) FROM generate_series(1, 1000) g;
SQL
# load NAME OPTION...: pgbench in the background
load() {
    local name=$1
    shift
    (as_exec "$bin/pgbench" -n "$@" bench >"$work/$name.log" 2>&1) &
    children+=($!)
}
# A table is dropped each second, and the facts go when there are many: nothing may grow for ever.
drops() {
    local i
    for ((i = 1; ; i++)); do
        echo "CREATE TABLE drop_$i (a int); BEGIN; INSERT INTO drops VALUES ('drop_$i'); DROP TABLE drop_$i; COMMIT; SELECT pg_sleep(1) \\g /dev/null"
        [ $((i % 10)) -ne 0 ] || echo 'TRUNCATE facts;'
    done | PGAPPNAME=drops sql -f - >"$work/drops.log" 2>&1
}
position() { sql -c "SELECT pg_current_wal_insert_lsn() - '0/0'"; }

# ---- who follows ---------------------------------------------------------------------------

ticks=$(getconf CLK_TCK)
cpu_of() { awk -v hz="$ticks" '{ sub(/.*\) /, ""); print ($12 + $13) / hz }' "/proc/$1/stat"; } # PID: seconds, utime and stime
rss_of() { awk '/^VmRSS:/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; } # PID: MiB
since() { awk -v a="$1" -v b="$2" 'BEGIN { print b - a }'; }

# watcher NAME [REGEX]: its process is $watcher
watcher() {
    local name=$1
    shift
    (as_exec "$work/pitr-find" watch --format json --output "$work/$name.json" "$@" "host=$socket port=$PGPORT user=postgres dbname=bench" >"$work/$name.out" 2>"$work/$name.err") &
    watcher=$!
    children+=("$watcher")
}
watcher all
all=$watcher
watcher watch '^(DROP|TRUNCATE)'
watch=$watcher
as mkdir "$work/received"
(as_exec "$bin/pg_receivewal" --no-sync -D "$work/received" -h "$socket" -p "$PGPORT" -U postgres >"$work/received.log" 2>&1) &
receiver=$!
children+=("$receiver")
until [ "$(sql -c "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")" -eq 3 ]; do
    kill -0 "$watch" "$all" "$receiver" 2>/dev/null || { cat "$work"/*.err "$work/received.log" >&2; exit 1; }
    sleep 0.1
done

# ---- CPU -----------------------------------------------------------------------------------

# calibrate TRANSACTIONS-A-SECOND: those that make the WAL wanted, by what so many make in ten seconds
calibrate() {
    local begin
    begin=$(position)
    load calibrate -f work.sql -c 4 -j 1 -T 10 -R "$1"
    wait "${children[-1]}" || true
    awk -v mb="$rate" -v r="$1" -v got=$(($(position) - begin)) 'BEGIN { printf "%.0f", r * mb * 1e7 / got }'
}
drops &
children+=($!)
transactions=$(calibrate 300)
transactions=$(calibrate "$transactions")
load load -f work.sql -c 4 -j 1 -T $((seconds + 30)) -R "$transactions"
sleep 5
# alive: or it ends here, with what it said.
alive() { kill -0 "$watch" 2>/dev/null || # the others only for comparison
     { wait "$watch" && code=0 || code=$?; echo "watch has ended with status $code:"; tail -n 5 "$work/watch.err"; exit 1; } >&2; }
alive
begin=$(position) at=$(date +%s%N) watch_cpu=$(cpu_of "$watch") all_cpu=$(cpu_of "$all") receiver_cpu=$(cpu_of "$receiver") events=$(wc -l <"$work/all.json")
sleep "$seconds"
alive
end=$(position) took=$(($(date +%s%N) - at))
watch_cpu=$(since "$watch_cpu" "$(cpu_of "$watch")") all_cpu=$(since "$all_cpu" "$(cpu_of "$all")") receiver_cpu=$(since "$receiver_cpu" "$(cpu_of "$receiver")")
lag=$(sql -c "SELECT pg_current_wal_flush_lsn() - sent_lsn FROM pg_stat_replication WHERE pid <> pg_backend_pid() ORDER BY 1 DESC LIMIT 1")
events=$(($(wc -l <"$work/all.json") - events))
awk -v bytes=$((end - begin)) -v ns="$took" -v w="$watch_cpu" -v a="$all_cpu" -v r="$receiver_cpu" -v events="$events" -v lag="$lag" '
    function line(name, cpu) { printf "  %-24s %6.2f s of CPU, %.2f %% of a core, %.2f of pg_receivewal\n", name, cpu, 100 * cpu / s, (r > 0 ? cpu / r : 0) }
    BEGIN {
        s = ns / 1e9
        printf "%.1f MB of WAL and %.0f events a second, for %.0f s:\n", bytes / 1e6 / s, events / s, s
        line("watch DROP|TRUNCATE", w)
        line("watch, all events told", a)
        line("pg_receivewal", r)
        printf "  not sent at the end: %d bytes\n", lag
    }'
kill "${children[-1]}" "$receiver" "$all" 2>/dev/null || true
wait "${children[-1]}" "$receiver" "$all" 2>/dev/null || true
rm -rf "$work/received"

# ---- memory --------------------------------------------------------------------------------

if [ "$gigabytes" -gt 0 ]; then
    # The server keeps no WAL for a reader without a slot of its own; this one is as fast as it writes, or the run ends here.
    load full -f work.sql@3 -f wide.sql@1 -c 2 -j 1 -T 3600
    begin=$(position) at=$(date +%s%N) watch_cpu=$(cpu_of "$watch")
    printf 'memory of watch, in MiB, after each GB of WAL: %s' "$(rss_of "$watch")"
    for ((i = 1; i <= gigabytes; i++)); do
        until [ $(($(position) - begin)) -ge $((i * 1000000000)) ]; do sleep 0.5; done
        alive
        printf ' %s' "$(rss_of "$watch")"
    done
    kill "${children[-1]}" 2>/dev/null || true
    wait "${children[-1]}" 2>/dev/null || true
    watch_cpu=$(since "$watch_cpu" "$(cpu_of "$watch")")
    awk -v ns=$(($(date +%s%N) - at)) -v gb="$gigabytes" -v w="$watch_cpu" 'BEGIN { printf "\n  %.0f MB a second, %.1f s of CPU\n", gb * 1e12 / ns, w }'
    grep '^VmHWM' "/proc/$watch/status" | sed 's/^/  /'
fi

# ---- was all of it told? -------------------------------------------------------------------

sql -c "SELECT pg_terminate_backend(pid), pg_sleep(1) FROM pg_stat_activity WHERE application_name = 'drops'" >/dev/null
sql -c "SELECT 'DROP TABLE public.' || name FROM drops" >"$work/want"
status=0
for ((i = 0; i < 600; i++)); do
    jq -r 'select(.kind == "DROP TABLE") | .text' "$work/watch.json" >"$work/got"
    [ "$(wc -l <"$work/got")" -lt "$(wc -l <"$work/want")" ] || break
    sleep 0.1
done
if cmp -s "$work/want" "$work/got"; then
    echo "  all $(wc -l <"$work/want") tables that were dropped are told, in order and once"
else
    echo "  WRONG: $(wc -l <"$work/got") of $(wc -l <"$work/want") dropped tables are told"
    diff "$work/want" "$work/got" | head -n 5
    status=1
fi
exit $status
