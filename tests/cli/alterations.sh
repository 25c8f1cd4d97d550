#!/bin/bash
# Proves how relations that stay are found, and how what one statement took along is told: stdout, stderr and
# exit status. Which events there are is proved by fixtures.sh.
#
# Expected names, counts and LSN ranges are those the real servers told (tests/fixtures/*/expect.tsv).
#
#   tests/cli/alterations.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

expect_same() { [ "$1" = "$2" ] || miss "got: $1; want: $2"; }

# What the story lists under a label.
listed() {
    awk -v label="$1" 'substr($0, 1, 2) == "  " { if (substr($0, 3, 1) != " ") inside = index($0, "  " label " ") == 1
        if (inside) print substr($0, 15) }' err
}
# "2 tables, 1 view", a line each, from texts of DROP events.
counts() {
    sed -E 's/^(DROP (MATERIALIZED VIEW|FOREIGN TABLE|[A-Z]+)).*/\1/; s/^DROP //' | tr '[:upper:]' '[:lower:]' | sort | uniq -c |
        awk '{ n = $1; sub(/^ *[0-9]+ /, ""); print n " " $0 (n == 1 ? "" : $0 ~ /x$/ ? "es" : "s") }' | sort
}

for fixture in "$fixtures"/pg1[0-9]; do
    name=$(basename "$fixture")

    run --before 'ALTER TABLE public\.old_alter DROP COLUMN note' "$fixture/wal"
    expect_status 0
    in_range "$(setting recovery_target_lsn)" "$name" alter_drop_column_old
    expect_err "found ALTER TABLE public.old_alter DROP COLUMN note in database app"
    expect_err "still locks the object"
    run --before 'ALTER TABLE alt\.c2 DROP COLUMN' "$fixture/wal"
    expect_status 0
    in_range "$(setting recovery_target_lsn)" "$name" alter_commit_prepared
    expect_err "committed by COMMIT PREPARED"
    expect_err "ROLLBACK PREPARED 'alter'"
    run --before 'REWRITE TABLE alt\.rw$' --pick first "$fixture/wal"
    expect_status 0
    in_range "$(setting recovery_target_lsn)" "$name" alter_vacuum_full_toast
    run --before 'ALTER TABLE alt\.c DROP COLUMN e$' "$fixture/wal"
    expect_status 1
    done_with "$name: a dropped column, a rewrite, by pattern"

    # The texts of alterations must not be mistaken for what they are not.
    run events --format csv 'DROP TABLE |TRUNCATE' "$fixture/wal"
    expect_status 0
    expect_same "$(sed 1d out | grep -cvE ',(DROP TABLE|TRUNCATE TABLE),')" 0
    done_with "$name: DROP TABLE and TRUNCATE match nothing else"

    # --relation is about the relation, not about its columns or its next name.
    run events --format json 'DROP COLUMN|RENAME|SET SCHEMA' --relation '^public\.old_alter$' "$fixture/wal"
    expect_status 0
    expect_same "$(wc -l <out)" 3
    run events 'DROP COLUMN' --relation 'note' "$fixture/wal"
    expect_status 1
    run events --format json 'RENAME TO' --relation '^alt\.swap_x$' "$fixture/wal"
    expect_json .text 'ALTER TABLE alt.swap_x RENAME TO swap_2'
    done_with "$name: --relation and alterations"

    # One statement, one incident.
    column "$name" drop_schema_cascade text | grep -v '^DROP SCHEMA' | sort >members
    run --before 'DROP SCHEMA "Full House"' "$fixture/wal"
    expect_status 0
    expect_err 'found DROP SCHEMA "Full House" in database app, and with it '
    expect_same "$(sed -n 's/.* and with it //p' err | head -1 | sed 's/, /\n/g' | sort)" "$(counts <members)"
    expect_same "$(listed 'with it' | sort)" "$(cat members)"
    expect_same "$(listed 'also did')" ''
    done_with "$name: a schema and what fell with it"

    run --before 'DROP TABLE "Full House"\.h2' "$fixture/wal"
    expect_status 0
    expect_err 'found DROP TABLE "Full House".h2 in database app'
    expect_err 'fell with   DROP SCHEMA "Full House", and with it '
    expect_same "$(listed 'with it' | sort)" "$(grep -v h2 members)"
    done_with "$name: a table that fell with its schema"

    column "$name" drop_table_partitioned text | grep -v 'parted$' | sort >members
    run --before 'DROP TABLE public\.parted$' "$fixture/wal"
    expect_err "and with it $(wc -l <members) tables"
    expect_same "$(listed 'with it' | sort)" "$(cat members)"
    run --before 'DROP TABLE public\.several_3' "$fixture/wal"
    expect_same "$(listed 'with it')" ''
    expect_same "$(listed 'also did' | sort)" "$(column "$name" drop_table_several text | grep -v several_3 | sort)"
    done_with "$name: partitions fall with their table, tables named together do not"
done

run events --format json 'DROP COLUMN note' "$fixtures/pg15/wal"
expect_json 'select(.object.name == "old_alter") | [.kind, .text]' \
    '["ALTER TABLE DROP COLUMN","ALTER TABLE public.old_alter DROP COLUMN note"]'
keys() { json_value '[paths]' out | sort -u; }
altered=$(keys)
run events --format json 'DROP TABLE public.plain' "$fixtures/pg15/wal"
expect_same "$altered" "$(keys)"
done_with "json has the same keys for all kinds"

[ "$failures" -eq 0 ]
