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
