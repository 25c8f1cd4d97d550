#!/usr/bin/env bash
# Values as text: tests/servers/value.c on the files of servers, against what their COPY TO printed (RECORD=1 tests/servers/value.sh).
#
#   value.sh PROGRAM
set -euo pipefail

# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

value=$(dirname "$program")/tests/value

for fixture in "$fixtures"/value/*.tar.xz; do
    name=$(basename "$fixture" .tar.xz)
    mkdir recorded recorded/got
    tar -C recorded -xJf "$fixture"
    status=0
    "$value" "$name" recorded/data recorded/got <recorded/dictionary >out 2>&1 || status=$?
    diff -ra recorded/wanted recorded/got >>out || status=1
    rows=$(cat recorded/got/* | wc -l)
    if [ "$status" -eq 0 ] && [ "$rows" -ge 2500 ]; then
        echo "ok - $name: $rows rows are as the server's COPY printed them"
    else
        echo "not ok - $name: $rows rows, and some are not as the server's COPY printed them (<)"
        head -n 20 out | cut -c1-250 | sed 's/^/# /'
        failures=$((failures + 1))
    fi
    rm -rf recorded
done
exit $((failures > 0))
