#!/bin/bash
# Proves that `pitr-find dump --follow` prints each record once and none too few, however its folder grows: by whole files, by pieces, by
# names that change, over gaps, recycled files and timelines.
#
# The right text is what pg_waldump of the fixture's major printed for the same WAL: tests/fixtures/NAME/dump.txt.xz. Of
# timelines it is what `dump` prints of the archive as it is in the end.
#
#   tests/cli/follow.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

xz -dc "$fixtures/pg15/dump.txt.xz" >pg15.txt
wal=$fixtures/pg15/wal
unpack pg15 plain
name() { printf '0000000100000000000000%02X' "$1"; } # of segment 0xB to 0x11, of 1 MB each

# of_segments FROM UNTIL: the records that begin in them
of_segments() {
    awk -F 'lsn: 0/|, prev' -v from="$(printf '%03X00000' "$1")" -v until="$(printf '%03XFFFFF' "$2")" \
        '$2 "" >= from "" && $2 "" <= until ""' pg15.txt
}

# follow ARG...: in the background, from here on
follow() {
    : >out
    "$program" dump --follow "$@" >out 2>err </dev/null &
    follower=$!
    children=("$follower")
}

# wait_for WHAT COMMAND...: until it succeeds, or two minutes are over
wait_for() {
    local what=$1 end=$((SECONDS + 120))
    shift
    until "$@" 2>/dev/null; do
        [ "$SECONDS" -lt "$end" ] || {
            miss "no $what in time: $(wc -l <out) lines, $(head -c 900 err)"
            return 0
        }
        sleep 0.05
    done
}
has_lines() { [ "$(wc -l <out)" -ge "$1" ]; }
# wait_lines FILE: until so many lines as it has are printed
wait_lines() { wait_for "$(wc -l <"$1") lines" has_lines "$(wc -l <"$1")"; }
is_told() { grep -qF -- "$1" err; }
is_gone() { ! kill -0 "$follower"; }

# ends SIGNAL: sends it; the status is in $status
ends() {
    kill -"$1" "$follower"
    status=0
    wait "$follower" || status=$?
    children=()
}
# ends_alone: the same, without a signal
ends_alone() {
    wait_for end is_gone
    status=0
    wait "$follower" || status=$?
    children=()
}
expect_text() { cmp -s out "$1" || miss "stdout is not $1: $(diff out "$1" | head -n 6 | cut -c1-200)"; }

# ---- an archive -------------------------------------------------------------------------------

# By a name that is not read, and then its own, as archive_command should.
mkdir whole
cp "plain/$(name 11)" "whole/$(name 11)"
follow whole
for segment in 11 12 13 14 15 16 17; do
    cp "plain/$(name $segment)" "whole/$(name $segment).tmp"
    mv "whole/$(name $segment).tmp" "whole/$(name $segment)"
    # The last record goes on in the next segment.
    of_segments 11 "$segment" | head -n -1 >some.txt
    wait_lines some.txt
done
wait_lines pg15.txt
ends INT
expect_status 0
expect_text pg15.txt
expect_no_err
done_with 'whole segments that arrive one by one'

# By a cp that takes its time, and pieces that end in the middle of records and pages.
mkdir pieces
head -c 70000 "plain/$(name 11)" >"pieces/$(name 11)"
follow -j1 pieces
for segment in 11 12 13 14 15 16 17; do
    at=$(stat -c %s "pieces/$(name $segment)" 2>/dev/null || echo 0)
    while [ "$at" -lt 1048576 ]; do
        dd if="plain/$(name $segment)" iflag=skip_bytes,count_bytes skip="$at" count=190001 status=none >>"pieces/$(name $segment)"
        at=$(stat -c %s "pieces/$(name $segment)")
        sleep 0.07
    done
done
wait_lines pg15.txt
ends TERM
expect_status 0
expect_text pg15.txt
expect_not_err warning
done_with 'segments that grow by pieces'

# Packed in place: for a moment both are there, and the packed one is not whole.
mkdir packed
cp "plain/$(name 11)" packed
follow packed
for segment in 11 12 13 14 15 16 17; do
    [ "$segment" = 11 ] || cp "plain/$(name $segment)" packed
    sleep 0.2
    gzip -c "plain/$(name $segment)" >one.gz
    head -c 5000 one.gz >"packed/$(name $segment).gz"
    sleep 0.2
    tail -c +5001 one.gz >>"packed/$(name $segment).gz"
    rm "packed/$(name $segment)"
done
wait_lines pg15.txt
ends INT
expect_status 0
expect_text pg15.txt
expect_not_err warning
done_with 'segments that are packed while they are read'

# As pg_receivewal does it.
mkdir received
head -c 1048576 /dev/zero >zeros
cp zeros "received/$(name 11).partial"
head -c 300000 "plain/$(name 11)" | dd of="received/$(name 11).partial" conv=notrunc status=none
follow received
for segment in 11 12 13 14 15 16 17; do
    [ "$segment" = 11 ] || cp zeros "received/$(name $segment).partial"
    head -c 500000 "plain/$(name $segment)" | dd of="received/$(name $segment).partial" conv=notrunc status=none
    sleep 0.6
    dd if="plain/$(name $segment)" of="received/$(name $segment).partial" conv=notrunc bs=65536 status=none
    mv "received/$(name $segment).partial" "received/$(name $segment)"
done
wait_lines pg15.txt
ends INT
expect_status 0
expect_text pg15.txt
expect_not_err warning
done_with '.partial files that are filled, and renamed'

# ---- a pg_wal ---------------------------------------------------------------------------------

# Files that were used before, under the names of segments to come, are overwritten page by page; a page is not written when one looks.
mkdir pg_wal
cp "plain/$(name 11)" pg_wal
for segment in 12 13 14 15; do cp "plain/$(name 11)" "pg_wal/$(name $segment)"; done
cp zeros "pg_wal/$(name 16)"
follow pg_wal
for segment in 12 13 14 15 16 17; do
    [ "$segment" != 17 ] || cp zeros "pg_wal/$(name 17)"
    # The pages from 20 on come first, the 20 before them afterwards.
    dd if="plain/$(name $segment)" of="pg_wal/$(name $segment)" bs=8192 count=40 conv=notrunc status=none
    sleep 0.3
    dd if="plain/$(name $segment)" of="pg_wal/$(name $segment)" bs=8192 skip=60 seek=60 count=20 conv=notrunc status=none
    sleep 0.7
    dd if="plain/$(name $segment)" of="pg_wal/$(name $segment)" bs=8192 skip=40 seek=40 conv=notrunc status=none
done
wait_lines pg15.txt
ends INT
expect_status 0
expect_text pg15.txt
expect_not_err warning
done_with 'recycled files of a pg_wal, and pages that are not written yet'

rm -r pg_wal
mkdir pg_wal
cp "plain/$(name 11)" "plain/$(name 12)" pg_wal
follow pg_wal
of_segments 11 12 | head -n -1 >some.txt
wait_lines some.txt
cp "plain/$(name 15)" "plain/$(name 16)" pg_wal/
rm "pg_wal/$(name 11)" "pg_wal/$(name 12)"
of_segments 15 16 | head -n -1 >>some.txt
wait_lines some.txt
# What it was told is kept: all else is as it should be.
cp "plain/$(name 17)" pg_wal/
{
    of_segments 11 12 | head -n -1
    of_segments 15 17
} >some.txt
wait_lines some.txt
ends INT
expect_status 3
expect_text some.txt
expect_err 'the WAL from 0/CFF6A8 to 0/F00000 was removed before it was read'
[ "$(wc -l <err)" -eq 1 ] || miss "more is told: $(cat err)"
done_with 'segments that are removed before they are read are told: status 3'

# ---- what is not there yet --------------------------------------------------------------------

mkdir gap
cp "plain/$(name 11)" "plain/$(name 13)" gap
follow gap
of_segments 11 11 | head -n -1 >some.txt
wait_lines some.txt
wait_for 'line about the gap' is_told 'waiting: segment 00000001000000000000000C is missing (0/C00000 to 0/D00000)'
[ "$(wc -l <out)" -eq "$(wc -l <some.txt)" ] || miss 'it went on'
cp "plain/$(name 12)" gap/
for segment in 14 15 16 17; do cp "plain/$(name $segment)" gap/; done
wait_lines pg15.txt
ends INT
expect_status 0
expect_text pg15.txt
[ "$(wc -l <err)" -eq 1 ] || miss "not told once: $(cat err)"
done_with 'a gap is waited for'

# Damage is what stays as it is.
mkdir broken
cp "plain/"* broken
poke "broken/$(name 13)" 100020 '\377\377\377'
poke "broken/$(name 15)" 300020 '\377\377\377'
run dump broken
expect_status 3
mv out want.txt
mv err want.err
follow broken
wait_lines want.txt
ends INT
expect_status 3
expect_text want.txt
cmp -s err want.err || miss "told otherwise: $(diff err want.err)"
done_with 'damage is told as dump does, and reading goes on after it'

# ---- timelines --------------------------------------------------------------------------------

lines=$fixtures/timelines17/wal
run dump --save-fullpage want_pages "$lines"
mv out want.txt
mkdir promoted
cp "$lines"/00000001*A.gz "$lines"/0000000{1,2}*B.gz "$lines"/00000002.history.gz "$lines"/00000002*[CD].gz "$lines"/00000002*E.partial.gz promoted
run dump promoted
mv out before.txt
follow promoted --save-fullpage pages
wait_lines before.txt
cp "$lines"/00000003000000000000000F.gz promoted
wait_for 'line about the history file' is_told 'waiting for the history file of timeline 3'
cp "$lines"/00000003.history.gz promoted
cp "$lines"/00000003*E.gz promoted
wait_lines want.txt
ends INT
expect_status 0
expect_text want.txt
expect_err 'timeline 3 begins at 0/E003E8: going on along it'
expect_not_err warning
# The names have the timeline of the file that was read: before the promotion 2, from where timeline 3 begins on 3.
pages_of() { (cd "$1" && md5sum -- *) | sed "s/  [0-9A-F]*-/ /"; }
diff <(pages_of want_pages) <(pages_of pages) >difference || miss "other page images: $(head -n 5 difference)"
after_fork() { find "$1" -name '*-00000000-00[EF]*' -printf '%f\n' | awk -F '[-.]' '$3 >= "00E003E8"' | sort; }
after_fork want_pages >want
[ -s want ] || miss 'no page image of the new timeline'
after_fork pages | diff want - >difference || miss "other names: $(head -n 5 difference)"
done_with 'a promotion: the new timeline is followed from where it begins'

mkdir stays
cp promoted/* stays
rm stays/00000003*
follow --timeline 2 stays
wait_lines before.txt
cp promoted/* stays
sleep 1.5
ends INT
expect_status 0
expect_text before.txt
expect_no_err
done_with '--timeline N stays on it'

mkdir behind
cp "$lines"/00000001*.gz behind
run dump behind
mv out before.txt
follow behind
wait_lines before.txt
cp "$lines"/0000000[23]* behind
{
    cat before.txt
    awk -F 'lsn: 0/|, prev' '$2 >= "00B214E8"' want.txt
} >both.txt
wait_lines both.txt
ends INT
expect_status 3
expect_text both.txt
expect_err 'timeline 3 branches off timeline 1 at 0/B214E8: what was printed from there to'
done_with 'a timeline that begins before what was printed is told: status 3'

cp -r "$lines" lying
rm lying/0000000[23].history.gz
printf '1\t0/1' >lying/00000002.history
run dump --timeline 2 lying
expect_status 3
mv out want.txt
mv err want.err
follow --timeline 2 lying
wait_lines want.txt
wait_for 'line about the history file' is_told 'its WAL that it does at 0/B214E8'
ends INT
expect_status 3
expect_text want.txt
cmp -s err want.err || miss "told otherwise: $(diff err want.err)"
done_with 'a history file that the WAL contradicts is doubt'

# ---- ends -------------------------------------------------------------------------------------

mkdir grows
cp "plain/$(name 11)" grows
of_segments 11 11 | head -n -1 >some.txt
at=$(awk -F 'lsn: |, prev' 'NR == 7000 { print $2 }' pg15.txt)
follow --to-lsn "$at" grows
wait_lines some.txt
cp "plain/$(name 12)" grows/
ends_alone
expect_status 0
head -n 7000 pg15.txt >some.txt
expect_text some.txt
rm "grows/$(name 12)"
follow -n 7000 grows
sleep 0.2
cp "plain/$(name 12)" grows/
ends_alone
expect_status 0
expect_text some.txt
done_with '--to-lsn and --limit end it'

follow --last 5 --rmgr Heap whole
grep '^rmgr: Heap ' pg15.txt | tail -n 5 >some.txt
wait_lines some.txt
ends INT
expect_status 0
expect_text some.txt
rm "grows/$(name 12)"
follow --last 3 grows
head -n -1 <(of_segments 11 11) | tail -n 3 >some.txt
wait_lines some.txt
for segment in 12 13 14 15 16 17; do cp "plain/$(name $segment)" grows/; done
tail -n +"$(($(of_segments 11 11 | wc -l) - 3))" pg15.txt >some.txt
wait_lines some.txt
ends INT
expect_text some.txt
done_with '--last N: the last ones, and what follows'

at=$(awk -F 'lsn: |, prev' 'NR == 30000 { print $2 }' pg15.txt)
follow --from-lsn "$at" --format csv grows
wait_for 'rows' has_lines $(($(wc -l <pg15.txt) - 29998))
ends INT
expect_status 0
run dump --from-lsn "$at" --format csv whole
mv out want.txt
follow --from-lsn "$at" --format csv grows
wait_lines want.txt
ends INT
expect_text want.txt
[ "$(grep -c '^lsn,' out)" -eq 1 ] || miss 'not one line with the names of columns'
done_with '--from-lsn, and csv with its names of columns once'

# Nobody reads any more, and no WAL comes that could make it notice.
set +o pipefail
SECONDS=0
timeout 60 "$program" dump --follow whole 2>err | head -n 1 >out
set -o pipefail
[ "$SECONDS" -lt 30 ] || miss 'it did not end'
expect_no_err
timeout 60 "$program" dump --follow --last 1 whole 2>err | { read -r _; }
[ "$SECONDS" -lt 30 ] || miss 'it did not end'
expect_no_err
done_with 'dump --follow | head ends quietly'

mkdir empty
fails 'a folder without WAL' 'no WAL segment' dump --follow empty
fails 'a folder that is not there' 'No such file or directory' dump --follow ./nowhere
fails '--follow and --from-command' '--follow reads files' dump --follow --from-command 'cp x/%f %p' --from-lsn 0/B00028
fails '--follow and --xid' '--follow goes with neither --xid nor --relation REGEX' dump --follow --xid 747 whole
fails '--follow and names' '--follow goes with neither --xid nor --relation REGEX' dump --follow --relation orders whole
fails '--follow and --names' '--follow does not go with --names' dump --follow --names whole
fails '--follow and --until' '--follow does not go with --until' dump --follow --until 2026-11-23 whole
