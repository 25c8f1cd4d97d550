#!/usr/bin/env bash
# What a transaction did before the WAL that is given, or to a catalog that was moved before: only its commit, or rows
# of a file that nothing tells of, are left of it. What the servers did is in tests/fixtures/README.md.
#
#   tests/cli/unseen.sh [PITR_FIND]      (default build/pitr-find)
set -euo pipefail

# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cases=$fixtures/cases
too_late='1 transaction changed system catalogs'

run --before 'DROP FUNCTION' "$cases/begun-function"
expect_status 3
expect_err 'found DROP FUNCTION public.f0'
expect_err "$too_late"
expect_err 'it may have been DROP FUNCTION at 0/29100028, transaction 2455'
run --before 'DROP FUNCTION' --to-lsn 0/29000028 "$cases/begun-function"
expect_status 0
run --before 'DROP ROLE' "$cases/begun-function"
expect_status 1
run events 'DROP FUNCTION' "$cases/begun-function"
expect_status 0
done_with 'a DROP FUNCTION before the WAL, whose commit is in it and names its catalog'

run --before 'DROP TRIGGER' "$cases/moved-trigger"
expect_status 3
expect_err "$too_late"
expect_err 'it may have been DROP TRIGGER at 0/1DD00100, transaction 2072'
run --before DROP "$cases/moved-trigger"
expect_status 3
run --before 'DELETE' "$cases/moved-trigger"
expect_status 3
expect_err '1 event is of rows of a file that nothing in this WAL tells of'
run --before 'DELETE FROM \[filenode 20257\]' --to-lsn 0/1DD00100 "$cases/moved-trigger"
expect_status 0
done_with 'rows of a catalog that no commit names, in a file that is not known'

run --before 'DROP DATABASE' "$cases/moved-database"
expect_status 3
expect_err 'found DROP DATABASE [20089]'
expect_err 'transaction 2013, which ended at 0/1BE00720, dropped a database'
expect_err 'may leave the database unusable'
done_with 'a DROP DATABASE where pg_database was moved before'

# found WHAT TEXT; then each `KIND at LSN, transaction XID` that it may have been
beside() {
    local one
    run --before "$1" "$cases/dropped-beside"
    expect_status 3
    expect_err "found $2 in"
    for one in "${@:3}"; do expect_err "$one"; done
}
beside 'DROP TYPE' 'DROP TYPE public.early' \
    'it may have been DROP TYPE at 0/7239D8, transaction 769; DROP TYPE at 0/728148, transaction 775.'
beside 'DROP RULE' 'DROP RULE r ON public.n' 'it may have been DROP RULE at 0/7240A8, transaction 770.'
beside 'DROP POLICY' 'DROP POLICY p ON public.n' 'it may have been DROP POLICY at 0/724698, transaction 771.'
beside 'DROP TRIGGER' 'DROP TRIGGER g ON public.n' \
    'it may have been DROP TRIGGER at 0/724C78, transaction 772.'
beside 'DROP CONSTRAINT' 'ALTER TABLE public.n DROP CONSTRAINT c' \
    'TABLE DROP CONSTRAINT at 0/727520, transaction 773; ALTER TABLE DROP CONSTRAINT at 0/727D50, transaction 774.'
run --before 'DROP TYPE .*mood' "$cases/dropped-beside"
expect_status 3
done_with 'parts of other tables and types that were dropped beside a table, where their rows are not known'

# 0/723530 is after the drops of a table with a rule, a policy ... of its own, and of one that took a view along.
for what in TYPE RULE POLICY TRIGGER CONSTRAINT TABLE VIEW; do
    run --before "DROP $what" --to-lsn 0/723530 "$cases/dropped-beside"
    expect_status 0
done
run events 'DROP TABLE|DROP VIEW' "$cases/dropped-beside"
expect_status 0
done_with 'the parts of a dropped table itself raise no doubt'

for what in TABLE INDEX TYPE; do
    run --before "DROP $what" "$cases/index-and-type"
    expect_status 3
done
expect_err 'it may have been DROP TYPE at 0/71DF40, transaction 745.'
run --before 'DROP TABLE' "$cases/index-and-type"
expect_err 'it may have been a view, an index, another relation or a type'
done_with 'an index and a type that went are not told as a table for certain'

run --before 'DROP TABLE' "$cases/table-unseen"
expect_status 0
expect_err 'found DROP TABLE [16393] in'
run --before 'DROP TYPE' "$cases/table-unseen"
expect_status 0
expect_err 'found DROP TYPE public.early in'
done_with 'a table that went with its two types is told as one'

exit $((failures > 0))
