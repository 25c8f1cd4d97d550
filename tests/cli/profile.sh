#!/bin/bash
# The version table against what servers said of themselves when tests/servers/profile.sh last asked them (RECORD=1).
#
#   profile.sh PROGRAM
set -euo pipefail

table=$(dirname "$(realpath "$1")")/tests/profile
cd "$(dirname "$0")/../servers/told"
failures=0
for told in *.txt; do
    major=${told%.txt}
    # A line of a field is the only one of its name; those of OIDs are told apart by the second word, too.
    wrong=$("$table" "$major" | LC_ALL=C sort | LC_ALL=C comm -23 "$told" -)
    if [ -s "$told" ] && [ -z "$wrong" ]; then
        echo "ok - $major: $(wc -l <"$told") numbers as the server said"
    else
        echo "not ok - $major: the server said otherwise"
        sed 's/^/#   /' <<<"$wrong"
        failures=$((failures + 1))
    fi
done

exit $((failures > 0))
