#!/bin/bash
# Proves that `pitr-find stats` counts as each major's own tool does, and sums up by all else without losing a record.
#
# tests/fixtures/NAME/stats.txt and stats-record.txt are what pg_waldump --stats and --stats=record of the fixture's major printed for the same
# WAL. Other sums are held against dump.txt.xz, which that tool printed too.
#
#   tests/cli/stats.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

expect_text() { cmp -s out "$1" || miss "stdout is not $1: $(diff out "$1" | head -n 6)"; }

for text in "$fixtures"/{,cases/}*/stats.txt; do
    folder=$(dirname "$text")
    run stats --format waldump "$folder/wal"
    expect_status 0
    expect_text "$text"
    run stats --format waldump --by record "$folder/wal"
    expect_text "$folder/stats-record.txt"
    done_with "$(basename "$folder"): by manager and by type as the tool of its major prints it"
done

wal=$fixtures/pg15/wal
head -n 1 "$fixtures/pg15/stats.txt" >head.txt
run stats --format waldump --rmgr CommitTs "$wal"
expect_status 0
[ "$(head -n 1 out | sed 's/ and .*//')" = "$(sed 's/ and .*//' head.txt)" ] || miss "begins with: $(head -n 1 out)"
run stats --format waldump --rmgr CLOG "$wal"
expect_status 1
expect_text /dev/null
done_with 'with a filter, the sums of pg_waldump begin with the first record all the same, and no record is no table'

xz -dc "$fixtures/pg15/dump.txt.xz" >dump.txt
# Of each line: records, bytes, the first file, transaction, segment.
total=$(awk -F 'len [(]rec/tot[)]: +[0-9]+/ *|, tx: *' '{ n++; bytes += $2 } END { print n, bytes }' dump.txt)

for by in manager record relation database xid minute segment; do
    run stats --by $by --format csv "$wal"
    expect_status 0
    sum=$(awk -F, 'NR > 1 { n += $2; bytes += $3 } END { print n, bytes }' out)
    [ "$sum" = "$total" ] || miss "by $by: $sum records and bytes, not $total"
    run stats --by $by --format csv -j1 --limit 2 "$wal"
    [ "$(awk -F, 'NR > 1 { n += $2; bytes += $3 } END { print n, bytes }' out)" = "$total" ] || miss "by $by, the first two: other sums"
    [ "$(wc -l <out)" -le 4 ] || miss "by $by: more than two groups"
    run stats --by $by --format json "$wal"
    sum=$(jq -s -r '"\(map(.records) | add) \(map(.bytes) | add)"' out)
    [ "$sum" = "$total" ] || miss "by $by in JSON: $sum records and bytes, not $total"
done
done_with 'no record is lost or counted twice, whatever it is summed up by'

run stats --by xid --format csv "$wal"
awk -F 'len [(]rec/tot[)]: +[0-9]+/ *|, tx: *|, lsn' '{ n[$3]++; bytes[$3] += $2 } END { for (x in n) print (x == 0 ? "none" : x) "," n[x] "," bytes[x] }' dump.txt | sort >want
cut -d, -f1-3 out | tail -n +2 | sort >got
cmp -s got want || miss "other sums by xid: $(diff got want | head -n 5)"
done_with 'by xid: each transaction has the records and bytes that the dump shows'

run stats --by segment --format csv "$wal"
awk -F 'lsn: 0/|, prev' '{ n[substr($2, 1, 3)]++ } END { for (x in n) print "000000010000000000000" x "," n[x] }' dump.txt | sort >want
cut -d, -f1,2 out | tail -n +2 >got
cmp -s got want || miss "other sums by segment: $(diff got want | head -n 5)"
# The last commit of the archive, as its record tells it.
last=$(grep -E 'desc: COMMIT(_PREPARED [0-9]+:)? ' dump.txt | tail -n 1 | grep -oE '[0-9-]{10} [0-9:.]+')
[ "$(tail -n +2 out | awk -F, '$6 != "" { last = $6 } END { print last }')" = "${last/ /T}Z" ] || miss "the last commit is not $last"
done_with 'by segment: its records, and its last commit'

# pg17-logical: its commits lie in several minutes.
for name in pg15 pg17-logical; do
    xz -dc "$fixtures/$name/dump.txt.xz" | awk '
        /^rmgr: Standby / { n++ }
        /^rmgr: Transaction .* desc: COMMIT(_PREPARED [0-9]+:)? / {
            match($0, /[0-9]+-[0-9]+-[0-9]+ [0-9]+:[0-9]+/)
            minute = substr($0, RSTART, RLENGTH) "Z"
            sub(" ", "T", minute)
            sum[minute] += n
            n = 0
        }
        END { sum["none"] = n; for (m in sum) if (sum[m] > 0) print m "," sum[m] }' | sort >want
    [ -s want ] || miss 'no record of that manager'
    run stats --by minute --format csv --rmgr Standby "$fixtures/$name/wal"
    cut -d, -f1,2 out | tail -n +2 | sort >got
    cmp -s got want || miss "$name: other sums by minute: $(diff got want | head -n 5)"
done
run stats --by segment --format csv "$wal"
cut -d, -f1,6 out >want
run stats --by segment --format csv --rmgr Heap "$wal"
cut -d, -f1,6 out >got
cmp -s got want || miss "other last commits: $(diff got want | head -n 5)"
done_with 'minutes and last commits are those of all commits, whatever is counted'

run stats --by relation --format csv --rmgr Sequence "$wal"
grep '^rmgr: Sequence' dump.txt | grep -oE 'blkref #0: rel [0-9/]+' | sort | uniq -c | awk '{ print $5 "," $1 }' | sort >want
[ -s want ] || miss 'no record of a sequence'
cut -d, -f1,2 out | tail -n +2 | sort >got
cmp -s got want || miss "other sums by relation: $(diff got want | head -n 5)"
done_with 'by relation, narrowed to a manager'

run stats --format prometheus "$wal"
expect_line '# TYPE pitr_find_wal_records gauge'
expect_line "pitr_find_wal_records{manager=\"Heap\"} $(grep -c '^rmgr: Heap ' dump.txt)"
expect_line "pitr_find_last_commit_timestamp_seconds $(date -u -d "${last%.*}" +%s)"
run stats --format prometheus --rmgr Heap "$wal"
expect_line "pitr_find_last_commit_timestamp_seconds $(date -u -d "${last%.*}" +%s)"
done_with 'as metrics for Prometheus'

run stats --xid 4000000000 "$wal"
expect_status 1
done_with 'no such record: status 1'

fails 'the form of pg_waldump has managers and types only' '--format waldump goes with' stats --format waldump --by xid "$wal"
fails 'the form of pg_waldump has all lines' 'takes no --limit' stats --format waldump --limit 3 "$wal"
fails 'what is no way to sum up' '--by takes one of: manager record' stats --by table "$wal"

mkdir gap
cp "$wal"/* gap
rm gap/00000001000000000000000D.gz
run stats gap
expect_status 3
expect_err 'segment 00000001000000000000000D is missing'
done_with 'a gap is told, and the sums are in doubt'
