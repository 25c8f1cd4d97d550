#!/bin/bash
# Proves what is said where nothing matches: what comes near, what there is, where to look next; and that a pasted
# statement is understood. Names, xids and times are those the real server told (tests/fixtures/pg15/expect.tsv).
#
#   tests/cli/nothing.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

wal=$fixtures/pg15/wal
xid=$(told pg15 drop_table_in_second_db xid)
time=$(told pg15 drop_table_in_second_db commit_time)

# ---- pasted statements --------------------------------------------------------------------------

for statement in 'DROP TABLE IF EXISTS "orders";' 'drop table orders;' 'DROP TABLE public.orders CASCADE' \
    'DROP TABLE nothing_like_it, "public"."orders";'; do
    run --before "$statement" "$wal"
    expect_status 0
    expect_err "found DROP TABLE public.orders in database second_db"
    in_range "$(setting recovery_target_lsn)" pg15 drop_table_in_second_db
    done_with "a pasted statement: $statement"
done
run --before 'DROP TABLE IF EXISTS "select";' "$wal"
expect_status 0
expect_err 'found DROP TABLE public."select"'
run -q events --format csv 'DROP TABLE IF EXISTS orders, plain;' "$wal"
expect_status 0
[ "$(wc -l <out)" -eq 3 ] || miss "$(wc -l <out) lines"
run --before 'DROP TABLE sales.orders;' "$wal"
expect_status 1
done_with "a reserved word, several tables, and a schema that is another"

# ---- what comes near ----------------------------------------------------------------------------

near() {
    local name=$1
    shift
    run --before "$@" "$wal"
    expect_status 1
    [ ! -s out ] || miss "stdout: $(head -c 300 out)"
    expect_err "nearest     DROP TABLE public.orders in database second_db at $time"
    expect_err "transaction $xid"
    expect_err "find it with --before '^DROP TABLE public\.orders\$'"
    done_with "$name"
}
near "the schema is missing" 'DROP TABLE orders'
near "the schema is another" 'DROP TABLE shop\.orders$'
near "it is misspelt" 'DROP TABLE public.ordres'
near "another statement was used" 'TRUNCATE orders'
near "a WHERE, which no WAL holds" "DELETE FROM orders WHERE city = 'Bilbao'"
run --before '^DROP TABLE public\.orders$' "$wal"
expect_status 0
in_range "$(setting recovery_target_lsn)" pg15 drop_table_in_second_db
for narrowing in '' '--database app' '--database postgres'; do
    # shellcheck disable=SC2086
    run --before 'DROP TABLE ordres' $narrowing "$wal"
    offered=$(sed -n '/nearest /{n;s/.*find it with //p}' err)
    [ "$offered" = "--before '^DROP TABLE public\.orders\$' --database second_db" ] || miss "$narrowing: $offered"
    eval "run $offered '$wal'"
    expect_status 0
    in_range "$(setting recovery_target_lsn)" pg15 drop_table_in_second_db
done
done_with "the command that is offered finds it"

later=$(told pg15 drop_table_old_plain commit_time)
run --before 'DROP TABLE ordres' --database app --since "$later" --relation '\.orders' "$wal"
expect_status 1
expect_err "orders\$' --database second_db, without --since"
run --before 'DROP TABLE ordres' --database second_db --to-lsn "$(told pg15 drop_table_in_second_db lsn_before)" "$wal"
expect_err "orders\$' --database second_db, without --to-lsn"
run --before 'DROP TABLE public\.orders$' --database second_db --since "$later" "$wal"
expect_err "it matches, and is left out by --since: run this again without --since"
run --before 'DROP TABLE public\.orders$' --min-rows 5 --database app "$wal"
expect_err "it matches, and is left out by --database and --min-rows: run this again with --database second_db, without --min-rows"
run --before 'ROLE |DATABASE nobody' --database app "$wal"
expect_err "left out by --database: run this again without --database"
done_with "what leaves an event out is named, and no other option"

run --before 'DROP TABLE public.orders' --database ap "$wal"
expect_status 1
expect_err "nearest     DROP TABLE public.orders in database second_db at $time"
expect_err "it matches, and is left out by --database"
grep -qE '^  databases   .*second_db.*: do you mean --database app\?$' err || miss "databases: $(grep databases err)"
run --before 'DROP TABLE orders' --database prod "$fixtures/demo/wal"
expect_status 1
expect_err 'databases   shop; nothing was done here in one called "prod"'
run --before 'DROP TABLE orders' --database shp "$fixtures/demo/wal"
expect_err 'databases   shop; nothing was done here in one called "shp": do you mean --database shop?'
for database in shop "$("$program" events -q --format csv "$fixtures/demo/wal" | awk -F, '$7 == "shop" { print $6; exit }')"; do
    run --before 'DROP TABLE nix' --database "$database" "$fixtures/demo/wal"
    expect_status 1
    expect_not_err 'one called'
done
# One of those of pg15 has no name here.
run --before 'DROP TABLE nix' --database prod "$wal"
expect_not_err 'one called'
done_with "a database that is not there"

run --before 'DROP TABLE public.orders' --since 2026-11-23T01:17:30Z --min-rows 5 "$wal"
expect_status 1
expect_not_err "find it with --before '^DROP TABLE public\.orders"
expect_err "WAL ends    at "
done_with "what lies before the range is not offered"

run events 'zzz' "$wal"
expect_status 1
expect_not_err nearest
expect_err "databases   second_db, app"
run events 'DROP TABLE ordres' "$wal"
expect_err "find it with pitr-find events '^DROP TABLE public\.orders\$'"
done_with "events says it, too; and nothing where nothing is near"

# The server has the schemas public and shop, among others.
run --before 'DROP TABLE pubilc\.orders$' "$wal"
expect_status 1
expect_err 'schema      no event here is of a schema called "pubilc": do you mean public?'
run --before 'DROP TABLE zzz.orders;' "$wal"
expect_err 'no event here is of a schema called "zzz"'
expect_not_err "do you mean"
run --before 'DROP TABLE public\.ordres' "$wal"
expect_not_err "no event here is of a schema"
run --before 'DROP TABLE ordres' "$wal"
expect_not_err "no event here is of a schema"
done_with "a schema that no event has is named"

# ---- where to look ------------------------------------------------------------------------------

last=$("$program" events -q --format csv "$wal" | tail -n 1 | cut -d, -f3)
TZ=Europe/Madrid run --before 'DROP TABLE gone_for_good' "$wal"
expect_err "WAL ends    at 0/1200000; the last transaction ended at "
[[ ! $(sed -n 's/^  WAL ends .* ended at \([^ ]*\).*/\1/p' err) < $last ]] || miss "it ends before $last"
grep -qE 'WAL ends .*Z \(2026-11-23 02:17:[0-9.]* CET\)$' err || miss "no local time: $(grep 'WAL ends' err)"
expect_err "may still lie in pg_wal of the server"
run --before-time 2027-01-01T00:00Z "$wal"
expect_status 1
expect_err "WAL ends    at 0/1200000"
run --before x --until 2026-11-23T01:17:20Z "$wal"
expect_err "as far as was searched"
expect_err "(those after --until are not counted)"
run --before x --since 2027-01-01T00:00Z "$wal"
expect_err 'nothing matches "x" in 0 committed transactions between 0/B00000 and 0/1200000 (those before --since are not counted)'
run --before x --until 2026-11-23T01:17:20Z "$wal"
expect_not_err "pg_wal of the server"
run -q --before 'DROP TABLE gone_for_good' "$wal"
expect_status 1
[ ! -s err ] || miss "stderr: $(head -c 300 err)"
done_with "where the WAL ends by the clock, and where younger WAL may be"

for question in --before-lsn\ 0/1 --before-time\ 2020-01-01T00:00Z; do
    # shellcheck disable=SC2086
    run $question "$wal"
    expect_status 1
    expect_not_err "pg_wal of the server"
done
run --before-lsn 0/1 "$wal"
expect_err "name the folder with the WAL of that place as one more SOURCE"
run --before-lsn 0/1300000 "$wal"
expect_err "pg_wal of the server"
run --before-xid 3 "$wal"
expect_err "name a folder with older WAL as one more SOURCE"
run --before-xid 99999 "$wal"
expect_not_err "older WAL"
expect_err "pg_wal of the server"
run --before 'DROP TABLE public\.(orders|plain)$' --pick 5 "$wal"
expect_status 1
expect_err "there is no match number 5, only 2"
expect_err "choose one of these with --pick:"
grep -qE "^ +1 .* xid $xid +DROP TABLE public.orders" err || miss "no list: $(cat err)"
expect_not_err "pg_wal of the server"
done_with "younger WAL is not looked for where it cannot be, and older is"

mkdir -p data/pg_wal data/global && cp "$wal"/* data/pg_wal && echo 15 >data/PG_VERSION && gunzip data/pg_wal/*.gz
run --before 'DROP TABLE gone_for_good' data
expect_err "WAL ends"
expect_not_err "pg_wal of the server"
expect_err "older WAL lies in its archive; give that folder as well"
run --before 'DROP TABLE gone_for_good' data/pg_wal
expect_err "older WAL lies in its archive"
run --before-time 2027-01-01T00:00Z data
expect_status 1
expect_not_err "older WAL"
mkdir archived && mv data/pg_wal/*[B-E] archived
run --before 'DROP TABLE gone_for_good' data archived
expect_status 1
expect_not_err "older WAL"
expect_not_err "pg_wal of the server"
done_with "a pg_wal has the youngest WAL, and its archive the older"

# ---- it may be where nothing could be read ------------------------------------------------------

# around LABEL LABEL: the times that are told lie between those of two statements, and the gap does.
around() {
    local before after
    before=$(sed -n 's/^  [md].* after \([^ ]*Z\).*/\1/p' err) after=$(sed -n 's/^  [md].* before \([^ ]*Z\)$/\1/p' err)
    [[ ! $before < $(told pg15 "$1" commit_time) && ! $after > $(told pg15 "$2" commit_time) && $before < $after ]] ||
        miss "between $before and $after"
}

unpack pg15 holed && mkdir found && mv holed/*C found
run --before 'TRUNCATE TABLE public\.of_the_gap$' holed
expect_status 3
[ "$(head -n 1 err)" = 'pitr-find: not found, but WAL is missing here, and it may be in there' ] || miss "first: $(head -n 1 err)"
expect_err "  missing     segment 00000001000000000000000C is missing (0/C00000 to 0/D00000), after 2026-11-23T01:17:22."
around drop_table_tablespace vacuum_full
expect_err "first find that file, then name its folder as one more SOURCE, and run this again"
expect_err 'searched    nothing matches "TRUNCATE TABLE public\.of_the_gap$" '
for question in --before-xid\ 1004 --before-time\ 2027-01-01T00:00Z --restore-point\ x; do
    # shellcheck disable=SC2086
    run $question holed
    [ "$(head -n 1 err)" = 'pitr-find: not found, but WAL is missing here, and it may be in there' ] || miss "$question: $(head -n 1 err)"
done
run --before-xid 1004 holed found
expect_status 0
run --before-lsn 0/1 holed
expect_not_err "may be in there"
run --before 'DROP TABLE gone_for_good' --to-lsn 0/BFFFFF holed
expect_status 1
expect_not_err "may be in there"
run events zzz holed
expect_err "not found, but WAL is missing here"
done_with "where WAL is missing, that is said first, and between which moments"

cp found/* holed && dd if=/dev/zero of=holed/00000001000000000000000C bs=8192 seek=33 count=1 conv=notrunc 2>/dev/null
run --before 'DROP TABLE gone_for_good' holed
expect_status 3
[ "$(head -n 1 err)" = 'pitr-find: not found, but WAL is damaged here, and it may be in there' ] || miss "first: $(head -n 1 err)"
around dml_while_a_drop_is_open commit_prepared_drop
expect_err "first find a good copy of that file, then name its folder as the first SOURCE, and run this again"
run --before 'DROP TABLE gone_for_good' found holed
expect_not_err "is damaged here"
done_with "where it is damaged, too, and a good copy ends that"

# ---- zones --------------------------------------------------------------------------------------

if [ -r /usr/share/zoneinfo/Europe/Madrid ]; then
    run -q --before-time "${time/Z/}" "$wal"
    cp out wanted
    moment=$(TZ=Europe/Madrid date -d "$time" '+%Y-%m-%d %H:%M:%S.%6N')
    run --before-time "$moment Europe/Madrid" "$wal"
    expect_status 0
    cmp -s wanted out || miss "another target"
    expect_not_err "has no offset"
    for zone in ../../etc/passwd Europe/../Europe/Madrid Europe//Madrid /Europe/Madrid Europe/Nowhere 'Europe/Madrid x'; do
        run --before-time "$moment $zone" "$wal"
        expect_status 2
        expect_err "error: --before-time: "
    done
    done_with "times take zones by name"
fi

[ "$failures" -eq 0 ]
