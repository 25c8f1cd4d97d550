#!/bin/bash
# Proves what `pitr-find verify` says of an archive: what is there, what is wrong, from where to where can be recovered.
#
# Positions, times, counts and settings are those the servers told (tests/fixtures: expect.tsv, counts.tsv, .history and
# .backup files) or what pg_waldump reads, where that is installed. Damage inside of segments is tests/cli/damage.sh.
#
#   tests/cli/verify.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

as_time() { sed 's/ /T/; s/ UTC$/.000000Z/' <<<"$1"; } # "2026-11-22 22:20:46 UTC" of a .backup file

# ---- whole archives of every major --------------------------------------------------------------

for folder in "$fixtures"/*/wal; do
    name=$(basename "$(dirname "$folder")")
    run verify "$folder"
    expect_status 0
    expect_no_err
    expect_line "result         whole"
    if compgen -G "$folder/*.backup*" >/dev/null; then
        expect_not_out "none known"
    else
        expect_line "backups        none known: no .backup file here, no --backup; WAL alone cannot be restored"
    fi
    run verify --format csv -j3 "$folder"
    expect_status 0
    [ "$(sed 1d out | cut -d, -f5 | sort -u)" = whole ] || miss "$(cut -d, -f5 out | sort | uniq -c)"
    if [ -e "$fixtures/$name/counts.tsv" ]; then
        want=$(sed -n 's/^total\t//p' "$fixtures/$name/counts.tsv")
        got=$(awk -F, 'NR > 1 { n += $6 } END { print n }' out)
        [ "$got" = "$want" ] || miss "$got records, the server says $want"
    fi
    cp out parallel
    run verify --format csv -j1 "$folder"
    cmp -s out parallel || miss "another number of threads, another result"
    done_with "$name: whole"
done

# ---- the first and last commit of each segment --------------------------------------------------

if [ -n "$waldump" ]; then
    name=pg15 # it reads its own major only
    unpack $name plain-$name
    run verify --format csv plain-$name
    while IFS=, read -r _ segment start end _ _ commits first first_time last last_time; do
        { "$waldump" -r Transaction -p plain-$name -s "$start" -e "$end" 2>/dev/null || true; } |
            grep 'desc: COMMIT' >records || true
        [ "$(wc -l <records)" = "$commits" ] || miss "$segment: $commits commits, pg_waldump has $(wc -l <records)"
        for pair in "head $first ${first_time%Z}" "tail $last ${last_time%Z}"; do
            read -r end_of lsn time <<<"$pair"
            record=$("$end_of" -n 1 records)
            [ "$(padded "$(sed -E 's/.* lsn: ([0-9A-F/]+),.*/\1/' <<<"$record")")" = "$(padded "$lsn")" ] ||
                miss "$segment: $end_of commit at $lsn, but: $record"
            grep -qF "${time/T/ }" <<<"$record" || miss "$segment: $end_of commit of $time, but: $record"
        done
    done < <(sed 1d out)
    done_with "$name: first and last commit of each segment as pg_waldump has them"
else
    echo "ok - first and last commit of each segment # SKIP pg_waldump is not installed"
fi

# ---- timelines, backups, restore points, settings ----------------------------------------------

for name in timelines12 timelines17; do
    wal=$fixtures/$name/wal
    run verify "$wal"
    for tli in 2 3; do
        line=$(zcat "$wal/0000000$tli.history.gz" | grep . | tail -n 1)
        expect_out "$tli: left $(cut -f 1 <<<"$line") at $(cut -f 2 <<<"$line"), $(cut -f 3 <<<"$line"); "
    done
    for point in fork_here 'the end'; do
        expect_out "$point at $(told $name "$point" lsn_after) ("
        expect_out ") on timeline $(told $name "$point" timeline)"
    done
    for setting in max_connections max_worker_processes max_wal_senders max_prepared_transactions max_locks_per_transaction; do
        expect_out "$setting >= $(told $name $setting text)"
    done
    done_with "$name: forks, restore points and settings are the servers'"

    # The last commit along each timeline, and each backup on the timelines that come by it.
    ends=(none delete_on_first past_second on_third)
    for file in "$wal"/*.backup.gz; do
        zcat "$file" >label
        stop=$(sed -n 's/^STOP WAL LOCATION: \([0-9A-F/]*\) .*/\1/p' label)
        stop_time=$(as_time "$(sed -n 's/^STOP TIME: //p' label)")
        backup_tli=$(sed -n 's/^START TIMELINE: //p' label)
        grep -A3 -F "of $(basename "$file"): from $(sed -n 's/^START WAL LOCATION: \([0-9A-F/]*\) .*/\1/p' label)" out >windows ||
            miss "$(basename "$file") is not told"
        for tli in 1 2 3; do
            [ "$tli" -ge "$backup_tli" ] || continue
            line=$(grep -m1 "along timeline $tli: from $stop ($stop_time) to the last commit at " windows) ||
                { miss "no window along $tli from $stop: $(cat windows)"; continue; }
            grep -qF "($(told $name ${ends[tli]} commit_time)), idle up to" <<<"$line" || miss "$line"
            in_range "$(sed 's/.*last commit at \([0-9A-F/]*\) .*/\1/' <<<"$line")" $name ${ends[tli]}
        done
    done
    [ "$(grep -c 'along timeline' out)" -eq 7 ] || miss "$(grep -c 'along timeline' out) windows, not 7"
    done_with "$name: windows of each backup along each timeline"
done

# Cut off behind the fork, the parent's last commit before it is the last one of the child.
mkdir short && cp "$fixtures"/timelines17/wal/* short
rm short/00000003*F.gz
third=$(basename "$(ls short/00000003*[0-9A-F].gz)" .gz)
gzip -dc "short/$third.gz" >"short/$third" && rm "short/$third.gz"
fork=$(zcat short/00000003.history.gz | sed -n 's/^2\t\([^\t]*\)\t.*/\1/p')
truncate -s $((16#${fork#0/} % 0x100000 + 64)) "short/$third"
run verify short
expect_status 1
expect_out "$third does not have the size of a segment"
expect_out "along timeline 3: from 0/"
run verify --format json short
expect_json 'any(.windows[]; .timeline == 3 and .usable)' true
done_with "a timeline whose only segment is cut"

# ---- minimal WAL --------------------------------------------------------------------------------

unpack minimal15 minimal
segment=$(basename "$(ls minimal/*)")
start=$(printf '0/%X' $((16#${segment:16:8} << 20)))
cat >"minimal/$segment.00000028.backup" <<LABEL
START WAL LOCATION: ${start%?????}00028 (file $segment)
STOP WAL LOCATION: $(told minimal15 to_minimal lsn_before) (file $segment)
LABEL: before it
START TIMELINE: 1
LABEL
run verify minimal
expect_status 0
for edge in from to; do
    [ $edge = from ] && label=to_minimal || label=to_replica
    lsn=$(sed -nE "s/^minimal WAL .*$edge (0\/[0-9A-F]+) .*/\1/p" out)
    in_range "$lsn" minimal15 $label
done
lsn=$(sed -nE 's/^minimal WAL +from (0\/[0-9A-F]+) .*/\1/p' out)
expect_out "up to $lsn; then wal_level is minimal from $lsn on"
for setting in max_connections max_worker_processes max_wal_senders max_prepared_transactions max_locks_per_transaction; do
    expect_out "$setting >= $(told minimal15 $setting text)"
done
done_with "a stretch of wal_level=minimal, and the settings' maximum"

# ---- gaps, also where only a fork shows them ----------------------------------------------------

unpack timelines17 plain
first=(plain/00000001????????????????) second=(plain/00000002???????????????[0-9A-F])
first=("${first[@]#plain/}") second=("${second[@]#plain/}")
cp -r plain gap1 && rm "gap1/${second[1]}"
run verify gap1
expect_status 1
expect_out "gap: segment ${second[1]} is missing"
[ "$(grep -c 'gap: ' out)" -eq 1 ] || miss "told $(grep -c 'gap: ' out) times"
expect_out "no recovery: replay ends at"
run verify --format csv gap1
expect_out "2,${second[1]},"
[ "$(grep -c ',missing,' out)" -eq 1 ] || miss "$(grep -c ',missing,' out) rows of a gap"
done_with "a gap that two timelines share is told once"

cp -r plain gap2 && rm "gap2/${first[1]}" "gap2/${second[0]}"
run verify gap2
expect_status 1
expect_out "gap: segment ${first[1]} is missing"
expect_out "gap: segment ${second[0]} is missing"
done_with "a gap at a fork, on both sides of it"

# Timeline 1 ends right where the gap begins, so that only its child shows it.
cp -r plain gap3 && rm "gap3/${first[1]}" "gap3/${first[2]}" "gap3/${second[0]}"
run verify gap3
expect_status 1
expect_out "gap: segment ${second[0]} is missing"
done_with "a gap between a timeline's end and its child"

# ---- files --------------------------------------------------------------------------------------

# With one more folder and a copy: NAME CHANGE... ; the copy is in extra/.
wal15=$fixtures/pg15/wal
segment=00000001000000000000000C
unpack pg15 plain15
mkdir extra && cp "$wal15/$segment.gz" extra
run verify plain15 extra
expect_status 0
expect_out "1 copy of a segment that is there already, equal to it"
gzip -dc "$wal15/$segment.gz" >extra/$segment && rm extra/$segment.gz
printf '\x01' | dd of=extra/$segment bs=1 seek=1048570 conv=notrunc status=none
run verify plain15 extra
expect_status 1
expect_out "conflict: $segment is there twice, with different content: \""
expect_out "extra/$segment\""
run verify --format json plain15 extra
expect_status 1
expect_json .whole false
expect_json '.problems[] | select(.kind == "conflict") | [.kind, .timeline, .from, .until, .path]' '["conflict",1,"0/C00000","0/D00000","extra/'$segment'"]'
done_with "copies: equal is fine, different to the last byte is a conflict"

# pgBackRest: the SHA-1 of the segment is in the name, whatever the file is packed with.
mkdir -p sums/15-1/0000000100000000
for file in plain15/*; do
    gzip -c "$file" >"sums/15-1/0000000100000000/$(basename "$file")-$(sha1sum "$file" | cut -c 1-40).gz"
done
run verify sums
expect_status 0
expect_line "result         whole"
if [ -n "$(sed -n '/built without libcrypto/p' out)" ]; then
    echo "ok - a SHA-1 in a name that is not that of the content # SKIP built without libcrypto"
else
    # Behind the switch to the next segment nothing but the SHA-1 looks at the bytes.
    file=$(ls sums/15-1/0000000100000000/00000001000000000000000E-*)
    gzip -dc "$file" >changed && printf '\x01' | dd of=changed bs=1 seek=1048570 conv=notrunc status=none
    gzip -c changed >"$file"
    run verify -j2 sums
    expect_status 1
    expect_out "checksum: the SHA-1 of what is in \"$file\" is not the one in its name"
    [ "$(grep -c 'checksum: ' out)" -eq 1 ] || miss "$(grep 'checksum: ' out)"
    done_with "a SHA-1 in a name that is not that of the content"
fi

mkdir odd && cp plain15/* odd
cp plain15/$segment odd/0000000100000000000000FF
echo 'not WAL, but a text that is longer than the header of a page' >odd/0000000100000000000000FE
head -c 1048576 /dev/zero >odd/0000000100000000000000FD
echo hello >odd/README && echo hello >odd/$segment.tmp
run verify odd
expect_status 1
expect_out "1 recycled file, made ready for later: \"odd/0000000100000000000000FF\""
expect_out "file: \"odd/0000000100000000000000FE\" is not a WAL segment: it holds text: \"not WAL, but a text that is longer than \""
expect_out "no WAL by their names, in \"odd\": $segment.tmp, README"
expect_out "damage: zeros instead of records at 0/FD00000 in 0000000100000000000000FD"
expect_out "gap: segments"
expect_out "result         not whole: 4 problems"
done_with "files that are only named like segments, and others"

mkdir -p data/pg_wal && cp plain15/* data/pg_wal && cp plain15/$segment data/pg_wal/0000000100000000000000FF
run verify data
expect_status 0
expect_out "1 recycled file, made ready for later: \"data/pg_wal/0000000100000000000000FF\""
done_with "recycled files of a server are no fault"

others=("$fixtures"/pg16/wal/*.gz)
mkdir mixed && cp plain15/* mixed && gzip -dc "${others[0]}" >mixed/0000000100000000000000F0
run verify mixed
expect_status 2
[ ! -s out ] || miss "stdout: $(head -c 200 out)"
grep -q '^pitr-find: error: ' err || miss "$(cat err)"
expect_err "PostgreSQL 15"
expect_err "PostgreSQL 16"
done_with "two clusters in one place are an error that lists them"

cp -r plain nohistory && rm nohistory/00000003.history
run verify nohistory
expect_status 1
expect_out "history: there is no usable 00000003.history: a server cannot be sent to timeline 3"
# The second line of the file that is gone: 2, a tab, where timeline 3 left it.
expect_out "3: left 2 at $(sed -n 's/^2\t\([^\t]*\)\t.*/\1/p' plain/00000003.history) by its WAL; "
printf 'rubbish\n' >nohistory/00000003.history
run verify nohistory
expect_status 1
expect_out "history: there is no usable 00000003.history"
expect_out '"nohistory/00000003.history" is not a timeline history: '
run events --timeline 2 nohistory
expect_err '"nohistory/00000003.history" is ignored: '
done_with "a timeline without a usable history file"

cp -r plain nolabel
for file in nolabel/*.backup; do
    cp "$file" label && printf 'rubbish\n' >"$file"
    run verify nolabel
    expect_status 1
    expect_out "\"$file\" is not a backup history file: "
    expect_out "not whole: 1 problem"
    head -c 30 label >"$file"
    run verify nolabel
    expect_status 1
    expect_out "\"$file\" is not a whole backup history file: it has no STOP WAL LOCATION"
    expect_out "not whole: 1 problem"
    cp label "$file"
done
run verify nolabel
expect_status 0
done_with "a .backup file that cannot be read"

# ---- a base backup ------------------------------------------------------------------------------

for name in pg10-backup pg15-backup pg18-backup; do
    mkdir "wal-$name" && cp "$fixtures/$name"/wal/*[0-9A-F].gz "wal-$name"
    zcat "$fixtures/$name"/wal/*.backup.gz >label
    run verify --backup "$fixtures/$name/base.tar.gz" "wal-$name"
    expect_status 0
    expect_out "'the label' of $fixtures/$name/base.tar.gz: from $(sed -n 's/^START WAL LOCATION: \([0-9A-F/]*\) .*/\1/p' label) ("
    expect_out "along timeline 1: from $(sed -n 's/^STOP WAL LOCATION: \([0-9A-F/]*\) .*/\1/p' label) to the last commit at "
    expect_out "($(told $name drop_in_other_database commit_time)), idle up to"
    # tools/fixtures/cluster.py sets one, the others are the server's defaults; majors before 12 do not record the senders.
    senders=', max_wal_senders >= 10'
    [ $name != pg10-backup ] || senders=
    expect_line "needs          max_connections >= 100, max_worker_processes >= 8$senders, max_prepared_transactions >= 10, max_locks_per_transaction >= 64"
    done_with "$name: a base backup that is given; where it ends is in the WAL"
done
rm wal-pg15-backup/*10.gz
run verify --backup "$fixtures/pg15-backup/base.tar.gz" wal-pg15-backup
expect_status 1
expect_out "no recovery: the end of the backup is not in this WAL"
rm wal-pg15-backup/*F.gz
run verify --backup "$fixtures/pg15-backup/base.tar.gz" wal-pg15-backup
expect_status 0
expect_out "no recovery: the archive begins at 0/1100000, after the backup's start"
run verify --backup "$fixtures/pg18-backup/base.tar.gz" wal-pg15-backup
expect_status 2
done_with "base backups that this archive is of no use for"

unpack pg15-backup known && mkdir copy && cp known/* copy
run verify --format json known copy
expect_status 0
starts='[.. | strings | scan("0/1000028")] | length'
expect_json "$starts" "$("$program" verify --format json known | json_value "$starts")"
done_with "a backup whose file two sources hold is one"

# ---- the command line ---------------------------------------------------------------------------

run verify
expect_status 2
expect_err "no SOURCE"
run verify nowhere
expect_status 2
expect_err 'nowhere": No such file'
mkdir empty
run verify empty
expect_status 2
expect_err 'no WAL segments in "empty"'
run verify --format xml "$wal15"
expect_status 2
expect_err "--format takes one of: table json csv prometheus"
run verify --before drop "$wal15"
expect_status 2
expect_err "--before is not an option of \`verify\`"
run verify -q --format json gap1
expect_status 1
expect_no_err
run verify --help
expect_status 0
expect_out "Usage: pitr-find verify [OPTION]... SOURCE..."
expect_out "--backup PATH"
done_with "options and errors"

if command -v python3 >/dev/null; then
    for folder in plain gap1 odd minimal short; do
        run verify --format json "$folder"
        python3 -c 'import json, sys; json.load(sys.stdin)' <out || miss "$folder"
    done
    done_with "the JSON is JSON"
fi

[ "$failures" -eq 0 ]
