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
[ "$(jq -r 'select(.schema.name_bytes) | .schema.name_bytes + " " + .text_bytes' out)" = \
    "636166e9 $(printf 'DROP TABLE "caf\351"."ord\351r"' | hex)" ] || miss "bytes: $(head -1 out)"
[ "$(grep -c _bytes out)" -eq 1 ] || miss "bytes beside names that need none"
done_with "csv and json: every byte of every name can be told"

for name in red csi turned alm isolate two back touch; do
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
[[ $(jq -r .target.restore_command_bytes out) == *$(printf 'arch\351\033[31m' | hex)* ]] || miss "restore_command: $(cat -v out)"
jq -e '.target.settings | has("restore_command_bytes") | not' out >/dev/null || miss 'bytes among the settings'
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
    expect_refused "\"$name\" is no name for a file to write"
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

exit $((failures > 0))
