#!/usr/bin/env bash
# The catalogs of a database, read from the files of a stopped server by the dictionary of `rescue`, against what the server itself says of them.
#
#   tests/servers/dictionary.sh DICTIONARY MAJOR      DICTIONARY: the program that reads (dictionary.c)
#
# MAJOR is 10 to 18, or one of 32 bits as 18-i386. Twice: as they lie in the files, and out of a base backup from before, and the WAL.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

dictionary=$(realpath "$1")
server=$2
major=${server%-*}

if ! use_major "$server"; then
    echo "ok - $server: dictionary # SKIP $reason"
    exit 0
fi

work_in dictionary wanted got tablespace archive backup
cluster=$work/cluster
[ "$server" = "$major" ] || unset PITR_CLUSTERS # they are of another server
make_cluster "$cluster" "$major" 16 <<<"autovacuum = off
archive_mode = on
archive_command = 'cp %p $work/archive/%f'"
start_cluster "$cluster"
database=postgres
step=backup
sql "$cluster" -c 'CREATE DATABASE "Shop" TEMPLATE template0' -c 'CREATE DATABASE gone'
start="pg_backup_start('base', true)" stop='pg_backup_stop()'
[ "$major" -ge 15 ] || start="pg_start_backup('base', true, false)" stop='pg_stop_backup(false)'
sql "$cluster" >backup.log 2>&1 <<-SQL
	SELECT $start;
	\\! cp -a '$cluster/data/.' '$work/backup'
	CREATE TEMP TABLE stop AS SELECT * FROM $stop;
	\\t on
	\\o '$work/backup_label'
	SELECT labelfile FROM stop;
SQL
printf '%s\n' "$(cat backup_label)" >backup/backup_label
step=workload
# Lines of other majors are left out: --10+ is a line from 10 on, --16- one up to 16.
awk -v major="$major" '{
    while (match($0, /^--[0-9]+[+-] /)) {
        bound = substr($0, 3, RLENGTH - 4) + 0
        is_from = substr($0, RLENGTH - 1, 1) == "+"
        if (is_from ? major < bound : major > bound) next
        $0 = substr($0, RLENGTH + 1)
    }
    print
}' "$here/dictionary.sql" | sed "s|@TABLESPACE@|$work/tablespace|" >dictionary.sql
sql "$cluster" -f dictionary.sql >workload.log 2>&1 || {
    fail "$server: the statements of dictionary.sql" workload.log
    exit 1
}
database=Shop

step=questions
# What a major does not have is left out of the questions, as of the answers: 0, - or nothing.
since() { if [ "$major" -ge "$1" ]; then echo "$2"; else echo "$3"; fi; }
file="CASE WHEN relpersistence <> 't' AND pg_relation_filenode(c.oid) IS NOT NULL AND relkind = ANY ('{r,i,S,t,m}') THEN format('%s %s %s',
    COALESCE(NULLIF(reltablespace, 0), (SELECT dattablespace FROM pg_database WHERE datname = current_database())),
    CASE WHEN relisshared THEN 0::oid ELSE (SELECT oid FROM pg_database WHERE datname = current_database()) END, pg_relation_filenode(c.oid)) ELSE '' END"
is_array="t.typlen = -1 AND EXISTS (SELECT 1 FROM pg_type e WHERE e.typarray = t.oid)"
base="CASE typtype WHEN 'd' THEN typbasetype WHEN 'r' THEN (SELECT rngsubtype FROM pg_range WHERE rngtypid = t.oid)
    $(since 14 "WHEN 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = t.oid)" '') ELSE 0 END"
typname="CASE WHEN t.oid = ANY ('{bit,bpchar}'::regtype[]) THEN quote_ident(typname) WHEN typelem = ANY ('{bit,bpchar}'::regtype[]) AND $is_array
    THEN (SELECT quote_ident(e.typname) FROM pg_type e WHERE e.typarray = t.oid) || '[]' ELSE format_type(t.oid, -1) END"
{
    echo "\\o wanted/databases"
    echo "SELECT oid, dattablespace, encoding, datcollate, datctype, (datconnlimit = -2)::int, quote_ident(datname) || '|' FROM pg_database ORDER BY 1;"
    echo "\\o wanted/relations"
    echo "SELECT c.oid, format('%I.%I', nspname, relname), relkind, relpersistence, reltype, reltoastrelid, relam, reloftype, relispartition::int, relnatts, $file
        FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace ORDER BY c.oid;"
    echo "\\o wanted/columns"
    echo "SELECT attrelid, attnum, quote_ident(attname), atttypid, attlen, attalign, atttypmod, attcollation, attnotnull::int, atthasdef::int,
        COALESCE(NULLIF(attidentity, ''), '-'), $(since 12 "COALESCE(NULLIF(attgenerated, ''), '-')" "'-'"), attisdropped::int,
        CASE WHEN NOT attisdropped THEN format_type(atttypid, atttypmod) ELSE '' END,
        $(since 11 "COALESCE((attmissingval::text::text[])[1], '')" "''") FROM pg_attribute WHERE attnum > 0 ORDER BY attrelid, attnum;"
    echo "\\o wanted/types"
    echo "SELECT t.oid, typname, $typname, typnamespace, typrelid, typarray, typcollation, typcategory, typtypmod, typnotnull::int,
        typtype, typlen, typalign, typdelim, CASE WHEN $is_array THEN typelem ELSE 0 END, $base,
        COALESCE((SELECT relnatts FROM pg_class c WHERE c.oid = typrelid), 0) FROM pg_type t ORDER BY 1;"
    echo "\\o wanted/schemas"
    echo "SELECT oid, quote_ident(nspname) || '|' FROM pg_namespace ORDER BY 1;"
    echo "\\o wanted/labels"
    echo "SELECT enumtypid, oid, enumlabel FROM pg_enum ORDER BY 1, 2;"
} >questions.sql
sql "$cluster" -c "SET search_path = ''" -f questions.sql -c '\o' >questions.log 2>&1 || {
    fail "$server: the server cannot be asked" questions.log
    exit 1
}

step=catalogs
# Whole catalogs, as COPY prints them: all columns but those of types without a decoder; functions and operators by number.
sql "$cluster" -F ' ' -c "
    SELECT c.oid, relname, string_agg(CASE WHEN atttypid::regtype::text LIKE 'reg%' THEN format('COALESCE(NULLIF(%s::oid,0)::text,''-'')', attname) WHEN atttypid = 2277 THEN attname || '::text'
        ELSE attname END, ',' ORDER BY attnum), string_agg(attname, ' ' ORDER BY attnum)
    FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
    WHERE relkind = 'r' AND relnamespace = 'pg_catalog'::regnamespace AND (attnum > 0 $([ "$major" -gt 11 ] || echo "OR attname = 'oid'")) AND NOT attisdropped
        AND atttypid NOT IN (1033, 1034, 2277, 3361, 3402, 5017) AND c.oid < 10000
        AND relname NOT IN ('pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject', 'pg_largeobject_metadata', 'pg_shdepend')
    GROUP BY c.oid, relname ORDER BY c.oid" >catalogs
while read -r oid name columns _; do
    sql "$cluster" -c "SET search_path = ''; SET timezone = 'UTC'; SET extra_float_digits = 3" -c "COPY (SELECT $columns FROM pg_catalog.$name) TO STDOUT" |
        LC_ALL=C sort >"wanted/$oid"
done <catalogs
awk '{ $2 = $3 = ""; print }' catalogs >wanted-catalogs
end=$(sql "$cluster" -c "SELECT $([ "$major" -ge 10 ] && echo pg_current_wal_lsn || echo pg_current_xlog_location)()")
attributes=$(sql "$cluster" -c "SELECT pg_relation_filepath('pg_attribute')")
defaults=$(sql "$cluster" -c "SELECT pg_relation_filepath('pg_attrdef')")
sql "$cluster" -c 'SELECT pg_switch_wal()' >/dev/null
stop_cluster "$cluster"

step=comparison
as_owner chmod -R go+rX "$cluster/data" "$work/tablespace" 2>/dev/null || true
if [ ! -e "$cluster/data/backup_label" ]; then
    echo 'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)
CHECKPOINT LOCATION: 0/2000060
BACKUP METHOD: streamed
BACKUP FROM: primary
START TIME: 2026-11-30 00:00:00 UTC
LABEL: none' >"$cluster/data/backup_label"
fi
compared=0
compare() { # compare WHERE-FROM: what is in got with what is in wanted
    local file
    for file in wanted/*; do
        file=${file##*/}
        LC_ALL=C sort "wanted/$file" >"$file.wanted"
        LC_ALL=C sort "got/$file" >"$file.got"
        if cmp -s "$file.wanted" "$file.got"; then
            compared=$((compared + $(wc -l <"$file.wanted")))
        else
            diff -a "$file.wanted" "$file.got" | grep -a '^[<>]' | cut -c1-250 | head -n 20 >differences || true
            fail "$server: $file, $1 (<: the server's)" differences
        fi
    done
}
if ! "$dictionary" "$cluster/data" "$database" got <wanted-catalogs >dictionary.log 2>&1; then
    fail "$server: the program that reads files" dictionary.log
    exit 1
fi
compare 'out of files'
rm -f got/*
if ! "$dictionary" "$work/backup" "$database" got archive "$end" <wanted-catalogs >dictionary.log 2>&1; then
    fail "$server: the program that reads a backup and the WAL" dictionary.log
    exit 1
fi
compare 'out of the WAL'

# Catalogs that contradict what is known of them are refused, and so are those with pages that cannot be read.
step=damage
refuses() { # refuses WHAT WORDS
    local status=0
    "$dictionary" "$cluster/data" "$database" got <wanted-catalogs >dictionary.log 2>&1 || status=$?
    [ "$status" -eq 2 ] && grep -qE "$2" dictionary.log || fail "$server: $1" dictionary.log
}
attributes=$cluster/data/$attributes
cp "$attributes" attributes
sed -i 's/attisdropped/attisdroppeX/' "$attributes"
refuses 'a catalog with another column' 'has other columns than in PostgreSQL|are not known'
cp attributes "$attributes"
printf 'no page' | dd of="$cluster/data/$defaults" conv=notrunc bs=1 seek=10 status=none
refuses 'a page that is none' 'of all catalogs: doubt'
[ "$compared" -ge 30000 ] || fail "$server: only $compared lines compared"
[ "$failures" -gt 0 ] || pass "$server: $compared rows of $(wc -l <catalogs) catalogs are as the server tells them"
exit $((failures > 0))
