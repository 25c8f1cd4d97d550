#!/bin/bash
# Proves that a sound record with something in it that no known release of its major writes is told, with exit status 3:
# a minor release may change records under the same page magic, and then what they mean is not known.
#
# The archive is that of tests/fixtures/pg18.6. Its records are changed, one byte each, and their checksums made right
# again (the checksums are from another program). The changed record belongs to the DROP TABLE of t_drop.
#
#   tests/cli/unexpected.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

unpack pg18.6 whole
last=00000001000000000000000D

run events whole
expect_status 0
expect_not_err "unlike what"
run verify whole
expect_status 0
done_with "what minor releases from 18.5 on write is expected"

for fixture in minimal15 timelines12 timelines17 pg19 pg19-overwritten; do
    run events "$fixtures/$fixture/wal"
    expect_not_err "unlike what"
done
done_with "what servers with wal_level minimal and on new timelines write is expected"

# doctored NAME OFFSET BYTE CHECKSUM_OFFSET CHECKSUM WORDS...: words must be told by all commands.
doctored() {
    local name=$1
    cp -r whole "$name"
    printf '%b' "$3" | dd of="$name/$last" bs=1 seek="$2" conv=notrunc status=none
    printf '%b' "$5" | dd of="$name/$last" bs=1 seek="$4" conv=notrunc status=none
    shift 5
    run --before 'DROP TABLE other' "$name"
    expect_status 3
    for words; do expect_err "$words"; done
    in_range "$(setting recovery_target_lsn)" pg18.6 drop_moved
    run events "$name"
    expect_status 3
    for words; do expect_err "$words"; done
    run verify "$name" # a server replays it
    expect_status 0
    for words; do expect_out "$words"; done
}

delete="the Heap DELETE record at 0/D36C68 is unlike what PostgreSQL 18 is known to write"
for case in "block 224404 \\x04 \\xa6\\x35\\x59\\xea (it has a block 4)" \
    "fork 224405 \\x83 \\x55\\x12\\x61\\x5d (its block 1 is of another fork)" \
    "flags 224421 \\x41 \\xa4\\x83\\xaf\\xee (it has flags 0x40)"; do
    read -r name offset byte checksum words <<<"$case"
    doctored "$name" "$offset" "$byte" 224380 "$checksum" "$delete $words: what such records did"
    run events "$name"
    expect_out "DROP TABLE public.t_drop"
    done_with "$name: told, and read as far as it is known"
done

doctored kind 226016 '\xf1' 226020 '\x9d\x71\x58\xc8' \
    "the Transaction record at 0/D372D0 is unlike what PostgreSQL 18 is known to write (it is of kind 0xF1)"
run events kind
expect_not_out "DROP TABLE public.t_drop"
done_with "kind: a COMMIT that cannot be one is told"

[ "$failures" -eq 0 ]
