#!/usr/bin/env bash
# Values as text: tables of every type, read from a real server's files, against its COPY TO, byte for byte.
#
#   tests/servers/value.sh VALUE MAJOR      VALUE: the program that reads (value.c)
#
# MAJOR is 10 to 18, one of 32 bits as 18-i386, or 15-lz4: the distribution's server, which packs by lz4, where those of
# tools/pg-servers do not.
#
# The values are those of value.sql, with floats, numerics, times, addresses and jsonb made at random. With RECORD=1 the server's files and
# what it printed are written to tests/fixtures/value/MAJOR.tar.xz, with fewer random values, for those who have no server: see tests/cli/value.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

value=$(realpath "$1")
server=$2
major=${server%-*}

if ! use_major "${server%-lz4}"; then
    echo "ok - $server: values as text # SKIP $reason"
    exit 0
fi

if [[ $server == *-lz4 ]]; then
    server_native=/usr/lib/postgresql/$major
    if [ ! -x "$server_native/bin/postgres" ]; then
        echo "ok - $server: values as text # SKIP there is no $server_native/bin/postgres"
        exit 0
    fi
fi

work_in value wanted got
cluster=$work/cluster
[ "$server" = "$major" ] || unset PITR_CLUSTERS # they are of another server
make_cluster "$cluster" "$major" 16 <<<'autovacuum = off'
start_cluster "$cluster"
database=postgres
step=tables
lines_of_major "$here/value.sql" >value.sql
rows_min=10000
if [ -n "${RECORD:-}" ]; then
    sed -i -E 's/(1, [1238])000(\)( i)?;)/\10\2/; s/generate_series\((-1020|20), (1023|74)\)/generate_series(\1, \2, 9)/g; s/(1500|700)\) i;/99) i;/' value.sql
    sed -i -E 's/(1, 6\) i;)/1, 2) i;/; s/\(1, 3000\) j/(1, 400) j/; s/(1, )40(\) i, )/\15\2/; s/(1, )800\) i;/\150) i;/' value.sql
    rows_min=1500
fi
sql "$cluster" -f value.sql >tables.log 2>&1 || {
    fail "$server: the tables of value.sql" tables.log
    exit 1
}
if [[ $server == *-lz4 ]]; then
    packed=$(sql "$cluster" -c "SELECT count(*) FROM t_lz4 WHERE pg_column_compression(a) = 'lz4' AND pg_column_compression(b) = 'lz4'")
    [ "$packed" -ge 5 ] || fail "$server: only $packed rows are packed by lz4"
fi
sql "$cluster" -c 'VACUUM (FREEZE)' -c CHECKPOINT

step=dictionary
base_of="CASE t.typtype WHEN 'd' THEN t.typbasetype WHEN 'r' THEN (SELECT rngsubtype FROM pg_range WHERE rngtypid = t.oid)"
[ "$major" -lt 14 ] || base_of+=" WHEN 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = t.oid)"
base_of+=' ELSE 0 END'
{
    sql "$cluster" -F $'\t' -c "
        SELECT 'type', t.oid, typtype, typlen, typalign, typdelim, CASE typlen WHEN -1 THEN typelem ELSE 0 END, $base_of
            FROM pg_type t WHERE t.oid >= 16384" -c "
        SELECT 'column', c.reltype, c.oid, attnum, atttypid, attlen, attalign, attisdropped FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
            WHERE attnum > 0 AND (c.oid >= 16384 OR relname = 'pg_attribute') AND relkind IN ('r', 'c') ORDER BY attrelid, attnum" -c "
        SELECT 'label', enumtypid, oid, enumlabel FROM pg_enum" -c "
        SELECT 'name', t.oid, o.oid, CASE t.typname WHEN 'regclass' THEN o.oid::regclass::text WHEN 'regtype' THEN o.oid::regtype::text
            ELSE o.oid::regprocedure::text END
            FROM pg_type t, unnest(ARRAY[16, 1247, 1259, 1242]::oid[]) o(oid) WHERE t.typname IN ('regclass', 'regtype', 'regprocedure')
                AND CASE t.typname WHEN 'regclass' THEN o.oid::regclass::text WHEN 'regtype' THEN o.oid::regtype::text
                ELSE o.oid::regprocedure::text END <> o.oid::text" -c "
        SELECT 'attributes', pg_relation_filepath('pg_attribute'), reltype, attnum FROM pg_class c JOIN pg_attribute ON attrelid = c.oid
            WHERE c.oid = 1249 AND attname = 'attnum'" -c "
        SELECT 'table', relname, pg_relation_filepath(oid), reltype, COALESCE(pg_relation_filepath(NULLIF(reltoastrelid, 0)::regclass), '-')
            FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
} >dictionary

step=copy
mapfile -t tables < <(awk -F'\t' '$1 == "table" { print $2 }' dictionary)
for table in "${tables[@]}"; do
    sql "$cluster" -c "SET timezone = 'UTC'; SET datestyle = iso; SET intervalstyle = postgres; SET bytea_output = hex; SET extra_float_digits = 3" \
        -c "COPY $table TO STDOUT" >"wanted/$table"
done
stop_cluster "$cluster"

step=comparison
as_owner chmod -R go+rX "$cluster/data" 2>/dev/null || true
if ! "$value" "$server" "$cluster/data" got <dictionary >value.log 2>&1; then
    fail "$server: the program that reads" value.log
    exit 1
fi
rows=0
for table in "${tables[@]}"; do
    if cmp -s "wanted/$table" "got/$table"; then
        rows=$((rows + $(wc -l <"wanted/$table")))
    else
        diff -a "wanted/$table" "got/$table" | grep -a '^[<>]' | cut -c1-250 | head -n 20 >differences || true
        fail "$server: values of table $table (<: the server's)" differences
    fi
done
[ "$rows" -ge $rows_min ] || fail "$server: only $rows rows compared"
[ "$failures" -gt 0 ] || pass "$server: $rows rows of ${#tables[@]} tables are as COPY prints them"
if [ -n "${RECORD:-}" ] && [ "$failures" -eq 0 ]; then
    mkdir -p "$repository/tests/fixtures/value" recorded
    cp -r dictionary wanted recorded/
    while read -r file; do
        mkdir -p "recorded/data/${file%/*}"
        cp "$cluster/data/$file" "recorded/data/$file"
    done < <(awk -F'\t' '$1 == "attributes" { print $2 } $1 == "table" { print $3; if ($5 != "-") print $5 }' dictionary)
    tar -C recorded --sort=name --owner=0 --group=0 --mtime=2026-11-30 --mode=go+rX -cf - . | xz -9e >"$repository/tests/fixtures/value/$server.tar.xz"
fi
exit $((failures > 0))
