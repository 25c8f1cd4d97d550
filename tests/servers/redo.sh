#!/usr/bin/env bash
# Page redo, image by image: a long mixed workload on a real server, with its own after-image of each block in each record.
#
#   tests/servers/redo.sh REDO MAJOR [STATEMENTS]      REDO: the program that compares (redo.c); MAJOR 10 to 18
#
# Proves that from the blocks of a base backup, which is taken while three sessions write, and the WAL from there on, every page
# of every table and catalog is after each record as the server has it (see redo.c for what is compared). STATEMENTS of each
# session: 4000.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

redo=$(realpath "$1")
major=$2
statements=${3:-4000}
sessions=3

if ! use_major "$major"; then
    echo "ok - $major: page redo # SKIP $reason"
    exit 0
fi

work_in redo backup space
source=$work/source problems=$work/problems

stop_background() {
    local pids
    mapfile -t pids < <(jobs -p)
    [ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
}

keep='wal_keep_size = 64GB'
[ "$major" -ge 13 ] || keep='wal_keep_segments = 4096'
# Every other major packs images, and adds what logical decoding wants; every third one logs hints.
compression=on wal_level=logical hints=off
[ $((major % 2)) -eq 0 ] || compression=off wal_level=replica
[ $((major % 3)) -ne 0 ] || hints=on
make_cluster "$source" "$major" 16 <<SETTINGS
wal_level = $wal_level
wal_log_hints = $hints
max_wal_senders = 0
wal_consistency_checking = 'heap,heap2,sequence'
wal_compression = $compression
$keep
max_wal_size = 64GB
checkpoint_timeout = 1h
max_prepared_transactions = 10
autovacuum = on
autovacuum_naptime = 2s
autovacuum_freeze_max_age = 100000
autovacuum_multixact_freeze_max_age = 10000
synchronous_commit = off
SETTINGS
start_cluster "$source"
database=postgres
step=tables
sql "$source" -f "$here/redo.sql" >tables.log
sql "$source" -c 'CREATE DATABASE moved'
database=moved sql "$source" -f "$here/redo.sql" >>tables.log 2>&1

write() { # write PART: all sessions, each with a seed of its own, until they are through
    local session pids=()
    for session in $(seq $sessions); do
        awk -v seed="$1$session" -v session="$session" -v n="$statements" -f "$here/redo-workload.awk" >"work$session.sql"
        sql "$source" -v ON_ERROR_STOP=0 -f "work$session.sql" >"work$session.out" 2>"work$session.err" &
        pids+=($!)
    done
    wait "${pids[@]}" || true
}

start=pg_backup_start stop='pg_backup_stop()'
[ "$major" -ge 15 ] || start=pg_start_backup stop='pg_stop_backup(false)'
arguments="'redo', true"
[ "$major" -ge 15 ] || arguments+=', false'

step='workload, and a backup in the middle of it'
write 1 &
writer=$!
nap 2
sql "$source" >backup.log 2>&1 <<SQL
SELECT $start($arguments);
\! cp -a $source/data/base $source/data/global $source/data/pg_xact $source/data/pg_multixact $work/backup/ 2>cp.log
SELECT $stop;
SQL
start_lsn=$(grep -o 'START WAL LOCATION: [0-9A-F/]*' backup.log | cut -d' ' -f4)
wait "$writer"

step='workload without images that are applied'
sql "$source" -c 'ALTER SYSTEM SET full_page_writes = off' -c 'SELECT pg_reload_conf()' -c CHECKPOINT >reload.log
write 2
# Its pages are not in the WAL, but for those that change; those of the second one, from 15 on, are.
step='databases made of others'
strategy=
[ "$major" -lt 15 ] || strategy='STRATEGY file_copy'
sql "$source" -c "CREATE DATABASE copied $strategy"
[ "$major" -lt 15 ] || sql "$source" -c 'CREATE DATABASE logged STRATEGY wal_log'
for database in copied $([ "$major" -lt 15 ] || echo logged); do
    sql "$source" -f "$here/redo.sql" >>tables.log 2>&1
    sql "$source" -c 'VACUUM FULL pg_class' -c 'VACUUM FULL acc' -c 'DROP TABLE par CASCADE' -c VACUUM >>tables.log 2>&1
done
database=postgres
step='a database that is moved away and back'
sql "$source" -c "CREATE TABLESPACE space LOCATION '$work/space'" -c 'ALTER DATABASE moved SET TABLESPACE space'
database=moved sql "$source" -c 'UPDATE acc SET n = n + 1 WHERE id % 3 = 0' -c 'DELETE FROM wide WHERE a < 20'
sql "$source" -c 'ALTER DATABASE moved SET TABLESPACE pg_default'
database=moved sql "$source" -c 'UPDATE acc SET n = n + 1 WHERE id < 500'
step='a stretch of wal_level minimal'
sql "$source" -c "ALTER SYSTEM SET wal_level = 'minimal'" -c 'ALTER SYSTEM RESET full_page_writes'
stop_cluster "$source"
start_cluster "$source"
# Rows that the WAL does not have, and some that it has.
sql "$source" -c 'CREATE TABLE unseen AS SELECT g AS id, 0 AS n FROM generate_series(1, 50000) g' -c 'UPDATE unseen SET n = 1 WHERE id < 500' \
    -c 'UPDATE acc SET n = n + 1 WHERE id < 500'
sql "$source" <<'SQL' >unseen.log
BEGIN;
CREATE TABLE mixed (id int, n int);
INSERT INTO mixed VALUES (0, 0);
COPY mixed FROM stdin;
1	1
\.
CHECKPOINT;
INSERT INTO mixed VALUES (2, 2);
COPY mixed FROM stdin;
3	3
\.
COMMIT;
INSERT INTO mixed SELECT g, g FROM generate_series(2, 2000) g;
SQL
sql "$source" -c 'ALTER SYSTEM RESET wal_level'
stop_cluster "$source"
start_cluster "$source"
sql "$source" -c 'UPDATE unseen SET n = 2 WHERE id > 49000' -c 'INSERT INTO mixed SELECT g, g FROM generate_series(1, 2000) g' \
    -c 'UPDATE acc SET n = n + 1 WHERE id < 500'
step=end
sql "$source" -c CHECKPOINT
last=$(sql "$source" -c 'SELECT pg_walfile_name(pg_current_wal_insert_lsn())')
stop_cluster "$source"

step=comparison
segments=()
for file in "$source"/data/pg_wal/0???????????????????????; do
    [[ ${file##*/} > $last ]] || segments+=("$file")
done
if REDO_FINAL=$source/data "$redo" backup "$start_lsn" "${segments[@]}" >compared 2>&1; then
    pass "$major: $(tail -n 1 compared)"
else
    fail "$major: page redo" compared
    tail -n 1 compared
fi
sed 's/^/# /' compared | grep -v differ

step='comparison with little memory'
[ "$major" -lt 18 ] || export REDO_CHECKSUMS=1 # from 18 on initdb turns them on
if REDO_FINAL=$source/data REDO_MEMORY=1000000 "$redo" backup "$start_lsn" "${segments[@]}" >spilled 2>&1 && ! grep -q 'spilled 0$' spilled; then
    pass "$major: the same with pages in a scratch file"
else
    fail "$major: page redo with pages in a scratch file" spilled
fi
exit $((failures > 0))
