#!/bin/bash
# Proves that what was done on several timelines is told apart: by name, by xid, by position, by time.
#
# tests/fixtures/timelines* have three timelines with something dropped on each side of each fork; LSNs, xids,
# times and timelines are those the servers told.
#
#   tests/cli/timelines.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for name in timelines12 timelines17; do
    wal=$fixtures/$name/wal
    major=${name#timelines}
    fork2=$(zcat "$wal/00000002.history.gz" | cut -f 2) fork3=$(zcat "$wal/00000003.history.gz" | sed -n 3p | cut -f 2)

    # ---- by name: each drop, on its timeline --------------------------------------------------

    for label in before_fork on_first on_second past_second on_third; do
        run --before "DROP TABLE public\.$label\$" "$wal"
        expect_status 0
        expect_line "recovery_target_timeline = '$(told $name $label timeline)'"
        in_range "$(setting recovery_target_lsn)" $name $label
        expect_err "transaction $(told $name $label xid), "
        expect_err "(timeline $(told $name $label timeline))"
        expect_err "$(told $name $label commit_time)"
        expect_err "restorable  yes"
        case $label in
        on_first) expect_err "timeline 3, the latest here, does not contain it: this is timeline 1, which goes on past $fork2" ;;
        past_second) expect_err "timeline 3, the latest here, does not contain it: this is timeline 2, which goes on past $fork3" ;;
        *)
            expect_not_err "does not contain it"
            expect_err "timeline 1 goes on past $fork2 and was not searched: --timeline 1"
            expect_err "timeline 2 goes on past $fork3 and was not searched: --timeline 2"
            ;;
        esac
        done_with "$name: $label is found on timeline $(told $name $label timeline)"
    done

    for label in on_first past_second; do
        run --before "DROP TABLE public\.$label\$" --timeline latest "$wal"
        expect_status 1
        run --before "DROP TABLE public\.$label\$" --timeline 3 "$wal"
        expect_status 1
        expect_err 'nothing matches'
        expect_not_err 'nor on'
    done
    run --before 'no such table' "$wal"
    expect_status 1
    expect_err "; nor on timeline 2 from $fork3 on, nor on timeline 1 from $fork2 on"
    done_with "$name: a timeline asked for is the only one searched"

    run --before 'DELETE FROM public\.rows' --format json "$wal"
    expect_json .event.xid "$(told $name delete_on_second xid)"
    run --before 'DELETE FROM public\.rows' --timeline 1 --format json "$wal"
    expect_json .event.xid "$(told $name delete_on_first xid)"
    expect_json .source.timelines '[1,2,3]'
    expect_json .restorable true
    done_with "$name: the same statement on two timelines"

    # ---- all events of a timeline, and none from past its fork ---------------------------------

    for tli in 1 2 3; do
        run events -q --timeline $tli --format csv 'drop|delete' "$wal"
        case $tli in
        1) want='before_fork on_first delete_on_first' ;;
        2) want='before_fork on_second delete_on_second past_second' ;;
        3) want='before_fork on_second delete_on_second on_third' ;;
        esac
        for label in $want; do
            echo "$(told $name $label timeline) $(told $name $label xid) $(told $name $label text)"
        done >want
        sed 1d out | awk -F, '{ print $4, $5, $NF }' >got
        diff want got >difference || miss "$(cat difference)"
        done_with "$name: events of timeline $tli"
    done

    # ---- positions that two timelines have -----------------------------------------------------

    xid=$(told $name on_first xid)
    [ "$xid" = "$(told $name on_second xid)" ] || miss "the fixture has different xids"
    run --before-xid "$xid" "$wal"
    expect_status 0
    expect_line "recovery_target_timeline = '2'"
    in_range "$(setting recovery_target_lsn)" $name on_second
    expect_err "timeline 1 has a transaction $xid too, which ends at "
    in_range "$(sed -n "s/.*timeline 1 has a transaction $xid too, which ends at \([0-9A-F/]*\):.*/\1/p" err)" $name on_first
    expect_err "--timeline 1 takes that one"
    run --before-xid "$xid" --timeline 1 "$wal"
    expect_line "recovery_target_timeline = '1'"
    in_range "$(setting recovery_target_lsn)" $name on_first
    expect_not_err "too, which ends"
    run --before-xid "$(told $name before_fork xid)" "$wal"
    expect_not_err "too, which ends"
    done_with "$name: an xid on two timelines"

    run --before-time "$(told $name on_first commit_time)" "$wal"
    expect_line "recovery_target_timeline = '2'"
    expect_err "timeline 1 was in use then too: --timeline 1 takes the transaction that ends at"
    run --before-time "$(told $name before_fork commit_time)" "$wal"
    expect_line "recovery_target_timeline = '1'"
    expect_not_err "was in use then"
    done_with "$name: a moment on two timelines"

    run -q --before 'DROP TABLE public\.on_first$' --timeline 1 "$wal"
    lsn=$(setting recovery_target_lsn)
    run --before-lsn "$lsn" "$wal"
    expect_err "$lsn is on timeline 1 too: --timeline 1 takes that one"
    run -q --before-lsn "$lsn" --timeline 1 "$wal"
    expect_line "recovery_target_timeline = '1'"
    done_with "$name: a position on two timelines"

    # ---- what latest and current would be ------------------------------------------------------

    run --before 'DROP TABLE public\.on_first$' "$wal"
    expect_err "latest, the default of PostgreSQL $major, would follow timeline 3, which left timeline 1 at $fork2 and never gets to the target"
    expect_err "current would follow the backup's timeline: timeline 1, the target's own"
    run --before 'DROP TABLE public\.on_second$' "$wal"
    expect_err "would follow timeline 3, which comes by the target too"
    expect_err "current would follow the backup's timeline: timeline 1, which never gets to the target"
    mkdir "$name-hidden"
    cp "$wal"/* "$name-hidden"
    rm "$name-hidden/00000002.history.gz"
    run --before 'DROP TABLE public\.on_first$' "$name-hidden"
    expect_err "would follow timeline 1, the target's own"
    expect_err "timeline 3 is hidden from latest: there is no 00000002.history"
    run --before 'DROP TABLE public\.past_second$' "$name-hidden"
    expect_err 'recovery target timeline 2 does not exist'
    done_with "$name: what latest and current would follow is said"

    # ---- the file a server can be sent to ------------------------------------------------------

    mkdir "$name-moved"
    cp "$wal"/* "$name-moved"
    first=$(basename "$(ls "$wal"/00000002*[0-9A-F].gz | head -n 1)" .gz)
    rm "$name-moved/00000001${first#????????}.gz"
    run -q --before 'DROP TABLE public\.before_fork$' "$name-moved"
    expect_line "recovery_target_timeline = '2'"
    done_with "$name: an event that only the newer timeline's file holds is asked for there"
done

# ---- what cannot be read where nothing was found ----------------------------------------------

# on_branch LABEL: found on its timeline, and in doubt for what NAME could not tell.
on_branch() {
    run --before "DROP TABLE public\.$1\$" "$2"
    expect_status 3
    expect_line "recovery_target_timeline = '$(told timelines17 "$1" timeline)'"
    expect_err "$3"
}
unpack timelines17 hidden
head -c 1048576 /dev/zero | tr '\0' x >hidden/00000003000000000000000F
on_branch on_first hidden ' in 00000003000000000000000F '
on_branch past_second hidden ' in 00000003000000000000000F '
run --before 'no such table' hidden
expect_status 3
unpack timelines17 lacking
rm lacking/00000002000000000000000D
on_branch on_first lacking '00000002000000000000000D'
done_with "a branch that cannot be read may hide a later one than is found on an older branch"

# ---- history files that the WAL contradicts -----------------------------------------------------

fork3=$(zcat "$fixtures/timelines17/wal/00000003.history.gz" | sed -n 3p | cut -f 2)
opens3=$fork3
unpack timelines17 edited
run verify edited
expect_status 0
sed "s,$fork3,0/C80000," <(zcat "$fixtures/timelines17/wal/00000003.history.gz") >edited/00000003.history
run verify edited
expect_status 1
expect_out "00000003.history says that timeline 3 begins at 0/C80000, and its WAL that it does at $opens3"
run --before 'DROP TABLE public\.on_third$' edited
expect_status 3
expect_err "00000003.history says that timeline 3 begins at 0/C80000"
done_with "a history file that the WAL contradicts is doubt"

# The file of a timeline in between: it leads a server that is sent there astray, and the target may lie on it.
unpack timelines17 edited2
fork2=$(zcat "$fixtures/timelines17/wal/00000002.history.gz" | sed -n 1p | cut -f 2)
printf '1\t0/F00000\tx\n' >edited2/00000002.history
run --before 'DROP TABLE public\.on_third$' edited2
expect_status 3
expect_err "00000003.history says that timeline 2 left timeline 1 at $fork2, and 00000002.history that it left timeline 1 at 0/F00000"
run verify edited2
expect_status 1
expect_out "00000003.history says that timeline 2 left timeline 1 at $fork2"
done_with "two history files that contradict each other are doubt"

# The history file is archived first, the first segment of the timeline when it is full.
unpack timelines17 young
rm young/00000003000000000000000*
run --before 'DROP TABLE public\.past_second$' young
expect_status 3
expect_err "timeline 3 begins at $opens3, before what was found, and none of its WAL is here"
run --before 'DROP TABLE public\.past_second$' --timeline 2 young
expect_status 0
run --before 'DROP TABLE public\.before_fork$' young
expect_status 0
expect_not_err 'none of its WAL is here'
done_with "what was found after the fork of a timeline whose WAL is not here is doubt"

# Majors before 12 stay on the backup's timeline.
unpack pg10 old
printf '1\t0/2100000\tno recovery target specified\n' >old/00000002.history
run --before 'DROP TABLE public\.plain$' old
expect_err "by default PostgreSQL 10 would follow the backup's timeline"
expect_err 'latest (and current, which is read as latest) would follow timeline 2'
done_with "the default of a major before 12"

[ "$failures" -eq 0 ]
