#!/usr/bin/env bash
# One major: every kind of incident, undone on a real server by every kind of target that pitr-find prints for it.
#
#   tests/servers/matrix.sh PITR-FIND MAJOR
#
# One server makes a known history and archives it; its base backup is restored once for each pair of an incident
# (DROP TABLE, TRUNCATE, DELETE, UPDATE, DROP SCHEMA CASCADE, DROP DATABASE, a DROP by COMMIT PREPARED, --after an
# event, a restore point, --inspectable) and a kind of target (lsn, xid, time; name). What was lost is back with
# every row; what committed before is there, and nothing that committed after. Where the server stopped, by its new
# timeline's history file, its log and its last replayed LSN, is where the JSON of `target` and `simulate` say.
# shellcheck disable=SC2154 # the names of the history are assigned by sourcing $work/facts
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/servers/restores.sh
. "$here/restores.sh"

pitr_find=$(realpath "$1")
major=$2

if ! use_major "$major"; then
    echo "ok - $major: matrix # SKIP $reason"
    exit 0
fi

start_work matrix

# ---- a known history -----------------------------------------------------------------------
# Between two incidents there is always a transaction that only adds a row to the journal. How many commits the
# backup does not hold is counted here.

commits=0
done_before() { fact "$1_commits" "$commits"; } # what committed before the incident

mark() { # mark NAME
    transaction "$1" ''
    commits=$((commits + 1))
}

incident() { # incident NAME BODY
    done_before "$1"
    transaction "$1" "$2"
    commits=$((commits + 1))
}

make_tables() {
    local table
    for table in orders invoices customers items shipments locked; do
        sql "$source" -c "CREATE TABLE $table (id int PRIMARY KEY, what text)" \
            -c "INSERT INTO $table SELECT i, '$table ' || i FROM generate_series(1, 1000) i"
    done
    sql "$source" -c 'CREATE SCHEMA doomed' -c 'CREATE TABLE doomed.a AS SELECT i FROM generate_series(1, 500) i' \
        -c 'CREATE TABLE doomed.b AS SELECT i FROM generate_series(1, 500) i' \
        -c 'CREATE VIEW doomed.both AS SELECT i FROM doomed.a UNION ALL SELECT i FROM doomed.b' \
        -c 'CREATE TABLE kept (id int)'
    database=postgres sql "$source" -c 'CREATE DATABASE lost'
    database=lost sql "$source" -c 'CREATE TABLE t AS SELECT i FROM generate_series(1, 1234) i'
}

# Somebody holds the lock while others commit.
drop_locked() {
    local waiting
    done_before locked
    {
        echo "BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE; INSERT INTO journal (what) VALUES ('locked');"
        while [ ! -e "$work/go" ]; do nap 0.05; done
        echo 'DROP TABLE locked; COMMIT;'
    } | sql "$source" >"$work/locked.log" 2>&1 &
    waiting=$!
    wait_until 'lock' "$source" "SELECT count(*) = 1 FROM pg_locks WHERE relation = to_regclass('locked') AND mode = 'AccessExclusiveLock'"
    sql "$source" -c 'SELECT 1' >/dev/null
    fact lock_commits "$commits"
    mark while_locked1
    mark while_locked2
    done_before locked
    touch "$work/go"
    wait "$waiting"
    commits=$((commits + 1))
}

make_history() {
    start_source </dev/null
    make_tables
    take_backup "$backup"
    mark mark1
    incident truncate 'TRUNCATE invoices;'
    mark mark2
    incident delete 'DELETE FROM customers;'
    mark mark3
    incident update "UPDATE items SET what = 'gone';"
    mark mark4
    restore_point 'twice' >/dev/null
    done_before twice1
    mark mark5
    incident schema 'DROP SCHEMA doomed CASCADE;'
    mark mark6
    done_before database
    sql "$source" -c 'DROP DATABASE lost'
    commits=$((commits + 1))
    mark mark7
    transaction prepared 'DROP TABLE shipments;' "PREPARE TRANSACTION 'it''s lost'"
    mark mark8
    done_before prepared
    sql "$source" -c "COMMIT PREPARED 'it''s lost'"
    commits=$((commits + 1))
    mark mark9
    drop_locked
    mark mark10
    restore_point 'before the release' >/dev/null
    done_before point
    mark mark11
    restore_point 'twice' >/dev/null
    done_before twice2
    incident drop 'DROP TABLE orders;'
    mark mark12
    incident wanted 'INSERT INTO kept VALUES (1), (2);'
    fact wanted_commits "$commits"
    mark mark13
    archive_all
}

# ---- what must be there --------------------------------------------------------------------

count() { sql "$copy" -c "SELECT count(*) FROM $1" 2>&1 || true; }
whole() { sql "$copy" -c "SELECT count(*) || ' ' || count(DISTINCT what) || ' ' || count(*) FILTER (WHERE what = '$1 ' || id) FROM $1" 2>&1 || true; }

check_object() { # check_object NAME: what was lost is there again
    case $1 in
    truncate) same "$problems" invoices "$(whole invoices)" '1000 1000 1000' ;;
    delete) same "$problems" customers "$(whole customers)" '1000 1000 1000' ;;
    update) same "$problems" items "$(whole items)" '1000 1000 1000' ;;
    schema) same "$problems" 'doomed.both' "$(count doomed.both)" 1000 ;;
    database) same "$problems" 'lost.t' "$(database=lost count t)" 1234 ;;
    drop | point | twice2) same "$problems" orders "$(whole orders)" '1000 1000 1000' ;;
    locked | lock) same "$problems" locked "$(whole locked)" '1000 1000 1000' ;;
    twice1) same "$problems" 'doomed.both' "$(count doomed.both)" 1000 ;;
    wanted) same "$problems" kept "$(count kept)" 2 ;;
    prepared)
        same "$problems" 'in doubt' "$(sql "$copy" -c 'SELECT gid FROM pg_prepared_xacts')" "it's lost"
        sql "$copy" -c "ROLLBACK PREPARED 'it''s lost'" 2>>"$problems" || true
        same "$problems" shipments "$(whole shipments)" '1000 1000 1000'
        ;;
    esac
}

# The journal has a row of everything that committed before (all but DROP DATABASE add one), and of nothing else.
check_journal() { # check_journal COMMITS
    local want=$(($1 + rows_in_backup))
    [ "$1" -le "$database_commits" ] || want=$((want - 1))
    same "$problems" 'rows of the journal' "$rows" "$want"
}

# What the server says of its stop, against what was said before.
check_stop() {
    local said reason=${answers[stop.reason]:-} stops=${answers[stop.stops_before_lsn]:-}
    read_own_history
    same "$problems" 'reason in the history file' "$reason" "$own_reason"
    applied_up_to "$own_end" "$stops"
    applied_up_to "$replayed" "${found[target.stops_before_lsn]:-}"
    same "$problems" 'stops_before_lsn of target and simulate' "${found[target.stops_before_lsn]:-}" "$stops"
    case $reason in
    'before LSN '*) said="stopping before WAL location (LSN) \"${answers[stop.record_lsn]:-}\"" ;;
    'after LSN '*) said="stopping after WAL location (LSN) \"${answers[stop.record_lsn]:-}\"" ;;
    'before transaction '*) said="stopping before .*of${reason#before}, time " ;;
    'after transaction '*) said="stopping after .*of${reason#after}, time " ;;
    'at restore point '*) said='stopping at restore point' ;;
    *) said="stopping before .* of transaction ${answers[stop.xid]:-}, time " ;;
    esac
    said=${said//(/\\(} said=${said//)/\\)}
    grep -qE "recovery $said" "$copy/log" ||
        { echo "the log does not say: recovery $said" && grep 'recovery stopping' "$copy/log"; } >>"$problems" || true
}

# undo NAME KIND EXACT OPTION...: the incident, by that kind of target. EXACT: true, or how many commits less it keeps
undo() {
    local name=$1 kind=$2 exact=$3 kept less=0 words=()
    shift 3
    : >"$problems"
    : >"$work/server"
    [ "$kind" = default ] || words=(--target "$kind")
    [ "$exact" = true ] || { less=$exact && exact=false; }
    local variable=${name}_commits
    kept=$((${!variable} - less))
    "$pitr_find" -q "$@" "${words[@]}" --action promote "$archive" >"$work/settings" 2>"$work/err" || cat "$work/err" >>"$problems"
    "$pitr_find" -q "$@" "${words[@]}" --action promote --format json "$archive" >"$work/target.json" 2>>"$problems" || true
    "$pitr_find" simulate -q --format json --backup "$backup/data" "$work/settings" "$archive" >"$work/json" 2>>"$problems" || true
    read_json found "$work/target.json"
    read_json answers "$work/json"
    same "$problems" exact "${found[target.exact]:-false}" "$exact"
    same "$problems" 'commits that simulate keeps' "${answers[keeps.transactions]:-}" "$kept"
    same "$problems" 'commits that target loses' "${found[loses.transactions]:-}" $((commits - kept))
    same "$problems" 'commits that simulate loses' "${answers[loses.transactions]:-}" $((commits - kept))
    configure
    recover "$backup"
    local said replayed rows
    said=$(sql_exec "$copy" -c 'SELECT pg_last_wal_replay_lsn()' -c 'SELECT count(*) FROM journal' 2>&1) || true
    replayed=${said%%$'\n'*} rows=${said#*$'\n'}
    check_stop
    check_journal "$kept"
    [ "$kind-$name" = time-database ] || check_object "$name"
    if [ -s "$problems" ]; then
        { grep '^recovery' "$work/settings"; grep -E 'FATAL|stopping|redo done' "$copy/log" || true; } >>"$problems"
    fi
    verdict "$major: matrix: $* ${words[*]}" "$problems"
    stop_copy
}

# While recovery is paused there, the table can be read; without --inspectable it cannot.
check_pause() { # check_pause NAME COUNT OPTION...
    local name=$1 want=$2
    shift 2
    : >"$problems"
    : >"$work/server"
    "$pitr_find" -q "$@" --before 'DROP TABLE public\.locked' "$archive" >"$work/settings" 2>"$work/err" || cat "$work/err" >>"$problems"
    configure
    recover "$backup" 'recovery has paused|pausing at the end of recovery'
    wait_until 'pause' "$copy" 'SELECT pg_is_wal_replay_paused()' 2>>"$problems" || true
    same "$problems" 'rows of the table while recovery is paused' \
        "$(sql "$copy" -c "SET lock_timeout = '300ms'" -c 'SELECT count(*) FROM locked' 2>&1 | grep -oE '^[0-9]+$|lock timeout')" "$want"
    verdict "$major: matrix: $name" "$problems"
    stop_copy
}

# ---- the matrix ----------------------------------------------------------------------------

make_history
stop_cluster "$source" fast
# shellcheck disable=SC1091
. "$work/facts"

for kind in lsn xid time; do
    undo drop "$kind" true --before 'DROP TABLE public\.orders'
    undo truncate "$kind" true --before 'TRUNCATE TABLE public\.invoices'
    undo delete "$kind" true --before 'DELETE FROM public\.customers'
    undo update "$kind" true --before 'UPDATE public\.items' --min-rows 1000
    undo schema "$kind" true --before 'DROP SCHEMA doomed'
    # By time a server cannot stop right behind a commit: only before it, one earlier.
    undo database "$kind" "$([ "$kind" = time ] && echo 1 || echo true)" --before 'DROP DATABASE lost'
    undo prepared "$kind" true --before 'DROP TABLE public\.shipments'
    undo wanted "$kind" true --after 'INSERT INTO public\.kept'
    undo point "$kind" true --restore-point 'before the release'
done
undo point default true --restore-point 'before the release'
undo twice1 default true --restore-point twice
undo twice2 lsn true --restore-point twice --pick 2
undo locked lsn true --before-xid "$("$pitr_find" -q --before 'DROP TABLE public\.locked' --format json "$archive" | json_value .event.xid)"
undo locked lsn 2 --before 'DROP TABLE public\.locked' --inspectable
check_pause 'the table can be read where --inspectable pauses' 1000 --inspectable
check_pause 'without it the table is locked there' 'lock timeout'

exit $((failures > 0))
