#!/bin/bash
# Proves that an event whose name an archive lost to retention is never passed over: it may be what was asked for.
#
# Cut archives of tests/fixtures; names, xids and what is where come from their expect.tsv, by whole archives' servers.
#
#   tests/cli/nameless.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# younger FIXTURE COUNT FOLDER: all segments but so many of the oldest.
younger() {
    local file
    mkdir "$3"
    for file in $(printf '%s\n' "$fixtures/$1"/wal/* | grep -E '/[0-9A-F]{24}\.gz$' | tail -n +$(($2 + 1))); do
        cp "$file" "$3"
    done
}

# may_be NUMBER XID...: so many events are said to be in doubt, these transactions among them; and no other status than 3.
may_be() {
    local xid number=$1
    shift
    expect_status 3
    [ "$number" -gt 1 ] || expect_err '1 event lacks its name and may be meant: '
    [ "$number" -eq 1 ] || expect_err "$number events lack their names and may be meant: "
    for xid; do grep 'may be meant' err | grep -q "transaction $xid\b" || miss "transaction $xid is not named: $(cat err)"; done
    expect_err '--backup, --dsn, or older WAL as one more SOURCE may tell the name'
}

# One table, rows deleted from it twice. The name is told between the two.
younger demo 1 late
first=$(told demo delete_cancelled xid) second=$(told demo clean_up_items xid)
pattern='DELETE FROM public.order_items'
run events "$pattern" "$fixtures/demo/wal"
expect_status 0
[ "$(grep -c "$pattern" out)" -eq 2 ] || miss "the whole archive has not two: $(cat out)"
run events 'DELETE FROM' --format csv late
expect_status 0
grep -q ",$first,.*DELETE FROM \[" out || miss "the cut archive knows the name"
grep -q ",$second,.*$pattern" out || miss "the cut archive does not know the later name"
done_with 'the archive for it: an unnamed DELETE, then one with its name'

for pick in unique first 1; do
    run --before "$pattern" --pick "$pick" late
    may_be 1 "$first"
    expect_err "transaction $second, committed"
    in_range "$(setting recovery_target_lsn)" demo clean_up_items
    run --after "$pattern" --pick "$pick" --format json late
    may_be 1 "$first"
    expect_json "any(.warnings[]; test(\"1 event lacks its name and may be meant: DELETE FROM \\\\[filenode [0-9]+\\\\] at 0/[0-9A-F]+, transaction $first\\\\b\"))" true
done
run --before "$pattern" --pick 2 late
may_be 1 "$first"
expect_err 'there is no match number 2, only 1'
[ ! -s out ] || miss "a target: $(cat out)"
done_with 'an unnamed event before the one chosen'

for ask in "--before=$pattern" '--before=order_items' '--before=^delete.*items$'; do
    run "$ask" late
    expect_status 0
    expect_not_err 'may be meant'
    in_range "$(setting recovery_target_lsn)" demo clean_up_items
done
done_with 'the last one, and nothing without a name after it'

until=$(told demo drop_orders lsn_after)
for ask in "$pattern" 'DELETE FROM public\.order_items$' 'DELETE FROM ONLY "order_items";' 'DELETE'; do
    run --before "$ask" --relation 'order_items$' --to-lsn "$until" late
    may_be 1 "$first"
    expect_err ' for certain in '
    [ ! -s out ] || miss "a target: $(cat out)"
done
run events "$pattern" --to-lsn "$until" late
may_be 1 "$first"
run events "$pattern" late
may_be 1 "$first"
expect_out "$pattern"
run events --relation '^public\.order_items$' --min-rows 99 late
expect_not_err "transaction $first"
done_with 'nothing has the name but what has none may have it'

# Who asks for something else is not bothered: the archive is full of rows that have no name.
run events 'INSERT INTO' --format csv late
[ "$(grep -c 'INSERT INTO \[' out)" -gt 100 ] || miss 'rows have names'
for ask in 'DROP TABLE' 'DROP TABLE public\.orders$' 'DROP TABLE IF EXISTS orders;' 'drop' '(DROP|TRUNCATE) .*' '^DROP VIEW .*open_orders'; do
    run --before "$ask" --pick first late
    expect_status 0
    expect_not_err 'may be meant'
    in_range "$(setting recovery_target_lsn)" demo drop_orders
done
run --before 'TRUNCATE TABLE public.order_items' late
expect_status 1
run --before 'DROP TABLE public.customers' late
expect_status 1
done_with 'other statements are in no doubt'

# A schema without a name: the table's own name counts.
wal=$fixtures/pg15-backup/wal
xid=$(told pg15-backup drop_in_other_database xid)
schema=$(told pg15-backup drop_in_other_database schema) table=$(told pg15-backup drop_in_other_database object)
for ask in "DROP TABLE $schema\\.$table" "DROP TABLE $schema.$table\$" "$schema\\.$table" "drop table $schema.\"$table\";"; do
    run --before "$ask" --from-lsn "$(told pg15-backup drop_in_other_database lsn_before)" --database 16386 "$wal"
    may_be 1 "$xid"
    expect_err "DROP TABLE [16445].$table at 0/"
    run --before "${ask/$table/customers}" --from-lsn "$(told pg15-backup drop_in_other_database lsn_before)" --database 16386 "$wal"
    expect_status 1
done
run --before "DROP TABLE $schema\\.$table" --backup "$fixtures/pg15-backup/base.tar.gz" "$wal"
expect_status 0
in_range "$(setting recovery_target_lsn)" pg15-backup drop_in_other_database
done_with 'a schema without a name'

# What the chosen transaction did itself changes no choice; what others did does, as the rule of choosing has it.
# All of it is in doubt for the catalogs that were moved before: what counts here are the words.
from=$(told pg15-backup drop_rule lsn_before) to=$(told pg15-backup drop_rule lsn_after)
pattern='DROP RULE kept|DELETE FROM shop\.parts'
for pick in first last unique; do
    run --before "$pattern" --pick "$pick" --from-lsn "$from" --to-lsn "$to" "$wal"
    expect_not_err 'may be meant'
    in_range "$(setting recovery_target_lsn)" pg15-backup drop_rule
done
run events "$pattern" --from-lsn "$from" --to-lsn "$to" "$wal"
may_be 1 "$(told pg15-backup drop_rule xid)"
run --before "$pattern" --pick first --from-lsn "$from" "$wal"
expect_not_err 'may be meant'
run --before "$pattern" --pick last --to-lsn "$to" "$wal"
expect_not_err 'may be meant'
for pick in first:to unique:to unique:from last:from; do
    limit=${pick#*:}
    run --before "$pattern" --pick "${pick%:*}" "--$limit-lsn" "${!limit}" "$wal"
    expect_status 3
    expect_err 'events lack their names and may be meant: '
done
done_with 'events of the same transaction, and of others before and after'

exit $((failures > 0))
