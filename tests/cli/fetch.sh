#!/bin/bash
# Proves what `fetch` hands to a restoring server and what it does not: every packing and layout gives the
# segment's bytes; what is not there is status 1; what is broken, doubtful or foreign is status 255, which stops a
# server, and never leaves a file.
#
#   tests/cli/fetch.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

demo=$root/tests/fixtures/demo/wal

# ---- helpers ------------------------------------------------------------------------------------

# fetch ARG...: into the file got; stdout and stderr to the files out and err.
fetch() {
    status=0
    rm -f got
    "$program" fetch "$@" >out 2>err || status=$?
    [ ! -s out ] || miss "stdout: $(head -c 300 out)"
    [ -z "$(find . -name '*.pitr-find.*')" ] || miss "a temporary file is left"
}
expect_lines() { [ "$(wc -l <err)" -eq "$1" ] || miss "stderr has $(wc -l <err) lines, not $1: $(head -c 400 err)"; }
expect_got() { # expect_got FILE: whole, and nothing said
    expect_status 0
    expect_lines 0
    cmp -s "$1" got || miss "not the bytes of $1"
}
# expect_refused WORDS: one line, and no file.
expect_refused() {
    expect_status 255
    expect_err "pitr-find: error: "
    expect_err "$1"
    [ ! -e got ] || miss "a file was handed over"
}
expect_missing() {
    expect_status 1
    expect_lines 1
    expect_err "is not in the archive"
    [ ! -e got ] || miss "a file was handed over"
}

b=00000001000000000000000B c=00000001000000000000000C d=00000001000000000000000D f=00000001000000000000000F
mkdir plain
for file in "$demo"/*.gz; do gzip -dc "$file" >"plain/$(basename "$file" .gz)"; done
last=$(find plain -type f -printf '%f\n' | sort | tail -n 1)

# ---- what is there ------------------------------------------------------------------------------

fetch $c got plain
expect_got plain/$c
fetch $c "$work/got" "$work/plain"
expect_got plain/$c
fetch --quiet $c got plain/$b plain/$c
expect_got plain/$c
[ "$(stat -c %a got)" = 600 ] || miss "mode $(stat -c %a got)"
done_with "a plain segment, from a folder and from files"

mkdir gz lz4 zst bz2 xz bare
for file in "$b" "$c" "$d"; do
    gzip -c plain/$file >gz/$file.gz
    lz4 -qc plain/$file >lz4/$file.lz4
    zstd -qc plain/$file >zst/$file.zst
    bzip2 -c plain/$file >bz2/$file.bz2
    xz -1c plain/$file >xz/$file.xz
    bzip2 -c plain/$file >bare/$file
done
for folder in gz lz4 zst bz2 xz bare; do
    fetch $c got $folder
    expect_got plain/$c
done
done_with "every packing, under its suffix and the bare name"

mkdir -p barman/main/wals/0000000100000000 barman/main/incoming barman/main/streaming
echo '{"systemid": "1", "version": "15"}' >barman/main/identity.json
gzip -c plain/$c >barman/main/wals/0000000100000000/$c
cp plain/$d barman/main/incoming/$d
cp plain/$b barman/main/streaming/$b.partial
for source in barman/main barman; do
    fetch $c got $source
    expect_got plain/$c
    fetch $d got $source
    expect_got plain/$d
done
fetch $b got barman/main
expect_got plain/$b
mkdir -p deep/1/0000000100000000 && cp plain/$c deep/1/0000000100000000/$c-0123456789abcdef0123456789abcdef01234567
fetch $c got deep
expect_got plain/$c
fetch $c got deep/1/0000000100000000 gz
expect_got plain/$c
tar -cf pg_wal.tar -C plain $b $c
fetch $c got pg_wal.tar
expect_got plain/$c
done_with "layouts: Barman with incoming and streaming, a folder for each log file, a tar archive"

printf '1\t0/D00000\tno recovery target specified\n' >history
mkdir texts && gzip -c history >texts/00000002.history.gz && cp plain/$c texts
printf 'START WAL LOCATION: 0/C00028 (file %s)\n' $c >texts/$c.00000028.backup
fetch 00000002.history got texts
expect_got history
fetch $c.00000028.backup got texts
expect_got texts/$c.00000028.backup
fetch 00000003.history got texts
expect_missing
done_with "history files and backup history files, unpacked"

# ---- what is not there --------------------------------------------------------------------------

fetch $f got plain
expect_missing
fetch --quiet $f got plain
expect_status 1
expect_lines 0
fetch 00000002${c:8} got plain
expect_missing
done_with "what is not there is status 1"

# ---- a folder of 100,000 files is not listed for one -------------------------------------------

if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
    cp -r plain many && (cd many && seq -f 'x%06.0f' 1 3000 | xargs touch)
    # Under strace a sanitizer cannot look for leaks.
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace -o calls -e trace=getdents64 "$program" fetch $c got many 2>/dev/null || miss "it fails"
    [ "$(grep -c 'many\|getdents' calls)" -lt 6 ] || miss "$(grep -c getdents calls) calls to list folders"
    done_with "a segment in a large folder is found without listing it"
else
    echo "ok - a segment in a large folder is found without listing it # SKIP no strace"
fi

# ---- partial segments ---------------------------------------------------------------------------

mkdir partial && cp plain/$b partial && head -c 300000 plain/$c >partial/$c.partial
{ head -c 300000 plain/$c; head -c 748576 /dev/zero; } >padded
fetch $c got partial
expect_status 0
expect_err "warning: WAL ends at 0/C4"
expect_lines 1
cmp -s padded got || miss "not what the partial segment holds, and zeros"
gzip -c plain/$c | head -c 100000 >partial/$c.gz.partial && rm partial/$c.partial
fetch $c got partial
expect_status 0
[ "$(stat -c %s got)" -eq 1048576 ] || miss "size $(stat -c %s got)"
cmp -s -n 100000 plain/$c got || miss "not what the partial segment holds"
cp plain/$c partial
fetch $c got partial
expect_got plain/$c
rm partial/$c && cp plain/$d partial
fetch $c got partial
expect_refused "but the segment that follows is there"
cp plain/$c partial/$c.partial && rm partial/$c.gz.partial
fetch $c got partial
expect_got plain/$c
: >partial/$f.partial
fetch $f got partial
expect_missing
done_with ".partial: padded with zeros, only as the last of its timeline, after the whole one"

# ---- what is broken -----------------------------------------------------------------------------

# broken NAME WORDS COMMAND...: one segment spoilt by a command that reads it and writes it.
broken() {
    local words=$1
    shift
    rm -rf broken && mkdir broken && cp plain/$b plain/$d broken
    "$@" <plain/$c >broken/$c 2>/dev/null || true
    fetch $c got broken
    expect_refused "$words"
    expect_lines 1
}
flip() { # flip OFFSET BYTES-AS-ESCAPES
    cat >flipped
    printf "$2" | dd of=flipped bs=1 seek="$1" conv=notrunc status=none
    cat flipped
}
cut_gzip() { gzip -c | head -c 100000; }
bad_gzip() { gzip -c >whole.gz && size=$(stat -c %s whole.gz) && flip $((size - 8)) '\377\377' <whole.gz; }
broken 'is cut short: 500000 of 1048576 bytes' head -c 500000
broken 'is cut short' cut_gzip
broken 'is damaged' bad_gzip
broken 'is damaged at 0/C' flip 500000 '\377\376\375'
broken 'is damaged at 0/C' flip 81920 '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
broken 'is damaged at 0/C' flip 81928 '\1\2\3'
broken 'is not a whole segment' flip 0 '\1\2'
broken 'holds the WAL of' flip 10 '\160'
broken 'holds more than a segment of 1 MB' cat - plain/$d
broken 'it is empty' head -c 0
broken 'holds nothing but zeros' head -c 1048576 /dev/zero
broken 'is cut short' head -c 8192
done_with "cut, flipped, zeroed, renamed, too long, empty: status 255 and no file"

rm -rf broken && cp -r plain broken && head -c 500000 plain/$c >broken/$c
gzip -c plain/$c >broken/$c.gz
fetch $c got broken
expect_status 0
cmp -s plain/$c got || miss "not the good copy"
expect_err "warning: \"broken/$c\" is cut short: 500000 of 1048576 bytes: passed over"
head -c 300000 plain/$c >broken/$c.partial && rm broken/$c.gz broken/$d
find broken -name '*0[D-F]' -delete
fetch $c got broken
expect_refused "is cut short"
done_with "a whole copy is taken before a broken one, a .partial is not"

mkdir one two && cp plain/$c one && gzip -c plain/$c >two/$c.gz
fetch $c got one two
expect_got plain/$c
# The same records but for the last: still a segment that reads well by itself.
mkdir other && head -c 700000 plain/$c >other/$c.partial
fetch $c got one other
expect_got plain/$c
mkdir differs
{ head -c 400000 plain/$c; head -c 648576 /dev/zero; } >differs/$c.partial
flip 300 '\377' <differs/$c.partial >differs/$c && rm differs/$c.partial && rm differs/$c
printf '1\t0/E00000\tno recovery target specified\n' >differs/00000002.history && cp plain/$c differs
fetch 00000002.history got texts differs
expect_refused "differ: only one of them can be right"
done_with "copies that agree are one, those that differ are refused"

mkdir cut && cp plain/$c cut && head -c 30 texts/00000002.history.gz >cut/00000002.history.gz
fetch 00000002.history got cut
expect_refused "cut/00000002.history.gz"
expect_lines 1
fetch 00000002.history got cut texts
expect_status 0
cmp -s history got || miss "not the bytes of the one that is whole"
expect_err 'warning: "cut/00000002.history.gz" is damaged: its compressed data is cut short or damaged: passed over'
expect_lines 1
done_with "a history that is cut short is passed over where another one is whole"

gzip -dc "$root"/tests/fixtures/pg15/wal/*0C.gz >foreign 2>/dev/null || true
if [ -s foreign ]; then
    name=$(basename "$root"/tests/fixtures/pg15/wal/*0C.gz .gz)
    mkdir foreigners && cp foreign "foreigners/$name"
    fetch --system-id 4711 "$name" got foreigners
    expect_refused "is of the cluster with system identifier"
fi
done_with "another cluster's segment is refused"

# ---- wrong usage --------------------------------------------------------------------------------
# All but "not there" must stop the server.

fetch $c got nowhere
expect_refused 'cannot open "nowhere"'
mkdir empty
fetch $c got empty
expect_refused 'no WAL segments in "empty"'
fetch $c
expect_refused "fetch takes a name, a path and SOURCEs"
fetch $c got
expect_refused "no SOURCE"
fetch %f %p plain
expect_refused "is not a name of a WAL file"
fetch ../plain/$c got plain
expect_refused "is not a name of a WAL file"
fetch $c.partial got plain
expect_refused "is not a name of a WAL file"
fetch --what $c got plain
expect_refused "unknown option --what"
fetch $c no/folder/got plain
expect_refused 'cannot write beside "no/folder/got"'
done_with "wrong usage, a SOURCE that is not there or has no WAL: status 255"

"$program" fetch --help >out 2>err || miss "--help fails"
grep -qF "restore_command = 'pitr-find fetch \"%f\" \"%p\" /wal_archive'" out || miss "--help has no restore_command"
grep -qF "255 anything else is wrong" out || miss "--help does not tell the exit status"
done_with "--help"

# ---- signals ------------------------------------------------------------------------------------

mkfifo slow
mkdir slowly && ln -s ../slow slowly/$c
("$program" fetch $c got slowly 2>err 9>&- & echo $! >pid; wait $! || echo $? >status_of) &
exec 9<>slow
head -c 200000 plain/$c >&9
for ((i = 0; i < 600; i++)); do { [ -s pid ] && [ -n "$(find . -name '*.pitr-find.*')" ]; } && break; sleep 0.1; done
[ -n "$(find . -name '*.pitr-find.*')" ] || miss "it does not write yet"
kill -TERM "$(cat pid)"
wait
exec 9>&-
[ "$(cat status_of)" = 143 ] || miss "status $(cat status_of)"
[ -z "$(find . -name '*.pitr-find.*')" ] || miss "a temporary file is left"
[ ! -e got ] || miss "a file was handed over"
done_with "SIGTERM removes the temporary file"

# ---- memory -------------------------------------------------------------------------------------
# 256 GB of zeros behind the segment are not unpacked.


head -c 134217728 /dev/zero | zstd -qc >zeros.zst
for ((i = 0; i < 11; i++)); do cat zeros.zst zeros.zst >doubled && mv doubled zeros.zst; done
mkdir bomb && { zstd -qc plain/$c; cat zeros.zst; } >bomb/$c.zst && rm zeros.zst
(
    ulimit -t 10
    limit_memory 400000
    fetch $c got bomb
    expect_refused "holds more than a segment of 1 MB"
    [ -z "$why" ] || { printf '%s' "$why"; exit 1; }
) >complaints || miss "$(cat complaints)"
done_with "a decompression bomb stops at the segment's size"

# A segment of 1 GB, of which only the first page header is there: what is held of it does not grow with it.
mkdir giant
{
    printf '\x10\xd1\x06\0\1\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0' # magic of 15, long header; 0/40000000
    printf '\1\2\3\4\5\6\7\x08\0\0\0\x40\0\x20\0\0'                      # system identifier, 1 GB, 8 kB
    head -c $(((1 << 30) - 40)) /dev/zero
} | zstd -qc >giant/000000010000000000000001.zst
(
    limit_memory 200000
    fetch 000000010000000000000001 got giant
    expect_status 0
    expect_err "WAL ends at 0/40000028"
    [ "$(stat -c %s got)" -eq $((1 << 30)) ] || miss "size $(stat -c %s got)"
    status=0
    "$program" events -j1 giant >out 2>err || status=$?
    expect_status 1
    expect_err "no event in 0 committed transactions"
    [ -z "$why" ] || { printf '%s' "$why"; exit 1; }
) >complaints || miss "$(cat complaints)"
rm -f got
done_with "a segment of 1 GB takes no more memory than one of 1 MB"

[ "$failures" -eq 0 ]
