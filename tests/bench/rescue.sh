#!/bin/bash
# Prints how fast `pitr-find rescue` is: bytes of WAL a second and core, against `cat` and pg_waldump -q of the same segments, and
# against a real restore of the same backup to the same place. Ratios of interleaved runs, never a verdict; that the rows are
# those of the restored server is checked in the same run.
#
#   tests/bench/rescue.sh BUILD        (make bench)
#
# PITR_BENCH_DIR    where the archive and its backup are kept, BUILD/bench by default; made when missing
# PITR_BENCH_ROUNDS rounds, 5 by default
set -euo pipefail

build=$(realpath "$1")
corpus=$(realpath -m "${PITR_BENCH_DIR:-$build/bench}")/rescue
rounds=${PITR_BENCH_ROUNDS:-5}
bin=${PG_BINDIR:-/usr/lib/postgresql/15/bin}
program=$build/pitr-find pairtime=$build/bench/pairtime
work=$(mktemp -d -t pitr-rescue-bench.XXXXXX)
finish() {
    [ ! -e "$work/data/postmaster.pid" ] || as "$bin/pg_ctl" -D "$work/data" -m immediate -w stop >/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# The server refuses to run as root; it works below a folder its own user can reach.
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$work"
    as() { runuser -u postgres -- env -C "$work" "$@"; }
else
    as() { env -C "$work" "$@"; }
fi
export PGHOST=$work PGPORT=5499 PGUSER=postgres PGDATABASE=bench
sql() { as "$bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# A backup of 300 MB, then some 400 MB of pgbench's transactions, in which a table of 100,000 rows changes, too, and is dropped.
make_corpus() {
    as mkdir "$work/archive"
    as "$bin/initdb" -D "$work/data" -A trust -U postgres --no-sync --data-checksums >/dev/null
    as tee -a "$work/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$work'
port = 5499
fsync = off
synchronous_commit = off
archive_mode = on
archive_command = 'cp %p $work/archive/%f'
shared_buffers = 512MB
max_wal_size = 20GB
checkpoint_timeout = 1d
CONF
    as "$bin/pg_ctl" -D "$work/data" -l "$work/log" -w start >/dev/null
    sql -d postgres -c 'CREATE DATABASE bench'
    as "$bin/pgbench" -i -q -s 20 bench >"$work/pgbench.log" 2>&1
    sql -c 'CREATE TABLE orders (id int PRIMARY KEY, n int, note text)' -c 'INSERT INTO orders SELECT g, 0, md5(g::text) FROM generate_series(1, 100000) g'
    as "$bin/pg_basebackup" -D "$work/backup" -X none -c fast --no-sync >/dev/null 2>&1
    as tee "$work/orders.sql" >/dev/null <<'SQL'
\set id random(1, 100000)
UPDATE orders SET n = n + 1 WHERE id = :id;
SQL
    as "$bin/pgbench" -n -c 4 -j 2 -t 50000 -b tpcb-like@9 -f "$work/orders.sql@1" bench >>"$work/pgbench.log" 2>&1
    sql -c 'DROP TABLE orders'
    last=$(sql -c 'SELECT pg_walfile_name(pg_switch_wal())')
    until [[ ! $(sql -c 'SELECT last_archived_wal FROM pg_stat_archiver') < $last ]]; do sleep 0.2; done
    as "$bin/pg_ctl" -D "$work/data" -m fast -w stop >/dev/null
    rm -rf "$work/data" "$corpus"
    mkdir -p "$corpus"
    mv "$work/backup" "$work/archive" "$corpus/"
}
[ -e "$corpus/archive" ] || make_corpus

# A restore as one would make it: copy, recovery, COPY of the table. What it takes is the program's rival.
restore() {
    local target=$1
    as cp -a "$corpus/backup" "$work/data"
    as tee -a "$work/data/postgresql.auto.conf" >/dev/null <<CONF
restore_command = 'cp $corpus/archive/%f %p'
recovery_target_lsn = '$target'
recovery_target_inclusive = 'false'
recovery_target_action = 'promote'
archive_mode = off
unix_socket_directories = '$work'
CONF
    as chmod 700 "$work/data"
    as touch "$work/data/recovery.signal"
    as "$bin/pg_ctl" -D "$work/data" -l "$work/log" -w -t 600 start >/dev/null || { tail -n 5 "$work/log" >&2; return 1; }
    until [ "$(sql -c 'SELECT pg_is_in_recovery()')" = f ]; do sleep 0.05; done
    sql -c 'COPY orders TO STDOUT'
}

chmod -R go+rX "$corpus" 2>/dev/null || true
segments=("$corpus"/archive/*[0-9A-F])
start=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p' "$corpus/backup/backup_label")
replayed=()
for file in "${segments[@]}"; do
    if [[ $file =~ /[0-9A-F]{24}$ && ! ${file##*/} < $start ]]; then replayed+=("$file"); fi
done
bytes=$(cat "${replayed[@]}" | wc -c)
rescue=("$program" rescue -q --before 'DROP TABLE public\.orders' --backup "$corpus/backup" --format copy)
echo "rescue of a table of 100,000 rows: ${#replayed[@]} segments, $((bytes / 1000000)) MB, a backup of $(du -sm "$corpus/backup" | cut -f1) MB; page cache warm"

status=0
target=$("$program" -q --before 'DROP TABLE public\.orders' "$corpus/archive" 2>/dev/null | sed -n "s/^recovery_target_lsn = '\(.*\)'$/\1/p")
began=$(date +%s%N)
restore "$target" >"$work/restored"
restored=$(($(date +%s%N) - began))
as "$bin/pg_ctl" -D "$work/data" -m immediate -w stop >/dev/null
"${rescue[@]}" "$corpus/archive" >"$work/rescued" || status=$?
if [ "$status" -eq 0 ] && cmp -s <(LC_ALL=C sort "$work/restored") <(LC_ALL=C sort "$work/rescued"); then
    echo "  the $(wc -l <"$work/rescued") rows are those of the server restored to $target"
else
    echo "  WRONG: status $status, $(wc -l <"$work/rescued") rows, and the restored server has $(wc -l <"$work/restored")"
fi

"$pairtime" "$rounds" "${rescue[@]}" -j1 "$corpus/archive" ::: "${rescue[@]}" "$corpus/archive" ::: "$bin/pg_waldump" -q -p "$corpus/archive" "$start" "${replayed[-1]##*/}" \
    ::: cat "${replayed[@]}" ::: "$program" -q --before 'DROP TABLE public\.orders' -j1 "$corpus/archive" >"$work/times"
printf '  %-28s %8s %8s %9s %10s %10s %14s\n' '' 'CPU s' 'wall s' 'peak MiB' 'CPU ratio' 'wall ratio' 'MB of WAL / s'
labels=('rescue -j1' 'rescue' 'pg_waldump -q' 'cat SEGMENTS' 'target --before -j1') i=0
while IFS=$'\t' read -r cpu wall peak cpu_ratio wall_ratio _; do
    printf '  %-28s %8s %8s %9s %10s %10s %14s\n' "${labels[$i]}" "$cpu" "$wall" "$(awk -v k="$peak" 'BEGIN { printf "%.1f", k / 1024 }')" "$cpu_ratio" "$wall_ratio" \
        "$(awk -v b="$bytes" -v s="$cpu" 'BEGIN { printf "%.0f", b / 1e6 / s }')"
    i=$((i + 1))
done <"$work/times"
awk -F'\t' -v r="$restored" 'NR == 1 { printf "  a real restore takes %.1f s, once: %.1f times the wall time of rescue -j1\n", r / 1e9, r / 1e9 / $2 }' "$work/times"
echo "  (ratio: this time divided by that of rescue -j1 in the same round, median of $rounds)"
[ "$status" -eq 0 ]
