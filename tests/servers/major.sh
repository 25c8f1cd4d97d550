#!/usr/bin/env bash
# One major: a real server archives, is backed up, loses tables under concurrent traffic; what pitr-find
# makes of the archive is compared with what the server knows, and restored from as it stands.
#
#   tests/servers/major.sh PITR-FIND MAJOR
#
# Proves, for the server of that major:
# - the JSON tells the event (text, xid, time, LSN, database, schema, table) as the server does, with no
#   server running and no base backup at hand, from a whole archive and from one that begins at the backup;
# - `events` lists the four incidents and none of the decoys that ran around them;
# - the settings as printed, put into a restored copy of the base backup, make the server stop right before
#   the incident: the table is back with every row, every transaction that committed before is there,
#   none that committed after;
# - a time target that cannot be exact, because commit times do not rise, is called so and stops where it is said to.
# What is expected comes from the server alone. Order of commits: pg_waldump (15), pg_walinspect (16 and up),
# logical decoding (10, 12, 14), commit times (11, 13); what clients saw acknowledged (all).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

pitr_find=$1
major=$2

# ---- how this major is set up --------------------------------------------------------------

segment=1 wal_level=replica compression=off archive_as=plain oracle=clock zone=UTC
case $major in
10) segment=16 wal_level=logical oracle=decoding ;;
12) wal_level=logical oracle=decoding compression=on ;;
13) segment=64 ;;
14) wal_level=logical oracle=decoding ;;
15) segment=16 oracle=waldump ;;
16) oracle=walinspect compression=on ;;
17) oracle=walinspect archive_as=gzip ;;
18) segment=4 oracle=walinspect ;;
19) oracle=walinspect ;;
esac
# Settings must not depend on the zone and the date style of the server that reads them.
if [ $((major % 3)) -eq 0 ]; then zone=America/St_Johns; fi

# ---- folders and cleaning up ---------------------------------------------------------------

if ! use_major "$major"; then
    echo "ok - $major: restored from real archives # SKIP $reason"
    exit 0
fi
clients=$(client_folder)

work_in major archive truth pruned
source=$work/source backup=$work/backup archive=$work/archive truth=$work/truth

loads=() # process ids of the traffic
stop_background() { [ "${#loads[@]}" -eq 0 ] || kill "${loads[@]}" 2>/dev/null || true; }
phase() { # what was just done; told with KEEP=1
    step=$*
    [ -z "${KEEP:-}" ] || echo "# $major: $SECONDS s: $step"
}

# ---- the original server -------------------------------------------------------------------

us="(extract(epoch from %s) * 1000000)::bigint" # microseconds, whole
# shellcheck disable=SC2059
micros() { printf "$us" "$1"; }

start_source() {
    local command="test ! -f $archive/%f && cp %p $archive/%f"
    [ "$archive_as" = plain ] || command="gzip < %p > $archive/%f.gz"
    make_cluster "$source" "$major" "$segment" <<-SETTINGS
	wal_level = $wal_level
	archive_mode = on
	archive_command = '$command'
	track_commit_timestamp = on
	max_prepared_transactions = 10
	wal_compression = $compression
	checkpoint_timeout = 1h
	autovacuum_naptime = 2s
	timezone = '$zone'
	datestyle = 'sql, dmy'
	max_wal_size = 4GB
	$(if [ "$major" -ge 13 ]; then echo 'wal_keep_size = 4GB'; else echo 'wal_keep_segments = 4000'; fi)
	SETTINGS
    start_cluster "$source"
    database=postgres sql "$source" -c 'CREATE DATABASE shop'
    sql "$source" -f "$here/setup.sql"
    case $oracle in
    walinspect) sql "$source" -c 'CREATE EXTENSION pg_walinspect' ;;
    decoding) sql "$source" -c "SELECT pg_create_logical_replication_slot('truth', 'test_decoding')" >/dev/null ;;
    esac
}

# The backup of a running server by the low-level interface. What the server gives back as
# backup_label goes into the copy; there are no tablespaces to map.
take_backup() {
    local start="pg_backup_start('base', true)" stop='pg_backup_stop()'
    [ "$major" -ge 15 ] || { start="pg_start_backup('base', true, false)" stop='pg_stop_backup(false)'; }
    mkdir "$backup"
    give_to_owner "$backup"
    sql "$source" >"$truth/backup_label" 2>"$work/backup.log" <<-SQL
	\o /dev/null
	SELECT $start;
	\o '$truth/backup_start'
	SELECT $(micros 'clock_timestamp()');
	\o /dev/null
	\! cp -a '$source/data' '$backup/data'
	\o
	SELECT labelfile FROM $stop;
	\o '$truth/backup_stop'
	SELECT $(micros 'clock_timestamp()');
	SQL
    rm -f "$backup/data/postmaster.pid" "$backup/data/postmaster.opts"
    rm -rf "$backup"/data/pg_wal/* "$backup"/data/pg_replslot/*
    printf '%s\n' "$(cat "$truth/backup_label")" >"$backup/data/backup_label"
    give_to_owner "$backup/data/backup_label"
    backup_segment=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p' "$truth/backup_label")
    [ -n "$backup_segment" ]
}

bench() { # bench NAME CLIENTS RATE: pgbench in the background
    "$clients/pgbench" -n -f "$here/$1.sql" -c "$2" -j 1 -R "$3" -T 600 -h "$source" -p "$port" -U postgres shop \
        >"$work/$1.log" 2>&1 &
    loads+=($!)
}

# A client of another kind: one psql session that sends statement after statement.
session() {
    yes "INSERT INTO journal (who) VALUES ('psql') RETURNING id \\gset
INSERT INTO acks (id) VALUES (:id);
SELECT pg_sleep(0.005) \\g /dev/null" | sql_exec "$source" >"$work/session.log" 2>&1 &
    loads+=($!)
}

journal_grows() { # journal_grows ROWS: waits until that many more are committed
    local now
    now=$(sql "$source" -c 'SELECT count(*) FROM journal')
    wait_until 'traffic' "$source" "SELECT count(*) >= $now + $1 FROM journal"
}

# incident NAME TABLE STATEMENT [GID]: from a session of its own. Leaves $truth/NAME, lines KEY=VALUE.
incident() {
    local name=$1 table=$2 statement=$3 gid=${4:-} prepare='' finish=COMMIT
    if [ -n "$gid" ]; then
        prepare="PREPARE TRANSACTION '$gid'; SELECT pg_sleep(0.3) \\g /dev/null"
        finish="COMMIT PREPARED '$gid'"
    fi
    sql "$source" >"$truth/$name" <<-SQL
	BEGIN;
	LOCK TABLE $table IN ACCESS EXCLUSIVE MODE;
	SELECT txid_current() AS xid \gset
	SELECT 'xid=' || :xid;
	SELECT 'object=' || c.oid || E'\nfilenode=' || c.relfilenode || E'\nschema=' || c.relnamespace
	       || E'\ndatabase=' || d.oid
	    FROM pg_class c, pg_database d WHERE c.oid = '$table'::regclass AND datname = 'shop';
	SELECT 'rows=' || count(*) || E'\nmd5=' || md5(string_agg(t::text, '|' ORDER BY id)) FROM $table t;
	$statement;
	$prepare
	SELECT 'sent=' || $(micros 'clock_timestamp()');
	SELECT 'before=' || pg_current_wal_insert_lsn();
	$finish;
	SELECT 'acked=' || $(micros 'clock_timestamp()');
	SELECT 'after=' || pg_current_wal_insert_lsn();
	SELECT 'time=' || to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || E'\nstamp=' || $(micros t)
	    FROM pg_xact_commit_timestamp(:'xid') t;
	SQL
}

of() { sed -n "s/^$2=//p" "$truth/$1"; } # of INCIDENT KEY

# commit_position INCIDENT: as a number, when the server tells it exactly
commit_position() { awk -F'\t' -v xid="$(of "$1" xid)" '$1 == xid { print $2 }' "$truth/order"; }

stop_traffic() {
    local pid
    kill "${loads[@]}" 2>/dev/null || true
    for pid in "${loads[@]}"; do wait "$pid" 2>/dev/null || true; done
    loads=()
    sql "$source" -c 'ALTER SYSTEM SET autovacuum = off' -c 'SELECT pg_reload_conf()' >/dev/null
    wait_until 'end of the traffic' "$source" "SELECT count(*) = 0 FROM pg_stat_activity
        WHERE (datname IS NOT NULL OR backend_type LIKE 'autovacuum %') AND pid <> pg_backend_pid()"
}

# The position of every commit, start (or, from logical decoding, end) of its record: xid, LSN as number.
ask_order() {
    local start
    start=$(sed -n 's/^START WAL LOCATION: \([0-9A-F/]*\) .*/\1/p' "$truth/backup_label")
    case $oracle in
    waldump)
        { "$clients/pg_waldump" --rmgr=Transaction -p "$archive" "$backup_segment" "$last_segment" 2>/dev/null || true; } |
            sed -nE 's|.* tx: +([0-9]+), lsn: ([0-9A-F]+)/([0-9A-F]+), prev [^,]*, desc: (COMMIT) .*|\1 \2 \3|p
                     s|.* lsn: ([0-9A-F]+)/([0-9A-F]+), prev [^,]*, desc: COMMIT_PREPARED ([0-9]+): .*|\3 \1 \2|p' |
            while read -r xid high low; do printf '%s\t%s\n' "$xid" $(((16#$high << 32) + 16#$low)); done
        ;;
    walinspect)
        sql "$source" -F $'\t' -c "SELECT CASE record_type WHEN 'COMMIT' THEN xid::text ELSE split_part(description, ':', 1) END,
                start_lsn - '0/0'
            FROM pg_get_wal_records_info('$start', '$switched')
            WHERE resource_manager = 'Transaction' AND record_type IN ('COMMIT', 'COMMIT_PREPARED')"
        ;;
    decoding)
        sql "$source" -F $'\t' -c "SELECT xid, lsn - '0/0' FROM pg_logical_slot_get_changes('truth', NULL, NULL)
            WHERE data LIKE 'COMMIT%'"
        ;;
    esac
}

gather_truth() {
    sql "$source" -F $'\t' -c "SELECT id, xid, $(micros 'pg_xact_commit_timestamp(xid::text::xid)') FROM journal ORDER BY id" >"$truth/journal"
    sql "$source" -F $'\t' -c "SELECT id, $(micros at) FROM acks" >"$truth/acks"
    sql "$source" -F $'\t' -c "SELECT x, $(micros 'pg_xact_commit_timestamp(x::text::xid)')
        FROM (SELECT xid FROM journal UNION ALL SELECT xmin::text::bigint FROM acks) t (x)" >"$truth/stamps"
    system_identifier=$(sql "$source" -c 'SELECT system_identifier FROM pg_control_system()')
    segment_bytes=$(sql "$source" -c "SELECT pg_size_bytes(current_setting('wal_segment_size'))")
    switched=$(sql "$source" -c 'SELECT pg_switch_wal()') # where the archive ends
    last_segment=$(sql "$source" -c "SELECT pg_walfile_name('$switched')")
    wait_until 'archiving' "$source" "SELECT last_archived_wal >= '$last_segment' FROM pg_stat_archiver"
    ask_order >"$truth/order"
    [ "$oracle" = clock ] || [ -n "$(commit_position drop)" ]
}

start_source
phase 'server is up'
bench traffic 16 3000
session
journal_grows 500
take_backup
phase 'backup taken'
bench ordering 2 100
bench decoys 1 4
journal_grows 1000
sql "$source" -c CHECKPOINT
incident truncate public.invoices 'TRUNCATE public.invoices'
journal_grows 500
incident delete public.customers 'DELETE FROM public.customers'
incident prepared '"Sales Dept".shipments' 'DROP TABLE "Sales Dept".shipments' 'lost & found'
journal_grows 1000
incident drop public.orders 'DROP TABLE orders'
journal_grows 1000
sql "$source" -c CHECKPOINT
journal_grows 1000
stop_traffic
phase 'traffic done'
gather_truth
stop_cluster "$source"
phase 'truth gathered'

# The archive as it is when older segments were expired with older backups.
for file in "$archive"/*; do
    if [[ ! $(basename "$file") < $backup_segment ]]; then ln "$file" "$work/pruned/"; fi
done

# ---- what pitr-find says -------------------------------------------------------------------

problems=$work/problems

# ask NAME OPTION...: pitr-find's stdout to $work/NAME.out, what it tells people to $work/NAME.err
ask() {
    local name=$1 status=0
    shift
    env -u PGHOST -u PGSERVICE "$pitr_find" "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        { echo "exit status $status of: pitr-find $*"; cat "$work/$name.err"; } >>"$problems"
    fi
}

# fields NAME FILTER WANT [FILTER WANT]...: values of the JSON of NAME, by one json_value
fields() {
    local name=$1 filters=() wants=() list='' got i
    shift
    while [ $# -gt 0 ]; do
        filters+=("$1") wants+=("$2") list+="${list:+, }($1 | tostring)"
        shift 2
    done
    got=$(json_value "$list" "$work/$name.out")
    mapfile -t got <<<"$got"
    for i in "${!filters[@]}"; do same "$problems" "${filters[i]}" "${got[i]:-}" "${wants[i]}"; done
}

check_json() { # check_json NAME INCIDENT TEXT KIND SCHEMA TABLE
    local name=$1 incident=$2 position commit end
    fields "$name" \
        .tool pitr-find \
        .source.major "$major" \
        .source.system_identifier "$system_identifier" \
        .source.wal_segment_size "$segment_bytes" \
        '.source.gaps | length' 0 \
        .event.text "$3" \
        .event.kind "$4" \
        .event.xid "$(of "$incident" xid)" \
        .event.time "$(of "$incident" time)" \
        .event.timeline 1 \
        .event.database.oid "$(of "$incident" database)" \
        .event.schema.oid "$(of "$incident" schema)" \
        .event.schema.name "$5" \
        .event.object.oid "$(of "$incident" object)" \
        .event.object.name "$6" \
        .event.object.relkind r \
        .event.object.filenode "$(of "$incident" filenode)"
    commit=$(json_value .event.commit_lsn "$work/$name.out") end=$(json_value .event.commit_end_lsn "$work/$name.out")
    commit=$(lsn_number "$commit") end=$(lsn_number "$end")
    if [ "$commit" -lt 0 ] || [ "$end" -lt 0 ]; then
        echo '.event.commit_lsn, .event.commit_end_lsn: no LSNs' >>"$problems"
        return
    fi
    if [ "$commit" -lt "$(lsn_number "$(of "$incident" before)")" ] || [ "$end" -gt "$(lsn_number "$(of "$incident" after)")" ]; then
        echo "commit record at $(lsn_text "$commit") to $(lsn_text "$end"), but the server wrote it between $(of "$incident" before) and $(of "$incident" after)" >>"$problems"
    fi
    position=$(commit_position "$incident")
    case $oracle in
    clock) ;;
    decoding) same "$problems" 'end of the commit record' "$(lsn_text "$end")" "$(lsn_text "$position")" ;;
    *) same "$problems" 'start of the commit record' "$(lsn_text "$commit")" "$(lsn_text "$position")" ;;
    esac
    fields "$name" .event.segment "$(printf '00000001%08X%08X' $((commit / segment_bytes / (0x100000000 / segment_bytes))) \
        $((commit / segment_bytes % (0x100000000 / segment_bytes))))" \
        .target.kind lsn \
        .target.exact true \
        .target.stops_before_lsn "$(lsn_text "$commit")" \
        .target.settings.recovery_target_lsn "$(lsn_text "$commit")" \
        .alternatives.xid.settings.recovery_target_xid "$(of "$incident" xid)"
}

: >"$problems"
ask whole --before 'DROP TABLE' --format json "$archive"
check_json whole drop 'DROP TABLE public.orders' 'DROP TABLE' public orders
fields whole .event.database.name shop .event.prepared_gid null
verdict "$major: JSON tells the dropped table as the server does, from the whole archive" "$problems"

# Without its row in the WAL a database's name is unknown; it is never made up.
: >"$problems"
ask pruned --before 'DROP TABLE' --format json "$work/pruned"
check_json pruned drop 'DROP TABLE public.orders' 'DROP TABLE' public orders
fields pruned '.event.database.name // "shop"' shop
verdict "$major: JSON tells the dropped table as the server does, from an archive that begins at the backup" "$problems"

: >"$problems"
ask two-phase --before 'DROP TABLE .*shipments' --format json "$archive"
check_json two-phase prepared 'DROP TABLE "Sales Dept".shipments' 'DROP TABLE' 'Sales Dept' shipments
fields two-phase .event.database.name shop .event.prepared_gid 'lost & found'
verdict "$major: JSON tells the table dropped by a prepared transaction as the server does" "$problems"

# How many commits a target in front of the incident costs, the incident's own among them, is the server's to say, where it tells all of them.
if [ "$oracle" = waldump ] || [ "$oracle" = walinspect ]; then
    : >"$problems"
    position=$(commit_position drop)
    fields whole .loses.transactions "$(awk -F'\t' -v p="$position" '$2 + 0 >= p + 0 { n++ } END { print n + 0 }' "$truth/order")"
    fields whole .keeps.last_xid "$(sort -t $'\t' -k 2,2n "$truth/order" | awk -F'\t' -v p="$position" '$2 + 0 < p + 0 { x = $1 } END { print x }')"
    verdict "$major: JSON counts what the restore keeps and loses as the server does" "$problems"
fi

: >"$problems"
ask events events --format json '^(DROP TABLE|TRUNCATE TABLE|DELETE FROM public\.(customers|bystander|invoices|orders))' "$work/pruned"
json_value '[.text, .xid, if .kind == "DELETE FROM" then .rows else null end] | @tsv' "$work/events.out" >"$work/events.got"
{
    printf 'TRUNCATE TABLE public.invoices\t%s\t\n' "$(of truncate xid)"
    printf 'DELETE FROM public.customers\t%s\t%s\n' "$(of delete xid)" "$(of delete rows)"
    printf 'DROP TABLE [%s].shipments\t%s\t\n' "$(of prepared schema)" "$(of prepared xid)"
    printf 'DROP TABLE public.orders\t%s\t\n' "$(of drop xid)"
} >"$work/events.want"
# The schema's name need not be in an archive that begins at the backup.
sed -i "s/^DROP TABLE \"Sales Dept\"\./DROP TABLE [$(of prepared schema)]./" "$work/events.got"
diff "$work/events.want" "$work/events.got" >>"$problems" || true
verdict "$major: events lists the four incidents and none of the decoys" "$problems"

# ---- restoring -----------------------------------------------------------------------------

copy=$work/restored

# boot SETTINGS-FILE: a copy of the base backup with these settings, started. Output of pitr-find goes where it says it belongs.
boot() {
    mkdir "$copy"
    cp -a "$backup/data" "$copy/data"
    {
        echo "unix_socket_directories = '$copy'"
        echo 'archive_mode = off'
        echo 'hot_standby = on'
    } >>"$copy/data/postgresql.conf"
    if [ "$major" -ge 12 ]; then
        cat "$1" >>"$copy/data/postgresql.auto.conf"
        touch "$copy/data/recovery.signal"
    else
        cp "$1" "$copy/data/recovery.conf"
    fi
    [ "$EUID" -ne 0 ] || chown postgres: "$copy" "$copy"/data/recovery.*
    start_cluster "$copy"
}

drop_copy() {
    stop_cluster "$copy" immediate || true
    rm -rf "$copy"
}

# What the log and the new timeline's history say of where recovery stopped; STOP is the LSN of the first
# record that must not be applied.
check_stop() { # check_stop KIND STOP-LSN XID
    local kind=$1 stop=$2 said switch want
    said=$(grep -m 1 -E 'recovery stopping' "$copy/log" || true)
    case $kind in
    lsn)
        [[ $said == *"recovery stopping before WAL location (LSN) \"$stop\""* ]] ||
            echo "the server did not stop before $stop: $said" >>"$problems"
        ;;
    xid | time)
        [[ $said == *"recovery stopping before commit of transaction $3, time "* ]] ||
            echo "the server did not stop before transaction $3: $said" >>"$problems"
        ;;
    esac
    switch=$(awk '$1 == 1 { print $2 }' "$copy/data/pg_wal/00000002.history")
    want=$(lsn_number "$stop")
    if [ "$(lsn_number "$switch")" -ne "$want" ] && [ "$(next_record_start "$(lsn_number "$switch")" "$segment_bytes")" -ne "$want" ]; then
        echo "the last record applied ends at $switch, the next one is not that at $stop" >>"$problems"
    fi
}

check_table() { # check_table INCIDENT TABLE
    local rows
    rows=$(sql "$copy" -c "SELECT count(*) || ' ' || md5(string_agg(t::text, '|' ORDER BY id)) FROM $2 t" 2>&1) || true
    same "$problems" "$2: rows and md5" "$rows" "$(of "$1" rows) $(of "$1" md5)"
    [ "$1" = drop ] || return 0
    rows=$(sql "$copy" -c "SET enable_seqscan = off; SELECT sum(n) FROM (SELECT (SELECT count(*) FROM orders WHERE customer = c) AS n
        FROM generate_series(0, 17) c) x" 2>&1) || true
    same "$problems" 'orders: rows by index' "$rows" "$(of drop rows)"
    rows=$(sql "$copy" -c "SELECT nextval('orders_id_seq') > (SELECT max(id) FROM orders)" 2>&1) || true
    same "$problems" 'orders: its sequence goes on' "$rows" t
}

# check_transactions MODE LOW HIGH TIME SENT ACKED: see judge.awk
check_transactions() {
    local balance
    echo 'not compared' >"$work/counts"
    sql "$copy" -c 'SELECT id FROM journal' >"$work/journal.restored"
    awk -v mode="$1" -v low="$2" -v high="$3" -v time="$4" -v sent="$5" -v acked="$6" \
        -v backup="$(cat "$truth/backup_start")" -v count_file="$work/counts" -f "$here/judge.awk" \
        "$truth/order" "$truth/journal" "$truth/acks" "$work/journal.restored" >>"$problems"
    balance=$(sql "$copy" -c 'SELECT (SELECT sum(balance) FROM accounts) - (SELECT sum(delta) FROM journal)')
    same "$problems" 'accounts against journal' "$balance" 0
}

# Recovery paused at the target: nothing applied from there on; resuming ends it.
pass_pause() { # pass_pause STOP-LSN
    local replayed
    wait_until 'pause' "$copy" 'SELECT pg_is_wal_replay_paused()' 2>>"$problems" || return 0
    replayed=$(sql "$copy" -c 'SELECT pg_last_wal_replay_lsn()')
    [ "$(lsn_number "$replayed")" -le "$(lsn_number "$1")" ] || echo "paused at $replayed, behind $1" >>"$problems"
    sql "$copy" -c 'SELECT pg_wal_replay_resume()' >/dev/null
}

# recover NAME STOP: a copy that has ended its recovery with the settings in $work/NAME.out; fails with a `not ok` if there is none
recover() {
    if [ ! -s "$problems" ] && boot "$work/$1.out"; then
        if grep -q "recovery_target_action *= *'pause'" "$work/$1.out"; then pass_pause "$2"; fi
        if wait_until 'end of recovery' "$copy" 'SELECT NOT pg_is_in_recovery()' 2>>"$problems"; then return; fi
    fi
    { echo 'no restore with:'; cat "$work/$1.out"; tail -n 5 "$copy/log" 2>/dev/null || true; } >>"$problems"
    verdict "$major: $1: restore" "$problems"
    drop_copy
    return 1
}

# restore NAME INCIDENT TABLE KIND STOP MODE OPTION...
#   TABLE   that must be back, or `gone`: the dropped one must not be
#   KIND    of target: lsn, xid or time (`free`: whatever the tool chose)
#   STOP    first record not applied: an LSN, or `any`
#   MODE    exact, near, near-since-sent (the place lies between the moment sent and the commit), or LOW-HIGH (numbers): see judge.awk
restore() {
    local name=$1 incident=$2 table=$3 kind=$4 stop=$5 mode=$6
    shift 6
    : >"$problems"
    ask "$name" "$@"
    restore_settings "$name" "$incident" "$table" "$kind" "$stop" "$mode"
}

# restore_settings NAME INCIDENT TABLE KIND STOP MODE: with the settings in $work/NAME.out
restore_settings() {
    local name=$1 incident=$2 table=$3 kind=$4 stop=$5 mode=$6 low high from=stamp
    if [ "$mode" = near-since-sent ]; then mode=near from=sent; fi
    low=$(commit_position "$incident") high=$low
    if [[ $mode == *-* ]]; then low=${mode%-*} high=${mode#*-} mode=exact; fi
    recover "$name" "$stop" || return 0
    if [ "$stop" != any ]; then
        check_stop "$kind" "$stop" "$(of "$incident" xid)"
        verdict "$major: $name: the server stops right before $stop" "$problems"
        : >"$problems"
    fi
    if [ "$incident" = prepared ]; then
        # The drop is prepared and locks its table until it is rolled back, as the story says.
        grep -qF "ROLLBACK PREPARED 'lost & found'" "$work/$name.err" ||
            echo 'the story does not say how to end the prepared transaction' >>"$problems"
        same "$problems" 'prepared transactions' "$(sql "$copy" -c 'SELECT gid FROM pg_prepared_xacts')" 'lost & found'
        sql "$copy" -c "ROLLBACK PREPARED 'lost & found'" 2>>"$problems" || true
    fi
    if [ "$table" = gone ]; then
        same "$problems" 'orders' "$(sql "$copy" -c "SELECT to_regclass('public.orders') IS NULL")" t
        verdict "$major: $name: the table is gone" "$problems"
    else
        check_table "$incident" "$table"
        verdict "$major: $name: $table is back, every row" "$problems"
    fi
    : >"$problems"
    check_transactions "$mode" "$low" "$high" "$(of "$incident" "$from")" "$(of "$incident" sent)" "$(of "$incident" acked)"
    verdict "$major: $name: every transaction before is there, none after ($(cat "$work/counts"))" "$problems"
    phase "$name"
    drop_copy
}

# boundary LSN: what divides commits in front of a record from the others, in the numbers of $truth/order
boundary() {
    local number
    number=$(lsn_number "$1")
    [ "$oracle" != decoding ] || number=$((number + 1)) # ends, not starts
    echo "$number"
}

# The same for a stop that the tool itself may call inexact (a time target where commit times do not
# rise): then the JSON names the LSN where the server really stops.
restore_by_time() {
    local stop exact commit mode
    : >"$problems"
    ask time-json --before 'DROP TABLE' --target time --format json "$work/pruned"
    stop=$(json_value .target.stops_before_lsn "$work/time-json.out")
    exact=$(json_value .target.exact "$work/time-json.out")
    commit=$(json_value .event.commit_lsn "$work/time-json.out")
    if [ "$exact" = true ]; then
        same "$problems" .target.stops_before_lsn "$stop" "$commit"
        verdict "$major: time: exact means right before the commit" "$problems"
        restore 'time' drop public.orders time "$commit" exact --before 'DROP TABLE' --target time --action promote "$work/pruned"
    else
        same "$problems" .target.exact "$exact" false
        verdict "$major: time: not exact, and it says so" "$problems"
        mode=near
        [ "$oracle" = clock ] || mode=$(boundary "$stop")-$(boundary "$stop")
        restore 'time' drop public.orders free "$stop" "$mode" --before 'DROP TABLE' --target time --action promote "$work/pruned"
    fi
}

# Commit times do not rise with the LSN. For a transaction whose commit follows one with a later time, the
# time target stops too early: the tool must know, and know where.
restore_inverted() {
    local xid stop
    xid=$(awk -F'\t' -v from="$(cat "$truth/backup_stop")" 'FILENAME == ARGV[1] { at[$1] = $2; next }
            $2 > from && $1 in at { print at[$1], $1, $2 }' "$truth/order" "$truth/stamps" |
        sort -n | awk '$3 < latest && xid == "" { xid = $2 } $3 > latest { latest = $3 } END { print xid }')
    if [ -z "$xid" ]; then
        echo "ok - $major: inverted: a time target that stops too early # SKIP all commit times rise in this run"
        return
    fi
    : >"$problems"
    ask inverted-json --before-xid "$xid" --target time --format json "$archive"
    ask inverted --before-xid "$xid" --target time --action promote "$archive"
    fields inverted-json .target.kind time .target.exact false
    stop=$(json_value .target.stops_before_lsn "$work/inverted-json.out")
    recover inverted "$stop" || return 0
    check_stop free "$stop" ''
    verdict "$major: inverted: a time target that stops too early is called so, and stops where it is said to" "$problems"
    : >"$problems"
    check_transactions exact "$(boundary "$stop")" "$(boundary "$stop")" 0 0 9e15
    verdict "$major: inverted: every transaction before that is there, none after ($(cat "$work/counts"))" "$problems"
    phase inverted
    drop_copy
}

commit_lsn=$(json_value .event.commit_lsn "$work/whole.out")
prepared_lsn=$(json_value .event.commit_lsn "$work/two-phase.out")
drop_position=$(commit_position drop)

restore lsn drop public.orders lsn "$commit_lsn" exact --before 'DROP TABLE' "$archive"
restore xid drop public.orders xid "$commit_lsn" exact --before 'DROP TABLE' --target xid --action promote "$work/pruned"
restore_by_time
[ "$oracle" = clock ] || restore_inverted

restore truncate truncate public.invoices free any exact --before 'TRUNCATE' --action promote "$archive"
restore delete delete public.customers free any exact --before 'DELETE FROM public\.customers' --action promote "$archive"
restore prepared prepared '"Sales Dept".shipments' lsn "$prepared_lsn" exact --before 'DROP TABLE .*shipments' "$archive"
restore prepared-xid prepared '"Sales Dept".shipments' xid "$prepared_lsn" exact \
    --before 'DROP TABLE .*shipments' --target xid --action promote "$archive"
restore after drop gone free any exact --after 'DROP TABLE' --action promote "$archive"
restore before-xid drop public.orders lsn "$commit_lsn" exact --before-xid "$(of drop xid)" --action promote "$archive"
# The position was noted before COMMIT was sent: what committed in between may be there or not.
between=near-since-sent
[ -z "$drop_position" ] || between=$(lsn_number "$(of drop before)")-$drop_position
restore before-lsn drop public.orders free any "$between" --before-lsn "$(of drop before)" --action promote "$archive"
restore before-time drop public.orders free any near --before-time "$(of drop time)" --action promote "$archive"

# ---- the checks themselves -----------------------------------------------------------------

# A restore that goes too far must be noticed by what was used above: here the server is told to stop
# behind the drop, a hundred rows of the journal before its end, and no check may be content.
if [ "$major" = 11 ] || [ "$major" = 15 ]; then
    {
        grep -v '^recovery_target' "$work/lsn.out" || true
        echo "recovery_target_xid = '$(tail -n 100 "$truth/journal" | head -n 1 | cut -f 2)'"
        echo "recovery_target_inclusive = 'true'"
        echo "recovery_target_action = 'promote'"
    } >"$work/too-far.out"
    : >"$problems"
    too_far=$(restore_settings too-far drop public.orders lsn "$commit_lsn" exact) || true
    printf '%s\n' "$too_far" >"$problems"
    if [ "$(grep -c '^not ok.*: too-far: \(the server stops\|public.orders is back\|every transaction\)' "$problems")" -eq 3 ]; then
        pass "$major: a restore that goes too far is noticed"
    else
        fail "$major: a restore that goes too far is noticed" "$problems"
    fi
    drop_copy
fi

exit $((failures > 0))
