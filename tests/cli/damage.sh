#!/bin/bash
# Proves what is said about WAL that is missing or cannot be read, one kind of damage after the other: reading goes on
# behind it, the event is found, and whether a server gets there is said apart from that. With the exit status.
#
# The archive is that of tests/fixtures/pg15-backup: 0F lies before the base backup, 10 has the backup, 11 the drop.
# Where damage lies is what PostgreSQL's own pg_waldump says, where that is installed.
#
#   tests/cli/damage.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

before=00000001000000000000000F middle=000000010000000000000010 last=000000010000000000000011
base=$fixtures/pg15-backup/base.tar.gz
unpack pg15-backup whole
xid=$(told pg15-backup drop_old_table xid)

# found_in FOLDER: the drop is found where the server said, whatever else is wrong.
found_in() {
    run --before-xid "$xid" "$1"
    in_range "$(setting recovery_target_lsn)" pg15-backup drop_old_table
    expect_err "by          transaction $xid, committed at $(setting recovery_target_lsn) in $last"
}

# Only the base backup has names, for its catalogs have moved.
found_with_base() {
    run --before 'DROP TABLE shop\.orders$' --database app --backup "$base" "$1"
    in_range "$(setting recovery_target_lsn)" pg15-backup drop_old_table
    expect_err "found DROP TABLE shop.orders in database app"
}

# restorable_is VALUE FOLDER: in JSON
restorable_is() {
    run -q --before-xid "$xid" --format json "$2"
    expect_json 'key("restorable")' "$1"
    expect_no_err
}

# copy NAME: a whole archive to be spoilt.
copy() { cp -r whole "$1"; }

# waldump_agrees FOLDER SEGMENT LSN: the server's reader ends at that record, too.
waldump_agrees() {
    [ -n "$waldump" ] || return 0
    "$waldump" -p "$1" "$2" >/dev/null 2>waldump || true
    grep -qiE "(at|record at|offset) $3|$3" waldump || miss "pg_waldump says: $(cat waldump), not $3"
}

# ---- nothing is wrong -------------------------------------------------------------------------

found_in whole
expect_status 0
expect_err "restorable  yes: this archive is whole from 0/1000028, where that backup starts, to $(setting recovery_target_lsn)"
restorable_is true whole
found_with_base whole
expect_status 0
expect_err "restorable  yes"
mkdir no-backup && cp whole/???????????????????????? no-backup
run --before-xid "$xid" no-backup
expect_not_err restorable
run -q --before-xid "$xid" --format json no-backup
expect_json 'key("restorable")' null
done_with "whole: found, restorable where the backup is known"

# ---- damage that is in the way ----------------------------------------------------------------

# in_the_way NAME FOLDER WORDS: found, not restorable, 3; verify: 1.
in_the_way() {
    local name=$1 folder=$2
    shift 2
    found_in "$folder"
    expect_status 3
    expect_err "restorable  not from this archive as it is, see below"
    expect_err "recovery from this backup cannot get past 0/10"
    for words; do expect_err "$words"; done
    restorable_is false "$folder"
    expect_status 3
    found_with_base "$folder"
    expect_status 3
    expect_err "restorable  not from this archive as it is, see below"
    run events -q --backup "$base" "$folder"
    expect_status 3
    run verify "$folder"
    expect_status 1
    expect_out "result         not whole: "
    expect_out "replay ends at 0/10"
    done_with "$name"
}

copy zeroed && dd if=/dev/zero of=zeroed/$middle bs=8192 seek=2 count=1 conv=notrunc status=none
in_the_way "a zeroed page" zeroed "wrong page header (00000000, expected 0000D110) at 0/100" " in $middle"

copy flipped && poke flipped/$middle 5000 '\xff\xfe'
found_in flipped
lsn=$(sed -nE 's/.*record with a wrong checksum .* at ([0-9A-F/]+) in .*/\1/p' err)
waldump_agrees flipped $middle "$lsn"
in_the_way "a flipped bit" flipped "record with a wrong checksum (" " at $lsn in $middle"

copy header && poke header/$middle $((8192 * 3)) '\x00\x01'
in_the_way "a page of another kind" header "wrong page header (" " in $middle"

copy length && poke length/$middle $((0x28 + 0)) '\x07\x00\x00\x00'
run --before-xid "$xid" length
expect_status 3
expect_err "at 0/1000028 in $middle"
in_range "$(setting recovery_target_lsn)" pg15-backup drop_old_table
done_with "a record of impossible length"

copy cut-middle && truncate -s 20000 cut-middle/$middle
in_the_way "a segment in the middle that is cut" cut-middle "the file ends early, at 0/100" " in $middle"

copy gone && rm gone/$middle
found_in gone
expect_status 3
expect_err "segment $middle is missing (0/1000000 to 0/1100000)"
expect_err "recovery from this backup cannot get past 0/1000000"
restorable_is false gone
expect_json .source.gaps '[{"timeline":1,"from":"0/1000000","until":"0/1100000"}]'
run verify gone
expect_status 1
expect_out "gap: segment $middle is missing (0/1000000 to 0/1100000)"
expect_out "no recovery: replay ends at 0/1000000, before the backup's end"
done_with "a gap"

# The DROP lies in 0C; in 0B and 0D transactions ended, too.
unpack demo demo-gap && rm demo-gap/00000001000000000000000C
moment=$(told demo drop_orders commit_time)
run --before-time "$moment" demo-gap
expect_status 3
expect_err ", and what is in the WAL after it that cannot be read"
expect_err "$moment may lie in WAL that cannot be read (0/C00000 to 0/D00000): the last transaction read before that ended at 2026-11-23T01:43:1"
expect_err ", the next one that can be read ended at 2026-11-23T01:43:14."
run --before-time "$(told demo clean_up_items commit_time)" demo-gap
expect_status 3
expect_err "by          transaction $(told demo clean_up_items xid),"
expect_not_err "may lie in WAL"
expect_not_err "and what is in the WAL after it"
run --before-time "$(told demo drop_import_batch commit_time)" demo-gap
expect_status 3
expect_err "by          transaction $(told demo drop_import_batch xid),"
expect_err "loses       at least "
expect_not_err "may lie in WAL"
run --before-time "$moment" "$fixtures/demo/wal"
expect_status 0
expect_not_err "cannot be read"
run --before-time "$(told pg15-backup drop_while_copying commit_time)" gone
expect_status 3
expect_err "is before the first transaction that can be read here, which ended at $(told pg15-backup delete_old_table commit_time)"
expect_err "0/1000000 to 0/1100000 cannot be read"
expect_not_err "before this WAL begins"
done_with "a moment that may lie in a gap"

# ---- the last segment -------------------------------------------------------------------------

lsn=$("$program" -q --before-xid "$xid" whole | sed -n "s/^recovery_target_lsn = '0\/11\(.*\)'/\1/p")
behind=$((16#$lsn + 8192))
copy cut-last && truncate -s $behind cut-last/$last
found_in cut-last
expect_status 3
expect_err "$last does not have the size of a segment: a server refuses it, copy it again. What may follow 0/11"
expect_err "restorable  not from this archive as it is"
expect_err "recovery from this backup cannot get past 0/1100000"
restorable_is false cut-last
run verify cut-last
expect_status 1
expect_out "damage: $last does not have the size of a segment"
done_with "a last segment that is cut behind the drop: found, not restorable"

copy cut-before && truncate -s $((16#$lsn - 64)) cut-before/$last
run --before-xid "$xid" cut-before
expect_status 3
expect_err "transaction $xid does not end in this WAL"
expect_err "$last does not have the size of a segment"
done_with "a last segment that is cut before the drop: not found, and why"

# No base backup helps where the target lies in the segment that is refused.
unpack demo demo-cut && truncate -s 300000 demo-cut/00000001000000000000000D
run --before-xid "$(told demo clean_up_items xid)" demo-cut
expect_status 3
in_range "$(setting recovery_target_lsn)" demo clean_up_items
expect_err 'recovery cannot get past 0/D00000, and the target lies after it'
expect_not_err 'backup that was taken after it'
done_with "a target in a last segment that is cut, without a backup"

copy packed && gzip packed/$last && truncate -s $(($(stat -c %s packed/$last.gz) * 2 / 3)) packed/$last.gz
run events --backup "$base" packed
expect_status 3
expect_err "$last.gz has compressed data that is cut short or damaged"
run verify packed
expect_status 1
expect_out "$last.gz has compressed data that is cut short or damaged"
done_with "a packed last segment that is cut"

copy tail && gzip tail/$last && poke tail/$last.gz $(($(stat -c %s tail/$last.gz) - 6)) '\x00\x00'
run verify tail
expect_status 1
expect_out "$last.gz has compressed data that is cut short or damaged"
done_with "a packed segment whose own checksum is wrong: verify reads to the end"

copy partial && mv partial/$last partial/$last.partial && truncate -s $behind partial/$last.partial
found_in partial
expect_status 0
expect_not_err "does not have the size"
expect_out "pitr-find fetch" # which serves it by the name without .partial
run verify partial
expect_status 0
done_with "a .partial file may end anywhere"

# ---- damage that is not in the way ------------------------------------------------------------

copy older && poke older/$before 100 '\xff\xfe'
found_in older
expect_status 3
expect_err "record with a wrong checksum ("
expect_err "restorable  yes: this archive is whole from 0/1000028"
expect_not_err "cannot get past"
restorable_is true older
run verify older
expect_status 1
expect_out "from 0/10"
expect_out "to the last commit at"
run simulate "recovery_target_xid=$xid" older
expect_status 0
expect_err "record with a wrong checksum ("
done_with "damage before the base backup: restorable all the same"

cp -r older unlabelled && rm unlabelled/*.backup
run simulate "recovery_target_xid=$xid" unlabelled
expect_status 3
expect_err "record with a wrong checksum ("
cp -r whole undamaged && rm undamaged/*.backup
run simulate "recovery_target_xid=$xid" undamaged
expect_status 0
done_with "damage before a start that no backup tells: doubt"

copy unstartable && dd if=/dev/zero of=unstartable/$middle bs=8192 count=1 conv=notrunc status=none
run simulate "recovery_target_xid=$xid" unstartable
expect_status 3
expect_err "it begins with zeros"
done_with "damage where the base backup starts: doubt"

first_drop=$(told pg15-backup drop_rule xid)
copy counted && poke counted/$last $((16#$(printf '%s' "$(told pg15-backup drop_old_table lsn_before)" | tail -c 5) + 60)) '\xff\xfe\xfd\xfc'
run simulate "recovery_target_xid=$first_drop" counted
expect_status 0
expect_out "loses       at least "
run simulate "recovery_target_xid=$first_drop" whole
expect_not_out "at least"
done_with "damage after the stop: simulate loses at least what can be read"

copy later && poke later/$last $((16#$lsn + 4096)) '\xff\xfe'
found_in later
expect_status 3
expect_err "restorable  yes"
expect_not_err "cannot get past"
expect_err "loses       at least "
found_in whole
expect_err "loses       "
expect_not_err "loses       at least "
done_with "damage behind the target: restorable all the same"

# ---- a commit record in two segments ----------------------------------------------------------

first=$(basename "$(ls "$fixtures"/pg15-crossing/wal/*.gz | head -n 1)" .gz)
unpack pg15-crossing crossing
segments=(crossing/*)
second=$(basename "${segments[1]}")
crossing=$(told pg15-crossing drop_crossing xid)
run --before 'DROP TABLE public\.orders$' crossing
expect_status 0
in_range "$(setting recovery_target_lsn)" pg15-crossing drop_crossing
lsn=$(setting recovery_target_lsn)
expect_err "committed at $lsn in $first"
done_with "a commit record in two segments"

# A server cannot read the record: the target is the one before it, inclusive.
before_cut() {
    expect_status 3
    expect_line "recovery_target_inclusive = 'true'"
    in_range "$(setting recovery_target_lsn)" pg15-crossing drop_crossing
    [ "$((16#$(setting recovery_target_lsn | sed 's/.*\///')))" -lt "$((16#${lsn#*/}))" ] || miss "it does not lie before the record"
    expect_out "transaction $crossing, whose commit record begins at $lsn in $first on timeline 1 and is not whole"
    expect_err "loses       $1 transaction"
}
cp -r crossing crossing-gap && rm crossing-gap/$second
run --before 'DROP TABLE public\.orders$' crossing-gap
before_cut 'at least 2'
expect_err "segment $second is missing"
expect_err "; the COMMIT of transaction $crossing at $lsn goes on there"
run --before 'DROP TABLE public\.kept$' crossing-gap
expect_status 3
in_range "$(setting recovery_target_lsn)" pg15-crossing drop_in_the_third
expect_err "recovery cannot get past"
run -q --before 'DROP TABLE .*kept' --format json crossing-gap
expect_json .restorable false
run events -q crossing-gap
expect_status 3
expect_out "$(told pg15-crossing drop_in_the_third xid)"
done_with "its second segment is missing: the drop is found by the first, reading goes on"

mkdir crossing-end && cp "crossing/$first" crossing-end
for option in "--before=DROP TABLE public\.orders$" "--before-xid=$crossing"; do
    run "$option" crossing-end
    before_cut 1
    expect_err "the record at $lsn, with which transaction $crossing ends, goes on in $second, which is not here: whether it was written whole is not known"
done
run --before 'DROP TABLE public\.orders$' --format json crossing-end
expect_json '.event | [key("time"), key("commit_end_lsn")]' '[null,null]'
run events --format csv crossing-end
expect_status 3
expect_out "DROP TABLE public.orders"
run events INSERT crossing-end
expect_status 0
expect_err "what that transaction did is not told"
run verify crossing-end
expect_status 0
done_with "the archive ends inside the record: the drop is found, in doubt"

# ---- a file that is none ----------------------------------------------------------------------

copy rubbish && head -c 1048576 /dev/zero | tr '\0' 'x' >rubbish/$middle
found_in rubbish
expect_status 3
restorable_is false rubbish
run verify rubbish
expect_status 1
expect_out "$middle\" is not a WAL segment"
done_with "a file that is not WAL in the middle"

copy html && echo '<Error><Code>NoSuchKey</Code></Error>' >html/$last
run events html
expect_status 3
expect_err "$last is not a segment (it holds XML or HTML, as an object store answers when something is wrong): a server refuses it, copy it again. What may follow 0/1100000 in it cannot be read"
done_with "an object store's answer in place of the last segment"

[ "$failures" -eq 0 ]
