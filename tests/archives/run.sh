#!/usr/bin/env bash
# Archives as they really lie: made on the spot by pgBackRest, Barman, pg_receivewal, pg_basebackup and pipelines
# from one PostgreSQL 15 server, then searched where they lie, and restored from. Prints TAP lines.
#
#   tests/archives/run.sh [PITR-FIND]      default: build/pitr-find
#
# In each there is a DROP TABLE; pitr-find must find it at the LSN that pg_waldump names in plain copies that were
# put aside. Real servers are then restored with what pitr-find prints, and must have the table again.
# KEEP=1 leaves the folder for a look afterwards. Exit status 1 if any test failed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/../servers/lib.sh"
# shellcheck source=tests/archives/make.sh
. "$here/make.sh"
program=$(realpath "${1:-$here/../../build/pitr-find}")

server_native=/usr/lib/postgresql/15
psql=$server_native/bin/psql
for tool in "$server_native/bin/postgres" "$psql" pgbackrest barman lz4 zstd bzip2 xz; do
    if ! command -v "$tool" >/dev/null; then
        echo "ok - real archives # SKIP no $tool"
        exit 0
    fi
done

work_in archives
source=$work/source copy=$work/copy problems=$work/problems

# Servers run as another user, who may not enter this checkout.
install -m 755 "$program" "$work/pitr-find"
pitr_find=$work/pitr-find

make_archives >"$work/make.log" 2>&1
# shellcheck source=/dev/null
. "$work/facts"
# shellcheck disable=SC2154 # assigned in $work/facts
orders_lsn=$(commit_lsn "$work/aside" "$orders_xid")
pass "one server fed every archiver; pg_waldump has DROP TABLE orders at $orders_lsn"

# ---- found where it lies -------------------------------------------------------------------

# found NAME TABLE LSN STATUS ARG...: status, LSN, text and timeline of the target.
found() {
    local name=$1 table=$2 lsn=$3 want=$4 status=0
    shift 4
    : >"$problems"
    "$pitr_find" --before "DROP TABLE public\.$table\$" --format json "$@" >"$work/found.json" 2>"$work/found.err" || status=$?
    same "$problems" status "$status" "$want"
    if [ "$status" -eq 0 ] || [ "$status" -eq 3 ]; then
        same "$problems" LSN "$(json_value .event.commit_lsn "$work/found.json")" "$lsn"
        same "$problems" text "$(json_value .event.text "$work/found.json")" "DROP TABLE public.$table"
        same "$problems" timeline "$(json_value .event.timeline "$work/found.json")" "${timeline:-1}"
    fi
    [ ! -s "$problems" ] || cat "$work/found.err" >>"$problems"
    verdict "$name: found where pg_waldump has it" "$problems"
}

found 'plain copies' orders "$orders_lsn" 0 "$work/aside"
for name in "${pipes[@]}"; do found "pipeline through $name" orders "$orders_lsn" 0 "$work/pipe/$name"; done
for name in "${repositories[@]}"; do
    export PGBACKREST_REPO1_CIPHER_PASS=
    [ "$name" != encrypted ] || PGBACKREST_REPO1_CIPHER_PASS=$passphrase
    found "pgBackRest, $name" orders "$orders_lsn" 0 "$work/pgbackrest/$name"
done
unset PGBACKREST_REPO1_CIPHER_PASS
found 'Barman, gzip' orders "$orders_lsn" 0 "$work/barman/filed"
found 'Barman, streaming' orders "$orders_lsn" 0 "$work/barman/streamed"
for name in "${receivers[@]}"; do found "pg_receivewal, $name" orders "$orders_lsn" 0 "$work/receive/$name"; done
for name in plain gz; do
    table=streamed_$name xid=streamed_${name}_xid
    found "pg_basebackup -X stream, $name" "$table" "$(commit_lsn "$work/aside" "${!xid}")" 0 "$work/stream/$name/"pg_wal.tar*
done

# ---- written down where it lies -----------------------------------------------------------------

# reported NAME CATALOGUE ARCHIVE: the report's manifest has every file that was read, the archiver's catalogue too, with sums that
# sha256sum makes.
reported() {
    : >"$problems"
    rm -rf "$work/made"
    "$pitr_find" report -q --before 'DROP TABLE public\.orders$' --output "$work/made" "$3" >"$work/made.log" 2>>"$problems" || echo "status $?" >>"$problems"
    (cd "$3" && json_value '.inputs[] | "\(.sha256)  \(.name)"' "$work/made/manifest.json" | sha256sum -c --quiet) >>"$problems" 2>&1 || true
    json_value '.inputs[].name' "$work/made/manifest.json" | grep -q "$2" || echo "no $2" >>"$problems"
    "$pitr_find" report -q --verify "$work/made/manifest.json" "$3" | grep -v '^same ' >>"$problems" || true
    verdict "$1: a report, and the sums of its inputs" "$problems"
}
reported 'pgBackRest, gz' 'backup\.info$' "$work/pgbackrest/gz"
reported 'Barman, gzip' 'backup\.info$' "$work/barman/filed"
reported 'pg_receivewal, gz' '0.*\.gz$' "$work/receive/gz"

# ---- found through a restore_command --------------------------------------------------------
# What archivers fetch by name. (As the servers' owner, whose archives they are.)

# fetched NAME COMMAND: by the archiver's own tool, from the start of the base backup on.
fetched() {
    : >"$problems"
    as_owner env HOME="$work/barman" TMPDIR="$work/tmp" "$pitr_find" -q --before 'DROP TABLE public\.orders$' --format json \
        --backup "$work/base" --from-command "$2" >"$work/found.json" 2>>"$problems" || echo "status $?" >>"$problems"
    same "$problems" LSN "$(json_value .event.commit_lsn "$work/found.json")" "$orders_lsn"
    same "$problems" 'left in TMPDIR' "$(ls -A "$work/tmp")" ''
    verdict "$1: found through its own command" "$problems"
}
mkdir "$work/tmp" && give_to_owner "$work/tmp"
cp "$work/barman/barman.conf" "$work/barman/.barman.conf"
fetched 'pgBackRest' "pgbackrest --config=$work/pgbackrest/zst.conf --stanza=main archive-get %f \"%p\""
fetched 'pgBackRest, encrypted' "pgbackrest --config=$work/pgbackrest/encrypted.conf --stanza=main archive-get %f \"%p\""
fetched 'Barman' 'barman -q get-wal -P filed %f > "%p"'

# ---- restored from where it lies -----------------------------------------------------------

# restore NAME TABLE ROWS COMMAND SETTINGS ARG...: a copy of the base backup, recovered with what is printed for ARG...
# The restore_command printed must have COMMAND in it. The server is left running.
restore() {
    local name=$1 table=$2 rows=$3 command=$4 settings=$5
    shift 5
    : >"$problems"
    stop_cluster "$copy" immediate
    rm -rf "$copy" && mkdir "$copy"
    cp -a "$work/base" "$copy/data"
    give_to_owner "$copy"
    "$pitr_find" -q --before "DROP TABLE public\.$table\$" --action promote "$@" >"$work/settings" 2>"$work/settings.err" || cat "$work/settings.err" >>"$problems"
    grep -q "^restore_command = .*$command" "$work/settings" || grep restore_command "$work/settings" >>"$problems" || echo "no restore_command" >>"$problems"
    {
        cat "$work/settings"
        echo "unix_socket_directories = '$copy'"
        echo "archive_mode = off"
        printf '%s\n' "$settings"
    } >>"$copy/data/postgresql.auto.conf"
    touch "$copy/data/recovery.signal"
    give_to_owner "$copy"
    if start_cluster "$copy"; then
        wait_until 'the end of recovery' "$copy" 'SELECT NOT pg_is_in_recovery()' 2>>"$problems" || true
        same "$problems" rows "$(sql "$copy" -c "SELECT count(*) FROM $table" 2>&1)" "$rows"
    else
        grep -E 'FATAL|PANIC|ERROR' "$copy/log" >>"$problems" || cat "$copy/log" >>"$problems"
    fi
    verdict "$name: the table is there again" "$problems"
}

# The servers find pitr-find, and the archivers their configuration, where a real one would have them installed.
export PATH=$work:$PATH
server_environment=(HOME="$work/barman")
for name in gz encrypted; do
    export PGBACKREST_CONFIG=$work/pgbackrest/$name.conf
    [ "$name" != encrypted ] || export PGBACKREST_REPO1_CIPHER_PASS=$passphrase
    restore "pgBackRest, $name" orders 1234 'pgbackrest .*archive-get' '' "$work/pgbackrest/$name"
done
unset PGBACKREST_CONFIG PGBACKREST_REPO1_CIPHER_PASS
for name in filed streamed; do
    restore "Barman, $name" orders 1234 'barman get-wal' '' "$work/barman/$name"
done
restore 'a pipeline through zstd' orders 1234 'zstd -dc' '' "$work/pipe/zstd"
restore 'fetch, pg_receivewal killed while it packed by gzip' orders 1234 'pitr-find fetch' '' "$work/receive/gz-killed"

# Every archive, through fetch: what the emitted command would be if nothing better was known.
fetch_command() { echo "pitr-find fetch \"%f\" \"%p\" \"$1\""; }
for name in pipe/xz pipe/bzip2 barman/filed barman/streamed receive/lz4 receive/plain-killed pgbackrest/lz4; do
    restore "fetch, from $name" orders 1234 'pitr-find fetch' '' --restore-command "$(fetch_command "$work/$name")" "$work/$name"
done

# ---- restored by the archiver's own command --------------------------------------------------

# restored_by FORMAT NAME SOURCE: what --format FORMAT prints is run as it is; it fills $PGDATA. The server is left running.
restored_by() {
    local format=$1 name=$2
    : >"$problems"
    stop_cluster "$copy" immediate
    rm -rf "$copy" && mkdir "$copy"
    give_to_owner "$copy"
    "$pitr_find" -q --before 'DROP TABLE public\.orders$' --action promote --format "$format" "$3" >"$work/command" 2>>"$problems" || echo "status $?" >>"$problems"
    chmod 644 "$work/command"
    as_owner env HOME="$work/barman" PGDATA="$copy/data" sh -c "$(cat "$work/command")" >"$work/restored.log" 2>&1 || cat "$work/restored.log" >>"$problems"
    echo "unix_socket_directories = '$copy'" >>"$copy/data/postgresql.auto.conf"
    if start_cluster "$copy"; then
        wait_until 'the end of recovery' "$copy" 'SELECT NOT pg_is_in_recovery()' 2>>"$problems" || true
        same "$problems" rows "$(sql "$copy" -c 'SELECT count(*) FROM orders' 2>&1)" 1234
        same "$problems" 'it archives' "$(sql "$copy" -c "SELECT current_setting('archive_mode') = 'on' AND current_setting('archive_command') NOT IN ('', 'false')" 2>&1)" f
    else
        grep -E 'FATAL|PANIC|ERROR' "$copy/log" >>"$problems" || cat "$copy/log" >>"$problems"
    fi
    [ ! -s "$problems" ] || cat "$work/command" >>"$problems"
    verdict "$name: the command that is printed restores the table" "$problems"
}
for name in "${backed_up[@]}"; do
    export PGBACKREST_CONFIG=$work/pgbackrest/$name.conf
    [ "$name" != encrypted ] || export PGBACKREST_REPO1_CIPHER_PASS=$passphrase
    restored_by pgbackrest "pgBackRest, $name" "$work/pgbackrest/$name"
done
unset PGBACKREST_CONFIG PGBACKREST_REPO1_CIPHER_PASS
for name in filed streamed; do
    restored_by barman "Barman, $name" "$work/barman/$name"
done

# ---- a timeline more -----------------------------------------------------------------------
# The restored server promotes, and goes on archiving to the same repository.

configure_pgbackrest gz "$copy/data" "$copy"
mkdir "$work/aside2" && give_to_owner "$work/aside2"
PGBACKREST_CONFIG=$work/pgbackrest/gz.conf restore 'pgBackRest, promoted' orders 1234 'pgbackrest .*archive-get' \
    "archive_mode = on
archive_command = 'cp %p $work/aside2/%f && pgbackrest --config=$work/pgbackrest/gz.conf --stanza=main archive-push %p'" \
    "$work/pgbackrest/gz"
sql "$copy" -c 'CREATE TABLE later AS SELECT g AS id FROM generate_series(1, 77) g'
later_xid=$(sql "$copy" -c 'BEGIN' -c 'SELECT txid_current()' -c 'DROP TABLE later' -c COMMIT)
archived=$(sql "$copy" -c 'SELECT pg_walfile_name(pg_switch_wal())')
wait_until "archiving of $archived" "$copy" "SELECT last_archived_wal >= '$archived' FROM pg_stat_archiver"
later_lsn=$(commit_lsn "$work/aside2" "$later_xid" 2)
timeline=2 found 'pgBackRest, timeline 2' later "$later_lsn" 0 "$work/pgbackrest/gz"
found 'pgBackRest, timeline 1 beside it' orders "$orders_lsn" 0 --timeline 1 "$work/pgbackrest/gz"
PGBACKREST_CONFIG=$work/pgbackrest/gz.conf restore 'pgBackRest, on timeline 2' later 77 'pgbackrest .*archive-get' '' "$work/pgbackrest/gz"
restore 'fetch, on timeline 2' later 77 'pitr-find fetch' '' --restore-command "$(fetch_command "$work/pgbackrest/gz")" "$work/pgbackrest/gz"

# ---- what must not pass ---------------------------------------------------------------------
# A segment in the middle is cut short. cp and gzip hand it over or end recovery there, fetch stops the server.

mkdir "$work/cut" && cp "$work/pipe/gzip/"* "$work/cut"
give_to_owner "$work/cut"
middle=$(lsn_number "$orders_lsn")
middle=$(printf '00000001%08X%08X' $((middle >> 32)) $(((middle & 0xFFFFFFFF) >> 20)))
truncate -s $(($(wc -c <"$work/cut/$middle.gz") / 2)) "$work/cut/$middle.gz"
: >"$problems"
stop_cluster "$copy" immediate
rm -rf "$copy" && mkdir "$copy" && cp -a "$work/base" "$copy/data"
{
    echo "unix_socket_directories = '$copy'"
    echo "archive_mode = off"
    echo "restore_command = '$(fetch_command "$work/cut")'"
} >>"$copy/data/postgresql.auto.conf"
touch "$copy/data/recovery.signal"
give_to_owner "$copy"
# (A hot standby lets people in before it comes to that segment.)
wait_for_end() { # of the server of that folder
    for ((i = 0; i < 300; i++)); do
        [ -e "$1/data/postmaster.pid" ] || return 0
        nap 0.1
    done
    echo "no end of the server in time" >&2
}
if start_cluster "$copy"; then wait_for_end "$copy" 2>>"$problems"; fi
if grep -q 'selected new timeline' "$copy/log"; then echo "recovery ended as if there was no more WAL" >>"$problems"; fi
grep -q "FATAL:  could not restore file \"$middle\" from archive: child process exited with exit code 255" "$copy/log" || grep -E 'FATAL|LOG:  (archive recovery|selected)' "$copy/log" >>"$problems" || true
grep -q "pitr-find: error: .*$middle.gz\" is cut short" "$copy/log" || echo "no line of fetch in the server's log" >>"$problems"
verdict 'a segment cut short stops recovery by fetch, without a target, instead of ending it' "$problems"

[ "$failures" -eq 0 ]
