#!/bin/bash
# Proves where `pitr-find` stops at peculiar places: restore points, before a lock (--inspectable), before a commit
# record that a restore does not get whole.
#
# Places, xids and counts are those that real servers told (tests/fixtures/*-stops/places.tsv and expect.tsv).
#
#   tests/cli/stops.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"


# ---- helpers ------------------------------------------------------------------------------------


# ---- restore points -----------------------------------------------------------------------------
# The journal has 9 rows in all, and two tables are dropped: 11 transactions and the one that touches pg_database.

lost_after() { # lost_after LABEL: transactions behind a restore point
    echo $((11 - $(told "$fixture/places.tsv" "$1" journal)))
}

points() {
    local wal=$fixtures/$fixture/wal release='before the release'
    run --restore-point "$release" "$wal"
    expect_status 0
    expect_line "recovery_target_name = '$release'"
    expect_line "recovery_target_timeline = '1'"
    expect_not_out recovery_target_inclusive
    [ "$(grep -c '^recovery_target_\(name\|lsn\|xid\|time\) =' out)" -eq 1 ] || miss "not one target"
    expect_line "# stops right after the restore point \"$release\" at $(told "$fixture/places.tsv" release lsn)"
    expect_err "  at          $(told "$fixture/places.tsv" release lsn) in 0"
    expect_err "found restore point \"$release\""
    expect_err "everything up to transaction $(told "$fixture/places.tsv" release last_xid),"
    expect_err "loses       $(lost_after release) transactions"
    expect_not_err warning
    cp out conf
    done_with "$fixture: --restore-point"

    run simulate --format json conf "$wal"
    expect_status 0
    expect_json .stop.stops_before_lsn "$(told "$fixture/places.tsv" release lsn)"
    expect_json .stop.reason "at restore point \"$release\""
    done_with "$fixture: simulate stops at the restore point, too"

    run -q --restore-point "$release" --format json "$wal"
    expect_status 0
    expect_json .restore_point.end_lsn "$(told "$fixture/places.tsv" release lsn)"
    expect_json 'key("event")' null
    expect_json '.restore_point | [.number, .of]' '[1,1]'
    expect_json '.target | [.kind] + (.settings | [.recovery_target_name, .recovery_target_timeline])' '["name","before the release","1"]'
    expect_json .loses.transactions "$(lost_after release)"
    expect_json '[.target, .alternatives[] | .exact]' '[true,true,true,true,true]'
    done_with "$fixture: --restore-point as JSON"

    for kind in lsn xid time; do
        run --restore-point "$release" --target $kind "$wal"
        expect_status 0
        expect_line "recovery_target_inclusive = 'true'"
        expect_err "everything up to transaction $(told "$fixture/places.tsv" release last_xid),"
        expect_err "loses       $(lost_after release) transactions"
        cp out conf
        [ $kind != xid ] || expect_line "recovery_target_xid = '$(told "$fixture/places.tsv" release last_xid)'"
        [ $kind != lsn ] || [ "$(number "$(setting recovery_target_lsn)")" -lt "$(number "$(told "$fixture/places.tsv" release lsn)")" ] ||
            miss "the LSN is not that of the record's start"
        run simulate --format json conf "$wal"
        expect_json .keeps.last_xid "$(told "$fixture/places.tsv" release last_xid)"
    done
    done_with "$fixture: --restore-point by lsn, xid and time"

    run -q --restore-point "$release" --format shell "$wal"
    (eval "$(cat out)" && [ "$PITR_TARGET_NAME" = "$release" ] && [ "$PITR_TARGET_KIND" = name ]) || miss "$(cat out)"
    done_with "$fixture: --restore-point for the shell"

    run --restore-point twice "$wal"
    expect_status 0
    expect_err "2, this is number 1"
    expect_err "everything up to transaction $(told "$fixture/places.tsv" first_twice last_xid),"
    expect_err "warning: 2 restore points have that name, this is number 1: by name a server stops at the first one"
    run --restore-point twice --pick 2 --target lsn "$wal"
    expect_status 0
    expect_err "everything up to transaction $(told "$fixture/places.tsv" second_twice last_xid),"
    expect_err "this target does not depend on that"
    run -q --restore-point twice --pick last --format json "$wal"
    expect_status 0
    expect_json '.restore_point | [.number, .of]' '[2,2]'
    # By name a server stops at the first of them.
    expect_json '.target | [.kind, .exact, .stops_before_lsn]' "[\"name\",false,\"$(told "$fixture/places.tsv" first_twice lsn)\"]"
    run --restore-point twice --pick last "$wal"
    expect_status 0
    expect_err "not exact: recovery would stop before $(told "$fixture/places.tsv" first_twice lsn) already, and lose 2 transactions more; --target lsn is exact"
    expect_line "# not exact: recovery would stop before $(told "$fixture/places.tsv" first_twice lsn) already, and lose 2 transactions more; --target lsn is exact"
    run --restore-point twice --pick 3 "$wal"
    expect_status 1
    expect_err 'there is no restore point "twice" number 3, only 2'
    done_with "$fixture: several restore points of one name"

    fails "$fixture: --pick unique of two restore points" "2 restore points have that name" --restore-point twice --pick unique -q "$wal"
    run --restore-point Twice "$wal"
    expect_status 1
    expect_err 'no restore point "Twice" in'
    done_with "$fixture: a restore point there is not"
}

# ---- --inspectable ------------------------------------------------------------------------------

inspectable() {
    local wal=$fixtures/$fixture/wal lsn
    run --before 'DROP TABLE public\.locked' --inspectable "$wal"
    expect_status 0
    expect_line "recovery_target_inclusive = 'false'"
    lsn=$(setting recovery_target_lsn)
    [ "$(number "$lsn")" -ge "$(number "$(told "$fixture/places.tsv" before_lock lsn)")" ] &&
        [ "$(number "$lsn")" -lt "$(number "$(told "$fixture/places.tsv" after_lock lsn)")" ] || miss "$lsn is not where the lock is taken"
    expect_out "# earlier than that: before the transaction locks the object, at $lsn"
    expect_err "everything up to transaction $(told "$fixture/places.tsv" before_lock last_xid),"
    expect_err "2 transactions that committed between the lock at $lsn and the end of the transaction are lost"
    expect_err "the object can be read"
    expect_not_err "still locks the object"
    run -q --before 'DROP TABLE public\.locked' --inspectable --format json "$wal"
    expect_status 0
    expect_json '.target | [.exact, .stops_before_lsn]' "[false,\"$lsn\"]"
    expect_json .loses.transactions $((11 - 5))
    done_with "$fixture: --inspectable"

    run --before 'DROP TABLE public\.locked' "$wal"
    expect_err "--inspectable stops before that lock, at $lsn, and loses 2 transactions more"
    run -q --before-xid "$(told "$fixture/expect.tsv" drop_locked xid)" --inspectable "$wal"
    [ "$(setting recovery_target_lsn)" = "$lsn" ] || miss "--before-xid: $(cat out)"
    # The rows before it have no name here, and are of the same table.
    run --before 'INSERT INTO public\.journal' --pick first --inspectable "$wal"
    expect_status 3
    expect_err '7 events lack their names and may be meant'
    expect_err "--inspectable changes nothing"
    done_with "$fixture: --inspectable is offered, and of no use without a lock"
}

# ---- a commit across segments -------------------------------------------------------------------

crossing() {
    local wal=$fixtures/$fixture/wal commit first second
    mkdir -p "$fixture"
    for file in "$wal"/*.gz; do gzip -dc "$file" >"$fixture/$(basename "$file" .gz)"; done
    first=$(cd "$fixture" && printf '%s\n' 0* | head -n 1) second=$(cd "$fixture" && printf '%s\n' 0* | tail -n 1)
    run --before 'DROP TABLE public\.crossing' "$fixture"
    expect_status 0
    commit=$(setting recovery_target_lsn)
    expect_line "recovery_target_inclusive = 'false'"
    expect_not_err 'goes on in'
    done_with "$fixture: a commit across two segments that are there"

    mv "$fixture/$second" "$fixture/$second.partial"
    run --before 'DROP TABLE public\.crossing' "$fixture"
    expect_status 0
    expect_line "recovery_target_inclusive = 'true'"
    [ "$(number "$(setting recovery_target_lsn)")" -lt "$(number "$commit")" ] || miss "not the record before $commit"
    expect_err "the record at $commit goes on in $second, which a restore does not get"
    expect_err "everything up to transaction $(told "$fixture/places.tsv" crossed last_xid),"
    cp out conf
    run -q --before 'DROP TABLE public\.crossing' --format json "$fixture"
    expect_json '.target | [.exact, .stops_before_lsn]' "[true,\"$commit\"]"
    done_with "$fixture: its end is in a .partial file"

    run simulate --format json recovery_target_xid="$(told "$fixture/expect.tsv" drop_crossing xid)" recovery_target_inclusive=off "$fixture"
    expect_json ".findings[] | select(.rule == \"partial\").text | startswith(\"recovery needs $second, and there is only $second.partial: copy it\")" true
    run simulate --format json conf "$fixture"
    expect_json 'any(.findings[].rule; . == "partial")' false
    done_with "$fixture: simulate says that the .partial file is needed, or not"

    # What a server gets: without the .partial.
    rm "$fixture/$second.partial"
    run simulate --format json conf "$fixture"
    expect_status 0
    expect_json .stop.stops_before_lsn "$commit"
    run simulate --format json "recovery_target_lsn=$commit" recovery_target_inclusive=off "$fixture"
    expect_status 1
    run --before-lsn "$commit" "$fixture"
    expect_status 0
    [ "$(setting recovery_target_lsn)" = "$(sed -n "s/^recovery_target_lsn = '\(.*\)'/\1/p" conf)" ] || miss "$(cat out)"
    expect_line "recovery_target_inclusive = 'true'"
    expect_err "goes on in $second, which a restore does not get"
    [ -n "$first" ]
    done_with "$fixture: its end is missing"
}

for fixture in pg12-stops pg15-stops; do
    points
    inspectable
    crossing
done

# ---- what does not fit together -----------------------------------------------------------------

wal=$fixtures/pg15-stops/wal
fails "--restore-point and --before" "only one of them" --restore-point x --before drop "$wal"
fails "--restore-point and --database" "--database goes with --before or --after" --restore-point x --database app "$wal"
fails "--restore-point without a name" "--restore-point" --restore-point '' "$wal"
fails "--inspectable and --target xid" "--inspectable" --before drop --inspectable --target xid "$wal"
fails "--inspectable and --after" "--inspectable goes with" --after drop --inspectable "$wal"
fails "--inspectable before 10" "PostgreSQL 9.6 has no recovery_target_lsn" --before drop --inspectable "$fixtures/pg9.6/wal"

exit $((failures > 0))
