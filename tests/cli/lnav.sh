#!/bin/bash
# Proves that lnav takes our format file, and shows events and records with their times, fields and levels.
#
#   tests/cli/lnav.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

format=$root/tools/lnav/pitr_find.json
jq . "$format" >out || miss 'it is no JSON'
# Each key that it names is one that is documented.
jq -r '.pitr_find | (.value | keys[]), .["timestamp-field"], .["body-field"], .["level-field"], .["opid-field"]' "$format" | sort -u |
    while read -r key; do grep -qF "| \`.${key//\//.}\` |" "$root/docs/json.md" || echo "$key"; done >unknown
[ ! -s unknown ] || miss "keys that no output has: $(cat unknown)"
done_with 'the format names keys that are there'

if ! has lnav; then
    echo 'ok - lnav shows events and records # SKIP lnav is not installed'
    exit 0
fi
mkdir home
export HOME=$work/home XDG_CONFIG_HOME=$work/home/.config TMPDIR=$work TERM=dumb

# ask QUERY [FILE...]: of lnav's SQL, as CSV without its head.
ask() {
    local query=$1
    shift
    timeout 60 lnav -n -c ";$query" -c ':write-csv-to -' "$@" </dev/null 2>err | tail -n +2
}

timeout 60 lnav -i "$format" </dev/null >out 2>&1 || miss "lnav -i: $(cat out)"
timeout 60 lnav -W -C </dev/null >out 2>&1 || miss "lnav -C: $(cat out)"
[ ! -s out ] || miss "lnav -C: $(head -n 5 out)"
done_with 'lnav takes the format, without a warning'

wal=$fixtures/pg15/wal
"$program" -q events --format json "$wal" >events.json
jq -r .kind events.json | sort | uniq -c | awk '{ n = $1; $1 = ""; print substr($0, 2) "," n }' >want
[ "$(wc -l <want)" -gt 20 ] || miss 'few kinds of events'
ask 'SELECT kind, count(*) FROM pitr_find GROUP BY kind' events.json | sort >got
sort want | diff - got >difference || miss "other kinds: $(head -n 5 difference)"
jq -r '[.time[0:23], .xid, .rows // "", .commit_lsn, .database.name // ""] | map(tostring) | join("|")' events.json | tr T ' ' | sort >want
ask "SELECT log_time || '|' || xid || '|' || ifnull(rows, '') || '|' || commit_lsn || '|' || ifnull(\"database/name\", '') FROM pitr_find" events.json |
    tr T ' ' | sort >got
diff want got >difference || miss "other fields: $(head -n 5 difference)"
done_with 'events have their times and fields'

for level in error:'^(DROP|TRUNCATE)' warning:'^(DELETE|REWRITE|ALTER .* DROP)'; do
    jq -r .kind events.json | grep -cE "${level#*:}" >want
    ask "SELECT count(*) FROM pitr_find WHERE log_level = '${level%%:*}'" events.json >got
    cmp -s want got || miss "${level%%:*}: $(cat got), not $(cat want)"
done
timeout 60 lnav -n events.json </dev/null >out 2>err
[ "$(wc -l <out)" -eq "$(wc -l <events.json)" ] || miss 'not a line an event'
grep -qE "^2026-11-23 01:17:19\.482Z xid 749 +second_db CREATE DATABASE second_db *$" out || miss "other lines: $(head -n 1 out)"
cat events.json | timeout 60 lnav -n >piped 2>err || miss "lnav in a pipe: $(head -n 3 err)"
cmp -s out piped || miss 'other lines from a pipe'
done_with 'what destroys is an error, and each event is a line'

echo '2026-11-23 01:17:19.500 UTC [100] ERROR:  between the two' >server.log
timeout 60 lnav -n server.log events.json </dev/null >out 2>err
sed -n 2p out | grep -qF 'between the two' || miss "not between the first two: $(head -n 3 out)"
done_with 'events and a server log are merged by time'

"$program" -q dump --format json "$wal" >records.json
jq -r 'select(.time) | "\(.rmgr)/\(.type),1"' records.json | sort | uniq -c | awk '{ sub(/,1$/, "", $2); print $2 "," $1 }' >want
ask "SELECT rmgr || '/' || type, count(*) FROM pitr_find WHERE log_level <> 'unknown' GROUP BY 1" records.json | sort >got
diff want got >difference || miss "other records: $(head -n 5 difference)"
done_with 'records that bear a time are shown'

# As the manual has it: those that bear a time, or all, with the time of the last end of a transaction before them. The second WAL begins
# with five records that bear none.
filter() { sed -n "s/^.* jq $1 '\(.*\)' | lnav\$/\1/p" "$root/docs/manual/events.md"; }
short=$(filter -c) long=$(filter -nc)
[ -n "$short" ] && [ -n "$long" ] || miss 'the manual has no such filters'
for name in pg15 pg17-logical; do
    "$program" -q dump --format json "$fixtures/$name/wal" >records.json
    jq -c "$short" records.json >timed.json
    jq -r 'select(.time) | .rmgr' records.json | sort | uniq -c | awk '{ print $2 "," $1 }' >want
    ask "SELECT rmgr, count(*) FROM pitr_find WHERE log_level <> 'unknown' GROUP BY 1" timed.json | sort >got
    diff want got >difference || miss "$name: other records with times: $(head -n 5 difference)"
    jq -nc "$long" records.json >timed.json
    first=$(grep -m 1 -n '"rmgr":"Transaction".*"time":"' records.json | cut -d : -f 1)
    tail -n "+$first" records.json | jq -r .rmgr | sort | uniq -c | awk '{ print $2 "," $1 }' >want
    ask "SELECT rmgr, count(*) FROM pitr_find WHERE log_level <> 'unknown' GROUP BY 1" timed.json | sort >got
    diff want got >difference || miss "$name: other records: $(head -n 5 difference)"
done
done_with 'records that bear a time, and all of them, with the filters of the manual'
