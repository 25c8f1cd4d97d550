#!/usr/bin/env bash
# Blocks and names out of real base backups of pg_basebackup, pgBackRest and Barman, in each packing, against the files that their own tools
# restore. Prints TAP lines.
#
#   tests/archives/blocks.sh [PITR-FIND]      default: build/pitr-find; build/tests/blocks lies beside it
#
# Also how much of a backup is read for one small table beside a large one. KEEP=1 leaves the folder. Exit status 1 if any test failed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/../servers/lib.sh"
# shellcheck source=tests/archives/make.sh
. "$here/make.sh"
pitr_find=$(realpath "${1:-$here/../../build/pitr-find}")
program=${pitr_find%/*}/tests/blocks

server_native=/usr/lib/postgresql/15
psql=$server_native/bin/psql
for tool in "$server_native/bin/postgres" "$psql" pgbackrest barman lz4 zstd bzip2; do
    if ! command -v "$tool" >/dev/null; then
        echo "ok - blocks of real backups # SKIP no $tool"
        exit 0
    fi
done

work_in blocks space restored wal
source=$work/source problems=$work/problems
chmod 700 "$work/space"

# ---- a server with a tablespace and a large table ------------------------------------------

cat >archive <<SCRIPT
#!/bin/sh
for to in $work/wal $work/barman/*/incoming; do
    [ ! -d "\$to" ] || cp "\$1" "\$to/\$2" || exit 1
done
SCRIPT
chmod 755 archive
make_cluster "$source" 15 16 <<CONF
wal_level = replica
archive_mode = on
archive_command = '$work/archive %p %f'
max_wal_senders = 5
CONF
start_cluster "$source"
database=postgres
sql "$source" <<SQL
CREATE TABLESPACE aside LOCATION '$work/space';
CREATE DATABASE shop;
CREATE DATABASE elsewhere TABLESPACE aside;
SQL
database=shop
sql "$source" <<'SQL'
CREATE TABLE small AS SELECT g AS id, repeat(md5(g::text), 5) AS text FROM generate_series(1, 500) g;
CREATE TABLE large AS SELECT g AS id, repeat(md5(g::text), 30) AS text FROM generate_series(1, 20000) g;
CREATE TABLE placed TABLESPACE aside AS SELECT * FROM small;
VACUUM FULL pg_class;
CREATE TABLE empty (i int);
SQL
# What it does after each backup is named by what is in the backup.
happens() { sql "$source" -c "UPDATE small SET text = 'new' WHERE id < 10" -c "DELETE FROM placed WHERE id = $((++happened))"; }
happened=0
small=$(sql "$source" -c "SELECT '1663 ' || (SELECT oid FROM pg_database WHERE datname = 'shop') || ' ' || pg_relation_filenode('small')")

# ---- which files there are -----------------------------------------------------------------

# list FOLDER: the files of relations and of the logs of transactions of a data directory, as build/tests/blocks takes them.
list() {
    (cd "$1" && find -L . -type f) | awk -v folder="$1" '
        function hex(s, n, i) {
            for (i = 1; i <= length(s); i++) n = n * 16 + index("0123456789ABCDEF", substr(s, i, 1)) - 1
            return n + 0
        }
        {
            n = split($0, at, "/"); file = at[n]; part = 0
            if (file ~ /^[0-9]+[.][0-9]+$/) { split(file, pair, "."); file = pair[1]; part = pair[2] }
            is_relation = file ~ /^[1-9][0-9]*$/
            if (at[2] == "global" && is_relation) print 1664, 0, file, part, folder "/" $0
            else if (at[2] == "base" && is_relation) print 1663, at[3], file, part, folder "/" $0
            else if (at[2] == "pg_tblspc" && is_relation) print at[3], at[5], file, part, folder "/" $0
            else if (at[2] == "pg_xact") print 0, 0, 1, hex(file), folder "/" $0
            else if (at[2] == "pg_multixact") print 0, 0, at[3] == "offsets" ? 2 : 3, hex(file), folder "/" $0
        }'
}

# blocks BACKUP < LIST: what build/tests/blocks prints. A root may read all of it.
blocks() { "$program" "$1" >"$work/said" 2>&1; }

# same_blocks NAME BACKUP RESTORED
same_blocks() {
    : >"$problems"
    list "$3" >"$work/list"
    [ "$(wc -l <"$work/list")" -gt 900 ] || echo "only $(wc -l <"$work/list") files in $3" >>"$problems"
    blocks "$2" <"$work/list" || head -5 "$work/said" >>"$problems"
    [ -z "${stop:-}" ] || grep -q " stop $stop " "$work/said" || echo "not stop $stop: $(tail -1 "$work/said")" >>"$problems"
    "$pitr_find" events -q --format csv --backup "$2" "$work/wal" >"$work/named" 2>&1 || true
    "$pitr_find" events -q --format csv --backup "$3" "$work/wal" >"$work/named.restored" 2>&1 || true
    cmp "$work/named" "$work/named.restored" >>"$problems" || head -3 "$work/named" >>"$problems"
    grep -q ',shop,.*DELETE FROM public.placed' "$work/named" || echo "no names: $(tail -2 "$work/named")" >>"$problems"
    verdict "$1: $(tail -1 "$work/said" | cut -c1-120)" "$problems"
}

# reads_little NAME BACKUP RESTORED KB: of a small table, the catalogs left out.
reads_little() {
    local size
    : >"$problems"
    list "$3" | grep "^$small " >"$work/list"
    blocks "$2" <"$work/list" || head -5 "$work/said" >>"$problems"
    size=$(sed -n 's/.* read \([0-9]*\) .*/\1/p' "$work/said")
    [ "${size:-0}" -gt 100000 ] && [ "$size" -lt $(($4 * 1024)) ] || echo "$size bytes were read" >>"$problems"
    verdict "$1: no more than $4 KB are read for a small table" "$problems"
}

# refused NAME BACKUP WORDS
refused() {
    : >"$problems"
    if blocks "$2" <"$work/list"; then echo "it was read" >>"$problems"; fi
    grep -q "$3" "$work/said" || head -3 "$work/said" >>"$problems"
    [ "$(wc -l <"$work/said")" -eq 1 ] || echo "more than one line" >>"$problems"
    verdict "$1" "$problems"
}

# ---- pg_basebackup -------------------------------------------------------------------------

base_backup() { # base_backup FOLDER OPTION...
    local folder=$1
    shift
    client pg_basebackup -h "$source" -p "$port" -U postgres -c fast -X none --no-sync -D "$folder" "$@" 2>>"$work/pg_basebackup.log"
    happens
    switch_and_archive
}

step='pg_basebackup'
install -d -o "$(stat -c %U "$work/space")" plain-space
base_backup "$work/plain" -F plain --tablespace-mapping="$work/space=$work/plain-space"
stop=$(sed -n 's/.*"End-LSN": "\([^"]*\)".*/\1/p' "$work/plain/backup_manifest")
same_blocks 'pg_basebackup -F plain' "$work/plain" "$work/plain"
reads_little 'pg_basebackup -F plain' "$work/plain" "$work/plain" 512

unpacked() { # unpacked FILE: to stdout
    case $1 in
    *.gz) gzip -dc "$1" ;;
    *.lz4) lz4 -dc "$1" ;;
    *.zst) zstd -qdc "$1" ;;
    *) cat "$1" ;;
    esac
}

untar() { # untar FOLDER WHERE: by tar, each tablespace where the link leads
    mkdir -p "$2"
    local tar oid
    unpacked "$1"/base.tar* | tar -xf - -C "$2"
    for tar in "$1"/[0-9]*.tar*; do
        oid=${tar##*/}
        oid=${oid%%.*}
        rm -rf "$2/pg_tblspc/$oid"
        mkdir "$2/pg_tblspc/$oid"
        unpacked "$tar" | tar -xf - -C "$2/pg_tblspc/$oid"
    done
}
for form in none client-gzip client-lz4 client-zstd server-lz4; do
    base_backup "$work/tar-$form" -F tar -Z "$form"
    untar "$work/tar-$form" "$work/restored/tar-$form"
    stop=$(sed -n 's/.*"End-LSN": "\([^"]*\)".*/\1/p' "$work/tar-$form/backup_manifest")
    same_blocks "pg_basebackup -F tar -Z $form" "$work/tar-$form" "$work/restored/tar-$form"
done
reads_little 'pg_basebackup -F tar' "$work/tar-none" "$work/restored/tar-none" 2500

# ---- pgBackRest ----------------------------------------------------------------------------

backrest() { # backrest NAME COMMAND ARG...
    as_owner pgbackrest --config="$work/pgbackrest/$1.conf" --stanza=main "${@:2}" >>"$work/pgbackrest.log" 2>&1
}

# repository NAME TYPE OPTION...: a full backup, in $backup, and what is restored of it.
repository() {
    local name=$1 type=$2
    shift 2
    step="pgBackRest $name"
    configure_pgbackrest "$name" "$source/data" "$source"
    sed -i "s/^compress-type=.*/compress-type=$type/; /^archive-check=/d" "$work/pgbackrest/$name.conf"
    sed -i "/^\[global\]/a archive-check=n" "$work/pgbackrest/$name.conf"
    local option
    for option in "$@"; do sed -i "/^\[global\]/a $option" "$work/pgbackrest/$name.conf"; done
    backrest "$name" stanza-create
    backrest "$name" --start-fast --type=full backup
    restored_by_backrest "$name" "$name"
}

restored_by_backrest() { # restored_by_backrest NAME FOLDER: the latest backup
    local to=$work/restored/$2
    happens
    switch_and_archive
    mkdir -p "$to" "$to-space"
    chmod 700 "$to" "$to-space"
    give_to_owner "$to" "$to-space"
    backrest "$1" --pg1-path="$to" --tablespace-map=aside="$to-space" restore
    backup=$(readlink -f "$work/pgbackrest/$1/backup/main/latest")
    stop=$(sed -n 's/^backup-lsn-stop="\(.*\)"$/\1/p' "$backup/backup.manifest")
    export PITR_CIPHER_PASS=
    case $1 in *encrypted*) PITR_CIPHER_PASS=$passphrase ;; esac
}

for type in none gz bz2 lz4 zst; do
    repository "$type" "$type"
    same_blocks "pgBackRest, compress-type $type" "$backup" "$work/restored/$type"
    reads_little "pgBackRest, compress-type $type" "$backup" "$work/restored/$type" 600
    repository "bundle-$type" "$type" repo1-bundle=y
    same_blocks "pgBackRest, bundles, compress-type $type" "$backup" "$work/restored/bundle-$type"
    reads_little "pgBackRest, bundles, compress-type $type" "$backup" "$work/restored/bundle-$type" 700
done

secret=("repo1-cipher-pass=$passphrase" repo1-cipher-type=aes-256-cbc)
repository encrypted gz # has its own
same_blocks 'pgBackRest, encrypted' "$backup" "$work/restored/encrypted"
PITR_CIPHER_PASS=''
refused 'pgBackRest, encrypted, no passphrase' "$backup" 'backup.info" is encrypted'
repository bundle-encrypted zst repo1-bundle=y "${secret[@]}"
same_blocks 'pgBackRest, encrypted bundles' "$backup" "$work/restored/bundle-encrypted"
repository unpacked-encrypted none "${secret[@]}"
refused 'pgBackRest, encrypted and not compressed' "$backup" 'is encrypted and not compressed'

for name in gz bundle-zst; do
    sql "$source" -c 'CHECKPOINT'
    backrest "$name" --start-fast --type=diff backup
    restored_by_backrest "$name" "$name-diff"
    grep -q '"reference":' "$backup/backup.manifest"
    same_blocks "pgBackRest, $name, a differential backup" "$backup" "$work/restored/$name-diff"
    full=${backup%_*}
    mv "$full" "$full.gone"
    refused "pgBackRest, $name, a differential backup without the full one" "$backup" 'refers to, is not beside it'
    mv "$full.gone" "$full"
done

# ---- Barman --------------------------------------------------------------------------------

step=Barman
mkdir -p barman/lock
cat >barman/barman.conf <<CONF
[barman]
barman_user = postgres
barman_home = $work/barman
barman_lock_directory = $work/barman/lock
log_file = $work/barman/log
backup_method = postgres
immediate_checkpoint = true
path_prefix = $server_native/bin
archiver = on
CONF
for name in plain gzip; do
    mkdir -p "barman/$name/incoming"
    cat >>barman/barman.conf <<CONF
[$name]
description = $name
conninfo = host=$source port=$port user=postgres dbname=postgres
streaming_conninfo = host=$source port=$port user=postgres
CONF
done
echo 'backup_compression = gzip' >>barman/barman.conf
give_to_owner barman
stop=''
happens
switch_and_archive
for name in plain gzip; do
    barman_of archive-wal "$name"
    barman_of backup "$name" >>"$work/barman.log" 2>&1
    happens
    switch_and_archive
    backup=$(echo "$work/barman/$name/base/"2*)
    if [ "$name" = gzip ]; then
        mkdir restored/barman
        untar "$backup/data" "$work/restored/barman"
        same_blocks 'Barman, backup_compression = gzip' "$backup" "$work/restored/barman"
    else
        same_blocks 'Barman' "$backup" "$backup/data"
        reads_little 'Barman' "$backup" "$backup/data" 512
        find "$backup/data/pg_tblspc" -type l -delete
        list "$backup/data" >"$work/list"
        oid=$(basename "$(echo "$backup"/[0-9]*)")
        (cd "$backup/$oid" && find . -type f) | sed -n "s|^\./\(PG_15_[0-9]*\)/\([0-9]*\)/\([1-9][0-9]*\)\$|$oid \2 \3 0 $backup/$oid/\1/\2/\3|p" >>"$work/list"
        : >"$problems"
        blocks "$backup" <"$work/list" || head -5 "$work/said" >>"$problems"
        grep -q "^$oid " "$work/list" || echo "no file in tablespace $oid" >>"$problems"
        verdict "Barman, folders of tablespaces beside the data: $(tail -1 "$work/said")" "$problems"
    fi
done

# ---- a table back out of them --------------------------------------------------------------

step='a table that is lost'
sql "$source" -c 'COPY small TO STDOUT' | sort >rows
sql "$source" -c 'DROP TABLE small'
switch_and_archive
[ "$(wc -l <rows)" -eq 500 ] || fail "the server has $(wc -l <rows) rows"
for backup in plain tar-none tar-client-zstd pgbackrest/{none,gz,bundle-none,bundle-zst,bundle-encrypted}/backup/main/latest \
    barman/{plain,gzip}/base/2*; do
    : >"$problems"
    backup=$(readlink -f "$work"/$backup)
    export PITR_CIPHER_PASS=
    case $backup in *encrypted*) PITR_CIPHER_PASS=$passphrase ;; esac
    "$pitr_find" rescue --before 'DROP TABLE public\.small$' --format copy --backup "$backup" "$work/wal" 2>"$work/said" | sort >rescued ||
        cat "$work/said" >>"$problems"
    cmp rows rescued >>"$problems" || head -5 "$work/said" >>"$problems"
    verdict "rescue from ${backup#"$work/"}" "$problems"
done

[ "$failures" -eq 0 ]
