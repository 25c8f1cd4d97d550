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

work=$(mktemp -d "${TMPDIR:-/tmp}/pitr-archives.XXXXXX")
chmod 755 "$work"
source=$work/source copy=$work/copy problems=$work/problems
finish() {
    local status=$?
    trap - EXIT
    stop_background
    stop_all_clusters
    cd /
    if [ "$status" -ne 0 ] && [ "$failures" -eq 0 ]; then
        echo "not ok - archives: run.sh ended with status $status"
        for log in "$source/log" "$work/background.log" "$work/make.log" "$copy/log"; do
            [ ! -s "$log" ] || tail -n 5 "$log" | cut -c1-300 | sed "s|^|#   $(basename "$log"): |"
        done
    fi
    if [ -n "${KEEP:-}" ]; then echo "# kept: $work"; else rm -rf "$work"; fi
    exit "$status"
}
trap finish EXIT
trap 'exit 143' TERM INT
cd "$work"

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
        same "$problems" LSN "$(jq -r .event.commit_lsn "$work/found.json")" "$lsn"
        same "$problems" text "$(jq -r .event.text "$work/found.json")" "DROP TABLE public.$table"
        same "$problems" timeline "$(jq -r .event.timeline "$work/found.json")" "${timeline:-1}"
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

[ "$failures" -eq 0 ]
