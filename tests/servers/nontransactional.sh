#!/usr/bin/env bash
# Nontransactional records: DROP DATABASE and DROP TABLESPACE, which redo does before their commit, undone on a real server.
#
#   tests/servers/nontransactional.sh PITR-FIND MAJOR
#
# Proves that the targets printed for them (by lsn, and by xid: after the last commit before) bring the database
# with its rows, or the tablespace, back and keep what was committed before; and that the obvious target, right before
# the commit, does not, so that the test can tell.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

program=$(realpath "$1")
major=$2

if ! use_major "$major"; then
    echo "ok - $major: nontransactional records # SKIP $reason"
    exit 0
fi

work_in nontransactional archive
source=$work/source archive=$work/archive copy=$work/copy problems=$work/problems

make_cluster "$source" "$major" 1 <<SETTINGS
wal_level = replica
archive_mode = on
archive_command = 'cp %p $archive/%f'
track_commit_timestamp = on
allow_in_place_tablespaces = on
SETTINGS
start_cluster "$source"
database=postgres sql "$source" -c 'CREATE DATABASE shop'
sql "$source" -c 'CREATE TABLE journal (id int)'

# The backup: a copy of the data directory of a server that was shut down.
stop_cluster "$source"
as_owner cp -a "$source/data" "$work/backup"
start_cluster "$source"

write() { sql "$source" -c "INSERT INTO journal SELECT generate_series(1, $1)"; }
sql "$source" -c 'CREATE DATABASE doomed'
database=doomed sql "$source" -c 'CREATE TABLE t AS SELECT generate_series(1, 1234) AS id'
sql "$source" -c "CREATE TABLESPACE lost LOCATION ''"
write 10
database=$(sql "$source" -c "SELECT oid FROM pg_database WHERE datname = 'doomed'")
doomed=$database database=shop
sql "$source" -c 'DROP DATABASE doomed'
write 100
sql "$source" -c 'DROP TABLESPACE lost'
write 1000
sql "$source" -c 'SELECT pg_switch_wal()' >/dev/null
stop_cluster "$source"

# restore NAME OPTION...: a copy of the backup, recovered with the settings as they come; false when it does not start.
restore() {
    local name=$1 conf=postgresql.auto.conf
    shift
    rm -rf "$copy"
    as_owner mkdir "$copy"
    as_owner cp -a "$work/backup" "$copy/data"
    [ "$major" -ge 12 ] || conf=recovery.conf
    "$program" "$@" --action promote "$archive" >"$work/$name.out" 2>"$work/$name.err" || return 1
    printf "unix_socket_directories = '%s'\narchive_mode = off\n" "$copy" >>"$copy/data/postgresql.conf"
    cat "$work/$name.out" >>"$copy/data/$conf"
    [ "$major" -lt 12 ] || as_owner touch "$copy/data/recovery.signal"
    give_to_owner "$copy/data/$conf"
    start_cluster "$copy"
    database=postgres wait_until 'end of recovery' "$copy" 'SELECT NOT pg_is_in_recovery()'
}

# rows DATABASE TABLE: how many, or what went wrong
rows() { database=$1 sql "$copy" -c "SELECT count(*) FROM $2" 2>&1 || true; }

check() { # check NAME JOURNAL-ROWS OPTION...
    local name=$1 journal=$2
    shift 2
    : >"$problems"
    if restore "$name" "$@" 2>>"$problems"; then
        same "$problems" 'rows of journal' "$(rows shop journal)" "$journal"
        case $name in
        *database*) same "$problems" 'rows of doomed.t' "$(rows doomed t)" 1234 ;;
        *) same "$problems" 'a table in the tablespace' "$(sql "$copy" -c 'CREATE TABLE u TABLESPACE lost AS SELECT 1 AS a' \
            -c 'SELECT count(*) FROM u' 2>&1 || true)" 1 ;;
        esac
    else
        cat "$work/$name.err" >>"$problems"
        echo 'no restored server' >>"$problems"
    fi
    verdict "$major: $name" "$problems"
    stop_cluster "$copy" immediate
}

check 'DROP DATABASE undone by lsn (database)' 10 --before 'DROP DATABASE'
check 'DROP DATABASE undone by xid (database)' 10 --before 'DROP DATABASE' --target xid
check 'DROP TABLESPACE undone by lsn' 110 --before 'DROP TABLESPACE'
check 'DROP TABLESPACE undone by xid' 110 --before 'DROP TABLESPACE' --target xid

# Right before the commit is too late: the files are gone, or the database is marked invalid.
: >"$problems"
commit=$("$program" --before 'DROP DATABASE' --format json -q "$archive" | json_value .event.commit_lsn)
restore late --before-lsn "$commit" 2>>"$problems" || echo 'no restored server' >>"$problems"
[ "$(rows doomed t)" != 1234 ] || echo 'the database is there' >>"$problems"
verdict "$major: right before the commit of DROP DATABASE its rows are lost" "$problems"
: >"$problems"
same "$problems" 'oid' "$("$program" --before 'DROP DATABASE' --format json -q "$archive" | json_value .event.object.oid)" "$doomed"
verdict "$major: the event names the database that was dropped" "$problems"
[ "$failures" -eq 0 ]
