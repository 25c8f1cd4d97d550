#!/bin/bash
# Proves what `pitr-find verify --format prometheus` says of an archive, that docs/manual/metrics.md lists what is printed and no
# other, and that the alert rules and the dashboard in tools/monitoring use only what is listed there.
#
# Times and positions are those the servers told (tests/fixtures: expect.tsv, .backup files), seconds since 1970 are those
# of GNU date. That the format is what Prometheus reads is for its own tool to say: tests/archives/monitoring.sh.
#
#   tests/cli/metrics.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/support/scrape.sh
. "$root/tests/support/scrape.sh"

page=$root/docs/manual/metrics.md

# of NAME [LABELS]: the value in `out`. LABELS: as they stand at the end, without the brace.
of() { NAME=$1 LABELS=${2:-} awk '
    { at = index($0, "{"); name = substr($0, 1, at - 1) }
    name == ENVIRON["NAME"] && (ENVIRON["LABELS"] == "" || index($0, ENVIRON["LABELS"] "}")) { print $NF }' out; }
# expect_value WANT NAME [LABELS]
expect_value() {
    local got
    got=$(of "$2" "${3:-}")
    [ "$got" = "$1" ] || miss "$2${3:+ of $3} is '$got', not '$1'"
}
unix() { # unix TIME...: in seconds since 1970, without zeros at the end
    date -u -d "$*" +%s.%6N | sed 's/\.\?0*$//'
}
label_of() { sed -n "s/^$1: //p" "$2"; }

# ---- timelines, backups, windows ----------------------------------------------------------------

unpack timelines17 plain
backups=(plain/*.backup)
ends=(none delete_on_first past_second on_third)
run verify --format prometheus plain
expect_status 0
expect_no_err
expect_value 1 pitr_archive_up
expect_value 1 pitr_archive_info ',major="17",version="'"$("$program" verify --format json plain | json_value .version)"'"'
for kind in gap damage file conflict checksum history unlisted; do
    expect_value 0 pitr_archive_problems ",kind=\"$kind\""
done
counts=(none 1 3 3) # of the backups: on 1, and on 2 two more, which 3 has from it
newest=(none 0 2 2)
for tli in 1 2 3; do
    of_timeline=",timeline=\"$tli\""
    files=(plain/0000000"$tli"????????????????)
    expect_value $((tli == 3)) pitr_archive_timeline_is_latest "$of_timeline"
    expect_value ${#files[@]} pitr_archive_segments "$of_timeline"
    expect_value "$(cat "${files[@]}" | wc -c)" pitr_archive_wal_bytes "$of_timeline"
    expect_value 0 pitr_archive_segments_damaged "$of_timeline"
    expect_value ${counts[tli]} pitr_archive_backups "$of_timeline"
    expect_value ${counts[tli]} pitr_archive_backups_usable "$of_timeline"
    latest=$(unix "$(told timelines17 ${ends[tli]} commit_time)")
    earliest=$(unix "$(label_of 'STOP TIME' "${backups[0]}")")
    expect_value "$latest" pitr_archive_last_commit_timestamp_seconds "$of_timeline"
    expect_value "$latest" pitr_archive_restorable_latest_timestamp_seconds "$of_timeline"
    expect_value "$earliest" pitr_archive_restorable_earliest_timestamp_seconds "$of_timeline"
    expect_value "$(unix "$(label_of 'START TIME' "${backups[newest[tli]]}")")" \
        pitr_archive_newest_usable_backup_start_timestamp_seconds "$of_timeline"
    expect_value "$(awk -v a="$earliest" -v b="$latest" 'BEGIN { printf "%.6f", b - a }' | sed 's/0*$//')" \
        pitr_archive_window_seconds "$of_timeline"
    in_range "$(printf '0/%X' "$(of pitr_archive_last_commit_lsn "$of_timeline")")" timelines17 ${ends[tli]}
done
first=(plain/00000001????????????????)
expect_value $((16#${first[-1]: -2} * 1048576 + 1048576)) pitr_archive_end_lsn ',timeline="1"'
expect_out "{archive=\"plain\",system_identifier=\"$("$program" verify --format json plain | json_value .source.system_identifier)\","
done_with 'timelines, backups and windows are the servers'\'

# A gap on 2: the first backup leads up to it, that in the gap nowhere, and the newest one to the end.
cp -r plain gap && rm gap/"$(label_of 'START WAL LOCATION' "${backups[1]}" | sed 's/.*file \(.*\))/\1/')"
run verify --format prometheus gap
expect_status 1
expect_value 1 pitr_archive_problems ',kind="gap"'
expect_value 0 pitr_archive_problems ',kind="damage"'
expect_value 3 pitr_archive_backups ',timeline="2"'
expect_value 2 pitr_archive_backups_usable ',timeline="2"'
expect_value "$(unix "$(label_of 'STOP TIME' "${backups[2]}")")" pitr_archive_restorable_earliest_timestamp_seconds ',timeline="2"'
expect_value "$(unix "$(told timelines17 past_second commit_time)")" pitr_archive_restorable_latest_timestamp_seconds ',timeline="2"'
# The only one is in the gap.
rm gap/*.backup && cp "${backups[1]}" gap
run verify --format prometheus gap
expect_value 1 pitr_archive_backups ',timeline="2"'
expect_value 0 pitr_archive_backups_usable ',timeline="2"'
expect_value 0 pitr_archive_window_seconds ',timeline="2"'
for name in newest_usable_backup_start restorable_earliest restorable_latest; do
    expect_value '' pitr_archive_${name}_timestamp_seconds ',timeline="2"'
done
done_with 'a window does not reach over a gap, and is 0 without a usable backup'

cp -r plain damaged && files=(damaged/00000002????????????????)
poke "${files[1]}" 100 '\xff\xff\xff\xff\xff\xff\xff\xff'
run verify --format prometheus damaged
expect_status 1
[ "$(of pitr_archive_problems ',kind="damage"')" -ge 1 ] || miss 'no damage is told'
expect_value 1 pitr_archive_segments_damaged ',timeline="2"'
expect_value 0 pitr_archive_segments_damaged ',timeline="1"'
done_with 'damage'

# ---- times that no label tells ------------------------------------------------------------------

# START and STOP TIME of the one backup, in another zone's words.
cp -r plain zone && rm -f zone/*.backup zone/0000000[23]*
backup=zone/$(basename "${backups[0]}")
start=$(label_of 'START TIME' "${backups[0]}")
sed -e "s/^START TIME: .*/START TIME: $(TZ=CET-1 date -d "$start" '+%F %T') CET/" -e '/^STOP TIME/d' "${backups[0]}" >"$backup"
run verify --format prometheus zone
expect_value "$(unix "$start")" pitr_archive_newest_usable_backup_start_timestamp_seconds
"$program" verify --format json zone >json
stop=$(label_of 'STOP WAL LOCATION' "$backup" | sed 's/ .*//')
want=$(json_value "[.timelines[].first_commit] | .[0].time" json)
[[ $(padded "$(json_value "[.timelines[].first_commit] | .[0].lsn" json)") > $(padded "$stop") ]] || miss 'the first commit is before the backup ends'
expect_value "$(unix "$want")" pitr_archive_restorable_earliest_timestamp_seconds
sed -i 's/^\(START TIME: .*\) CET/\1 IST/' "$backup"
run verify --format prometheus zone
expect_value '' pitr_archive_newest_usable_backup_start_timestamp_seconds
# The last commit before the newest one.
cp -r plain vague && sed -i 's/^\(START TIME: .*\) UTC/\1 IST/' vague/"$(basename "${backups[2]}")"
run verify --format prometheus vague
expect_value "$(unix "$(told timelines17 on_second commit_time)")" pitr_archive_newest_usable_backup_start_timestamp_seconds ',timeline="2"'
done_with 'times in other zones, and those that nobody tells'

run verify --format prometheus --backup "$fixtures/pg15-backup/base.tar.gz" "$fixtures/pg15-backup/wal"
expect_status 0
"$program" verify --format json "$fixtures/pg15-backup/wal" >json
expect_value "$(json_value '.backups | length' json)" pitr_archive_backups
expect_value "$(json_value '.backups | length' json)" pitr_archive_backups_usable
done_with 'a backup that is given, and known by its .backup file, is one'

# ---- the archive that cannot be read, and labels ------------------------------------------------

run verify --format prometheus nowhere
expect_status 2
expect_err 'cannot open "nowhere"'
[ "$(grep -v '^#' out)" = 'pitr_archive_up{archive="nowhere"} 0' ] || miss "$(cat out)"
run verify --format json nowhere
expect_no_out
done_with 'an archive that cannot be read is down'

name=$'a "b" \\c\nd \xf6'
mkdir "$name" && cp "${first[0]}" "$name"
run verify --format prometheus "$name"
expect_status 0
expect_out "pitr_archive_up{archive=\"a \\\"b\\\" \\\\c\\nd "$'\xef\xbf\xbd''"} 1'
! grep -qvE '^# (HELP|TYPE) pitr_|^pitr_[a-z_]+\{.*\} -?[0-9.]+$' out || miss "$(grep -vE '^# |^pitr' out)"
done_with 'quotes, backslashes, line ends and bytes that are no UTF-8 in a label'

# ---- the page -----------------------------------------------------------------------------------

# `NAME TYPE LABELS` of the page's tables.
sed -nE 's/^\| `(pitr_[a-z_]+)` \| ([a-z]+) \| ([a-z_, ]*)\|.*/\1 \2 \3/p' "$page" | sed 's/,//g; s/ *$//' | sort >listed
[ "$(cut -d ' ' -f 1 listed | uniq -d)" = '' ] || miss "listed twice: $(cut -d ' ' -f 1 listed | uniq -d)"

# printed FILE: the same of what was printed.
printed() {
    awk '
        $1 == "#" && $2 == "TYPE" { type[$3] = $4; next }
        /^#/ { next }
        {
            name = $0; sub(/[{ ].*/, "", name)
            labels = ""
            rest = $0
            while (match(rest, /[{,][a-z_]+="/)) {
                labels = labels " " substr(rest, RSTART + 1, RLENGTH - 3)
                rest = substr(rest, RSTART + RLENGTH)
            }
            print name " " type[name] labels
        }' "$1" | sort -u
}
run verify --format prometheus plain
printed out >seen
diff <(grep '^pitr_archive_' listed) seen >difference || miss "$(cat difference)"
done_with 'verify prints what the page lists, and no other'

unpack pg15 pg15
if start_watch pg15; then
    scrape scraped
    printed scraped >seen
    diff <(grep '^pitr_watch_' listed) seen >difference || miss "$(cat difference)"
    stop_watch
    done_with 'watch prints what the page lists, and no other'
else
    echo 'ok - watch prints what the page lists # SKIP this build has no libmicrohttpd'
fi

# ---- alert rules and dashboard ------------------------------------------------------------------

monitoring=$root/tools/monitoring
cut -d ' ' -f 1 listed >names
grep -oE 'pitr_[a-z_]+' "$monitoring/pitr-find.rules.yml" | sort -u >used
[ -s used ] || miss 'the rules use no metric'
unlisted=$(comm -13 names used)
[ -z "$unlisted" ] || miss "not on the page: $unlisted"
done_with 'the alert rules use metrics that the page lists'

dashboard=$monitoring/pitr-find.grafana.json
jq -r '.. | objects | .expr?, .definition? | strings' "$dashboard" >expressions
grep -oE 'pitr_[a-z_]+' expressions | sort -u >used
[ -s used ] || miss 'the dashboard uses no metric'
unlisted=$(comm -13 names used)
[ -z "$unlisted" ] || miss "not on the page: $unlisted"
# What Grafana needs of a dashboard: an id of each panel of its own, a place that fits, and the data source that is chosen.
jq -e '[.. | objects | select(has("gridPos"))] as $panels
    | (.title | length > 0) and (.uid | length > 0) and (.schemaVersion >= 36) and (.id == null)
    and ($panels | length > 0) and ($panels | map(.id) | length == (unique | length))
    and all($panels[]; (.title | length > 0) and (.type | length > 0) and .gridPos.x + .gridPos.w <= 24)
    and any(.templating.list[]; .type == "datasource" and .query == "prometheus" and .name == "datasource")
    and all($panels[] | select(.type != "row"); .datasource.uid == "${datasource}"
        and (.targets | length > 0) and all(.targets[]; .datasource.uid == "${datasource}" and (.expr | length > 0)))
    ' "$dashboard" >answer || miss "$(cat answer)"
# No two panels share a place.
overlaps=$(jq -r '[.panels[] | {id} + .gridPos] | [.[] as $a | .[] as $b
    | select($a.id < $b.id and $a.x < $b.x + $b.w and $b.x < $a.x + $a.w and $a.y < $b.y + $b.h and $b.y < $a.y + $a.h)
    | "\($a.id) and \($b.id)"] | join(", ")' "$dashboard")
[ -z "$overlaps" ] || miss "panels lie over each other: $overlaps"
done_with 'the dashboard is one, and uses metrics that the page lists'
