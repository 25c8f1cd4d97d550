#!/bin/bash
# Proves what --backup does: names and checks from every form of a base backup, and a clear line with exit
# status 2 for each way in which one can be wrong. Also what backup history files in the archive tell.
#
# Expected names, times and LSN ranges are those the real servers told (tests/fixtures/pg*-backup/expect.tsv, and
# the backup_label and .backup files they wrote).
#
#   tests/cli/backup.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# ---- helpers ------------------------------------------------------------------------------------

# One line on stderr, nothing on stdout, status 2. refuses NAME PART-OF-THE-LINE BACKUP
refuses() {
    run --before 'DROP TABLE' --backup "$3" "$wal"
    expect_status 2
    [ ! -s out ] || miss "stdout: $(head -c 300 out)"
    expect_err "$2"
    [ "$(wc -l <err)" -eq 1 ] || miss "stderr has $(wc -l <err) lines: $(cat err)"
    grep -q '^pitr-find: error: ' err || miss "stderr: $(head -c 300 err)"
    done_with "$1"
}
# A line of the backup history file the server archived. history FIXTURE KEY
history() { zcat "$fixtures/$1"/wal/*.backup.gz | sed -n "s/^$2: //p"; }
lsn_of() { sed 's/ .*//' <<<"$1"; }

# The layouts of archivers, made of a folder, in the current one.
as_pgbackrest() {
    mkdir pg_data bundle
    cp -a "$1"/. pg_data
    mv pg_data/pg_tblspc .
    {
        printf '[backup]\nbackup-type="full"\n\n[backup:option]\noption-compress-type="gz"\n\n[target:file]\n'
        find pg_data pg_tblspc -type f -printf '%p={"size":%s}\n'
    } >backup.manifest
    find pg_data pg_tblspc -type f -exec gzip -n {} +
    # Two of them in a bundle, and no file for those that are empty.
    cat pg_data/PG_VERSION.gz pg_data/global/pg_control.gz >bundle/7
    local first last
    first=$(stat -c %s pg_data/PG_VERSION.gz) last=$(stat -c %s pg_data/global/pg_control.gz)
    sed -i -e "s|^pg_data/PG_VERSION={|&\"bni\":7,\"repo-size\":$first,|" \
        -e "s|^pg_data/global/pg_control={|&\"bni\":7,\"bno\":$first,\"repo-size\":$last,|" backup.manifest
    rm pg_data/PG_VERSION.gz pg_data/global/pg_control.gz
    sed -n 's|^\(pg_.*\)={"size":0}|\1.gz|p' backup.manifest | xargs -r rm
}
as_pgmoneta() {
    cp -a "$1" data
    find data -type f -exec gzip -n {} +
    echo STATUS=1 >backup.info
}
as_barman() { # tablespaces beside the data, the label in backup.info
    local spc
    cp -a "$1" data
    for spc in data/pg_tblspc/*; do [ ! -d "$spc" ] || mv "$spc" .; done
    printf "status=DONE\nbackup_label='%s'\n" "$(sed 's/$/\\n/' data/backup_label | tr -d '\n')" >backup.info
    rm data/backup_label
}
as_walg() {
    mkdir tar_partitions
    tar -C "$1" -P --transform 's|^[.]/|/|' -czf tar_partitions/part_001.tar.gz ./PG_VERSION ./base ./pg_tblspc
    tar -C "$1" -P --transform 's|^[.]/|/|' --exclude=pg_control -czf tar_partitions/part_002.tar.gz ./global ./backup_label
    tar -C "$1" -P --transform 's|^[.]/|/|' -czf tar_partitions/pg_control.tar.gz ./global/pg_control
}

# ---- each major, each form ----------------------------------------------------------------------

for fixture in pg10-backup pg15-backup pg18-backup; do
    wal=$fixtures/$fixture/wal base=$fixtures/$fixture/base.tar.gz
    rm -rf folder tars
    mkdir folder tars
    tar -xzf "$base" -C folder
    mkdir -p folder/base folder/pg_tblspc
    zcat "$base" >tars/base.tar
    run events --format csv --backup "$base" "$wal"
    cp out first
    expect_status 0
    grep -q 'DELETE FROM' out || miss "no events"
    for form in folder tars tars/base.tar "$fixtures/$fixture"; do
        run events --format csv --backup "$form" "$wal"
        expect_status 0
        cmp -s out first || miss "--backup $form gives other events than base.tar.gz"
    done
    for form in as_pgbackrest as_pgmoneta as_barman as_walg; do
        rm -rf layout
        mkdir layout
        (cd layout && "$form" ../folder)
        run events --format csv --backup layout "$wal"
        expect_status 0
        cmp -s out first || miss "$form gives other events than base.tar.gz"
    done
    run events -j1 --format csv --backup folder "$wal"
    cmp -s out first || miss "-j1 gives other events"
    done_with "$fixture: a folder, base.tar, base.tar.gz, the folder that holds one, and layouts of archivers give the same events"

    run simulate --format json --backup folder recovery_target=immediate "$wal"
    expect_status 0
    grep -q "\"start_lsn\":\"$(lsn_of "$(history $fixture 'START WAL LOCATION')")\"" out || miss "another start: $(head -c 300 out)"
    sed 's/"label":"[^"]*"//' out >simulated
    for form in "$base" layout; do
        run simulate --format json --backup "$form" recovery_target=immediate "$wal"
        sed 's/"label":"[^"]*"//' out | cmp -s simulated || miss "simulate --backup $form says something else"
    done
    done_with "$fixture: simulate takes them, too"

    start=$(lsn_of "$(history $fixture 'START WAL LOCATION')") stop=$(lsn_of "$(history $fixture 'STOP WAL LOCATION')")
    time=$(history $fixture 'START TIME')
    run --before 'DROP TABLE shop\.orders' --database app --format json --backup "$base" "$wal"
    expect_status 0
    expect_json .event.text 'DROP TABLE shop.orders'
    expect_json .event.database "{\"oid\":$(told $fixture drop_old_table database_oid),\"name\":\"app\",\"name_source\":\"backup\"}"
    expect_json .backup "{\"path\":\"$base\",\"label\":\"$(history $fixture LABEL)\",\"start_lsn\":\"$start\",\"stop_lsn\":\"$stop\",\"start_time\":\"$(sed 's/ /T/; s/ UTC/.000000Z/' <<<"$time")\",\"timeline\":1,\"system_identifier\":\"$(json_value .source.system_identifier out)\"}"
    expect_json .target.exact true
    expect_json .warnings '[]'
    expect_err "backup      'the label' of $base: from $start to $stop on timeline 1, started"
    expect_err "restore that base backup"
    done_with "$fixture: the backup in the story and in JSON"

    # Without history file and manifest, the end of the backup is a record in the WAL.
    rm -rf bare
    mkdir bare
    cp "$wal"/*[0-9A-F].gz bare/
    rm -f bare/*.backup.gz
    run --before 'DROP TABLE shop\.orders' --database app --format json --backup "$base" bare
    expect_json .backup.stop_lsn "$stop"
    done_with "$fixture: the end of the backup from the WAL"

    run --before 'DROP TABLE shop\.early' --format json --backup "$base" "$wal"
    expect_status 3
    expect_json .target.exact false
    expect_json '[.. | objects | .exact | select(. == true)]' '[]'
    expect_json 'any(.warnings[]; contains("where the backup becomes consistent: the server would refuse (\"requested recovery stop point is before consistent recovery point\"); restore an older backup"))' true
    expect_err "lies before $stop, where the backup becomes consistent"
    expect_err "not exact"
    expect_err "too new     'the label' of"
    expect_err "restore an older backup, then run pitr-find again with that one"
    run -q --before 'DROP TABLE shop\.early' --backup "$base" "$wal"
    grep -q "^# not exact: the target at [0-9A-F/]* lies before $stop, where the backup becomes consistent" out ||
        miss "the file does not say why it is not exact: $(head -4 out)"
    done_with "$fixture: a target before the end of the backup"

    run --before 'DROP TABLE shop\.orders' --database app "$wal"
    # Where this WAL names the schema and no database, the drop in [16384] may be the one that is meant.
    expect_status "$(if grep -q 'without a name might be meant' err; then echo 3; else echo 1; fi)"
    [ ! -s out ] || miss "a target: $(head -3 out)"
    run --before 'DROP TABLE .*orders' --database "$(told $fixture drop_in_other_database database_oid)" "$wal"
    expect_status 0
    expect_err "restore     'the label' of $(basename "$wal"/*.backup.gz): from $start to $stop on timeline 1, started"
    expect_err "restore that base backup"
    expect_not_err "too new"
    done_with "$fixture: the history file names the backup to restore"

    before=$(told $fixture drop_while_copying lsn_before)
    run --before-lsn "$before" "$wal"
    expect_err "too new     'the label'"
    expect_err "every base backup with a history file in this archive is too new"
    done_with "$fixture: the history file names a backup that is too new"
done

# A folder gives its entries in no order: most of these come before base.tar.
wal=$fixtures/pg15-backup/wal base=$fixtures/pg15-backup/base.tar.gz
rm -rf folder many
mkdir folder many
tar -xzf "$base" -C folder
for oid in {17001..17020}; do
    echo "$oid /srv/$oid" >>folder/tablespace_map
    tar -cf "many/$oid.tar" -T /dev/null
done
(cd folder && tar -cf ../many/base.tar -- *)
run events --format csv --backup "$base" "$wal"
cp out first
run events --format csv --backup many "$wal"
expect_status 0
cmp -s out first || miss "other events than from base.tar.gz"
rm many/17007.tar
run events --format csv --backup many "$wal"
expect_status 2
expect_err 'has a tablespace 17007, and there is no 17007.tar beside it'
done_with "base.tar among the archives of many tablespaces"

# ---- an archive and a backup that do not meet ---------------------------------------------------

rm -rf folder
fixture=pg15-backup wal=$fixtures/pg15-backup/wal base=$fixtures/pg15-backup/base.tar.gz
mkdir late
cp "$wal/000000010000000000000011.gz" late/
run --before 'DROP TABLE shop\.orders' --database app --backup "$base" late
expect_status 3
expect_err "found DROP TABLE shop.orders in database app"
expect_err "recovery from this backup needs the WAL from $(lsn_of "$(history $fixture 'START WAL LOCATION')") on, and the archive begins at 0/1100000"
done_with "an archive that begins after the backup"

run --before-lsn 0/F00100 --format json --backup "$base" "$wal"
expect_status 3
expect_json .target.exact false
expect_err "the backup is newer than the target: it starts at 0/1000028, and the target is at 0/F00100; restore an older one"
done_with "a backup that is newer than the target"

mkdir early
cp "$wal/00000001000000000000000F.gz" early/
run --before-lsn 0/F00100 --backup "$base" early
expect_status 3
expect_err "the backup is newer than the target"
done_with "an archive that ends before the backup"

run --before 'DROP TABLE shop\.orders' --database app --since "$(told $fixture delete_other_database commit_time)" --backup "$base" "$wal"
expect_status 0
expect_err "found DROP TABLE shop.orders in database app"
expect_not_err "the archive begins"
done_with "names for a range that begins behind the backup"

mkdir folder
tar -xzf "$base" -C folder
mkdir -p folder/base folder/pg_tblspc
sed -i 's/^START TIMELINE: 1/START TIMELINE: 7/' folder/backup_label
run --before 'DROP TABLE shop\.orders' --database app --backup folder "$wal"
expect_status 3
expect_err "the backup is on timeline 7, and the history of timeline 1 is on timeline 1 at 0/1000028"
rm -r folder
done_with "a backup of another timeline"

cp -r "$wal" cut
gzip -dc "$wal/000000010000000000000010.gz" >whole
rm cut/000000010000000000000010.gz
lsn=$(told $fixture delete_while_copying lsn_before)
at=$(( (0x${lsn#0/}) - 0x1000000 ))
printf 'XXXXXXXXXXXXXXXX' | dd of=whole bs=1 seek=$((at + 40)) conv=notrunc status=none
mv whole cut/000000010000000000000010
run --before 'DROP TABLE .*orders' --backup "$base" cut
expect_status 3
expect_err "recovery from this backup cannot get past"
done_with "damage between the backup's start and the target"

# ---- wrong in one way each ----------------------------------------------------------------------

wal=$fixtures/pg15/wal
refuses "a backup of another cluster" "is of another cluster (system identifier" "$base"
wal=$fixtures/pg16/wal
refuses "a backup of another major" "is one of PostgreSQL 15, and the WAL is of 16" "$base"
wal=$fixtures/pg15-backup/wal
refuses "no such path" 'cannot open backup "nowhere": No such file' nowhere
mkdir empty
refuses "an empty folder" "has no PG_VERSION: it is not a data directory and holds no base.tar" empty
refuses "an empty file" "ends in the middle" /dev/null
refuses "a file that is not a tar" "is not a tar archive, or is damaged" "$fixtures/pg15/expect.tsv"

# broken NAME PART-OF-THE-LINE COMMAND...: runs a command in a fresh copy of the backup.
broken() {
    local name=$1 part=$2
    shift 2
    rm -rf folder
    mkdir -p folder/base folder/pg_tblspc
    tar -xzf "$base" -C folder
    (cd folder && "$@")
    refuses "$name" "$part" folder
}
app=$(told pg15-backup drop_old_table database_oid)
mapfile -t moved < <(tar -tzf "$base" | grep -E "^base/$app/[0-9]{5}$")
broken "no PG_VERSION" "has no PG_VERSION" rm PG_VERSION
broken "no backup_label" "has no backup_label: it is not a base backup, or was started already" rm backup_label
broken "no pg_control" "has no global/pg_control" rm global/pg_control
broken "no shared map" "has no global/pg_filenode.map" rm global/pg_filenode.map
broken "no pg_database" "lacks the file of catalog 1262 in database 0" rm global/1262
broken "no pg_type" "lacks the file of catalog 1247 in database $app" rm "base/$app/1247"
broken "a catalog moved, its file is not there" "in database $app: it is not whole" rm "${moved[@]}"
broken "no base folder" 'cannot open "folder/base"' mv base other
broken "pg_control cut short" "global/pg_control: pg_control has 5 bytes only" truncate -s 5 global/pg_control
broken "pg_control damaged" "global/pg_control: the checksum of pg_control is wrong" dd if=/dev/zero of=global/pg_control bs=1 seek=40 count=8 conv=notrunc status=none
broken "a map damaged" "pg_filenode.map of database $app: its size, count or checksum is wrong" truncate -s 100 "base/$app/pg_filenode.map"
broken "a label without start" "backup_label: it has no START WAL LOCATION" sed -i /START\ WAL/d backup_label
broken "a label with a wrong LSN" 'backup_label: cannot read the line "START WAL LOCATION: x/y' sed -i 's|LOCATION: [0-9A-F/]*|LOCATION: x/y|' backup_label
broken "an unknown major" 'is one of PostgreSQL "9.4", which is not supported' sh -c 'echo 9.4 >PG_VERSION'
broken "a version that does not fit pg_control" "pg_control has version 1300, not the 1800 of PostgreSQL 18" sh -c 'echo 18 >PG_VERSION'
broken "an incremental backup" "is incremental: combine it" sh -c 'echo "INCREMENTAL FROM LSN: 0/100" >>backup_label'
broken "a page that is none" "is not a page" sh -c "printf x | dd of=base/$app/1247 bs=1 seek=18 conv=notrunc status=none"
broken "a pipe where a file should be" "is not a file" sh -c "rm base/$app/1247; mkfifo base/$app/1247"
broken "a folder where a file should be" "is not a file" sh -c "rm base/$app/1247; mkdir base/$app/1247"

# ---- tar archives -------------------------------------------------------------------------------

zcat "$base" >whole.tar
size=$(stat -c %s whole.tar)
for cut in 100 600 5000 $((size / 2)) $((size - 10240)); do
    head -c "$cut" whole.tar >cut.tar
    refuses "a tar cut at byte $cut" "ends in the middle" cut.tar
done
head -c $(($(stat -c %s "$base") / 2)) "$base" >cut.tar.gz
refuses "a tar.gz cut short" "ends in the middle or cannot be unpacked" cut.tar.gz

# header FIELD-AT BYTES: writes into the header of the first member, and sets its checksum.
header() {
    cp whole.tar odd.tar
    printf "$2" | dd of=odd.tar bs=1 seek="$1" conv=notrunc status=none
    printf '        ' | dd of=odd.tar bs=1 seek=148 conv=notrunc status=none
    local sum
    sum=$(head -c 512 odd.tar | od -An -v -tu1 | awk '{ for (i = 1; i <= NF; i++) n += $i } END { print n }')
    printf '%06o\0 ' "$sum" | dd of=odd.tar bs=1 seek=148 conv=notrunc status=none
}
header 124 '77777777777\0'
refuses "a member of 8 GB" "larger than" odd.tar
header 124 '\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff'
refuses "a member of more bytes than there are numbers" "impossible size" odd.tar
header 124 '\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff'
refuses "a member of 2^63 - 1 bytes" "larger than" odd.tar
header 124 'xxxxxxxxxxx\0'
refuses "a size that is not a number" "impossible size" odd.tar
header 156 L
refuses "a member taken for a long name" "has no PG_VERSION" odd.tar
cp whole.tar odd.tar
printf z | dd of=odd.tar bs=1 seek=0 conv=notrunc status=none
refuses "a wrong checksum" "checksum of a header" odd.tar

# A member without the leading folder, and one with a long name before it, as other tools write them.
rm -rf folder
mkdir folder
tar -xzf "$base" -C folder
long=$(printf 'n%.0s' {1..150})
touch "folder/$long"
for format in gnu pax ustar; do
    name=$long
    [ $format != ustar ] || { rm "folder/$long"; name=PG_VERSION; }
    tar -C folder --format=$format -cf other.tar "./$name" ./PG_VERSION ./backup_label ./global ./base ./pg_tblspc
    run events --format csv --backup other.tar "$wal"
    expect_status 0
    run events --format csv --backup "$base" "$wal"
    cp out first
    run events --format csv --backup other.tar "$wal"
    cmp -s out first || miss "other events"
    done_with "a tar in $format format"
done
echo "16999 /srv/far" >folder/tablespace_map
tar -C folder -cf other.tar PG_VERSION backup_label global base tablespace_map
refuses "a tablespace without its archive" "has a tablespace 16999, and there is no 16999.tar beside it" other.tar

[ "$failures" -eq 0 ]
