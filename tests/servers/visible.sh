#!/usr/bin/env bash
# Which rows are there: those that a real server shows, of every table and catalog, while transactions are open and prepared.
#
#   tests/servers/visible.sh VISIBLE MAJOR [STATEMENTS]      VISIBLE: the program that compares (visible.c); MAJOR 10 to 18
#
# The workload is that of redo.sh, a base backup is taken in the middle of it, and the server crashes once. Then visible.sql makes each kind of
# change, leaves one transaction open and some prepared, and SELECT ctid of a session beside them tells which rows are there. What the open
# transaction and the prepared one themselves do not see of these, they have removed. STATEMENTS of each session: 1500. Where a
# pg_resetwal of the major is installed, xids, multixacts and their members begin anew during that.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

visible=$(realpath "$1")
major=$2
statements=${3:-1500}
sessions=2

if ! use_major "$major"; then
    echo "ok - $major: visible rows # SKIP $reason"
    exit 0
fi

work_in visible backup
source=$work/source

stop_background() {
    local pids
    mapfile -t pids < <(jobs -p)
    [ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
}

keep='wal_keep_size = 64GB'
[ "$major" -ge 13 ] || keep='wal_keep_segments = 4096'
make_cluster "$source" "$major" 16 <<SETTINGS
wal_level = replica
max_wal_senders = 0
$keep
max_wal_size = 64GB
checkpoint_timeout = 1h
max_prepared_transactions = 10
autovacuum_naptime = 2s
synchronous_commit = off
SETTINGS
database=postgres

# go_on_at XID MULTIXACT MEMBER: the next ones, at most 2^31 after those before; freezes all there is.
go_on_at() {
    local data=$source/data name
    stop_cluster "$source"
    for name in pg_xact/$(printf %04X $(($1 / 1048576))) pg_multixact/offsets/$(printf %04X $(($2 / 65536))) \
        pg_multixact/members/$(printf %04X $(($3 / 52352))); do
        [ -e "$data/$name" ] || head -c 262144 /dev/zero >"$data/$name"
        give_to_owner "$data/$name"
    done
    as_owner "$resetwal" -D "$data" -x "$1" -m "$2,$2" -O "$3" >>resetwal.log 2>&1
    start_cluster "$source"
    for database in template0 template1 postgres; do sql "$source" -c 'VACUUM (FREEZE)'; done
    database=postgres
}
start_cluster "$source"
step='numbers that begin anew'
resetwal=/usr/lib/postgresql/$major/bin/pg_resetwal
if [ -x "$resetwal" ]; then
    sql "$source" -c 'ALTER DATABASE template0 ALLOW_CONNECTIONS true'
    go_on_at 1400000000 1400000000 1400000000
    go_on_at 2800000000 2800000000 2800000000
    go_on_at 4294966000 4294967206 4294967146
fi

step=tables
tables() {
    sql "$source" -f "$here/redo.sql"
    sql "$source" <<'SQL'
CREATE TABLE mine (id int PRIMARY KEY, v int, pad text) WITH (fillfactor = 80);
INSERT INTO mine SELECT g, 0, '' FROM generate_series(1, 2000) g;
CREATE TABLE halves (id int, k int) PARTITION BY RANGE (k);
CREATE TABLE halves_low PARTITION OF halves FOR VALUES FROM (0) TO (10);
CREATE TABLE halves_high PARTITION OF halves FOR VALUES FROM (10) TO (20);
INSERT INTO halves SELECT g, g % 10 FROM generate_series(1, 100) g;
CREATE TABLE gone (a int);
CREATE TABLE other (a int, b text);
INSERT INTO other VALUES (1, 'one');
SQL
}
tables >tables.log
sql "$source" -c 'CREATE DATABASE second'
database=second tables >>tables.log

write() { # write PART [DATABASE]: all sessions, each with a seed of its own, until they are through
    local session pids=()
    for session in $(seq $sessions); do
        awk -v seed="$1$session" -v session="$session" -v n="$statements" -f "$here/redo-workload.awk" >"work$session.sql"
        database=${2:-postgres} sql "$source" -v ON_ERROR_STOP=0 -f "work$session.sql" >"work$session.out" 2>"work$session.err" &
        pids+=($!)
    done
    wait "${pids[@]}" || true
}

start=pg_backup_start stop='pg_backup_stop()'
[ "$major" -ge 15 ] || start=pg_start_backup stop='pg_stop_backup(false)'
arguments="'visible', true"
[ "$major" -ge 15 ] || arguments+=', false'

step='workload, and a backup in the middle of it'
write 1 &
writer=$!
nap 1
sql "$source" >backup.log 2>&1 <<SQL
SELECT $start($arguments);
\! cp -a $source/data/base $source/data/global $source/data/pg_xact $source/data/pg_multixact $work/backup/ 2>cp.log
SELECT $stop;
SQL
start_lsn=$(grep -o 'START WAL LOCATION: [0-9A-F/]*' backup.log | cut -d' ' -f4)
wait "$writer"

step='a crash'
write 2 second &
writer=$!
nap 2
stop_cluster "$source" immediate
wait "$writer"
start_cluster "$source"
VISIBLE_SINCE=$(sql "$source" -c 'SELECT txid_current()')
export VISIBLE_SINCE
for database in second postgres; do
    sql "$source" >left.log <<'SQL'
SELECT format('ROLLBACK PREPARED %L', gid) FROM pg_prepared_xacts WHERE database = current_database() \gexec
SQL
    sql "$source" -c 'UPDATE acc SET n = n + 1 WHERE id < 300' -c 'VACUUM (FREEZE) kid'
done

step='nobody but us'
sql "$source" -c 'ALTER SYSTEM SET autovacuum = off' -c 'SELECT pg_reload_conf()' >reload.log
wait_until 'end of autovacuum' "$source" "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type LIKE 'autovacuum%' OR query LIKE 'autovacuum:%'"

# What prints a table's file, and the places of its rows, some with a key: all as the session sees it. Two tables will be locked.
list() { # list CONDITION
    sql "$source" <<SQL
SELECT format(E'\\\\qecho file %s %s %s %s\nSELECT ctid%s FROM %s;', CASE WHEN reltablespace = 0 THEN 1663 ELSE reltablespace END,
    CASE WHEN relisshared THEN 0 ELSE d.oid::int END, pg_relation_filenode(c.oid), c.oid::regclass,
    CASE WHEN relname ~ '^(mine|halves_.*)$' THEN ' || ''|'' || id' END, c.oid::regclass)
FROM pg_class c, pg_database d
WHERE d.datname = current_database() AND relkind IN ('r', 'm', 't') AND relpersistence = 'p' AND relname NOT IN ('gone', 'other') AND ($1)
ORDER BY c.oid
SQL
}
settings="SET lock_timeout = '10s'; SET synchronize_seqscans = off; SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off; SET max_parallel_workers_per_gather = 0;"
{ echo "$settings"; list "relname ~ '^(mine|halves_.*)$'"; } >mine.list
{ echo "$settings"; list true; } >all.list
{ echo "$settings"; database=second list 'NOT relisshared'; } >second.list

# Called while the transaction of visible.sql is open.
cat >look <<LOOK
#!/bin/sh
set -e
look() { "$psql" ${psql_options[*]} -h "$source" "\$@"; }
look -d postgres -c 'SELECT pg_current_wal_insert_lsn()' >end
look -d postgres -f all.list >all.seen
look -d second -f second.list >second.seen
look -d postgres -c CHECKPOINT
look -d postgres -c "SELECT split_part(next_xid, ':', 2), next_multixact_id, next_multi_offset FROM pg_control_checkpoint()" >next
touch looked
LOOK
chmod +x look

step='changes of every kind'
moves=true
[ "$major" -ge 11 ] || moves=false
sql "$source" -v moves=$moves -f "$here/visible.sql" >changes.log 2>&1
[ -e looked ]
stop_cluster "$source" immediate

step=comparison
# A row that an open transaction does not see was there, and it has removed it: a newer version has the same key.
{
    awk -F'|' '
        function family(name) { sub(/_.*/, "", name); return name }
        $1 ~ /^file / { split($1, word, " "); name = word[5]; if (FILENAME ~ /seen$/) looked[FILENAME, name] = 1 }
        FILENAME != "all.seen" {
            if ($1 !~ /^file /) { sees[FILENAME, name, $1] = 1; if (NF > 1) at[FILENAME, family(name), $2] = name }
            next
        }
        $1 ~ /^file / { print; next }
        {
            mark = ""
            for (i = 1; i < 3; i++) {
                by = i == 1 ? "prepared.seen" : "writer.seen"
                if (!((by, name) in looked) || (by, name, $1) in sees) continue
                key = by SUBSEP family(name) SUBSEP $2
                mark = NF == 1 ? " removed" : !(key in at) ? " deleted" : at[key] == name ? " replaced" : " moved"
            }
            print $1 mark
        }' prepared.seen writer.seen all.seen
    cut -d'|' -f1 second.seen
} >wanted
segments=("$source"/data/pg_wal/0???????????????????????)
[ "$major" -lt 18 ] || export REDO_CHECKSUMS=1 # from 18 on initdb turns them on
end_lsn=$(cat end)
for memory in 67108864 1000000; do
    status=0
    REDO_MEMORY=$memory "$visible" backup "$start_lsn" "$end_lsn" wanted "${segments[@]}" >compared 2>&1 || status=$?
    # What nothing was judged by proves nothing.
    if [ "$status" -eq 0 ] && grep -Eq 'about to go [1-9].* hint [1-9].* multixact [1-9]' compared; then
        pass "$major: with $((memory >> 10)) KB of pages the rows are those that the server shows: $(tail -n 1 compared)"
    else
        fail "$major: visible rows" compared
    fi
done
for mark in deleted replaced removed $([ $moves = false ] || echo moved); do
    grep -q " $mark\$" wanted || fail "$major: no row is $mark"
done
# Those that began anew are small.
if [ -x "$resetwal" ] && ! grep -Eqx '[0-9]{1,6}\|[0-9]{1,6}\|[0-9]{1,6}' next; then
    fail "$major: not all numbers began anew: $(cat next)"
fi
exit $((failures > 0))
