#!/bin/bash
# Proves that the end of the WAL is believed only where it looks like one: what a .partial file may hold, what an
# archiver's folder may hold, what changes while it is read.
#
#   tests/cli/ends.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# ---- helpers ------------------------------------------------------------------------------------

b=00000001000000000000000B c=00000001000000000000000C d=00000001000000000000000D e=00000001000000000000000E
unpack demo plain
zeros() { head -c "$1" /dev/zero; }

# fetch NAME SOURCE...: into the file got.
fetch() {
    rm -f got
    run fetch "$1" got "${@:2}"
    [ -z "$(find . -name '*.pitr-find.*')" ] || miss "a temporary file is left"
}
# expect_refused WORDS: as a server is stopped; nothing is handed over.
expect_refused() {
    expect_status 255
    expect_err "$1"
    [ ! -e got ] || miss "a file was handed over"
}

# all_doubt SOURCE NAME WORDS: every command says that it cannot know, and names the file and what it holds.
all_doubt() {
    run --before 'INSERT INTO public.customers' "$1"
    expect_status 3
    expect_err "$2"
    expect_err "$3"
    run events "$1"
    expect_status 3
    expect_err "$3"
    run simulate recovery_target_lsn=0/D0D2A8 "$1"
    expect_status 1
    expect_out "recovery ended before configured recovery target was reached"
    expect_err "$3"
    run verify "$1"
    expect_status 1
    expect_out "$2"
    expect_out "$3"
    expect_not_out "made in advance"
    expect_not_out "result         whole"
    fetch "${2:0:24}" "$1"
    expect_refused "$2"
}

# ---- .partial files -----------------------------------------------------------------------------

# content KIND: what may lie in the .partial file of segment E, where that of D ends with the segment.
content() {
    case $1 in
    later) cat plain/$d && return ;;
    text) echo 'restore failed: no such key' ;;
    page) printf '<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code></Error>' ;;
    noise) gzip -c plain/$d | tail -c +5001 ;;
    head) head -c 30 plain/$d ;;
    *) cat plain/$b ;;
    esac
}
# spoilt KIND WORDS: in the place of D, which is the newest.
spoilt() {
    rm -rf spoilt && mkdir spoilt && cp plain/$b plain/$c spoilt
    content "$1" >spoilt/$d.partial
    all_doubt spoilt $d.partial "$2"
    rm spoilt/$c && gzip -c plain/$c >spoilt/$c.gz && gzip spoilt/$d.partial
    all_doubt spoilt $d.partial.gz "$2"
}
spoilt text 'it holds text: "restore failed: no such key"'
spoilt page "it holds XML or HTML, as an object store answers"
spoilt noise "which is not a page magic"
spoilt head "it has 30 bytes"
done_with "a .partial file that is not WAL is in doubt like a plain one, and told what it holds"

rm -rf spoilt && mkdir spoilt && cp plain/$b spoilt && cp plain/$d spoilt/$c.partial
all_doubt spoilt $c.partial "holds the WAL of $d"
done_with "a .partial file with the WAL of a later segment is no unused one"

# Only WAL from before, or zeros, to its end is what a file made for later holds.
rm -rf spoilt && mkdir spoilt && cp plain/$b plain/$c spoilt && cp plain/$b spoilt/$d.partial
run events spoilt
expect_status 0
run verify spoilt
expect_status 0
expect_out "1 recycled file, made ready for later: \"spoilt/$d.partial\""
expect_not_out "zeros"
fetch $d spoilt
expect_status 1
: >spoilt/$e.partial # as pg_receivewal takes for a new one
run verify spoilt
expect_status 0
expect_out "1 empty .partial file, made in advance"
rm spoilt/$e.partial
poke spoilt/$d.partial 4 '\7'
all_doubt spoilt $d.partial "holds the WAL of 00000007000000000000000B"
cp plain/$b spoilt/$d.partial && poke spoilt/$d.partial $((8192 * 100 + 8)) '\0\0\xf0'
all_doubt spoilt $d.partial "holds the WAL of $b"
zeros 1048576 >spoilt/$d.partial && poke spoilt/$d.partial 700000 x
run events spoilt
expect_status 3
run verify spoilt
expect_status 1
fetch $d spoilt
expect_refused "begins with zeros, and other content follows"
done_with "an unused .partial file is no fault where all of it is unused"

rm -rf spoilt && mkdir spoilt && cp plain/$b plain/$c spoilt && cp plain/$d spoilt/$d.partial
poke spoilt/$d.partial 4 '\7'
run events spoilt
expect_status 3
expect_err "page of the wrong timeline (7, expected 1) at 0/D00000 in $d.partial"
run verify spoilt
expect_status 1
fetch $d spoilt
expect_refused "holds WAL of timeline 7"
cp plain/$d spoilt/$d.partial && poke spoilt/$d.partial $((8192 * 3 + 8)) '\0\0\xf0'
run events spoilt
expect_status 3
run verify spoilt
expect_status 1
fetch $d spoilt
expect_refused "is damaged at 0/D"
done_with "a .partial file that is damaged inside is in doubt, and not fetched"

# ---- fetch --------------------------------------------------------------------------------------

# The newest segment as a server leaves it: whole records, and zeros after them.
end=0/D09FC8
mkdir open && cp plain/$c open && { head -c 40904 plain/$d; zeros $((1048576 - 40904)); } >open/$d

# The folders of archivers that WAL lies in, and files by which they are known.
folders=(
    repo/archive/main/18-1/0000000100000000
    barman/main/wals/0000000100000000
    wal-g/wal_005
    pro/wal/main
)
for folder in "${folders[@]}"; do mkdir -p "$folder" && cp open/* "$folder"; done
cd repo/archive/main/18-1/0000000100000000 && for file in *; do mv "$file" "$file-$(sha1sum <"$file" | cut -c1-40)"; done && cd "$work"
: >repo/archive/main/archive.info
echo '{"systemid": "7711176506017197823", "version": "18"}' >barman/main/identity.json
mkdir -p pro/backups/main && : >pro/backups/main/pg_probackup.conf

for source in repo repo/archive/main/18-1/0000000100000000/ barman barman/main/wals wal-g wal-g/wal_005/ pro pro/wal/main; do
    run events "$source"
    expect_status 3
    expect_err "zeros instead of records at $end in $d"
    run verify "$source"
    expect_status 1
    expect_out "zeros instead of records at $end in $d"
    fetch $c "$source"
    expect_status 0
    fetch $d "$source"
    expect_refused "WAL ends at $end in \""
    expect_err "an archiver takes over whole segments only: it is damaged"
    [ -z "$why" ] || why+="# of $source"$'\n'
done
done_with "archivers hold whole segments only: an end inside one is damage"

mkdir barman/main/streaming && mv barman/main/wals/0000000100000000/$d barman/main/streaming/$d.partial
fetch $d barman
expect_status 0
expect_err "warning: WAL ends at $end"
run verify barman
expect_status 0
for source in open open/$d; do
    fetch $d "$source"
    expect_status 0
    cmp -s open/$d got || miss "not what $source holds"
done
done_with "... but for .partial files; anywhere else it is the end"

# A server's own folder: a first page that got lost is not a file made in advance.
mkdir -p data/pg_wal data/pg_wal/archive_status && cp plain/$b plain/$c data/pg_wal
zeros 1048576 >data/pg_wal/$d && cp plain/$b data/pg_wal/$e
for file in $d $e; do
    fetch "$file" data/pg_wal
    expect_status 1
    expect_err "is not in the archive"
done
run events data/pg_wal # old segments with the names of later ones are what a server has
expect_status 0
expect_no_err
run verify data/pg_wal
expect_status 0
expect_out "1 recycled file, made ready for later: \"data/pg_wal/$e\""
cp plain/$d data/pg_wal/$d && dd if=/dev/zero of=data/pg_wal/$d bs=8192 count=1 conv=notrunc status=none
fetch $d data/pg_wal
expect_refused "begins with zeros, and other content follows"
run events data/pg_wal
expect_status 3
run verify data/pg_wal
expect_status 1
done_with "a segment in pg_wal whose first page is zero, and the rest is not, is damage"

# ---- where it ends is told ----------------------------------------------------------------------
# The last commit before it is the one that the same list without D's end has last.

"$program" events -q --format csv plain >found.csv
at_end=$(awk -F, '$0 ~ /,0\/D0[0-9A-F]+/ { match($0, /0\/D[0-9A-F]+/); if (substr($0, RSTART, RLENGTH) < "0/D09FC8") last = $0 } END { print last }' found.csv | grep -oE '[0-9-]{10}T[0-9:.]+Z')
words="the WAL here ends inside segment $d, at $at_end"
mkdir -p packed tarred && gzip -c open/$c >packed/$c.gz && gzip -c open/$d >packed/$d.gz && tar -C open -cf tarred/pg_wal.tar .
for source in open packed tarred/pg_wal.tar; do
    run --before 'INSERT INTO public.customers' "$source"
    expect_status 0
    expect_err "  note        $words"
    run events "$source"
    expect_status 0
    expect_err "pitr-find: $words"
    run events -q "$source"
    expect_no_err
    run verify "$source"
    expect_status 0
    expect_out "$words"
    run --before-xid 999999 "$source"
    expect_status 1
    expect_err "$words"
done
for command in events verify; do
    run $command plain
    expect_status 0
    expect_no_err
    expect_not_out "ends inside"
done
done_with "WAL that ends inside a segment: where and when, and no doubt"

# ---- files that change --------------------------------------------------------------------------

# A segment of 64 MB, of 15, at 0/40000000, of which only the first page header is there: to read it takes a while.
big=000000010000000000000010
mkdir changing
{
    printf '\x10\xd1\x06\0\1\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0\1\2\3\4\5\6\7\x08\0\0\0\x04\0\x20\0\0'
    zeros $(((1 << 26) - 40))
} | zstd -qc >changing/$big.zst

# while_changing STATUS ARG...: the file gets a new time over and over until the program has ended, which must notice.
# A run in which no time fell between opening and closing the file shows nothing: then it is run again. The program gives way to touch.
while_changing() {
    local want=$1 pid
    shift
    for _ in {1..20}; do
        status=0
        rm -f got
        nice -n 19 "$program" "$@" >out 2>err &
        pid=$!
        while kill -0 $pid 2>/dev/null; do touch changing/$big.zst; done
        wait $pid || status=$?
        [ "$status" -ne "$want" ] || break
    done
    expect_status "$want"
}
run events changing
expect_status 1
while_changing 3 events changing
expect_err "$big.zst was changed while it was read: run this again"
while_changing 3 --before DROP changing
run verify changing
expect_status 0
while_changing 1 verify changing
expect_out "$big.zst was changed while it was read"
while_changing 255 fetch $big got changing
expect_refused "\"changing/$big.zst\" was changed while it was read"
[ -z "$(find . -name '*.pitr-find.*')" ] || miss "a temporary file is left"
done_with "a file that changes while it is read is doubt, and not fetched"

[ "$failures" -eq 0 ]
