#!/bin/bash
# Proves what --write does: the settings where each major reads them, whole, owned and closed as they should be;
# and for each directory that no server would recover from as asked, a clear line, exit status 2 and nothing
# changed. Also what --dsn says when there is no server to ask.
#
# The data directories are the base backups of tests/fixtures/pg*-backup. Restores with what is written here
# are tests/servers/restore.sh.
#
#   tests/cli/write.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
unset NO_COLOR "${!PG@}"

# ---- helpers ------------------------------------------------------------------------------------

expect_in() { grep -qxF -- "$2" "$1" || miss "$1 has no line: $2"; }
expect_not_in() { ! grep -qE -- "$2" "$1" || miss "$1 has: $2"; }

# A data directory, restored from the base backup of MAJOR and not yet started.
restore() { # restore MAJOR
    rm -rf data
    mkdir -m 700 data
    tar -xzf "$fixtures/pg$1-backup/base.tar.gz" -C data
    mkdir -p data/base data/pg_tblspc
    wal=$fixtures/pg$1-backup/wal
}

# Names, modes, owners and contents of all that is there.
state() { (cd data && find . -exec stat -c '%n %f %u %g' {} + | sort && find . -type f -exec cksum {} + | sort); }

write() { run --before 'DROP TABLE shop\.orders' --database app --write data "$@" "$wal"; }

# One line on stderr, nothing on stdout, status 2, nothing changed. refuses NAME PART [OPTION...]
refuses() {
    local name=$1 part=$2
    shift 2
    state >before
    write "$@"
    expect_status 2
    expect_err "$part"
    [ ! -s out ] || miss "stdout: $(head -c 300 out)"
    [ "$(wc -l <err)" -eq 1 ] || miss "stderr has $(wc -l <err) lines: $(cat err)"
    grep -q '^pitr-find: error: ' err || miss "stderr: $(head -c 300 err)"
    state >after
    cmp -s before after || miss "the directory has changed: $(diff before after | head -5)"
    done_with "$name"
}

# The settings of conf output.
settings() { grep -E '^(recovery_|restore_)' "$1"; }

# ---- where each major reads them ----------------------------------------------------------------

for major in 10 15 18; do
    restore "$major"
    run --before 'DROP TABLE shop\.orders' --database app --backup "$fixtures/pg$major-backup/base.tar.gz" "$wal"
    expect_status 0
    cp out alone
    write
    expect_status 0
    cmp -s <(tail -n +2 out) <(tail -n +2 alone) || miss "stdout is not what it is without --write"
    expect_not_out 'these lines to'
    grep -q "^# pitr-find .*: --write puts these lines into data/[a-z.]*conf" out || miss "$(head -n 1 out)"
    if [ "$major" = 10 ]; then
        file=data/recovery.conf
        [ ! -e data/recovery.signal ] && [ ! -e data/postgresql.auto.conf ] || miss "other files were written"
        expect_err "written     data/recovery.conf"
    else
        file=data/postgresql.auto.conf
        [ -f data/recovery.signal ] && [ ! -s data/recovery.signal ] || miss "no empty recovery.signal"
        expect_err "written     data/postgresql.auto.conf"
        expect_err "            data/recovery.signal"
    fi
    diff <(settings alone) <(settings "$file") >difference || miss "other settings: $(head -3 difference)"
    [ "$(stat -c %a "$file")" = 600 ] || miss "mode $(stat -c %a "$file")"
    expect_err "next        do what 'trial' says, then start the server on data"
    [ -z "$(find data -name '*pitr-find*')" ] || miss "left over: $(find data -name '*pitr-find*')"
    done_with "$major: the settings are written where it reads them"

    cp "$file" first
    write
    expect_status 0
    cmp -s "$file" first || miss "the second time: $(diff "$file" first | head -5)"
    write --target xid
    expect_status 0
    [ "$(grep -cE '^recovery_target_(lsn|xid|time) ' "$file")" -eq 1 ] || miss "more than one target"
    grep -q '^recovery_target_xid' "$file" || miss "not the new target"
    expect_err "changed     $(basename "$file")"
    expect_err "earlier pitr-find"
    done_with "$major: another target replaces the first"

    restore "$major"
    state >before
    run --before 'DROP TABLE shop\.early' --database app --write data "$wal"
    expect_status 2
    [ ! -s out ] || miss "stdout: $(head -c 300 out)"
    expect_err "nothing written: the target lies before 0/"
    expect_err "restore an older backup"
    state >after
    cmp -s before after || miss "the directory has changed"
    done_with "$major: a backup that is newer than the target"
done

# The WAL that the backup needs itself: segment 10, as its .backup file says.
restore 15
mkdir late
cp "$wal/000000010000000000000011.gz" late
wal=late refuses "a backup whose own WAL is missing" \
    'nothing written: WAL of the time of the backup is missing at 0/1000028, neither in the archive nor in "data/pg_wal"'
cp "$wal/00000001000000000000000F.gz" late
wal=late refuses "a backup whose own WAL is missing in a gap" \
    'nothing written: WAL of the time of the backup is missing at 0/1000000, neither'
mkdir -p data/pg_wal
gzip -dc "$wal/000000010000000000000010.gz" >data/pg_wal/000000010000000000000010
wal=late write
expect_status 3
expect_line '# NOT RESTORABLE YET, do not start a server: recovery needs 000000010000000000000010 (missing)'
grep -qx '# NOT RESTORABLE YET, .*' data/postgresql.auto.conf || miss 'no word in what is written'
expect_err 'next        do NOT start a server yet: recovery needs 000000010000000000000010 (missing)'
expect_not_err 'then start the server'
done_with "a backup that brings its own WAL"

restore 15
write --format json
expect_status 0
expect_json '[.backup.path, .target.exact]' '["data",true]'
expect_in data/postgresql.auto.conf "recovery_target_lsn = '$(json_value .target.settings.recovery_target_lsn out)'"
expect_json '.event | [.schema.name_source, .object.name_source]' '["backup","wal"]'
expect_err "names       schema and database: from the base backup"
done_with "the result on stdout may be JSON; the directory is the backup that gives names"

restore 15
status=0
"$program" -q --before 'DROP TABLE shop\.orders' --database app --write data "$wal" >/dev/full 2>err || status=$?
expect_status 2
expect_err "cannot write the result"
[ ! -e data/recovery.signal ] && [ ! -e data/postgresql.auto.conf ] || miss "written all the same"
done_with "nothing is written when the result cannot be"

run --before 'DROP TABLE nowhere' --write data "$wal"
expect_status 1
[ ! -e data/recovery.signal ] && [ ! -e data/postgresql.auto.conf ] || miss "written all the same"
done_with "nothing is written when nothing matches"

chmod 750 data
write
[ "$(stat -c %a data/recovery.signal)" = 640 ] || miss "mode $(stat -c %a data/recovery.signal)"
done_with "a directory open to its group"

if [ "$(id -u)" = 0 ]; then
    restore 15
    chown -R 65534:65533 data
    write
    expect_status 0
    [ "$(stat -c %u:%g data/recovery.signal data/postgresql.auto.conf | sort -u)" = 65534:65533 ] || miss "owner: $(ls -ln data)"
    done_with "root gives the files to the owner of the directory"

    # setpriv: somebody else
    chmod -R a+rX data
    chmod a+x .
    state >before
    status=0
    setpriv --reuid 65532 --clear-groups --regid 65532 "$program" --before 'DROP TABLE shop\.orders' --database app \
        --write data "$wal" >out 2>err </dev/null || status=$?
    state >after
    if grep -q 'data directory\|cannot open' err && ! grep -q 'belongs to' err; then
        echo "ok - somebody else's directory # SKIP that user cannot reach it"
        why=''
    else
        expect_status 2
        expect_err '"data" belongs to another user (65534): run as that user, or as root'
        cmp -s before after || miss "the directory has changed"
        done_with "somebody else's directory"
    fi
fi

# ---- directories that are refused ---------------------------------------------------------------

restore 15
(cd data && exec sleep 300) &
children+=($!)
for _ in {1..600}; do [ "$(readlink "/proc/$!/cwd")" != "$work" ] || sleep 0.1; done
printf '%s\n%s\n' "$!" "$work/data" >data/postmaster.pid
refuses "a running server" "a server runs in \"data\" (process $!): stop it first"
sleep 300 &
children+=($!)
printf '%s\n/elsewhere\n' "$!" >data/postmaster.pid
refuses "a postmaster.pid that was copied from a running server" "is left from elsewhere and names process $!"
sleep 0 &
wait $!
printf '%s\n' "$!" >data/postmaster.pid
write
expect_status 0
done_with "a postmaster.pid of a server that is no more"

restore 18
wal=$fixtures/demo/wal
refuses "another cluster" '"data" is of another cluster (system identifier 7711'
wal=$fixtures/pg15-backup/wal
refuses "another major" '"data" is a data directory of PostgreSQL 18, and the WAL is of 15'

restore 15
rm data/PG_VERSION
refuses "no data directory" '"data" is not a data directory: it has no PG_VERSION'
restore 15
rm data/global/pg_control
refuses "no pg_control" '"data" has no global/pg_control: it is not whole'
restore 15
printf x | dd of=data/global/pg_control bs=1 seek=40 conv=notrunc status=none
refuses "a damaged pg_control" 'the checksum of pg_control is wrong'
mv data elsewhere
run --before 'DROP TABLE shop\.orders' --database app --write data "$wal"
expect_status 2
expect_err 'cannot open data directory "data": No such file'
done_with "no such directory"
rm -rf elsewhere

restore 15
: >data/standby.signal
refuses "standby.signal" '"data/standby.signal" is there and wins over recovery.signal'
restore 15
: >data/recovery.conf
refuses "recovery.conf on 12 and newer" '"data/recovery.conf" is there, and PostgreSQL 15 does not start with it'
restore 15
echo "work_mem = 64 MB" >data/postgresql.auto.conf
refuses "a postgresql.auto.conf that no server reads" '"data/postgresql.auto.conf", line 1: no server reads it (near "MB")'
restore 15
ln -s /etc/passwd data/postgresql.auto.conf
refuses "a postgresql.auto.conf that leads elsewhere" 'cannot read "data/postgresql.auto.conf"'
restore 15
echo "include 'extra.conf'" >data/postgresql.conf
refuses "an include that is not there" '"data/extra.conf" is included, and is not there'
echo "include 'postgresql.conf'" >data/postgresql.conf
refuses "files that include each other" 'files include each other too deeply'

# Either of the two files cannot be made: then the other is not touched.
for file in postgresql.auto.conf recovery.signal; do
    restore 15
    echo "work_mem = '1MB'" >data/postgresql.auto.conf
    mkdir "data/$file.pitr-find.tmp"
    state >before
    write -q
    expect_status 2
    expect_err "nothing was changed"
    state >after
    cmp -s before after || miss "the directory has changed: $(diff before after)"
    done_with "$file cannot be written"
done

restore 15
sed -i 's/^START WAL LOCATION: .* (/START WAL LOCATION: 0\/F00028 (/' data/backup_label
refuses "restored from another backup than --backup" '"data" was restored from another backup: it starts at 0/F00028, --backup at 0/1000028' \
    --backup "$fixtures/pg15-backup/base.tar.gz"

# ---- without a backup_label ---------------------------------------------------------------------

# Transactions that dropped a table, as the server told: one long after the backup, and one at its start.
xid_of() { awk -F '\t' -v label="$1" '$1 == label { print $4; exit }' "$fixtures/pg15-backup/expect.tsv"; }
restore 15
rm data/backup_label
run --before-xid "$(xid_of drop_old_table)" --write data "$wal"
expect_status 0
expect_err 'warning: "data" has no backup_label: recovery starts at its latest checkpoint'
done_with "no backup_label: allowed, and pointed out"
restore 15
rm data/backup_label
state >before
run --before-lsn 0/F00100 --write data "$wal"
state >after
expect_status 2
expect_err 'nothing written: "data" is newer than the target: it stands at 0/1'
expect_err ', the target is at 0/F'
cmp -s before after || miss "the directory has changed"
done_with "no backup_label: newer than the target"

# ---- settings that are there --------------------------------------------------------------------

restore 15
cat >data/postgresql.auto.conf <<'CONF'
# Do not edit this file manually!
work_mem = '1MB'
recovery_target_time = '2026-11-22 10:00:00+00'
Recovery_Target_Xid 898
restore_command = 'cp /elsewhere/%f %p'
recovery_end_command = 'rm -rf /'
archive_mode = on
CONF
printf '%s' "maintenance_work_mem = '2MB'" >>data/postgresql.auto.conf # no newline
write
expect_status 0
for line in "work_mem = '1MB'" "maintenance_work_mem = '2MB'" "# by pitr-find: recovery_target_time = '2026-11-22 10:00:00+00'" \
    "# by pitr-find: Recovery_Target_Xid 898" "# by pitr-find: restore_command = 'cp /elsewhere/%f %p'" "recovery_end_command = 'rm -rf /'"; do
    expect_in data/postgresql.auto.conf "$line"
done
expect_not_in data/postgresql.auto.conf '^[Rr]ecovery_[Tt]arget_([Xx]id|time) '
expect_err "changed     postgresql.auto.conf, line 3: recovery_target_time made a comment"
expect_err "postgresql.auto.conf, line 4: recovery_target_xid made a comment"
expect_err "postgresql.auto.conf, line 5: restore_command made a comment"
expect_err 'warning: recovery_end_command is set in "data": it is run when recovery ends'
expect_err 'warning: archive_mode is set in "data": it makes this server archive'
done_with "12 and newer: leftovers in postgresql.auto.conf"

restore 15
mkdir -p data/conf.d/more
echo "include_dir 'conf.d'" >data/postgresql.conf
echo "include_if_exists = 'nothing.conf'" >>data/postgresql.conf
echo "include 'more/last.conf'" >data/conf.d/50-first.conf
echo "recovery_target_name = 'before the release'" >data/conf.d/more/last.conf
echo "recovery_target = ''" >>data/conf.d/more/last.conf
echo "recovery_target_lsn = '0/1'" >>data/conf.d/more/last.conf
echo "archive_cleanup_command = 'pg_archivecleanup /archive %r'" >data/conf.d/60-more.conf
echo "recovery_target_xid = '5'" >data/conf.d/.hidden.conf
write
expect_status 0
expect_err "changed     postgresql.conf sets recovery_target_name: unset by postgresql.auto.conf"
expect_err 'warning: archive_cleanup_command is set in "data"'
[ "$(grep -nE '^recovery_target(_name|_lsn) ' data/postgresql.auto.conf | cut -d: -f2- | head -1)" = "recovery_target_name = ''" ] ||
    miss "not unset before ours: $(cat data/postgresql.auto.conf)"
[ "$(grep -cE "= ''" data/postgresql.auto.conf)" -eq 1 ] || miss "more is unset: $(cat data/postgresql.auto.conf)"
done_with "12 and newer: a target in a file that postgresql.conf includes"

restore 10
cat >data/recovery.conf <<'CONF'
standby_mode = 'on'
primary_conninfo = 'host=db1'
CONF
echo "recovery_target_xid = '5'" >data/postgresql.auto.conf
write
expect_status 0
expect_in data/recovery.conf "# standby_mode = 'on'"
expect_in data/recovery.conf "# primary_conninfo = 'host=db1'"
expect_not_in data/recovery.conf '^(standby_mode|primary_conninfo)'
expect_in data/postgresql.auto.conf "# by pitr-find: recovery_target_xid = '5'"
expect_err "recovery.conf replaced; its lines are kept in it as comments"
done_with "before 12: what was in recovery.conf and postgresql.auto.conf"
restore 10
printf "port = 5433\nrestore_command = 'cp /a/%%f %%p'\n" >data/postgresql.conf
refuses "before 12: recovery settings in postgresql.conf" \
    '"data/postgresql.conf" sets restore_command in line 2: PostgreSQL 10 does not start with it; remove that line'

# ---- no server to ask ---------------------------------------------------------------------------

# asks NAME PART CONNINFO: one line, nothing secret in it, and soon
asks() {
    local from=$SECONDS
    run --before 'DROP TABLE shop\.orders' --database app --dsn "$3" "$fixtures/pg15-backup/wal"
    expect_status 2
    expect_err "$2"
    [ ! -s out ] || miss "stdout: $(head -c 300 out)"
    [ "$(wc -l <err)" -eq 1 ] || miss "stderr has $(wc -l <err) lines: $(cat err)"
    expect_not_in err 'xyzzy'
    [ $((SECONDS - from)) -le 30 ] || miss "it took $((SECONDS - from)) s"
    done_with "$1"
}
if grep -q 'built without --dsn' <("$program" --before x --dsn 'host=/nowhere' "$fixtures/pg15-backup/wal" 2>&1); then
    echo "ok - --dsn # SKIP this build has no libpq"
else
    asks "--dsn: nobody listens" "cannot connect to the server of --dsn: connection to server on socket \"$work/.s.PGSQL.5432\" failed" \
        "host=$work password=xyzzy"
    asks "--dsn: no connection string" "--dsn is not a connection string" "shop xyzzy"
    asks "--dsn: a URI nobody can read" "--dsn is not a connection string" "postgresql://user:xyz%zzyzzy@db1/"
    asks "--dsn: a password with a slash" "--dsn is not a connection string" "postgresql://user:xyzzy/1@db1/"
    asks "--dsn: an option nobody knows" "--dsn is not a connection string" "host=db1 xyzzy=1"
    run events --dsn "host=$work" "$fixtures/pg15-backup/wal"
    expect_status 2
    expect_err "cannot connect to the server of --dsn"
    done_with "--dsn: events"
    if command -v perl >/dev/null; then
        perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 9) or die; print "up\n"; close STDOUT; sleep 60' \
            "$work/.s.PGSQL.5433" >listening &
        children+=($!)
        for _ in {1..600}; do [ -s listening ] || sleep 0.1; done
        asks "--dsn: a server that gives no answer" "cannot connect to the server of --dsn" "host=$work port=5433 connect_timeout=2 password=xyzzy"
    fi
fi
bare=$(dirname "$program")/tests/pitr-find-bare
if [ -x "$bare" ]; then
    status=0
    "$bare" --before x --dsn 'host=/nowhere' "$fixtures/demo/wal" >out 2>err || status=$?
    expect_status 2
    expect_err "this pitr-find was built without --dsn: install libpq-dev and build it again"
    done_with "a build without libpq names the package"
fi

exit $((failures > 0))
