#!/bin/bash
# Proves what is made of histories that are odd, and of a second cluster among the sources.
#
# cases/history-falling was written by a server of 15: a second recovery, which followed timeline 2, to a point before
# the fork of 2. Servers followed its 00000003.history by number and by latest; positions are those of that file and
# of the server's restore points.
#
#   tests/cli/histories.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# ---- positions that fall ------------------------------------------------------------------------

falling=$fixtures/cases/history-falling
run verify "$falling"
expect_status 0
expect_line 'result         whole'
expect_out '3: left 1 at 0/C17DD8, at restore point "A"'
expect_out '2: left 1 at 0/D037D8, at restore point "B"'
run --before 'DROP TABLE public\.keepme' "$falling"
expect_status 0
expect_line "recovery_target_lsn = '0/C1DB70'"
expect_line "recovery_target_timeline = '3'"
expect_err 'would follow timeline 3, the target'
expect_err 'timeline 2 goes on past 0/D037D8 and was not searched'
expect_err 'timeline 1 goes on past 0/C17DD8 and was not searched'
expect_not_err refuses
run --before-lsn 0/C02000 "$falling"
expect_line "recovery_target_timeline = '1'"
run simulate recovery_target_xid=732 recovery_target_inclusive=off "$falling"
expect_status 0
expect_out 'COMMIT of transaction 732 at 0/C1DB70: not applied'
run fetch 00000003.history served "$falling"
expect_status 0
zcat "$falling/00000003.history.gz" | cmp -s - served || miss 'fetch serves another file'
done_with 'a history whose positions fall is one'

# ---- histories that are missing, or none ----------------------------------------------------------

# Positions are those of the server's own files.
of() { zcat "$fixtures/timelines17/wal/0000000$1.history.gz"; }
fork2=$(of 2 | cut -f 2) fork3=$(of 3 | sed -n 3p | cut -f 2)
lines="printf '1\\t$fork2\\tas its WAL tells\\n2\\t$fork3\\tas its WAL tells\\n' > 00000003.history"
cp -r "$fixtures/timelines17/wal" lost
rm lost/00000003.history.gz
# The first ancestors packed whole, and of the rest only the head: what unpacks is a history, of another timeline.
cut_short() { of 3 | head -n 1 | gzip -n; of 3 | tail -n +2 | gzip -n | head -c 30; }
for text in missing cut empty junk; do
    case $text in
    cut) cut_short >lost/00000003.history.gz ;;
    empty) rm lost/00000003.history.gz && : >lost/00000003.history ;;
    junk) echo 'NoSuchKey' >lost/00000003.history ;;
    esac
    run --before 'DROP TABLE public\.on_third' lost
    expect_status 3
    in_range "$(setting recovery_target_lsn)" timelines17 on_third
    expect_err "the WAL tells what belongs in that file: $lines"
    expect_err 'restorable  not from this archive as it is'
    file=00000003.history
    [ $text != cut ] || file+=.gz
    [ $text = missing ] || expect_err "what is in $file is not a history"
    case $text in
    missing) expect_err 'no 00000003.history among the sources: timeline 3 is taken to begin' ;;
    *)
        expect_err "\"lost/$file\" is ignored: "
        expect_err '; timeline 3 is taken to begin with its first segment'
        expect_not_err 'among the sources'
        ;;
    esac
    run --before 'DROP TABLE public\.on_third' --format json lost
    expect_json .restorable false
    run verify lost
    expect_status 1
    done_with "$text: the story has the lines to write"
done
run --before 'DROP TABLE public\.on_third' lost
(cd lost && eval "$(sed -n 's/.*belongs in that file: //p' ../err)")
run --before 'DROP TABLE public\.on_third' lost
expect_status 0
expect_err 'restorable  yes'
expect_err "timeline 2 goes on past $fork3"
done_with 'the lines it prints make the history whole'
rm lost/*.history*
run --before 'DROP TABLE public\.on_third' lost
expect_err "$lines"
done_with 'no history at all'
rm lost/00000003*
run --before 'DROP TABLE public\.on_second' lost
expect_err "printf '1\\t$fork2\\tas its WAL tells\\n' > 00000002.history"
done_with 'the history of an older timeline'

# ---- two histories that differ --------------------------------------------------------------------

mkdir other same
cp "$fixtures/timelines17/wal/00000003000000000000000E.gz" other
cp "$fixtures/timelines17/wal/00000003000000000000000E.gz" same
of 3 | sed 's/no recovery target specified/by hand/' >same/00000003.history
of 3 | sed "s|$fork3|0/E00500|" >other/00000003.history
run --before 'DROP TABLE public\.on_third' "$fixtures/timelines17/wal" same
expect_status 0
expect_err 'restorable  yes'
run verify "$fixtures/timelines17/wal" same
expect_status 0
run --before 'DROP TABLE public\.on_third' "$fixtures/timelines17/wal" other
expect_status 3
expect_err '/00000003.history" differs from'
expect_not_err 'restorable  yes'
run events "$fixtures/timelines17/wal" other
expect_status 3
run verify "$fixtures/timelines17/wal" other
expect_status 1
expect_out 'conflict: 00000003.history is there twice, with different content'
done_with 'two histories of one timeline that differ are a conflict, and what people wrote is none'

# A server gets what the restore_command hands to it. It is run here, with the fork that the server wrote as the right answer.
handed_over() {
    local command
    command=$(setting restore_command)
    command=${command//%f/00000003.history}
    command=${command//%p/$work/handed}
    rm -f handed
    PATH=${program%/*}:$PATH sh -c "$command" 2>command.err &&
        [ "$(sed -n 3p handed 2>/dev/null | cut -f 2)" = "$fork3" ]
}
cp -r "$fixtures/timelines17/wal" good
of 3 >good/00000003.history
cut_short >good/00000003.history.gz
run --before 'DROP TABLE public\.on_third' good
expect_status 0
in_range "$(setting recovery_target_lsn)" timelines17 on_third
expect_err 'restorable  yes'
expect_err '"good/00000003.history.gz" is ignored: its compressed data is cut short or damaged; "good/00000003.history" is whole and used: move the other one away'
expect_not_err 'cannot be told'
handed_over || miss "the server gets another history: $(head -c 300 handed)"
run verify good
expect_status 1
expect_out '"good/00000003.history.gz" is not a timeline history'
expect_not_out conflict
run events good
expect_status 0
run simulate recovery_target_timeline=3 --backup good/00000002000000000000000D.00000028.backup.gz good
expect_status 0
done_with 'a packed history that is cut short, beside a good plain one'

# The plain one comes first in a restore_command, so the bad one is in the way.
cp -r good bad
cp "$fixtures/timelines17/wal/00000003.history.gz" bad
echo 'NoSuchKey' >bad/00000003.history
run --before 'DROP TABLE public\.on_third' bad
expect_status 3
expect_err '"bad/00000003.history" is ignored: '
expect_err '; a server may be given it, and not "bad/00000003.history.gz": move it away'
expect_not_err 'restorable  yes'
if handed_over; then miss 'the server gets the good one'; fi
if has zstd; then
    mv bad/00000003.history.gz bad/kept
    zcat bad/kept | zstd -q >bad/00000003.history.zst
    rm bad/00000003.history
    cut_short >bad/00000003.history.gz
    run --before 'DROP TABLE public\.on_third' bad
    if handed_over; then expect_status 0; else expect_status 3; fi
    expect_err '"bad/00000003.history.gz" is ignored: '
fi
done_with 'a bad history that a server gets before the good one leaves doubt'

mkdir apart beside
cp good/0* apart && rm apart/00000003.history
mv good/00000003.history beside
run --before 'DROP TABLE public\.on_third' apart beside/00000003.history
expect_status 0
expect_err '"apart/00000003.history.gz" is ignored: '
handed_over || miss "the server gets another history: $(cat command.err)"
rm apart/00000003.history.gz
run --before 'DROP TABLE public\.on_third' apart beside/00000003.history
expect_status 0
handed_over || miss "the server gets another history: $(cat command.err)"
done_with 'a history in another folder: a server gets it'

# ---- two clusters ---------------------------------------------------------------------------------

# As pg_upgrade leaves them: the new cluster is on timeline 1 again, past where the followed history leaves that one.
mkdir both
cp "$falling"/0000000[23]* "$falling"/00000001000000000000000B* both
cp "$fixtures"/pg15-crossing/wal/00000001000000000000000[CD]* both
old=7713285408540553873 new=7711162028880236011
for command in '--before DROP.TABLE' events verify 'simulate recovery_target_xid=732' 'events --timeline 2' \
    'events --until 2026-11-28T18:07Z' 'events --from-lsn 0/D00000'; do
    # shellcheck disable=SC2086
    run $command both
    expect_status 2
    expect_err "$old (PostgreSQL 15, 5 segments"
    expect_err "$new (PostgreSQL 15, 2 segments"
done
done_with 'a second cluster is an error, also on a timeline that is not followed'
run --before-xid "$(told pg15-crossing drop_in_the_third xid)" --system-id $new both
expect_status 0
in_range "$(setting recovery_target_lsn)" pg15-crossing drop_in_the_third
done_with 'one of two clusters'

cp -r "$falling" gone-on
cp "$fixtures"/pg15-crossing/wal/00000001000000000000000D.gz gone-on/00000001000000000000000D.gz
run --before 'DROP TABLE public\.no_such' gone-on
expect_status 2
expect_err 'several clusters'
done_with 'a second cluster inside a branch'

[ "$failures" -eq 0 ]
