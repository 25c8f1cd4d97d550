#!/bin/bash
# The version table against what servers said of themselves when tests/servers/profile.sh last asked them (RECORD=1). A
# field that they are asked for and did not tell is one too many.
#
#   profile.sh PROGRAM
set -euo pipefail

table=$(dirname "$(realpath "$1")")/tests/profile
cd "$(dirname "$0")/../servers/told"
# shellcheck source=tests/servers/untold_fields.sh
. ../untold_fields.sh
failures=0
for told in *.txt; do
    major=${told%.txt}
    wrong=$("$table" "$major" | told_fields "$major" | LC_ALL=C sort -u | LC_ALL=C comm -3 "$told" -)
    if [ -s "$told" ] && [ -z "$wrong" ]; then
        echo "ok - $major: $(wc -l <"$told") numbers as the server said"
    else
        echo "not ok - $major: the server said otherwise"
        sed 's/^/#   /' <<<"$wrong"
        failures=$((failures + 1))
    fi
done

# Relations of fixed OIDs of majors that no server here is asked for: as recorded WAL and a base backup have them.
for told in relations/*.txt; do
    major=$(basename "$told" .txt)
    wrong=$("$table" "$major" | grep '^relation ' | LC_ALL=C sort | LC_ALL=C comm -3 "$told" -)
    if [ -s "$told" ] && [ -z "$wrong" ]; then
        echo "ok - $major: $(wc -l <"$told") relations as recorded"
    else
        echo "not ok - $major: relations are recorded otherwise"
        sed 's/^/#   /' <<<"$wrong"
        failures=$((failures + 1))
    fi
done

exit $((failures > 0))
