#!/usr/bin/env bash
# One major: --write, tools/pitr-restore and --dsn with real servers.
#
#   tests/servers/restore.sh PITR-FIND MAJOR
#
# Proves, for the server of that major:
# - what --write puts into a restored data directory, among leftover targets of all kinds, makes the server stop
#   right before the incident; and that it refuses the same directory while the server runs, and afterwards;
# - (11, 15, 18) the commands that the manual shows for tools/pitr-restore bring the table back with every row, from
#   a directory and from tar archives with a tablespace, and the dump of it goes back into the production server;
#   what goes wrong ends with a clear line, the right exit status, and nothing left that was not there;
# - (11, 15, 17) names that neither WAL nor backup hold come from the live server of the cluster, in the right
#   database, by sessions that only read; a refusing server and one of another cluster are errors.
# What is expected comes from the server alone.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

pitr_find=$1
major=$2
pitr_restore=$repository/tools/pitr-restore

if ! use_major "$major"; then
    echo "ok - $major: restored from a backup # SKIP $reason"
    exit 0
fi

work_in restore archive space
source=$work/source copy=$work/copy

# ---- an original server ----------------------------------------------------------------------

make_cluster "$source" "$major" 1 <<-SETTINGS
	wal_level = replica
	archive_mode = on
	archive_command = 'test ! -f $work/archive/%f && cp %p $work/archive/%f'
	max_prepared_transactions = 5
	autovacuum = off
	log_statement = all
SETTINGS
start_cluster "$source"
database=postgres sql "$source" -c 'CREATE DATABASE shop' -c 'CREATE DATABASE other' -c "CREATE TABLESPACE fast LOCATION '$work/space'"
for database in shop other; do
    sql "$source" <<-SQL
	CREATE SCHEMA sales;
	CREATE TABLE public.orders (id int PRIMARY KEY, note text);
	INSERT INTO public.orders SELECT i, 'order ' || i FROM generate_series(1, 1000) i;
	CREATE TABLE sales.ledger (id int, amount int) TABLESPACE fast;
	INSERT INTO sales.ledger SELECT i, i FROM generate_series(1, 300) i;
	CREATE TABLE sales.shipments (id int);
	INSERT INTO sales.shipments SELECT i FROM generate_series(1, 50) i;
	SQL
done
database=shop
step='original server'

# switch: everything so far is in the archive
switch() {
    local last
    last=$(sql "$source" -c 'SELECT pg_walfile_name(pg_switch_wal())')
    wait_until 'archiving' "$source" "SELECT last_archived_wal >= '$last' FROM pg_stat_archiver"
}

early_lsn=$(sql "$source" -c 'SELECT pg_current_wal_lsn()')
sql "$source" -c 'CREATE TABLE before_the_backup ()' -c 'SELECT pg_switch_wal()' >/dev/null
start="pg_backup_start('base', true)" stop='pg_backup_stop()'
[ "$major" -ge 15 ] || { start="pg_start_backup('base', true, false)" stop='pg_stop_backup(false)'; }
mkdir "$work/backup"
give_to_owner "$work/backup"
sql "$source" >"$work/backup.log" 2>&1 <<-SQL
	SELECT $start;
	\! cp -a '$source/data/.' '$work/backup'
	CREATE TEMP TABLE stop AS SELECT * FROM $stop;
	\t on
	\o '$work/backup_label'
	SELECT labelfile FROM stop;
	\o '$work/tablespace_map'
	SELECT spcmapfile FROM stop;
SQL
rm -rf "$work"/backup/postmaster.* "$work"/backup/pg_wal/* "$work"/backup/pg_replslot/*
printf '%s\n' "$(cat backup_label)" >backup/backup_label
printf '%s\n' "$(cat tablespace_map)" >backup/tablespace_map
give_to_owner "$work/backup"
space=$(sql "$source" -c "SELECT oid FROM pg_tablespace WHERE spcname = 'fast'")
[ "$(cat tablespace_map)" = "$space $work/space" ]
backup_segment=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p' backup_label)
# The backup's own copy of the tablespace; the original goes on.
cp -a space space-of-backup
step='backup'

sql "$source" -c "INSERT INTO public.orders SELECT i, 'late' FROM generate_series(1001, 1010) i" -c 'UPDATE sales.ledger SET amount = 0'
xid=$(sql "$source" -c 'BEGIN' -c 'SELECT txid_current()' -c 'DROP TABLE public.orders' -c 'COMMIT')
database=other sql "$source" -c 'DROP TABLE public.orders'
sql "$source" -c BEGIN -c 'DROP TABLE sales.shipments' -c "PREPARE TRANSACTION 'the gid'" -c "COMMIT PREPARED 'the gid'"
sql "$source" -c 'CREATE TABLE after_it ()'
shop=$(sql "$source" -c "SELECT oid FROM pg_database WHERE datname = 'shop'")
sales=$(sql "$source" -c "SELECT oid FROM pg_namespace WHERE nspname = 'sales'")
ledger=$(sql "$source" -c "SELECT relfilenode FROM pg_class WHERE relname = 'ledger'")
switch
mkdir pruned # as if older segments had been expired
for file in archive/*; do
    if [[ ! $(basename "$file") < $backup_segment ]]; then ln "$file" pruned/; fi
done
# WAL without a single page of a catalog.
sql "$source" -c CHECKPOINT
quiet_segment=$(sql "$source" -c 'SELECT pg_walfile_name(pg_current_wal_lsn())')
sql "$source" -c 'UPDATE sales.ledger SET amount = 1'
switch
mkdir quiet
for file in archive/*; do
    if [[ ! $(basename "$file") < $quiet_segment ]]; then ln "$file" quiet/; fi
done
step='incidents'

# A subtransaction that only the end of its transaction names, two segments later.
nested_from=$(sql "$source" -c 'SELECT pg_current_wal_lsn()')
sql "$source" >nested <<-SQL
	BEGIN;
	SELECT txid_current();
	SAVEPOINT s;
	CREATE TABLE nested (id int);
	INSERT INTO nested VALUES (1);
	SELECT xmin FROM nested;
	RELEASE s;
	SELECT pg_current_wal_insert_lsn();
	SELECT pg_walfile_name(pg_switch_wal());
	INSERT INTO nested VALUES (2);
	SELECT pg_switch_wal();
	INSERT INTO nested VALUES (3);
	SELECT pg_switch_wal();
	COMMIT;
SQL
{ read -r nested_xid && read -r nested_subxid && read -r nested_to && read -r nested_segment; } <nested
switch
step='nested transaction'

# The server's programs need their own libraries.
mkdir bin
for name in postgres pg_ctl pg_controldata; do
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s/lib exec %s/bin/%s "$@"\n' "$server_native" "$server_native" "$name" >bin/$name
    chmod 755 bin/$name
done

B=$work/backup A=$work/pruned NEW=$work/new
# manual WORDS: the block of commands with these words in the manual, with the folders of this test. To be run by eval, in
# a subshell, with the programs under test in place of the installed ones.
manual() {
    awk -v words="$1" '/^```/ { if (index(block, words)) { printf "%s", block; exit } is_it = $0 == "```sh"; block = ""; next }
        is_it { block = block $0 "\n" }' "$repository"/docs/manual/pitr-restore.md "$repository"/docs/manual/target.md |
        sed -e "s|/backups/base|$B|g; s|/wal_archive|$A|g; s|/restored|$NEW|g; s|/var/lib/postgresql/restore|$copy/data|g"
}
run_manual() { # run_manual WORDS: stdout to out, stderr to err, status to $status
    local commands
    commands=$(manual "$1")
    [[ $commands == *pitr-find* || $commands == *pitr-restore* ]] || echo "the manual has no block $1" >>"$problems"
    status=0
    (
        pitr-find() { "$pitr_find" "$@"; }
        pitr-restore() { "$pitr_restore" "${restore_options[@]}" --pitr-find "$pitr_find" "$@"; }
        psql() { sql "$source" "$@"; }
        set -o pipefail
        eval "$commands"
    ) >out 2>err </dev/null || status=$?
}

problems=$work/problems
run() { # run COMMAND...: stdout to out, stderr to err, status to $status
    status=0
    "$@" >out 2>err </dev/null || status=$?
}
expect_status() { [ "$status" -eq "$1" ] || { echo "status $status, not $1"; cat err; } >>"$problems"; }
expect_err() { grep -qF -- "$1" err || { echo "stderr has no: $1"; cat err; } >>"$problems"; }

# ---- dump ------------------------------------------------------------------------------------

# expect_nested STATUS: the records of the transaction before $nested_to, from a command
expect_nested() {
    run "$pitr_find" dump --xid "$nested_xid" --from-lsn "$nested_from" --to-lsn "$nested_to" --from-command "cp $work/archive/%f %p"
    expect_status "$1"
    grep -qE "tx: +$nested_xid," out || { echo "no record of $nested_xid"; cat out; } >>"$problems"
}
: >"$problems"
expect_nested 0
grep -qE "tx: +$nested_subxid," out || { echo "no record of subtransaction $nested_subxid"; cat out; } >>"$problems"
mkdir later
for file in archive/*; do
    if [[ $(basename "$file") > $nested_segment ]]; then mv "$file" later/; fi
done
expect_nested 3
expect_err "transaction $nested_xid does not end in the WAL read here"
mv later/* archive
verdict "$major: dump: a subtransaction that is named after the range, by WAL that a command fetches" "$problems"

# ---- --write ---------------------------------------------------------------------------------

# The backup in $copy, restored by hand.
restore_copy() {
    cp -a backup copy-data
    mkdir "$copy"
    mv copy-data "$copy/data"
    rm "$copy/data/tablespace_map" # its tablespace is a folder of its own
    cp -a space-of-backup "$copy/space"
    ln -sfn "$copy/space" "$copy/data/pg_tblspc/$space"
    printf "unix_socket_directories = '%s'\narchive_mode = off\nhot_standby = on\n" "$copy" >>"$copy/data/postgresql.conf"
    give_to_owner "$copy"
}

# recover_copy: its server gets to the place before $commit.
recover_copy() {
    start_cluster "$copy" || tail -n 5 "$copy/log" >>"$problems"
    wait_until 'pause' "$copy" 'SELECT pg_is_wal_replay_paused()' 2>>"$problems" || true
    grep -qF "recovery stopping before WAL location (LSN) \"$commit\"" "$copy/log" ||
        { echo "no stop before $commit"; grep -E 'recovery|FATAL' "$copy/log"; } >>"$problems"
}

: >"$problems"
restore_copy
if [ "$major" -ge 12 ]; then
    echo "include 'left.conf'" >>"$copy/data/postgresql.conf"
    echo "recovery_target_time = '2020-01-01 00:00:00+00'" >"$copy/data/left.conf"
    printf "recovery_target_xid = '5'\nrecovery_target_inclusive = 'true'\n" >>"$copy/data/postgresql.auto.conf"
else
    echo "standby_mode = 'on'" >"$copy/data/recovery.conf"
    echo "recovery_target_xid = '5'" >>"$copy/data/postgresql.auto.conf"
fi
give_to_owner "$copy"
run_manual ' --write '
expect_status 0
[ "$major" -lt 12 ] || expect_err 'postgresql.conf sets recovery_target_time: unset by postgresql.auto.conf'
run "$pitr_find" --before 'DROP TABLE public\.orders' --database shop --format json --write "$copy/data" pruned
expect_status 0
expect_err 'earlier pitr-find'
same "$problems" 'xid' "$(json_value .event.xid out)" "$xid"
commit=$(json_value .event.commit_lsn out)
[ -z "$(find "$copy/data" -maxdepth 1 ! -user "$(stat -c %U "$copy/data")")" ] || echo 'a file belongs to somebody else' >>"$problems"
recover_copy
verdict "$major: --write: the server stops right before the drop, leftover targets or not" "$problems"

: >"$problems"
run "$pitr_find" --before 'DROP TABLE public\.orders' --database shop --backup backup --write "$copy/data" pruned
expect_status 2
expect_err "a server runs in \"$copy/data\" (process $(head -1 "$copy/data/postmaster.pid")): stop it first"
verdict "$major: --write refuses a directory with a running server" "$problems"

: >"$problems"
sql "$copy" -c 'SELECT pg_wal_replay_resume()' >/dev/null
wait_until 'end of recovery' "$copy" 'SELECT NOT pg_is_in_recovery()' 2>>"$problems" || true
same "$problems" 'rows' "$(sql "$copy" -c 'SELECT count(*) FROM orders')" 1010
sql "$copy" -c CHECKPOINT
reached=$(sql "$copy" -c 'SELECT checkpoint_lsn FROM pg_control_checkpoint()' 2>>"$problems") || true
stop_cluster "$copy" immediate
run "$pitr_find" --before 'DROP TABLE public\.orders' --database shop --backup backup --write "$copy/data" pruned
expect_status 2
expect_err "nothing written: \"$copy/data\" is newer than the target: it stands at $reached, the target is at $commit"
verdict "$major: --write: every row is back; refuses the directory that went on from there" "$problems"
rm -rf "$copy"

# A copy that broke off under the plain name, and the whole one packed beside it; another one packed under a plain name.
: >"$problems"
odd=$(sql "$source" -c "SELECT pg_walfile_name('$commit')")
mkdir odd
cp pruned/* odd
gzip -c "pruned/$odd" >"odd/$odd.gz"
head -c 60000 "pruned/$odd" >"odd/$odd"
gzip -c "pruned/$backup_segment" >"odd/$backup_segment"
give_to_owner "$work/odd"
cp "$pitr_find" bin/pitr-find
server_environment=("PATH=$work/bin:$PATH")
restore_copy
run "$pitr_find" --before 'DROP TABLE public\.orders' --database shop --write "$copy/data" odd
expect_status 0
recover_copy
server_environment=()
sql "$copy" -c 'SELECT pg_wal_replay_resume()' >/dev/null 2>>"$problems" || true
wait_until 'end of recovery' "$copy" 'SELECT NOT pg_is_in_recovery()' 2>>"$problems" || true
same "$problems" 'rows' "$(sql "$copy" -c 'SELECT count(*) FROM orders' 2>&1)" 1010
stop_cluster "$copy" immediate
verdict "$major: the server gets the whole copy of two, and what is packed under a plain name" "$problems"
rm -rf "$copy" odd
step='--write'

# ---- tools/pitr-restore ----------------------------------------------------------------------

restore_options=(--bindir "$work/bin" --port "$port" --tablespace "$space=$work/space-of-backup")
restore() { run "$pitr_restore" "${restore_options[@]}" --pitr-find "$pitr_find" --backup "$B" --archive "$A" --into "$NEW" "$@"; }
gone() { # nothing runs, nothing is there
    [ ! -e "$NEW" ] || echo "$NEW is there" >>"$problems"
}
remove_new() {
    if [ -e "$NEW/data/postmaster.pid" ]; then server pg_ctl -D "$NEW/data" -w -m immediate stop >/dev/null 2>&1 || true; fi
    rm -rf "$NEW"
}

test_pitr_restore() {
    : >"$problems"
    space_before=$(find space -type f -exec cksum {} + | sort)
    run_manual 'pitr-restore --backup /backups/base --archive /wal_archive --into /restored --expect-table'
    expect_status 0
    expect_err "recovery stopping before WAL location (LSN) \"$commit\""
    expect_err 'table orders of database shop is there: 1010 rows'
    expect_err 'the server is stopped'
    [ -d "$NEW/data" ] && [ ! -e "$NEW/data/postmaster.pid" ] || echo "not there, or still running" >>"$problems"
    same "$problems" 'the tablespace of the original' "$(find space -type f -exec cksum {} + | sort)" "$space_before"
    same "$problems" 'its link' "$(readlink "$NEW/data/pg_tblspc/$space")" "$NEW/tablespaces/$space"
    verdict "$major: pitr-restore: the manual's commands bring the table back" "$problems"

    : >"$problems"
    cksum <"$NEW/data/PG_VERSION" >before
    restore --before 'DROP TABLE public\.orders'
    expect_status 2
    expect_err "$NEW is there already, and not empty"
    cksum <"$NEW/data/PG_VERSION" | cmp -s - before || echo 'touched' >>"$problems"
    [ "$(wc -l <err)" -eq 1 ] || cat err >>"$problems"
    verdict "$major: pitr-restore refuses a folder that is not empty" "$problems"
    remove_new

    : >"$problems"
    if [ "$("$(client_folder)/pg_dump" --version | grep -oE '[0-9]+' | head -1)" -ge "$major" ]; then
        run_manual ' --dump '
        expect_status 0
        expect_err "dumped to $work/orders.sql; load it into the production server, where no such table may be, with: psql -v ON_ERROR_STOP=1 --single-transaction -d shop -f "
        expect_err "removed $NEW"
        gone
        same "$problems" 'rows in the production server' "$(sql "$source" -c "SELECT count(*), count(*) FILTER (WHERE note = 'late') FROM public.orders")" '1010|10'
        # Loaded once more it finds the table, and leaves it as it is.
        ! sql "$source" --single-transaction -v ON_ERROR_STOP=1 -f "$work/orders.sql" >/dev/null 2>&1 || echo 'loaded twice' >>"$problems"
        same "$problems" 'rows after a second load' "$(sql "$source" -c "SELECT count(*) FROM public.orders")" 1010
        sql "$source" -c 'DROP TABLE public.orders' 2>>"$problems" || true
        verdict "$major: the manual's commands dump the table, and load it into the production server" "$problems"
    else
        echo "ok - $major: pitr-restore dumps the table # SKIP pg_dump is older than the server"
        restore --before 'DROP TABLE public\.orders' --pick first --expect-table public.orders --dump "$work/orders.sql" --remove
        expect_status 1
        expect_err 'failed: pg_dump: '
        [ ! -e orders.sql ] && [ ! -e orders.sql.part ] || echo 'a dump is there' >>"$problems"
        verdict "$major: pitr-restore: a pg_dump that is too old is a failed check" "$problems"
        remove_new
    fi

    : >"$problems"
    restore --before 'DROP TABLE public\.orders' --pick first --expect-table public.orders --count 1011+ --expect-table public.nothing --remove
    expect_status 1
    expect_err 'failed: table public.orders has 1010 rows, not 1011+'
    expect_err 'failed: there is no table public.nothing in database shop'
    remove_new
    verdict "$major: pitr-restore: too few rows, and a table that is not there" "$problems"

    # The same name in another database: that has its own rows.
    : >"$problems"
    restore --before 'DROP TABLE public\.orders' --pick last --expect-table public.orders --count 1000
    expect_status 0
    expect_err 'table orders of database other is there: 1000 rows'
    remove_new
    verdict "$major: pitr-restore: a table of another database with the same name" "$problems"

    : >"$problems"
    restore --before 'DROP TABLE sales\.shipments' --expect-table sales.shipments
    expect_status 1
    expect_err "in doubt: prepared transaction 'the gid' (to end it: --rollback-prepared 'the gid')"
    expect_err 'failed: table sales.shipments cannot be read'
    remove_new
    restore --before 'DROP TABLE sales\.shipments' --expect-table sales.shipments --rollback-prepared 'the gid' --count 50
    expect_status 0
    remove_new
    verdict "$major: pitr-restore: a prepared drop locks its table until it is rolled back" "$problems"

    : >"$problems"
    status=0
    "$pitr_find" --before-lsn "$early_lsn" archive 2>story | "$pitr_restore" "${restore_options[@]}" --backup "$B" --archive "$A" --into "$NEW" >out 2>err || status=$?
    expect_status 2
    expect_err 'the server did not recover: FATAL:  requested recovery stop point is before consistent recovery point (the backup is newer than the target: restore an older one)'
    expect_err "left for a look: $NEW"
    [ ! -e "$NEW/data/postmaster.pid" ] || echo 'it runs' >>"$problems"
    remove_new
    verdict "$major: pitr-restore: a backup that is newer than the target" "$problems"

    : >"$problems"
    mkdir short
    ln pruned/"$backup_segment" short/
    "$pitr_find" -q --before 'DROP TABLE public\.orders' --database shop --backup "$B" "$A" >conf
    sed "s|$work/pruned/|$work/short/|" conf >short.conf
    status=0
    "$pitr_restore" "${restore_options[@]}" --backup "$B" --into "$NEW" --expect-table public.orders <short.conf >out 2>err || status=$?
    expect_status 2
    grep -qE 'the archive ends before (the target|it), or a segment is missing' err || cat err >>"$problems"
    remove_new
    mkdir -p above/wal
    ln short/* above/wal/
    status=0
    "$pitr_restore" "${restore_options[@]}" --backup "$B" --archive above --into "$NEW" <conf >out 2>err || status=$?
    expect_status 2
    expect_err "$work/above has no WAL segments itself, and $work/above/wal has some: name that with --archive"
    gone
    rm -rf short above
    verdict "$major: pitr-restore: an archive that ends before the target" "$problems"

    : >"$problems"
    status=0
    true | "$pitr_restore" "${restore_options[@]}" --backup "$B" --archive "$A" --into "$NEW" >out 2>err || status=$?
    expect_status 2
    expect_err 'no recovery target on standard input'
    gone
    printf "recovery_target_lsn = '0/1'\narchive_command = 'true'\n" |
        "$pitr_restore" "${restore_options[@]}" --backup "$B" --archive "$A" --into "$NEW" >out 2>err && echo 'taken' >>"$problems"
    expect_err 'what came in is not what pitr-find prints: archive_command'
    gone
    run "$pitr_restore" --bindir "$work/bin" --pitr-find "$pitr_find" --backup "$B" --archive "$A" --into "$NEW" --before 'DROP TABLE public\.orders'
    expect_status 2
    expect_err "the backup has a tablespace $space (linked to $work/space), and no $space.tar: say where its copy lies with --tablespace $space=DIR"
    gone
    chmod 700 "$A"
    if [ "$(id -u)" = 0 ]; then
        chown root "$A"
        restore --before 'DROP TABLE public\.orders'
        expect_status 2
        expect_err "restore_command does not give $backup_segment, where recovery begins, to user postgres"
        gone
    fi
    give_to_owner "$A"
    chmod 755 "$A"
    verdict "$major: pitr-restore: nothing is left of what could not begin" "$problems"

    # pg_basebackup -Ft: base.tar with a tablespace_map, and OID.tar beside it.
    : >"$problems"
    mkdir tars
    (cd backup && tar --exclude="pg_tblspc/$space" -czf ../tars/base.tar.gz -- *)
    (cd space-of-backup && tar -cf "../tars/$space.tar" -- *)
    status=0
    "$pitr_find" --before 'DROP TABLE public\.orders' --database shop --backup tars "$A" 2>story |
        "$pitr_restore" --bindir "$work/bin" --port "$port" --backup tars --archive "$A" --into "$NEW" --expect-table sales.ledger --count 300 --keep-running >out 2>err || status=$?
    [ "$status" -eq 0 ] || cat story >>"$problems"
    expect_status 0
    expect_err "tablespace $space is in $NEW/tablespaces/$space"
    expect_err 'the server runs: psql -h'
    same "$problems" 'where it lies' "$(sql "$NEW" -c 'SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = $$fast$$')" "$NEW/tablespaces/$space"
    same "$problems" 'it archives' "$(sql "$NEW" -c 'SHOW archive_mode')" off
    same "$problems" 'it listens' "$(sql "$NEW" -c 'SHOW listen_addresses')" ''
    same "$problems" 'the tablespace of the original' "$(find space -type f -exec cksum {} + | sort | wc -l)" "$(wc -l <<<"$space_before")"
    remove_new
    verdict "$major: pitr-restore: from tar archives, with a tablespace, left running" "$problems"

    if [ "$major" -ge 12 ]; then
        : >"$problems"
        restore --before 'DROP TABLE public\.orders' --database shop --set recovery_min_apply_delay=10h --timeout 4
        expect_status 2
        expect_err 'recovery has not reached the target after 4 s (--timeout)'
        [ ! -e "$NEW/data/postmaster.pid" ] || echo 'it runs' >>"$problems"
        remove_new
        verdict "$major: pitr-restore gives up after a while, and leaves no server" "$problems"
    fi

    # Ended by a signal while it recovers: the server waits long for its first segment. The signal may not come before it
    # has begun: a shell that has forked and not yet executed loses a signal that its parent has a trap for.
    : >"$problems"
    "$pitr_find" -q --before 'DROP TABLE public\.orders' --database shop --backup "$B" "$A" |
        sed "s/^restore_command = '/&case %p in pg_*) sleep 30;; esac; /" >slow
    grep -q 'sleep 30' slow || echo 'no restore_command to slow down' >>"$problems"
    : >err
    "$pitr_restore" "${restore_options[@]}" --backup "$B" --into "$NEW" --expect-table public.orders >out 2>err <slow &
    for _ in {1..600}; do # after 10 s or, on a busy machine, somewhat later
        if grep -q 'recovering for [0-9]* s' err; then break; fi
        nap 0.1
    done
    kill -TERM $!
    status=0
    wait $! || status=$?
    expect_status 143
    expect_err 'the server is stopped; what was restored is left for a look'
    [ ! -e "$NEW/data/postmaster.pid" ] || echo 'it runs' >>"$problems"
    remove_new
    verdict "$major: pitr-restore ended by a signal leaves no server" "$problems"

    # Without a check a server that pauses is left so: a restored server gives names.
    : >"$problems"
    restore --before 'DROP TABLE public\.orders' --database shop --keep-running
    expect_status 0
    expect_err 'the server runs, paused at the target'
    expect_err 'while it pauses, psql waits for a table that the stopped transaction had locked'
    same "$problems" 'paused' "$(sql "$NEW" -c 'SELECT pg_is_wal_replay_paused()')" t
    run "$pitr_find" --before 'DROP TABLE public\.orders' --database shop --format json --dsn "host=$NEW port=$port user=postgres" "$A"
    expect_status 0
    same "$problems" 'database' "$(json_value .event.database out)" "{\"oid\":$shop,\"name\":\"shop\",\"name_source\":\"server\"}"
    remove_new
    verdict "$major: pitr-restore: left paused at the target, a server to ask for names" "$problems"
}
case $major in 11 | 15 | 18) test_pitr_restore ;; esac
step='pitr-restore'

# ---- --dsn -----------------------------------------------------------------------------------

# reload_hba < RULES: when it returns, the server judges by them. It says when it begins to read its files, and takes
# no connection before it is done.
reload_hba() {
    local told tries=1200
    cat >"$source/data/pg_hba.conf"
    told=$(grep -c 'received SIGHUP' "$source/log") || true
    kill -HUP "$(head -n 1 "$source/data/postmaster.pid")"
    while [ "$(grep -c 'received SIGHUP' "$source/log")" -le "$told" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo 'the server does not reload' >>"$problems" && return; }
        nap 0.05
    done
}

test_dsn() {
    local dsn="host=$source port=$port user=postgres"
    : >"$problems"
    run "$pitr_find" events --format json 'UPDATE' quiet
    same "$problems" 'without names' "$(json_value .text out)" "UPDATE [filenode $ledger]"
    cp out without
    : >"$source/log"
    run "$pitr_find" events --format json --dsn "$dsn" 'UPDATE' quiet
    expect_status 0
    same "$problems" 'with names' "$(json_value .text out)" 'UPDATE sales.ledger'
    same "$problems" 'schema' "$(json_value .schema out)" "{\"oid\":$sales,\"name\":\"sales\",\"name_source\":\"server\"}"
    same "$problems" 'database' "$(json_value .database out)" "{\"oid\":$shop,\"name\":\"shop\",\"name_source\":\"server\"}"
    same "$problems" 'object' "$(json_value '.object | .name + " " + .name_source' out)" 'ledger server'
    same "$problems" 'rows and xid' "$(json_value '[.rows, .xid]' out)" "$(json_value '[.rows, .xid]' without)"
    verdict "$major: --dsn: a table, its schema and database are named by the live server" "$problems"

    : >"$problems"
    grep -E 'statement: ' "$source/log" | grep -vE 'statement: +(SELECT|SET default_transaction_read_only = on)' >>"$problems" || true
    grep -q 'default_transaction_read_only = on; SET statement_timeout' "$source/log" || echo 'no read-only session' >>"$problems"
    verdict "$major: --dsn: its sessions only read" "$problems"

    : >"$problems"
    for db in shop other; do
        run "$pitr_find" --before 'DROP TABLE public\.orders' --database "$db" --format json --dsn "$dsn" "$A"
        expect_status 0
        same "$problems" "$db" "$(json_value .event.database.name out)" "$db"
        if [ "$db" = shop ]; then same "$problems" "xid in $db" "$(json_value .event.xid out)" "$xid"
        elif [ "$(json_value .event.xid out)" = "$xid" ]; then echo "the drop in shop, not that in other" >>"$problems"; fi
        expect_err 'from the server, as it is called there now'
    done
    verdict "$major: --dsn: a table of another database with the same name" "$problems"

    # WAL and backup come first: the table has another name on the server by now.
    : >"$problems"
    sql "$source" -c 'ALTER TABLE sales.ledger RENAME TO journal'
    run "$pitr_find" events --format json --backup backup --dsn "$dsn" 'UPDATE' quiet
    same "$problems" 'with a backup' "$(json_value '.text + " " + .object.name_source' out)" 'UPDATE sales.ledger backup'
    run "$pitr_find" events --format json --dsn "$dsn" 'UPDATE' quiet
    same "$problems" 'without' "$(json_value '.text + " " + .object.name_source' out)" 'UPDATE sales.journal server'
    sql "$source" -c 'ALTER TABLE sales.journal RENAME TO ledger'
    verdict "$major: --dsn: the names of a backup come before those of the server" "$problems"

    : >"$problems"
    sql "$source" -c "SET password_encryption = 'md5'" -c "CREATE ROLE reader LOGIN PASSWORD 'xyzzy'"
    cp "$source/data/pg_hba.conf" hba
    printf 'local other all reject\nlocal all reader md5\nlocal all all trust\n' | reload_hba
    run "$pitr_find" events --format json --dsn "host=$source port=$port user=reader password=plugh dbname=shop" 'UPDATE' quiet
    expect_status 2
    expect_err 'password authentication failed'
    grep -q 'plugh' err && echo 'the password is shown' >>"$problems"
    run "$pitr_find" events --format json --dsn "host=$source port=$port user=reader dbname=shop" 'UPDATE' quiet
    expect_status 2
    expect_err 'no password supplied'
    printf '*:*:*:reader:xyzzy\n' >pgpass
    chmod 600 pgpass
    run env PGPASSFILE="$work/pgpass" "$pitr_find" events --format json --dsn "host=$source port=$port user=reader dbname=shop" 'UPDATE' quiet
    expect_status 0
    same "$problems" 'as a plain role' "$(json_value .text out)" 'UPDATE sales.ledger'
    expect_err 'warning: no names from database other: cannot connect to the server of --dsn'
    printf 'local all all reject\n' | reload_hba
    run "$pitr_find" events --dsn "$dsn" 'UPDATE' quiet
    expect_status 2
    expect_err 'cannot connect to the server of --dsn'
    [ "$(wc -l <err)" -eq 1 ] || cat err >>"$problems"
    reload_hba <hba
    verdict "$major: --dsn: passwords by libpq's means, databases and servers that refuse" "$problems"

    : >"$problems"
    run "$pitr_find" events --dsn "$dsn" "$repository/tests/fixtures/pg14/wal"
    expect_status 2
    expect_err "the server of --dsn is PostgreSQL $major, and the WAL is of 14: give a server of this cluster"
    run "$pitr_find" events --dsn "$dsn" "$repository/tests/fixtures/pg$major/wal"
    expect_status 2
    expect_err 'the server of --dsn is of another cluster (system identifier'
    verdict "$major: --dsn: a server of another cluster" "$problems"
}
case $major in 11 | 15 | 17) test_dsn ;; esac

exit $((failures > 0))
