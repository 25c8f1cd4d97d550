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
from=$(xz -dc "$fixtures/pg15/dump.txt.xz" | grep -oE 'lsn: 0/00C[0-9A-F]+' | sed -n 's/lsn: //; 100p')
run stats --format waldump --from-lsn "$from" "$wal"
[ "$(head -n 1 out | sed 's/ and .*//')" = "WAL statistics between 0/${from#0/00}" ] || miss "from $from it begins with: $(head -n 1 out)" # as pg_waldump --start does
done_with 'with a filter, the sums of pg_waldump begin with the first record all the same, and no record is no table'

xz -dc "$fixtures/pg15/dump.txt.xz" >dump.txt
# Of each line: records, bytes, the first file, transaction, segment.
total=$(awk -F 'len [(]rec/tot[)]: +[0-9]+/ *|, tx: *' '{ n++; bytes += $2 } END { print n, bytes }' dump.txt)

for by in manager record relation database xid minute segment checkpoint image; do
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

# What the server says: of each table that got rows its last name, and its database. None of these has another file than that of its OID.
archived=$fixtures/pg15-backup
awk -F '\t' '$14 ~ /^(INSERT INTO|UPDATE|DELETE FROM)$/ { name[$6 "/" $10] = substr($15, length($14) + 2); base[$6 "/" $10] = $7 }
    END { for (file in name) print file "\t" name[file] "\t" base[file] }' "$archived/expect.tsv" | sort >want
[ "$(wc -l <want)" -ge 6 ] || miss 'the server tells of too few tables'
run stats --by relation --format json --backup "$archived/base.tar.gz" "$archived/wal"
jq -r '[(.relation | split("/")[1:] | join("/")), .name, .database_name] | @tsv' out | sort >named
cut -f 1 want | join -t "$(printf '\t')" - named >got
cmp -s got want || miss "other names: $(diff got want | head -n 5)"
# Names change no number, and without a backup fewer are known.
jq -c '[.relation, .records, .bytes]' out >sums
run stats --by relation --format json "$archived/wal"
jq -c '[.relation, .records, .bytes]' out | cmp -s - sums || miss 'other sums with names'
jq -e -s 'any(.[]; .relation == "1663/16384/16398" and .name == null)' out >/dev/null || miss 'a name from nowhere'
run stats --by relation --backup "$archived/base.tar.gz" "$archived/wal"
grep -qE '^1663/16384/16398 +33 .* app  +shop\.parts$' out || miss "no line of shop.parts: $(grep 16398 out)"
[ "$(awk 'NR == 1 { at = index($0, "  name") } /shop\.parts$/ { print index($0, "  shop.parts") - at }' out)" = 0 ] || miss 'shop.parts does not stand below its head'
run stats --by relation --format prometheus --backup "$archived/base.tar.gz" "$archived/wal"
expect_line 'pitr_find_wal_records{relation="1663/16384/16403",name="\"Odd Schema\".\"T Öne\"",toast_of="",database_name="app"} 1'
done_with 'by relation: the names that the server has'

# What is 16384 later was public.a before segment 06 renamed it: see tests/fixtures/README.md.
run stats --by relation --format csv --to-lsn 0/5FFFFF "$fixtures/cases/renamed-swap"
grep -qx '1663/5/16384,.*,public\.a,,postgres' out || miss "before: $(grep 16384 out)"
run stats --by relation --format csv "$fixtures/cases/renamed-swap"
grep -qx '1663/5/16384,.*,public\.b,,postgres' out || miss "at last: $(grep 16384 out)"
done_with 'by relation: names as they are at --to-lsn'

# Of the system's relations the names that servers have, where the WAL has their rows and where it has not.
for name in pg9.5 pg9.6 pg1{0..8} pg19-new; do
    major=${name#pg} major=${major%-new}
    told=$fixtures/../servers/told/$major.txt
    [ -e "$told" ] || told=$fixtures/../servers/told/relations/$major.txt
    awk '$1 == "relation" { print $4, $2 }' "$told" | sort >want
    for part in "$fixtures/$name/wal" "$fixtures/$name/wal"/*; do
        run stats --by relation --format json "$part"
        jq -r 'select(.relation != "none") | [(.relation | split("/")[2] | tonumber), .name] | select(.[0] < 10000) | "\(.[0]) \(.[1])"' out
    done | grep -v ' pg_catalog[.]pipeline_' | sort -u >got # the server of 9.5 was a PipelineDB
    [ "$(wc -l <got)" -ge 60 ] || miss "$name: few relations"
    [ -z "$(comm -23 got want)" ] || miss "$name: other names: $(comm -23 got want | head -n 5)"
done
done_with 'by relation: the names of the system'

awk -F '\t' '$6 ~ /^[0-9]+$/ { print $6 "\t" $7 }' "$fixtures/pg15/expect.tsv" | sort -u >told
run stats --by database --format json "$wal"
jq -r 'select(.name != null) | [.database, .name] | @tsv' out | sort >got
jq -r .database out | sort | join -t "$(printf '\t')" - told >want
[ "$(wc -l <want)" -ge 2 ] || miss 'the server tells of too few databases'
cmp -s got want || miss "other names: $(diff got want | head -n 5)"
done_with 'by database: the names that the server has'

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
run stats --by segment --format csv --limit 1 "$wal"
[ "$(awk -F, '$1 == "others" { print $6 }' out)" = "${last/ /T}Z" ] || miss "the last commit of the others is not $last"
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

# Of each redo point: records and bytes up to the next one, and how far that is.
for name in pg9.6 pg15 pg18; do
    xz -dc "$fixtures/$name/dump.txt.xz" | awk '
        function number(lsn,   half, i, n) {
            split(lsn, half, "/")
            for (i = 1; i <= length(half[2]); i++) n = n * 16 + index("0123456789ABCDEF", substr(half[2], i, 1)) - 1
            return n + half[1] * 4294967296
        }
        { match($0, /lsn: [0-9A-F\/]+/); lsn[NR] = number(substr($0, RSTART + 5, RLENGTH - 5)) }
        { match($0, /rec\/tot\): +[0-9]+\/ *[0-9]+/); bytes[NR] = substr($0, RSTART, RLENGTH); sub(/.*\//, "", bytes[NR]) }
        /desc: (CHECKPOINT_SHUTDOWN|CHECKPOINT_ONLINE) redo/ {
            match($0, /redo [0-9A-F]+\/[0-9A-F]+/)
            text[++n] = substr($0, RSTART + 5, RLENGTH - 5)
            redo[n] = number(text[n])
            sub(/\/0+/, "/", text[n])
        }
        END {
            for (i = 1; i <= NR; i++) {
                while (at < n && redo[at + 1] <= lsn[i]) at++
                count[at + 0]++
                sum[at + 0] += bytes[i]
            }
            for (i = 1; i <= n; i++) print text[i] "," count[i] "," sum[i] "," (i < n ? redo[i + 1] - redo[i] : "")
            if (count[0] > 0) print "none," count[0] "," sum[0] ","
        }' >want
    [ "$(wc -l <want)" -gt 5 ] || miss 'few checkpoints'
    run stats --by checkpoint --format csv "$fixtures/$name/wal"
    expect_status 0
    tail -n +2 out | cut -d, -f1-3,7 >got
    cmp -s got want || miss "$name: other sums by checkpoint: $(diff got want | head -n 5)"
    head -n 1 want | {
        IFS=, read -r redo records bytes distance
        run stats --by checkpoint --limit 1 --format prometheus "$fixtures/$name/wal"
        expect_line "pitr_find_wal_records{checkpoint=\"$redo\"} $records"
        expect_line "pitr_find_checkpoint_distance_bytes{checkpoint=\"$redo\"} $distance"
        [ -z "$why" ]
    } || miss "$name: as metrics"
done
done_with 'by checkpoint: what lies from each redo point to the next, as pg_waldump tells them'

# The record of a checkpoint lies after its redo point: it counts, though it is not asked for.
redo=$(grep -oE 'desc: CHECKPOINT_ONLINE redo 0/[0-9A-F]+' dump.txt | grep -oE '0/.*' | sed -n 4p)
to=$(printf '0/%X' $(($(number "$redo") + 64)))
run stats --by checkpoint --format csv --to-lsn "$to" "$wal"
tail -n 1 out | grep -q "^$redo,\|^none," || miss "ends with: $(tail -n 1 out)"
grep -q "^$redo,1,\|^$redo,2," out || miss "no record from $redo on: $(cat out)"
run stats --by checkpoint --format csv --to-lsn 0/E80000 "$fixtures/timelines17/wal" # the record is at 0/F00060, in the next segment
tail -n 1 out | grep -q '^0/E00420,' || miss "ends with: $(tail -n 1 out)"
done_with 'by checkpoint: records of a checkpoint whose own record is beyond the range'

# Why images are there, told from the sums that pg_waldump --stats=record prints by type.
for text in "$fixtures"/{,cases/}*/stats-record.txt; do
    name=$(basename "$(dirname "$text")")
    [ "$(xz -dc "$(dirname "$text")/dump.txt.xz" | grep -c 'FPW for WAL verification')" -eq 0 ] || miss "$name: images to compare with"
    awk '/\// && !/^WAL/ {
            gsub(/[[(][^])]*[])]/, "")
            if ($4 == 0) next
            why = "first change"
            if ($1 == "XLOG/FPI_FOR_HINT") why = "hint bits"
            if ($1 ~ /^(XLOG\/FPI|Gin\/SPLIT|Gin\/VACUUM_PAGE|Hash\/SPLIT_PAGE)$/) why = "whole pages"
            if ($1 == "Generic/Generic") why = "unknown"
            sum[why] += $4
        }
        END { for (why in sum) print why "," sum[why] }' "$text" | sort >want
    [ -s want ] || miss "$name: no images"
    run stats --by image --format csv "$(dirname "$text")/wal"
    awk -F, 'NR > 1 && $5 > 0 { print $1 "," $5 }' out | sort >got
    cmp -s got want || miss "$name: other images: $(diff got want | head -n 5)"
done
done_with 'by image: why images are there, in the WAL of each major'

run stats --by image "$wal"
images=$(awk '/^Total/ { gsub(/[[(][^])]*[])]/, ""); printf "%.2f", 100 * $4 / $5 }' "$fixtures/pg15/stats.txt")
run stats --by checkpoint --format csv "$wal"
mean=$(awk -F, 'NR > 1 && $7 != "" { n++; sum += $7 } END { printf "%d", sum / n }' out)
run stats --by image "$wal"
expect_out "Page images are $images % of the WAL counted. A checkpoint comes every $mean bytes, or "
expect_out ' seconds, on average: with a higher max_wal_size and checkpoint_timeout pages are logged in full less often.'
run stats --by image --rmgr Sequence "$wal"
expect_out 'Page images are 0.00 % of the WAL counted. A checkpoint comes every '
expect_not_out 'max_wal_size'
# Redo points: 0/A00028 of a checkpoint, 0/B214E8 of a shutdown, 0/C00028 of a checkpoint. Only those that are within the range are apart.
run stats --by image --from-lsn 0/A00028 --to-lsn 0/BFFFFF "$fixtures/timelines17/wal"
expect_out "A checkpoint comes every $((0xB214E8 - 0xA00028)) bytes, or "
expect_not_out 'max_wal_size'
run stats --by image --from-lsn 0/B214E8 --to-lsn 0/C00028 "$fixtures/timelines17/wal"
expect_out "A checkpoint comes every $((0xC00028 - 0xB214E8)) bytes, or "
expect_out 'max_wal_size'
run stats --by image --rmgr XLOG "$fixtures/cases/recording19/wal" # FPI_FOR_HINT, and none of a first change
expect_out 'max_wal_size'
run stats --by image "$fixtures/demo/wal"
tail -n 1 out | grep -qxE 'Page images are [0-9.]+ % of the WAL counted\.' || miss "ends with: $(tail -n 1 out)"
done_with 'by image: a line for people, with advice where it helps'

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
run stats --by checkpoint --format csv gap
expect_status 3
# The stretch with the gap may be several.
awk -F, 'NR > 1 && $7 == "" { print $1 }' out | head -n 1 >got
run stats --by checkpoint --format csv "$wal"
while IFS=, read -r redo _ _ _ _ _ distance _; do
    [[ $redo == 0/* ]] || continue
    at=$(number "$redo")
    if ((at < 16#D00000 && at + ${distance:-0} > 16#D00000)); then echo "$redo"; fi
done <out >want
cmp -s got want || miss "open is not the stretch of the gap, $(cat want), but $(cat got)"
# A range after the gap begins in a stretch of which nobody knows which checkpoint's it is; before the gap, and from the next one on, it is known.
next=$(awk -F, '$1 ~ "^0/[E-F]" { print $1; exit }' out)
run stats --by checkpoint --from-lsn 0/E00000 gap
expect_status 3
expect_err "WAL from 0/D00000 on cannot be read, or is missing, before the range: records that are counted for the checkpoint from $(cat got) may be of a later one"
run stats --by checkpoint --from-lsn "$next" gap
expect_status 0
run stats --by checkpoint --to-lsn 0/CF0000 gap
expect_status 0
done_with 'a gap is told, and the sums are in doubt'
