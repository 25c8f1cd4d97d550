#!/usr/bin/env bash
# Tables out of a base backup and an archive, without a server, against what the server itself had there.
#
#   tests/servers/rescue.sh PITR-FIND MAJOR      MAJOR 10 to 18, or 15-lz4: the distribution's server, which packs by lz4
#
# A base backup is taken while sessions write; tables of every kind (rescue.sql, those of value.sql and redo.sql) are then changed
# in every way (rescue-changes.sql, redo-workload.awk), and lost by one incident after another. Right before each one, when nothing
# else runs, COPY prints what the tables hold: that is what `rescue` has to print. What the server was restored to right before the
# first incident holds, is compared with both. With RECORD=1 a small backup, its WAL and what COPY printed are written to
# tests/fixtures/rescue/MAJOR.tar.xz, for those who have no server: see tests/cli/rescue.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

program=$(realpath "$1")
server=$2
major=${server%-*}

if ! use_major "$major"; then
    echo "ok - $server: rescue # SKIP $reason"
    exit 0
fi
if [[ $server == *-lz4 ]]; then
    server_native=/usr/lib/postgresql/$major
    if [ ! -x "$server_native/bin/postgres" ]; then
        echo "ok - $server: rescue # SKIP there is no $server_native/bin/postgres"
        exit 0
    fi
fi

work_in rescue archive space wanted got
source=$work/source copy=$work/copy backup=$work/backup tars=$work/tars wal=$work/wal problems=$work/problems
export LC_ALL=C

stop_background() {
    local pids
    mapfile -t pids < <(jobs -p)
    [ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
}

# ---- a server, its tables, and a backup while it is written to --------------------------------

# Every other major has checksums and so logs hints; the others pack images.
unset PITR_CLUSTERS
checksums='' compression=on
if [ $((major % 2)) -eq 0 ]; then
    checksums=1 compression=off initdb_options=(--data-checksums)
fi
segment=1
[ "$major" -ge 11 ] || segment=16
make_cluster "$source" "$major" "$segment" <<SETTINGS
wal_level = replica
archive_mode = on
archive_command = 'cp %p $work/archive/%f'
wal_compression = $compression
max_prepared_transactions = 10
max_wal_size = 4GB
checkpoint_timeout = 1h
autovacuum_naptime = 2s
synchronous_commit = off
timezone = 'UTC'
SETTINGS
start_cluster "$source"
step=tables
database=postgres sql "$source" -c 'CREATE DATABASE shop' -c 'CREATE DATABASE other' -c "CREATE TABLESPACE space LOCATION '$work/space'" \
    -c 'ALTER DATABASE shop SET client_min_messages = warning'
# fewer: of the tables that are recorded a tenth or less
fewer() { if [ -n "${RECORD:-}" ]; then sed -E 's/\(1, ([0-9]{3})00\) i/(1, \1) i/; s/\(1, ([0-9]+)0\) i/(1, \1) i/'; else cat; fi; }
if [ -n "${RECORD:-}" ]; then
    sql "$source" -c 'CREATE SCHEMA vals' -c 'CREATE TABLE vals.t_int AS SELECT generate_series(1, 10) i' -c 'CREATE TABLE vals.t_odd (a money, b regprocedure, c int)' \
        -c "INSERT INTO vals.t_odd VALUES ('1.5', 'now()', 3)" -c 'CREATE TABLE acc AS SELECT i AS id, md5(i::text) AS body FROM generate_series(1, 100) i' \
        -c 'CREATE TABLE wide AS SELECT * FROM acc'
else
{
    echo 'CREATE SCHEMA vals; SET search_path = vals;'
    lines_of_major "$here/value.sql"
    # What cannot be printed: it depends on settings of the server, or on other catalogs.
    echo 'CREATE TABLE public.money AS SELECT a, d FROM t_misc; ALTER TABLE t_misc DROP d, DROP i; ALTER TABLE t_nobody SET SCHEMA public; ALTER TABLE t_system DROP j;'
} | sql "$source" >tables.log 2>&1
sql "$source" -f "$here/redo.sql" >>tables.log 2>&1
fi
lines_of_major "$here/rescue.sql" | fewer | sql "$source" >>tables.log 2>&1
database=other sql "$source" -c 'CREATE TABLE stock (id int PRIMARY KEY, body text)' -c "INSERT INTO stock SELECT i, md5(i::text) FROM generate_series(1, 1000) i" \
    -c 'CREATE TABLE second (id int)' -c 'INSERT INTO second SELECT generate_series(1, 10)'

# In what is recorded nothing else runs.
write() { # write SEED STATEMENTS: sessions that change the tables of redo.sql, each with a seed of its own
    local session pids=()
    [ -z "${RECORD:-}" ] || return 0
    for session in 1 2; do
        awk -v seed="$1$session" -v session="$session" -v n="$2" -f "$here/redo-workload.awk" >"work$session.sql"
        sql "$source" -v ON_ERROR_STOP=0 -f "work$session.sql" >"work$session.out" 2>"work$session.err" &
        pids+=($!)
    done
    wait "${pids[@]}" || true
}

# As pg_basebackup leaves it. Sets $backup_start and $backup_stop.
take_backup() {
    local start="pg_backup_start('base', true)" stop='pg_backup_stop()'
    [ "$major" -ge 15 ] || { start="pg_start_backup('base', true, false)" stop='pg_stop_backup(false)'; }
    mkdir "$backup" "$backup/space"
    give_to_owner "$backup"
    sql "$source" >backup.stop 2>backup.log <<SQL
\o /dev/null
SELECT $start;
\! cp -a '$source/data' '$backup/data' 2>>backup.log
\! cp -a '$work/space/.' '$backup/space' 2>>backup.log
\o '$work/backup_label'
CREATE TEMP TABLE stop AS SELECT * FROM $stop;
SELECT labelfile FROM stop;
\o
SELECT lsn FROM stop;
SQL
    backup_stop=$(cat backup.stop)
    backup_start=$(sed -n 's/^START WAL LOCATION: \([0-9A-F/]*\) .*/\1/p' backup_label)
    printf '%s\n' "$(cat backup_label)" >"$backup/data/backup_label"
    rm -rf "$backup"/data/postmaster.* "$backup"/data/pg_wal/* "$backup"/data/pg_replslot/*
    ln -sfn "$backup/space" "$backup"/data/pg_tblspc/*
    give_to_owner "$backup/data"
}

# base.tar and an archive of the tablespace, on every third major packed: by pg_basebackup where there is one for that server.
take_tars() {
    local options=(-X none -c fast -F t -D "$tars") pack='' client space
    [ $((major % 3)) -ne 0 ] || options+=(-z) pack=.gz
    mkdir "$tars"
    client=$(client_folder)/pg_basebackup
    if [ -x "$client" ] && [[ $("$client" --version) =~ \ ([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge "$major" ]; then
        "$client" -h "$source" -p "$port" -U postgres "${options[@]}" >tars.log 2>&1
    else
        space=$(basename "$backup"/data/pg_tblspc/*)
        echo "$space $work/space" >tablespace_map
        tar --exclude='pg_tblspc/*' --exclude=./backup_label -caf "$tars/base.tar$pack" -C "$work" backup_label tablespace_map -C "$backup/data" .
        tar -C "$backup/space" -caf "$tars/$space.tar$pack" .
    fi
    tars_base=$tars/base.tar$pack
}

step='workload, and a backup in the middle of it'
write 1 1500 &
writer=$!
nap 1
take_backup
wait "$writer"
step='a second backup, of tar archives, and changes after the first one'
write 2 1500 &
writer=$!
take_tars
lines_of_major "$here/rescue-changes.sql" | fewer | sql "$source" >changes.log 2>&1
wait "$writer"

# ---- incidents -------------------------------------------------------------------------------

# Settings of pg_dump, in which the program prints values.
settings="SET timezone = 'UTC'; SET datestyle = iso; SET intervalstyle = postgres; SET bytea_output = hex; SET extra_float_digits = 3; SET search_path = ''"

# quoted NAME: the file name SCHEMA.NAME as SQL
relations="SELECT format('%I.%I', nspname, relname), nspname || '.' || relname, relkind FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'm') AND relpersistence = 'p' AND nspname !~ '^pg_|^information_schema'"

# copy_tables CLUSTER FOLDER CONDITION: what COPY prints of each table for which CONDITION on pg_class c and nspname holds, in a file SCHEMA.NAME each
copy_tables() {
    local name file kind
    mkdir -p "$2"
    {
        echo "$settings;"
        sql "$1" -F $'\t' -c "$relations AND $3 ORDER BY 1" | while IFS=$'\t' read -r name file kind; do
            [ "$kind" = r ] || name="(SELECT * FROM $name)"
            echo "COPY $name TO STDOUT \\g '$2/$file'"
        done
    } | sql "$1"
}

# copy_query CLUSTER FILE QUERY [OPTIONS]
copy_query() { sql "$1" -c "$settings" -c "COPY ($3) TO STDOUT ${4:-}" >"$2"; }

# right_before NAME CONDITION: notes what those tables hold, and where and when that is. Nothing else runs.
declare -A lsn xid time
right_before() {
    step="incident $1"
    copy_tables "$source" "wanted/$1" "$2"
    lsn[$1]=$(sql "$source" -c 'SELECT pg_current_wal_insert_lsn()')
    nap 0.01
    time[$1]=$(sql "$source" -c 'SELECT clock_timestamp()')
    nap 0.01
}

# incident NAME SQL: in one transaction
incident() { xid[$1]=$(sql "$source" -c BEGIN -c 'SELECT txid_current()' -c "$2" -c COMMIT | head -n 1); }

# describe CLUSTER QUOTED-TABLE: columns, keys, and sequences of a table, as far as `--format sql` makes them anew
describe() {
    local sequence
    sql "$1" -c "SELECT attname, format_type(atttypid, atttypmod), attnotnull, attidentity FROM pg_attribute WHERE attrelid = '$2'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum" \
        -c "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '$2'::regclass AND contype IN ('p', 'u') ORDER BY 1" \
        -c "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = '$2'::regclass AND pg_get_expr(adbin, adrelid) ~ '^nextval' ORDER BY 1"
    sql "$1" -c "SELECT objid::regclass FROM pg_depend WHERE refobjid = '$2'::regclass AND deptype IN ('a', 'i') AND classid = 'pg_class'::regclass AND objid IN (SELECT oid FROM pg_class WHERE relkind = 'S')" |
        while read -r sequence; do sql "$1" -c "SELECT '$sequence', last_value, is_called FROM $sequence"; done
}

step='first incident'
sql "$source" -c "SELECT pg_create_restore_point('before the drop')" >/dev/null
right_before drop true
for format in csv json; do mkdir "wanted/$format"; done
copy_query "$source" wanted/csv/sales.item 'SELECT * FROM sales.item' '(FORMAT csv, HEADER)'
copy_query "$source" wanted/csv/sales.orders 'SELECT * FROM sales.orders' '(FORMAT csv, HEADER)'
sql "$source" -c "SELECT json_build_object('id', id, 'name', name, 'price', price, 'is_sold', is_sold, 'doc', doc, 'noted', noted::text, 'note', note) FROM sales.item" |
    jq -cS . | sort >wanted/json/sales.item
incident drop 'DROP TABLE acc'

right_before truncate "c.oid IN ('public.wide'::regclass, 'sales.refilled'::regclass)"
incident truncate 'TRUNCATE wide, sales.refilled'

right_before delete_all "relname = 'Bestellung é'"
incident delete_all 'DELETE FROM sales."Bestellung é"'

right_before delete_some "c.oid = 'sales.item'::regclass"
copy_query "$source" wanted/deleted 'SELECT * FROM sales.item WHERE id % 3 = 0'
incident delete_some 'DELETE FROM sales.item WHERE id % 3 = 0'

right_before update_all "c.oid = 'sales.customers'::regclass"
incident update_all "UPDATE sales.customers SET name = 'x' || id, home = NULL, tags = NULL, since = since - '1 day'::interval"

right_before update_some "c.oid IN ('sales.toasts'::regclass, 'sales.item'::regclass)"
copy_query "$source" wanted/updated 'SELECT * FROM sales.toasts WHERE id % 4 = 0'
incident update_some "UPDATE sales.toasts SET packed = 'lost', outside = NULL WHERE id % 4 = 0"

right_before changed "c.oid = 'sales.changed'::regclass"
copy_query "$source" wanted/changed_deleted 'SELECT * FROM sales.changed WHERE id < 50'
copy_query "$source" wanted/changed_updated 'SELECT * FROM sales.changed WHERE id BETWEEN 20 AND 60'
incident changed '
    INSERT INTO sales.changed SELECT i, 1 FROM generate_series(1000, 1100) i;
    SAVEPOINT a; DELETE FROM sales.changed; ROLLBACK TO a;
    UPDATE sales.changed SET n = 5 WHERE id BETWEEN 20 AND 60;
    SAVEPOINT b; UPDATE sales.changed SET n = n + 1 WHERE id BETWEEN 55 AND 60 OR id > 1090; RELEASE b;
    DELETE FROM sales.changed WHERE id < 50 OR id > 1050'

copy_query "$source" wanted/locked 'SELECT * FROM sales.locked WHERE id BETWEEN 100 AND 350'
incident locked 'UPDATE sales.locked SET n = n + 1 WHERE id BETWEEN 100 AND 350'

incident prepared "SAVEPOINT a; DELETE FROM sales.prepared WHERE id > 100; RELEASE a; PREPARE TRANSACTION 'incident'" 2>/dev/null
sql "$source" -c 'UPDATE sales.prepared SET n = 9 WHERE id < 50' -c CHECKPOINT
copy_query "$source" wanted/prepared 'SELECT * FROM sales.prepared WHERE id > 100'
sql "$source" -c "COMMIT PREPARED 'incident'"

incident rewritten 'ALTER TABLE sales.rewritten ALTER n TYPE bigint; DELETE FROM sales.rewritten WHERE id > 300'

if [ "$major" -ge 11 ]; then
    copy_query "$source" wanted/to_other_partition "SELECT * FROM sales.measures_low WHERE day < '2026-01-10'"
    incident to_other_partition "UPDATE sales.measures SET day = '2026-02-10', kind = 'b' WHERE day < '2026-01-10'"
fi

right_before schema "nspname = 'vals'"
incident schema 'DROP SCHEMA vals CASCADE'

right_before parted "relname ~ '^measures'"
incident parted 'DROP TABLE sales.measures'

right_before matview "c.oid = 'sales.totals'::regclass"
incident matview 'DROP MATERIALIZED VIEW sales.totals'

right_before mixed "c.oid IN ('sales.kept'::regclass, 'sales.lost'::regclass, 'sales.large'::regclass)"
incident mixed "
    UPDATE sales.lost SET body = 'by the same transaction' WHERE id < 100;
    DELETE FROM sales.lost WHERE id BETWEEN 100 AND 200;
    INSERT INTO sales.lost VALUES (1000, 'by the same transaction');
    SAVEPOINT a; DROP TABLE sales.kept; DELETE FROM sales.large; ROLLBACK TO a;
    INSERT INTO sales.kept VALUES (1000, 'x');
    SAVEPOINT b; DROP TABLE sales.lost; RELEASE b"

database=other right_before database true
database=other describe "$source" stock >wanted/stock
other=$(sql "$source" -c "SELECT oid FROM pg_database WHERE datname = 'other'")
database=postgres sql "$source" -c 'DROP DATABASE other'

step='end of the WAL'
shop=$(sql "$source" -c "SELECT oid FROM pg_database WHERE datname = 'shop'")
quiet=$(sql "$source" -c "SELECT pg_relation_filepath('sales.quiet')")
one=$(sql "$source" -c "SELECT pg_relation_filepath('sales.one')")
[ -n "${RECORD:-}" ] || truncate -s 200M "$backup/data/$(sql "$source" -c "SELECT pg_relation_filepath('sales.ballast')")"
sql "$source" -c "INSERT INTO sales.empty VALUES (1, 'after all')"
last=$(sql "$source" -c 'SELECT pg_walfile_name(pg_switch_wal())')
wait_until 'archiving' "$source" "SELECT last_archived_wal >= '$last' FROM pg_stat_archiver"
mkdir "$wal"
for file in archive/0*; do
    if [[ ! ${file##*/} > $last ]]; then ln "$file" "$wal/"; fi
done

# ---- the server, restored to right before the first incident -----------------------------------

step=restore
cp -a "$backup" "$copy"
ln -sfn "$copy/space" "$copy"/data/pg_tblspc/*
conf=postgresql.auto.conf
[ "$major" -ge 12 ] || conf=recovery.conf
cat >>"$copy/data/$conf" <<SETTINGS
restore_command = 'cp $wal/%f %p'
recovery_target_xid = '${xid[drop]}'
recovery_target_inclusive = 'false'
recovery_target_action = 'promote'
SETTINGS
[ "$major" -lt 12 ] || touch "$copy/data/recovery.signal"
cat >>"$copy/data/postgresql.conf" <<SETTINGS
unix_socket_directories = '$copy'
archive_mode = off
hot_standby = on
SETTINGS
[ "$EUID" -ne 0 ] || chown postgres: "$copy/data/$conf" "$copy"/data/recovery.*
start_cluster "$copy"
# A server that pauses there holds the lock that the DROP takes.
wait_until 'end of recovery' "$copy" 'SELECT NOT pg_is_in_recovery()'
copy_tables "$copy" restored true
mkdir restored.schema
for table in sales.customers sales.orders sales.item sales.late sales.columns 'sales."Bestellung é"'; do
    describe "$copy" "$table" >"restored.schema/$table"
done
stop_cluster "$copy" immediate
rm -rf "$copy"

# sorted FILE...: what COPY printed, without the order of rows
sorted() { cat "$@" | sort; }

# same_rows WHAT WANTED GOT: files of COPY
same_rows() {
    if [ ! -e "$2" ] || [ ! -e "$3" ]; then
        echo "$1: there is no $2 or no $3" >>"$problems"
    elif ! cmp -s <(sorted "$2") <(sorted "$3"); then
        {
            echo "$1: $(wc -l <"$3") lines, and not the $(wc -l <"$2") of the server (<):"
            diff -a <(sorted "$2") <(sorted "$3") | grep -a '^[<>]' | cut -c1-250 | head -n 6 || true
        } >>"$problems"
    fi
}

: >"$problems"
tables=0 rows=0
for file in wanted/drop/*; do
    same_rows "${file##*/}" "$file" "restored/${file##*/}"
    tables=$((tables + 1)) rows=$((rows + $(wc -l <"$file")))
done
[ "$tables" -ge "$([ -n "${RECORD:-}" ] && echo 30 || echo 45)" ] || echo "only $tables tables" >>"$problems"
verdict "$server: the restored server has the $rows rows of $tables tables that the first one had" "$problems"

# ---- what is recorded --------------------------------------------------------------------------

# Left out are indexes and maps, and the rows of large catalogs that the program does not ask for.
record() {
    local file name first
    first=$(sql "$source" -c "SELECT pg_walfile_name('$backup_start')")
    mkdir -p recorded
    cp -a "$backup" recorded/backup
    ln -sfn ../../space recorded/backup/data/pg_tblspc/*
    cp -r wal wanted recorded/
    for name in lsn xid time; do
        declare -n facts=$name
        for file in "${!facts[@]}"; do printf '%s_%s=%q\n' "$name" "$file" "${facts[$file]}"; done
    done >recorded/facts
    printf '%s=%q\n' backup_start "$backup_start" backup_stop "$backup_stop" quiet "$quiet" one "$one" >>recorded/facts
    sort -o recorded/facts recorded/facts
    {
        sql "$source" -c "SELECT 'base/' || d || pg_relation_filenode(oid) FROM pg_class, unnest('{$shop/,$other/}'::text[]) d WHERE oid < 16384 AND NOT relisshared AND relkind = 'i'"
        sql "$source" -c "SELECT 'global/' || pg_relation_filenode(oid) FROM pg_class WHERE relisshared AND relkind = 'i'"
        (cd "$backup/data" && ls base/*/[0-9]*_* global/[0-9]*_*)
    } | (cd recorded/backup/data && xargs rm -f)
    sql "$source" -c "SELECT 'base/' || d || pg_relation_filenode(oid) FROM pg_class, unnest('{$shop/,$other/}'::text[]) d WHERE oid < 16384 AND relname IN
        ('pg_description', 'pg_rewrite', 'pg_collation', 'pg_toast_2609', 'pg_toast_2618')" | (cd recorded/backup/data && xargs truncate -s 0)
    for file in recorded/backup/data/base/*; do
        [ "${file##*/}" -ge 16384 ] || rm -r "$file"
    done
    for file in recorded/wal/*; do [[ ! ${file##*/} < $first ]] || rm "$file"; done
    mkdir -p "$repository/tests/fixtures/rescue"
    tar -C recorded --sort=name --owner=0 --group=0 --mtime=2026-11-30 --mode=go+rX -cf - . | xz -9e >"$repository/tests/fixtures/rescue/$server.tar.xz"
}
if [ -n "${RECORD:-}" ]; then
    record
    exit $((failures > 0))
fi

# ---- what the program gets out of the backup and the WAL ----------------------------------------

base=$backup/data

# rescue STATUS ARG...: what it prints goes to the files out and err
rescue() {
    local wanted=$1 status=0
    shift
    "$program" rescue --backup "$base" "$@" "$wal" >out 2>err || status=$?
    [ "$status" -eq "$wanted" ] || complain "rescue $*: status $status, not $wanted" err
}

# so_far NAME: the test of that name ends here
so_far() {
    verdict "$1" "$problems"
    : >"$problems"
}

complain() { # complain WHAT FILE
    echo "$1"
    tail -n 4 "$2" | cut -c1-300
} >>"$problems"

# sql_name FILE: of SCHEMA.NAME
sql_name() { sql "$source" -c "SELECT format('%I.%I', split_part(\$\$$1\$\$, '.', 1), substr(\$\$$1\$\$, strpos(\$\$$1\$\$, '.') + 1))"; }

# same_tables FOLDER: each file of it in the folder got
same_tables() {
    local file n=0
    mkdir -p "got/$1"
    for file in "wanted/$1"/*; do
        same_rows "$1: ${file##*/}" "$file" "got/$1/${file##*/}.copy"
        n=$((n + 1))
    done
    [ "$n" -eq "$(ls "got/$1" | wc -l)" ] || echo "$1: not $n files: $(ls "got/$1" | tr '\n' ' ')" >>"$problems"
}

step='single tables'
tables=0
for file in wanted/drop/*; do
    name=${file##*/}
    [[ $name != vals.* && $name != public.money && $name != *.t_nobody ]] || continue
    rescue 0 --before-xid "${xid[drop]}" --database shop --table "$(sql_name "$name")" --format copy
    same_rows "$name" "$file" out
    tables=$((tables + 1))
done
so_far "$server: each of $tables tables is as it was"

step='forms of WHEN'
for at in "--before-xid ${xid[drop]}" "--before-lsn ${lsn[drop]}" "--before-time ${time[drop]}" '--restore-point before the drop'; do
    rescue 0 "${at%% *}" "${at#* }" --database shop --table sales.orders --format copy
    same_rows "${at%% *}" wanted/drop/sales.orders out
done
rescue 0 --before 'DROP TABLE public\.acc' --format copy
same_rows acc wanted/drop/public.acc out
rescue 0 --before 'DROP TABLE public\.acc' --table sales.toasts --format copy
same_rows 'another table' wanted/drop/sales.toasts out
so_far "$server: all ways to say before what"

step='what incidents took'
# taken INCIDENT REGEX [OPTION]...: all tables of it
taken() {
    local name=$1
    rescue 0 --before "$2" --output "got/$name" --format copy "${@:3}"
    [ ! -s out ] || echo "$name: something on stdout" >>"$problems"
    same_tables "$name"
}
taken truncate 'TRUNCATE TABLE'
taken schema 'DROP SCHEMA vals'
taken parted 'DROP TABLE sales\.measures$'
taken matview 'DROP MATERIALIZED VIEW'
taken database 'DROP DATABASE other'
rescue 0 --before 'DROP TABLE sales\.lost' --format copy
same_rows 'lost with other changes' wanted/mixed/sales.lost out
rescue 0 --before-xid "${xid[mixed]}" --database shop --table sales.kept --format copy
same_rows 'kept with other changes' wanted/mixed/sales.kept out
rescue 0 --before-xid "${xid[mixed]}" --database shop --table sales.large --format copy
same_rows 'large' wanted/mixed/sales.large out
rescue 0 --before-lsn "${lsn[database]}" --database other --table stock --format copy
same_rows 'of the other database' wanted/database/public.stock out
so_far "$server: what DROP and TRUNCATE took"

rescue 0 --before 'DELETE FROM sales\."Bestellung é"' --format copy
same_rows 'DELETE of all' 'wanted/delete_all/sales.Bestellung é' out
rescue 0 --before 'DELETE FROM sales\.item' --format copy
same_rows 'DELETE of some' wanted/deleted out
rescue 0 --before 'DELETE FROM sales\.item' --all --format copy
same_rows 'DELETE of some, all' wanted/delete_some/sales.item out
rescue 0 --before 'UPDATE sales\.customers' --format copy
same_rows 'UPDATE of all' wanted/update_all/sales.customers out
rescue 0 --before 'UPDATE sales\.toasts' --format copy
same_rows 'UPDATE of some' wanted/updated out
rescue 0 --before 'UPDATE sales\.toasts' --all --format copy
same_rows 'UPDATE of some, all' wanted/update_some/sales.toasts out
so_far "$server: the rows that DELETE and UPDATE took"

rescue 0 --before 'DELETE FROM sales\.changed' --format copy
same_rows 'deleted in the end' wanted/changed_deleted out
rescue 0 --before 'UPDATE sales\.changed' --format copy
same_rows 'updated, and deleted later' wanted/changed_updated out
rescue 0 --before-xid "${xid[changed]}" --all --format copy
same_rows 'all of what was changed' wanted/changed/sales.changed out
rescue 0 --before 'UPDATE sales\.locked' --format copy
same_rows 'locked by others' wanted/locked out
rescue 0 --before 'DELETE FROM sales\.prepared' --format copy
same_rows 'deleted by a prepared transaction' wanted/prepared out
# Of a row that was rewritten first there is no version that the transaction removed.
rescue 3 --before 'DELETE FROM sales\.rewritten' --format copy
grep -q rewrote err || complain 'a table that the transaction rewrote, too: no word of it' err
if [ "$major" -ge 11 ]; then
    rescue 0 --before-xid "${xid[to_other_partition]}" --output got/moved --format copy
    same_rows 'moved to another partition' wanted/to_other_partition got/moved/sales.measures_low.copy
fi
so_far "$server: rows that were changed more than once, locked, prepared, or moved"

step='backup of tar archives'
plain=$base
for base in "$tars" "$tars_base"; do
    for name in sales.toasts sales.in_space sales.moved_space; do
        rescue 0 --before-xid "${xid[drop]}" --database shop --table "$name" --format copy
        same_rows "$name" "wanted/drop/$name" out
    done
done
base=$plain
so_far "$server: out of tar archives"

step='SQL'
# loaded STATUS-OF-RESCUE ARG...: what it prints is run in an empty database
loaded() {
    local error=''
    rescue "$@" --format sql
    database=postgres sql "$source" -c 'SET client_min_messages = warning' -c 'DROP DATABASE IF EXISTS back' -c 'CREATE DATABASE back TEMPLATE template0'
    database=back sql "$source" -1 -f out >psql.log 2>&1 || error=1
    [ -z "$error" ] || complain "psql with what rescue ${*:2} prints" psql.log
    rm -rf back
    database=back copy_tables "$source" back true
}
for table in sales.customers sales.orders sales.item sales.late sales.columns 'sales."Bestellung é"'; do
    loaded 0 --before-xid "${xid[drop]}" --database shop --table "$table"
    same_rows "SQL of $table" "wanted/drop/${table//\"/}" "back/${table//\"/}"
    database=back describe "$source" "$table" >described 2>&1 || true
    diff "restored.schema/$table" described >different || complain "definition of $table" different
done
loaded 0 --before 'DROP SCHEMA vals'
rm wanted/schema/vals.t_xml # a server's own COPY does not bring it back: of two first newlines one is lost each time
for file in wanted/schema/*; do same_rows "SQL of ${file##*/}" "$file" "back/${file##*/}"; done
loaded 0 --before 'DROP DATABASE other' --table stock --into '"Größe".anew'
same_rows 'another name' wanted/database/public.stock 'back/Größe.anew'
so_far "$server: SQL makes the tables anew"

step='other formats'
for name in sales.item sales.orders; do
    rescue 0 --before-xid "${xid[drop]}" --database shop --table "$name" --format csv
    same_rows "CSV of $name" "wanted/csv/$name" out
done
rescue 0 --before-xid "${xid[drop]}" --database shop --table sales.item --format json
jq -cS '{id, name, price, is_sold, doc, noted, note}' out >json 2>&1 || complain 'JSON of sales.item' json
same_rows 'JSON of sales.item' wanted/json/sales.item json

# undone TABLE WANTED [SQL-BEFORE]: what was printed is run in the server where the rows were lost
undone() {
    { echo "$settings; BEGIN; ${3:-}"; cat out; echo "; COPY $1 TO STDOUT \g back.rows"; echo 'ROLLBACK;'; } >undo.sql
    rm -f back.rows
    sql "$source" -f undo.sql >psql.log 2>&1 || complain "psql with statements for $1" psql.log
    same_rows "statements for $1" "$2" back.rows
}
rescue 0 --before 'DELETE FROM sales\.item' --format insert
undone sales.item wanted/delete_some/sales.item
rescue 0 --before 'UPDATE sales\.customers' --format undo
undone sales.customers wanted/update_all/sales.customers
rescue 0 --before 'UPDATE sales\.toasts' --format undo
undone sales.toasts wanted/update_some/sales.toasts
rescue 0 --before-xid "${xid[drop]}" --database shop --table sales.orders --format insert
undone sales.orders wanted/drop/sales.orders 'DELETE FROM sales.orders;'
so_far "$server: CSV, JSON, INSERT and UPDATE"

step='doubt'
# some_rows WHAT WANTED GOT: fewer than wanted, and none that is not among them
some_rows() {
    local more
    more=$(comm -13 <(sorted "$2") <(sorted "$3") | wc -l)
    if [ "$more" -gt 0 ] || [ "$(wc -l <"$3")" -ge "$(wc -l <"$2")" ]; then
        echo "$1: $(wc -l <"$3") rows, $more of them wrong, of $(wc -l <"$2")" >>"$problems"
    fi
}
if [ -n "$checksums" ]; then
    # flip FILE OFFSET: in a backup that shares all other files with the first one
    flip() {
        local byte
        rm -rf flipped
        cp -al "$plain" flipped
        rm "flipped/$1"
        cp "$plain/$1" "flipped/$1"
        byte=$(od -An -tu1 -j "$2" -N 1 "flipped/$1")
        printf "\\x$(printf %x $((byte ^ 255)))" | dd of="flipped/$1" bs=1 seek="$2" conv=notrunc status=none
    }
    base=flipped
    flip "$quiet" $((3 * 8192 + 8000))
    rescue 3 --before-xid "${xid[drop]}" --database shop --table sales.quiet --format copy
    some_rows 'a damaged page' wanted/drop/sales.quiet out
    grep -q checksum err || complain 'a damaged page: no word of a checksum' err
    rescue 2 --before-xid "${xid[drop]}" --database shop --table sales.quiet --format copy --strict
    [ ! -s out ] || echo 'something on stdout with --strict' >>"$problems"
    rescue 0 --before-xid "${xid[drop]}" --database shop --table sales.item --format copy
    same_rows 'a table without the damaged page' wanted/drop/sales.item out
    flip "$one" 8000
    rescue 0 --before-xid "${xid[drop]}" --database shop --table sales.one --format copy
    same_rows 'a damaged page that the WAL has whole' wanted/drop/sales.one out
    base=$plain
fi
# A segment between backup and incident is lost.
mkdir gap
ln "$wal"/* gap/
middle=$(lsn_text $((($(lsn_number "$backup_stop") + $(lsn_number "${lsn[drop]}")) / 2)))
rm "gap/$(sql "$source" -c "SELECT pg_walfile_name('$middle')")"
whole=$wal wal=gap
rescue 3 --before-xid "${xid[drop]}" --database shop --table sales.orders --format copy
grep -q 'segment .* is missing' err || complain 'a gap: no word of it' err
rescue 2 --before-xid "${xid[drop]}" --database shop --table sales.orders --format copy --strict
[ ! -s out ] || echo 'a gap: something on stdout with --strict' >>"$problems"
rescue 2 --before 'DELETE FROM sales\.item' --format copy # what it took is not known
[ ! -s out ] || echo 'a gap: something on stdout for DELETE' >>"$problems"
wal=$whole
rescue 2 --before-lsn "$backup_start" --database shop --table sales.orders --format copy
[ ! -s out ] || echo 'a target before the end of the backup: something on stdout' >>"$problems"
rescue 2 --before-xid "${xid[drop]}" --database shop --table money --format copy
grep -q 'skip-column d ' err || complain 'money: no word of --skip-column' err
rescue 0 --before-xid "${xid[drop]}" --database shop --table money --format copy --skip-column d
same_rows 'money left out' <(cut -f1 wanted/drop/public.money) out
rescue 1 --before-xid "${xid[drop]}" --database shop --table sales.no_such --format copy
rescue 3 --before-xid "${xid[drop]}" --database shop --table sales.scratch --format copy
[ ! -s out ] || echo 'rows of an unlogged table' >>"$problems"
grep -qi unlogged err || complain 'an unlogged table: no word of it' err
# Without a backup: no more than the WAL proves.
for name in sales.late sales.refilled; do
    status=0
    "$program" rescue --before-xid "${xid[drop]}" --database shop --table "$name" --format copy "$wal" >out 2>err || status=$?
    [ "$status" -eq 3 ] || [ "$status" -eq 2 ] || complain "without a backup: status $status" err
    [ "$(comm -13 <(sorted "wanted/drop/$name") <(sorted out) | wc -l)" -eq 0 ] || complain 'without a backup: rows that were not there' out
done
so_far "$server: what cannot be known is not told"

step='bytes read'
# What the program reads of files, in its own count.
cat >counted.py <<'PYTHON'
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
with open(f"/proc/{child.pid}/io") as counters:
    print(next(line.split()[1] for line in counters if line.startswith("rchar:")))
PYTHON
read_bytes=$(python3 counted.py "$program" rescue --backup "$base" --before-xid "${xid[drop]}" --database shop --table sales.item --format copy "$wal")
wal_bytes=$(cat "$wal"/* | wc -c)
[ "$read_bytes" -gt 0 ] && [ "$read_bytes" -lt $((2 * wal_bytes + 60000000)) ] || echo "$read_bytes bytes, with $wal_bytes of WAL" >>"$problems"
so_far "$server: of another table's 200 MB nothing is read: $((read_bytes / 1000000)) MB in all, with $((wal_bytes / 1000000)) MB of WAL"
exit $((failures > 0))
