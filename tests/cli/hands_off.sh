#!/bin/bash
# Proves that nothing which others chose - names in the WAL, paths, links in a backup, where fetch is to write - is
# interpreted, followed or printed as it is.
#
# What is expected comes from the statements in tests/fixtures/cases/hostile-names/README.md. Restores of a hostile
# backup with a server are tests/servers/restore.sh.
#
#   tests/cli/hands_off.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

names=$fixtures/cases/hostile-names/wal

# ---- names ----------------------------------------------------------------------------------------

hex() { od -An -v -tx1 | tr -d ' \n'; }

# Nothing that moves a cursor or turns the direction of text, in one or two bytes or more.
expect_harmless() { # expect_harmless FILE
    iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1 || miss "$1 is no UTF-8"
    ! grep -qP '[\x01-\x08\x0b-\x1f\x7f]' "$1" || miss "$1 has a control character"
    ! LC_ALL=C.UTF-8 grep -qP '[\x{80}-\x{9f}\x{61c}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}]' "$1" ||
        miss "$1 has a C1 control character or a direction mark"
}

for format in table csv json; do
    run events --format $format "$names"
    expect_status 0
    expect_harmless out
    expect_harmless err
    [ "$(grep -c 'DROP TABLE' out)" -eq 9 ] || miss "$format: $(grep -c 'DROP TABLE' out) drops, not 9"
done
done_with "lists: names with control characters and direction marks are spelled out, one line each"

# What csv spells out can be read back: every name as its bytes in hex.
cat >wanted <<'NAMES'
6f7264e972
7265641b5b33316d
637369c29b33316d
7475726e6564e280ae73726564726f
616c6dd89c
69736f6c617465e281a678
74776f0a6c696e6573
6261636b5c783041736c6173682c2271
2428746f7563682070776e6564296025702627
NAMES
read_back='import csv, re, sys
def plain(m):
    s = m.group(0)
    if s[1] == 92: return b"\\"
    return bytes([int(s[2:], 16)]) if s[1] == 120 else chr(int(s[2:], 16)).encode()
for row in csv.DictReader(sys.stdin):
    if row["kind"] == "DROP TABLE":
        print(re.sub(rb"\\(\\|x[0-9A-F]{2}|u[0-9A-F]{4})", plain, row["object"].encode()).hex())'
run events --format csv drop "$names"
python3 -c "$read_back" <out >got
cmp -s got wanted || miss "csv: $(diff got wanted)"
read_back='import json, sys
for line in sys.stdin:
    it = json.loads(line)["object"]
    print(it.get("name_bytes") or it["name"].encode().hex())'
run events --format json drop "$names"
python3 -c "$read_back" <out >got
cmp -s got wanted || miss "json: $(diff got wanted)"
expect_json 'select(any(.. | objects | keys[]; endswith("_bytes"))) | .schema.name_bytes + " " + .text_bytes' \
    "636166e9 $(printf 'DROP TABLE "caf\351"."ord\351r"' | hex)"
done_with "csv and json: every byte of every name can be told"

for name in red turned two touch; do
    for format in conf json; do
        run --before "DROP TABLE .*$name" --format $format "$names"
        expect_status 0
        expect_harmless out
        expect_harmless err
    done
    run --before "DROP TABLE .*$name" --format shell "$names"
    bash -c 'eval "$(cat out)"; printf %s "$PITR_EVENT"' >got || miss "shell: $name"
    grep -q "^DROP TABLE public.*$name" got || miss "shell: $(cat got)"
    run --before "DROP TABLE .*$name" "$names"
    [ "$(grep -vcE "^(#|[a-z_]+ = '.*'\$)" out)" -eq 0 ] || miss "conf: $(cat out)"
done
[ ! -e pwned ] || miss 'a name was run'
done_with "targets: names stay in their comments, and are no commands"

# The folder's name has a Latin-1 byte, an escape, a quote and a percent.
odd=$(printf "arch\351\033[31m'%%f\$(touch pwned)")
unpack cases/hostile-names "$odd"
run --before 'DROP TABLE .*red' "$odd"
expect_status 0
expect_harmless out
expect_harmless err
run --before 'DROP TABLE .*red' --format json "$odd"
expect_harmless out
[[ $(json_value .target.restore_command_bytes out) == *$(printf 'arch\351\033[31m' | hex)* ]] || miss "restore_command: $(cat -v out)"
expect_json '.target.settings | has("restore_command_bytes")' false
done_with "a folder with odd bytes in its name: conf and json are UTF-8, and tell all of them"

# ---- where fetch writes ---------------------------------------------------------------------------

unpack demo wal
segment=$(find wal -type f -printf '%f\n' | sort | head -n 1)
fetch_to() { run fetch "$segment" "$1" wal; }
expect_refused() { # expect_refused WORDS: one line, and the destination is as it was
    expect_status 255
    expect_err "pitr-find: error: $1"
    [ "$(wc -l <err)" -eq 1 ] || miss "stderr: $(cat err)"
    [ -z "$(find . -name '*.pitr-find.*')" ] || miss "a temporary file is left"
}

echo mine >target
ln -s target link
ln -s nowhere dangling
mkdir folder
mkfifo pipe
for kind in 'link:a symbolic link' 'dangling:a symbolic link' 'folder:a directory' 'pipe:no regular file'; do
    before=$(stat -c '%i %F' "${kind%%:*}")
    fetch_to "${kind%%:*}"
    expect_refused "\"${kind%%:*}\" is ${kind#*:}: it is not replaced by a WAL file"
    [ "$(stat -c '%i %F' "${kind%%:*}")" = "$before" ] || miss "${kind%%:*} is another"
done
fetch_to /dev/null
expect_refused '"/dev/null" is no regular file'
[ -c /dev/null ] || miss '/dev/null is gone'
for name in folder/ . folder/..; do
    fetch_to "$name"
    expect_refused "\"$name\" is not a name for a file to write"
done
[ "$(cat target)" = mine ] && [ ! -e nowhere ] || miss 'a link was followed'
done_with "fetch replaces no link, folder, pipe or device"

fetch_to target
expect_status 0
cmp -s target "wal/$segment" || miss 'not the bytes of the segment'
done_with "fetch replaces a regular file"

# In units of 1 kB: less than a segment.
rm -f got
for shell in 'ulimit -f 100' 'trap "" XFSZ; ulimit -f 100'; do
    status=0
    bash -c "$shell; exec \"\$@\"" - "$program" fetch "$segment" got wal >out 2>err || status=$?
    expect_refused 'cannot write'
    [ ! -e got ] || miss 'a file is there'
done
done_with "fetch: a limit on the size of files is an error that stops the server, and leaves no file"

# ---- a hostile server of --dsn --------------------------------------------------------------------

# Speaks the protocol of PostgreSQL 15 on a socket, as MODE says: `notices` with an escape in them while it connects and after;
# `rows` without end.
cat >server.py <<'SERVER'
import os, socket, struct, sys
mode, path, system = sys.argv[1:4]
def msg(kind, body): return kind + struct.pack('!i', len(body) + 4) + body
def row(*values): return msg(b'D', struct.pack('!h', len(values)) + b''.join(struct.pack('!i', len(v)) + v for v in values))
def head(n): return msg(b'T', struct.pack('!h', n) + b''.join(b'c\0' + struct.pack('!ihihih', 0, 0, 25, -1, -1, 0) for _ in range(n)))
def notice(word): return msg(b'N', b'SNOTICE\0VNOTICE\0C00000\0M' + word + b'\0\0')
done, ready = msg(b'C', b'SELECT 1\0'), msg(b'Z', b'I')
large = row(b'2200', b'public', b'x' * 1000000)
def read(c, n):
    got = b''
    while len(got) < n:
        more = c.recv(n - len(got))
        if not more: raise EOFError
        got += more
    return got
def answer(c, sql):
    if b'pg_control_system' in sql: c.sendall(head(1) + row(system.encode()) + done)
    elif b'pg_database' in sql: c.sendall(head(3) + row(b'16384', b'shop', b't') + done)
    elif b'pg_namespace' in sql and mode == 'rows':
        c.sendall(head(3))
        while True: c.sendall(large)
    elif b'SELECT' in sql: c.sendall(head(6) + done)
    else: c.sendall(notice(b'set \x1b[31m\xc2\x9b') * 100 + done)
def serve(c):
    read(c, struct.unpack('!i', read(c, 4))[0] - 4)
    c.sendall(msg(b'R', struct.pack('!i', 0)) + (notice(b'hello \x1b]0;pwned\x07') if mode == 'notices' else b'') +
              msg(b'S', b'server_version\0' + b'15.1\0') + ready)
    while True:
        kind = read(c, 1)
        body = read(c, struct.unpack('!i', read(c, 4))[0] - 4)
        if kind == b'Q':
            answer(c, body)
            c.sendall(ready)
s = socket.socket(socket.AF_UNIX)
s.bind(path)
s.listen(8)
print('ready', flush=True)
while True:
    c = s.accept()[0]
    try: serve(c)
    except (EOFError, OSError): pass
SERVER
if grep -q 'built without --dsn' <("$program" --before x --dsn 'host=/nowhere' "$names" 2>&1); then
    echo "ok - --dsn: a hostile server # SKIP this build has no libpq"
else
    run --before 'DROP TABLE .*red' --format json "$names"
    system=$(json_value .source.system_identifier out)
    for mode in notices rows; do
        mkdir "socket-$mode"
        : >server.out # the one before may have said so, too
        python3 server.py $mode "$work/socket-$mode/.s.PGSQL.5432" "$system" >server.out 2>server.err &
        server=$!
        for _ in {1..600}; do if grep -q ready server.out; then break; fi; sleep 0.1; done
        for _ in {1..10}; do
            status=0
            (limit_memory 1000000 && timeout 600 "$program" events --dsn "host=$work/socket-$mode user=x sslmode=disable" "$names") >out 2>err </dev/null || status=$?
            # On a busy machine the time for an answer may end first: that is another limit.
            grep -q 'gives no answer in 15 s' err || break
        done
        kill "$server"
        wait "$server" 2>/dev/null || true
        expect_harmless err
        if [ $mode = notices ]; then
            expect_status 0
            expect_err 'the server of --dsn says: NOTICE: hello \x1B]0;pwned\x07'
            expect_err 'the server of --dsn says: NOTICE: set \x1B[31m\u009B'
            [ "$(grep -c NOTICE err)" -eq 5 ] || miss "$(grep -c NOTICE err) notices are shown, not 5"
        else
            expect_status 2
            expect_err 'the server of --dsn has more than 1000000 names, or 128 MB of them: leave --dsn out'
        fi
    done
    done_with "--dsn: notices of a server are spelled out, and its rows do not fill the memory"
fi

# ---- pitr-restore ---------------------------------------------------------------------------------
# With programs that only say their version: it goes as far as starting the server, which fails, and leaves what it made.

chmod 755 "$work"
mkdir bin
cat >bin/postgres <<'PROGRAM'
#!/bin/sh
case $1 in --version) echo 'postgres (PostgreSQL) 15.1' ;; *) echo 100 ;; esac
PROGRAM
printf '#!/bin/sh\nexit 1\n' | tee bin/pg_ctl bin/psql >bin/pg_dump
cat >bin/pg_controldata <<'PROGRAM'
#!/bin/sh
echo 'max_connections setting:              250
max_worker_processes setting:         8
track_commit_timestamp setting:       on'
PROGRAM
chmod 755 bin/*

label='START WAL LOCATION: 0/2000028 (file 000000010000000000000002)'
make_backup() { # make_backup FOLDER
    mkdir -p "$1"/{base/1,global,pg_wal,pg_tblspc}
    echo 15 >"$1/PG_VERSION"
    echo "$label" >"$1/backup_label"
    echo 'port = 1' >"$1/postgresql.conf"
    echo control >"$1/global/pg_control"
    chmod -R go=u-w "$1"
}
# What must not change, whoever points at it.
mkdir -p prod/{base,pg_wal,log,space,pg_tblspc}
for name in postgresql.conf postgresql.auto.conf recovery.signal recovery.conf tablespace_map pg_hba.conf base/1 pg_wal/1 log/1 space/1; do
    echo "$name of production" >"prod/$name"
done
chmod -R a+rwX prod
prod_was=$(find prod -exec stat -c '%n %a %U %Y %i' {} + | sort; find prod -type f -exec cksum {} + | sort)
expect_prod() {
    [ "$(find prod -exec stat -c '%n %a %U %Y %i' {} + | sort; find prod -type f -exec cksum {} + | sort)" = "$prod_was" ] || miss 'production was touched'
    [ -z "$(find . -name pwned)" ] || miss 'a name was run'
}
user=''
if [ "$(id -u)" = 0 ]; then user=nobody; fi
mkdir new archive
echo wal | tee archive/000000010000000000000002 >archive/000000010000000000000003
[ -z "$user" ] || chown "$user" new
# restore ARG...: into new/it. The settings come from the file conf.
cat >conf <<'SETTINGS'
# stops right before: DROP TABLE public.t in database shop
# - max_connections = 200, max_wal_senders = 120, or more: with less, recovery does not get to the target
recovery_target_lsn = '0/3000000'
recovery_target_inclusive = 'false'
archive_mode = 'off'
SETTINGS
restore() {
    if [ -e new/it ]; then chmod -R u+rwX new/it && rm -rf new/it; fi
    status=0
    timeout 600 "$root/tools/pitr-restore" --bindir "$work/bin" ${user:+--user "$user"} --into "$work/new/it" "$@" <conf >out 2>err || status=$?
    expect_status 2
    expect_prod
}
# It came to the start of the server; what it made belongs to the server's user, and no link but a tablespace's is in it.
expect_made() {
    expect_err 'the server did not recover'
    [ -z "$(find new/it ! -user "${user:-$(id -un)}" -o -type l ! -path '*/pg_tblspc/*')" ] || miss "made: $(find new/it -ls)"
}
expect_undone() { # expect_undone WORDS: one reason, and nothing is left
    expect_err "pitr-restore: error: $1"
    [ ! -e new/it ] || miss 'something is left'
}

make_backup links
for name in postgresql.conf postgresql.auto.conf recovery.signal recovery.conf pg_hba.conf pg_wal log; do
    rm -rf "links/$name"
    ln -s "$work/prod/$name" "links/$name"
done
ln -s "$work/prod/space" links/pg_tblspc/16999
restore --backup links --archive archive --tablespace "16999=$work/prod/space"
expect_made
expect_err 'pg_wal was a link: made an empty folder'
expect_err 'postgresql.auto.conf was a link: left out'
[ "$(readlink new/it/data/pg_tblspc/16999)" = "$work/new/it/tablespaces/16999" ] || miss 'the tablespace is that of production'
cmp -s new/it/tablespaces/16999/1 prod/space/1 || miss 'the tablespace was not copied'
[ -f new/it/data/recovery.signal ] && [ ! -e new/it/data/pg_wal/1 ] || miss 'no recovery.signal, or the WAL of production'
done_with "pitr-restore: links of the backup's files, WAL and tablespaces to production are left out"

settings=new/it/data/postgresql.auto.conf
for line in 'max_logical_replication_workers = 0' 'archive_mode = off' "listen_addresses = ''" "unix_socket_directories = '$work/new/it'" \
    'max_connections = 250' 'max_wal_senders = 120' 'track_commit_timestamp = on' "recovery_target_lsn = '0/3000000'"; do
    grep -qxF -- "$line" "$settings" || miss "no line: $line ($(cat "$settings"))"
done
[ "$(grep -c '^max_connections\|^max_worker\|^archive_mode' "$settings")" -eq 2 ] || miss "settings: $(cat "$settings")"
done_with "pitr-restore: the copy archives nothing, subscribes to nothing, and has what the WAL and pg_control demand"

for name in base pg_tblspc global/pg_control tablespace_map PG_VERSION; do
    make_backup bad
    rm -rf "bad/$name"
    ln -s "$work/prod/$(basename "$name")" "bad/$name"
    restore --backup bad --archive archive
    if [ $name = PG_VERSION ]; then expect_undone "$work/bad is not a base backup"; else expect_undone "the backup has a link where a server writes: $name -> $work/prod"; fi
    rm -rf bad
done
make_backup bad
mkdir bad/pg_tblspc/16999
ln -s "$work/prod" bad/pg_tblspc/16999/PG_15_202209061
restore --backup bad --archive archive
expect_undone 'the backup has a link where a server writes: '
rm -rf bad
make_backup bad
mkfifo bad/postgresql.auto.conf
restore --backup bad --archive archive
expect_undone 'the backup has something that is not a file: postgresql.auto.conf'
rm -rf bad
make_backup bad
rm bad/PG_VERSION
mkfifo bad/PG_VERSION
restore --backup bad --archive archive
expect_undone "$work/bad is not a base backup"
done_with "pitr-restore refuses a backup with links where a server writes, and with pipes"

# A link, and a file through it, in one tar archive; and one that names files outside.
mkdir tars tree
make_backup tree
rmdir tree/pg_wal
ln -s "$work/prod/pg_wal" tree/pg_wal
tar -cf tars/base.tar -C tree PG_VERSION backup_label global pg_wal
mkdir -p tree2/pg_wal
echo evil >tree2/pg_wal/1
tar -rf tars/base.tar -C tree2 pg_wal/1
restore --backup tars --archive archive
done_with "pitr-restore: a tar archive that writes through its own link"
mkdir up
cp tree/PG_VERSION tree/backup_label up/
echo evil >evil
tar -cPf tars/base.tar --transform "s|^evil\$|$work/prod/base/1|" -C up PG_VERSION backup_label -C "$work" evil
restore --backup tars --archive archive
done_with "pitr-restore: a tar archive that names files outside"

# An odd path is a path, in the trial of restore_command and in the settings.
make_backup odd-backup
odd='arch & $(touch pwned) `touch pwned` %f "q" '\''s'\'' \b'
cp -r archive "$odd"
mv odd-backup 'b & $(touch pwned)'
chmod -R go=u-w "$odd"
restore --backup 'b & $(touch pwned)' --archive "$odd"
expect_made
expect_err 'restore_command gives 000000010000000000000002, where recovery begins'
cat >wanted <<'LINE'
 & \\$(touch pwned) \\`touch pwned\\` %%f \\"q\\" ''s'' \\\\b/%f" "%p"'
LINE
grep '^restore_command' "$settings" >got
grep -qF -- "$(cat wanted)" got || miss "restore_command: $(cat got)"
for name in $'new\nline' $'esc\033'; do
    cp -r archive "$name"
    restore --backup links --archive "$name"
    expect_undone '--archive has a control character in it'
done
done_with "pitr-restore: no sign in a path is interpreted, and control characters are refused"

# What pitr-find writes in octal is read back.
mkdir "$(printf 'caf\351')"
cp archive/* "$(printf 'caf\351')/"
cp conf conf.before
printf "restore_command = 'cp \"%s/caf\\\\351/%%f\" \"%%p\"'\n" "$work" >>conf
restore --backup links --tablespace "16999=$work/prod/space"
expect_err 'restore_command gives 000000010000000000000002, where recovery begins'
printf "archive_mode = 'on'\n" >>conf
restore --backup links --tablespace "16999=$work/prod/space"
expect_undone "what came in is not what pitr-find prints: archive_mode = 'on'"
mv conf.before conf
done_with "pitr-restore: octal of the settings is read, and other settings are refused"

ln -s "$work/prod/base/1" dump
ln -s "$work/prod/nothing" dump2.part
for name in dump dump2.part; do
    restore --backup links --archive archive --expect-table t --dump "${name%.part}"
    expect_undone "$name is there already"
done
[ ! -e prod/nothing ] || miss 'a link was followed'
done_with "pitr-restore: a dump is no link's target"

if [ -n "$user" ] && id daemon >/dev/null 2>&1; then
    mkdir others
    chown daemon others
    status=0
    "$root/tools/pitr-restore" --bindir "$work/bin" --user "$user" --backup links --archive archive --into others/it <conf >out 2>err || status=$?
    expect_status 2
    expect_err "$work/others is open to others than root, but not to user $user: make $work/others/it for that user yourself"
    mkdir others/it
    chown daemon others/it
    status=0
    "$root/tools/pitr-restore" --bindir "$work/bin" --user "$user" --backup links --archive archive --into others/it <conf >out 2>err || status=$?
    expect_err "$work/others/it belongs to daemon, not to user $user"
    [ -z "$(ls -A others/it)" ] || miss 'something was made'
    done_with "pitr-restore: root makes nothing in folders of others"
fi

exit $((failures > 0))
