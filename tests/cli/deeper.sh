#!/bin/bash
# Proves what becomes of a SOURCE whose WAL lies further below: one archive is found, several are listed.
#
#   tests/cli/deeper.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

demo=$fixtures/demo/wal
lsn=$("$program" -q --before 'DROP TABLE' "$demo" | sed -n "s/^recovery_target_lsn = '\(.*\)'/\1/p")

# put FOLDER: a copy of the archive, there.
put() {
    mkdir -p "$1"
    cp "$demo"/* "$1"
}
finds() {
    run --before 'DROP TABLE' "$1"
    expect_status 0
    expect_line "recovery_target_lsn = '$lsn'"
}

put backups/pg15/wals
finds backups
expect_not_err "read is"
expect_line "restore_command = 'gzip -dc < \"$PWD/backups/pg15/wals/%f.gz\" > \"%p\"'"
done_with "two levels down"

put copy/s3/bucket/prefix/wals
finds copy
expect_err 'there is no WAL in "copy" itself: read is "copy/s3/bucket/prefix/wals"'
expect_line "restore_command = 'gzip -dc < \"$PWD/copy/s3/bucket/prefix/wals/%f.gz\" > \"%p\"'"
finds copy/
run verify copy
expect_status 0
expect_out 'read is "copy/s3/bucket/prefix/wals"'
run -q fetch 00000001000000000000000C got copy
expect_status 0
gzip -dc "$demo/00000001000000000000000C.gz" | cmp -s - got || miss "another segment"
done_with "further down, by every command"

put cloud/of/all/srv/wals/0000000100000000
mkdir -p cloud/of/all/srv/base/20260101T000000 && touch cloud/of/all/srv/base/20260101T000000/{backup.info,data.tar}
finds cloud
expect_err "barman-cloud archive $PWD/cloud/of/all, server srv"
done_with "an archiver's, by its layout"

for name in b a; do put "many/x/y/z/$name"; done
run --before 'DROP TABLE' many
expect_status 2
expect_err 'error: no WAL in "many" itself, but further below: name one of "many/x/y/z/a", "many/x/y/z/b"'
[ ! -s out ] || miss "stdout: $(head -c 300 out)"
run fetch 00000001000000000000000C got2 many
expect_status 255
[ ! -e got2 ] || miss "a file"
done_with "several are the error that lists them"

put mixed/a/wals && put mixed/b/c/d/wals
finds mixed
expect_err 'there is WAL in "mixed/b/c/d/wals", too, which is not read: name it as a SOURCE'
put mixed/b/c/e/wals
run events mixed
expect_err '"mixed/b/c/d/wals", too'
expect_err '"mixed/b/c/e/wals", too'
cp -r mixed mixed2
run verify mixed mixed2
for folder in mixed/b/c/d mixed/b/c/e mixed2/b/c/d mixed2/b/c/e; do expect_out "there is WAL in \"$folder/wals\", too"; done
unpack demo plain && (cd plain && tar -cf ../whole.tar 0*) && head -c 2130000 whole.tar >cut.tar && cp cut.tar again.tar
run events mixed cut.tar again.tar
expect_status 3
expect_err '"mixed/b/c/d/wals", too'
expect_err '"mixed/b/c/e/wals", too'
expect_err '"cut.tar" ends in the middle'
expect_err '"again.tar" ends in the middle'
done_with "all that lies deeper than the rest is said to be left out, also where archives break off"

put base/x/y/z/pg_wal
mkdir -p base/x/y/z/{base,global} && echo 18 >base/x/y/z/PG_VERSION && touch base/x/y/z/global/pg_control
finds base
cp -r base both && put both/x/y/wals
finds both
expect_err 'read is "both/x/y/wals"'
done_with "WAL inside a base backup counts where there is no other"

mkdir -p loop/a/b/c && ln -s ../../.. loop/a/b/c/up && ln -s "$PWD/copy" loop/a/b/c/away
run --before 'DROP TABLE' loop
expect_status 2
expect_err 'no WAL segments in "loop"'
deep=down/1/2/3/4/5/6/7/8/9/10/11
put $deep
run --before 'DROP TABLE' down
expect_status 2
expect_err 'no WAL segments in "down"'
done_with "links are not followed, and it does not look down without end"

[ "$failures" -eq 0 ]
