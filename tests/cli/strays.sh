#!/bin/bash
# Proves that WAL which goes on where it is not read - under another name, in a folder further down - is never taken for
# the end of WAL.
#
# The archive is tests/fixtures/pg15, whose newest segment is moved away.
#
#   tests/cli/strays.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

newest=000000010000000000000011
unpack pg15 wal
mv wal/$newest .

# doubted FILE WHAT: with the newest segment there, target and events are in doubt, verify is not, and FILE is named.
doubted() {
    mkdir -p "$(dirname "wal/$1")"
    cp "$newest" "wal/$1"
    run --before '^DROP TABLE' wal
    expect_status 3
    expect_err "WAL that should follow is in \"wal/$1\", $2"
    run events wal
    expect_status 3
    run verify wal
    expect_status 1
    expect_out "WAL that should follow is in \"wal/$1\", $2"
    rm "wal/$1"
    [ "$(dirname "$1")" = . ] || rmdir "wal/$(dirname "$1")"
}

run verify wal
expect_status 0
for name in $newest.tar $newest.zip $newest.bak $newest.1 $newest~ "$newest (1)" "wal_$newest" "X$newest" "archive$newest" "${newest}copy" "${newest}bak" $newest.gz.old \
    $newest.history "$newest " "$(tr A-F a-f <<<$newest)x"; do
    doubted "$name" 'under a name that is not read (unpack it, or give it the name of its segment)'
done
done_with 'the next segment under another name is no end of WAL'

doubted "2026-11-29/$newest" 'a folder that is not read (name the folder as one more SOURCE)'
doubted "new/$newest.tar" 'a folder that is not read (name the folder as one more SOURCE)'
mkdir -p top/a wal/new
cp $newest wal/new
mv wal top/a
run --before '^DROP TABLE' top
expect_status 3
expect_err "WAL that should follow is in \"top/a/wal/new/$newest\""
mv top/a/wal .
run verify wal wal/new
expect_status 0
rm -r wal/new
done_with 'nor is the next segment in a folder further down, until that is a SOURCE'

# fine FILE: nothing changes.
fine() {
    run --before '^DROP TABLE' wal
    expect_status 0
    expect_not_err 'should follow'
    run verify wal
    expect_status 0
}
cp wal/00000001000000000000000F wal/00000001000000000000000F.bak
cp wal/00000001000000000000000F wal/"00000001000000000000000F (1)"
mkdir wal/archive_status wal/old wal/other
touch wal/archive_status/$newest.ready wal/$newest.ready
cp wal/00000001000000000000000E wal/old
gzip -dc "$fixtures/pg18/wal/00000001000000000000001B.gz" >wal/other/00000001000000000000001B
echo text >"wal/0000000100000000000000110000000000000012.summary"
fine
rm -r wal/other
done_with 'copies of older segments, status files and another cluster further down are no doubt'

for suffix in tmp part pgbackrest.tmp; do
    cp $newest wal/$newest.$suffix
    run --before '^DROP TABLE' wal
    expect_status 0
    expect_err "\"wal/$newest.$suffix\" follows by its name, and is not read: it is being copied, or was left over from a copy that ended early"
    rm wal/$newest.$suffix
done
done_with 'a copy under way is said'

exit $((failures > 0))
