#!/bin/bash
# Proves what the command line does: stdout, stderr and exit status of each case.
#
# Expected xids, times, names and LSN ranges are those the real servers told (tests/fixtures/*/expect.tsv).
#
#   tests/cli/cli.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# ---- helpers ------------------------------------------------------------------------------------

# The server prints times as 2026-11-22T21:27:06.079362Z; settings have 2026-11-22 21:27:06.079362+00.
as_setting() { sed 's/T/ /; s/Z$/+00/' <<<"$1"; }

wal15=$fixtures/pg15/wal

# ---- targets of every major ---------------------------------------------------------------------

for fixture in "$fixtures"/pg1[0-9]; do
    name=$(basename "$fixture")
    xid=$(told "$name" drop_table_plain xid)
    time=$(told "$name" drop_table_plain commit_time)

    run --before 'DROP TABLE public\.plain$' "$fixture/wal"
    expect_status 0
    lsn=$(setting recovery_target_lsn)
    in_range "$lsn" "$name" drop_table_plain
    expect_line "recovery_target_inclusive = 'false'"
    expect_line "recovery_target_timeline = '1'"
    expect_line "recovery_target_action = 'pause'"
    [ "$(grep -cE '^recovery_target_(lsn|xid|time) =' out)" -eq 1 ] || miss "more than one target"
    case $name in
    pg1[01]) grep -q '^# .*recovery\.conf' <(head -1 out) || miss "does not name recovery.conf" ;;
    *) grep -q '^# .*postgresql\.auto\.conf.*recovery\.signal' <(head -1 out) || miss "does not name its files" ;;
    esac
    expect_err "found DROP TABLE public.plain in database app"
    expect_err "transaction $xid, committed at $lsn"
    expect_err "$time"
    done_with "$name: by lsn"

    run -q --before 'DROP TABLE public\.plain$' --target xid "$fixture/wal"
    expect_line "recovery_target_xid = '$xid'"
    expect_no_err
    run -q --before 'DROP TABLE public\.plain$' --target time "$fixture/wal"
    expect_line "recovery_target_time = '$(as_setting "$time")'"
    done_with "$name: by xid and time"

    run -q --before-xid "$xid" "$fixture/wal"
    expect_line "recovery_target_lsn = '$lsn'"
    run -q --before-time "$time" "$fixture/wal"
    expect_line "recovery_target_lsn = '$lsn'"
    run -q --before-lsn "$lsn" "$fixture/wal"
    expect_line "recovery_target_lsn = '$lsn'"
    run -q --after-xid "$xid" "$fixture/wal"
    expect_line "recovery_target_lsn = '$lsn'"
    expect_line "recovery_target_inclusive = 'true'"
    run -q --after 'DROP TABLE public\.plain$' "$fixture/wal"
    expect_line "recovery_target_lsn = '$lsn'"
    expect_line "recovery_target_inclusive = 'true'"
    done_with "$name: by xid, time and position given"

    run --before 'DROP TABLE public\.prep_1$' "$fixture/wal"
    xid=$(told "$name" commit_prepared_drop xid)
    in_range "$(setting recovery_target_lsn)" "$name" commit_prepared_drop
    expect_err "transaction $xid, committed by COMMIT PREPARED"
    # After recovery it is still prepared, and COMMIT PREPARED drops the table.
    words="After pg_wal_replay_resume(), in database app, run: ROLLBACK PREPARED 'gid one'; Do NOT run COMMIT PREPARED: it does DROP TABLE public.prep_1"
    expect_err "warning: this DROP TABLE is of a prepared transaction: it stays pending after recovery, and keeps its locks. $words"
    expect_out "# this DROP TABLE is of a prepared transaction: it stays pending after recovery, and keeps its locks. $words"
    expect_not_err "it can be read after"
    expect_not_err "or COMMIT PREPARED"
    # The last transaction before it is the one that worked while it was prepared.
    expect_err "everything up to transaction $(told "$name" work_while_prepared_prep_1 xid),"
    done_with "$name: a prepared drop"

    # 90 subtransactions follow their parent's xid; every ninth was rolled back, with a record of its own.
    top=$(told "$name" more_than_64_subtransactions xid)
    run --before-xid $((top + 1)) "$fixture/wal"
    in_range "$(setting recovery_target_lsn)" "$name" more_than_64_subtransactions
    expect_err "transaction $top, committed"
    expect_err "$((top + 1)) is a subtransaction"
    run --before-xid $((top + 9)) "$fixture/wal"
    expect_status 0
    expect_err "transaction $((top + 9)), rolled back at"
    expect_err "never took effect"
    done_with "$name: subtransactions"
done

for name in pg9.5 pg9.6; do
    pattern="^$(told $name drop_table_plain text)\$"
    run --before "$pattern" --format json "$fixtures/$name/wal"
    expect_json '.alternatives | [key("lsn"), .xid.kind]' '[null,"xid"]'
    expect_json .target.kind xid
    expect_json '.event.object | [.oid, .name]' "[$(told $name drop_table_plain object_oid),\"$(told $name drop_table_plain object)\"]"
    in_range "$(json_value .event.commit_lsn out)" $name drop_table_plain
    run -q --before "$pattern" "$fixtures/$name/wal"
    grep -q '^# .*recovery\.conf' <(head -1 out) || miss "does not name recovery.conf"
    grep -qE "^recovery_target_xid = '[0-9]+'\$" out || miss "no target by xid"
    done_with "$name: by xid, since there is no other"

    # No server can be asked: the xid stands in the header of the record that commits, at the LSN that is told.
    rm -rf bytes && mkdir bytes
    for file in "$fixtures/$name/wal"/*.gz; do gzip -dc "$file" >"bytes/$(basename "$file" .gz)"; done
    run events -q --format csv "$fixtures/$name/wal"
    # A DROP DATABASE or TABLESPACE has its target further ahead.
    grep -vE 'DROP (DATABASE|TABLESPACE)' out | awk -F, 'NR > 1 && $1 ~ /^0\// { print $1, $5 }' | sort -u >ends
    checked=0
    while read -r lsn xid; do
        at=$((16#${lsn#*/}))
        [ $((at % 8192)) -le $((8192 - 24)) ] || continue # the header is not on one page
        read -r length in_record info rmid < <(od -An -v -tu4 -j $((at % 0x1000000)) -N 8 "bytes/$(printf '0000000100000000%08X' $((at / 0x1000000)))" | tr -d '\n' &&
            od -An -v -tu1 -j $((at % 0x1000000 + 16)) -N 2 "bytes/$(printf '0000000100000000%08X' $((at / 0x1000000)))")
        [ "$rmid" -eq 1 ] || miss "no record of a transaction at $lsn"
        [ $((info & 0x70)) -eq 0 ] || continue # COMMIT PREPARED: the xid is another
        [ "$in_record" -eq "$xid" ] && [ "$length" -gt 24 ] || miss "at $lsn the record has xid $in_record, not $xid"
        checked=$((checked + 1))
        [ $((checked % 10)) -eq 0 ] || continue
        run -q --before-xid "$xid" "$fixtures/$name/wal"
        expect_line "recovery_target_xid = '$xid'"
        expect_line "recovery_target_inclusive = 'false'"
        [ "$(grep -c '^recovery_target_\(lsn\|xid\|time\|name\) =' out)" -eq 1 ] || miss "not one target"
    done <ends
    [ "$checked" -ge 30 ] || miss "only $checked transactions"
    done_with "$name: the xids are those of the records"
    fails "$name: --target lsn" "has no recovery_target_lsn: use --target xid" --before DROP --target lsn "$fixtures/$name/wal"
done

# ---- choosing -----------------------------------------------------------------------------------

run --before 'DROP TABLE public\.orders$' "$wal15"
expect_status 0
expect_err "in database second_db"
in_range "$(setting recovery_target_lsn)" pg15 drop_table_in_second_db
run -q --before 'DROP TABLE' --database second_db "$wal15"
in_range "$(setting recovery_target_lsn)" pg15 drop_table_in_second_db
run -q --before 'DROP TABLE' --database "$(told pg15 drop_table_in_second_db database_oid)" "$wal15"
in_range "$(setting recovery_target_lsn)" pg15 drop_table_in_second_db
run --before 'DROP TABLE public\.orders$' --database app "$wal15"
expect_status 1
expect_no_out
done_with "--database by name and OID"

run -q --before '.' --relation '^public\.plain$' --pick last "$wal15"
in_range "$(setting recovery_target_lsn)" pg15 drop_table_plain
run --before 'DROP SCHEMA' --relation . "$wal15"
expect_status 1
done_with "--relation matches names of relations only"

run events --format csv --relation '^public\.tg$' "$wal15"
expect_status 0
for text in 'CREATE TRIGGER ""T one"" ON public.tg' 'DROP POLICY pol ON public.tg' 'DROP RULE ""select"" ON public.tg' \
    'ALTER TABLE public.tg DROP CONSTRAINT tg_pkey'; do
    expect_out "$text"
done
! grep -q 'FUNCTION\|tg_ref' out || miss "a function, or another table"
run events --relation . 'FUNCTION|TYPE|ROLE' "$wal15"
expect_status 1
expect_no_out
done_with "--relation matches the table of triggers, policies, rules and constraints"

run --before 'DROP FUNCTION public\.tg_fn' "$wal15"
expect_status 0
in_range "$(setting recovery_target_lsn)" pg15 drop_function_cascade
expect_out "# stops right before: DROP FUNCTION public.tg_fn in database app"
expect_err "found DROP FUNCTION public.tg_fn in database app"
expect_err 'DROP TRIGGER "T one" ON public.tg'
grep -q "still locks the object" err && miss "a function is not locked"
run --before 'DROP TRIGGER t_two' --format json "$wal15"
expect_json '.event | [.kind, .text, .schema.name] + (.object | [.name, .relkind, .filenode == .oid])' \
    '["DROP TRIGGER","DROP TRIGGER t_two ON public.tg","public","tg","r",true]'
expect_err "still locks the object"
run -q --before 'CREATE DATABASE second_db' "$wal15"
in_range "$(setting recovery_target_lsn)" pg15 create_database_second_db
expect_out "# stops right before: CREATE DATABASE second_db"
grep -q "in database" out && miss "a database is in no database"
run -q --after 'CREATE ROLE ro_one' "$wal15"
in_range "$(setting recovery_target_lsn)" pg15 create_role
done_with "objects that are no relations"

run -q --before 'DROP TABLE' --pick first "$wal15"
in_range "$(setting recovery_target_lsn)" pg15 drop_table_in_second_db
run -q --before 'DROP TABLE public\.again$' --pick 1 "$wal15"
first=$(setting recovery_target_lsn)
run --before 'DROP TABLE public\.again$' --pick 2 "$wal15"
second=$(setting recovery_target_lsn)
[[ $(padded "$first") < $(padded "$second") ]] || miss "number 1 is not before number 2"
expect_err "2, this is number 2"
grep -qE '^ +1 .*DROP TABLE public\.again' err || miss "the other match is not listed"
run -q --before 'DROP TABLE public\.again$' "$wal15"
[ "$(setting recovery_target_lsn)" = "$second" ] || miss "the last one is not the default"
run --before 'DROP TABLE public\.again$' --pick 3 "$wal15"
expect_status 1
done_with "--pick first, last and by number"

fails "--pick unique of several" "2 transactions match" -q --before 'DROP TABLE public\.again$' --pick unique "$wal15"
run --before 'DROP TABLE public\.again$' --pick unique "$wal15"
[ "$(grep -c '^ .*DROP TABLE public\.again' err)" -eq 2 ] || miss "does not list both"
run -q --before 'DROP TABLE (public\.several|other\.several)' --pick unique "$wal15"
expect_status 0
in_range "$(setting recovery_target_lsn)" pg15 drop_table_several
done_with "--pick unique: matches of one transaction are one"

run -q --before drop --format json --restore-command 'fetch "%f" %p' --action promote "$wal15"
expect_json .target.settings.restore_command 'fetch "%f" %p'
expect_json .target.settings.recovery_target_action promote
expect_json '.source | [.major, .page_magic, .wal_segment_size]' '[15,"D110",1048576]'
done_with "--restore-command and --action"

# ---- where to look ------------------------------------------------------------------------------

# Limits that hold one statement leave its events, whichever kind they are of.
label=drop_table_partitioned
want=$(awk -F '\t' -v label=$label '$1 == label { print $NF }' "$fixtures/pg15/expect.tsv" | sort)
time=$(told pg15 $label commit_time)
run events -q --format csv --from-lsn "$(told pg15 $label lsn_before)" --to-lsn "$(told pg15 $label lsn_after)" "$wal15"
[ "$(awk -F, 'NR > 1 { print $NF }' out | sort)" = "$want" ] || miss "by LSN: $(cat out)"
run events -q --format csv --since "$time" --until "$time" "$wal15"
[ "$(awk -F, 'NR > 1 { print $NF }' out | sort)" = "$want" ] || miss "by time: $(cat out)"
run events --since "${time%Z}" --until "$time" "$wal15"
expect_err "--since has no offset: read in the local zone (UTC, UTC+00:00)"
run -q --before 'DROP TABLE' --until "$time" "$wal15"
in_range "$(setting recovery_target_lsn)" pg15 $label
done_with "--since, --until, --from-lsn and --to-lsn"

run events -q --min-rows 10 --format csv 'INSERT INTO named_here' "$wal15"
[ "$(wc -l <out)" -eq 2 ] || miss "$(cat out)"
rows=$(told pg15 insert_in_second_db rows)
run events --min-rows $((rows + 1)) 'INSERT INTO named_here' "$wal15"
expect_status 1
done_with "--min-rows"

run events 'TABLE.*tmp' "$wal15"
expect_status 1
run events -q --include-temp 'TABLE.*\bcd$' "$wal15"
expect_status 0
done_with "--include-temp"

fails "--timeline there is not" "timeline 7" --before drop --timeline 7 "$wal15"

# ---- forms --------------------------------------------------------------------------------------

run -q --before 'DROP TABLE public\."it""s' --format shell "$wal15"
(
    set -u
    eval "$(cat out)"
    [ "$PITR_EVENT" = "$(told pg15 drop_table_quote_and_dot text)" ] && [ "$PITR_XID" = "$(told pg15 drop_table_quote_and_dot xid)" ] &&
        [ "$PITR_TARGET_KIND" = lsn ] && [ "$PITR_TARGET_INCLUSIVE" = false ] && [ "$PITR_MAJOR" = 15 ] && [ "$PITR_DATABASE" = app ]
) || miss "eval gives something else: $(cat out)"
done_with "--format shell can be evaluated"

run -q --before 'DROP TABLE public\.plain$' "$wal15"
command=$(setting restore_command)
sh -c "$(sed 's/%f/00000001000000000000000C/; s/%p/restored/' <<<"${command//\%f/%f}")" 2>/dev/null || miss "restore_command fails: $command"
gzip -dc "$wal15/00000001000000000000000C.gz" | cmp -s - restored || miss "restore_command restores something else"
if sh -c "$(sed 's/%f/0000000100000000000000FF/g; s/%p/restored2/g' <<<"$command")" 2>/dev/null; then
    miss "restore_command finds what is not there"
fi
done_with "the restore_command works"

run events -q "$wal15"
expect_status 0
head -1 out | grep -qE '^time +xid +database +rows +LSN +event$' || miss "header: $(head -1 out)"
run events -q --format json 'drop table public\.plain$' "$wal15"
# As bytes: a line begins with what a reader looks for.
expect_out '{"kind":"DROP TABLE","text":"DROP TABLE public.plain","database":{"oid":'"$(told pg15 drop_table_plain database_oid)"',"name":"app","name_source":"wal"}'
[ "$(wc -l <out)" -eq 1 ] || miss "not one line"
run events -q --format csv "$wal15"
head -1 out >header
echo commit_lsn,commit_end_lsn,time,timeline,xid,database_oid,database,schema_oid,schema,object_oid,object,relkind,filenode,rows,kind,prepared_gid,segment,text |
    cmp -s - header || miss "csv header: $(cat header)"
done_with "events as table, json and csv"

if command -v script >/dev/null; then
    run events -q "$wal15"
    cp out piped
    COLUMNS=50 run events -q "$wal15"
    cmp -s piped out || miss "COLUMNS changes what is piped"
    script -qec "COLUMNS=90 '$program' events -q '$wal15'" /dev/null </dev/null | tr -d '\r' >out
    [ "$(wc -l <out)" -eq "$(wc -l <piped)" ] || miss "$(wc -l <out) lines, not $(wc -l <piped)"
    [ "$(LC_ALL=C.UTF-8 wc -L <out)" -le 90 ] || miss "$(wc -L <out) columns"
    grep -q '\.\.\.$' out || miss "nothing is cut"
    ! grep -q ' $' piped || miss "the last column is padded"
    done_with "the table fits the terminal, and is whole where it is piped"
fi
TZ=Europe/Madrid run events -q 'drop table public\.plain$' "$wal15"
expect_out "local time"
expect_out "$(TZ=Europe/Madrid date -d "$(told pg15 drop_table_plain commit_time)" '+%Y-%m-%d %H:%M:%S %Z')"
done_with "the table has the local time beside UTC"

run events -q -j1 --format csv "$wal15"
mv out one
for jobs in 2 3 8; do
    run events -q -j$jobs --format csv "$wal15"
    cmp -s one out || miss "-j$jobs gives something else"
done
done_with "the number of threads changes nothing"

# ---- bad input ----------------------------------------------------------------------------------

mkdir plain empty text && echo hello >text/hello.txt
for file in "$wal15"/*.gz; do gzip -dc "$file" >"plain/$(basename "$file" .gz)"; done
segment=00000001000000000000000C

fails "an empty folder" "no WAL segments" --before drop empty
fails "a folder without WAL" "no WAL segments" --before drop text
fails "a text file" "not a WAL segment" --before drop text/hello.txt
fails "a source that is not there" "nowhere" --before drop ./nowhere
fails "events of an empty folder" "no WAL segments" events empty

cp -r plain order && for file in order/*; do printf '\xd1\x10' | dd of="$file" bs=1 conv=notrunc status=none; done
fails "the other byte order" "other byte order" --before drop order
cp -r plain magic && for file in magic/*; do printf '\x34\x12' | dd of="$file" bs=1 conv=notrunc status=none; done
fails "an unknown magic" "1234" --before drop magic
cp -r plain foreign && gzip -dc "$fixtures/pg16/wal/$segment.gz" >foreign/$segment
fails "a segment of another cluster" "several clusters" --before drop foreign

if [ "$(id -u)" -ne 0 ]; then
    cp -r plain unreadable && chmod 000 unreadable/$segment
    fails "an unreadable file" "Permission denied" --before drop unreadable
else
    # root may read everything but a link to itself
    cp -r plain unreadable && rm unreadable/$segment && ln -s $segment unreadable/$segment
    fails "an unreadable file" "$segment" --before drop unreadable
fi

# after_3 is dropped in a later segment, plain in an earlier one.
doubtful() { # doubtful NAME FOLDER PART-OF-THE-WARNING
    run --before 'DROP TABLE public\.after_3$' "$2"
    expect_status 3
    in_range "$(setting recovery_target_lsn)" pg15 "$(awk -F '\t' '$NF == "DROP TABLE public.after_3" { print $1 }' "$fixtures/pg15/expect.tsv")"
    expect_err "warning: "
    expect_err "$3"
    expect_err "recovery cannot get past"
    run -q --before 'DROP TABLE public\.after_3$' --format json "$2"
    expect_status 3
    expect_no_err
    expect_json "any(.warnings[]; contains(\"$3\"))" true
    run events -q "$2"
    expect_status 3
    run --before 'no such thing' "$2"
    expect_status 3
    expect_err "$3"
    done_with "$1"
}
cp -r plain cut && truncate -s 500000 cut/$segment
doubtful "a truncated segment" cut "$segment"
cp -r plain flipped && printf '\xff\xff\xff' | dd of=flipped/$segment bs=1 seek=500000 conv=notrunc status=none
doubtful "a bit-flipped segment" flipped "$segment"
cp -r plain gap && rm gap/$segment
doubtful "a missing segment" gap "$segment"
run -q --before drop --format json gap
expect_json .source.gaps '[{"timeline":1,"from":"0/C00000","until":"0/D00000"}]'
done_with "gaps are in the json"

mkdir partial && cp plain/* partial && mv partial/00000001000000000000000E partial/00000001000000000000000E.partial
run --before 'DROP TABLE public\.after_3$' --restore-command 'cp /archive/%f %p' partial
expect_status 0
expect_err "copy it to the name without .partial"
run --before 'DROP TABLE public\.after_3$' partial
expect_out "restore_command = 'pitr-find fetch \"%f\" \"%p\" \"$(pwd -P)/partial\"'"
expect_err "restore_command uses pitr-find itself"
if grep -q 'without .partial' err; then miss "told to copy a .partial that fetch serves"; fi
done_with "a segment that is only there as .partial"

# ---- wrong usage and other ends -----------------------------------------------------------------

fails "no arguments" "no SOURCE"
fails "nothing to look for" "--before REGEX" --database app "$wal15"
fails "half of a pattern" 'cannot open "TABLE": No such file or directory. It is taken as a SOURCE: is it a part of the pattern?' --before DROP TABLE "$wal15"
fails "a REGEX without a source" 'cannot open "drop": No such file or directory. It is taken as a SOURCE: is it the REGEX?' events drop
fails "half of a REGEX" 'cannot open "table": No such file or directory. It is taken as a SOURCE: is it a part of the REGEX? Quote that: pitr-find events "DROP TABLE orders"' events drop table "$wal15"
fails "a pattern without --before" 'It is taken as a SOURCE: is it what to look for? Say --before' 'DROP TABLE orders' "$wal15"
run help
expect_status 0
expect_out "Usage: pitr-find [target]"
run help events
expect_status 0
expect_out "Usage: pitr-find events"
done_with "help as a command"
fails "an unknown command" 'unknown command "undo-all"' undo-all "$wal15"
fails "an unknown option" "unknown option --no-such" --before drop --no-such x "$wal15"
fails "a bad pattern" "at offset" --before 'DROP (' "$wal15"
fails "a pattern that backtracks without end" "backtracks too much" --before '(?:\S|\S\S|\s)+[#@]' "$wal15"
fails "an error with a newline in it" "unknown option" $'--a\nb' "$wal15"

run --before 'no such table' "$wal15"
expect_status 1
expect_no_out
expect_err 'nothing matches "no such table"'
run -q --before 'no such table' "$wal15"
expect_status 1
expect_no_err
run --before-xid 4000000000 "$wal15"
expect_status 1
expect_err "transaction 4000000000 does not end in this WAL"
run --before-time 2100-01-01T00:00:00Z "$wal15"
expect_status 1
expect_err "the last one ends at 20"
run --before-lsn FF/0 "$wal15"
expect_status 1
expect_err "ends at 0/"
run --before-lsn 0/1 "$wal15"
expect_status 1
expect_err "begins at 0/"
done_with "nothing found: status 1 and a line that says so"

for command in "" target events; do
    # shellcheck disable=SC2086 # an empty command is no argument
    run $command --help
    expect_status 0
    expect_no_err
    expect_out "Usage: pitr-find"
    expect_out "--database NAME|OID"
done
run --version
expect_status 0
grep -qE '^pitr-find [0-9.]+ \(libwalparse [0-9.]+\)$' out || miss "$(cat out)"
done_with "--help and --version"

if [ -w /dev/full ]; then
    for args in "--before drop" events "events --format csv" --help; do
        status=0
        # shellcheck disable=SC2086 # several arguments
        "$program" $args -q "$wal15" >/dev/full 2>err || status=$?
        expect_status 2
        expect_err "cannot write"
    done
    done_with "a full disk"
fi

"$program" events -q "$wal15" 2>err | head -1 >out || true
[ -s out ] || miss "nothing was printed"
expect_no_err
done_with "a reader that goes away"

printf '%s\n' "DROP TABLE public.plain" >"--odd"
run -q --before 'DROP TABLE public\.plain$' -- "$wal15"
expect_status 0
done_with "-- ends the options"

[ "$failures" -eq 0 ]
