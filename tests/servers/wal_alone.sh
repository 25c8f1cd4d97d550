#!/usr/bin/env bash
# `rescue` without a base backup: what a transaction deleted, and what DROP TABLE took, out of WAL that begins with a checkpoint long after
# most of the rows were made. DELETE ... RETURNING and SELECT of the server say what must come out.
#
#   tests/servers/wal_alone.sh PITR-FIND MAJOR      MAJOR: 10 to 18
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

program=$(realpath "$1")
major=$2

if ! use_major "$major"; then
    echo "ok - $major: WAL alone # SKIP $reason"
    exit 0
fi

work_in wal-alone archive
cluster=$work/cluster
make_cluster "$cluster" "$major" 16 <<<"archive_mode = on
archive_command = 'cp %p $work/archive/%f'
autovacuum = off"
start_cluster "$cluster"

archived() { # all WAL up to now
    local last
    last=$(sql "$cluster" -c 'SELECT pg_walfile_name(pg_switch_wal())')
    wait_until archiving "$cluster" "SELECT last_archived_wal >= '$last' FROM pg_stat_archiver"
}

# ---- rows of which the WAL tells nothing ----

step='rows of before'
database=postgres sql "$cluster" -c 'CREATE DATABASE shop'
sql "$cluster" <<-'SQL'
	CREATE TABLE kept (a integer, b text);
	INSERT INTO kept SELECT i, 'x' || i FROM generate_series(1, 3000) i;
	BEGIN; INSERT INTO kept SELECT -i, 'rolled back' FROM generate_series(1, 300) i; ROLLBACK;
	BEGIN; DELETE FROM kept WHERE a % 7 = 0; ROLLBACK;
	UPDATE kept SET b = 'new' || a WHERE a % 5 = 0;
	BEGIN; SAVEPOINT s; INSERT INTO kept SELECT 10000 + i, 'sub' FROM generate_series(1, 100) i; RELEASE s;
	SAVEPOINT s; INSERT INTO kept SELECT 20000 + i, 'no' FROM generate_series(1, 100) i; ROLLBACK TO s; COMMIT;
	DELETE FROM kept WHERE a % 11 = 0;
	-- Nobody has looked at these: they have no hints.
	CREATE TABLE quiet (a integer PRIMARY KEY, b text);
	INSERT INTO quiet SELECT i, 'q' || i FROM generate_series(1, 3000) i;
SQL
archived
rm -f archive/*
sql "$cluster" -c CHECKPOINT

# ---- and those who remove them ----

by_index=(-c 'SET enable_seqscan = off' -c 'SET enable_bitmapscan = off')

step='rows that are removed'
sql "$cluster" -c 'ALTER TABLE kept ALTER a SET STATISTICS 5, ALTER b SET STATISTICS 5, ADD c integer' -c 'ALTER TABLE kept DROP c' \
    -c 'BEGIN; SELECT count(*) FROM (SELECT FROM kept WHERE a % 3 = 0 FOR UPDATE) l; COMMIT' >/dev/null
sql "$cluster" -c 'ALTER TABLE quiet ALTER a SET STATISTICS 5, ALTER b SET STATISTICS 5'
sql "$cluster" "${by_index[@]}" -c 'BEGIN; DELETE FROM quiet WHERE a IN (2, 502, 1002, 1502, 2002); ROLLBACK'
sql "$cluster" -F $'\t' "${by_index[@]}" -c 'DELETE FROM quiet WHERE a IN (2, 3, 5, 203, 555, 777, 1002, 1234, 2000, 2999) RETURNING *' >unseen
sql "$cluster" -F $'\t' >deleted <<-'SQL'
	BEGIN;
	INSERT INTO kept VALUES (50000, 'own');
	DELETE FROM kept WHERE a = 50000;
	DELETE FROM kept WHERE a % 13 = 0 RETURNING *;
	SAVEPOINT s;
	DELETE FROM kept WHERE a % 17 = 0 RETURNING *;
	SAVEPOINT s;
	UPDATE kept SET b = 'for a moment' WHERE a % 29 = 0;
	DELETE FROM kept WHERE a % 31 = 0;
	ROLLBACK TO s;
	COMMIT;
	BEGIN; DELETE FROM kept WHERE a % 19 = 0; ROLLBACK;
	UPDATE kept SET b = 'zz' WHERE a % 23 = 0;
SQL
sql "$cluster" -F $'\t' -c 'SELECT * FROM kept' >dropped
sql "$cluster" -c 'DROP TABLE kept'
archived
stop_cluster "$cluster"

step=comparison
comes_out() { # comes_out WHAT EVENT
    local status=0 problems=$work/problems
    : >"$problems"
    "$program" rescue --before "$2" --pick 1 --format copy "$work/archive" >got 2>err || status=$?
    same "$problems" 'exit status' "$status" 3
    same "$problems" 'rows that differ' "$(comm -3 <(LC_ALL=C sort "$1") <(LC_ALL=C sort got) | wc -l)" 0
    [ ! -s "$problems" ] || head -n 5 err >>"$problems"
    verdict "$major: $(wc -l <"$1") rows of WAL alone: $2" "$problems"
}
[ "$(wc -l <deleted)" -ge 350 ] && [ "$(wc -l <dropped)" -ge 2400 ] || fail "$major: too few rows"
comes_out unseen 'DELETE FROM public.quiet'
comes_out deleted 'DELETE FROM public.kept'
comes_out dropped 'DROP TABLE public.kept'
exit $((failures > 0))
