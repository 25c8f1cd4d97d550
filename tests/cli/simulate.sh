#!/bin/bash
# Proves what `pitr-find simulate` does on the command line: settings in, prediction and exit status out.
#
# Where servers really stop is proved by tests/servers/simulate.sh; here xids, times and LSN ranges are those
# that real servers told (tests/fixtures/*/expect.tsv).
#
#   tests/cli/simulate.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# ---- helpers ------------------------------------------------------------------------------------

simulate() { run simulate "$@"; }

# Is there a finding of that rule, in JSON?
expect_rule() { expect_json "any(.findings[].rule; . == \"$1\")" true; }

wal15=$fixtures/pg15/wal
exclusive=recovery_target_inclusive=off

# ---- every major --------------------------------------------------------------------------------

for fixture in "$fixtures"/pg1[0-9]; do
    name=$(basename "$fixture")
    xid=$(told "$name" drop_table_plain xid)
    time=$(told "$name" drop_table_plain commit_time)

    simulate --format json "recovery_target_xid=$xid" $exclusive "$fixture/wal"
    expect_status 0
    expect_json '[.outcome, .as_asked, key("fatal"), .then]' '["stops",true,null,"pauses"]'
    expect_json .stop.reason "before transaction $xid"
    expect_json .not_applied '["DROP TABLE public.plain in database app"]'
    lsn=$(json_value .stop.record_lsn out)
    in_range "$lsn" "$name" drop_table_plain

    simulate --format json "recovery_target_time=${time%Z}+00" $exclusive "$fixture/wal"
    expect_status 0
    expect_json .stop.record_lsn "$lsn"
    simulate --format json "recovery_target_lsn=$lsn" $exclusive "$fixture/wal"
    expect_status 0
    expect_json .stop.reason "before LSN $lsn"
    expect_json .stop.stops_before_lsn "$lsn"
    done_with "$name: before the drop, by xid, time and LSN"

    for target in "recovery_target_xid=$xid" "recovery_target_lsn=$lsn" "recovery_target_time=${time%Z}+00"; do
        simulate --format json "$target" "$fixture/wal"
        expect_status 0
        expect_json .applied_at_stop '["DROP TABLE public.plain in database app"]'
        expect_rule keeps-the-drop
    done
    done_with "$name: the inclusive default keeps the drop, and that is told"

    # A committed subtransaction never matches, one that was rolled back does.
    top=$(told "$name" more_than_64_subtransactions xid)
    simulate "recovery_target_xid=$((top + 1))" "$fixture/wal"
    expect_status 1
    expect_out "$((top + 1)) is a subtransaction of $top, and never matches: use $top"
    case $name in
    pg1[012]) expect_out 'goes into service at the end of the WAL as if nothing was wrong' ;;
    *) expect_out 'FATAL       recovery ended before configured recovery target was reached' ;;
    esac
    simulate "recovery_target_xid=$((top + 9))" "$fixture/wal"
    expect_status 0
    expect_out "after transaction $((top + 9))"
    done_with "$name: subtransactions"

    xid=$(told "$name" commit_prepared_drop xid)
    simulate "recovery_target_xid=$xid" $exclusive "$fixture/wal"
    expect_status 0
    expect_out "COMMIT PREPARED of transaction $xid"
    expect_out "transaction $xid, with its locks: ROLLBACK PREPARED 'gid one'"
    done_with "$name: what is in doubt"

    simulate "recovery_target_time=$time" "$fixture/wal"
    case $name in
    pg1[01])
        expect_status 0
        expect_out 'from 12 on it is refused'
        ;;
    *)
        expect_status 1
        expect_out "FATAL       invalid value for parameter \"recovery_target_time\": \"$time\""
        ;;
    esac
    simulate "recovery_target_time=2000-01-01 00:00+00" "$fixture/wal"
    expect_status 1
    expect_out 'is older than the backup'
    simulate recovery_target_xid=898 recovery_target_name=x "$fixture/wal"
    expect_status 1
    case $name in
    pg1[01]) expect_out 'the last line counts' ;;
    *) expect_out 'FATAL       multiple recovery targets specified' ;;
    esac
    done_with "$name: Z in a time, two targets"
done

# What `target` prints stops where it says.
for fixture in "$fixtures"/pg9.[56] "$fixtures"/pg1[0-9] "$fixtures/demo"; do
    name=$(basename "$fixture")
    for kind in lsn xid; do
        case $name$kind in pg9.*lsn) continue ;; esac
        "$program" -q --before 'DROP TABLE' --target $kind "$fixture/wal" >conf
        "$program" -q --before 'DROP TABLE' --target $kind --format json "$fixture/wal" >target
        want=$(json_value '.target.stops_before_lsn | strings' target)
        simulate --format json - "$fixture/wal" <conf
        expect_status 0
        expect_json .stop.stops_before_lsn "$want"
        simulate --format json conf "$fixture/wal"
        expect_status 0
        expect_json .stop.stops_before_lsn "$want"
    done
    done_with "$name: the settings that target prints"
done

# ---- settings that go wrong ---------------------------------------------------------------------

xid=$(told pg15 drop_table_plain xid)
simulate recovery_target_xid=0777 "$wal15"
expect_status 1
expect_out 'is read as octal: transaction 511'
simulate "recovery_target_xid=$(printf '0x%x' "$xid")" "$wal15"
expect_status 0
expect_out "is read as hexadecimal: transaction $xid"
simulate recovery_target_xid=0/161B5B8 "$wal15"
expect_status 1
expect_out 'is a WAL position'
done_with "an xid in octal, in hexadecimal, an LSN"

simulate recovery_target_time=2100-01-01+00 "$wal15"
expect_status 1
expect_out 'no transaction ends after 2100-01-01T00:00:00.000000Z: the last one in this WAL is of 20'
simulate recovery_target_lsn=FF/0 "$wal15"
expect_status 1
expect_out 'no record starts at FF/0 or later'
simulate recovery_target_name=nowhere "$wal15"
expect_status 1
expect_out 'recovery ended before configured recovery target was reached'
simulate --format json recovery_target= "$wal15"
expect_status 0
expect_json '[.outcome, .as_asked, key("fatal"), .then]' '["ends",true,null,"promotes"]'
expect_rule empty-target
done_with "targets that are not there, and none"

printf "recovery_target_xid = '%s'\nrecovery_target_lsn = 0/1\n" "$xid" >bad.conf
simulate bad.conf "$wal15"
expect_status 1
expect_out 'syntax error in line 2, near token "/"'
printf "recovery_target_xid = '%s'\n" "$xid" >short.conf
simulate short.conf "$wal15"
expect_status 0
expect_out 'no restore_command here'
simulate short.conf recovery_target_inclusive=off "$wal15"
expect_status 0
expect_out "before transaction $xid"
simulate short.conf hot_standby=off "$wal15"
expect_status 0
expect_out 'the server shuts down'
done_with "files, and words behind them"

# ---- backups ------------------------------------------------------------------------------------

# A label that starts at a checkpoint of this WAL; the .backup file in the archive says the same.
simulate --format json "recovery_target_xid=$xid" "$wal15"
redo=$(json_value .backup.start_lsn out)
expect_json .backup.assumed true
mkdir base archive && cp "$wal15"/* archive
echo "START WAL LOCATION: $redo (file 00000001000000000000000B)" | tee base/backup_label >archive/00000001000000000000000B.00000028.backup
simulate --format json --backup base "recovery_target_xid=$xid" "$wal15"
expect_status 1
expect_json .fatal 'requested recovery stop point is before consistent recovery point'
expect_json '.backup | [.label, .assumed]' '["base/backup_label",false]'
simulate --format json "recovery_target_xid=$xid" archive
expect_status 1
expect_json '.backup | [.label, .assumed]' '["archive/00000001000000000000000B.00000028.backup",false]'
echo "BACKUP FROM: standby" >>base/backup_label
simulate --backup base/backup_label "recovery_target_xid=$xid" $exclusive "$wal15"
expect_status 0
expect_out "before transaction $xid"
time=$(told pg15 drop_table_plain commit_time)
later=$(told pg15 commit_prepared_drop lsn_after)
echo "START WAL LOCATION: $later (file 00000001000000000000000C)
BACKUP FROM: standby" >base/backup_label
simulate --backup base "recovery_target_xid=$xid" "$wal15"
expect_status 1
expect_out "transaction $xid ended at"
expect_out 'before the backup starts: take an older backup'
simulate --backup base "recovery_target_time=${time%Z}+00" "$wal15"
expect_status 1
expect_out 'is older than the backup, and the server does not notice'
done_with "--backup, .backup files, and targets older than the backup"

# ---- timelines ----------------------------------------------------------------------------------

# Timeline 2 left timeline 1 before the last segment.
mkdir lines && for file in "$wal15"/*.gz; do gzip -dc "$file" >"lines/$(basename "$file" .gz)"; done
last=$(cd lines && ls | tail -n 1)
xid=$(awk -F '\t' '$NF == "DROP TABLE public.after_3" { print $4 }' "$fixtures/pg15/expect.tsv")
printf '1\t0/%s00000\tno recovery target specified\n' "$(printf "%X" "0x${last: -3}")" >lines/00000002.history
simulate "recovery_target_xid=$xid" lines
expect_status 1
expect_out 'along timeline 2'
expect_out "timeline 1 has it, at"
for tli in 1 current; do
    simulate "recovery_target_xid=$xid" recovery_target_timeline=$tli lines
    expect_status 0
    expect_out 'along timeline 1'
    expect_out "after transaction $xid"
done
simulate "recovery_target_xid=$xid" recovery_target_timeline=7 lines
expect_status 1
expect_out 'FATAL       recovery target timeline 7 does not exist'
echo "START WAL LOCATION: 0/$(printf "%X" "0x${last: -3}")00028 (file $last)" >base/backup_label
simulate --backup base "recovery_target_xid=$xid" lines
expect_status 1
expect_out "FATAL       requested timeline 2 is not a child of this server's history"
done_with "timelines"

# ---- WAL that is not whole ----------------------------------------------------------------------

mkdir gap && cp "$wal15"/* gap && rm gap/00000001000000000000000C.gz
simulate "recovery_target_xid=$xid" gap
expect_status 1
expect_out 'replay ends at 0/BF' # the last record goes on in the missing segment
expect_out 'and the target is after it'
expect_out 'FATAL       recovery ended before configured recovery target was reached'
done_with "a missing segment"

simulate -j1 --format json "recovery_target_xid=$xid" "$wal15"
mv out one
for jobs in 2 8; do
    simulate -j$jobs --format json "recovery_target_xid=$xid" "$wal15"
    cmp -s one out || miss "-j$jobs gives something else"
done
if command -v python3 >/dev/null; then python3 -m json.tool one >/dev/null || miss "no JSON"; fi
done_with "the number of threads changes nothing"

# ---- wrong usage --------------------------------------------------------------------------------

fails "no settings" "no SETTINGS" simulate
fails "no source" "no SOURCE" simulate recovery_target_xid=5
fails "nothing but a source" "simulate takes SETTINGS and then a SOURCE, and only one is here" simulate "$wal15"
fails "a misspelt setting" 'unknown setting "recovry_target_xid": do you mean recovery_target_xid?' simulate recovry_target_xid=5 "$wal15"
fails "a file of settings that is not there" "cannot open the settings" simulate nowhere.conf "$wal15"
gzip -dc "$wal15/00000001000000000000000C.gz" >segment
fails "WAL for settings" "is not a file of settings" simulate segment "$wal15"
fails "a folder for settings" "cannot read the settings" simulate base "$wal15"
fails "a source that is not there" "nowhere" simulate recovery_target_xid=5 ./nowhere
fails "a backup that is not there" "cannot open \"nowhere\"" simulate --backup nowhere recovery_target_xid=5 "$wal15"
fails "a backup without label" "no backup_label in" simulate --backup gap recovery_target_xid=5 "$wal15"
fails "a time that is not understood" "write it like 2026-11-22" simulate "recovery_target_time=Nov 22 2026" "$wal15"
fails "another command's option" "is not an option of \`simulate\`" simulate --before x recovery_target_xid=5 "$wal15"

simulate --help
expect_status 0
expect_out "Usage: pitr-find simulate"
expect_out "--backup PATH"
done_with "--help"

[ "$failures" -eq 0 ]
