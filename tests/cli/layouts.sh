#!/bin/bash
# Proves that an archive gives the same target in whatever layout it lies, that the archiver's catalogue
# names the base backup to restore, and what is said of several servers, several clusters, copies that
# contradict each other, and encrypted files.
#
# Every layout is built here from the segments of one server (tests/fixtures/pg15-backup), with the names and
# packings that the archivers were seen to write, or that their sources say. Where the target must lie, and
# where the base backup starts and ends, that server told.
#
#   tests/cli/layouts.sh [PITR_FIND]        (default build/pitr-find)
#
# Beside it, in tests/pitr-find-bare, is the program built without libcrypto.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
unset NO_COLOR PITR_CIPHER_PASS PGBACKREST_REPO1_CIPHER_PASS

bare=$(dirname "$program")/tests/pitr-find-bare
fixture=$root/tests/fixtures/pg15-backup

# ---- helpers ------------------------------------------------------------------------------------

# Three catalogs of this fixture's other database were moved before its WAL begins; that is all there is to warn of.
only_warns_of_moved() { ! grep warning err | grep -v 'system catalogs pg_class, pg_depend, pg_namespace ' || miss "stderr has another warning"; }
expect_command() { [ "$(setting restore_command)" = "$1" ] || miss "restore_command $(setting restore_command), not $1"; }

# ---- the archive --------------------------------------------------------------------------------

log=0000000100000000
segments=(00000001000000000000000F 000000010000000000000010 000000010000000000000011)
history_name=000000010000000000000010.00000028.backup
label=drop_in_other_database # the last one
start=$(zcat "$fixture/wal/$history_name.gz" | sed -n 's/^START WAL LOCATION: \([^ ]*\) .*/\1/p')
stop=$(zcat "$fixture/wal/$history_name.gz" | sed -n 's/^STOP WAL LOCATION: \([^ ]*\) .*/\1/p')

mkdir plain
for segment in "${segments[@]}"; do zcat "$fixture/wal/$segment.gz" >"plain/$segment"; done
zcat "$fixture/wal/$history_name.gz" >"plain/$history_name"
run -q --before 'DROP TABLE' --database 16386 --format json plain
expect_status 0
system_id=$(json_value .source.system_identifier out)
target=$(json_value .target.settings.recovery_target_lsn out)
[[ ! $(padded "$target") < $(padded "$(told pg15-backup "$label" lsn_before)") ]] || miss "$target is before $label"
[[ $(padded "$target") < $(padded "$(told pg15-backup "$label" lsn_after)") ]] || miss "$target is behind $label"
run --before 'DROP TABLE' --database 16386 plain
expect_err "restore     'the label' of $history_name: from $start to $stop on timeline 1"
expect_not_err '  archive '
done_with "a plain folder: the target lies where the server said"

# finds SOURCE...: the target is that of the plain folder.
finds() {
    run --before 'DROP TABLE' --database 16386 "$@"
    expect_status 0
    [ "$(setting recovery_target_lsn)" = "$target" ] || miss "target $(setting recovery_target_lsn) in $*, not $target"
}
# put PATH FILE [PACKER...]: a file of the plain folder, packed.
put() {
    local path=$1 from=plain/$2
    shift 2
    mkdir -p "$(dirname "$path")"
    if [ $# -eq 0 ]; then cp "$from" "$path"; else "$@" <"$from" >"$path"; fi
}
text() { mkdir -p "$(dirname "$1")" && cat >"$1"; }

# Tools that tell what they were called with, a word a line, and what of their environment counts.
mkdir tools
for tool in pgbackrest barman wal-g pg_probackup; do
    printf '#!/bin/sh\nprintf "%%s\\n" "${0##*/}${WALG_FILE_PREFIX:+ for $WALG_FILE_PREFIX}" "$@"\n' >tools/$tool
    chmod +x tools/$tool
done
# calls FORMAT SOURCE WORD...: the command printed is one line, and calls its tool with these words.
calls() {
    local format=$1 source=$2
    shift 2
    run -q --before 'DROP TABLE' --database 16386 --format "$format" ${action:+--action "$action"} ${kind:+--target "$kind"} "$source"
    expect_status 0
    [ "$(wc -l <out)" -eq 1 ] || miss "$(wc -l <out) lines: $(head -c 900 out)"
    mkdir -p 'new one'
    (PATH=$work/tools:$PATH PGDATA=${into-$work/new one} && export PGDATA && sh -c "$(cat out)") >called 2>&1 || true
    printf '%s\n' "$@" | cmp -s - called || miss "$(cat out) calls $(cat called), not $*"
}

# ---- pgBackRest ---------------------------------------------------------------------------------

# The files of version 2.45, in the form "KEY=JSON".
archive_info() {
    cat <<END
[backrest]
backrest-format=5
backrest-version="2.45"

[db]
db-id=1
db-system-id=${1:-$system_id}
db-version="15"

[db:history]
1={"db-id":${1:-$system_id},"db-version":"15"}
END
}
backup_info() { # backup_info LABEL START STOP
    cat <<END
[backrest]
backrest-format=5
backrest-version="2.45"

[backup:current]
$1={"backrest-format":5,"backup-archive-start":"${segments[1]}","backup-archive-stop":"${segments[1]}","backup-error":false,"backup-lsn-start":"$2","backup-lsn-stop":"$3","backup-reference":["a","b\\"}"],"backup-timestamp-start":1795386055,"backup-timestamp-stop":1795386056,"backup-type":"full","db-id":1,"option-online":true}

[db:history]
1={"db-catalog-version":202209061,"db-control-version":1300,"db-system-id":$system_id,"db-version":"15"}
END
}
# pgbackrest_wal STANZA-FOLDER [PACKER...]
pgbackrest_wal() {
    local folder=$1/15-1/$log segment
    shift
    for segment in "${segments[@]}"; do
        put "$folder/$segment-$(sha1sum <"plain/$segment" | cut -c1-40)${suffix-.gz}" "$segment" "${@:-gzip}"
    done
    put "$folder/$history_name" "$history_name"
}
id=20261122-222055F
started=$(gzip -dc "$fixture/wal/$history_name.gz" | sed -n 's/^START TIME: \(.*\) \(.*\) UTC$/\1T\2/p')
pgbackrest_wal repo/archive/main
archive_info | text repo/archive/main/archive.info
backup_info $id "$start" "$stop" | text repo/backup/main/backup.info
for source in repo repo/archive repo/archive/main repo/archive/main/ repo/archive/main/15-1 "repo/archive/main/15-1/$log"; do
    finds "$source"
    expect_err "archive     pgBackRest repository $work/repo, stanza main"
    expect_err "restore     $id: from $start to $stop on timeline 1, started $started"
    expect_err "with        pgbackrest --stanza=main --set=$id restore"
    expect_command "pgbackrest --stanza=\"main\" --repo1-path=\"$work/repo\" --pg1-path=\"\$PWD\" archive-get %f \"%p\""
done
(cd repo/archive/main && run --before 'DROP TABLE' --database 16386 . && mv out err "$work/")
expect_err "archive     pgBackRest repository $work/repo, stanza main"
done_with "pgBackRest: repository, stanza, and folders in it"

cp -r repo "it's \$(a) repo"
tool_words=(pgbackrest --stanza=main "--repo1-path=$work/it's \$(a) repo" "--pg1-path=$work/new one" "--set=$id" --type=lsn "--target=$target"
    --target-exclusive --target-timeline=1 --target-action=pause --archive-mode=off restore)
calls pgbackrest "it's \$(a) repo" "${tool_words[@]}"
into='' calls pgbackrest repo pgbackrest --stanza=main "--repo1-path=$work/repo" "${tool_words[@]:4}"
xid=$(told pg15-backup "$label" xid)
action=promote kind=xid calls pgbackrest repo pgbackrest --stanza=main "--repo1-path=$work/repo" "--pg1-path=$work/new one" "--set=$id" --type=xid \
    "--target=$xid" --target-exclusive --target-timeline=1 --target-action=promote --archive-mode=off restore
kind='time' calls pgbackrest repo pgbackrest --stanza=main "--repo1-path=$work/repo" "--pg1-path=$work/new one" "--set=$id" --type=time \
    "--target=$(told pg15-backup "$label" commit_time | tr T ' ' | sed 's/Z$/+00/')" --target-exclusive --target-timeline=1 --target-action=pause --archive-mode=off restore
run --before 'DROP TABLE' --database 16386 --format pgbackrest repo
expect_err 'next        run the command that is printed'
expect_err 'archive_mode = off, as --archive-mode=off has it'
done_with "pgBackRest: the command that restores to the target, quoted for sh"

cp -r repo newer
backup_info $id 0/1111111 0/11F0000 >newer/backup/main/backup.info
finds newer
expect_err "too new     $id: from 0/1111111 to 0/11F0000"
run --before 'DROP TABLE' --database 16386 --format pgbackrest newer
expect_error "the catalog of the pgBackRest repository has no finished backup that ends before the target at $target"
done_with "pgBackRest: a backup that is too new, and one that is not in the catalogue any more"

cp -r repo other
archive_info 42 >other/archive/main/archive.info
rm other/backup/main/backup.info
finds other
expect_err "warning: the archiver's catalog is of system identifier 42, and this WAL of $system_id"
done_with "pgBackRest: a catalogue of another cluster"

cp -r repo broken
head -c 3000 "$program" >broken/backup/main/backup.info
finds broken
expect_err "restore     'the label' of $history_name"
done_with "pgBackRest: a catalogue that is none"

cp -r repo/archive/main repo/archive/second
run --before 'DROP TABLE' --database 16386 repo
expect_error 'has 2 stanzas (main, second): give the folder of one, like "repo/archive/main"'
finds repo/archive/second
expect_err "stanza second"
done_with "pgBackRest: several stanzas"
rm -r repo/archive/second

# ---- encryption ---------------------------------------------------------------------------------

if has openssl && [ "${PITR_WITHOUT_CRYPTO:-0}" = 0 ]; then
    encrypt() { openssl enc -aes-256-cbc -md sha1 -pass "pass:$1" 2>/dev/null; }
    packed_for_main() { gzip | encrypt 'of the WAL'; }
    raw_for_main() { encrypt 'of the WAL'; }
    pgbackrest_wal encrypted/archive/main packed_for_main
    put "encrypted/archive/main/15-1/$log/$history_name" "$history_name" raw_for_main
    { archive_info && printf '\n[cipher]\ncipher-pass="of the WAL"\n'; } | encrypt 'of the user' | text encrypted/archive/main/archive.info
    backup_info $id "$start" "$stop" | encrypt 'of the user' | text encrypted/backup/main/backup.info
    cp -r encrypted encrypted-raw
    rm -r "encrypted-raw/archive/main/15-1"
    suffix='' pgbackrest_wal encrypted-raw/archive/main raw_for_main
    put "encrypted-raw/archive/main/15-1/$log/$history_name" "$history_name" raw_for_main

    export PGBACKREST_REPO1_CIPHER_PASS='of the user'
    for source in encrypted encrypted-raw "encrypted/archive/main/15-1/$log"; do
        finds "$source"
        expect_err "restore     $id: from $start to $stop"
        expect_err "the WAL is encrypted: the server needs PGBACKREST_REPO1_CIPHER_PASS"
    done
    expect_command "pgbackrest --stanza=\"main\" --repo1-path=\"$work/encrypted\" --pg1-path=\"\$PWD\" --repo1-cipher-type=aes-256-cbc archive-get %f \"%p\""
    "$program" events -q -j3 plain >wanted || [ $? -eq 3 ] # three catalogs of app were moved before
    run events -q -j3 encrypted
    cmp -s wanted out || miss "other events"
    unset PGBACKREST_REPO1_CIPHER_PASS
    PITR_CIPHER_PASS='of the user' finds encrypted
    printf 'of the user\nmore\n' >passphrase
    finds --cipher-pass-file passphrase encrypted
    printf 'of the WAL\n' >passphrase
    finds --cipher-pass-file passphrase "encrypted/archive/main/15-1/$log/${segments[2]}-"*
    done_with "pgBackRest, encrypted: passphrase from the environment or a file"

    run --before 'DROP TABLE' --database 16386 encrypted
    expect_error 'is encrypted (OpenSSL): give its passphrase in PGBACKREST_REPO1_CIPHER_PASS or by --cipher-pass-file'
    PITR_CIPHER_PASS=wrong run --before 'DROP TABLE' --database 16386 encrypted
    expect_error 'is encrypted (OpenSSL), and no passphrase given opens it'
    run --before 'DROP TABLE' --database 16386 --cipher-pass-file nowhere encrypted
    expect_error 'cannot open "nowhere"'
    : >empty
    run --before 'DROP TABLE' --database 16386 --cipher-pass-file empty encrypted
    expect_error '"empty" has no passphrase in its first line'
    done_with "encrypted: no passphrase, a wrong one, a file without one"

    PGBACKREST_REPO1_CIPHER_PASS='of the user' run_program "$bare" --before 'DROP TABLE' --database 16386 "encrypted/archive/main/15-1/$log"
    expect_error 'is encrypted (OpenSSL), which this build does not read: install libssl-dev and build again'
    done_with "encrypted: a build without libcrypto names the package"

    cut=encrypted/archive/main/15-1/$log
    cut=$(echo "$cut/${segments[2]}-"*)
    head -c 20000 "$cut" >short && mv short "$cut"
    printf 'of the user' >passphrase
    run events -q --cipher-pass-file passphrase encrypted
    expect_status 3
    # The names may come from what is cut away.
    awk 'NR <= 3 { print $1, $2 }' wanted | cmp -s - <(awk 'NR <= 3 { print $1, $2 }' out) || miss "other events before the cut: $(head -3 out)"
    done_with "encrypted: a file that is cut short gives what it holds"

    for way in '-md sha256' '-md md5' '-pbkdf2' '-md sha1'; do
        for segment in "${segments[@]}"; do
            # shellcheck disable=SC2086 # options
            put "enc$way/$segment.zst" "$segment" openssl enc -aes-256-cbc $way -pass pass:secret 2>/dev/null
        done
        PITR_CIPHER_PASS=secret finds "enc$way"
        expect_err "the WAL is encrypted: the server needs PITR_CIPHER_PASS in its environment"
    done
    done_with "openssl enc, with each way to make a key"
else
    echo "ok - encrypted archives # SKIP no openssl, or built without libcrypto"
fi

# ---- Barman -------------------------------------------------------------------------------------

barman_backup_info() { # barman_backup_info [STATUS]
    cat <<END
backup_label=None
begin_offset=40
begin_time=2026-11-22 23:20:55.123456+01:00
begin_wal=${segments[1]}
begin_xlog=$start
end_wal=${segments[1]}
end_xlog=$stop
status=${1:-DONE}
systemid=$system_id
timeline=1
version=150020
END
}
put "barman/main/wals/$log/${segments[0]}" "${segments[0]}" gzip
put "barman/main/wals/$log/${segments[1]}" "${segments[1]}" bzip2
put "barman/main/streaming/${segments[2]}.partial" "${segments[2]}"
put "barman/main/errors/${segments[2]}.20261122T222055.duplicate" "${segments[0]}"
put "barman/main/errors/000000010000000000000012" "${segments[0]}"
mkdir -p barman/main/incoming
echo "$log" >barman/main/wals/xlog.db
barman_backup_info | text barman/main/base/20261122T222055/backup.info
barman_backup_info FAILED | text barman/main/base/20261122T222000/backup.info
printf '{"systemid": "%s", "version": "15"}' "$system_id" >barman/main/identity.json
for source in barman barman/main; do
    finds "$source"
    expect_err "archive     Barman archive $work/barman, server main"
    expect_err "restore     20261122T222055: from $start to $stop on timeline 1, started 2026-11-22T22:20:55.123456Z"
    expect_err "with        barman recover main 20261122T222055 FOLDER"
    expect_command 'barman get-wal -P "main" %f > "%p"'
done
calls barman barman barman recover --target-lsn "$target" --exclusive --target-tli 1 --target-action pause --get-wal main 20261122T222055 "$work/new one"
(unset PGDATA && PATH=$work/tools:$PATH sh -c "$(cat out)") >called 2>&1 && miss 'it runs without PGDATA'
grep -q 'PGDATA: must name the new, empty data directory' called || miss "without PGDATA: $(cat called)"
mv barman/main/streaming/*.partial "barman/main/incoming/${segments[2]}"
finds barman
mv "barman/main/incoming/${segments[2]}" "barman/main/wals/$log/"
finds barman/main/wals
expect_err "server main"
calls barman barman/main barman recover --target-lsn "$target" --exclusive --target-tli 1 --target-action pause main 20261122T222055 "$work/new one"
mkdir barman/main/meta
mv barman/main/base/20261122T222055/backup.info barman/main/meta/20261122T222055-backup.info
finds barman
expect_err "restore     20261122T222055: from"
done_with "Barman: wals, incoming and streaming together, and both places of backup.info"

cp -r barman/main barman/second
run --before 'DROP TABLE' --database 16386 barman
expect_error 'has 2 servers (main, second): give the folder of one, like "barman/main"'
done_with "Barman: several servers"

for segment in "${segments[@]}"; do put "cloud/main/wals/$log/$segment.bz2" "$segment" bzip2; done
barman_backup_info | text cloud/main/base/20261122T222055/backup.info
for source in cloud cloud/main cloud/main/wals; do
    finds "$source"
    expect_err "archive     barman-cloud archive $work/cloud, server main"
    expect_err "with        barman-cloud-restore URL main 20261122T222055 FOLDER"
done
done_with "barman-cloud"

# ---- others -------------------------------------------------------------------------------------

for segment in "${segments[@]}"; do put "walg/wal_005/$segment.lz4" "$segment" lz4 -c; done
put "walg/wal_005/${history_name}.lz4" "$history_name" lz4 -c
head -c 999 "$program" >"walg/wal_005/${segments[0]}_delta.lz4"
echo '{}' >"walg/wal_005/${segments[0]}.json"
printf '{"LSN":%s,"PgVersion":150020,"FinishLSN":%s,"SystemIdentifier":%s,"UserData":{"LSN":1}}' \
    "$(number "$start")" "$(number "$stop")" "$system_id" |
    text "walg/basebackups_005/base_${segments[1]}_backup_stop_sentinel.json"
for source in walg walg/wal_005; do
    finds "$source"
    expect_err "archive     WAL-G storage $work/walg"
    expect_err "restore     base_${segments[1]}: from $start to $stop on timeline 1"
    expect_err "with        wal-g backup-fetch FOLDER base_${segments[1]}"
    expect_command "WALG_FILE_PREFIX=\"$work/walg\" wal-g wal-fetch %f \"%p\""
done
for segment in "${segments[@]}"; do put "walg-bare/wal_005/$segment." "$segment"; done
put "walg-bare/wal_005/$history_name." "$history_name"
cp -r walg/basebackups_005 walg-bare
finds walg-bare
finds walg-bare/wal_005
expect_err "restore     base_${segments[1]}: from $start to $stop on timeline 1"
only_warns_of_moved
mkdir fetched && run fetch "${segments[1]}" "$work/fetched/it" walg-bare
expect_status 0
cmp -s fetched/it "plain/${segments[1]}" || miss "fetched another file"
done_with "WAL-G, names that end in a dot where nothing is packed, too"

calls wal-g walg "wal-g for $work/walg" backup-fetch "$work/new one" "base_${segments[1]}"
for line in "recovery_target_lsn = '$target'" "recovery_target_inclusive = 'false'" "recovery_target_timeline = '1'" "recovery_target_action = 'pause'" \
    "restore_command = 'WALG_FILE_PREFIX=\"$work/walg\" wal-g wal-fetch %f \"%p\"'" "archive_mode = 'off'"; do
    grep -qxF -- "$line" 'new one/postgresql.auto.conf' || miss "no line $line in $(cat 'new one/postgresql.auto.conf')"
done
[ -e 'new one/recovery.signal' ] || miss 'no recovery.signal'
done_with "WAL-G: the command that restores a backup and writes the settings"

put "probackup/wal/main/${segments[0]}.gz" "${segments[0]}" gzip
put "probackup/wal/main/${segments[1]}" "${segments[1]}"
put "probackup/wal/main/${segments[2]}.gz.partial" "${segments[2]}" gzip
put "probackup/wal/main/${segments[2]}.gz.part" "${segments[0]}" gzip
put "probackup/wal/main/$history_name" "$history_name"
printf 'system-identifier = %s\nxlog-seg-size = 1048576\n' "$system_id" | text probackup/backups/main/pg_probackup.conf
text probackup/backups/main/TOWJ27/backup.control <<END
#Configuration
backup-mode = FULL
stream = false
timelineid = 1
start-lsn = $start
stop-lsn = $stop
start-time = '2026-11-22 22:20:55+00'
status = OK
END
for source in probackup probackup/wal probackup/wal/main; do
    finds "$source"
    expect_err "archive     pg_probackup catalog $work/probackup, instance main"
    expect_err "restore     TOWJ27: from $start to $stop on timeline 1, started $started"
    expect_err "with        pg_probackup restore --instance=main -i TOWJ27"
    expect_command "pg_probackup archive-get -B \"$work/probackup\" --instance=\"main\" --wal-file-path=\"%p\" --wal-file-name=%f"
done
done_with "pg_probackup"

calls pg_probackup probackup pg_probackup restore -B "$work/probackup" --instance=main -i TOWJ27 -D "$work/new one" "--recovery-target-lsn=$target" \
    --recovery-target-inclusive=false --recovery-target-timeline=1 --recovery-target-action=pause
done_with "pg_probackup: the command that restores to the target"

for format in pgbackrest barman wal-g pg_probackup; do
    run --before 'DROP TABLE' --database 16386 --format $format plain
    expect_error "--format $format takes its command from a "
done
run --before 'DROP TABLE' --database 16386 --format barman repo
expect_error '--format barman takes its command from a Barman archive, and SOURCE is a pgBackRest repository: name the Barman archive as SOURCE'
run --before 'DROP TABLE' --database 16386 --format pgbackrest --restore-command 'cp /x/%f %p' repo
expect_error '--restore-command'
run --before 'DROP TABLE' --database 16386 --format pgbackrest --write "$work" repo
expect_status 2
[ ! -s out ] || miss "stdout: $(head -c 300 out)"
done_with "archivers' formats need that archiver's archive"

put "rman/20261122/222000/arclog/${segments[0]}" "${segments[0]}"
put "rman/20261122/222055/arclog/${segments[1]}" "${segments[1]}"
put "rman/20261122/223000/arclog/${segments[2]}" "${segments[2]}"
echo "ARCLOG_PATH='/nowhere'" >rman/pg_rman.ini
echo "SYSTEM_IDENTIFIER='$system_id'" >rman/system_identifier
text rman/20261122/222055/backup.ini <<END
# configuration
BACKUP_MODE=FULL
# result
TIMELINEID=1
START_LSN=${start,,}
STOP_LSN=${stop,,}
START_TIME='2026-11-22 22:20:55'
STATUS=OK
END
finds rman
expect_err "archive     pg_rman catalog $work/rman"
expect_err "restore     20261122/222055: from $start to $stop on timeline 1, started 2026-11-22 22:20:55"
done_with "pg_rman: a chain over several folders"

for segment in "${segments[@]}"; do put "moneta/main/wal/$segment.zstd" "$segment" zstd -qc; done
text moneta/main/backup/20261122222055/backup.info <<END
STATUS=1
LABEL=20261122222055
WAL=${segments[1]}
START_WALPOS=$start
END_WALPOS=$stop
START_TIMELINE=1
END_TIMELINE=1
END
for source in moneta moneta/main moneta/main/wal; do
    finds "$source"
    expect_err "archive     pgmoneta archive $work/moneta, server main"
    expect_err "restore     20261122222055: from $start to $stop on timeline 1"
    expect_err "with        pgmoneta-cli restore main 20261122222055 FOLDER"
done
done_with "pgmoneta"

for segment in "${segments[@]}"; do
    put "hoard/site/xlog/$segment" "$segment" xz -c
    echo '{}' >"hoard/site/xlog/$segment.metadata"
done
mkdir hoard/site/timeline hoard/site/basebackup
cp "hoard/site/xlog/${segments[0]}" "hoard/site/xlog/${segments[1]}.tmp-compress"
for source in hoard hoard/site hoard/site/xlog; do
    finds "$source"
    expect_err "archive     pghoard archive $work/hoard, site site"
done
done_with "pghoard"

for segment in "${segments[@]}"; do
    put "data/pg_wal/$segment" "$segment"
    put "data/pg_wal/archive_status/$segment.done" "$history_name"
done
put "data/base/1/000000010000000000000012" "${segments[0]}"
echo 15 >data/PG_VERSION
for source in data data/pg_wal; do
    finds "$source"
    expect_err "archive     data directory $work/data"
done
done_with "a data directory"

cp -r plain litter
for name in "${segments[2]}".{tmp,part,gz.part,tmp-compress,pgbackrest.tmp,metadata,meta,json} "${segments[2]}_delta" \
    "${segments[2]}_delta_part1" 0000000100000000010000280000000001101E660.summary RECOVERYXLOG RECOVERYHISTORY xlog.db \
    identity.json ".${segments[2]}.Xa1b2c"; do
    cp "plain/${segments[0]}" "litter/$name"
done
mkdir litter/archive_status && cp "plain/${segments[0]}" "litter/archive_status/000000010000000000000012"
ln -s .. litter/loop
finds litter
run -q --before 'DROP TABLE' --database 16386 --format json litter
expect_json .source.segments 3
done_with "what archivers leave lying about"

# ---- tar archives -------------------------------------------------------------------------------

mkdir tar tar-gz tar-zst base-gz
tar -C plain -cf tar/pg_wal.tar "${segments[@]}"
gzip -c tar/pg_wal.tar >tar-gz/pg_wal.tar.gz
zstd -qc tar/pg_wal.tar >tar-zst/pg_wal.tar.zst
head -c 2000000 "$program" | tee base-gz/16385 >base-gz/PG_VERSION # anything else
tar -C plain --transform 's,^,pg_wal/,' -czf base-gz/base.tar.gz "${segments[2]}" "${segments[0]}" "${segments[1]}" "$history_name"
tar -C plain -cf dots.odd ./"${segments[0]}" ./"${segments[1]}" ./"${segments[2]}"
"$program" events -q -j1 --format csv plain >wanted || [ $? -eq 3 ]
for source in tar tar/pg_wal.tar tar-gz tar-zst base-gz dots.odd; do
    for jobs in 1 3; do
        run events -q -j$jobs --format csv "$source"
        expect_status 3
        cmp -s wanted out || miss "other events in $source: $(diff wanted out | head -3)"
    done
done
finds tar-gz
expect_err "archive     tar archive $work/tar-gz/pg_wal.tar.gz"
expect_command "tar -xOf \"$work/tar-gz/pg_wal.tar.gz\" \"%f\" > \"%p\""
finds base-gz
expect_command "tar -xOf \"$work/base-gz/base.tar.gz\" \"pg_wal/%f\" > \"%p\""
expect_err "restore     'the label' of $history_name"
expect_err "is not in order, so the archive is unpacked again and again"
for name in tar-gz base-gz; do
    finds $name
    command=$(setting restore_command)
    command=${command//%f/${segments[1]}}
    sh -c "${command//%p/got}" || miss "failed: $command"
    cmp -s got "plain/${segments[1]}" || miss "other content by: $command"
    ! sh -c "${command//"${segments[1]}"/"000000010000000000000012"}" 2>/dev/null || miss "no failure for what is not there"
done
done_with "pg_wal.tar and base.tar, packed and not, in any order"

head -c 2130000 tar/pg_wal.tar >cut.tar
run events --format csv cut.tar
expect_status 3
expect_err "\"cut.tar\" ends in the middle: is the copy whole?"
head -c $(($(stat -c %s tar-gz/pg_wal.tar.gz) * 9 / 10)) tar-gz/pg_wal.tar.gz >cut.tar.gz
cp out out-of-plain
run events --format csv cut.tar.gz
expect_err "ends in the middle or cannot be unpacked"
for got in out-of-plain out; do
    lines=$(wc -l <$got)
    [ "$lines" -gt 8 ] && [ "$lines" -lt "$(wc -l <wanted)" ] || miss "$lines lines"
    # Names may come from WAL behind the cut; where the commits are does not.
    cmp -s <(head -n "$lines" wanted | cut -d, -f1-5) <(cut -d, -f1-5 $got) || miss "other events before the cut"
done
tar -C plain -cf no-wal.tar "$history_name"
run --before drop no-wal.tar
expect_error 'no WAL segments in the tar archive "no-wal.tar"'
done_with "tar archives that break off, and one without WAL"

# ---- several clusters ---------------------------------------------------------------------------

mkdir clusters
cp plain/* clusters/
for segment in 00000001000000000000000B 00000001000000000000000C; do
    zcat "$root/tests/fixtures/pg15/wal/$segment.gz" >clusters/$segment
    cp clusters/$segment "clusters/${segments[0]}.partial" # under a name of ours: not ours all the same
done
foreign_id=$("$program" events -q --format json "$root/tests/fixtures/pg15/wal" >/dev/null 2>&1 &&
    "$program" -q --before 'DROP' --format json "$root/tests/fixtures/pg15/wal" | json_value .source.system_identifier)
run --before 'DROP TABLE' --database 16386 clusters
expect_error "WAL of several clusters; choose with --system-id"
expect_err "$system_id (PostgreSQL 15,"
expect_err "$foreign_id (PostgreSQL 15,"
finds --system-id "$system_id" clusters
expect_err "3 segments of other clusters left out"
run events -q --system-id "$system_id" --format csv clusters
cmp -s wanted out || miss "other events"
run -q --before DROP --system-id "$foreign_id" --format json clusters
expect_json .source.system_identifier "$foreign_id"
run simulate --system-id "$system_id" recovery_target_lsn="$target" recovery_target_inclusive=off clusters
expect_status 0
run --before 'DROP TABLE' --database 16386 --system-id 42 clusters
expect_error "no WAL of system identifier 42. There is: "
run --before 'DROP TABLE' --database 16386 --system-id no clusters
expect_error "--system-id takes a whole number above 0"
done_with "several clusters: listed, and chosen by --system-id"

# ---- copies -------------------------------------------------------------------------------------

mkdir twice && cp plain/* twice/
gzip -c "plain/${segments[1]}" >"twice/${segments[1]}.gz"
put "twice/${segments[1]}.partial" "${segments[1]}" head -c 100000
finds twice
only_warns_of_moved
done_with "the same segment twice, with the same content; full before partial"

# Differs in one byte, far behind the first page.
{ head -c 60000 "plain/${segments[1]}" && printf '\252' && tail -c +60002 "plain/${segments[1]}"; } | gzip >"twice/${segments[1]}.gz"
run --before 'DROP TABLE' --database 16386 twice
expect_status 3
expect_err "\"twice/${segments[1]}.gz\" differs from \"twice/${segments[1]}\", which is read: which of them is right cannot be told"
[ "$(setting recovery_target_lsn)" = "$target" ] || miss "another target"
run events -q twice
expect_status 3
done_with "the same segment twice, with different content: a warning and exit status 3"

{ head -c 20000 "plain/${segments[1]}" && head -c 1028576 /dev/zero; } | gzip >"twice/${segments[1]}.gz"
finds twice
expect_err "\"twice/${segments[1]}.gz\" is an incomplete copy of \"twice/${segments[1]}\", which is read"
run verify twice
expect_status 1
expect_out "conflict: ${segments[1]} is there twice, with different content: \"twice/${segments[1]}.gz\" is an incomplete copy of \"twice/${segments[1]}\""
run dump twice
expect_status 0
rm "twice/${segments[1]}.gz"
gzip -c "plain/${segments[1]}" >"twice/${segments[1]}.gz"
head -c 20000 "plain/${segments[1]}" >"twice/${segments[1]}"
finds twice
expect_err "\"twice/${segments[1]}\" is an incomplete copy of \"twice/${segments[1]}.gz\", which is read"
done_with "a copy that is not complete gives way to one that is"

[ "$failures" -eq 0 ]
