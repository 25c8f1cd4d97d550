#!/usr/bin/env bash
# Rows in every format of rescue: held against what the server itself prints, loaded into a database, and run where they were lost.
#
#   tests/servers/rescue_formats.sh PITR-FIND MAJOR      MAJOR 10 to 18
#
# The values are those of rescue_formats.sql. CSV is byte for byte what COPY prints; SQL and INSERT are run, and COPY of what they
# made is that of before; UPDATE is run in the server where the rows were changed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

program=$(realpath "$1")
major=$2

if ! use_major "$major"; then
    echo "ok - $major: formats of rescue # SKIP $reason"
    exit 0
fi

work_in formats archive wanted
source=$work/source backup=$work/backup problems=$work/problems
export LC_ALL=C
settings="SET timezone = 'UTC'; SET datestyle = iso; SET intervalstyle = postgres; SET bytea_output = hex; SET extra_float_digits = 3; SET search_path = ''"

make_cluster "$source" "$major" 16 <<SETTINGS
wal_level = replica
archive_mode = on
archive_command = 'cp %p $work/archive/%f'
autovacuum = off
timezone = 'UTC'
SETTINGS
start_cluster "$source"
step=tables
database=postgres sql "$source" -c 'CREATE DATABASE shop'
sql "$source" -f "$here/rescue_formats.sql"
[ "$major" -lt 12 ] || sql "$source" -c 'CREATE TABLE generated (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c text)' \
    -c "INSERT INTO generated (a, c) SELECT i, 'c' FROM generate_series(1, 10) i"

step=backup
start="pg_backup_start('base', true)" stop='pg_backup_stop()'
[ "$major" -ge 15 ] || { start="pg_start_backup('base', true, false)" stop='pg_stop_backup(false)'; }
sql "$source" >backup.stop 2>backup.log <<SQL
\o /dev/null
SELECT $start;
\! cp -a '$source/data' '$backup' 2>>backup.log
\o '$work/backup_label'
CREATE TEMP TABLE stop AS SELECT * FROM $stop;
SELECT labelfile FROM stop;
SQL
printf '%s\n' "$(cat backup_label)" >"$backup/backup_label"
rm -rf "$backup"/postmaster.* "$backup"/pg_wal/*

step='changes after the backup'
sql "$source" <<'SQL'
UPDATE toasts SET id = id + 100 WHERE id % 3 = 0;
UPDATE toasts SET a = a || 'x' WHERE id % 5 = 0;
DELETE FROM toasts WHERE id % 7 = 0;
VACUUM toasts;
INSERT INTO toasts SELECT 2000 + i, (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 200) j), repeat('cd', 3000), NULL, NULL, NULL FROM generate_series(1, 20) i;
BEGIN;
INSERT INTO toasts SELECT 3000 + i, (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 200) j), repeat('cd', 3000), NULL, NULL, NULL FROM generate_series(1, 20) i;
ROLLBACK;
UPDATE types SET t = t || 'y' WHERE id > 400;
SQL

step='what the server prints'
sql "$source" -F $'\t' -c "SELECT format('%I.%I', nspname, relname), relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname = 'public'" >tables
while IFS=$'\t' read -r table file; do
    sql "$source" -c "$settings" -c "COPY $table TO STDOUT" >"wanted/$file.copy"
    sql "$source" -c "$settings" -c "COPY $table TO STDOUT (FORMAT csv, HEADER)" >"wanted/$file.csv"
done <tables
sql "$source" -c "$settings" -c "SELECT json_build_object('id', id, 'b', b, 'i2', i2, 'i8', i8, 'n2', n2, 't', t, 'j', j, 'jb', jb, 'by', by::text, 'm', m, 'ia', ia::text) FROM public.types ORDER BY id" | jq -cS . >wanted/types.json
lsn=$(sql "$source" -c 'SELECT pg_current_wal_insert_lsn()')

step=incidents
sql "$source" <<'SQL'
UPDATE undo_key SET a = 'changed', b = NULL WHERE id % 2 = 0;
BEGIN;
UPDATE undo_mixed SET a = 'x' WHERE id < 20;
DELETE FROM undo_mixed WHERE id BETWEEN 10 AND 30;
UPDATE undo_mixed SET a = 'y' WHERE id < 5;
COMMIT;
UPDATE undo_unique SET email = NULL, b = b || 'x';
DELETE FROM undo_delete WHERE id < 4;
UPDATE undo_shift SET id = id + 10 WHERE id > 3;
UPDATE undo_without SET a = 'x';
SQL
last=$(sql "$source" -c 'SELECT pg_walfile_name(pg_switch_wal())')
wait_until archiving "$source" "SELECT last_archived_wal >= '$last' FROM pg_stat_archiver"

# rescue STATUS ARG...: what it prints goes to the files out and err
rescue() {
    local wanted=$1 status=0
    shift
    "$program" rescue --backup "$backup" "$@" archive >out 2>err || status=$?
    [ "$status" -eq "$wanted" ] || complain "rescue $*: status $status, not $wanted" err
}

# table_as_was FORMAT TABLE [OPTION]...
table_as_was() { rescue 0 --before-lsn "$lsn" --database shop --table "$2" --format "$1" "${@:3}"; }

complain() { # complain WHAT FILE
    echo "$1"
    tail -n 4 "$2" | cut -c1-300
} >>"$problems"

# same_rows WHAT WANTED GOT
same_rows() {
    cmp -s <(sort "$2") <(sort "$3") || {
        echo "$1: $(wc -l <"$3") lines, and not the $(wc -l <"$2") of the server (<):"
        diff -a <(sort "$2") <(sort "$3") | grep -a '^[<>]' | cut -c1-250 | head -n 6 || true
    } >>"$problems"
}

# load FILE: into an empty database
load() {
    database=postgres sql "$source" -c 'SET client_min_messages = warning' -c 'DROP DATABASE IF EXISTS back' -c 'CREATE DATABASE back TEMPLATE template0'
    database=back sql "$source" -1 -f "$1" >psql.log 2>&1 || complain "$2 is not loaded" psql.log
}

copy_back() { database=$1 sql "$source" -c "$settings" -c "COPY $2 TO STDOUT" >back.rows 2>&1 || true; }

: >"$problems"
step='all formats'
while IFS=$'\t' read -r table file; do
    case $file in functions | configurations | amounts) continue ;; esac
    for format in copy csv; do
        table_as_was "$format" "$table"
        same_rows "$format of $table" "wanted/$file.$format" out
    done
    table_as_was sql "$table"
    load out "SQL of $table"
    copy_back back "$table"
    same_rows "$table made by SQL" "wanted/$file.copy" back.rows
    # The rows by INSERT, in the table of the SQL.
    awk '/^COPY / { skip = 1 } !skip { print } /^\\\.$/ { skip = 0 }' out >made.sql
    table_as_was insert "$table"
    cat out >>made.sql
    load made.sql "INSERT of $table"
    copy_back back "$table"
    same_rows "$table by INSERT" "wanted/$file.copy" back.rows
done <tables
table_as_was json public.types
jq -cS '{id, b, i2, i8, n2, t, j, jb, by, m, ia}' out 2>err | jq -cs 'sort_by(.id)[]' >json || complain 'JSON of types' err
cmp -s wanted/types.json json || { diff wanted/types.json json >different || complain 'JSON of types is not what json_build_object() makes' different; }
[ "$(wc -l <out)" -eq "$(wc -l <json)" ] || echo 'JSON of types: a value breaks its line' >>"$problems"
verdict "$major: rows of $(wc -l <tables) tables in all formats are those of the server" "$problems"

: >"$problems"
step='types without a text'
for table in functions configurations amounts; do
    rescue 2 --before-lsn "$lsn" --database shop --table "$table" --format copy
    [ ! -s out ] || echo "$table: something was written" >>"$problems"
    grep -q "column f of $table: .*--skip-column f .*--raw" err || complain "$table: no way out is said" err
    table_as_was copy "$table" --skip-column f
    same_rows "$table without it" <(cut -f 1 "wanted/$table.copy") out
    table_as_was sql "$table" --raw
    load out "SQL of $table with bytes"
done
rescue 2 --before-lsn "$lsn" --database shop --table one --skip-column nobody
verdict "$major: types without a text are refused, and their ways out lead out" "$problems"

: >"$problems"
step=undo
# undone STATUS REGEX TABLE
undone() {
    rescue "$1" --before "$2" --format undo
    [ "$1" -ne 2 ] || return 0
    sql "$source" -1 -f out >psql.log 2>&1 || complain "what undoes $2" psql.log
    copy_back shop "public.$3"
}
undone 0 'UPDATE public\.undo_key' undo_key
same_rows 'undo by a key of two columns' wanted/undo_key.copy back.rows
undone 0 '(UPDATE|DELETE FROM) public\.undo_mixed' undo_mixed
same_rows 'undo of UPDATE and DELETE in one transaction' wanted/undo_mixed.copy back.rows
undone 0 'UPDATE public\.undo_unique' undo_unique
same_rows 'undo where another unique column was changed' wanted/undo_unique.copy back.rows
undone 0 'DELETE FROM public\.undo_delete' undo_delete
same_rows 'undo of DELETE' wanted/undo_delete.copy back.rows
copy_back shop public.undo_shift
mv back.rows shifted
undone 3 'UPDATE public\.undo_shift' undo_shift
same_rows 'rows whose key was changed stay' shifted back.rows
grep -q '2 rows are left out' err || complain 'rows whose key was changed are not counted' err
undone 2 'UPDATE public\.undo_without' undo_without
grep -q 'no primary key' err || complain 'a table without a key' err
verdict "$major: UPDATE and DELETE are undone" "$problems"

exit $((failures > 0))
