# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # names shared with run.sh, which sources this
# Real archives, made on the spot: one server feeds every archiver at once. To be sourced by run.sh, after
# tests/servers/lib.sh. All of it lies in $work:
#
#   aside/                      what archive_command was given, copied: the oracle reads this and nothing else
#   pipe/{gzip,lz4,zstd,bzip2,xz}   `TOOL < %p > FILE` pipelines
#   pgbackrest/NAME/            a repository each (NAME.conf): none gz bz2 lz4 zst encrypted
#   barman/{filed,streamed}     Barman's home: wals packed by gzip; streaming
#   receive/{plain,gz,lz4}      pg_receivewal, running; receive/{plain,gz,lz4}-killed: ended by SIGKILL
#   stream/{plain,gz}           pg_basebackup -X stream -F tar
#   base/                       the base backup that is restored

pipes=(gzip lz4 zstd bzip2 xz)
repositories=(none gz bz2 lz4 zst encrypted)
receivers=(plain gz lz4 plain-killed gz-killed lz4-killed)
declare -A pipe_suffix=([gzip]=.gz [lz4]=.lz4 [zstd]=.zst [bzip2]=.bz2 [xz]=.xz)
passphrase='correct horse battery staple'
background=() # processes of ours, ended by stop_background

client() { # client PROGRAM ARG...: one of PostgreSQL's own clients, as the servers' owner
    local name=$1
    shift
    as_owner "$server_native/bin/$name" "$@"
}

# in_background COMMAND...: its pid in $!; output goes to $work/background.log. No runuser, which would be a process
# between us and it, and does not pass SIGKILL on.
in_background() {
    local as=()
    [ "$(id -u)" != 0 ] || as=(setpriv --reuid=postgres --regid=postgres --init-groups)
    "${as[@]}" "$@" >>"$work/background.log" 2>&1 </dev/null &
    background+=($!)
}

stop_one() { # stop_one PID SIGNAL
    kill "-$2" "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
stop_background() {
    local pid
    for pid in ${background[@]+"${background[@]}"}; do stop_one "$pid" TERM; done
    background=()
}

# ---- pgBackRest ----------------------------------------------------------------------------

# configure_pgbackrest NAME DATA: (again) for the server of another data directory.
configure_pgbackrest() {
    local name=$1 data=$2 socket=$3 type=$1
    [ "$name" != encrypted ] || type=gz
    mkdir -p "$work/pgbackrest/$name" "$work/pgbackrest/spool" "$work/pgbackrest/log"
    {
        echo "[global]"
        echo "repo1-path=$work/pgbackrest/$name"
        echo "compress-type=$type"
        echo "archive-check=n"
        echo "archive-timeout=60"
        echo "spool-path=$work/pgbackrest/spool"
        echo "lock-path=$work/pgbackrest/spool"
        echo "log-path=$work/pgbackrest/log"
        echo "log-level-console=warn"
        echo "log-level-file=off"
        [ "$name" != encrypted ] || printf '%s\n' repo1-cipher-type=aes-256-cbc "repo1-cipher-pass=$passphrase"
        echo "[main]"
        echo "pg1-path=$data"
        echo "pg1-socket-path=$socket"
        echo "pg1-port=$port"
        echo "pg1-user=postgres"
    } >"$work/pgbackrest/$name.conf"
    give_to_owner "$work/pgbackrest"
}

make_pgbackrest() {
    local name
    for name in "${repositories[@]}"; do
        configure_pgbackrest "$name" "$source/data" "$source"
        as_owner pgbackrest --config="$work/pgbackrest/$name.conf" --stanza=main --no-online stanza-create
    done
}

# Base backups of pgBackRest's own.
backed_up=(gz encrypted)
make_pgbackrest_backups() {
    local name
    for name in "${backed_up[@]}"; do
        as_owner pgbackrest --config="$work/pgbackrest/$name.conf" --stanza=main --start-fast --type=full backup
    done
}

# ---- Barman --------------------------------------------------------------------------------

barman_of() { as_owner env HOME="$work/barman" barman -q -c "$work/barman/barman.conf" "$@"; }

configure_barman() {
    local server
    mkdir -p "$work/barman/filed/incoming" "$work/barman/streamed" "$work/barman/lock"
    cat >"$work/barman/barman.conf" <<CONF
[barman]
barman_user = postgres
barman_home = $work/barman
barman_lock_directory = $work/barman/lock
log_file = $work/barman/log
log_level = WARNING
backup_method = postgres
immediate_checkpoint = true
path_prefix = $server_native/bin
CONF
    for server in filed streamed; do
        cat >>"$work/barman/barman.conf" <<CONF
[$server]
description = $server
conninfo = host=$source port=$port user=postgres dbname=postgres
streaming_conninfo = host=$source port=$port user=postgres
CONF
    done
    cat >>"$work/barman/barman.conf" <<CONF
streaming_archiver = on
slot_name = barman
CONF
    sed -i '/^description = filed/a archiver = on\ncompression = gzip' "$work/barman/barman.conf"
    give_to_owner "$work/barman"
}

# Barman throws away WAL from before its first backup.
make_barman() {
    barman_of receive-wal --create-slot streamed
    in_background env HOME="$work/barman" barman -q -c "$work/barman/barman.conf" receive-wal streamed
    local server
    wait_until 'streaming to Barman' "$source" "SELECT count(*) > 0 FROM pg_stat_replication WHERE application_name = 'barman_receive_wal'"
    switch_and_archive
    for server in filed streamed; do
        barman_of archive-wal "$server"
        barman_of backup "$server"
    done
}

# ---- pg_receivewal -------------------------------------------------------------------------

declare -A receiver_pid=()
make_receivers() {
    local name method
    for name in "${receivers[@]}"; do
        mkdir -p "$work/receive/$name"
        give_to_owner "$work/receive"
        case $name in
        gz*) method=(-Z gzip:6) ;;
        lz4*) method=(-Z lz4) ;;
        *) method=() ;;
        esac
        [[ $name != *-killed ]] || method+=(--synchronous)
        client pg_receivewal -h "$source" -p "$port" -U postgres -S "receive_${name//-/_}" --create-slot
        in_background "$server_native/bin/pg_receivewal" -h "$source" -p "$port" -U postgres -n \
            -S "receive_${name//-/_}" -D "$work/receive/$name" "${method[@]}"
        receiver_pid[$name]=$!
    done
    wait_until 'pg_receivewal' "$source" "SELECT count(*) = ${#receivers[@]} FROM pg_stat_replication WHERE application_name = 'pg_receivewal'"
}

# Received and synced up to here; then killed with what is in its buffers.
kill_receivers() {
    local name
    wait_until 'the receivers that sync' "$source" "SELECT bool_and(flush_lsn >= '$1') FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE slot_name ~ 'killed'"
    for name in "${receivers[@]}"; do
        if [[ $name == *-killed ]]; then
            stop_one "${receiver_pid[$name]}" KILL
            sql "$source" -c "SELECT pg_drop_replication_slot('receive_${name//-/_}')" >/dev/null 2>&1 || true
        fi
    done
}

# ---- the server ----------------------------------------------------------------------------

# What archive_command runs: one file to all of them.
write_archiver() {
    cat >"$work/archive" <<SCRIPT
#!/bin/bash
# archive PATH NAME
set -euo pipefail
cp "\$1" "$work/aside/\$2.part" && mv "$work/aside/\$2.part" "$work/aside/\$2"
gzip -c "\$1" >"$work/pipe/gzip/\$2.gz"
lz4 -qc "\$1" >"$work/pipe/lz4/\$2.lz4"
zstd -qc "\$1" >"$work/pipe/zstd/\$2.zst"
bzip2 -c "\$1" >"$work/pipe/bzip2/\$2.bz2"
xz -1c "\$1" >"$work/pipe/xz/\$2.xz"
cp "\$1" "$work/barman/filed/incoming/\$2"
for name in ${repositories[*]}; do
    pgbackrest --config="$work/pgbackrest/\$name.conf" --stanza=main archive-push "\$1"
done
SCRIPT
    chmod 755 "$work/archive"
}

# Sets archived to the last segment that is complete then, and switched to the end of WAL in it.
switch_and_archive() {
    switched=$(sql "$source" -c 'SELECT pg_switch_wal()')
    archived=$(sql "$source" -c "SELECT pg_walfile_name('$switched')")
    wait_until "archiving of $archived" "$source" "SELECT last_archived_wal >= '$archived' FROM pg_stat_archiver"
}

traffic() { # a bit of everything, about two segments of it
    sql "$source" <<-SQL
	INSERT INTO journal SELECT g, repeat(md5(g::text), 8) FROM generate_series(1, 3000) g;
	UPDATE journal SET what = 'seen' WHERE id % 3 = 0;
	DELETE FROM journal WHERE id % 7 = 0;
	SQL
}

# drop TABLE: commits the DROP; notes its xid in TABLE_xid of $work/facts.
drop() {
    local xid
    xid=$(sql "$source" <<-SQL
	BEGIN;
	SELECT txid_current();
	DROP TABLE $1;
	COMMIT;
	SQL
    )
    echo "$1_xid=$xid" >>"$work/facts"
}

# The tar's own WAL holds a DROP that was committed while the backup ran.
make_streamed_backups() {
    local name options table
    for name in plain gz; do
        options=()
        [ "$name" = plain ] || options=(-z)
        table=streamed_$name
        mkdir -p "$work/stream" && give_to_owner "$work/stream"
        client pg_basebackup -h "$source" -p "$port" -U postgres -D "$work/stream/$name" -F tar -X stream -c fast \
            --max-rate=12M "${options[@]}" >>"$work/background.log" 2>&1 &
        local pid=$!
        wait_until 'a running pg_basebackup' "$source" "SELECT count(*) > 0 FROM pg_stat_progress_basebackup WHERE phase ~ 'streaming database'"
        drop "$table"
        wait "$pid"
    done
}

make_archives() {
    local name
    mkdir -p "$work/aside" "$work/receive"
    for name in "${pipes[@]}"; do mkdir -p "$work/pipe/$name"; done
    configure_barman
    write_archiver
    give_to_owner "$work"
    make_cluster "$source" 15 1 <<-SETTINGS
	wal_level = replica
	max_wal_senders = 20
	max_replication_slots = 20
	archive_mode = on
	archive_command = '$work/archive %p %f'
	wal_keep_size = 200MB
	autovacuum = off
	timezone = 'UTC'
	SETTINGS
    start_cluster "$source"
    export database=postgres
    make_receivers
    make_pgbackrest
    sql "$source" -c 'CREATE DATABASE shop'
    database=shop
    sql "$source" <<-SQL
	CREATE TABLE journal (id int, what text);
	CREATE TABLE streamed_plain (id int);
	CREATE TABLE streamed_gz (id int);
	CREATE TABLE orders AS SELECT g AS id, md5(g::text) AS what FROM generate_series(1, 1000) g;
	SQL
    make_barman
    make_streamed_backups
    client pg_basebackup -h "$source" -p "$port" -U postgres -D "$work/base" -X none -c fast >>"$work/background.log" 2>&1
    make_pgbackrest_backups
    traffic
    sql "$source" -c 'INSERT INTO orders SELECT g FROM generate_series(1001, 1234) g'
    drop orders
    kill_receivers "$(sql "$source" -c 'SELECT pg_current_wal_lsn()')"
    traffic
    switch_and_archive
    barman_of archive-wal filed
    wait_until 'all that pg_receivewal is to get' "$source" "SELECT bool_and(flush_lsn >= '$switched') FROM pg_stat_replication WHERE application_name = 'pg_receivewal'"
    wait_until "Barman's streaming" "$source" "SELECT bool_and(flush_lsn >= '$switched') FROM pg_stat_replication WHERE application_name = 'barman_receive_wal'"
    stop_background
    barman_of archive-wal streamed
    stop_cluster "$source"
}

# ---- the oracle ----------------------------------------------------------------------------

# commit_lsn FOLDER XID [TIMELINE]: where pg_waldump sees the commit, in the plain copies; 0/161B5B8.
commit_lsn() {
    local first last lsn
    first=$(find "$1" -regextype posix-extended -regex ".*/$(printf '%08X' "${3:-1}")[0-9A-F]{16}" -printf '%f\n' | sort | head -n 1)
    last=$(find "$1" -regextype posix-extended -regex ".*/$(printf '%08X' "${3:-1}")[0-9A-F]{16}" -printf '%f\n' | sort | tail -n 1)
    lsn=$(client pg_waldump -p "$1" -x "$2" "$first" "$last" 2>/dev/null | sed -nE 's|.*lsn: ([0-9A-F]+/[0-9A-F]+),.*desc: COMMIT .*|\1|p')
    [ -n "$lsn" ] || { echo none; return; }
    lsn_text "$(lsn_number "$lsn")"
}
