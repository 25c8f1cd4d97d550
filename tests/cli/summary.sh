#!/bin/bash
# Proves what a SOURCE alone is answered with. Expected databases, names, xids and times are those the real servers told
# (tests/fixtures/*/expect.tsv).
#
#   tests/cli/summary.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for name in pg10 pg12 pg15 pg18; do
    run "$fixtures/$name/wal"
    expect_status 0
    expect_no_err
    grep -qE "^cluster +[0-9]+, PostgreSQL ${name#pg}, segments of [0-9]+ MB\$" out || miss "cluster: $(head -1 out)"
    expect_out "$(told "$name" drop_table_after_all commit_time)  xid $(told "$name" drop_table_after_all xid)  $(told "$name" drop_table_after_all text) in database app"
    grep -qE '^( |databases) +second_db: [0-9]+ events, 2 destructive$' out || miss "second_db: $(grep second_db out)"
    grep -qE '^( |databases) +app: ' out || miss "no app"
    # What it offers to run finds that statement.
    line=$(sed -n 's/^next  *pitr-find //p' out)
    eval "run -q $line"
    expect_status 0
    done_with "$name: a summary, and its next command"
done

run "$fixtures/demo/wal"
cp out wanted
run summary "$fixtures/demo/wal"
cmp -s wanted out || miss "another summary by name"
run -q -j1 "$fixtures/demo/wal"
cmp -s wanted out || miss "another summary with options"
expect_out "none is known here"
expect_out "pg_wal of the server"
done_with "it is the same by its name"

run "$fixtures/timelines17/wal"
expect_status 0
grep -qE '^timeline +3; here are 1, 2, 3 ' out || miss "timelines: $(grep timeline out)"
expect_out "DROP TABLE public.on_third"
grep -qE '^backups +3, of which 3 can be rolled forward' out || miss "backups: $(grep backups out)"
run --timeline 1 "$fixtures/timelines17/wal"
expect_status 0
expect_not_out "DROP TABLE public.on_third"
expect_out " --timeline 1 '$fixtures/timelines17/wal'"
done_with "timelines and backups"

TZ=Europe/Madrid run "$fixtures/demo/wal"
grep -qE '^to +2026-11-23T01:43:14\.543327Z \(2026-11-23 02:43:14\.543327 CET\)$' out || miss "no local time: $(grep '^to' out)"
done_with "local time beside UTC"

mkdir gap && cp "$fixtures"/pg15/wal/*{B,C,F}.gz gap
run gap
expect_status 3
expect_err warning
grep -qE '^destructive +[0-9]+ events, but WAL is missing here: there may be more; the last 10:$' out ||
    miss "no doubt: $(grep destructive out)"
run "$fixtures/cases/late-start"
expect_status 3
expect_out ", and there may be more (see the warnings)"
run "$fixtures/demo/wal"
expect_not_out "there may be more"
mkdir "a 'folder'" && cp "$fixtures"/demo/wal/* "a 'folder'"
run "a 'folder'"
eval "run -q $(sed -n 's/^next  *pitr-find //p' out)"
expect_status 0
mkdir empty
run empty
expect_status 2
[ ! -s out ] || miss "stdout: $(head -c 300 out)"
run --database shop "$fixtures/demo/wal"
expect_status 2
expect_err "what to stop before?"
done_with "a gap is told; a name is quoted; an empty folder is an error, and so is narrowing of nothing"

mkdir quiet
for file in "$fixtures"/minimal15/wal/*; do cp "$file" quiet; done
run quiet
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || miss "status $status"
expect_out "next"
done_with "WAL of wal_level minimal"

# The server of minimal15 dropped and truncated nothing.
expect_out "no DROP or TRUNCATE is seen"
expect_not_out --before
line=$(sed -n 's/^next  *pitr-find //p' out)
eval "run -q $line"
expect_status 0
expect_no_err
done_with "where nothing was destroyed, no target is proposed"

mkdir pg_wal && cp "$fixtures"/demo/wal/* pg_wal
for source in pg_wal "$work/pg_wal"; do
    run "$source"
    expect_status 0
    expect_not_out "pg_wal of the server"
done
mkdir older && mv pg_wal/*B.gz older
run older pg_wal
expect_not_out "pg_wal of the server"
mv pg_wal/*D.gz older && mv older/*B.gz pg_wal
run pg_wal older
expect_out "pg_wal of the server"
done_with "younger WAL is not looked for in pg_wal where that is a source and has the newest"

mkdir "a copy"
cp -r "$fixtures/pg15-backup/base.tar.gz" "$fixtures"/pg15-backup/wal/*.gz "a copy"
rm "a copy"/*.backup.gz
run "a copy"
expect_out "backups      a base backup is here, by its base.tar: give it as --backup 'a copy'"
expect_not_out "none is known here"
eval "run -q events --format csv $(sed -n 's/.*give it as \(--backup .*\)/\1/p' out) 'a copy'"
expect_out "$(told pg15-backup drop_rule text)"
mkdir alone && gunzip -k "a copy"/0*.gz
segments=("a copy"/????????????????????????)
tar -C "a copy" --transform 's,^,pg_wal/,' -cf alone/base.tar "${segments[@]##*/}"
run alone/base.tar
expect_status 3 # catalogs were moved before this WAL, and nothing reads the backup yet
expect_out "by its base.tar: give it as --backup 'alone/base.tar'"
run "$fixtures/demo/wal"
expect_out "none is known here"
done_with "a base.tar among the sources is a backup"

# The servers of the fixtures have several databases; that of pg15-backup has the same table in two, and its catalogs were moved.
run --backup "$fixtures/pg15-backup" "$fixtures/pg15-backup/wal"
expect_status 0
expect_out "given is '$fixtures/pg15-backup', which starts at 0/1000028"
expect_not_out "give it as --backup"
line=$(sed -n 's/^next  *pitr-find //p' out)
[ "$line" = "--before '^DROP TABLE shop\.orders\$' --database 'Other Db' --backup '$fixtures/pg15-backup' '$fixtures/pg15-backup/wal'" ] ||
    miss "next: $line"
eval "run $line"
expect_status 0
expect_err 'found DROP TABLE shop.orders in database Other Db'
run --backup "$fixtures/pg15-backup" "$fixtures/pg15-backup/wal"
line=$(sed -n 's/^  *pitr-find \(events .*\)/\1/p' out)
eval "run -q $line"
expect_status 0
run "$fixtures/demo/wal"
expect_not_out --database
done_with "its next commands keep --backup, and say of which of several databases"

# The server's .backup file: it starts in segment 10, at 0/1000028, and ends at 0/101CD60.
mkdir startless && cp "$fixtures"/pg15-backup/wal/* startless && mv startless/*10.gz .
run startless
expect_status 3
expect_out "1, of which 0 can be rolled forward with this WAL"
expect_out "cannot be used: the label, starts at 0/1000028, 2026-11-23T01:40:58.000000Z; segment 000000010000000000000010 is missing (0/1000000 to 0/1100000)"
mv ./*10.gz startless && mkdir later && cp startless/* later && gunzip later/*11.gz
dd if=/dev/zero of=later/000000010000000000000011 bs=8192 seek=2 count=1 conv=notrunc 2>/dev/null
run later
expect_status 3
expect_out "1, of which 1 can be rolled forward with this WAL; the newest, the label, starts at 0/1000028, 2026-11-23T01:40:58.000000Z; it can be rolled forward to 0/110"
expect_out ", where WAL is damaged"
expect_not_out "cannot be used"
mkdir earlier && cp startless/*1[01].gz startless/*.backup.gz earlier && gunzip -c startless/*0F.gz >earlier/00000001000000000000000F
dd if=/dev/zero of=earlier/00000001000000000000000F bs=8192 seek=2 count=1 conv=notrunc 2>/dev/null
run earlier
expect_out "1, of which 1 can be rolled forward with this WAL"
expect_not_out "where WAL is"
done_with "a backup is no better than the WAL after its start"

[ "$failures" -eq 0 ]
