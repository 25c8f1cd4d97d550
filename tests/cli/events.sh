#!/bin/bash
# Proves on archives of real servers which events come of what is easily taken for something else.
#
# Expected are the statements that were run there (tests/fixtures/README.md).
#
#   tests/cli/events.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cases=$fixtures/cases

# events_are TEXT: all events of the last run in csv, as XID ROWS TEXT.
events_are() {
    local got
    got=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["xid"], $at["rows"], $at["text"] }' out | sed 's/  / /')
    [ "$got" = "$1" ] || miss "events: $got; want: $1"
}

run events --format csv '^(truncate|rewrite|drop table)' "$cases/pg_repack"
expect_status 0
events_are '733 TRUNCATE TABLE public.orders
738 REWRITE TABLE public.orders
740 DROP TABLE repack.log_16420
740 DROP TABLE repack.table_16420
746 REWRITE TABLE public.logs
748 DROP TABLE repack.log_16427
748 DROP TABLE repack.table_16427
751 DROP TABLE public.logs'
run --before 'TRUNCATE TABLE public\.orders' "$cases/pg_repack"
expect_status 0
[ "$(setting recovery_target_lsn)" = 0/C08D58 ] || miss 'not before the TRUNCATE'
done_with 'pg_repack swaps two files: a rewrite, no TRUNCATE'

run events --format csv '^drop' "$cases/gap-before-drop"
expect_status 3
[ "$(awk -F, 'NR > 1 { print $NF }' out | sort)" = 'DROP MATERIALIZED VIEW public.mv
DROP SCHEMA public
DROP TABLE public.items
DROP TABLE public.kept
DROP TABLE public.orders
DROP VIEW public.v' ] || miss "drops: $(cat out)"
done_with 'relations whose catalog rows a gap hides are told when they are dropped'

run events --format csv "$cases/moved-catalog"
expect_status 0
[ "$(awk -F, 'NR > 1 && $5 < 767 { print $5, $NF }' out)" = '763 CREATE TABLE public.x
764 CREATE SCHEMA z
765 INSERT INTO [filenode 16385]
766 DROP TABLE public.x' ] || miss "events: $(cat out)"
done_with 'catalogs that move while pg_class does not show it are followed'

run events --format csv "$cases/drop-unnamed"
expect_status 3
[ "$(awk -F, 'NR > 1 { print $5 }' out | tr '\n' ' ')" = '728 729 730 ' ] || miss "events: $(cat out)"
expect_err '1 transaction, the first of which ended at 0/702708, dropped more tables, views or types than can be told'
run --before-xid 730 "$cases/drop-unnamed"
expect_status 0
done_with 'a DROP of several tables of which only one can be told is doubt'

# moved_catalogs: of which system catalogs the last run said that they were moved.
moved_catalogs() {
    sed -n 's/^.*warning: system catalogs\{0,1\} \(.*\): in another file.*/\1/p' err | sed 's/ of database.*//'
}

run events "$cases/moved-before"
expect_status 3
[ "$(moved_catalogs)" = pg_class ] || miss "moved: $(moved_catalogs)"
run --before 'DROP TABLE public\.old' "$cases/moved-before"
expect_status 3
run events "$cases/moved-authid"
expect_status 3
[ "$(moved_catalogs | tr '\n' ' ')" = 'pg_attribute pg_authid ' ] || miss "moved: $(moved_catalogs)"
run events "$cases/moved-drop"
expect_status 3
expect_err 'transaction 727, which ended at 0/70AF28, removed files, and what it changed in pg_class of database postgres is not in this WAL'
run events "$fixtures/pg15-backup/wal"
expect_status 3
[ "$(moved_catalogs)" = 'pg_class, pg_depend, pg_namespace' ] || miss "moved: $(moved_catalogs)"
done_with 'a catalog that was moved before the WAL begins is doubt'

for folder in "$fixtures"/pg*; do
    name=$(basename "$folder")
    [[ $name =~ ^pg[0-9.]+$ ]] || continue
    run events "$folder/wal"
    expect_status 0
    [ -z "$(moved_catalogs)" ] || miss "$name, moved: $(moved_catalogs)"
done
done_with 'catalogs that are where they should be are no doubt, on any major'

exit $((failures > 0))
