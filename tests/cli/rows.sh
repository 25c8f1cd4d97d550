#!/usr/bin/env bash
# Rows of a transaction that began before the WAL that is given, or ran over a gap in it: those that are seen are
# told as the least there are, and --min-rows hides none of them without a word. What the server did is in
# tests/fixtures/README.md.
#
#   tests/cli/rows.sh [PITR_FIND]      (default build/pitr-find)
set -euo pipefail

# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# part NAME LAST_DIGIT...: an archive of those segments.
part() {
    local name=$1 n
    shift
    mkdir "$name"
    for n in "$@"; do ln -s "$fixtures/cases/begun-before/00000001000000000000000$n.xz" "$name/"; done
}
part whole 7 8 9 A
part late A
part gap 7 8 A
deleted='DELETE FROM [filenode 16384]'
warning='transactions, the first of which ended at 0/A057D8, may have begun before this WAL'

run events --format csv '^DELETE' whole
expect_status 0
expect_out ',1000,DELETE FROM,'
expect_not_err 'may have begun'
run --before 'DELETE FROM' --min-rows 1000 whole
expect_status 0
expect_out 'DELETE FROM public.t (1000 rows)'
done_with 'a transaction whose WAL is all there: its rows are counted, and no doubt'

run events '^DELETE' late
expect_status 0
expect_out ">=300  0/A05800  $deleted"
expect_err "2 $warning"
run events --format json '^DELETE FROM .*16384' late
expect_json 'key("rows")' null
run --before-xid 725 late
expect_status 0
expect_out "$deleted (at least 300 rows)"
expect_err "$deleted (at least 300 rows)"
expect_err '1 transaction, the first of which ended at 0/A05800, may have begun before this WAL'
done_with 'a transaction that began before the WAL: at least so many rows'

run events --format csv '^DELETE' late
expect_out ',15,DELETE FROM,'
done_with 'one that began after another had ended: its rows are known'

run events '^DELETE' gap
expect_status 3
expect_out '>=600  0/A05800  DELETE FROM public.t'
expect_err "2 $warning"
done_with 'a transaction that ran over a gap: at least so many rows'

for command in 'events ^DELETE' '--before DELETE'; do
    # shellcheck disable=SC2086
    run ${command%% *} "${command#* }" --min-rows 1000 late
    expect_status 3
    expect_err '2 events may have more rows than this WAL shows and may be meant: '
    expect_err "$deleted (at least 300 rows) at 0/A05800, transaction 725"
done
run --before DELETE --min-rows 300 late
expect_status 0
expect_out 'at least 300 rows'
done_with '--min-rows hides no such event without a word'

run --before 'DROP TABLE' late
expect_status 0
expect_not_err 'may have begun'
expect_not_err 'may be meant'
run --before 'DROP TABLE' --min-rows 5 late
expect_not_err 'more rows than'
done_with 'what somebody else deleted does not put a DROP in doubt'

# ---- nothing is left of it but its COMMIT -------------------------------------------------------

mkdir end
ln -s "$fixtures/cases/only-commit/000000010000000000000007.xz" end/
unseen='1 transaction may have begun before this WAL, and what it did to rows before is not told: it may have been'
run --before DELETE end
expect_status 3
expect_err 'found DELETE FROM [filenode 16387]'
expect_err "$unseen DELETE FROM at 0/7004E8, transaction 726"
run --before DELETE --database postgres end
expect_status 3
run --before 'UPDATE public\.t$' end
expect_status 3
expect_err 'for certain'
expect_err "$unseen UPDATE at 0/7004E8, transaction 726"
done_with 'a transaction that did all before the WAL, and commits after what is found: doubt'

run --before 'CREATE TABLE public\.n$' end
expect_status 0
expect_not_err "$unseen"
run --before DELETE --to-lsn 0/7004C0 end
expect_status 0
expect_not_err "$unseen"
run events DELETE end
expect_status 0
expect_not_err "$unseen"
done_with 'no doubt where it cannot be meant, nor in a list of what this WAL has'

run late
expect_status 0
expect_out '1 event; and 2 DELETE or UPDATE of fewer rows here'
done_with 'the summary says that there may be more rows'

exit $((failures > 0))
