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
[ "$(awk -F, 'NR > 1 { print $NF }' out | grep -vE 'SEQUENCE|SCHEMA' | sort)" = 'DROP MATERIALIZED VIEW public.mv
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

exit $((failures > 0))
