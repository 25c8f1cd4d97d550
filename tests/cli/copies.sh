#!/bin/bash
# Proves that a server which restores with the printed restore_command gets the copy of a segment that was read, where a
# folder has several files for it, or a file that is not packed as its name says.
#
#   tests/cli/copies.sh [PITR_FIND]        (default build/pitr-find)
#
# What is expected is the segment as the server wrote it: the printed command is run by sh, as a server runs it.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

b=00000001000000000000000B c=00000001000000000000000C d=00000001000000000000000D
unpack demo plain
mkdir bin
ln -s "$program" bin/pitr-find
segment_bytes=$(stat -c %s plain/$c)

# archive: a copy of the plain folder, to be changed.
archive() {
    rm -rf archive
    cp -r plain archive
}

# expect_restored: the printed restore_command hands over every segment.
expect_restored() {
    local command name
    command=$(sed -n "s/^restore_command = '\(.*\)'\$/\1/p" out | sed "s/''/'/g")
    [ -n "$command" ] || miss "no restore_command ($(head -c 300 err))"
    for name in $b $c $d; do
        rm -f got
        command=${command//%p/got}
        PATH=$work/bin:$PATH sh -c "${command//%f/$name}" 2>got.err || miss "$name: status $? of ${command//%f/$name}: $(cat got.err)"
        cmp -s got "plain/$name" || miss "$name is not the segment that the server wrote: ${command//%f/$name}"
    done
}

# found NAME: exit status 0, and the restore gets there.
found() {
    run --before 'DROP TABLE public.orders' archive
    expect_status 0
    expect_restored
    done_with "$1"
}

# ---- a whole copy beside one that is not ---------------------------------------------------------

archive
found 'a plain folder'
cmp -s <(setting restore_command) <(echo "cp \"$work/archive/%f\" \"%p\"") || miss "not a plain copy: $(setting restore_command)"
done_with 'a plain folder is copied from'

archive
gzip -k archive/$c
found 'a segment and its equal copy'
expect_not_out 'pitr-find fetch'
done_with 'equal copies need no fetch'

# beside WHAT: what is under the plain name of segment C, where the packed file is whole
beside() {
    case $1 in
    short) head -c 60000 plain/$c ;;
    empty) : ;;
    text) echo 'restore failed: no such key' ;;
    zeros) head -c "$segment_bytes" /dev/zero ;;
    'a later segment') cat plain/$d ;;
    longer) cat plain/$c - <<<'more' ;;
    esac
}
for what in short empty text zeros 'a later segment' longer; do
    archive
    gzip archive/$c
    beside "$what" >archive/$c
    found "a plain file beside a whole .gz: $what"
    run fetch $c got archive
    expect_status 0
    cmp -s got plain/$c || miss 'fetch chose another file'
    done_with "the same from fetch: $what"
done

archive
gzip -k archive/$c
truncate -s 1000 archive/$c.gz
found 'a broken .gz beside a whole plain file'

for of in zstd:.zst lz4:.lz4 bzip2:.bz2 xz:.xz; do
    tool=${of%:*} suffix=${of#*:}
    has "$tool" || continue
    archive
    gzip -k archive/$c
    "$tool" -c <archive/$c >archive/$c$suffix
    rm archive/$c
    truncate -s 1000 archive/$c.gz
    found "a broken .gz beside a whole $suffix"
done

# fetch learns the cluster from the data directory that it restores to; here from the option.
foreign=$fixtures/pg15/wal/$c.gz
archive
gzip archive/$c
gzip -dc "$foreign" >archive/$c
system_id=$("$program" verify --format json plain | json_value .source.system_identifier /dev/stdin)
run --before 'DROP TABLE public.orders' --system-id "$system_id" archive
expect_status 0
expect_out 'pitr-find fetch'
run fetch --system-id "$system_id" $c got archive
expect_status 0
cmp -s got plain/$c || miss 'fetch chose another file'
done_with 'a segment of another cluster beside a whole .gz'

archive
gzip archive/$c
head -c 60000 plain/$c >archive/$c
run --before 'DROP TABLE public.orders' archive/$b archive/$c.gz archive/$d
expect_status 0
expect_restored
done_with 'files given by hand, and a short one of the folder that is not among them'

# Zeros after the end of WAL are left out.
archive
used=$(tr -d '\0' <plain/$d | wc -c)
size=$segment_bytes
while [ "$size" -gt $((used + 8192)) ] && [ -z "$(tail -c +$((size - 8192 + 1)) plain/$d | head -c 8192 | tr -d '\0')" ]; do size=$((size - 8192)); done
[ "$size" -lt "$segment_bytes" ] || miss 'the last segment of the fixture has no zeros at its end'
gzip archive/$d
head -c "$size" plain/$d >archive/$d
found 'a plain file without the zeros at its end beside a whole .gz'
run verify archive
expect_status 1
expect_out "$d is there twice"
done_with 'verify does not call it equal'

archive
mv archive/$d archive/$d.partial
head -c "$size" plain/$d >archive/$d
run --before 'DROP TABLE public.orders' archive
expect_status 3
expect_err 'does not have the size of a segment'
done_with 'a short plain file beside a .partial is in doubt'

# Of segments before the range that is read nothing is known, and of a copy there neither.
archive
gzip -k archive/$b
truncate -s 60000 archive/$b
run --before 'DROP TABLE public.orders' --from-lsn 0/C00000 archive
expect_restored
done_with 'copies before the range that is read'

# ---- a name that says another packing ------------------------------------------------------------

archive
gzip archive/$c
mv archive/$c.gz archive/$c
found 'a packed file under a plain name among plain ones'

archive
gzip archive/*
gzip -dc archive/$c.gz >x
mv x archive/$c.gz
found 'a plain file with the ending of gzip'

if has zstd; then
    archive
    gzip archive/*
    zstd -q <plain/$c >archive/$c.gz
    found 'zstd under the ending of gzip'

    archive
    gzip archive/$b archive/$c
    mv archive/$b.gz archive/$b
    zstd -q <plain/$c >archive/$c
    rm -f archive/$c.gz
    found 'two packings under plain names'
fi

# ---- what follows the packed data ----------------------------------------------------------------

for of in gzip:.gz zstd:.zst lz4:.lz4 bzip2:.bz2 xz:.xz; do
    tool=${of%:*} suffix=${of#*:}
    has "$tool" || continue
    for rest in text zeros; do
        archive
        "$tool" -c <plain/$c >archive/$c$suffix
        rm archive/$c
        if [ $rest = text ]; then echo junk; else head -c 512 /dev/zero; fi >>archive/$c$suffix
        found "$suffix with $rest after its data"
    done
done

# ---- tar archives --------------------------------------------------------------------------------

for which in 'a short one first' 'a short one last' 'equal'; do
    archive
    rm archive/*
    mkdir -p short
    case $which in
    equal) cp plain/$c short/$c ;;
    *) head -c 60000 plain/$c >short/$c ;;
    esac
    case $which in
    *first) tar -cf archive/pg_wal.tar -C short $c -C ../plain $b $c $d ;;
    *) tar -cf archive/pg_wal.tar -C plain $b $c $d -C ../short $c ;;
    esac
    found "a tar archive with two members of a name: $which"
done
for of in plainly 'as ./NAME' 'in a folder' 'in two folders' 'packed, with text after it'; do
    archive
    rm archive/*
    case $of in
    plainly) tar -cf archive/pg_wal.tar -C plain $b $c $d ;;
    'as ./NAME') tar -cf archive/pg_wal.tar -C plain . ;;
    'in a folder') tar -cf archive/pg_wal.tar plain ;;
    'in two folders') tar -cf archive/pg_wal.tar plain/$b plain/$c -C plain $d ;;
    *)
        tar -czf archive/pg_wal.tar.gz -C plain $b $c $d
        echo junk >>archive/pg_wal.tar.gz
        ;;
    esac
    run --before 'DROP TABLE public.orders' archive
    expect_status 0
    expect_restored
    case $of in
    *two* | packed*) expect_out 'pitr-find fetch' ;;
    *) expect_out 'tar -xOf' ;;
    esac
    done_with "a tar archive of segments, $of"
done

# ---- history files -------------------------------------------------------------------------------

unpack timelines17 three
# history HOW: 00000002.history of the folder, which a server is sent to, is packed so
history() {
    case $1 in
    'under the plain name') gzip -c three/00000002.history >archive/00000002.history ;;
    'with text after its data')
        gzip archive/00000002.history
        echo junk >>archive/00000002.history.gz
        ;;
    'as its name says') gzip archive/00000002.history ;;
    esac
}
for how in 'under the plain name' 'with text after its data' 'as its name says'; do
    rm -rf archive
    cp -r three archive
    history "$how"
    run --before 'DROP TABLE public\.on_second' archive
    expect_status 0
    command=$(sed -n "s/^restore_command = '\(.*\)'\$/\1/p" out | sed "s/''/'/g")
    rm -f got
    command=${command//%p/got}
    PATH=$work/bin:$PATH sh -c "${command//%f/00000002.history}" 2>got.err || miss "status $? of $command: $(cat got.err)"
    cmp -s got three/00000002.history || miss "not the history file that the server wrote: $command"
    done_with "a history file packed $how"
done

[ "$failures" -eq 0 ]
