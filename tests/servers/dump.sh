#!/usr/bin/env bash
# Records described, on WAL that has as many record types as a server makes without luck.
#
#   tests/servers/dump.sh PITR-FIND MAJOR      MAJOR 15 to 18
#
# Proves that
# - `dump --format json` tells of every record, in every column, what pg_get_wal_records_info() of the server's own
#   pg_walinspect tells of it, over two timelines;
# - `dump --save-fullpage` writes the pages that pg_get_wal_block_info() gives, byte for byte (16 to 18);
# - `stats --by image` sums images up by cause as their pages prove: one that is logged at its first change after a checkpoint has an LSN up to
#   the checkpoint's redo point (16 to 18);
# - the lines of `dump`, and `stats --format waldump`, are byte for byte those of pg_waldump (15);
# - `stats --by relation` calls files what the server calls them, at three moments of that WAL.
# The server is started three times: with pages in full, with changes alone, and with pages to be compared with.
# Servers before 15 have no pg_walinspect and bring no pg_waldump, so nothing tells what their records say: they are left
# out here. tests/cli/dump.sh compares what `dump` prints of their WAL with recordings.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

pitr_find=$1
major=$2

if ! use_major "$major"; then
    echo "ok - $major: records described # SKIP $reason"
    exit 0
fi

work_in dump tablespace segments
source=$work/source
problems=$work/problems
database=postgres
export TZ=UTC LC_ALL=C

# ---- the WAL -------------------------------------------------------------------------------

segment=1 pruning='PRUNE VACUUM FREEZE_PAGE'
[ "$major" -lt 17 ] || pruning='PRUNE_ON_ACCESS PRUNE_VACUUM_SCAN PRUNE_VACUUM_CLEANUP'
compression=on # of the server's methods it is pglz alone that these are built with
case $major in
16) segment=16 compression=off ;;
17) segment=2 ;;
18) segment=4 compression=off ;;
esac

make_cluster "$source" "$major" "$segment" <<SETTINGS
track_commit_timestamp = on
max_prepared_transactions = 10
max_wal_size = 4GB
wal_keep_size = 4GB
autovacuum = off
timezone = UTC
wal_compression = $compression
SETTINGS

# start NAME < SETTINGS: the server, with them.
start() {
    step="start of $1"
    cat >>"$source/data/postgresql.conf"
    start_cluster "$source"
}

# raise NAME LOGICAL: all the records of dump.sql
raise() {
    step="records of $1"
    sql "$source" -v life="$1" -v logical="$2" -v tablespace="$work/tablespace" -f "$here/dump.sql" >"$work/$1.log" 2>&1 || exit
}

# ask_names LIFE: what is in each file that is there now, in all databases that let anyone in: names.LIFE; and from where on: lsn.LIFE.
ask_names() {
    step="names of $1"
    for database in $(sql "$source" -c 'SELECT datname FROM pg_database WHERE datallowconn'); do
        sql "$source" <<SQL
COPY (SELECT format('%s/%s/%s', CASE c.reltablespace WHEN 0 THEN d.dattablespace ELSE c.reltablespace END, CASE WHEN c.relisshared THEN 0 ELSE d.oid END,
            pg_relation_filenode(c.oid)), format('%I.%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_database d
    WHERE d.datname = current_database() AND c.relpersistence <> 't' AND pg_relation_filenode(c.oid) IS NOT NULL) TO STDOUT
SQL
    done | sort -u >"names.$1"
    database=postgres
    sql "$source" -c 'SELECT pg_current_wal_insert_lsn()' >"lsn.$1"
}

switch() { sql "$source" -c 'SELECT pg_walfile_name(pg_switch_wal())'; }

# Pages in full, for hint bits, too.
start images <<SETTINGS
wal_level = replica
wal_log_hints = on
SETTINGS
sql "$source" -c 'CREATE EXTENSION pg_walinspect' -c 'CREATE EXTENSION bloom'
raise images off
# Images of pages of pg_class that still have the rows of transient relations, and then records of the file that came to stay.
sql "$source" -c 'CREATE MATERIALIZED VIEW refreshed AS SELECT 1 AS i' -c 'CREATE UNIQUE INDEX ON refreshed (i)' -c CHECKPOINT \
    -c 'REFRESH MATERIALIZED VIEW refreshed' -c CHECKPOINT -c "SELECT count(*) FROM pg_class WHERE relname <> ''" \
    -c 'REFRESH MATERIALIZED VIEW CONCURRENTLY refreshed' -c CHECKPOINT >refresh.log
ask_names images
stop_cluster "$source"

# Changes alone, and what logical decoding wants.
start changes <<SETTINGS
wal_level = logical
wal_log_hints = off
max_connections = 90
SETTINGS
sql "$source" -c 'ALTER SYSTEM SET full_page_writes = off' -c 'SELECT pg_reload_conf()' >reload.log
wait_until 'end of full pages' "$source" 'CHECKPOINT; SELECT NOT full_page_writes FROM pg_control_checkpoint()'
raise changes on
ask_names changes

step='freezing all, so that the logs of transactions are cut'
sql "$source" -c 'ALTER DATABASE template0 ALLOW_CONNECTIONS true'
for database in template0 template1 postgres; do
    sql "$source" -c 'VACUUM (FREEZE)'
done

# The second timeline begins in a segment of its own. Its images are there to be compared with, not to be applied.
first_timeline=$(switch)
stop_cluster "$source"
as_owner touch "$source/data/standby.signal"
start 'second timeline' <<<"wal_consistency_checking = 'all'"
server pg_ctl -D "$source/data" -w -t 120 promote >promote.log
sql "$source" <<SQL
CREATE TABLE promoted (a int[]);
CREATE INDEX ON promoted USING gin (a) WITH (fastupdate = off);
INSERT INTO promoted SELECT ARRAY[1, i] FROM generate_series(1, 100) i;
DELETE FROM promoted WHERE a[2] % 3 = 0;
VACUUM promoted;
SQL
last_segment=$(switch)
sql "$source" -c CHECKPOINT # the range asked for ends in front of the end of the WAL

for file in "$source"/data/pg_wal/0*; do # segments with higher names are those that will be
    name=${file##*/}
    [[ $name == 00000001* && $name > $first_timeline || $name > $last_segment ]] || cp "$file" segments/
done
start_of() { # start_of SEGMENT: its first LSN
    local bytes=$((segment * 1024 * 1024))
    lsn_text $(((16#${1:8:8} * (0x100000000 / bytes) + 16#${1:16:8}) * bytes))
}
files=(segments/????????????????????????)
start=$(start_of "${files[0]##*/}")
end=$(lsn_text $(($(lsn_number "$(start_of "$last_segment")") + segment * 1024 * 1024)))

# ---- all columns ---------------------------------------------------------------------------

step='asking pg_walinspect'
sql "$source" >theirs <<SQL
COPY (SELECT start_lsn, end_lsn, prev_lsn, xid, resource_manager, record_type, record_length, main_data_length, fpi_length,
        description, block_ref
    FROM pg_get_wal_records_info('$start', '$end')) TO STDOUT (NULL '')
SQL
if [ "$major" != 15 ]; then # it has no such function
    sql "$source" >their_pages <<SQL
COPY (SELECT lpad(split_part(start_lsn::text, '/', 1), 8, '0') || '-' || lpad(split_part(start_lsn::text, '/', 2), 8, '0')
        || format('.%s.%s.%s.%s_', reltablespace, reldatabase, relfilenode, relblocknumber)
        || (ARRAY['main', 'fsm', 'vm', 'init'])[relforknumber + 1], md5(block_fpi_data)
    FROM pg_get_wal_block_info('$start', '$end') WHERE block_fpi_data IS NOT NULL) TO STDOUT
SQL
    # Of each image: its record's type, its bytes, whether redo applies it, and whether its page had not changed since the last redo point.
    sql "$source" >their_images <<SQL
COPY (WITH redo AS MATERIALIZED (
        SELECT substring(description FROM 'redo ([0-9A-F]+/[0-9A-F]+);')::pg_lsn AS lsn FROM pg_get_wal_records_info('$start', '$end')
        WHERE record_type IN ('CHECKPOINT_SHUTDOWN', 'CHECKPOINT_ONLINE')),
    image AS MATERIALIZED (
        SELECT resource_manager || '/' || record_type AS type, block_fpi_length AS bytes, 'APPLY' = ANY (block_fpi_info) AS applied, start_lsn,
            (encode(substr(page, 4, 1) || substr(page, 3, 1) || substr(page, 2, 1) || substr(page, 1, 1), 'hex') || '/'
            || encode(substr(page, 8, 1) || substr(page, 7, 1) || substr(page, 6, 1) || substr(page, 5, 1), 'hex'))::pg_lsn AS lsn
        FROM (SELECT *, substr(block_fpi_data, 1, 8) AS page FROM pg_get_wal_block_info('$start', '$end')) b WHERE block_fpi_data IS NOT NULL)
    SELECT type, applied, lsn <= (SELECT max(redo.lsn) FROM redo WHERE redo.lsn <= start_lsn), sum(bytes) FROM image GROUP BY 1, 2, 3) TO STDOUT
SQL
fi
ask_names 'second timeline'
stop_cluster "$source"

# The server writes times as its type does, 02:02:02.02+00, where pg_waldump has 02:02:02.020000 UTC.
step='asking pitr-find'
"$pitr_find" dump --format json segments >ours.json 2>dump.log
: >"$problems"
jq -r '[.lsn, .end_lsn, .prev_lsn, .xid, .rmgr, .type, .tot_len, .main_len, .fpi_len, .desc, .block_ref] | @tsv' ours.json |
    sed -E 's/(:[0-9]{2}(\.[0-9]*[1-9])?)\.?0* UTC/\1+00/g' >ours
step='comparing'
cut -f 5,6 theirs | sort | uniq -c | awk '{ print $2 "/" $3 }' >types
while read -r manager names; do
    for name in $names; do
        grep -qx "$manager/$name" types || echo "no record of $manager/$name" >>"$problems"
    done
done <<TYPES
XLOG CHECKPOINT_SHUTDOWN CHECKPOINT_ONLINE NEXTOID SWITCH BACKUP_END PARAMETER_CHANGE RESTORE_POINT FPW_CHANGE END_OF_RECOVERY FPI_FOR_HINT FPI
Transaction COMMIT ABORT PREPARE COMMIT_PREPARED ABORT_PREPARED ASSIGNMENT INVALIDATION
Storage CREATE TRUNCATE
CLOG ZEROPAGE
Database CREATE_FILE_COPY CREATE_WAL_LOG DROP
Tablespace CREATE DROP
MultiXact CREATE_ID ZERO_OFF_PAGE ZERO_MEM_PAGE TRUNCATE_ID
RelMap UPDATE
Standby LOCK RUNNING_XACTS INVALIDATIONS
Heap2 MULTI_INSERT MULTI_INSERT+INIT VISIBLE LOCK_UPDATED NEW_CID REWRITE $pruning
Heap INSERT INSERT+INIT DELETE UPDATE UPDATE+INIT HOT_UPDATE HEAP_CONFIRM LOCK INPLACE TRUNCATE
Btree INSERT_LEAF INSERT_UPPER INSERT_META SPLIT_L SPLIT_R INSERT_POST DEDUP DELETE VACUUM UNLINK_PAGE UNLINK_PAGE_META
Btree MARK_PAGE_HALFDEAD NEWROOT REUSE_PAGE META_CLEANUP
Hash INIT_META_PAGE INIT_BITMAP_PAGE INSERT ADD_OVFL_PAGE SPLIT_ALLOCATE_PAGE SPLIT_PAGE SPLIT_COMPLETE MOVE_PAGE_CONTENTS
Hash SQUEEZE_PAGE DELETE SPLIT_CLEANUP UPDATE_META_PAGE VACUUM_ONE_PAGE
Gin CREATE_PTREE INSERT SPLIT VACUUM_PAGE VACUUM_DATA_LEAF_PAGE DELETE_PAGE UPDATE_META_PAGE INSERT_LISTPAGE DELETE_LISTPAGE
Gist PAGE_UPDATE DELETE PAGE_REUSE PAGE_SPLIT PAGE_DELETE
Sequence LOG
SPGist ADD_LEAF MOVE_LEAFS ADD_NODE SPLIT_TUPLE PICKSPLIT VACUUM_LEAF VACUUM_ROOT VACUUM_REDIRECT
BRIN CREATE_INDEX INSERT INSERT+INIT UPDATE UPDATE+INIT SAMEPAGE_UPDATE REVMAP_EXTEND DESUMMARIZE
CommitTs ZEROPAGE TRUNCATE
ReplicationOrigin SET DROP
Generic Generic
LogicalMessage MESSAGE
TYPES
verdict "$major: the WAL has records of $(wc -l <types) types" "$problems"

diff theirs ours >"$problems" || true
verdict "$major: dump: every column of $(wc -l <theirs) records as pg_walinspect has it" "$problems"

# ---- page images ---------------------------------------------------------------------------

if [ "$major" != 15 ]; then
    step='saving page images'
    rm -rf pages
    "$pitr_find" dump --save-fullpage pages segments >/dev/null 2>dump.log
    (cd pages && md5sum -- *) | sed -E 's/^([0-9a-f]+)  [0-9]{8}-(.*)/\2\t\1/' | sort >our_pages
    sort their_pages | diff - our_pages >"$problems" || true
    [ -s their_pages ] || echo 'no image' >>"$problems"
    verdict "$major: dump: $(wc -l <their_pages) saved page images as pg_walinspect has them" "$problems"
fi

# ---- causes of images ----------------------------------------------------------------------

if [ "$major" != 15 ]; then
    step='causes of images'
    awk -F '\t' '
        { why = "first change" }
        $1 == "XLOG/FPI_FOR_HINT" { why = "hint bits" }
        $1 ~ /^(XLOG\/FPI|Gin\/SPLIT|Gin\/VACUUM_PAGE|Hash\/SPLIT_PAGE)$/ { why = "whole pages" }
        $1 == "Generic/Generic" { why = "unknown" }
        $2 == "f" { why = "consistency check" }
        why ~ /first|hint/ && $3 == "f" { print $1 " has an image though its page had changed since the redo point" > "/dev/stderr" }
        { sum[why] += $4 }
        END { for (why in sum) print why "," sum[why] }' their_images 2>"$problems" | sort >their_causes
    [ "$(wc -l <their_causes)" -eq 5 ] || echo "not all causes: $(cat their_causes)" >>"$problems"
    "$pitr_find" stats --by image --format csv segments 2>dump.log | awk -F, 'NR > 1 && $5 > 0 { print $1 "," $5 }' | sort |
        diff their_causes - >>"$problems" || true
    verdict "$major: stats: images by cause, as their pages prove" "$problems"
fi

# ---- names ---------------------------------------------------------------------------------

# Of a relation that initdb made the WAL need not tell the schema, nor the name.
for life in images changes 'second timeline'; do
    step="names of files of $life"
    "$pitr_find" stats --by relation --to-lsn "$(cat "lsn.$life")" --format json segments 2>dump.log | jq -r '[.relation, .name] | @tsv' | sort >our_names
    join -t "$(printf '\t')" "names.$life" our_names >both # file, the server's name, ours
    awk -F '\t' '
        { is_own = $2 !~ /^(pg_catalog|information_schema|pg_toast)\./; named += $3 != ""; own += is_own && $3 != "" }
        !is_own && $3 ~ /^\[[0-9]+\]\./ { sub(/^[^.]*/, "", $3); sub(/^[^.]*/, "", $2) }
        ($3 != "" || is_own) && $3 != $2 { print $1 " is " $2 ", not " $3 }
        END { if (own < 25) print "only " own " of " named " names are of tables and indexes that are no catalogs" }' both >"$problems"
    verdict "$major: stats: the names of $(awk -F '\t' '$3 != ""' both | wc -l) of $(wc -l <both) files after $life as the server has them" "$problems"
done

# ---- lines and sums ------------------------------------------------------------------------

if [ "$major" = 15 ]; then
    step='asking pg_waldump'
    waldump=$(client_folder)/pg_waldump
    waldump() { # waldump OUT OPTION...: it does not go from one timeline to the next
        local out=$1
        shift
        "$waldump" "$@" -p segments "${files[0]##*/}" "$first_timeline" >"$out" 2>waldump.log
    }
    rm -f segments/00000002*
    waldump theirs.txt
    "$pitr_find" dump segments >ours.txt 2>dump.log
    diff theirs.txt ours.txt >"$problems" || true
    verdict "$major: dump: $(wc -l <theirs.txt) lines, byte for byte those of pg_waldump" "$problems"
    waldump theirs.txt --stats
    "$pitr_find" stats --format waldump segments >ours.txt 2>dump.log
    diff theirs.txt ours.txt >"$problems" || true
    verdict "$major: stats: byte for byte those of pg_waldump --stats" "$problems"
    waldump theirs.txt --stats=record
    "$pitr_find" stats --by record --format waldump segments >ours.txt 2>dump.log
    diff theirs.txt ours.txt >"$problems" || true
    verdict "$major: stats: byte for byte those of pg_waldump --stats=record" "$problems"
fi

exit $((failures > 0))
