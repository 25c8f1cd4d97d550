#!/usr/bin/env bash
# Page redo on WAL of servers that has their own after-images: tests/servers/redo.c on the fixtures of tools/make-redo-fixtures.
#
#   redo.sh PROGRAM
set -euo pipefail

# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

redo=$(dirname "$program")/tests/redo
# What each of them has at least: manager, xl_info, images compared. Heap2's other records are not of all majors.
wanted='heap 00 300
heap 10 300
heap 20 5
heap 40 200
heap 50 1
heap 60 200
heap 70 50
heap 80 8
heap2 10 40
heap2 50 3'

for fixture in "$fixtures"/redo/*.tar.xz; do
    name=$(basename "$fixture" .tar.xz)
    mkdir wal
    tar -C wal -xJf "$fixture"
    status=0
    "$redo" - "$(cat wal/start)" wal/0* >out || status=$?
    missing=$(awk 'NR == FNR { n[$1 " " $2] = $3; next } n[$1 " " $2] < $3' out - <<<"$wanted")
    if [ "$status" -eq 0 ] && [ -z "$missing" ]; then
        echo "ok - $name: each page is as the server's after each record: $(tail -n 1 out)"
    else
        echo "not ok - $name: a page is not as the server's, or too few of them are"
        { echo "status $status; fewer than wanted: ${missing//$'\n'/, }"; head -n 20 out; } | sed 's/^/# /'
        failures=$((failures + 1))
    fi
    rm -rf wal
done

# Before 10 servers have images only where redo applies them: each row that the record does not tell of is as we had it.
for name in pg9.5 pg9.6; do
    mkdir wal
    for file in "$fixtures/$name"/wal/*.gz; do gzip -dc "$file" >"wal/$(basename "$file" .gz)"; done
    status=0
    "$redo" - 0/1 wal/0* >out || status=$?
    compared=$(sed -n 's/^images that were applied compared //p' out)
    if [ "$status" -eq 0 ] && [ "$compared" -ge 50 ]; then
        echo "ok - $name: each page is as the images that replace it tell: $compared compared"
    else
        echo "not ok - $name: a page is not as the image that replaces it tells, or too few of them are"
        head -n 20 out | sed 's/^/# /'
        failures=$((failures + 1))
    fi
    rm -rf wal
done
exit $((failures > 0))
