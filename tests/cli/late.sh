#!/bin/bash
# Proves that an archive that begins between two checkpoints hides nothing with exit status 0: what changed rows that no
# image shows may be what is asked for.
#
# The archive is tests/fixtures/cases/late-start; what each transaction did was noted while a real server did it.
#
#   tests/cli/late.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

late=$fixtures/cases/late-start

# may_be KIND XID LSN: that transaction may have done it; LSN is where an older one that did is found, "" where none is.
may_be() {
    run --before "$1" "$late"
    expect_status 3
    grep -E 'begins too late to show what|may be meant' err | grep -q "transaction $2\b" || miss "$1: transaction $2 is not named: $(cat err)"
    [ "$(setting recovery_target_lsn)" = "$3" ] || miss "$1: not at $3: $(cat out)"
}

may_be 'TRUNCATE TABLE' 739 0/706810
may_be 'TRUNCATE TABLE public\.t3' 739 ''
may_be 'REWRITE TABLE' 740 ''
may_be 'REWRITE MATERIALIZED VIEW public\.m1' 741 ''
done_with 'a TRUNCATE or a table written anew whose row no image shows is doubt'

may_be 'RENAME TO renamed' 742 ''
may_be 'SET SCHEMA' 743 ''
may_be 'DROP CONSTRAINT' 744 ''
done_with 'so is what alters a table'

may_be 'DROP SCHEMA' 746 0/706DE8
may_be 'DROP SCHEMA s1' 746 ''
may_be 'DROP ROLE' 747 0/706E78
may_be 'DROP FUNCTION' 748 0/706F40
may_be 'DROP TYPE' 749 ''
may_be 'DROP SEQUENCE' 750 ''
may_be 'DROP VIEW' 751 ''
done_with 'so is the DROP of what is no table'

# 752 dropped a table: it has a file, and rows of two types went. 751 dropped a view, 750 a sequence.
run --before 'DROP TABLE' "$late"
expect_status 0
[ "$(setting recovery_target_lsn)" = 0/714EE0 ] || miss "not at 0/714EE0: $(cat out)"
for before in 0/714AA0 0/7145F8; do
    run --before 'DROP TABLE' --to-lsn $before "$late"
    expect_status 3
    expect_err '1 event is told as DROP TABLE, and what went is not in this WAL'
done
run --before 'DROP TABLE \[16414\]' --to-lsn 0/714AA0 "$late"
expect_status 0
done_with 'a DROP of what may be no table is doubt, unless it is asked for by its OID'

# A schema and a database whose renaming was rolled back before the WAL begins: the page has both rows, and no hint says which is in
# force.
run events "$fixtures/cases/rolled-back-schema"
expect_out 'INSERT INTO [16384].d'
run --before 'INSERT INTO s\.d' "$fixtures/cases/rolled-back-schema"
expect_status 3
run dump --names --format json "$fixtures/cases/rolled-back-schema"
[ "$(jq -r '.relations[]? | select(.file == "1663/5/16395") | .name' out | sort -u)" = '[16384].d' ] || miss 'a name of 16395'
run events --database dd "$fixtures/cases/rolled-back-database"
expect_status 3
expect_err 'of databases without a name might be meant'
for database in dd_ab s_aborted; do ! grep -q "$database" out err || miss "$database was rolled back"; done
done_with 'of two rows of which nobody knows which is in force, none is believed'

run --before 'DROP TRIGGER' "$late"
expect_status 1
run --before 'DROP TABLE public\.n1' --pick first "$late"
expect_status 0
run --before-xid 740 "$late"
expect_status 0
run --before 'DROP FUNCTION' --to-lsn 0/714000 "$late"
expect_status 0
done_with 'what cannot be meant, or comes after, is no doubt'

run events "$late"
expect_status 3
expect_err '11 transactions changed system catalogs, and this WAL begins too late to show what: it may have been '
expect_err '3 events are told as DROP TABLE'
run events '^create' "$late"
expect_status 0
run "$late"
expect_status 3
done_with 'events and the summary say that there may be more'

# The transaction that drops schema public comes after a segment that is missing.
run --before 'DROP TYPE' "$fixtures/cases/gap-before-drop"
expect_status 3
expect_err 'WAL is missing or damaged before it, so what it did is not known: it may have been DROP TYPE at '
expect_not_err 'begins too late'
offered=$(sed -n 's/.*to stop before it: \(--before-xid [0-9]*\)$/\1/p' err)
eval "run ${offered:---pick} $fixtures/cases/gap-before-drop"
expect_status 3
expect_err 'DROP TABLE public.orders'
done_with 'where WAL is missing before it, that is the cause, and the transaction can be stopped before'

[ "$failures" -eq 0 ]
