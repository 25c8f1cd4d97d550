#!/usr/bin/env bash
# Who did it, as the server's own logs say it, held against what the sessions themselves said while they did it.
#
#   tests/servers/who.sh PITR-FIND MAJOR      MAJOR 10 to 18
#   RECORD=DIR tests/servers/who.sh PITR-FIND MAJOR     also keeps there what tests/fixtures/who is made of
#
# Several users drop, empty and delete at once; each says its user, application and process (pg_backend_pid()) beforehand.
# Proves that
# - a line with the transaction's id proves who it was, in csvlog, jsonlog and stderr (%x), packed too, and whatever statement of it was logged first;
# - a statement that was logged before its transaction had an id is likely, with its reason, and never more;
# - what failed, was rolled back, or happened in another database or schema is nobody's;
# - of a log of another time, or without statements, nothing is said but why.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

pitr_find=$1
major=$2

if ! use_major "$major"; then
    echo "ok - $major: who did it # SKIP $reason"
    exit 0
fi

work_in who wal asked
source=$work/source
problems=$work/problems
truth=$work/truth # KEY|EVENT|USER|APPLICATION|PID|XID (empty: not known)
export TZ=UTC LC_ALL=C
: >"$truth"

formats=csvlog,stderr
[ "$major" -lt 15 ] || formats=csvlog,stderr,jsonlog
keep='wal_keep_segments = 500'
[ "$major" -lt 13 ] || keep='wal_keep_size = 500MB'
make_cluster "$source" "$major" 1 <<SETTINGS
wal_level = replica
autovacuum = off
checkpoint_timeout = 1h
$keep
logging_collector = on
log_destination = '$formats'
log_directory = '$work/logs'
log_filename = 'start.log'
log_file_mode = 0644
log_timezone = 'Asia/Kolkata'
log_line_prefix = '%m [%p] '
SETTINGS
mkdir logs
give_to_owner logs
start_cluster "$source"

database=postgres sql "$source" <<'SQL'
CREATE DATABASE shop;
CREATE DATABASE other;
CREATE ROLE ana SUPERUSER LOGIN;
CREATE ROLE bob SUPERUSER LOGIN;
CREATE ROLE "Eve.O'Hara" SUPERUSER LOGIN;
SQL

# From here on the WAL names the databases by itself.
sql "$source" -c CHECKPOINT -c 'SELECT pg_switch_wal()' -c CHECKPOINT -c 'ALTER DATABASE shop CONNECTION LIMIT 100' >switch.log
kept_from=$(sql "$source" -c 'SELECT pg_walfile_name(pg_current_wal_lsn())')

# log_to NAME PREFIX STATEMENTS [ZONE]: from here on the server logs into logs/NAME.log and its like.
log_to() {
    database=postgres sql "$source" <<SQL
ALTER SYSTEM SET log_line_prefix = '$2';
ALTER SYSTEM SET log_statement = '$3';
ALTER SYSTEM SET log_filename = '$1.log';
ALTER SYSTEM SET log_timezone = '${4:-Asia/Kolkata}';
SELECT pg_reload_conf() \g /dev/null
SQL
    local end=$((SECONDS + 60))
    until [ -s "logs/$1.csv" ] || [ -e "logs/$1.log" ]; do
        [ "$SECONDS" -le "$end" ] || { echo "no log of $1" >&2; return 1; }
        nap 0.05
    done
    # The processes that are asked have read the configuration, too.
    wait_until "settings of $1" "$source" "SELECT current_setting('log_filename') = '$1.log'"
}

# as USER APPLICATION KEY EVENT < SQL: \gset of xid tells its transaction's id.
as() {
    local user=$1 application=$2 key=$3 event=$4
    {
        echo "SELECT pg_backend_pid() AS pid \\gset"
        echo "\\set xid ''"
        cat
        echo "\\echo $key :pid :xid"
    } | PGAPPNAME=$application "$psql" -X -q -A -t -p "$port" -h "$source" -U "$user" -d "${database:-shop}" >"asked/$key" 2>"asked/$key.err"
    read -r _ pid xid < <(grep "^$key " "asked/$key")
    echo "$key|$event|$user|$application|$pid|${xid:-}" >>"$truth"
}

tables() {
    sql "$source" <<SQL
CREATE SCHEMA $1;
CREATE SCHEMA $1_too;
$(for table in auto late block function savepoint same; do echo "CREATE TABLE $1.$table (i int); INSERT INTO $1.$table SELECT generate_series(1, 20);"; done)
CREATE TABLE $1_too.same (i int);
CREATE FUNCTION $1.drop_it() RETURNS void LANGUAGE plpgsql AS 'BEGIN DROP TABLE $1.function; RAISE LOG ''done''; END';
SQL
    database=other sql "$source" <<SQL
CREATE SCHEMA $1;
CREATE TABLE $1.auto (i int);
SQL
}

# The incidents of a phase, in its schema.
incidents() {
    local s=$1
    # What did not do it: errors, a rollback, another database.
    as bob psql "$s-failed" '' <<SQL || true
DROP TABLE $s.auto, $s.nowhere;
SQL
    as bob psql "$s-back" '' <<SQL
BEGIN;
DROP TABLE $s.auto;
ROLLBACK;
SELECT 1 \g /dev/null
SQL
    database=other as bob psql "$s-other" '' <<SQL
DROP TABLE $s.auto;
SQL
    as ana billing "$s-auto" "DROP TABLE $s.auto" <<SQL &
DROP TABLE $s.auto;
SELECT 1 \g /dev/null
SQL
    as "Eve.O'Hara" 'night job' "$s-late" "TRUNCATE TABLE $s.late" <<SQL &
BEGIN;
SELECT txid_current() AS xid \gset
SELECT pg_sleep(0.2) \g /dev/null
TRUNCATE $s.late;
COMMIT;
SQL
    as bob psql "$s-block" "DELETE FROM $s.block" <<SQL &
BEGIN;
DELETE FROM $s.block WHERE i > 3;
SELECT txid_current() AS xid \gset
COMMIT;
SQL
    as ana 'cron, 1' "$s-function" "DROP TABLE $s.function" <<SQL &
BEGIN;
SELECT $s.drop_it() \g /dev/null
SELECT txid_current() AS xid \gset
COMMIT;
SQL
    as bob nested "$s-savepoint" "DROP TABLE $s.savepoint" <<SQL &
BEGIN;
SELECT txid_current() \g /dev/null
SAVEPOINT one;
INSERT INTO $s.savepoint VALUES (99) RETURNING xmin AS xid \gset
DROP TABLE $s.savepoint;
RELEASE one;
COMMIT;
SQL
    as ana same "$s-same" "DROP TABLE $s.same" <<SQL &
DROP TABLE $s.same;
SQL
    as bob same "$s-too" "DROP TABLE ${s}_too.same" <<SQL &
DROP TABLE ${s}_too.same;
SQL
    wait
}

phase() { # phase NAME PREFIX STATEMENTS [ZONE]
    tables "$1"
    log_to "$@"
    incidents "$1"
}
phase named '%m [%p] %q%u@%d ' all
phase badger '%t [%p]: user=%u,db=%d,app=%a,client=%h ' all
phase ids '%m %p <%u> <%d> <%a> %x %v %c ' all UTC
phase silent '%m [%p] ' none
log_to later '%m [%p] ' all

sql "$source" -c 'SELECT pg_switch_wal()' -c CHECKPOINT >switch.log
find "$source/data/pg_wal" -maxdepth 1 -type f -name '0*' ! -name '*.backup' -exec cp -t wal {} +
stop_cluster "$source"
chmod -R a+rX logs
if [ -n "${RECORD:-}" ]; then
    mkdir -p "$RECORD/wal" "$RECORD/logs"
    for file in wal/*; do [[ ${file#wal/} < $kept_from ]] || gzip -9c "$file" >"$RECORD/$file.gz"; done
    cp logs/{named,badger,ids,silent}.* "$RECORD/logs"
    cp truth "$RECORD"
fi
export TZ=Asia/Kolkata # IST means that there alone

told() { # told KEY FIELD: 2 to 6
    awk -F'|' -v key="$1" -v field="$2" '$1 == key { print $field }' "$truth"
}

# ask KEY LOG [OPTION...]: into out.json
ask() {
    local key=$1 log=$2
    shift 2
    status=0
    "$pitr_find" --before "^$(told "$key" 2)\$" --format json --log "$log" "$@" wal >out.json 2>out.err || status=$?
    [ "$status" -eq 0 ] || { echo "$key, $log: status $status: $(tail -n 3 out.err)" >>"$problems"; return 0; }
}
is() { same "$problems" "$1, $2: $3" "$(json_value "$3" out.json)" "$4"; }

# certainly KEY LOG CERTAINTY [OPTION...]: one session, and the one that did it
certainly() {
    local key=$1 log=$2 certainty=$3
    shift 3
    local application
    application=$(told "$key" 4)
    [ -z "${without_application:-}" ] || application=null
    ask "$key" "$log" "$@"
    is "$key" "$log" '.who | .certainty, .total, (.sessions[0] | .pid, .user, .database, .application) | tostring' \
        "$(printf '%s\n' "$certainty" 1 "$(told "$key" 5)" "$(told "$key" 3)" shop "$application")"
}
nobody() { # nobody KEY LOG WORDS [OPTION...]
    local key=$1 log=$2 words=$3
    shift 3
    ask "$key" "$log" "$@"
    is "$key" "$log" .who.certainty unknown
    is "$key" "$log" '.who.sessions' '[]'
    is "$key" "$log" ".who.reason | contains(\"$words\")" true
}

of_ids() { # of_ids SCHEMA LOG [OPTION...]: where the log has transaction ids
    local s=$1 log=$2 key
    shift 2
    certainly "$s-savepoint" "$log" proven "$@"
    certainly "$s-late" "$log" proven "$@"
    is "$s-late" "$log" '.who.sessions[0] | .statement, .statement_certainty' "TRUNCATE $s.late;"$'\n'proven
    certainly "$s-block" "$log" proven "$@"
    is "$s-block" "$log" '.who.sessions[0] | .statement, .statement_certainty' "DELETE FROM $s.block WHERE i > 3;"$'\n'proven
    certainly "$s-function" "$log" proven "$@"
    is "$s-function" "$log" ".who.sessions[0] | (.statement | contains(\"$s.drop_it()\")), .statement_certainty" true$'\n'likely
    for key in same too auto; do certainly "$s-$key" "$log" likely "$@"; done
    is "$s-auto" "$log" '.who.sessions[0].reason | test(" [0-9.]+ s before the commit; .*before it gives one")' true
    # By the id of its savepoint.
    "$pitr_find" --before-xid "$(told "$s-savepoint" 6)" --format json --log "$log" "$@" wal >out.json 2>out.err ||
        echo "savepoint: $(cat out.err)" >>"$problems"
    is "$s-savepoint" "its own id" .who.certainty proven
    is "$s-savepoint" "its own id" '.who.sessions[0].pid' "$(told "$s-savepoint" 5)"
}

for file in csv json; do
    [ -e "logs/named.$file" ] || continue
    : >"$problems"
    for s in named badger ids; do of_ids "$s" "logs/$s.$file"; done
    of_ids named logs/later.$file --log logs/named.$file --log logs/start.$file
    nobody silent-late logs/silent.$file 'no statement'
    nobody named-auto logs/later.$file 'the log goes from'
    verdict "$major: $file: who did it, of which statement and how certain" "$problems"
done

: >"$problems"
gzip -k logs/named.csv
of_ids named logs/named.csv.gz
mkdir folder
cp logs/*.csv folder
mv folder/named.csv folder/0-last-by-name.csv
gzip folder/badger.csv
of_ids badger folder
verdict "$major: csv: packed, and a folder of logs" "$problems"

: >"$problems"
of_ids ids logs/ids.log --log-line-prefix '%m %p <%u> <%d> <%a> %x %v %c '
verdict "$major: stderr with transaction ids, by --log-line-prefix" "$problems"

: >"$problems"
for key in auto late block savepoint same too; do
    without_application=1 certainly "named-$key" logs/named.log likely
    certainly "badger-$key" logs/badger.log likely
    is "badger-$key" badger.log '.who.sessions[0].reason | contains("add %x to log_line_prefix")' true
    is "badger-$key" badger.log '.warnings | map(select(contains("log_line_prefix"))) | length' 1
done
nobody silent-late logs/silent.log 'no statement'
nobody badger-auto logs/later.log 'the log goes from'
verdict "$major: stderr without transaction ids, its prefix guessed, says likely and why" "$problems"

: >"$problems"
status=0
"$pitr_find" --before 'DROP TABLE ids.auto' --log logs/ids.log wal >out.txt 2>out.err || status=$?
same "$problems" 'a prefix that cannot be guessed: status' "$status" 2
grep -q -- '--log-line-prefix' out.err || cat out.err >>"$problems"
status=0
"$pitr_find" --before 'DROP TABLE ids.auto' --log logs/ids.log --log-line-prefix '%m <%p> ' wal >out.txt 2>out.err || status=$?
same "$problems" 'another prefix: status' "$status" 2
export TZ=Europe/Madrid
ask named-auto logs/named.csv
is named-auto 'another zone' .who.certainty unknown
is named-auto 'another zone' '.who.reason | contains("IST")' true
verdict "$major: what cannot be read for certain is not guessed" "$problems"

# pgaudit of the distribution's server, where it is there: DDL is logged when it is done, with the id.
distribution=/usr/lib/postgresql/15
if [ "$major" = 15 ] && [ -e "$distribution/lib/pgaudit.so" ]; then
    server_native=$distribution
    export TZ=UTC
    : >"$problems"
    rm -rf wal audit
    mkdir wal
    PITR_CLUSTERS='' make_cluster "$work/audit" 15 1 <<SETTINGS
wal_level = replica
autovacuum = off
wal_keep_size = 500MB
logging_collector = on
log_destination = 'csvlog'
log_directory = '$work/logs'
log_filename = 'audit.log'
log_timezone = 'UTC'
log_statement = 'none'
shared_preload_libraries = 'pgaudit'
pgaudit.log = 'ddl, write'
SETTINGS
    source=$work/audit
    start_cluster "$source"
    database=postgres sql "$source" <<'SQL'
CREATE DATABASE shop;
CREATE ROLE ana SUPERUSER LOGIN;
CREATE ROLE bob SUPERUSER LOGIN;
SQL
    sql "$source" <<'SQL'
CREATE EXTENSION pgaudit;
CREATE TABLE auto (i int);
CREATE TABLE function (i int);
CREATE TABLE block AS SELECT generate_series(1, 20) AS i;
CREATE FUNCTION drop_it() RETURNS void LANGUAGE plpgsql AS 'BEGIN DROP TABLE function; END';
SQL
    as ana billing audit-auto 'DROP TABLE public.auto' <<<'DROP TABLE auto;' &
    as bob psql audit-function 'DROP TABLE public.function' <<<'SELECT drop_it() \g /dev/null' &
    as ana 'night job' audit-block 'DELETE FROM public.block' <<<'DELETE FROM block;' &
    wait
    sql "$source" -c 'SELECT pg_switch_wal()' -c CHECKPOINT >switch.log
    find "$source/data/pg_wal" -maxdepth 1 -type f -name '0*' ! -name '*.backup' -exec cp -t wal {} +
    stop_cluster "$source"
    chmod -R a+rX logs
    certainly audit-auto logs/audit.csv proven
    is audit-auto pgaudit '.who.sessions[0] | .statement, .statement_certainty' 'DROP TABLE auto;'$'\n'proven
    certainly audit-function logs/audit.csv proven
    certainly audit-block logs/audit.csv likely
    verdict "$major: pgaudit" "$problems"
fi

exit $((failures > 0))
