#!/usr/bin/env bash
# Counts of records and transactions, on WAL that has something of every resource manager.
#
#   tests/servers/rmgrs.sh WALCOUNT MAJOR      MAJOR 15 and up
#
# Proves that what WALCOUNT counts in a folder of archived segments (records per resource manager and in all,
# commits, aborts) is what the server's own pg_walinspect counts over the same range, and on 15
# what pg_waldump --stats counts in the same files.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

walcount=$1
major=$2
managers='XLOG Transaction Storage CLOG Database Tablespace MultiXact RelMap Standby Heap2 Heap Btree Hash Gin Gist
    Sequence SPGist BRIN CommitTs ReplicationOrigin Generic LogicalMessage'

if ! use_major "$major"; then
    echo "ok - $major: records counted # SKIP $reason"
    exit 0
fi

work_in rmgrs archive tablespace
source=$work/source archive=$work/archive

# Logical WAL and compressed page images on every other major, a segment size of its own on each.
wal_level=replica compression=off segment=1
case $major in
16) wal_level=logical compression=on ;;
17) segment=16 ;;
18) wal_level=logical compression=on segment=2 ;;
esac

make_cluster "$source" "$major" "$segment" <<SETTINGS
wal_level = $wal_level
archive_mode = on
archive_command = 'cp %p $archive/%f'
track_commit_timestamp = on
max_prepared_transactions = 10
wal_compression = $compression
max_wal_size = 4GB
wal_keep_size = 4GB
autovacuum = off
SETTINGS
start_cluster "$source"
database=postgres
sql "$source" -c 'CREATE EXTENSION pg_walinspect'
sql "$source" -v tablespace="$work/tablespace" -f "$here/rmgrs.sql" >"$work/workload.log" 2>&1

segment_bytes=$((segment * 1024 * 1024))
last_segment=$(sql "$source" -c 'SELECT pg_walfile_name(pg_switch_wal())')
sql "$source" -c CHECKPOINT # the range asked for ends in front of the end of the WAL
wait_until 'archiving' "$source" "SELECT last_archived_wal >= '$last_segment' FROM pg_stat_archiver"

mkdir "$work/segments"
for file in "$archive"/*; do
    if [[ ! $(basename "$file") > $last_segment ]]; then ln "$file" "$work/segments/"; fi
done
files=("$work"/segments/*)
segment_number() { # of a file name, as a number
    local name=${1##*/}
    echo $((16#${name:8:8} * (0x100000000 / segment_bytes) + 16#${name:16:8}))
}
start=$(lsn_text $(($(segment_number "${files[0]}") * segment_bytes)))
end=$(lsn_text $((($(segment_number "${files[-1]}") + 1) * segment_bytes)))

# summary: from lines `MANAGER/TYPE<TAB>COUNT` to what walcount prints, in order.
summary() {
    awk -F'\t' '$2 > 0 {
            split($1, name, "/"); count[name[1]] += $2; total += $2
            if ($1 ~ "^Transaction/COMMIT") commits += $2
            if ($1 ~ "^Transaction/ABORT") aborts += $2
        }
        END {
            for (manager in count) print manager "\t" count[manager]
            print "total\t" total; print "commits\t" commits + 0; print "aborts\t" aborts + 0
        }' | LC_ALL=C sort
}

# stats_rows: `MANAGER/TYPE COUNT ( n.nn) ...` of pg_waldump to `MANAGER/TYPE<TAB>COUNT`; a type may be empty or hold a blank.
stats_rows() {
    awk '$1 ~ "^[A-Za-z0-9]+/" {
            name = $1
            for (i = 2; i < NF && $(i + 1) !~ /^\(/; i++) name = name " " $i
            print name "\t" $i
        }'
}

sql "$source" -F $'\t' -c "SELECT \"resource_manager/record_type\", count FROM pg_get_wal_stats('$start', '$end', true)" |
    summary >"$work/walinspect"
stop_cluster "$source"

problems=$work/problems
: >"$problems"
for manager in $managers; do
    grep -q "^$manager	" "$work/walinspect" || echo "no record of $manager" >>"$problems"
done
verdict "$major: the WAL has records of every resource manager" "$problems"

if ! "$walcount" "$work/segments" >"$work/counted.out" 2>"$work/counted.err"; then
    { echo "$walcount failed"; cat "$work/counted.err"; } >>"$problems"
    verdict "$major: records counted" "$problems"
    exit 1
fi
awk -F'\t' 'NF == 2 && $2 > 0' "$work/counted.out" | LC_ALL=C sort >"$work/counted"

total=$(sed -n 's/^total	//p' "$work/walinspect")
diff "$work/walinspect" "$work/counted" >"$problems" || true
verdict "$major: records, commits and aborts counted as pg_walinspect does ($total records)" "$problems"

if [ "$major" = 15 ]; then
    "$(client_folder)/pg_waldump" --stats=record -p "$work/segments" "$(basename "${files[0]}")" "$(basename "${files[-1]}")" \
        2>"$work/waldump.log" | stats_rows | summary >"$work/waldump"
    diff "$work/waldump" "$work/counted" >"$problems" || true
    verdict "$major: records, commits and aborts counted as pg_waldump --stats does" "$problems"
fi

exit $((failures > 0))
