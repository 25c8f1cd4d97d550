#!/usr/bin/env bash
# The whole story, once: a server is set up so that a drop can be undone, it is backed up, there is traffic, somebody drops a table,
# and it comes back, by a restore and by rescue.
#
#   tests/servers/story.sh PITR-FIND MAJOR      MAJOR 15
#
# Every step is what the manual says to do. What is right is what the session that dropped the table counted in its own transaction.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

major=$2

if ! use_major "$major"; then
    echo "ok - $major: the whole story # SKIP $reason"
    exit 0
fi
clients=$(client_folder)

work_in story archive backups restored papers
source=$work/source copy=$work/restored archive=$work/archive problems=$work/problems
export TZ=UTC LC_ALL=C
# Servers run as another user, who may not enter this checkout.
install -m 755 "$1" "$work/pitr-find"
pitr_find=$work/pitr-find

loads=()
watcher=''
stop_background() {
    [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true
    [ "${#loads[@]}" -eq 0 ] || kill "${loads[@]}" 2>/dev/null || true
}

# tell NAME ARG...: pitr-find; its output goes to NAME.out and NAME.err, its status to $status
tell() {
    local name=$1
    shift
    status=0
    as_owner "$pitr_find" "$@" >"$name.out" 2>"$name.err" || status=$?
}

# ---- a server that is ready for the worst --------------------------------------------------

step='start of the server'
make_cluster "$source" "$major" 16 <<SETTINGS
wal_level = replica
archive_mode = on
archive_command = 'test ! -f $archive/%f && cp %p $archive/%f'
archive_timeout = 60
fsync = on
timezone = UTC
log_timezone = UTC
SETTINGS
start_cluster "$source"
database=postgres sql "$source" -c 'CREATE DATABASE shop'
sql "$source" <<'SQL'
CREATE TABLE orders (id serial PRIMARY KEY, customer int NOT NULL, total numeric(10,2), note text);
CREATE TABLE visits (id bigserial PRIMARY KEY, at timestamptz DEFAULT now());
INSERT INTO orders (customer, total, note) SELECT g % 17, g * 1.5, repeat('note ', g % 9) FROM generate_series(1, 4000) g;
SQL

# check NAME ARG...: what `check` says, as `level name` of all that is not well
check() {
    tell "$@" --format json --archive "$archive" "host=$source port=$port user=postgres dbname=shop"
    json_value '.findings[] | select(.level == "critical" or .level == "warning" or .level == "unknown") | .level + " " + .name' "$1.out"
}
: >"$problems"
sql "$source" -c 'SELECT pg_switch_wal()' >/dev/null
wait_until 'an archived segment' "$source" 'SELECT archived_count > 0 FROM pg_stat_archiver'
same "$problems" 'check without a base backup' "$(check bare check)" 'critical backup'

step='base backup'
as_owner "$clients/pg_basebackup" -h "$source" -p "$port" -U postgres -D "$work/backups/base" -X none -c fast >backup.log 2>&1

same "$problems" 'check with it' "$(check ready check --switch --backup "$work/backups/base")" ''
check again check --switch --backup "$work/backups/base" >/dev/null
same "$problems" 'status of check' "$status" 0
verdict "$major: story: check is green once there is a base backup, and not before" "$problems"

# ---- somebody watches ----------------------------------------------------------------------

step='watch'
# What a hook is given goes to a file of its own.
cat >hook <<HOOK
#!/bin/sh
cat >"$work/papers/hooked"
printf '%s %s\n' "\$PITR_XID" "\$PITR_TARGET_LSN" >"$work/papers/environment"
HOOK
chmod 755 hook
(exec "${as_owner[@]}" "$pitr_find" watch '^(DROP|TRUNCATE)' --format json --output "$work/papers/watched" "host=$source port=$port user=postgres dbname=shop" \
    --exec "$work/hook" >watch.out 2>watch.err </dev/null) &
watcher=$!
wait_until 'watch' "$source" "SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'"

# ---- traffic -------------------------------------------------------------------------------

step='traffic'
cat >traffic.sql <<'SQL'
INSERT INTO orders (customer, total) VALUES (1, random() * 100);
UPDATE orders SET total = total + 1 WHERE id = 1 + (random() * 3000)::int;
DELETE FROM orders WHERE id = 3000 + (random() * 1000)::int;
INSERT INTO visits DEFAULT VALUES;
SQL
cat >visits.sql <<'SQL'
INSERT INTO visits DEFAULT VALUES;
SQL
"$clients/pgbench" -n -f traffic.sql -c 2 -R 100 -T 600 -h "$source" -p "$port" -U postgres shop >traffic.log 2>&1 &
loads+=($!)
"$clients/pgbench" -n -f visits.sql -c 1 -R 50 -T 600 -h "$source" -p "$port" -U postgres shop >visits.log 2>&1 &
loads+=($!)
visited() { # visited ROWS: waits for that many more
    local now
    now=$(sql "$source" -c 'SELECT count(*) FROM visits')
    wait_until 'traffic' "$source" "SELECT count(*) >= $now + $1 FROM visits"
}
visited 300

# ---- the worst -----------------------------------------------------------------------------

step='drop'
sql "$source" >truth <<'SQL'
BEGIN;
LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
SELECT count(*) FROM orders;
SELECT md5(string_agg(o::text, '|' ORDER BY id)) FROM orders o;
SELECT txid_current();
DROP TABLE orders;
COMMIT;
SQL
dropped=$SECONDS
{ read -r rows; read -r sum; read -r xid; } <truth
until [ -s papers/environment ] || [ $((SECONDS - dropped)) -gt 60 ]; do nap 0.05; done
[ "$rows" -gt 3000 ]
visited 50
kill "${loads[@]}" 2>/dev/null || true
wait "${loads[@]}" || true
loads=()
# The newest WAL gets into the archive.
ended=$(sql "$source" -c 'SELECT pg_walfile_name(pg_switch_wal())')
wait_until 'the last segment in the archive' "$source" "SELECT last_archived_wal >= '$ended' FROM pg_stat_archiver"

: >"$problems"
kill "$watcher"
status=0
wait "$watcher" || status=$?
watcher=''
same "$problems" 'status of watch' "$status" 0
same "$problems" 'events that watch told' "$(json_value '"\(.xid) \(.text)"' papers/watched)" "$xid DROP TABLE public.orders"
cmp papers/watched papers/hooked >>"$problems" 2>&1 || true
read -r hook_xid told_lsn <papers/environment || true
same "$problems" 'xid that the hook was given' "$hook_xid" "$xid"
[ ! -s "$problems" ] || cat watch.err >>"$problems"

# expect_table DIR WHAT: it is there again, every row
expect_table() {
    same "$problems" "$2: rows" "$(sql "$1" -c 'SELECT count(*) FROM orders' 2>&1)" "$rows"
    same "$problems" "$2: md5 of the rows" "$(sql "$1" -c "SELECT md5(string_agg(o::text, '|' ORDER BY id)) FROM orders o" 2>&1)" "$sum"
}

# ---- where to stop -------------------------------------------------------------------------

step='target'
drop='^DROP TABLE public\.orders$'
as_owner cp -a "$work/backups/base" "$copy/data"
tell verify verify --format json --backup "$work/backups/base" "$archive"
same "$problems" 'status of verify' "$status" 0
json_value 'any(.windows[]; .usable)' verify.out >usable
same "$problems" 'a usable base backup' "$(cat usable)" true
tell target --before "$drop" --database shop --inspectable --backup "$work/backups/base" --write "$copy/data" "$archive"
same "$problems" 'status of target' "$status" 0
grep -qF "transaction $xid, " target.err || cat target.err >>"$problems"
lsn=$(sed -n "s/^recovery_target_lsn = '\(.*\)'$/\1/p" "$copy/data/postgresql.auto.conf")
same "$problems" 'target that watch told, to read the table' "$(json_value .target.inspectable_lsn papers/watched)" "$lsn"
tell exact -q --before "$drop" --database shop "$archive"
same "$problems" 'target that watch told' "$told_lsn" "$(sed -n "s/^recovery_target_lsn = '\(.*\)'$/\1/p" exact.out)"
verdict "$major: story: watch told of the drop at once, with the target that is found in the archive" "$problems"

# ---- on paper ------------------------------------------------------------------------------

step='report'
: >"$problems"
tell report report --before "$drop" --database shop --inspectable --backup "$work/backups/base" --output "$work/papers/report" "$archive"
same "$problems" 'status of report' "$status" 0
# The same target, and the sums that others take of the files.
grep -qF "recovery_target_lsn = &#39;$lsn&#39;" papers/report/report.html || echo "the page does not have the target $lsn" >>"$problems"
grep -qF "transaction $xid" papers/report/report.html || echo "the page does not name transaction $xid" >>"$problems"
json_value '.inputs[] | select(.of == "source 1") | .sha256 + "  " + .name' papers/report/manifest.json >sums
[ -s sums ] || echo 'the manifest lists no file of the archive' >>"$problems"
(cd "$archive" && sha256sum --quiet -c "$work/sums") >>"$problems" 2>&1 || true
tell again report --verify "$work/papers/report/manifest.json" "$archive"
same "$problems" 'status of report --verify' "$status" 0
verdict "$major: story: the report has the target, and the sums of $(wc -l <sums) files of the archive" "$problems"

# ---- back by a restore ---------------------------------------------------------------------

step='restore'
: >"$problems"
cat >>"$copy/data/postgresql.conf" <<SETTINGS
unix_socket_directories = '$copy'
hot_standby = on
SETTINGS
start_cluster "$copy"
wait_until 'pause at the target' "$copy" 'SELECT pg_is_wal_replay_paused()'
expect_table "$copy" 'restored'
verdict "$major: story: a restored server has the table again, all $rows rows" "$problems"
stop_cluster "$copy" immediate

# ---- back by rescue ------------------------------------------------------------------------

step='rescue'
: >"$problems"
same "$problems" 'the table is gone' "$(sql "$source" -c "SELECT to_regclass('orders') IS NULL")" t
tell rescue rescue --before "$drop" --database shop --backup "$work/backups/base" "$archive"
same "$problems" 'status of rescue' "$status" 0
sql "$source" -1 -f rescue.out >load.log 2>&1 || cat load.log >>"$problems"
expect_table "$source" 'rescued'
same "$problems" 'its sequence goes on' "$(sql "$source" -c "SELECT nextval('orders_id_seq') > (SELECT max(id) FROM orders)")" t
verdict "$major: story: rescue brings it back into the server it was dropped in, all $rows rows" "$problems"

exit $((failures > 0))
