#!/bin/bash
# Proves what is said around a target: what other transactions destroyed shortly before, a position where no
# record begins, a moment outside the WAL, and TRUNCATEs and DROPs that --min-rows hides.
#
# Transactions and positions are those that the fixtures' servers told (expect.tsv).
#
#   tests/cli/shortly.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

demo=$fixtures/demo/wal stops=$fixtures/pg15-stops/wal

# ---- other losses -------------------------------------------------------------------------------

first=$(told demo drop_import_batch xid)
for option in "--before=DROP TABLE public.orders" "--before-xid=$(told demo drop_orders xid)" "--before-time=$(told demo drop_orders commit_time)"; do
    run "$option" "$demo"
    expect_status 0
    expect_err 'before it   1 other transaction dropped, truncated or deleted shortly before: this target does not undo that'
    expect_err "xid $first  $(told demo drop_import_batch text) in database shop"
    expect_err "              pitr-find --before-xid $first $demo"
    expect_not_err warning
done
run --before "DROP TABLE public.orders" --format json "$demo"
expect_json '.shortly_before | [.transactions, .first_xid] + (.events[0] | [.kind, .text])' \
    "[1,$first,\"DROP TABLE\",\"$(told demo drop_import_batch text)\"]"
done_with 'what another transaction dropped shortly before is told, with the command that stops before it'

# The command is for a shell, with what was typed but for the event; what it loses more is what its own story says.
loses() { sed -n 's/^  loses       \([0-9]*\) transaction.*/\1/p' err; }
pitr-find() { run "$@"; }
mkdir "it's WAL" && cp "$demo"/* "it's WAL"
run --before 'DROP TABLE public.orders' --database shop --pick last --action promote --target xid --restore-command 'cp /w/%f "%p"' "it's WAL"
expect_status 0
here=$(loses)
more=$(sed -n 's/.* which loses \([0-9]*\) transactions more, run instead:$/\1/p' err)
command=$(sed -n 's/^ *\(pitr-find --before-xid .*\)/\1/p' err)
eval "$command"
expect_status 0
expect_line "recovery_target_xid = '$first'"
expect_line "recovery_target_action = 'promote'"
expect_line "restore_command = 'cp /w/%f \"%p\"'"
[ "$(loses)" = "$((here + more))" ] || miss "$(loses), not $here and $more more"
run --before 'DROP TABLE public.orders' --since 2026-11-23T00:00:00Z "$demo"
expect_err 'to go back before that, too, run instead:'
done_with 'the command that stops before it runs as it is'

run --before-xid "$first" --format json "$demo"
expect_status 0
expect_json .shortly_before '{"transactions":0,"first_xid":null,"events":[]}'
run --after "DROP TABLE public.orders" "$demo"
expect_not_err 'before it'
done_with 'nothing is told where nothing was lost before, or what was before is wanted'

# ---- a position inside a record -----------------------------------------------------------------

end=$(told pg15-stops drop_locked lsn_after)
inside=$(printf '%X' $((16#${end#*/} - 8)))
run --before-lsn "$end" "$stops"
expect_status 0
expect_err "recovery_target_lsn = $end, inclusive = false: stops right before"
expect_not_err warning
run --before-lsn "0/$inside" --format json "$stops"
expect_status 0
expect_json '.target | [.exact, .stops_before_lsn]' "[false,\"$end\"]"
expect_err "warning: not exact: 0/$inside lies inside the record at "
at=$(sed -n 's/.* lies inside the record at \([0-9A-F/]*\) .*/\1/p' err)
in_range "$at" pg15-stops drop_locked
expect_err "record at $at (the commit of transaction $(told pg15-stops drop_locked xid)): that record is kept"
run --before-lsn "0/$inside" "$stops"
expect_status 0
expect_line '# stops right before the record at '"$end"
expect_line "# not exact: 0/$inside lies inside the record at $at (the commit of transaction $(told pg15-stops drop_locked xid)): that record is kept, and recovery stops before the next, at $end; --before-lsn $at stops before it"
run --before-lsn "$at" "$stops"
expect_err ': stops right before'
done_with '--before-lsn inside a record is not exact, and the start of that record is named'

# Where a segment was switched, servers name its first byte, and the first record is behind the header.
start=$(zcat "$fixtures"/pg15-backup/wal/*.backup.gz | sed -n 's/^START WAL LOCATION: \([0-9A-F/]*\) .*/\1/p')
run --before-lsn "${start%28}00" "$fixtures/pg15-backup/wal"
expect_status 0
expect_err ': stops right before the record there'
expect_not_err 'not exact'
done_with '--before-lsn at the start of a page, before its first record, is exact'

# ---- a moment outside the WAL -------------------------------------------------------------------

run --before-time 2020-01-01T00:00:00Z "$demo"
expect_status 1
[ ! -s out ] || miss "stdout: $(head -c 300 out)"
expect_err '2020-01-01T00:00:00.000000Z is before this WAL begins'
run --before-time 2040-01-01T00:00:00Z "$demo"
expect_status 1
[ ! -s out ] || miss "stdout: $(head -c 300 out)"
expect_err '2040-01-01T00:00:00.000000Z'
done_with '--before-time before or behind all WAL finds nothing'

# ---- what --min-rows hides ----------------------------------------------------------------------

run --before '(DROP TABLE|DELETE FROM) public' --min-rows 50 "$demo"
expect_status 0
expect_err "found $(told demo clean_up_items text) ($(told demo clean_up_items rows) rows)"
expect_err 'warning: 2 TRUNCATE/DROP events have no row count and are hidden by --min-rows'
run --before 'DELETE FROM public' --min-rows 50 "$demo"
expect_not_err 'hidden by --min-rows'
run --before 'DROP TABLE public\.orders' --min-rows 50 "$demo"
expect_status 1
expect_err 'warning: 1 TRUNCATE/DROP event has no row count and is hidden by --min-rows'
run events --min-rows 50 DROP.TABLE "$demo"
expect_status 1
expect_err 'warning: 2 TRUNCATE/DROP events have no row count and are hidden by --min-rows'
done_with '--min-rows counts the TRUNCATEs and DROPs it hides'

# ---- partitions merged and split ------------------------------------------------------------------
# The script that made this WAL merged sp1 and sp2 into sp12, and split sp3 into sp3a and sp3b.

merged=$fixtures/pg19-new/wal words='MERGE PARTITIONS or SPLIT PARTITION looks like this in the WAL, and loses no row'
for name in sp1:sp12 sp2:sp12 sp3:sp3a; do
    run --before "DROP TABLE public\\.${name%:*}\$" "$merged"
    expect_status 0
    expect_err "$words: first look for the rows in public.${name#*:}"
done
for name in sp v1; do
    run --before "DROP TABLE public\\.$name\$" "$merged"
    expect_status 0
    expect_not_err "$words"
done
done_with 'partitions that were merged or split are told from partitions that were dropped'

[ "$failures" -eq 0 ]
