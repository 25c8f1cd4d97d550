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

[ "$failures" -eq 0 ]
