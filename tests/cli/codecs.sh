#!/bin/bash
# Proves that an archive gives the same events however its segments are packed, and what is said where
# they cannot be unpacked: damaged, encrypted, or packed by a tool this build does not know.
#
#   tests/cli/codecs.sh [PITR_FIND]        (default build/pitr-find)
#
# Beside it, in tests/pitr-find-bare, is the program built with zlib alone.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bare=$(dirname "$program")/tests/pitr-find-bare
demo=$root/tests/fixtures/demo/wal

# ---- helpers ------------------------------------------------------------------------------------

# The events of a folder are those of the gzip files, byte for byte.
expect_same_events() {
    local format
    for format in csv json table; do
        "$program" events -q -j2 --format $format "$demo" >wanted
        run events -q -j2 --format $format "$1"
        expect_status 0
        if [ ! -s wanted ] || ! cmp -s wanted out; then miss "other events as $format: $(diff wanted out | head -3)"; fi
    done
}

mkdir plain
for file in "$demo"/*.gz; do gzip -dc "$file" >"plain/$(basename "$file" .gz)"; done
segment=00000001000000000000000C

# pack FOLDER SUFFIX COMMAND...: every segment through a command.
pack() {
    local folder=$1 suffix=$2 file
    shift 2
    mkdir "$folder"
    for file in plain/*; do "$@" <"$file" >"$folder/$(basename "$file")$suffix" 2>/dev/null; done
}

# The emitted restore_command gives the server the segment back, and fails where there is none.
expect_restore() {
    local command
    run -q --before 'DROP TABLE public\.orders$' "$1"
    expect_status 0
    command=$(sed -n "s/^restore_command = '\(.*\)'\$/\1/p" out)
    [ -n "$command" ] || miss "no restore_command"
    rm -f restored
    sh -c "$(sed "s/%f/$segment/g; s/%p/restored/g" <<<"$command")" || miss "it fails: $command"
    cmp -s plain/$segment restored || miss "it restores something else: $command"
    if sh -c "$(sed 's/%f/00000001000000000000000F/g; s/%p/none/g' <<<"$command")" 2>/dev/null; then
        miss "it finds what is not there: $command"
    fi
}

# ---- every tool ---------------------------------------------------------------------------------

# both NAME SUFFIX COMMAND...: under the usual suffix, and as Barman has it, under the bare name.
both() {
    local name=$1 suffix=$2
    shift 2
    if ! has "$1"; then
        echo "ok - $name gives the same events # SKIP no $1"
        return
    fi
    pack "$name" "$suffix" "$@"
    expect_same_events "$name"
    expect_restore "$name"
    pack "bare-$name" "" "$@"
    expect_same_events "bare-$name"
    expect_restore "bare-$name"
    done_with "$name gives the same events, under its suffix and the bare name"
}

both gzip .gz gzip -c
both lz4 .lz4 lz4 -c
both lz4-as-pg_receivewal .lz4 lz4 -c -B4 -BD --no-frame-crc
both zstd .zst zstd -c
both zstd-as-pgmoneta .zstd zstd -c
both bzip2 .bz2 bzip2 -c
both xz .xz xz -1c
both lzma .lzma xz --format=lzma -1c
if has brotli; then
    pack brotli .br brotli -c -q 4
    expect_same_events brotli
    expect_restore brotli
    run --before 'DROP TABLE' brotli
    expect_err "restore_command uses brotli, which must be installed"
    done_with "brotli, known by its name, gives the same events"
else
    echo "ok - brotli, known by its name, gives the same events # SKIP no brotli"
fi
if has python3; then
    zlib() { python3 -c 'import sys, zlib; sys.stdout.buffer.write(zlib.compress(sys.stdin.buffer.read()))'; }
    pack zlib "" zlib
    expect_same_events zlib
    run --before 'DROP TABLE' zlib
    expect_err "restore_command uses pigz, which must be installed"
    done_with "zlib streams as pg_rman has them give the same events"
else
    echo "ok - zlib streams as pg_rman has them give the same events # SKIP no python3"
fi

mkdir mixed
gzip -c plain/*B >mixed/00000001000000000000000B.partial.gz
lz4 -c plain/*C >mixed/00000001000000000000000C-0123456789abcdef0123456789abcdef01234567.lz4 2>/dev/null
zstd -qc plain/*D >mixed/00000001000000000000000D.zst.partial
expect_same_events mixed
done_with "every segment in another format and under another kind of name"

# ---- timeline history files ---------------------------------------------------------------------

# Timeline 2 forked at the start of D; only its history file tells so.
for tool in gzip lz4 zstd bzip2 xz; do
    rm -rf history && mkdir history && cp plain/* history
    mv history/00000001000000000000000D history/00000002000000000000000D
    printf '1\t0/D00000\tno recovery target specified\n' | $tool -c >history/00000002.history 2>/dev/null
    run events -q --format csv history
    plain_name=$status,$(wc -l <out)
    mv history/00000002.history "history/00000002.history.gz" # whatever its name says
    run events --format csv history
    [ "$plain_name" = "$status,$(wc -l <out)" ] && [ "$(wc -l <out)" -gt 10 ] || miss "$tool: $plain_name, $status,$(wc -l <out)"
    if grep -q 'no history file\|is ignored' err; then miss "$tool: $(cat err)"; fi
done
done_with "packed history files are read"

# ---- damage -------------------------------------------------------------------------------------

# The segment in the middle is cut short; the DROP TABLE is in it, but at its end.
# (What is in a block that is not there as a whole is lost, with lz4 and bzip2.)
for tool in gzip "lz4 -B4" zstd "bzip2 -1" xz; do
    rm -rf cut && mkdir cut && cp plain/* cut
    # shellcheck disable=SC2086 # a tool and its option
    $tool -c <plain/$segment 2>/dev/null >whole || true
    head -c $(($(wc -c <whole) / 2)) whole >cut/$segment
    run events -q cut
    expect_status 3
    run events cut
    expect_err "(its compressed data is cut short or damaged)"
    # What comes before the damage is still there.
    run events -q --format csv --to-lsn 0/C10000 cut
    "$program" events -q --format csv --to-lsn 0/C10000 plain >wanted
    cmp -s <(cut -d, -f1 wanted) <(cut -d, -f1 out) || miss "$tool: other events before the cut"
done
done_with "a packed segment that ends early: status 3, and what it holds is read"

cp -r plain last && rm last/00000001000000000000000D
gzip -c plain/$segment | head -c 100000 >last/$segment.gz.partial && rm last/$segment
run events -q last
expect_status 0
done_with "the last segment, as a killed pg_receivewal leaves it, ends there: that is no damage"

cp -r plain header && gzip -c <plain/00000001000000000000000B >header/00000001000000000000000B
printf '\xff\xff\xff\xff\xff\xff' | dd of=header/00000001000000000000000B bs=1 seek=10 conv=notrunc status=none
run events header
expect_err "its compressed data cannot be unpacked"
run events header/00000001000000000000000B
expect_error "its compressed data cannot be unpacked"
done_with "a packed segment that is damaged at its beginning is left out, and named"

mkdir noise && head -c 100000 "$program" | tail -c 90000 >noise/$segment.gz
run events noise
expect_error "encrypted or damaged"
done_with "a name that says packed, and no known format: encrypted or damaged"

# ---- formats that are not read ------------------------------------------------------------------

if has openssl; then
    mkdir openssl && gzip -c plain/$segment | openssl enc -aes-256-cbc -md sha1 -k secret >openssl/$segment.gz 2>/dev/null
    run --before drop openssl
    expect_error "is encrypted (OpenSSL)"
    done_with "encrypted by OpenSSL, as pgBackRest does"
else
    echo "ok - encrypted by OpenSSL, as pgBackRest does # SKIP no openssl"
fi
if has gpg; then
    mkdir gpg gpghome && chmod 700 gpghome
    if gpg --homedir gpghome --batch --quiet --pinentry-mode loopback --passphrase secret -o gpg/$segment.gpg -c plain/$segment 2>gpg.log; then
        run --before drop gpg
        expect_error "is encrypted (OpenPGP), which this program does not read: decrypt it first (gpg -d)"
        done_with "encrypted by gpg"
    else
        echo "ok - encrypted by gpg # SKIP $(head -1 gpg.log)"
    fi
    gpgconf --homedir gpghome --kill all 2>/dev/null || true
else
    echo "ok - encrypted by gpg # SKIP no gpg"
fi
mkdir old && cp "$root/tests/fixtures/codecs/old.lz4" old/$segment.lz4
run --before drop old
expect_error "is lz4-compressed in the old form, which this program does not read: unpack it first (lz4 -d)"
mkdir large && cp "$root/tests/fixtures/codecs/window-of-256-MB.zst" large/$segment.zst
run --before drop large
expect_error "needs more than 128 MB of memory to be unpacked (zstd --long)"
done_with "what is not read is named, with the way out"

# left_out FILE PACKAGE TOOL: a build without the library.
left_out() {
    local folder=bare-build-$1
    mkdir "$folder" && cp "$root/tests/fixtures/codecs/$1" "$folder/$segment${1#one}"
    run_program "$bare" --before drop "$folder"
    expect_error "which this build does not read: install $2 and build again, or unpack it first ($3 -d)"
}
left_out one.lz4 liblz4-dev lz4
left_out one.zst libzstd-dev zstd
left_out one.bz2 libbz2-dev bzip2
left_out one.xz liblzma-dev xz
left_out one.lzma liblzma-dev xz
left_out one.br libbrotli-dev brotli
done_with "a codec left out of the build is an error that names the package"
run_program "$bare" events -q --format csv "$demo"
"$program" events -q --format csv "$demo" >wanted
cmp -s wanted out || miss "other events by zlib than by ISA-L"
done_with "zlib gives what ISA-L gives"

# ---- a decompression bomb -----------------------------------------------------------------------

# 256 GB of zeros behind each segment: unpacking them takes far longer than the time given.
head -c 134217728 /dev/zero | zstd -qc >zeros.zst
for ((i = 0; i < 10; i++)); do cat zeros.zst zeros.zst >doubled && mv doubled zeros.zst; done
mkdir bomb
for file in plain/*; do
    { zstd -qc "$file"; cat zeros.zst zeros.zst; } >"bomb/$(basename "$file").zst"
done
rm zeros.zst
(
    ulimit -t 10
    "$program" events -q -j2 --format csv "$demo" >wanted
    # A server refuses files of that size.
    run events -j2 --format csv bomb
    expect_status 3
    expect_err 'does not have the size of a segment'
    cmp -s wanted out || miss "other events: $(diff wanted out | head -3)"
    # commit times of the first and the last labelled statement
    mapfile -t times < <(cut -f5 "$root/tests/fixtures/demo/expect.tsv" | sed '1d; /^$/d' | sed -n '1p; $p')
    run -q --before 'DROP TABLE' --since "${times[0]}" --until "${times[1]}" bomb
    expect_status 3
    [ -z "$why" ] || { printf '%s' "$why"; exit 1; }
) >complaints || miss "$(cat complaints)"
done_with "a decompression bomb is read as far as a segment goes"

[ "$failures" -eq 0 ]
