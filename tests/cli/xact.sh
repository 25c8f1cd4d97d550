#!/bin/bash
# Proves that `pitr-find xact` tells of a transaction what the server's own tool shows of it, and what the server said that it did.
#
# tests/fixtures/NAME/dump.txt.xz is what pg_waldump of the fixture's major printed, expect.tsv what the server itself said at each statement.
#
#   tests/cli/xact.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/support/xact_list.sh
. "$root/tests/support/xact_list.sh"

wal=$fixtures/pg15/wal

# ---- the transactions of a window -----------------------------------------------------------------

# listed FILE: rows of CSV, with what the tool's lines show too.
listed() { tail -n +2 "$1" | awk -F, -v OFS=, '{ end = $4; gsub(/ /, "_", end); sub(/ROLLBACK/, "ABORT", end); print $1, $2, $3, end, $6, $7, $12 }' | sort; }

for dump in "$fixtures"/{,cases/}*/dump.txt.xz; do
    folder=$(dirname "$dump")
    run xact --format csv "$folder/wal"
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || expect_status 0
    xz -dc "$dump" >dump.txt
    case $folder in
    */pg1[4-9]-logical) # the tool does not print which transaction the first record of a subtransaction names
        awk -F 'len [(]rec/tot[)]: +[0-9]+/ *|, tx: *|, lsn' '$3 >= 3 { n++; bytes += $2 } END { print n, bytes }' dump.txt >want
        awk -F, 'NR > 1 { n += $6; bytes += $7; if ($4 ~ /PREPARED/) { n--; bytes -= 0 } } END { print n }' out >got
        cut -d' ' -f1 want | cmp -s - got || miss "$(cat got) records of transactions, not $(cat want)"
        ;;
    *)
        awk -f "$root/tests/cli/xact.awk" dump.txt | sort >want
        listed out >got
        cmp -s want got || miss "$(diff want got | head -n 6)"
        ;;
    esac
    done_with "$(basename "$folder"): each transaction has the records, bytes, subtransactions and end that the tool of its major shows"
done

# What dump and stats have of one are the records that xact counts, and that the tool shows: all that have subtransactions, and some others.
for name in pg9.5 pg15 pg18; do
    xz -dc "$fixtures/$name/dump.txt.xz" | awk -f "$root/tests/cli/xact.awk" | sort >want
    { awk -F, '$7 > 0' want; awk -F, '$7 == 0' want | awk 'NR % 60 == 7'; } | sed -n 1,24p >some
    [ "$(awk -F, '$7 > 0' some | wc -l)" -ge 2 ] || miss "$name: few have subtransactions"
    while IFS=, read -r xid _ _ _ records bytes _; do
        run dump --xid "$xid" "$fixtures/$name/wal"
        dumped=$status
        [ "$(awk -F 'len [(]rec/tot[)]: +[0-9]+/ *|, tx: *' '{ n++; bytes += $2 } END { print n, bytes }' out)" = "$records $bytes" ] ||
            miss "$name: dump of $xid: $(wc -l <out) records, not $records"
        run xact "$xid" -q --format json "$fixtures/$name/wal"
        expect_json '"\(.records) \(.bytes)"' "$records $bytes"
        [ "$dumped" = "$(json_value 'if (.possible_subtransactions | length) > 0 or .end == null then 3 else 0 end' out)" ] || miss "$name: dump of $xid: status $dumped"
    done <some
done
run dump --xid 901 "$wal"
expect_status 3
expect_err 'may be a subtransaction of it: this WAL does not tell whose'
cp out whole
run dump --xid 950 "$wal"
expect_err '950 is a subtransaction of 901'
cmp -s out whole || miss 'of a subtransaction other records'
run stats --xid 901 --format json "$wal"
expect_status 3
[ "$(json_value .records out | awk '{ n += $1 } END { print n }')" -eq "$(wc -l <whole)" ] || miss 'stats counts others'
done_with 'dump and stats have the records of a transaction that xact counts, and say where the WAL leaves open whose some are'

run xact --format csv "$wal"
tail -n +2 out | cut -d, -f7 >sizes
sort -nr sizes | cmp -s - sizes || miss 'the largest does not come first'
sed -n 2,4p out >want
run xact --format csv --limit 3 -j1 "$wal"
tail -n +2 out | cmp -s - want || miss "--limit 3: $(cat out)"
run xact --limit 3 "$wal"
expect_out others
done_with 'the largest come first, --limit leaves out the others'

# The window is that of ends.
run xact --format csv "$wal"
line=$(awk -F, '$12 > 0 && $4 == "COMMIT" { print; exit }' out)
IFS=, read -r xid _ end _ time _ <<<"$line"
run xact --format csv --from-lsn "$end" --to-lsn "$end" "$wal"
expect_status 0
[ "$(tail -n +2 out)" = "$line" ] || miss "by LSN: $(cat out)"
run xact --format csv --since "$time" --until "$time" "$wal"
[ "$(tail -n +2 out)" = "$line" ] || miss "by time: $(cat out)"
run xact --from-lsn 0/C44050 --to-lsn 0/C44060 "$wal" # a PREPARE
expect_status 1
expect_err 'no transaction of that window along timeline 1 from 0/C44050 to 0/C44060: the WAL read begins at 0/B00028 and ends at '
expect_no_out
done_with 'a window has those that end in it, with all of their records'

# The list says what the biographies do; of the large fixtures those with parts, two ends or none, and some others.
some='.subtransactions > 0 or .end != "COMMIT" or (.begins_here | not) or .xid % 50 == 0'
for fixture in pg10-logical pg14-logical pg18-logical timelines17; do
    why=$(differing_rows "$program" "$fixtures/$fixture/wal" | head -n 8)
    [ "$(wc -l <xids)" -gt 10 ] || miss "only $(wc -l <xids) compared"
    done_with "$fixture: of each transaction the list says what its biography does"
done
for fixture in pg9.5 pg12 pg15; do
    why=$(differing_rows "$program" "$fixtures/$fixture/wal" "$some" | head -n 8)
    [ "$(wc -l <xids)" -gt 10 ] || miss "only $(wc -l <xids) compared"
    done_with "$fixture: of transactions with subtransactions, of rollbacks and of some others the list says what their biographies do"
done

# Segment C alone: who began in B may have, and the list says so.
mkdir late
cp "$wal"/*C.* late
run xact --format json late
expect_status 3
expect_err 'may have begun before this WAL'
why+=$(differing_rows "$program" late '.begins_here | not' | head -n 8)
[ -s xids ] || miss 'none may have begun before'
run xact --limit 100000 late
expect_out '  may have begun before'
done_with 'what may have begun before the WAL given is marked, and the status is 3'

# ---- one transaction ------------------------------------------------------------------------------

# expects FIXTURE XID: the events and rows that the server told, in the biography.
expects() {
    run xact -q "$2" --format json "$fixtures/$1/wal"
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || expect_status 0
    awk -F '\t' -v xid="$2" '$4 == xid { print $15 "\t" $13 }' "$fixtures/$1/expect.tsv" | sort -u >want
    json_value '.events[] | .text + "\t" + ((.rows // "") | tostring)' out | sort -u >got
    [ -z "$(comm -23 want got)" ] || miss "$1 $2: not told: $(comm -23 want got | head -n 3)"
    awk -F '\t' -v xid="$2" '$4 == xid && $13 != "" { print $14, $13 }' "$fixtures/$1/expect.tsv" >rows
    while read -r kind _ count; do
        [ -n "$count" ] || { count=$_; }
        case $kind in
        INSERT) key=inserted ;;
        UPDATE) key=updated ;;
        DELETE) key=deleted ;;
        *) continue ;;
        esac
        [ "$(json_value "[.relations[].kept.$key] | index($count) != null" out)" = true ] || miss "$1 $2: no relation with $count $key"
    done < <(sed 's/^UPDATE /UPDATE - /' rows)
}
for fixture in pg10 pg13 pg15 pg18; do
    for xid in $(awk -F '\t' 'NR > 1 && $13 != "" && !seen[$4]++ { print $4 }' "$fixtures/$fixture/expect.tsv" | head -n 12); do
        expects "$fixture" "$xid"
    done
    done_with "$fixture: events and rows are those that the server told"
done

# shown XID: of dump.txt, its COMMIT.
xz -dc "$fixtures/pg15/dump.txt.xz" >dump.txt
run xact 901 "$wal" --format json
expect_status 3
expect_json .end COMMIT
kept=$(grep -E 'tx: +901,.* desc: COMMIT' dump.txt | sed 's/.*subxacts: //; s/;.*//')
expect_json '[.subtransactions[] | select(.fate == "kept").xid] | map(tostring) | join(" ")' "$kept"
back=$(grep -E 'desc: ASSIGNMENT xtop 901' dump.txt | sed 's/.*subxacts: //' | tr ' ' '\n' | grep -vxF "$(tr ' ' '\n' <<<"$kept")" | tr '\n' ' ')
expect_json '[.subtransactions[] | select(.fate == "rolled back").xid] | map(tostring | . + " ") | join("")' "$back"
hidden=$(awk -F ', tx: *|, lsn: ' '/tx: +901,.* desc: COMMIT/ { exit } /desc: ABORT/ && $2 > 901 { print $2 }' dump.txt | grep -vxF "$(tr ' ' '\n' <<<"$kept $back")" | tr '\n' ' ')
expect_json '.possible_subtransactions | map(tostring | . + " ") | join("")' "$hidden"
run xact 950 "$wal" --format json
expect_json .xid 901
expect_json .asked_xid 950
done_with 'subtransactions: kept and rolled back as the tool shows them, those that no record assigns are in doubt; the id of one will do'

run xact 3496 "$fixtures/demo/wal" --format json
expect_status 0
run dump --xid 3496 "$fixtures/demo/wal"
grep 'Standby .*desc: LOCK' out | sed -E 's/.*lsn: ([0-9A-F]+)\/0*([0-9A-F]+), prev.* xid ([0-9]+) db ([0-9]+) rel ([0-9]+).*/\1\/\2 \3 \4 \5/' >want
run xact 3496 "$fixtures/demo/wal" --format json
expect_status 0
json_value '.locks[] | "\(.lsn) \(.xid) \(.database_oid) \(.relation_oid)"' out | cmp -s - want || miss "locks: $(json_value '.locks' out)"
expect_json '.begins_here' true
done_with 'locks are those of its LOCK records'

# It rolled back in segment 0D: no event is told of it.
xid=$(grep 'desc: ABORT ' dump.txt | grep 'lsn: 0/00D' | sed -E 's/.* tx: +([0-9]+),.*/\1/' | tail -n 1)
mkdir names-gap && cp "$wal"/*.gz names-gap && rm names-gap/00000001000000000000000C.gz
run xact "$xid" "$wal"
expect_status 0
run xact "$xid" names-gap
expect_status 3
expect_err 'segment 00000001000000000000000C is missing'
expect_err 'names may be of another time than their records'
done_with 'names of a transaction that rolled back after missing WAL are in doubt'

gid=$(awk -F '\t' '$1 == "commit_prepared_drop" { print $4; exit }' "$fixtures/pg15/expect.tsv")
run xact "$gid" "$wal" --format json
expect_status 0
expect_json .end 'COMMIT PREPARED'
expect_json .prepared_gid 'gid one'
expect_json .prepare_lsn "$(grep -F 'desc: PREPARE gid gid one' dump.txt | sed -E 's/.*lsn: ([0-9A-F]+)\/0*([0-9A-F]+),.*/\1\/\2/')"
[ "$(json_value .meanwhile.commits out)" = "$(awk '/desc: PREPARE gid gid one/ { on = 1 } /desc: COMMIT_PREPARED 1008/ { on = 0 } on && /desc: COMMIT / { n++ } END { print n + 0 }' dump.txt)" ] ||
    miss "meanwhile: $(json_value .meanwhile out)"
done_with 'two-phase: both ends, and who committed meanwhile'

# What ended last before 884 began was a ROLLBACK.
before=$(awk '/, tx: +884,/ { exit } /^rmgr: Transaction .* desc: (ABORT|COMMIT)/ { end = $0 } END { print end }' dump.txt | grep -oE 'desc: ABORT [^ ]+ [^ ]+' | cut -d' ' -f3,4)
run xact 884 "$wal" --format json
expect_json .time_before "${before/ /T}Z"
done_with 'the end of another before its first record bounds its duration'

# 735 and 736 commit while 734 runs.
run xact 734 "$fixtures/pg15-stops/wal" --format json --limit 1
expect_json '.meanwhile | "\(.commits) \(.listed | map(.xid)) \(.last.xid)"' '2 [735] 736'
run xact 734 "$fixtures/pg15-stops/wal" --limit 1
grep -A3 '^meanwhile' out | awk 'NR > 1 { print $1, $2 }' | xargs | grep -qx 'first 735 last 736' || miss "$(grep -A3 '^meanwhile' out)"
done_with 'of those that committed meanwhile as many are listed as --limit says, and the last'

run xact 1205 "$wal" --format json
expect_json .relations '[]'
grep -E 'LogicalMessage .*tx: +1205' dump.txt | sed -E 's/.*lsn: ([0-9A-F]+)\/0*([0-9A-F]+), prev.*prefix "(.*)"; payload \(([0-9]+) .*/\1\/\2 \3 \4/' >want
json_value '.messages[] | "\(.lsn) \(.prefix) \(.bytes)"' out | cmp -s want - || miss "messages: $(json_value .messages out), not $(cat want)"
[ -s want ] || miss 'the dump has no message'
grep -E 'tx: +901,.* desc: COMMIT' dump.txt | sed 's/.*inval msgs: //; s/;.*//' | grep -oE '[a-z]+' | sort | uniq -c | awk '{ print $2, $1 }' >want
run xact 901 "$wal" --format json
json_value '.invalidations | to_entries[] | select(.key != "all" and .value > 0) | "\(.key) \(.value)"' out | sort | cmp -s want - || miss "invalidations: $(json_value .invalidations out), not $(cat want)"
done_with 'logical messages and invalidations are those that the tool shows'

# Segment B has its beginning, or nothing of it.
mkdir begun
cp "$wal"/*B.* begun
run xact 901 begun
expect_status 1
expect_err 'no record of transaction 901'
expect_no_out
# next FIRST|LAST: the id that was to be given next, where the tool shows it first or last.
next() { grep -oE 'nextXid [0-9]+' dump.txt | sed -n "s/nextXid //; $1p"; }
run xact 4000000 "$wal"
expect_status 1
expect_err "the next transaction id to be given, where it is told last, is $(next '$')"
run xact 100 "$wal"
expect_err "ids below $(next 1) had been given: it may have ended before"
expect_not_err 'where it is told last'
done_with 'what is not in the WAL is not found, and stderr says where the WAL begins and ends'

# The transaction that runs when segment B ends: its COMMIT, and the rest of its records, are in C.
open=$(awk -F ', tx: *|, lsn: 0/00|, prev' '$2 >= 3 { segment[$2] = segment[$2] substr($3, 1, 1) } END { for (x in segment) if (segment[x] ~ /^B.*C/) print x }' dump.txt | head -n 1)
[ -n "$open" ] || miss 'no transaction runs when segment B ends'
run xact "$open" begun --format json
expect_json .end null
expect_json .end_lsn null
expect_json .events '[]'
expect_json .may_be_subtransaction true
run xact "$open" begun
expect_out 'none: not ended when this WAL ends'
expect_out 'may be a subtransaction of another'
run xact --format csv begun
grep -q "^$open,[^,]*,,,," out || miss "the list: $(grep "^$open," out)"
mkdir rest
cp "$wal"/*C.* rest
run xact "$open" rest --format json
expect_status 3
expect_err 'may have begun before this WAL'
expect_json .begins_here false
mkdir gap
cp "$wal"/*B.* "$wal"/*D.* gap
run xact "$open" gap --format json
expect_status 3
expect_json .end null
expect_err 'missing'
run xact --from-lsn 0/D00000 gap # who ends in D may have records in C
expect_status 3
expect_err 'segment 00000001000000000000000C is missing'
done_with 'without its end it has not ended, without its beginning it may have begun before, and a gap is doubt'

# Ids repeat on timelines: 749 ended on the first one, and another on the second.
run xact 749 "$fixtures/timelines17/wal" --format json
expect_status 0
expect_json .timeline 2
expect_err 'timeline 1 has a transaction 749 too'
run xact 749 --timeline 1 "$fixtures/timelines17/wal" --format json
expect_json .timeline 1
expect_no_err
run xact 700 "$fixtures/timelines17/wal"
expect_status 1
expect_err 'ends at 0/1000000'
expect_err 'timeline 1 goes on past'
done_with 'of a transaction with the same id on another timeline stderr tells'

# What is told of a fetched archive is what is told of the folder; where fetching begins --from-lsn says.
mkdir -p plain
for file in "$fixtures"/demo/wal/*.gz; do gzip -dc "$file" >"plain/$(basename "$file" .gz)"; done
run xact 3496 --format json plain
cp out want
run xact 3496 --format json --from-command 'cp plain/%f %p 2>/dev/null' --from-lsn 0/B00000
expect_status 0
cmp -s want out || miss 'another biography from a command'
run xact 3496 --from-command 'cp plain/%f %p 2>/dev/null' --from-lsn 0/C00000
expect_status 3
expect_err 'begins at 0/C000'
run xact 3496 --from-command 'cp plain/%f %p 2>/dev/null' --from-lsn 0/B00000 --to-lsn 0/D00000
expect_error 'go without an XID'
done_with 'WAL that a command fetches: the same biography, from --from-lsn on'

for step in 'CREATE DATABASE doomed' 'DROP DATABASE doomed' 'CREATE TABLESPACE "Lost Space"' 'DROP TABLESPACE "Lost Space"'; do
    run events --format csv "^$step" "$wal"
    xid=$(awk -F, 'NR == 2 { print $5 }' out)
    name=${step#* * } name=${name//\"/}
    run xact "$xid" "$wal" --format json
    expect_json '.files[0].name' "$name"
    run xact "$xid" "$wal"
    grep -qE "^  [^ ]+ +(database|tablespace) (created|dropped) .*  $name\$" out || miss "$step: $(grep -A1 '^files' out)"
done
done_with 'databases and tablespaces have their names in the lines of files'

# What the server was told to do stands in tests/fixtures/README.md.
minimal=$fixtures/cases/minimal14
# rows NAME: those that are kept of the relation.
rows() { json_value ".relations[] | select(.name == \"$1\").kept | [.inserted, .updated, .deleted] | map(tostring) | join(\" \")" out; }
for pair in 737:n 738:p 741:o 742:full_table 745:r; do
    run xact "${pair%:*}" --format json "$minimal"
    expect_status 3
    expect_err 'wal_level was minimal: how many rows came into 1 new file is not known'
    [ "$(rows "public.${pair#*:}")" = 'null null null' ] || miss "$pair: $(rows "public.${pair#*:}")"
done
run xact 737 "$minimal"
grep -qE ' +\? +\? +\?  public\.n$' out || miss "$(grep 'public' out)"
run xact 737 --format json "$minimal"
[ "$(rows public.t)" = '10 0 0' ] || miss "rows that the WAL has: $(rows public.t)"
for pair in '743:public.t_i_idx:0 0 0' '744:public.t:0 0 2'; do # a file without rows, and none that is new
    IFS=: read -r xid name want <<<"$pair"
    run xact "$xid" --format json "$minimal"
    expect_status 0
    [ "$(rows "$name")" = "$want" ] || miss "$pair: $(rows "$name")"
done
for pair in 746:auto 747:o 748:full_table 749:big; do # what made the file has no transaction id
    run xact "${pair%:*}" --format json "$minimal"
    expect_status 3
    expect_err 'wal_level was minimal'
    case $pair in 746* | 749*) [ "$(json_value '.relations[0] | .name + " " + (.kept.inserted | tostring)' out)" = "public.${pair#*:} null" ] || miss "$pair: $(json_value '.relations[0]' out)" ;; esac
done
for xid in 750 751; do # CREATE VIEW, INSERT
    run xact "$xid" "$minimal"
    expect_status 0
done
done_with 'wal_level minimal: rows of a file that the transaction made are not known, and that is doubt'

run xact "$minimal"
expect_status 3
expect_err 'wal_level was minimal: 9 transactions' # 737, 741 to 743, 746 to 750
run xact --from-lsn 0/930A18 --to-lsn 0/930A90 "$minimal" # 744
expect_not_err 'minimal'
done_with 'wal_level minimal: the list says of how many transactions it may miss rows'

run xact 738 --format json "$minimal"
expect_json .prepared_gid "it's"
expect_json .possible_subtransactions '[]'
run xact 738 "$minimal"
expect_out "prepared         'it''s' at 0/91F498"
run xact 739 --format json "$minimal"
expect_json .possible_subtransactions '[740]'
done_with 'a gid is quoted as SQL does; what began after PREPARE is no subtransaction'

# ---- usage ----------------------------------------------------------------------------------------

run xact 2 "$wal"
expect_error 'is not the id of a transaction'
run xact $((2 ** 32 + 2)) "$wal"
expect_error 'is not the id of a transaction'
run xact 99999999999999999999999 "$wal"
expect_error 'is not the id of a transaction'
run xact 901 --format csv "$wal"
expect_error '--format csv goes with the list'
run xact 901 --from-lsn 0/B00000 "$wal"
expect_error 'go without an XID'
run xact 901 --since 2026-01-01 "$wal"
expect_error 'go without an XID'
run xact --backup x "$wal"
expect_error 'cannot open backup "x"'
run xact DROP "$wal"
expect_error 'is it the XID?'
cp -r "$wal" 901
run xact 901
expect_status 3
expect_out 'first LSN'
done_with 'an XID is a number that names no file; what does not go together is refused'

exit $((failures > 0))
