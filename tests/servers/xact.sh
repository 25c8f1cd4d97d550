#!/usr/bin/env bash
# Biographies of transactions whose statements, ids and rows the server itself told.
#
#   tests/servers/xact.sh PITR-FIND MAJOR      MAJOR 10 to 18
#
# Proves that `xact` tells of each
# - how it ended, when (track_commit_timestamp) and under which id;
# - the rows that its statements touched, those of savepoints that were rolled back apart;
# - which subtransactions it kept, as the statements themselves had their ids; those that were rolled back are told, or in doubt, never left out
#   with status 0;
# - locks of relations by OID, files, logical messages;
# - that it has not ended, and, after the server crashed, that it did not commit;
# and that the list says of each what its biography does: also of a prepared one with savepoints, through a crash, and of rows after catalogs were moved.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/support/xact_list.sh
. "$repository/tests/support/xact_list.sh"

pitr_find=$1
major=$2

if ! use_major "$major"; then
    echo "ok - $major: biographies of transactions # SKIP $reason"
    exit 0
fi

work_in xact wal
source=$work/source
problems=$work/problems
database=postgres
export TZ=UTC LC_ALL=C

level=replica
[ $((major % 2)) -eq 0 ] || level=logical
names_all= # the first record of each subtransaction names its transaction
if [ "$level" = logical ] && [ "$major" -ge 14 ]; then names_all=1; fi
keep='wal_keep_segments = 500'
[ "$major" -lt 13 ] || keep='wal_keep_size = 500MB'
make_cluster "$source" "$major" 1 <<SETTINGS
wal_level = $level
track_commit_timestamp = on
max_prepared_transactions = 10
autovacuum = off
checkpoint_timeout = 1h
$keep
SETTINGS
start_cluster "$source"

sql "$source" <<'SQL'
CREATE TABLE t (i int, kept text);
CREATE TABLE other (i int);
CREATE TABLE dropped (i int);
CREATE TABLE emptied (i int);
INSERT INTO t SELECT 1000 + n, 'there' FROM generate_series(1, 50) n;
INSERT INTO emptied SELECT 1;
CHECKPOINT;
SELECT pg_switch_wal() \g /dev/null
CHECKPOINT;
SQL
file() { sql "$source" -c "SELECT pg_relation_filenode('$1')"; }
t=$(file t) dropped=$(file dropped) emptied=$(file emptied)
dropped_oid=$(sql "$source" -c "SELECT 'dropped'::regclass::oid")

sql "$source" >ids <<'SQL'
BEGIN;
SELECT 'plain', txid_current();
INSERT INTO t SELECT n, 'a' FROM generate_series(1, 5) n;
SAVEPOINT s1;
UPDATE t SET kept = 'u' WHERE i BETWEEN 1001 AND 1003;
RELEASE s1;
SAVEPOINT s2;
DELETE FROM t WHERE i BETWEEN 1004 AND 1010;
ROLLBACK TO s2;
SAVEPOINT s3;
SAVEPOINT s4;
INSERT INTO t VALUES (77, 'nested');
RELEASE s4;
ROLLBACK TO s3;
DELETE FROM t WHERE i = 1050;
COMMIT;
BEGIN;
SELECT 'rolled_back', txid_current();
INSERT INTO t SELECT n, 'never' FROM generate_series(1, 9) n;
ROLLBACK;
BEGIN;
SELECT 'two_phase', txid_current();
INSERT INTO t SELECT n, 'p' FROM generate_series(1, 3) n;
PREPARE TRANSACTION 'it''s one';
INSERT INTO other VALUES (1);
INSERT INTO other VALUES (2);
COMMIT PREPARED 'it''s one';
BEGIN;
SELECT 'two_phase_back', txid_current();
DELETE FROM t WHERE i = 1049;
PREPARE TRANSACTION 'two';
ROLLBACK PREPARED 'two';
BEGIN;
SELECT 'files', txid_current();
TRUNCATE emptied;
COPY emptied FROM stdin;
1
2
3
\.
DROP TABLE dropped;
SELECT pg_logical_emit_message(true, 'a prefix', 'twelve bytes') \g /dev/null
COMMIT;
BEGIN;
SELECT 'many', txid_current();
DO $$
BEGIN
    FOR n IN 1..150 LOOP
        BEGIN
            INSERT INTO t VALUES (n, 'many');
            IF n % 10 = 0 THEN RAISE 'back'; END IF;
        EXCEPTION WHEN raise_exception THEN NULL;
        END;
    END LOOP;
END $$;
COMMIT;
SQL

# Savepoints that are kept and rolled back; then catalogs in other files.
sql "$source" >>ids <<'SQL'
BEGIN;
SELECT 'prepared', txid_current();
INSERT INTO t SELECT n, 'q' FROM generate_series(1, 4) n;
SAVEPOINT s1;
INSERT INTO t VALUES (5, 'q');
SAVEPOINT s2;
DELETE FROM t WHERE i IN (1047, 1048);
RELEASE s2;
RELEASE s1;
SAVEPOINT s3;
INSERT INTO t SELECT n, 'back' FROM generate_series(1, 7) n;
ROLLBACK TO s3;
PREPARE TRANSACTION 'kept';
VACUUM FULL pg_class;
VACUUM FULL pg_attribute;
VACUUM FULL pg_depend;
VACUUM FULL pg_type;
BEGIN;
SELECT 'moved', txid_current();
CREATE TABLE made (i int PRIMARY KEY, t text);
INSERT INTO made SELECT n FROM generate_series(1, 6) n;
UPDATE made SET t = 'u' WHERE i <= 2;
ALTER TABLE made ADD COLUMN more int;
DELETE FROM made WHERE i = 6;
COMMIT;
SQL
declare -A ids
while IFS='|' read -r name xid; do ids[$name]=$xid; done <ids

copy_wal() { # copy_wal FOLDER: what is there, all of it written
    sql "$source" -c 'SELECT pg_switch_wal()' -c 'CHECKPOINT' >"$work/switch.log"
    rm -rf "${work:?}/$1"
    mkdir "$1"
    find "$source/data/pg_wal" -maxdepth 1 -type f -name '0*' ! -name '*.backup' -exec cp -t "$1" {} +
}

# Open when the WAL ends.
mkfifo commands
give_to_owner commands
sql "$source" <commands >open.out 2>&1 &
exec 7>commands
echo "BEGIN; SELECT txid_current(); INSERT INTO other SELECT generate_series(1, 4); SAVEPOINT s; DELETE FROM other WHERE i = 1;" >&7
wait_until 'open transaction' "$source" "SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE 'DELETE%'"
ids[open]=$(head -n 1 open.out)
other=$(file other)
copy_wal wal

tell() { # tell NAME [FOLDER]
    status=0
    "$pitr_find" -q xact "${ids[$1]}" "$work/${2:-wal}" --format json >"$1.json" 2>"$1.err" || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || echo "$1: status $status: $(cat "$1.err")" >>"$problems"
}
# is NAME FILTER WANT
is() { same "$problems" "$1: $2" "$(json_value "$2" "$1.json")" "$3"; }
# rows NAME FILE FATE INSERTED UPDATED DELETED
rows() {
    is "$1" "[.relations[] | select(.file | endswith(\"/$2\")) | .$3 | .inserted, .updated, .deleted] | map(tostring) | join(\" \")" "$4 $5 $6"
}
committed_at() { # of the server itself
    sql "$source" -c "SELECT to_char(pg_xact_commit_timestamp('${ids[$1]}'::xid) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
}

: >"$problems"
tell plain
is plain .end COMMIT
is plain .time "$(committed_at plain)"
is plain .begins_here true
rows plain "$t" kept 5 3 1
# s1, and what ROLLBACK TO puts in the place of s2 and s3
is plain '[.subtransactions[] | select(.fate == "kept")] | length' 3
if [ -n "$names_all" ]; then
    rows plain "$t" rolled_back 1 0 7
    is plain '[.subtransactions[] | select(.fate == "rolled back")] | length' 3
    is plain '[.subtransactions[] | select(.inside)] | length' 1
    same "$problems" 'plain: status' "$status" 0
else
    is plain '.possible_subtransactions | length >= 2' true
    same "$problems" 'plain: status' "$status" 3
fi
verdict "$major: savepoints that were kept and rolled back, by $level" "$problems"

: >"$problems"
tell rolled_back
is rolled_back .end ROLLBACK
is rolled_back .events '[]'
rows rolled_back "$t" rolled_back 9 0 0
rows rolled_back "$t" kept 0 0 0
tell two_phase
is two_phase .end 'COMMIT PREPARED'
is two_phase .prepared_gid "it's one"
is two_phase .meanwhile.commits 2
rows two_phase "$t" kept 3 0 0
tell two_phase_back
is two_phase_back .end 'ROLLBACK PREPARED'
rows two_phase_back "$t" rolled_back 0 0 1
verdict "$major: rollback, and two-phase both ways" "$problems"

: >"$problems"
tell files
is files '[.events[].text] | index("TRUNCATE TABLE public.emptied") != null' true
is files '[.events[].text] | index("DROP TABLE public.dropped") != null' true
is files "[.locks[] | select(.relation_oid == $dropped_oid)] | length >= 1" true
is files "[.files[] | select(.what == \"dropped\" and (.file | endswith(\"/$dropped\")))] | length" 1
is files "[.files[] | select(.what == \"dropped\" and (.file | endswith(\"/$emptied\")))] | length" 1
is files '[.relations[].kept.inserted] | index(3) != null' true
is files '.messages | map("\(.prefix) \(.bytes) \(.transactional)") | join(",")' 'a prefix 12 true'
verdict "$major: TRUNCATE, COPY, DROP and a logical message" "$problems"

: >"$problems"
tell many
sql "$source" -c "SELECT DISTINCT xmin::text::bigint FROM t WHERE kept = 'many' ORDER BY 1" >want
json_value '.subtransactions[] | select(.fate == "kept").xid' many.json >got
cmp -s want got || echo "kept: $(diff want got | head -n 3)" >>"$problems"
is many "([.subtransactions[] | select(.fate == \"rolled back\")] | length) + (.possible_subtransactions | length)" 15
rows many "$t" kept 135 0 0
if [ -n "$names_all" ]; then same "$problems" 'status' "$status" 0; else same "$problems" 'status' "$status" 3; fi
verdict "$major: 150 subtransactions, of which 15 are rolled back" "$problems"

: >"$problems"
tell open
is open .end null
if [ -n "$names_all" ]; then
    rows open "$other" unknown 4 0 2
    same "$problems" 'open: status' "$status" 0
else
    rows open "$other" unknown 4 0 0
    is open '.possible_subtransactions | length' 1
    same "$problems" 'open: status' "$status" 3
fi
unread=$(sql "$source" -c 'SELECT pg_walfile_name(pg_current_wal_insert_lsn())')
sql "$source" -c 'SELECT pg_switch_wal()' >"$work/switch.log"
stop_cluster "$source" immediate
exec 7>&-
wait
start_cluster "$source"
sql "$source" -c "COMMIT PREPARED 'kept'"
copy_wal crashed
tell open crashed
is open .end LOST
is open .time null
status=0
"$pitr_find" -q xact --format csv "$work/crashed" >list.csv || status=$?
for name in plain:COMMIT rolled_back:ROLLBACK 'two_phase:COMMIT PREPARED' 'two_phase_back:ROLLBACK PREPARED' many:COMMIT open:LOST; do
    same "$problems" "list: $name" "$(awk -F, -v xid="${ids[${name%%:*}]}" '$1 == xid { print $4 }' list.csv)" "${name#*:}"
done
verdict "$major: one that is open, and is lost when the server crashes; the list" "$problems"

: >"$problems"
cp -r crashed holed
rm "holed/$unread"
tell open holed
same "$problems" 'open, with a gap before the crash: status' "$status" 3
is open .end null
if [ -n "$names_all" ]; then rows open "$other" unknown 4 0 2; else rows open "$other" unknown 4 0 0; fi
rows open "$other" rolled_back 0 0 0
status=0
"$pitr_find" -q xact --format csv "$work/holed" >list.csv 2>"$work/holed.err" || status=$?
same "$problems" 'list, with a gap before the crash: open' "$(awk -F, -v xid="${ids[open]}" '$1 == xid { print $4 }' list.csv)" ''
verdict "$major: whether one committed before a crash is not known where WAL is missing" "$problems"

# listed NAME INSERTED UPDATED DELETED SUBTRANSACTIONS: what the statements did, in the list.
listed() {
    same "$problems" "list: $1: rows" "$(json_value "select(.xid == ${ids[$1]}) | \"\(.rows_inserted) \(.rows_updated) \(.rows_deleted)\"" list.json)" "$2 $3 $4"
    same "$problems" "list: $1: subtransactions" "$(json_value "select(.xid == ${ids[$1]}) | .subtransactions" list.json)" "$5"
}
: >"$problems"
differing_rows "$pitr_find" crashed | head -n 10 >>"$problems"
[ "$(wc -l <xids)" -ge 15 ] || echo "$(wc -l <xids) compared" >>"$problems"
back=0 # those that were rolled back count where the WAL says whose they are
[ -z "$names_all" ] || back=1
listed plain 5 3 1 $((3 + 3 * back))
listed rolled_back 0 0 0 0
listed two_phase 3 0 0 0
listed prepared 5 0 2 $((2 + back))
listed moved 6 2 1 0
same "$problems" 'list: many' "$(json_value "select(.xid == ${ids[many]}) | .rows_inserted" list.json)" 135
same "$problems" 'list: rolled_back apart' "$(json_value "select(.xid == ${ids[rolled_back]}) | .rolled_back_inserted" list.json)" 9
verdict "$major: the list says of each what its biography and the statements say" "$problems"

exit $((failures > 0))
