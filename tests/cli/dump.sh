#!/bin/bash
# Proves that `pitr-find dump` prints what each major's own tool prints, byte for byte, and what its options leave out.
#
# The right text is what pg_waldump (up to 9.6 pg_xlogdump) of the fixture's major printed for the same WAL:
# tests/fixtures/NAME/dump.txt.xz (see tests/fixtures/README.md). What filters let through is picked from it with grep and awk.
#
#   tests/cli/dump.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# expect_text FILE: stdout is that, to the last byte.
expect_text() { cmp -s out "$1" || miss "stdout is not $1: $(diff out "$1" | head -n 6)"; }

for text in "$fixtures"/{,cases/}*/dump.txt.xz; do
    name=$(basename "$(dirname "$text")")
    xz -dc "$text" >"$name.txt"
    run dump "$(dirname "$text")/wal"
    expect_status 0
    expect_text "$name.txt"
    expect_no_err
    done_with "$name: every record as the tool of its major prints it"
done

wal=$fixtures/pg15/wal
run dump -j1 "$wal"
expect_text pg15.txt
run dump -j7 "$wal"
expect_text pg15.txt
done_with 'the number of threads changes nothing'

# A record begins in one segment and goes on in the next: it belongs to the first one.
files=("$wal"/*)
run dump "${files[1]}" "${files[2]}"
expect_status 0
# The last one goes on in a segment that was not given, and cannot be printed.
awk -F 'lsn: 0/|, prev' '$2 >= "00C00000" && $2 < "00E00000"' pg15.txt | head -n -1 >two.txt
[ -s two.txt ] || miss 'no record in these segments'
expect_text two.txt
done_with 'two segments of seven give their records'

# Of each end of a transaction the time that its line has, and of no other manager any.
for name in pg9.5 pg15 pg18; do
    run dump --format json "$fixtures/$name/wal"
    xz -dc "$fixtures/$name/dump.txt.xz" | grep -E '^rmgr: Transaction .*desc: (COMMIT|ABORT)' |
        sed -E 's/.*, tx: +([0-9]+),.*desc: (COMMIT|ABORT)[^0-9]*( [0-9]+:)? ?([0-9-]{10}) ([0-9:.]{15}) UTC.*/\1 \4T\5Z/' >want
    jq -r 'select(.rmgr == "Transaction" and (.type | test("^(COMMIT|ABORT)"))) | "\(.xid) \(.time)"' out | diff want - >difference ||
        miss "$name: other times: $(head -n 5 difference)"
    [ "$(jq -r 'select(.time and ([.rmgr] | inside(["Transaction", "XLOG"]) | not)) | .rmgr' out | wc -l)" -eq 0 ] || miss "$name: other records with times"
    # Times of checkpoints rise, in whole seconds.
    jq -r 'select(.type | test("^CHECKPOINT_(ONLINE|SHUTDOWN)$")) | .time' out | sort -c || miss "$name: times of checkpoints fall"
    [ "$(jq -r 'select(.type | test("^CHECKPOINT_(ONLINE|SHUTDOWN)$")) | .time' out | grep -c '^20..-.*T.*[.]000000Z$')" -gt 3 ] || miss "$name: checkpoints without times"
done
done_with 'the times of JSON are those of the lines'

# ---- filters ----------------------------------------------------------------------------------

run dump --rmgr Transaction,heap2 "$wal"
expect_status 0
grep -E '^rmgr: (Transaction|Heap2) ' pg15.txt >some.txt
expect_text some.txt
done_with '--rmgr: several managers, in any case'

run dump --xid 747 "$wal"
grep -E ', tx: +747, ' pg15.txt >some.txt
[ -s some.txt ] || miss 'no record of 747'
expect_text some.txt
run dump --xid 810 "$wal"
grep -E ', tx: +81[01], ' pg15.txt >some.txt
grep -q 'tx: *811,' some.txt || miss 'no record of the subtransaction'
expect_text some.txt
run dump --xid 1008 "$wal"
grep -E ', tx: +100[89], |desc: COMMIT_PREPARED 1008:' pg15.txt >some.txt
grep -q 'tx: *0,' some.txt || miss 'no COMMIT PREPARED'
expect_text some.txt
done_with '--xid: a transaction with its subtransactions and its COMMIT PREPARED'

run dump --relation 1663/16384/2615 "$wal"
grep -E ', blkref #[0-9]+: rel 1663/16384/2615 ' pg15.txt >some.txt
[ -s some.txt ] || miss 'no record of pg_namespace'
expect_text some.txt
run dump --relation 1663/16384/2615 --block 0 --fork main "$wal"
grep -E ', blkref #[0-9]+: rel 1663/16384/2615 blk 0( FPW)?(,|$)' pg15.txt >some.txt
expect_text some.txt
done_with '--relation, --block and --fork: of one and the same block'

# What the server itself says: database, OID and name; none of these tables has ever had another file than that of its OID.
server_says() { awk -F '\t' -v label="$1" -v name="$2" '$1 == label && $9 "." $11 == name { print $6 "/" $10; exit }' "$fixtures/pg15/expect.tsv"; }
file=$(server_says insert_in_second_db named_here.t)
grep -E ", blkref #[0-9]+: rel 1663/$file " pg15.txt >some.txt
[ -s some.txt ] || miss "no record of $file"
for relation in '^named_here\.t$' 'NAMED_here' '1663/'"$file"; do
    run dump --relation "$relation" "$wal"
    expect_status 0
    expect_text some.txt
    expect_no_err
done
for database in second_db 16450; do
    run dump --relation '\.t$' --database $database "$wal"
    expect_text some.txt
done
done_with '--relation by name, as the server has it, and by its file'

# Relations of the system have a file of their OID, in a segment in which pg_class has no row of them, too.
while IFS=$'\t' read -r relation file; do
    grep -E ", blkref #[0-9]+: rel $file " pg15.txt >some.txt
    [ -s some.txt ] || miss "no record of $file"
    run dump --relation "$relation" "$wal"
    expect_status 0
    expect_text some.txt
done < <(sort "$fixtures/../servers/told/15.txt" | awk '$1 == "relation" { print "^" $2 "$\t" ($5 ? "1664/0/" : "1663/[0-9]+/") $4 }' |
    grep -E 'pg_(attribute_relid_attnum_index|depend_reference_index|type_typname_nsp_index|database_oid_index|shdepend_depender_index)[$]')
awk -F ', lsn: |, prev' '$2 >= "0/00F00000" && $2 < "0/01000000"' pg15.txt | grep -E ', blkref #[0-9]+: rel [0-9]+/[0-9]+/2659 ' >some.txt
[ -s some.txt ] || miss 'no record in this segment'
run dump --relation 'attribute_relid_attnum' "$wal/00000001000000000000000F.gz"
expect_text some.txt
done_with '--relation: indexes of the system, by the OIDs that the server has'

run dump --relation '\.t$' --database postgres "$wal"
expect_status 1
expect_no_out
expect_err 'no relation is known here whose name matches "\.t$" in database postgres: --backup gives names'
done_with 'a relation that is not known: status 1, and what may give its name'

# Names that the base backup has: tables' rows are not in this WAL. Files are those of the OIDs that the server told.
archived=$fixtures/pg15-backup
run dump "$archived/wal"
cp out archived.txt
while IFS=$'\t' read -r relation file; do
    grep -E ", blkref #[0-9]+: rel $file " archived.txt >some.txt
    [ -s some.txt ] || miss "no record of $file"
    run dump --relation "$relation" --backup "$archived/base.tar.gz" "$archived/wal"
    expect_status 0
    expect_text some.txt
done <<'NAMES'
^shop\.(items|parts)$	1663/16384/16398
^shop\.items$	1663/16384/16398
^shop\.parts$	1663/16384/16398
^shop\.new_name$	1663/16384/16409
^"Odd Schema"\."T Öne"$	1663/16384/16403
^shop\.orders$	(1663/16384/16390|16385/16386/16446)
NAMES
for database in 'Other Db' 16386; do
    run dump --relation '^shop\.orders$' --database "$database" --backup "$archived/base.tar.gz" "$archived/wal"
    grep -E ', blkref #[0-9]+: rel 16385/16386/16446 ' archived.txt >some.txt
    expect_text some.txt
done
done_with '--relation by names of a base backup: old and new ones of a table, and the same in two databases'

run dump --relation '^shop\.orders$' "$archived/wal"
expect_status 3
expect_no_out
expect_err '1 file may be of such a relation, too: the name of its schema is not known'
done_with 'a relation of a schema whose name is not known leaves a doubt'

# The server says that 1663/16384/16390 is one, too; no row in this WAL does.
for command in dump stats; do
    run $command --relation 'orders$' "$archived/wal"
    expect_status 3
    expect_err 'records of files whose names are not known here are left out'
done
run dump --relation 'orders$' "$archived/wal"
grep -E ', blkref #[0-9]+: rel 16385/16386/16446 ' archived.txt >some.txt
expect_text some.txt
done_with 'records of files without a name leave a doubt'

# left_open FILTER...: nothing has such a name, and the records of a file without one leave it open.
left_open() {
    run dump "$@"
    expect_status 3
    expect_no_out
    expect_err "${nothing:-no relation is known here whose name matches}"
    expect_err 'records of files whose names are not known here are left out'
}
# settled FILTER...: nor has a record that was left out.
settled() {
    run dump "$@"
    expect_status 1
    expect_no_out
    expect_err "${nothing:-no relation is known here whose name matches}"
    expect_not_err 'left out'
}
# 16384 is app, and has the files without a name; 16386 is Other Db: its catalogs, and one table with a name.
left_open --relation '\.t$' "$archived/wal"
left_open --relation '\.t$' --database 16384 "$archived/wal"
settled --relation '\.t$' --database 16386 "$archived/wal"
settled --relation '\.t$' --database 99 "$archived/wal"
settled --relation '\.t$' --database postgres "$archived/wal"
settled --relation '\.t$' --database app --backup "$archived/base.tar.gz" "$archived/wal"
settled --relation '\.t$' --rmgr Transaction "$archived/wal"
nothing='no database is known here whose name is "app"' left_open --relation '\.t$' --database app "$archived/wal"
nothing='no database is known here whose name is "nodb"' settled --relation '\.t$' --database nodb --backup "$archived/base.tar.gz" "$archived/wal"
done_with 'a relation that is not known: files of its database without a name leave that open, also where the name of the database is not known'

# VACUUM writes the TOAST tables of information_schema, whose numbers are those of one initdb: 1663/16384/13395 is one.
run dump --relation 1663/16384/13395 "$fixtures/cases/pg_repack"
expect_status 0
settled --relation '^public\.t$' "$fixtures/cases/pg_repack"
settled --relation 'orders_2$' "$fixtures/cases/pg_repack"
for pattern in 'pg_toast_[0-9]*_index$' 'toast' '_index$'; do
    run dump --relation "$pattern" "$fixtures/cases/pg_repack"
    expect_status 3
    expect_err 'records of files whose names are not known here are left out'
done
done_with 'files that initdb numbered leave a doubt only to a pattern that is found in such a name'

# Segment 06 swaps the names of two tables; the server says that 16387 is a after it, and 16384 is b.
mkdir swap && for packed in "$fixtures"/cases/renamed-swap/*.xz; do xz -dc "$packed" >"swap/$(basename "$packed" .xz)"; done
cp -r swap swap-gap && rm swap-gap/000000010000000000000006
cp -r swap swap-damaged && poke swap-damaged/000000010000000000000006 5150 '\xff\xff'
run dump --names --from-lsn 0/700000 --rmgr Heap swap
expect_status 0
expect_no_err
[ "$(sed 's/.*; rel //' out)" = '1663/5/16387 is public.a
1663/5/16384 is public.b' ] || miss "other names: $(cat out)"
run dump --relation '^public\.a$' --from-lsn 0/700000 swap
expect_status 0
grep -q '1663/5/16387 ' out || miss "not the record of a: $(cat out)"
done_with 'names after a rename'

# in_doubt WORDS ARG...
in_doubt() {
    local words=$1
    shift
    run "$@"
    expect_status 3
    expect_err "$words"
    expect_err 'names may be of another time than their records'
    [ "$(wc -l <err)" -eq 1 ] || miss "stderr: $(cat err)"
}
for what in "swap-gap segment 000000010000000000000006 is missing" "swap-damaged record with a wrong checksum"; do
    archive=${what%% *} words=${what#* }
    in_doubt "$words" dump --names --from-lsn 0/700000 --rmgr Heap "$archive"
    in_doubt "$words" dump --names --from-lsn 0/700000 --rmgr Heap --limit 1 -j4 "$archive"
    in_doubt "$words" dump --names --format json --last 1 --rmgr Heap "$archive"
    in_doubt "$words" dump --relation '^public\.a$' --from-lsn 0/700000 "$archive"
    in_doubt "$words" stats --by relation --from-lsn 0/700000 "$archive"
    in_doubt "$words" stats --by database --from-lsn 0/700000 "$archive"
    in_doubt "$words" stats --relation '^public\.a$' --from-lsn 0/700000 "$archive"
    for command in 'dump --names --to-lsn 0/5FFFFF' 'dump --names --limit 5 -j4' 'stats --by relation --to-lsn 0/5FFFFF' 'stats --by record --from-lsn 0/700000' \
        'dump --from-lsn 0/700000' 'dump --relation ^public\.a$ --to-lsn 0/5FFFFF'; do
        # shellcheck disable=SC2086
        run $command "$archive"
        expect_status 0
        expect_no_err
    done
done
done_with 'names after WAL that cannot be read may be old ones: status 3; those before it hold'

# The names of all these tables are told in later segments, too, but of some in no earlier one.
mkdir told-late && cp "$fixtures"/pg15/wal/*.gz told-late && rm told-late/00000001000000000000000C.gz
in_doubt 'segment 00000001000000000000000C is missing' dump --names --limit 10 told-late
done_with 'names that are told only after WAL that cannot be read are in doubt before it, too'

# The backup starts in segment 10, and has all names.
mkdir before-backup backup-late && cp "$archived"/wal/*.gz before-backup && gzip -d before-backup/00000001000000000000000F.gz
poke before-backup/00000001000000000000000F 5150 '\xff\xff'
cp "$archived/wal/000000010000000000000011.gz" backup-late
for command in 'dump --names' 'stats --by relation' 'dump --relation ^shop\.orders$'; do
    # shellcheck disable=SC2086
    {
        run $command --backup "$archived/base.tar.gz" --from-lsn 0/1100000 before-backup
        expect_status 0
        expect_no_err
        run $command --backup "$archived/base.tar.gz" backup-late
        expect_status 3
        expect_err "WAL between the base backup's start and the beginning of this WAL is missing"
    }
done
run dump --names "$archived/wal"
expect_status 3
expect_err 'pg_class was moved before this WAL tells of it'
done_with 'names and a base backup: damage before its start matters not, missing WAL after it does, and what it would have told'

run dump --names "$wal"
expect_status 0
sed -E 's/; rel [0-9/]+ is .*//' out >lines
cmp -s lines pg15.txt || miss "other lines than without names: $(diff lines pg15.txt | head -n 4)"
[ "$(grep -c '; rel [0-9/]* is public\.' out)" -gt 1000 ] || miss 'few names'
done_with '--names: the lines of pg_waldump, and after them the names'

# A table has the name that it had then: the server tells of it while it is renamed, too.
while IFS=$'\t' read -r file name from to; do
    run dump --names --from-lsn "$from" --to-lsn "$to" --backup "$archived/base.tar.gz" "$archived/wal"
    grep -qE "; rel [0-9]+/$file is ${name//./\\.}(;|\$)" out || miss "no $file is $name from $from on"
    grep -E "; rel [0-9]+/$file is " out | grep -vE "; rel [0-9]+/$file is ${name//./\\.}(;|\$)" >others && miss "$file: $(head -n 1 others)"
    echo "$name" >>names
done < <(awk -F '\t' '$14 ~ /^(INSERT INTO|UPDATE|DELETE FROM)$/ { print $6 "/" $10 "\t" substr($15, length($14) + 2) "\t" $2 "\t" $3 }' "$archived/expect.tsv")
[ "$(sort -u names | wc -l)" -ge 6 ] || miss 'the server tells of too few tables'
run dump --names --format json --relation '^shop\.items$' --backup "$archived/base.tar.gz" "$archived/wal"
[ "$(jq -r '.relations[] | select(.file == "1663/16384/16398") | .name + " " + .database' out | uniq | tr '\n' ,)" = 'shop.items app,shop.parts app,' ] ||
    miss "other names: $(jq -c .relations out | sort -u)"
done_with '--names: those of that moment'

run dump --fork fsm "$wal"
grep -E ', blkref #[0-9]+: rel [0-9/]+ fork fsm ' pg15.txt >some.txt || true
expect_text some.txt
done_with '--fork alone'

run dump --fullpage "$wal"
grep ' FPW' pg15.txt >some.txt
expect_text some.txt
done_with '--fullpage'

run dump --from-lsn 0/C00100 --to-lsn 0/C01000 "$wal"
awk -F 'lsn: 0/|, prev' '$2 >= "00C00100" && $2 <= "00C01000"' pg15.txt >some.txt
[ -s some.txt ] || miss 'no record in the window'
expect_text some.txt
done_with '--from-lsn and --to-lsn: records that start there or between them'

run dump --limit 5 "$wal"
expect_status 0
head -n 5 pg15.txt >some.txt
expect_text some.txt
run dump -n 5 --rmgr Standby "$wal"
grep -m 5 '^rmgr: Standby ' pg15.txt >some.txt
expect_text some.txt
done_with '--limit counts what is printed'

for count in 1 10 700 5000 "$(wc -l <pg15.txt)" 9999999; do
    run dump --last "$count" "$wal"
    expect_status 0
    tail -n "$count" pg15.txt >some.txt
    expect_text some.txt
    expect_no_err
    run dump -j1 --last "$count" --rmgr Standby --to-lsn 0/D00100 "$wal"
    awk -F 'lsn: 0/|, prev' '/^rmgr: Standby / && $2 <= "00D00100"' pg15.txt | tail -n "$count" >some.txt
    expect_text some.txt
done
run dump --last 2 --xid 1008 "$wal"
grep -E ', tx: +100[89], |desc: COMMIT_PREPARED 1008:' pg15.txt | tail -n 2 >some.txt
expect_text some.txt
run dump --last 3 --format csv "$wal"
[ "$(wc -l <out)" -eq 4 ] || miss "not the names of columns and three rows: $(head -c 300 out)"
for set in timelines17 pg9.5; do
    [ -e "$set.txt" ] || { run dump "$fixtures/$set/wal" && cp out "$set.txt"; }
    run dump --last 300 "$fixtures/$set/wal"
    tail -n 300 "$set.txt" >some.txt
    expect_text some.txt
done
run dump --last 5 --from-command "cp '$wal'/%f.gz %p.gz && gunzip %p.gz" --from-lsn 0/B00028
expect_status 0
tail -n 5 pg15.txt >some.txt
expect_text some.txt
done_with '--last: the end of what is printed without it'

# What is not needed is not read: here it would end the run.
mkdir strange
cp "$wal"/* strange
cp "$fixtures/pg14/wal/00000001000000000000000C.gz" strange
run dump strange
expect_status 2
run dump --last 10 strange
expect_status 0
tail -n 10 pg15.txt >some.txt
expect_text some.txt
done_with '--last does not read what it does not need'

fails '--last and --limit' '--last and --limit do not go together' dump --last 3 --limit 3 "$wal"
fails 'more of the last records than are kept' '--last takes a number from 1 to 10000000' dump --last 10000001 "$wal"

run dump --xid 4000000000 "$wal"
expect_status 1
expect_no_out
done_with 'no such record: status 1'

# ---- page images ------------------------------------------------------------------------------

# images_of FILE: names of the images of these lines, as pg_waldump --save-fullpage of 16 makes them.
images_of() {
    awk '{
        match($0, /lsn: [0-9A-F]+\/[0-9A-F]+/)
        split(substr($0, RSTART + 5, RLENGTH - 5), half, "/")
        lsn = sprintf("%08s-%08s", half[1], half[2])
        gsub(" ", "0", lsn)
        n = split($0, block, /, blkref #[0-9]+: rel |; blkref #[0-9]+: rel /)
        for (i = 2; i <= n; i++) {
            if (block[i] !~ / FPW/) continue
            split(block[i], word, " ")
            file = word[1]
            gsub("/", ".", file)
            fork = word[2] == "fork" ? word[3] : "main"
            print "00000001-" lsn "." file "." (word[2] == "fork" ? word[5] : word[3]) + 0 "_" fork
        }
    }' "$1" | sort
}

for name in pg9.5 pg9.6 pg10 pg15 pg19 pg18; do
    folder=$fixtures/$name
    [ -d "$folder" ] || folder=$fixtures/cases/recording19
    rm -rf pages
    run dump --save-fullpage pages/of/it "$folder/wal"
    expect_status 0
    xz -dc "$folder/dump.txt.xz" >all.txt
    expect_text all.txt
    images_of all.txt >want
    [ -s want ] || miss 'no image'
    LC_ALL=C ls pages/of/it | sort | diff want - >difference || miss "other files: $(head -n 5 difference)"
    [ -z "$(find pages -type f ! -size 8192c)" ] || miss 'not all are of one page'
    # pd_pagesize_version of all pages of tables and indexes, 8192 and layout 4.
    cat pages/of/it/*_main | od -An -v -tu2 -w8192 | awk '$10 != 8196 { exit 1 }' || miss 'not all are pages'
    done_with "--save-fullpage: $name: the $(wc -l <want) images, named as pg_waldump names them"
done

for options in '--limit 40' '--rmgr Btree --limit 7' '--relation 1663/16384/2615' '--from-lsn 0/C00000 --to-lsn 0/C80000' '--limit 3 -j8'; do
    rm -rf pages
    mkdir pages
    # shellcheck disable=SC2086
    run dump $options --save-fullpage pages "$wal"
    expect_status 0
    images_of out >want
    ls pages | sort | diff want - >difference || miss "$options: other files: $(head -n 5 difference)"
done
done_with '--save-fullpage: the images of the records that are printed, and no other'

# Segment 0B is of timeline 2, 0E of timeline 3, which is followed.
rm -rf pages
run dump --save-fullpage pages "$fixtures/timelines17/wal"
expect_status 0
[ "$(ls pages | sed -E 's/^([0-9A-F]+)-0+-00([0-9A-F]).*/\1 \2/' | sort -u | xargs)" = '00000002 B 00000003 E' ] || miss "$(ls pages | head -n 3)"
done_with '--save-fullpage: the timeline of a name is that of the record'

run dump --save-fullpage pages "$wal"
expect_error '--save-fullpage takes a folder that is empty or does not exist: pages has files'
done_with '--save-fullpage: a folder with files'
touch file
fails '--save-fullpage: no folder' 'cannot use file for pages: Not a directory' dump --save-fullpage file "$wal"
run dump --save-fullpage new --rmgr Heep "$wal"
run dump --save-fullpage new /nowhere
[ ! -e new ] || miss 'the folder was made'
done_with '--save-fullpage: no folder is made for wrong usage'

# 4 KB of a page can be written.
status=0
(
    trap '' XFSZ
    ulimit -f 4
    exec "$program" dump --save-fullpage new "$wal" >/dev/null 2>err
) || status=$?
expect_status 2
expect_err "cannot write new/$(images_of pg15.txt | head -n 1): File too large"
[ "$(wc -l <err)" -eq 1 ] || miss "stderr: $(cat err)"
[ -z "$(ls new)" ] || miss 'a part of a page is there'
done_with '--save-fullpage: what cannot be written is an error, and no part of it stays'

# ---- what goes wrong --------------------------------------------------------------------------

fails 'a manager that is none' '--rmgr takes names of resource managers' dump --rmgr Heap,Heep "$wal"
fails 'a relation of two numbers' '--relation takes TABLESPACE/DATABASE/FILE' dump --relation 16384/2615 "$wal"
fails 'a relation that is no pattern' 'missing closing parenthesis' dump --relation '(orders' "$wal"
fails 'a database without a relation' '--database goes with --relation REGEX' dump --database postgres "$wal"
fails 'a server that nobody asks' '--dsn gives names, and nothing asks for names here' dump --dsn 'host=/nowhere' "$wal"
fails 'a fork that is none' '--fork takes one of: any main fsm vm init' dump --fork free "$wal"
fails 'a block that is no number' '--block takes the number of a block' dump --block -1 "$wal"
fails 'wrong usage is told before anything is opened' '--rmgr takes names' dump --rmgr Heep /nowhere

# A byte of a record on a page of its own segment: what begins on the rest of that page cannot be found.
mkdir broken
cp "$wal"/* broken
gunzip broken/00000001000000000000000D.gz
lsn=$(grep -oE 'lsn: 0/00D0[0-9A-F]{4}' pg15.txt | sed -n 60p)
at=$((16#${lsn#lsn: 0/} - 16#D00000))
page=$((at / 8192 * 8192 + 8192))
poke broken/00000001000000000000000D $((at + 20)) '\377\377'
run dump broken
expect_status 3
awk -F 'lsn: 0/|, prev' -v from="$(printf '%08X' $((16#D00000 + at)))" -v until="$(printf '%08X' $((16#D00000 + page)))" \
    '$2 < from || $2 >= until' pg15.txt >some.txt
expect_text some.txt
expect_err 'record with a wrong checksum'
grep -qE 'wrong checksum.*; [0-9]+ bytes skipped' err || miss "bytes are not counted: $(cat err)"
done_with 'a damaged record is told, and reading goes on at the next page'

total=$(wc -l <pg15.txt)
before=$(grep -nF "$lsn" pg15.txt | cut -d: -f1)
run dump --last 100 broken
expect_status 0
expect_no_err
# These begin before the damage.
run dump --last $((total - before)) broken
expect_status 3
[ "$(grep -c 'wrong checksum' err)" -eq 1 ] || miss "not told once: $(cat err)"
[ "$(wc -l <out)" -eq $((total - before)) ] || miss "$(wc -l <out) lines"
done_with '--last: damage is told where a record may be missing, and once'

for jobs in 1 8; do
    run dump -j$jobs --limit $((before - 1)) broken
    expect_status 0
    expect_no_err
    head -n $((before - 1)) pg15.txt >some.txt
    expect_text some.txt
    run dump -j$jobs --limit "$before" broken
    expect_status 3
    expect_err 'record with a wrong checksum'
    run dump -j$jobs --to-lsn "0/$(printf '%X' $((16#D00000 + at - 1)))" broken
    expect_status 0
    expect_no_err
    run dump -j$jobs --to-lsn "${lsn#lsn: }" broken
    expect_status 3
    expect_err 'record with a wrong checksum'
    run dump -j$jobs --from-lsn 0/E00000 broken
    expect_status 0
    expect_no_err
done
done_with 'damage after the last record asked for, and in segments before the first, is not told'

for window in B00000-BFFFFF BFFFF8-C00000 C00000-CFFFFF CFFFFF-D00001 1100000-11FFFFF; do
    run dump -j3 --from-lsn "0/${window%-*}" --to-lsn "0/${window#*-}" "$wal"
    awk -F 'lsn: 0/|, prev' -v from="$(printf '%08X' $((16#${window%-*})))" -v until="$(printf '%08X' $((16#${window#*-})))" \
        '$2 "" >= from "" && $2 "" <= until ""' pg15.txt >some.txt
    expect_text some.txt
    expect_not_err warning
done
done_with 'windows that begin and end where segments do'

# reseal FILE OFFSET LENGTH: the record there gets the checksum (CRC-32C) that its bytes have now.
reseal() {
    local bytes crc=$((0xFFFFFFFF)) i byte
    read -ra bytes <<<"$(dd if="$1" bs=1 skip="$2" count="$3" status=none | od -An -v -tu1 | tr '\n' ' ')"
    for byte in "${bytes[@]:24}" "${bytes[@]:0:20}"; do
        crc=$((crc ^ byte))
        for i in 1 2 3 4 5 6 7 8; do crc=$(((crc >> 1) ^ (crc & 1 ? 0x82F63B78 : 0))); done
    done
    crc=$((crc ^ 0xFFFFFFFF))
    poke "$1" $(($2 + 20)) "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $((crc & 255)) $((crc >> 8 & 255)) $((crc >> 16 & 255)) $((crc >> 24)))"
}

# From where to where the WAL reaches is in the lines of the tool of its major.
begin=$(head -n 1 pg15.txt | grep -oE 'lsn: [0-9A-F]+/[0-9A-F]+' | sed -E 's/lsn: ([0-9A-F]+)\/0*/\1\//')
last=$(tail -n 1 pg15.txt | grep -oE 'lsn: [0-9A-F]+/[0-9A-F]+' | sed -E 's/lsn: ([0-9A-F]+)\/0*/\1\//')
len=$(tail -n 1 pg15.txt | grep -oE 'rec/tot[)]: +[0-9]+/ +[0-9]+' | grep -oE '[0-9]+$')
end=$((16#${last#0/} + (len + 7) / 8 * 8))
! tail -n 1 pg15.txt | grep -q 'desc: SWITCH' || end=$(((end + 0xFFFFF) & ~0xFFFFF)) # it fills the segment
end=$(printf '0/%X' "$end")
commits=$(grep -oE 'desc: (COMMIT|ABORT|PREPARE)[^0-9]*( [0-9]+:)? ?20[0-9-]{8} [0-9:.]{15}' pg15.txt | grep -oE '20[0-9-]{8} [0-9:.]{15}' | sed 's/ /T/; s/$/Z/')

# ---- ids with their epoch --------------------------------------------------------------------

# The tool shows epoch 0 in every checkpoint of this WAL. In a copy it is 7: the upper half of the next id, 28 bytes into the checkpoint.
epoch=$((7 << 32))
[ "$(grep -E 'desc: CHECKPOINT_(ONLINE|SHUTDOWN)' pg15.txt | grep -c ' xid 0:')" -gt 5 ] || miss 'the epoch is not 0'
mkdir epoch
cp "$wal"/* epoch
gunzip epoch/*
while read -r len lsn; do
    lsn=$((16#${lsn#0/}))
    file=epoch/$(printf '0000000100000000000000%02X' $((lsn >> 20)))
    [ $((lsn % 8192 + len)) -lt 8192 ] || miss "the checkpoint at $lsn crosses a page"
    poke "$file" $(((lsn & 0xFFFFF) + 26 + 28)) '\x07'
    reseal "$file" $((lsn & 0xFFFFF)) "$len"
done < <(grep -E 'desc: CHECKPOINT_(ONLINE|SHUTDOWN)' pg15.txt | sed -E 's/.*tot[)]: +([0-9]+)\/.*lsn: ([0-9A-F]+\/[0-9A-F]+),.*/\1 \2/')
run dump --rmgr XLOG epoch
sed 's/; xid 0:/; xid 7:/' pg15.txt | grep '^rmgr: XLOG ' >some.txt
expect_text some.txt

grep -E ', tx: +747, ' pg15.txt >some.txt
for id in 747 $((epoch + 747)); do
    run dump --xid "$id" epoch
    expect_status 0
    expect_text some.txt
    expect_no_err
    run stats --xid "$id" --format json epoch
    expect_status 0
    [ "$(jq -s 'map(.records) | add' out 2>/dev/null || echo none)" = "$(wc -l <some.txt)" ] || ! has jq || miss "stats counts others: $(head -c 300 out)"
    run xact "$id" --format json epoch
    expect_json .xid 747
    expect_not_err epoch
    run target --before-xid "$id" epoch
    expect_status 0
done
for archive in "epoch $((epoch / 7 * 6 + 747)) 6 7" "epoch $((epoch / 7 * 8 + 747)) 8 7" "$wal $((epoch + 747)) 7 0"; do
    read -r from id asked has <<<"$archive"
    for command in "dump --xid $id" "stats --xid $id" "xact $id" "target --before-xid $id"; do
        # shellcheck disable=SC2086
        run $command "$from"
        expect_status 1
        expect_no_out
        expect_err "no transaction $id along timeline 1: that is 747 of epoch $asked,"
        expect_err "the next one is 1502 of epoch $has"
        expect_err "begins at 0/B00028 and ends at $end"
    done
done
done_with 'an id with its epoch: only where the checkpoints say that one'

# Of the epoch before are the ids above the next one, as long as less than half of all are between.
run xact $((epoch - 5)) epoch
expect_status 1
expect_err 'no record of transaction 4294967291'
grep -q CHECKPOINT <(awk -F 'lsn: 0/|, prev' '$2 >= "00D00000" && $2 < "00E00000"' pg15.txt) && miss 'segment D has a checkpoint'
for command in "dump --xid $((epoch + 1119))" "stats --xid $((epoch + 1119))" "xact $((epoch + 1119))" "target --before-xid $((epoch + 1119))"; do
    # shellcheck disable=SC2086
    run $command "$wal/00000001000000000000000D.gz"
    expect_status 3
    expect_err "no checkpoint in this WAL tells its epoch: what is told of transaction 1119 may be of another one than $((epoch + 1119))"
done
fails 'an id whose lower half is 0' '--xid takes the id of a transaction' dump --xid "$epoch" "$wal"

# ---- windows of times ------------------------------------------------------------------------

# in_window SINCE UNTIL FILE: its records after the last one with a time before the first one of SINCE or later, and before the first
# one with a time after the last one of UNTIL or earlier. Those that end transactions have times (there is no shutdown).
in_window() {
    awk -v since="$1" -v until="$2" '
        { line[NR] = $0 }
        /^rmgr: Transaction/ && match($0, /20[0-9-]+ [0-9:]+[.][0-9]+/) { time[NR] = substr($0, RSTART, RLENGTH) }
        END {
            from = 1
            for (i = 1; i <= NR && since != ""; i++)
                if (i in time) { if (time[i] >= since) break; from = i + 1 }
            to = NR
            for (i = NR; i >= 1 && until != ""; i--)
                if (i in time) { if (time[i] <= until) break; to = i - 1 }
            for (i = from; i <= to; i++) print line[i]
        }' "$3"
}

# Of a commit, one after it and one before it; between two; all.
while IFS=, read -r since until; do
    for more in '' '--rmgr=Heap'; do
        run dump -j3 ${since:+--since "$since Z"} ${until:+--until "$until Z"} ${more:+"$more"} "$wal"
        expect_status 0
        in_window "$since" "$until" pg15.txt | grep "^rmgr: ${more#*=}${more:+ }" >some.txt
        [ -s some.txt ] || miss "no record from $since to $until"
        expect_text some.txt
        expect_no_err
    done
done <<'WINDOWS'
2026-11-23 01:17:23.590113,2026-11-23 01:17:23.590453
2026-11-23 01:17:23.590114,2026-11-23 01:17:23.590452
2026-11-23 01:17:24,2026-11-23 01:17:24.000001
2026-11-23 01:17:23.590113,
,2026-11-23 01:17:23.590113
2020-01-01 00:00:00,2030-01-01 00:00:00
WINDOWS
[ "$(in_window '2026-11-23 01:17:23.590113' '' pg15.txt | wc -l)" -lt "$(wc -l <pg15.txt)" ] || miss 'nothing is left out'
done_with '--since and --until: what the WAL does not prove to lie outside'

run dump --since '2026-11-23 01:17:23.590113Z' --until '2026-11-23 01:17:30Z' --from-lsn 0/C00000 --to-lsn 0/C80000 "$wal"
in_window '2026-11-23 01:17:23.590113' '2026-11-23 01:17:30' pg15.txt |
    awk -F 'lsn: 0/|, prev' '$2 >= "00C00000" && $2 <= "00C80000"' >some.txt
[ -s some.txt ] || miss 'no record in the window'
expect_text some.txt
run stats --since '2026-11-23 01:17:23.590113Z' --until '2026-11-23 01:17:30Z' --format json "$wal"
[ "$(jq -s 'map(.records) | add' out 2>/dev/null || echo none)" = "$(in_window '2026-11-23 01:17:23.590113' '2026-11-23 01:17:30' pg15.txt | wc -l)" ] ||
    ! has jq || miss "stats counts others: $(head -c 300 out)"
done_with 'windows of times and of LSNs go together, in stats, too'

for window in '--since 2026-11-24' '--until 2026-11-22T00:00Z'; do
    # shellcheck disable=SC2086
    run dump $window "$wal"
    expect_status 1
    expect_no_out
    expect_err 'the times in this WAL go from 2026-11-23T01:17:17.077341Z to 2026-11-23T01:17:55.970395Z'
done
run dump --until '2026-11-23T01:17:18Z' --from-lsn 0/E00000 "$wal"
expect_status 1
expect_err 'no record is left'
fails 'a window that ends before it begins' '--since is later than --until' dump --since 2026-11-24 --until 2026-11-23 "$wal"
done_with 'a window before or after the WAL: status 1, and what times there are'

# From where to where this WAL reaches, and when.
for command in 'dump --xid 99999' 'dump --relation 1663/13695/99999' 'dump --last 3 --rmgr SPGist --block 9999' 'stats --xid 99999' 'stats --by checkpoint --relation 1663/1/1'; do
    # shellcheck disable=SC2086
    run $command "$wal"
    expect_status 1
    expect_err "no such record along timeline 1: the WAL read begins at $begin and ends at $end"
    expect_err "its first transaction ends at $(head -n 1 <<<"$commits"), its last one at $(tail -n 1 <<<"$commits")"
    expect_err 'if it was written later, its WAL may still lie in pg_wal of the server'
done
run dump --xid 99999 --from-lsn 0/C00000 --to-lsn 0/C80000 "$wal"
expect_status 1
expect_err 'no such record along timeline 1 from 0/C00000 to 0/C80000: '
expect_not_err pg_wal
mkdir pg_wal
cp "$wal"/* pg_wal
run dump --xid 99999 pg_wal
expect_status 1
expect_err 'no such record'
expect_not_err 'if it was written later'
run dump --quiet --xid 99999 "$wal"
expect_status 1
expect_no_err
done_with 'nothing found: from where to where this WAL reaches, and where younger WAL may be'

# A clock that is set back: a commit in the middle bears a time of long before, or of long after.
line=$(grep -m 1 'COMMIT 2026-11-23 01:17:3' pg15.txt)
lsn=$(grep -oE 'lsn: 0/[0-9A-F]+' <<<"$line")
lsn=$((16#${lsn#lsn: 0/}))
segment=$(printf '0000000100000000000000%02X' $((lsn >> 20)))
len=$(grep -oE 'rec/tot[)]: +[0-9]+' <<<"$line" | grep -oE '[0-9]+$')
[ $((lsn % 8192 + len)) -lt 8192 ] || miss 'the commit crosses a page'
for year in 2025 2027; do
    # Microseconds since 2000; after the header of the record and the two bytes of main data's head.
    stamp=$((($(date -u -d "$year-01-01" +%s) - 946684800) * 1000000))
    mkdir "jump$year"
    cp "$wal"/* "jump$year"
    gunzip "jump$year/$segment.gz"
    for i in 0 1 2 3 4 5 6 7; do
        poke "jump$year/$segment" $(((lsn & 0xFFFFF) + 26 + i)) "$(printf '\\x%02x' $((stamp >> (8 * i) & 255)))"
    done
    reseal "jump$year/$segment" $((lsn & 0xFFFFF)) "$len"
    awk -v line="$line" -v year="$year" '$0 == line { sub(/COMMIT 2026-11-23 [0-9:.]+/, "COMMIT " year "-01-01 00:00:00.000000") } 1' pg15.txt >jump.txt
    run dump "jump$year"
    expect_status 0
    expect_text jump.txt
    # Of these windows one has nothing but that commit and what follows or goes before, and the other one nothing.
    alone=',2026-01-01 00:00:00' nobody='2026-11-30 00:00:00,'
    [ "$year" = 2025 ] || alone='2026-11-30 00:00:00,' nobody=',2026-01-01 00:00:00'
    for window in '2026-11-23 01:17:50,' ',2026-11-23 01:17:20' '2026-11-23 01:17:20,2026-11-23 01:17:50' "$alone"; do
        since=${window%,*} until=${window#*,}
        run dump ${since:+--since "$since Z"} ${until:+--until "$until Z"} "jump$year"
        in_window "$since" "$until" jump.txt >some.txt
        expect_status 0
        expect_text some.txt
    done
    since=${nobody%,*} until=${nobody#*,}
    run dump ${since:+--since "$since Z"} ${until:+--until "$until Z"} "jump$year"
    expect_status 1
    expect_no_out
done
done_with 'a clock that jumps hides no record'

# Without the segment of that commit the window begins later, ends earlier: its records cannot be known to be all.
rm "jump2025/$segment" "jump2027/$segment"
gap_end=$(printf '0/%X' $(((lsn & ~0xFFFFF) + 0x100000)))
for command in dump stats; do
    run $command --since '2026-11-23 01:17:50Z' jump2027
    expect_status 3
    expect_err 'the window may begin before 0/'
    expect_err "segment $segment is missing"
    run $command --until '2026-11-23 01:17:20Z' jump2025
    expect_status 3
    expect_err 'the window may end after 0/'
    expect_err "segment $segment is missing"
done
run stats --by checkpoint --until '2026-11-23 01:17:20Z' jump2025
expect_status 3
run dump --since '2026-11-23 01:17:50Z' --to-lsn 0/900000 jump2027
expect_status 3
expect_no_out
done_with 'WAL outside the window that cannot be read may move its edges: status 3'

# No time there can move an edge that was asked for as an LSN, or lies on the other side of the gap; and what lies inside is told once.
run dump --since '2026-11-23 01:17:20Z' --from-lsn 0/F00000 jump2027
[ $((lsn)) -lt $((16#F00000)) ] || miss 'the gap lies after 0/F00000'
expect_status 0
expect_no_err
run dump --until '2026-11-23 01:17:50Z' --from-lsn "$gap_end" jump2025
expect_status 0
expect_no_err
for window in '--since=2026-11-23 01:17:20Z' '--until=2026-11-23 01:17:50Z'; do
    run dump "$window" jump2027
    expect_status 3
    [ "$(grep -c warning err)" -eq 1 ] || miss "it is not told once: $(cat err)"
    expect_not_err 'the window may'
done
done_with 'no doubt of a window where no edge can have moved'

# Two files for a segment outside the window, and not with the same content.
mkdir twice twice/{a,b}
cp "$wal"/* twice/a
cp "$wal/$segment.gz" twice/b
gunzip "twice/b/$segment.gz"
poke "twice/b/$segment" $(((lsn & 0xFFFFF) + 26)) 'abc'
reseal "twice/b/$segment" $((lsn & 0xFFFFF)) "$len"
run dump --since '2026-11-23 01:17:50Z' --rmgr Transaction twice/a twice/b
expect_status 3
expect_err 'the window may begin or end elsewhere'
run dump --since '2026-11-23 01:17:50Z' --rmgr Transaction twice/a
expect_status 0
done_with 'a segment that is there twice leaves a window in doubt'

# A history file that was cut short begins the timeline too early: the WAL says where it really begins.
cp -r "$fixtures/timelines17/wal" lying
rm -f lying/00000003.history.gz lying/00000002.history.gz
printf '1\t0/1' >lying/00000002.history
for command in dump stats; do
    run $command --timeline 2 lying
    expect_status 3
    expect_err '00000002.history says that timeline 2 begins at 0/1, and its WAL that it does at 0/B214E8'
done
run dump "$fixtures/timelines17/wal"
expect_status 0
expect_no_err
done_with 'a history file that the WAL contradicts is doubt'

# One that leaves timeline 2 inside a record: the file is whole, and the bytes after that place are told as missing once.
zcat "$fixtures/timelines17/wal/00000002.history.gz" >lying/00000002.history
printf '1\t0/B214E8\tx\n2\t0/B25000\tx\n' >lying/00000003.history
run dump lying
expect_status 3
expect_err 'record that goes on past 0/B25000, where its timeline is left, at 0/B23238 in 00000002000000000000000B.gz; 7624 bytes skipped'
expect_err '(0/B25000 to 0/E00000); 2994176 bytes skipped'
expect_not_err 'ends early'
expect_not_err ' 1 byte skipped'
done_with 'a history file that leaves a timeline inside a record'

# Of a last file that is cut short after its SWITCH, every record is there.
mkdir short
cp "$wal"/* short
gunzip short/000000010000000000000011.gz
truncate -s -8192 short/000000010000000000000011
run dump short
expect_status 3
expect_text pg15.txt
expect_err '000000010000000000000011 does not have the size of a segment'
expect_not_err 'skipped'
done_with 'no bytes are said to be skipped where none were'

mkdir gap
cp "$wal"/* gap
rm gap/00000001000000000000000D.gz
run dump gap
expect_status 3
expect_err 'segment 00000001000000000000000D is missing'
# The last record before the gap may go on in it; the first after it begins where its page says.
awk -F 'lsn: 0/|, prev' '$2 < "00D00000" || $2 >= "00E00000"' pg15.txt >some.txt
[ "$(comm -3 <(sort out) <(sort some.txt) | wc -l)" -le 1 ] || miss "other records: $(diff out some.txt | head -n 5)"
done_with 'a gap is told, and reading goes on after it'

# The record at 0/CFF6A8 goes on in the segment that is missing.
for window in 'B00000 CFF6A8' 'B00000 CFFFFF' 'D00001 1200000' 'B00000 DFFFFF'; do
    run dump --from-lsn "0/${window% *}" --to-lsn "0/${window#* }" gap
    expect_status 3
    expect_err 'segment 00000001000000000000000D is missing'
done
for window in 'B00000 CFF6A7' 'E00000 1200000'; do
    run dump --from-lsn "0/${window% *}" --to-lsn "0/${window#* }" gap
    expect_status 0
    expect_no_err
done
done_with 'a gap is told where records that were asked for may lie in it'

mkdir other
cp "$wal/00000001000000000000000C.gz" other
gunzip other/00000001000000000000000C.gz
poke other/00000001000000000000000C 500000 '\1'
run dump "$wal" other
expect_status 3
expect_err 'which of them is right cannot be told'
done_with 'two segments that differ leave a doubt'

if [ -e /dev/full ]; then
    status=0
    "$program" dump "$wal" >/dev/full 2>err || status=$?
    expect_status 2
    expect_err 'cannot write the result: No space left on device'
    done_with 'a full disk is an error'
fi

set +o pipefail
"$program" dump "$wal" 2>err | head -n 1 >out
set -o pipefail
expect_no_err
[ "$(wc -l <out)" -eq 1 ] || miss 'not one line'
done_with 'dump | head ends quietly'

TZ=America/New_York run dump --rmgr Transaction --limit 1 "$wal"
expect_out 'COMMIT 2026-11-22 20:17:17.077341 EST'
done_with 'times are in the local zone'

# ---- hostile names ----------------------------------------------------------------------------

# A restore point: after the header of the record, two bytes of main data's head, its time, then its name.
line=$(grep -m 1 'desc: RESTORE_POINT ' pg15.txt)
lsn=$(grep -oE 'lsn: 0/[0-9A-F]+' <<<"$line")
lsn=$((16#${lsn#lsn: 0/}))
segment=$(printf '0000000100000000000000%02X' $((lsn >> 20)))
mkdir named
gzip -dc "$wal/$segment.gz" >"named/$segment"
poke "named/$segment" $(((lsn & 0xFFFFF) + 34)) '"\n,\\\302\233\342\200\256\377\1\0'
reseal "named/$segment" $((lsn & 0xFFFFF)) "$(grep -oE 'rec/tot[)]: +[0-9]+' <<<"$line" | grep -oE '[0-9]+$')"

only=(--from-lsn "$(printf '0/%X' "$lsn")" --to-lsn "$(printf '0/%X' "$lsn")" named)
run dump "${only[@]}"
expect_status 0
printf '%sRESTORE_POINT "\n,\\\302\233\342\200\256\377\1\n' "${line%RESTORE_POINT *}" >some.txt
expect_text some.txt
run dump --format json "${only[@]}"
expect_json .desc "$(printf '"\n,\\\302\233\342\200\256\357\277\275\1')"
run dump --format csv "${only[@]}"
grep -qaF "$(printf ',"""')" out || miss "no quoted field: $(cat -v out)"
if has script; then
    script -qec "'$program' dump ${only[*]}" /dev/null </dev/null | tr -d '\r' >out
    expect_line "${line%RESTORE_POINT *}"'RESTORE_POINT "\x0A,\\u009B\u202E\xFF\x01'
fi
done_with 'a hostile name: all its bytes to a file, none that a terminal obeys'

# An image whose checksum is right, and which is none: of the first record with one that lies on one page.
line=$(awk '/ FPW/ {
    match($0, /rec\/tot\): +[0-9]+\/ *[0-9]+/)
    total = substr($0, RSTART, RLENGTH)
    sub(/.*\//, "", total)
    match($0, /lsn: 0\/[0-9A-F]+/)
    at = 0
    for (i = RSTART + 10; i < RSTART + RLENGTH; i++) at = at * 16 + index("0123456789ABCDEF", substr($0, i, 1)) - 1
    if (at % 8192 + total < 8192 && gsub(/ FPW/, " FPW") == 1 && !/fork/) { print; exit } }' pg15.txt)
[ -n "$line" ] || miss 'no such record'
lsn=$(grep -oE 'lsn: 0/[0-9A-F]+' <<<"$line")
lsn=$((16#${lsn#lsn: 0/})) segment=$(printf '0000000100000000000000%02X' $((lsn >> 20)))
total=$(grep -oE 'rec/tot[)]: +[0-9]+/ *[0-9]+' <<<"$line" | grep -oE '[0-9]+$')
# After the header of the record: id, fork and flags, length of data; of the image length, offset of the hole, info.
while read -r at bytes words; do
    rm -rf imaged pages
    mkdir imaged
    gzip -dc "$wal/$segment.gz" >"imaged/$segment"
    poke "imaged/$segment" $(((lsn & 0xFFFFF) + at)) "$bytes"
    reseal "imaged/$segment" $((lsn & 0xFFFFF)) "$total"
    run dump --save-fullpage pages --from-lsn "$(printf '0/%X' "$lsn")" --limit 20 imaged
    expect_status 3
    [ "$(wc -l <out)" -eq 20 ] || miss 'not 20 lines'
    [ "$(grep -c 'warning: the image of block' err)" -eq 1 ] || miss "not one warning: $(cat err)"
    expect_err "in the record at $(printf '0/%X' "$lsn") $words"
    images_of out | tail -n +2 | diff <(ls pages) - >difference || miss "$words: other files: $(head -n 5 difference)"
done <<'BYTES'
30 \377\377 does not unpack to a page
32 \203 is packed by a method that cannot be unpacked here
25 \027 is of no fork that a server has
BYTES
done_with '--save-fullpage: an image that does not unpack is told, and leaves doubt'
