#!/bin/bash
# Proves that narrowing selects events and never changes one: each line of `events` comes out of every window around it
# as it does without a window, names and rows and all.
#
#   tests/cli/narrowing.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# same WHAT ARGS...: the lines of want, and no other.
same() {
    local what=$1
    shift
    run events -q --format csv "$@" "$wal"
    tail -n +2 out | cmp -s - want || miss "$what: $(tail -n +2 out | diff - want | head -n 4)"
    [ -s want ] && [ "$status" != 0 ] && miss "$what: status $status"
    return 0
}

# rows CONDITION LSN: of all lines those whose commit LSN, or time, fulfils it.
rows() {
    awk -F, -v asked="$2" '
        function padded(lsn, part) { split(lsn, part, "/"); return sprintf("%8s%8s", part[1], part[2]) }
        { at = padded($1); limit = padded(asked) }
        '"$1" all >want
}

# Columns: 1 commit_lsn, 3 time, 6 database_oid, 7 database.
for name in pg9.6 pg15-logical pg18 timelines17; do
    wal=$fixtures/$name/wal
    "$program" events -q --format csv "$wal" | tail -n +2 >all
    cut -d, -f1 all | uniq >lsns
    cut -d, -f3 all | sort -u >moments
    step=$(($(wc -l <lsns) / 3 + 1))
    for lsn in $(sed -n "1p;\$p;0~${step}p" lsns); do
        rows 'at >= limit' "$lsn"
        same "from $lsn" --from-lsn "$lsn"
        rows 'at <= limit' "$lsn"
        same "to $lsn" --to-lsn "$lsn"
    done
    step=$(($(wc -l <moments) / 3 + 1))
    for time in $(sed -n "\$p;0~${step}p" moments); do
        rows '$3 >= asked' "$time"
        same "since $time" --since "$time"
        rows '$3 <= asked' "$time"
        same "until $time" --until "$time"
    done
    for database in $(cut -d, -f7 all | grep . | sort -u); do
        rows '$7 == asked' "$database"
        same "database $database" --database "$database"
        oids=$(awk -F, -v name="$database" '$7 == name { print $6 }' all | sort -u)
        for oid in $oids; do
            rows '$6 == asked' "$oid"
            same "database $oid" --database "$oid"
        done
    done
    done_with "$name: every window shows what the whole shows"
done

# What a window of a position chooses is in it, and what it keeps and loses is counted over all WAL.
name=pg15 wal=$fixtures/pg15/wal
run --before 'DROP TABLE' --format json "$wal"
cp out whole
run --before 'DROP TABLE' --format json --from-lsn "$(json_value .event.commit_lsn whole)" "$wal"
for key in keeps loses target source; do
    expect_json ".$key | objects" "$(json_value ".$key" whole)"
done
run --before-xid "$(told pg15 drop_table_in_second_db xid)" --to-lsn "$(told pg15 drop_table_in_second_db lsn_before)" "$wal"
expect_status 1
done_with 'a target in a window'

# A name that is told late: what was done in that database before counts too.
wal=$fixtures/pg18.6/wal
"$program" events -q --format csv "$wal" | tail -n +2 >all
name=$(awk -F, '$6 == 16384 && $7 != "" { print $7; exit }' all)
rows '$6 == asked' 16384
[ "$(awk -F, '$7 == ""' want | wc -l)" -gt 0 ] || miss 'the fixture names the database from the start'
same "database $name" --database "$name"
[ "$status" = 0 ] || miss "status $status"
done_with 'events before the WAL names their database'

# A name that is told nowhere.
wal=$fixtures/pg18-backup/wal
run events --database nobody "$wal"
expect_err "$("$program" events -q --format csv "$wal" | tail -n +2 | awk -F, '$6 != "" && $7 == ""' | wc -l) events of databases without a name might be meant"
expect_err "SELECT oid FROM pg_database WHERE datname = 'nobody';"
run events --database "o'clock" "$wal"
expect_err "WHERE datname = 'o''clock';"
run events --database 16384 "$wal"
expect_status 0
expect_not_err 'might be meant'
done_with 'events of databases without a name are counted'

[ "$failures" -eq 0 ]
