#!/usr/bin/env bash
# `check` against real servers: one that is set up as README says is found well, and each thing that can be wrong is made
# wrong once, and found.
#
#   tests/servers/check.sh PITR-FIND MAJOR      MAJOR 10 to 18
#
# What is right is what the server was made to be, or says itself. With 15 all of it; with the others what differs there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

pitr_find=$1
major=$2

if ! use_major "$major"; then
    echo "ok - $major: a server is checked # SKIP $reason"
    exit 0
fi

work_in check archive empty
source=$work/source
problems=$work/problems
database=postgres
dsn="host=$source port=$port user=postgres dbname=postgres"
export TZ=UTC LC_ALL=C
is_whole=
[ "$major" -ne 15 ] || is_whole=1

background=()
stop_background() { [ "${#background[@]}" -eq 0 ] || kill "${background[@]}" 2>/dev/null || true; }

# look STATUS [OPTION...]: JSON in the file out.
look() {
    local want=$1 status=0
    shift
    "$pitr_find" check --format json "$@" "$dsn" >out 2>err || status=$?
    cat out >>all
    [ "$status" -eq "$want" ] || echo "check $*: status $status, not $want; $(cat err)" \
        "$(json_value '.findings[] | select(.level == "critical" or .level == "warning" or .level == "unknown") | "\(.level) \(.name): \(.what)"' out)" >>"$problems"
}

# says LEVEL NAME [WORDS]: what it found. What is not well has a reason and a line to change.
says() {
    jq -e --arg level "$1" --arg name "$2" --arg words "${3:-}" '.findings | any(.level == $level and .name == $name
        and (.what | contains($words)) and ($level == "ok" or (.why != null and (.change | length) > 0)))' out >answer 2>&1 ||
        echo "no $1 $2 ${3:-} in: $(json_value ".findings[] | select(.name == \"$2\")" out) $(cat err)" >>"$problems"
}
tell() {
    verdict "$major: $1" "$problems"
    : >"$problems"
}

# change QUERY SQL...: settings without a restart, until the query says that they are there.
change() {
    local query=$1 one
    shift
    for one; do sql "$source" -c "$one"; done
    sql "$source" -c 'SELECT pg_reload_conf()' >/dev/null
    wait_until "reloaded settings" "$source" "SELECT $query"
}

# segments N: of WAL, each with something in it.
segments() { for _ in $(seq "$1"); do echo 'SELECT txid_current(), pg_switch_wal();'; done | sql "$source" >/dev/null; }

# ---- as README has it ----------------------------------------------------------------------------

command="test ! -f $work/archive/%f && cp %p $work/archive/%f"
client=$(client_folder)
[ -x "$client/pg_basebackup" ] || is_whole=

# README's own commands, with our folders and programs in place of its.
as_readme_has_it() {
    local program
    mkdir bin
    for program in psql pg_basebackup; do
        printf '#!/bin/sh\nexec %s %s "$@"\n' "${as_owner[*]}" "$client/$program" >"bin/$program"
    done
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s %s -w -l %s "$@" >>pg_ctl.log 2>&1\n' "$server_native/lib" "${as_owner[*]}" \
        "$server_native/bin/pg_ctl" "$source/log" >bin/pg_ctl
    printf '#!/bin/sh\nexec %s -q "$@"\n' "$pitr_find" >bin/pitr-find
    chmod +x bin/*
    sed -n '/^## Before the drop/,/^## /{/^```sh$/,/^```$/{/^```/d;p}}' "$repository/README.md" |
        sed "s|/wal_archive|$work/archive|g; s|/var/lib/postgresql/data|$source/data|; s|/backups/base|$work/backup|g" >readme.sh
    [ "$(wc -l <readme.sh)" -ge 4 ] || echo "README has no such commands: $(cat readme.sh)" >>"$problems"
    PATH=$work/bin:$PATH PGHOST=$source PGPORT=$port PGUSER=postgres PGDATABASE=postgres bash -e readme.sh >readme.out 2>&1 ||
        { echo "README: status $?"; cat readme.out; } >>"$problems"
    grep -qE '^result +[0-9]+ ok' readme.out || echo "README: $(tail -n 1 readme.out)" >>"$problems"
}

if [ -n "$is_whole" ]; then
    echo 'fsync = on' | make_cluster "$source" "$major" 1
    start_cluster "$source"
    as_readme_has_it
else
    make_cluster "$source" "$major" 1 <<-SETTINGS
	wal_level = replica
	archive_mode = on
	archive_command = '$command'
	fsync = on
	SETTINGS
    start_cluster "$source"
    start="pg_backup_start('base', true)" stop='pg_backup_stop()'
    [ "$major" -ge 15 ] || { start="pg_start_backup('base', true, false)" stop='pg_stop_backup(false)'; }
    sql "$source" >backup.log 2>&1 <<-SQL
	SELECT $start;
	\! cp -a '$source/data/.' '$work/backup'
	\o '$work/label'
	SELECT labelfile FROM $stop;
	SQL
    rm -rf "$work"/backup/postmaster.* "$work"/backup/pg_wal/*
    printf '%s\n' "$(cat label)" >backup/backup_label
    give_to_owner backup
fi
sql "$source" -c 'CREATE TABLE t (i int)' -c 'CHECKPOINT'

look 3 --archive archive
says unknown backup 'whether it is kept is not known'
good=(--switch --archive archive --backup backup)
look 0 "${good[@]}"
for name in wal_level archive_mode archive_command archiver archive_lag switch archive backup window slots full_page_writes fsync \
    synchronous_commit max_wal_senders wal_keep pg_hba pending_restart clock unlogged_tables; do
    says ok "$name"
done
says note archive_timeout
says note track_commit_timestamp
says note log log_statement
says note replication_role
# From 18 on initdb has them, and the log tells more.
if [ "$major" -ge 18 ]; then says ok data_checksums; else says note data_checksums; fi
same "$problems" 'system identifier' "$(json_value .server.system_identifier out)" \
    "$(sql "$source" -c 'SELECT system_identifier FROM pg_control_system()')"
segment=$(json_value '.findings[] | select(.name == "switch") | .what | .[:24]' out)
[ -s "archive/$segment" ] || echo "switch: no archive/$segment" >>"$problems"
tell 'a server set up as README says is well'

# ---- rights --------------------------------------------------------------------------------------

sql "$source" -c 'CREATE ROLE "a plain one" LOGIN; CREATE ROLE monitor LOGIN IN ROLE pg_monitor; CREATE ROLE backup LOGIN REPLICATION'
dsn=${dsn/user=postgres/"user='a plain one'"} look 3 "${good[@]}"
says unknown switch 'permission denied'
says unknown pg_hba 'may not read'
says ok archive whole
says ok replication_role backup
json_value '.findings[] | select(.level == "unknown") | .change[0]' out | sed 's/  --.*/;/' >grants.sql
sql "$source" -f grants.sql || echo 'the lines to change are no SQL' >>"$problems"
dsn=${dsn/user=postgres/"user='a plain one'"} look 0 "${good[@]}"
says ok switch 'in the archive'
says ok pg_hba
dsn=${dsn/user=postgres/user=monitor} look 0 --skip pg_hba --archive archive --backup backup
[ "$(json_value '[.findings[] | select(.name == "pg_hba")] | length' out)" = 0 ] || echo '--skip pg_hba: it is there' >>"$problems"
look 3
says unknown backup 'without --archive'
look 3 --backup backup
says unknown archive 'without --archive'
says ok backup backup
tell 'what a role may not see is told with the line that lets it'

"$pitr_find" check --nagios --archive archive --backup backup "$dsn" >out 2>err || echo "status $?" >>"$problems"
head -n 1 out | grep -qE '^PITR OK - [0-9]+ ok \| backup_age=[0-9]+s;604800 ' || echo "a plugin: $(head -n 1 out)" >>"$problems"
tell 'the line of a plugin'

# Each key has its line in docs/json.md, with its type, and the other way round.
keys_and_types() {
    sed -n '/^## check$/,/^## dump$/s/^| `\(\.[^`]*\)` | \([a-z ]*\) |.*/\1 \2/p' "$repository/docs/json.md" >documented
    jq -r 'paths as $p | "\($p | map(if type == "number" then "[]" else "." + . end) | join("")) \(getpath($p) | type)"' all |
        grep -v '\[\] ' | sort -u >seen
    awk 'FNR == NR { types[$1] = $0 " "; next } { is[$1] = 1 } index(types[$1], " " $2 " ") == 0 { print $0 ", json.md:", types[$1] }
        END { for (path in types) if (!(path in is)) print "no output has " path }' documented seen >>"$problems"
    tell 'JSON: keys and types'
}

# ---- settings that are wrong ---------------------------------------------------------------------

change "current_setting('fsync') = 'off'" 'ALTER SYSTEM SET full_page_writes = off' 'ALTER SYSTEM SET synchronous_commit = off' \
    'ALTER SYSTEM SET max_wal_senders = 3' "ALTER SYSTEM SET log_destination = 'csvlog'" "ALTER SYSTEM SET log_statement = 'ddl'" \
    "ALTER SYSTEM SET archive_timeout = '1h'" "ALTER SYSTEM SET archive_command = '/bin/true'" 'ALTER SYSTEM SET fsync = off'
sql "$source" -c 'CREATE UNLOGGED TABLE "a ""cache" (i int)'
look 1 --archive archive --backup backup
says warning full_page_writes off
says critical fsync off
says note synchronous_commit '600 ms'
says warning pending_restart max_wal_senders
says ok log csvlog
says ok archive_timeout '1 h'
says critical archive_command 'does nothing'
says note unlogged_tables '1 unlogged table: postgres.public."a ""cache"'
tell 'settings that are wrong are found'

if [ "$major" -ge 13 ]; then
    # One slot that holds WAL, one whose WAL is about to go, and then is gone.
    sql "$source" -c "SELECT pg_create_physical_replication_slot('nobody', true)" >/dev/null
    look 1 --archive archive --backup backup
    says note slots '1 slot, and max_slot_wal_keep_size is -1'
    segments 12
    look 1 --archive archive --backup backup
    says warning slots 'physical slot nobody is inactive and holds 1'
    held=$(sql "$source" -c 'SELECT pg_current_wal_lsn() - restart_lsn FROM pg_replication_slots')
    [ "$(($(json_value .metrics.slot_wal_bytes out) / 1048576))" -eq "$((held / 1048576))" ] || echo "slot_wal_bytes, not $held" >>"$problems"
    change "current_setting('max_slot_wal_keep_size') = '1MB'" "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'"
    look 1 --archive archive --backup backup
    says critical slots unreserved
    sql "$source" -c CHECKPOINT
    wait_until 'lost slot' "$source" "SELECT wal_status = 'lost' FROM pg_replication_slots"
    look 1 --archive archive --backup backup
    says warning slots 'physical slot nobody is lost'
    sql "$source" -c "SELECT pg_drop_replication_slot('nobody')" -c 'ALTER SYSTEM RESET max_slot_wal_keep_size' >/dev/null
    tell 'slots that hold WAL are found'
fi

both_at_once() {
    [ "$major" -ge 15 ] || return 0
    change "current_setting('archive_library') = 'none_such'" "ALTER SYSTEM SET archive_library = 'none_such'" \
        "ALTER SYSTEM SET archive_command = 'false %p'"
    look 1 --archive archive --backup backup
    if [ "$major" -ge 16 ]; then
        says critical archive_command 'both set: nothing is archived'
    else
        says warning archive_command 'both set: archive_command is not used'
    fi
    change "current_setting('archive_command') = ''" "ALTER SYSTEM SET archive_command = ''"
    look 1 --archive archive --backup backup
    says ok archive_command 'archive_library is none_such'
    tell 'archive_command and archive_library at once are found'
}

if [ -z "$is_whole" ]; then
    both_at_once
    keys_and_types
    exit $((failures > 0))
fi

# ---- the archiver --------------------------------------------------------------------------------

idle="SELECT NOT EXISTS (SELECT FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready')"
wait_until 'archiver at rest' "$source" "$idle" # what it took to nowhere is lost
# flaw LEVEL WORDS COMMAND
flaw() {
    change "current_setting('archive_command') = \$q\$$3\$q\$" "ALTER SYSTEM SET archive_command = \$q\$$3\$q\$"
    look 1 --archive archive --backup backup
    says "$1" archive_command "$2"
}
flaw critical 'is empty' ''
flaw critical 'ends well even where' "cp %p $work/archive/%f || true"
flaw warning 'writes over a file' "cp %p $work/none_such/%f"
segments 1
wait_until 'failure to archive' "$source" 'SELECT failed_count > 0 FROM pg_stat_archiver'
segments 12
wait_until 'moment' "$source" "SELECT now() - last_archived_time > '2.1 s' FROM pg_stat_archiver"
look 1 --switch --switch-timeout 1 --archive archive --backup backup
says critical archiver 'the archiver fails'
says critical switch 'is not in the archive 1 s after the switch: it is not there'
says warning archive_lag 'segments wait'
waiting=$(json_value .metrics.archive_waiting_segments out)
same "$problems" 'segments that wait' "$waiting" "$(sql "$source" -c "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'")"
look 1 --max-archive-lag 1s --archive archive --backup backup
says critical archive_lag '(limit 1 s)'
status=0
"$pitr_find" check --nagios --archive archive --backup backup "$dsn" >out 2>err || status=$?
same "$problems" 'status of a plugin' "$status" 2
grep -qE '^PITR CRITICAL - [0-9]+ critical, [0-9]+ warnings?: .* \| backup_age=' out || echo "a plugin: $(head -n 1 out)" >>"$problems"
change "current_setting('archive_command') = \$q\$$command\$q\$" "ALTER SYSTEM SET archive_command = \$q\$$command\$q\$" \
    'ALTER SYSTEM SET fsync = on' 'ALTER SYSTEM SET full_page_writes = on' 'ALTER SYSTEM SET max_wal_senders = 10'
segments 1
wait_until 'archiver at rest' "$source" "$idle"
sql "$source" -c 'INSERT INTO t SELECT generate_series(1, 100)'
wait_until 'moment' "$source" "SELECT now() - last_archived_time > '2.1 s' FROM pg_stat_archiver"
look 1 --max-archive-lag 1s --archive archive --backup backup
says warning archive_lag '0 segments wait'
tell 'an archiver that does nothing, fails or is late is found'

# ---- the archive ---------------------------------------------------------------------------------

# While archive_command did nothing, segments were lost: the archive has that gap now, and the backup is from before it.
look 1 --archive archive --backup backup
says critical archive 'gap: segment'
says critical backup 'up to now'
as_owner "$client/pg_basebackup" -h "$source" -p "$port" -U postgres -c fast -X stream -D "$work/later" 2>>pg_basebackup.log
look 1 --switch --archive archive --backup backup --backup later
says warning archive 'gap: segment'
says ok backup later
look 1 --archive archive
says unknown backup '.backup says; whether it is kept'
wait_until 'moment' "$source" "SELECT clock_timestamp() - '$(sql "$source" -c 'SELECT clock_timestamp()')' > '2.1 s'"
look 1 --max-backup-age 1s --archive archive --backup later
says warning backup '(limit 1 s)'
look 1 --archive empty --backup later
says critical archive
look 1 --switch --switch-timeout 1 --archive empty
says critical switch
whole=(archive/????????????????????????)
cp "${whole[0]}" empty
look 1 --archive empty --backup later
says critical archive 'the server has archived'
mkdir foreign
for file in "$repository"/tests/fixtures/demo/wal/*.gz; do gzip -dc "$file" >"foreign/$(basename "$file" .gz)"; done
look 1 --archive foreign
says critical archive
look 1 --archive archive --backup "$repository/tests/fixtures/pg15-backup/base.tar.gz"
says critical backup 'another cluster'
mkdir later-only
newest=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p' later/backup_label)
for file in archive/*; do [[ $(basename "$file") < $newest ]] || cp "$file" later-only; done
look 0 --archive later-only --backup later
says ok archive whole
if [ -e later/backup_manifest ]; then
    cp -a later torn
    torn=$(cd torn && find base/5 -name 2619 -print -quit) # pg_statistic: nobody reads it here
    truncate -s -8192 "torn/$torn"
    look 1 --archive later-only --backup torn
    says critical backup "torn is not whole: $torn is not there with the size"
    rm -r torn/base/5
    look 1 --archive later-only --backup torn
    says critical backup
    rm -r torn
fi
whole=(later-only/????????????????????????)
last=${whole[-1]##*/}
cp "later-only/$last" kept
truncate -s $(($(stat -c %s kept) / 2)) "later-only/$last" # it ends with a switch: all its records are there
look 1 --archive later-only --backup later
says critical archive 'does not have the size'
cp kept "later-only/$last"
printf 'damaged' | dd of="later-only/$last" bs=1 seek=60 conv=notrunc status=none
look 1 --archive later-only --backup later
says critical archive damage
tell 'gaps, damage, old backups and another archive are found'

# ---- pg_hba.conf, the clock ----------------------------------------------------------------------

cp "$source/data/pg_hba.conf" hba
grep -v replication hba >"$source/data/pg_hba.conf"
look 1 --archive archive --backup later
says warning pg_hba 'no line of pg_hba.conf'
echo 'local all all nonsense' >>"$source/data/pg_hba.conf"
look 1 --archive archive --backup later
says warning pg_hba "1 line of pg_hba.conf cannot be read: line $(wc -l <"$source/data/pg_hba.conf")"
cp hba "$source/data/pg_hba.conf"

cat >late.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, now);
    if (clock == CLOCK_REALTIME)
        now->tv_sec -= 100;
    return status;
}
C
if cc -shared -fPIC -o late.so late.c -ldl 2>cc.log && ! grep -qa __asan_init "$pitr_find"; then
    LD_PRELOAD=$work/late.so look 1 --archive archive --backup later
    says warning clock '100.0 s ahead'
fi
tell 'pg_hba.conf and the clock are looked at'

# ---- a standby -----------------------------------------------------------------------------------

mkdir standby
give_to_owner standby
as_owner "$client/pg_basebackup" -h "$source" -p "$port" -U postgres -c fast -R -D "$work/standby/data" 2>>pg_basebackup.log
give_to_owner standby
cat >>standby/data/postgresql.auto.conf <<SETTINGS
unix_socket_directories = '$work/standby'
recovery_min_apply_delay = '2min'
archive_timeout = 0
SETTINGS
start_cluster "$work/standby"
dsn=${dsn/"$source"/"$work/standby"}
look 3 --switch
says unknown switch 'a standby'
says note archive_mode 'until it is promoted'
says ok standby '2 min late'
sql "$work/standby" -c 'SELECT pg_wal_replay_pause()' >/dev/null
wait_until 'paused replay' "$work/standby" 'SELECT pg_is_wal_replay_paused()'
look 1
says warning standby paused
stop_cluster "$work/standby" immediate
for mode in off always; do
    echo "archive_mode = $mode" >>standby/data/postgresql.auto.conf
    start_cluster "$work/standby"
    look 1
    if [ $mode = off ]; then
        says warning archive_mode 'once promoted'
    else
        says ok archive_mode always
        says warning archiver 'nothing was archived yet'
    fi
    stop_cluster "$work/standby" immediate
done
dsn=${dsn/"$work/standby"/"$source"}
tell 'a standby is judged as one'

# ---- no archive at all ---------------------------------------------------------------------------

sql "$source" -c 'ALTER SYSTEM SET archive_mode = off' -c 'ALTER SYSTEM SET track_commit_timestamp = on' -c 'ALTER SYSTEM RESET max_wal_senders'
stop_cluster "$source"
start_cluster "$source"
look 1
says critical archive_mode 'nobody receives'
says ok track_commit_timestamp
mkdir received
give_to_owner received
as_owner "$client/pg_receivewal" -h "$source" -p "$port" -U postgres -D "$work/received" -n 2>receive.log &
background+=($!)
wait_until 'receiver' "$source" "SELECT count(*) > 0 FROM pg_stat_replication WHERE application_name = 'pg_receivewal'"
look 1
says ok archive_mode 'pg_receivewal receives'
says warning wal_keep 'has no slot'
stop_background
wait "${background[@]}" || true
background=()
sql "$source" -c 'ALTER SYSTEM SET wal_level = minimal' -c 'ALTER SYSTEM SET max_wal_senders = 0'
stop_cluster "$source"
start_cluster "$source"
look 1
says critical wal_level minimal
says warning max_wal_senders 'is 0'
sql "$source" -c 'ALTER SYSTEM RESET wal_level' -c 'ALTER SYSTEM RESET max_wal_senders' -c 'ALTER SYSTEM SET archive_mode = on'
stop_cluster "$source"
start_cluster "$source"
look 1 --switch --archive archive --backup later
says warning window 'wal_level was minimal'
says critical backup 'wal_level is minimal'
tell 'a server without an archive, and WAL of wal_level=minimal, are found'
both_at_once
keys_and_types

exit $((failures > 0))
