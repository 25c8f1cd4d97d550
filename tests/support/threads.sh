#!/bin/bash
# Threads: scans every fixture archive with several threads and compares with one thread; WAL that a command fetches, too.
# Meant for a ThreadSanitizer build (make tsan), where a data race is exit status 66.
#
#   threads.sh PROGRAM
set -euo pipefail

program=$1
cd "$(dirname "$0")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export TSAN_OPTIONS="halt_on_error=1 exitcode=66 ${TSAN_OPTIONS:-}"
failures=0

# A folder with at least one segment file: 24 hexadecimal digits, whatever the suffix.
folders=$(find tests/fixtures -type f -printf '%h %f\n' |
    grep -E ' [0-9A-F]{24}(\.[a-z0-9]+)?$' | cut -d' ' -f1 | sort -u || true)
if [ -z "$folders" ]; then
    echo "not ok - no fixture archive below tests/fixtures"
    exit 1
fi
for folder in $folders; do
    status=0
    one_status=0
    "$program" events --format json -j4 "$folder" >"$out/four" 2>"$out/err" || status=$?
    "$program" events --format json -j1 "$folder" >"$out/one" 2>/dev/null || one_status=$?
    if [ "$status" -eq "$one_status" ] && [ "$status" -le 3 ] && cmp -s "$out/one" "$out/four"; then
        echo "ok - events -j4 equals -j1: $folder"
    else
        echo "not ok - events -j4 equals -j1: $folder"
        echo "# exit status $one_status with one thread, $status with four"
        sed 's/^/# /' "$out/err" | head -n 60
        failures=$((failures + 1))
    fi
done

# A pass over WAL that a command fetches may end while others still read a segment.
mkdir "$out/plain"
for file in tests/fixtures/demo/wal/*.gz; do gzip -dc "$file" >"$out/plain/$(basename "$file" .gz)"; done
verdict=ok
for _ in $(seq 10); do
    for what in 'xact 3496' 'dump --limit 3'; do
        # shellcheck disable=SC2086
        "$program" $what -j4 --from-command "cp $out/plain/%f %p 2>/dev/null" --from-lsn 0/B00000 >"$out/four" 2>"$out/err" ||
            { verdict="not ok" && head -n 60 "$out/err" >"$out/problem"; }
    done
done
echo "$verdict - fetched WAL, and nobody reads to its end"
if [ "$verdict" != ok ]; then
    sed 's/^/# /' "$out/problem"
    failures=$((failures + 1))
fi
[ "$failures" -eq 0 ]
