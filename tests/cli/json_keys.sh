#!/bin/bash
# docs/json.md lists every key of the JSON output, with its type, and no other; the same of CSV and of --format shell.
set -euo pipefail

# shellcheck source=tests/cli/lib.sh
source "$(dirname "$0")/lib.sh"

page=$root/docs/json.md

# section NAME: of the page, without the headings.
section() { awk -v name="## $1" '/^## / { inside = $0 == name; next } inside' "$page"; }

# documented NAME: `path TAB types` of a section's table.
documented() { section "$1" | sed -nE 's/^\| `(\.[^`]*)` \| ([a-z ]+) \|.*/\1\t\2/p' | sort -u; }

# paths: of JSON on stdin, `path TAB type`.
paths() {
    json_value 'paths as $p | ($p | map(if type == "number" then "[]" else "." + . end) | join("")) + "\t" + (getpath($p) | type)' | sort -u
}

# compare NAME SEEN: both ways. An item of a list has no line of its own.
compare() {
    documented "$1" >wanted
    awk -F '\t' '
        FNR == NR { types[$1] = " " $2 " "; next }
        $1 ~ /\[\]$/ { next }
        { seen[$1] = 1 }
        index(types[$1], " " $2 " ") == 0 { print $1 " is " $2 ", the page says:" ($1 in types ? types[$1] : " nothing") }
        END { for (path in types) if (!(path in seen)) print "no output has " path }' wanted "$2" >differences
    [ ! -s differences ] || miss "$(cat differences)"
}

json() { "$program" -q "$@" --format json 2>err || [ $? -le 3 ] || miss "$*: $(head -n 1 err)"; }

mkdir gap
cp "$fixtures"/demo/wal/*B.gz "$fixtures"/demo/wal/*D.gz gap

# ---- events ---------------------------------------------------------------------------------------

for fixture in pg15 pg15-backup; do json events 'DROP|DELETE' "$fixtures/$fixture/wal"; done | tee listed | paths >events
compare events events
done_with 'events: keys and types'

# ---- watch ----------------------------------------------------------------------------------------

{
    json watch --from-lsn 0/B00000 --to-lsn 0/D80000 'DROP TABLE|CREATE TABLE' "$fixtures/demo/wal"
    json watch --from-lsn 0/1000000 --to-lsn 0/2F00000 "DROP TABLE" "$fixtures/pg9.6/wal"
} >watched
json_value 'with_entries(select(.key == "id" or .key == "certain" or .key == "destructive" or .key == "target"))' watched | paths >watch
compare watch watch
json_value 'del(.id, .certain, .destructive, .target)' watched | paths | comm -23 - events >extra
[ ! -s extra ] || miss "more than an event has: $(cat extra)"
done_with 'watch: keys and types'

# ---- target ---------------------------------------------------------------------------------------

backup=$fixtures/pg15-backup/base.tar.gz
{
    json --before 'DROP TABLE' "$fixtures/demo/wal"
    json --before 'DROP TABLE' gap
    json --before-lsn 0/1100F78 --backup "$backup" "$fixtures/pg15-backup/wal"
    json --before 'DROP TABLE shop\.orders' --backup "$backup" "$fixtures/pg15-backup/wal"
    json --restore-point 'before the release' "$fixtures/pg15-stops/wal"
    json --before 'DROP TABLE' --target xid "$fixtures/demo/wal"
    json --before 'DROP TABLE' --target time "$fixtures/demo/wal"
    json --before 'TRUNCATE TABLE ids.late' --log "$fixtures/who/logs/ids.csv" "$fixtures/who/wal"
    json --before 'DROP TABLE ids.auto' --database shop --log "$fixtures/who/logs/ids.csv" "$fixtures/who/wal"
    json --before 'DROP TABLE ids.auto' --log "$fixtures/who/logs/silent.csv" "$fixtures/who/wal"
    json --before-xid 1202 "$fixtures/pg15/wal"
} >targets
# An event and a target stand in several places.
json_value 'del(.event[]?, .candidates[], .shortly_before.events[], .alternatives[][]?, .who[]?)' targets | paths >target
compare target target
json_value '.event, .candidates[], .shortly_before.events[] | select(. != null)' targets | paths | cut -f 1 >seen
cut -f 1 events | sort -u | comm -23 <(sort -u seen) - >extra
[ ! -s extra ] || miss "more than an event has: $(cat extra)"
json_value '.alternatives[] | select(. != null)' targets | paths | sed 's/^/.target/' | cut -f 1 | sort -u >seen
comm -23 seen <(cut -f 1 target | sort -u) >extra
[ ! -s extra ] || miss "more than a target has: $(cat extra)"
done_with 'target: keys and types'

{
    json_value '.who | select(. != null)' targets
    json xact "$(awk -F'|' '$1 == "ids-late" { print $6 }' "$fixtures/who/truth")" --log "$fixtures/who/logs/ids.log" \
        --log-line-prefix '%m %p <%u> <%d> <%a> %x %v %c ' "$fixtures/who/wal" | tee who-xact | json_value .who
} | paths >"./who"
compare who who
done_with 'who: keys and types'

section shell | sed -nE 's/^\| `(PITR_[A-Z_]+)` .*/\1/p' >wanted
"$program" -q --before 'DROP TABLE' --format shell "$fixtures/demo/wal" | sed 's/=.*//' | diff wanted - >difference || miss "$(cat difference)"
done_with 'target: variables of --format shell'

# ---- verify ---------------------------------------------------------------------------------------

for wal in gap "$fixtures"/{timelines17,minimal15,pg15-stops}/wal; do json verify "$wal"; done | paths >verify
compare verify verify
done_with 'verify: keys and types'

# ---- dump and stats -------------------------------------------------------------------------------

json dump --limit 500 "$fixtures/pg15/wal" >'json of dump'
json dump --names --limit 500 "$fixtures/pg15/wal" >'json of names'
paths <'json of names' >dump
compare dump dump
json stats "$fixtures/pg15/wal" >'json of stats'
json stats --by relation "$fixtures/pg15/wal" >'json of relations'
json stats --by checkpoint "$fixtures/pg15/wal" | cat 'json of stats' 'json of relations' - | paths >stats
compare stats stats
for command in dump stats; do
    "$program" -q $command --format csv "$fixtures/pg15/wal" 2>err | head -n 1 >columns || true
    head -n 1 "json of $command" | jq -r 'keys_unsorted | join(",")' | diff columns - >difference || miss "columns of $command: $(cat difference)"
done
"$program" -q dump --names --format csv "$fixtures/pg15/wal" 2>err | head -n 1 >columns || true
head -n 1 'json of names' | jq -r 'keys_unsorted | join(",")' | diff columns - >difference || miss "columns with names: $(cat difference)"
"$program" -q stats --by relation --format csv "$fixtures/pg15/wal" 2>err | head -n 1 >columns || true
head -n 1 'json of relations' | jq -r 'keys_unsorted | join(",")' | diff columns - >difference || miss "columns by relation: $(cat difference)"
done_with 'dump and stats: keys and types, and the same as columns'

# ---- xact -----------------------------------------------------------------------------------------

prepared=$(json_value 'map(select(.prepared_gid)) | .[0].xid' -s listed)
{
    for xid in "$prepared" 901 1044 1205; do json xact "$xid" "$fixtures/pg15/wal"; done
    json xact 898 "$fixtures/pg18-logical/wal"
    json xact 755 "$fixtures/pg15-logical/wal"
    cat who-xact
} >biographies
json_value 'del(.events[], .who[]?)' biographies | paths >xact
compare xact xact
json_value '.events[]' biographies | paths | cut -f 1 >seen
cut -f 1 events | sort -u | comm -23 <(sort -u seen) - >extra
[ ! -s extra ] || miss "more than an event has: $(cat extra)"
json xact "$fixtures/pg15/wal" | tee 'json of xact' | paths >xacts
compare 'xact of a window' xacts
"$program" -q xact --format csv "$fixtures/pg15/wal" 2>err | head -n 1 >columns || true
head -n 1 'json of xact' | jq -r 'keys_unsorted | join(",")' | diff columns - >difference || miss "columns of xact: $(cat difference)"
done_with 'xact: keys and types'

# ---- simulate -------------------------------------------------------------------------------------

prepared=$(json_value 'map(select(.prepared_gid)) | .[0].commit_lsn' -s listed)
{
    json simulate "recovery_target_lsn=$prepared" recovery_target_inclusive=off "$fixtures/pg15/wal"
    json simulate recovery_target_xid=3496 "$fixtures/demo/wal"
    json simulate recovery_target_lsn=3496 "$fixtures/demo/wal"
    json simulate recovery_target=immediate "$fixtures/pg15-backup/wal"
    json simulate recovery_target_name=nowhere "$fixtures/pg15/wal"
} | paths >simulate
compare simulate simulate
done_with 'simulate: keys and types'

# ---- report ---------------------------------------------------------------------------------------

write() { "$program" -q report "$@" --format json >out 2>err || [ $? -eq 3 ] || miss "report $*: $(head -n 1 err)"; }
write --before 'DROP TABLE' --output one gap
write --before 'DROP TABLE shop\.orders' --backup "$backup" --output two "$fixtures/pg15-backup/wal"
write --restore-point 'before the release' --output three "$fixtures/pg15-stops/wal"
write --before-lsn 0/1100F78 --backup "$backup" --output four "$fixtures/pg15-backup/wal"
gzip -dc "$fixtures/demo/wal/00000001000000000000000C.gz" >whole.wal && mkdir damaged
head -c 900000 whole.wal >damaged/00000001000000000000000C
cp "$fixtures/demo/wal/00000001000000000000000B.gz" damaged
write --before 'DROP TABLE' --output five damaged
cat {one,two,three,four,five}/report.json >reports
json_value 'del(.target[]?, .transaction[]?, .others.events[])' reports | paths >report
compare report report
json_value '.target | del(.event[]?, .candidates[], .shortly_before.events[], .alternatives[][]?)' reports | paths | cut -f 1 | sort -u | comm -23 - <(cut -f 1 target | sort -u) >extra
[ ! -s extra ] || miss "more than target has: $(cat extra)"
json_value '.transaction | select(. != null) | del(.events[])' reports | paths | cut -f 1 | sort -u | comm -23 - <(cut -f 1 xact | sort -u) >extra
[ ! -s extra ] || miss "more than xact has: $(cat extra)"
json_value '.others.events[]' reports | paths | cut -f 1 | sort -u | comm -23 - <(cut -f 1 events | sort -u) >extra
[ ! -s extra ] || miss "more than an event has: $(cat extra)"
done_with 'report: keys and types'

# ---- CSV ------------------------------------------------------------------------------------------

# columns NAME: the list after the words on --format csv.
columns() { section "$1" | awk '/^`--format csv`/ { inside = 1; next } /^In CSV|^The other/ { inside = 0 } inside' | tr -d '`\n ' | sed 's/$/\n/'; }
for name in events verify; do
    "$program" -q "$name" --format csv "$fixtures/pg15-backup/wal" >out || [ $? -eq 3 ]
    head -n 1 out | diff <(columns "$name") - >difference || miss "$name: $(cat difference)"
done
done_with 'columns of CSV'

exit $((failures > 0))
