#!/bin/bash
# Proves that `pitr-find watch` tells each event once and none too few, as soon as its WAL is there, however its folder grows; that hooks
# cannot hold it up, and that what goes wrong is one line.
#
# The right events are those of tests/fixtures/pg15/expect.tsv, which the server told; all else of their lines is held against `events` of the
# whole archive.
#
#   tests/cli/watch.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

unpack pg15 plain
name() { printf '0000000100000000000000%02X' "$1"; } # of segment 0xB to 0x11, of 1 MB each
first=0/B00000
"$program" events --format json plain >events.json
total=$(wc -l <events.json)
[ "$total" -gt 500 ] || miss "only $total events"
done_with 'there is something to tell'

# watch ARG...: in the background, from here on
watch() {
    : >out
    "$program" watch "$@" >out 2>err </dev/null &
    watcher=$!
    children=("$watcher")
}
wait_for() { # wait_for WHAT COMMAND...: until it succeeds, or two minutes are over
    local what=$1 end=$((SECONDS + 120))
    shift
    until "$@" 2>/dev/null; do
        [ "$SECONDS" -lt "$end" ] || {
            miss "no $what in time: $(wc -l <out) lines, $(head -c 900 err)"
            return 0
        }
        sleep 0.05
    done
}
has_lines() { [ "$(wc -l <"${2:-out}")" -ge "$1" ]; }
has_events_up_to() { has_lines "$(before "$1")"; }
is_told() { grep -qF -- "$1" err; }
is_gone() { ! kill -0 "$watcher"; }
ends() { # ends SIGNAL: sends it; the status is in $status
    kill -"$1" "$watcher"
    ends_alone
}
ends_alone() {
    wait_for end is_gone
    status=0
    wait "$watcher" || status=$?
    children=()
}
# before SEGMENT: how many events are of transactions whose commit record ends before it
before() {
    jq -r .commit_end_lsn events.json | awk -v to="$(printf '%08X' $(($1 << 20)))" '
        { split($1, part, "/"); if (substr("00000000" part[2], length(part[2]) + 1) <= to) n++ } END { print n + 0 }'
}
as_events() { jq -c 'del(.id, .certain, .destructive, .target)' "$1"; }
# expect_events FILE N: the first N events, each once and in order
expect_events() {
    as_events "$1" | cmp -s - <(head -n "$2" events.json) ||
        miss "not the first $2 events: $(as_events "$1" | diff - <(head -n "$2" events.json) | head -n 4 | cut -c1-300)"
}
watch_all=(--format json --from-lsn "$first" -q)

# ---- the events -------------------------------------------------------------------------------

run watch "${watch_all[@]}" --to-lsn 0/11FFFFF plain
expect_status 0
expect_no_err
expect_events out "$total"
[ -z "$(jq -r .id out | sort | uniq -d)" ] || miss 'an id is there twice'
done_with 'all that an archive has, up to --to-lsn'

# What the server said was dropped, by xid and name, with a target between the statement's begin and its end.
awk -F '\t' 'NR > 1 && $14 == "DROP TABLE" { print $4 "\t" $15 }' "$fixtures/pg15/expect.tsv" | sort -u >dropped.txt
jq -r 'select(.kind == "DROP TABLE") | "\(.xid)\t\(.text)"' out | sort -u >told.txt
[ "$(comm -23 dropped.txt told.txt | wc -l)" -eq 0 ] || miss "not told: $(comm -23 dropped.txt told.txt | head -n 3)"
[ "$(wc -l <dropped.txt)" -gt 50 ] || miss 'nothing was dropped'
jq -r 'select(.kind == "DROP TABLE" and (.target == null or .target.lsn != .commit_lsn or .target.inclusive
    or .target.settings.recovery_target_lsn != .commit_lsn or .target.settings.recovery_target_inclusive != "false"
    or .target.settings.recovery_target_timeline != "1" or .destructive != true)) | .text' out >wrong.txt
[ ! -s wrong.txt ] || miss "another target: $(head -n 3 wrong.txt)"
jq -r 'select(.kind == "CREATE TABLE" and (.target != null or .destructive)) | .text' out >wrong.txt
[ ! -s wrong.txt ] || miss "a target for nothing: $(head -n 3 wrong.txt)"
done_with 'each DROP TABLE comes with its target'

run watch "${watch_all[@]}" --to-lsn 0/11FFFFF 'DROP TABLE public' plain
expect_status 0
as_events out | cmp -s - <(jq -c 'select(.text | test("drop table public"; "i"))' events.json) || miss 'not those that match'
run watch -q --from-lsn "$first" --to-lsn 0/11FFFFF --database second_db 'DROP TABLE' plain
expect_status 0
[ "$(grep -c 'DROP TABLE' out)" -eq 2 ] || miss "$(cat out)"
expect_out "recovery_target_lsn = '0/B31F98', recovery_target_inclusive = 'false', recovery_target_timeline = '1'"
[ "$(head -n 1 out | tr -s ' ')" = 'time xid database rows LSN event' ] || miss "$(head -n 1 out)"
in_range 0/B31F98 pg15 drop_table_in_second_db
done_with 'a REGEX and other filters; a table'

# What lies before is not read, and gives no names, nor does what comes later.
mkdir late
for segment in 14 15 16 17; do cp "plain/$(name $segment)" late; done
"$program" events -q --format json late >late.json || true
run watch --format json -q --to-lsn 0/11FFFFF --from-lsn 0/E00000 plain
expect_status 3
cp out out.late
# expect_late: the tables that were dropped. Of what else there is `events` knows more names: it goes through all WAL once more
# with what it has learnt.
dropped() { jq -r 'select(.kind == "DROP TABLE") | "\(.xid) \(.commit_lsn) \(.text)"' "$1"; }
expect_late() { dropped out | cmp -s - <(dropped late.json) || miss "other drops: $(dropped out | diff - <(dropped late.json) | head -n 4)"; }
[ "$(dropped late.json | wc -l)" -gt 3 ] || miss "$(wc -l <late.json) events"
expect_late
done_with 'from now on, where nothing else is said'

# ---- what is missing --------------------------------------------------------------------------

mkdir holes
for segment in 11 12 14 15 16 17; do cp "plain/$(name $segment)" holes; done
touch holes/archive_status 2>/dev/null || true
rm holes/archive_status
mkdir holes/archive_status
run watch "${watch_all[@]}" --to-lsn 0/11FFFFF holes
expect_status 3
done_with 'WAL that a server removed before it was read'

mkdir damaged
for segment in 11 12 13 14 15 16 17; do cp "plain/$(name $segment)" damaged; done
dd if=/dev/zero of="damaged/$(name 11)" bs=1 count=300 seek=500000 conv=notrunc status=none
run watch --format json --from-lsn "$first" --to-lsn 0/11FFFFF damaged
expect_status 3
expect_err 'cannot be read'
[ "$(wc -l <out)" -gt $((total / 2)) ] || miss "only $(wc -l <out) events"
done_with 'damage is told, and reading goes on'

# ---- where lines go ---------------------------------------------------------------------------

run watch "${watch_all[@]}" --to-lsn 0/11FFFFF --output lines.json plain
expect_status 0
expect_no_out
expect_events lines.json "$total"
run watch "${watch_all[@]}" --to-lsn 0/B40000 --output lines.json plain
[ "$(wc -l <lines.json)" -gt "$total" ] || miss 'nothing was appended'
done_with '--output'

status=0
"$program" watch "${watch_all[@]}" --to-lsn 0/11FFFFF plain >/dev/full 2>err || status=$?
: >out
expect_error 'cannot write the result: No space left on device'
run watch "${watch_all[@]}" --to-lsn 0/11FFFFF --output /dev/full plain
expect_error 'cannot write "/dev/full": No space left on device'
run watch "${watch_all[@]}" --output nowhere/lines plain
expect_error 'cannot open "nowhere/lines": No such file or directory'
status=0
"$program" watch "${watch_all[@]}" plain >&- 2>err || status=$?
: >out
expect_error 'standard output is closed'
done_with 'a full disk, a closed stdout'

# A reader that goes away is noticed, though nothing is told.
mkfifo pipe
"$program" watch --format json plain >pipe 2>err </dev/null &
watcher=$!
children=("$watcher")
exec 3<pipe
wait_for start is_told 'watching from'
exec 3<&-
ends_alone
expect_status 2
expect_err 'cannot write the result: Broken pipe'
done_with 'a reader that goes away'

# ---- hooks ------------------------------------------------------------------------------------

cat >hook.sh <<'END'
#!/bin/bash
cat >>seen.json
printf '%s|%s|%s|%s|%s|%s|%s|%s|%s\n' "$PITR_ID" "$PITR_KIND" "$PITR_XID" "$PITR_DATABASE" "$PITR_OBJECT" "$PITR_COMMIT_LSN" "$PITR_TIMELINE" "$PITR_TARGET_LSN" "$1" >>seen.txt
echo "a word of the hook"
END
chmod +x hook.sh
run watch "${watch_all[@]}" --to-lsn 0/C00000 'DROP TABLE' plain --exec ./hook.sh 'an argument; with --help'
expect_status 0
n=$(wc -l <out)
[ "$n" -gt 20 ] || miss "$n events"
cmp -s out seen.json || miss 'a hook got other events'
jq -r '"\(.id)|\(.kind)|\(.xid)|\(.database.name)|\(.schema.name).\(.object.name)|\(.commit_lsn)|\(.timeline)|\(.target.lsn)|an argument; with --help"' out |
    cmp -s - seen.txt || miss "variables: $(head -n 2 seen.txt)"
[ "$(grep -c '^a word of the hook$' err)" -eq "$n" ] || miss 'what a hook prints goes to stderr'
expect_not_out 'a word'
done_with 'a hook for each event, in order, with the event and its variables'

# More events than may wait: reading pauses, and none is lost.
rm -f count
run watch "${watch_all[@]}" --to-lsn 0/11FFFFF plain --exec /bin/sh -c 'echo >>count'
expect_status 0
expect_events out "$total"
[ "$(wc -l <count)" -eq "$total" ] || miss "$(wc -l <count) hooks, not $total"
done_with 'more hooks than may wait'

run watch "${watch_all[@]}" --to-lsn 0/B60000 'DROP TABLE' plain --exec /bin/sh -c '[ "$PITR_XID" != 755 ] || exit 3; [ "$PITR_XID" != 756 ] || kill -9 $$'
expect_status 0
expect_err '"/bin/sh" for event 1/0/B43C80/2 ended with status 3'
expect_err 'was ended by signal 9'
done_with 'hooks that fail are told, and the others run'

run watch "${watch_all[@]}" --to-lsn 0/B60000 'DROP TABLE' plain --exec ./no-such-hook
expect_status 0
expect_err 'cannot run "./no-such-hook" for event'
done_with 'a hook that is not there'

# It hangs, ignores SIGTERM and leaves something behind that hangs as well.
cat >hang.sh <<'END'
#!/bin/bash
trap '' TERM
sleep 600 &
echo $! >>left.txt
wait
sleep 600
END
chmod +x hang.sh
began=$SECONDS
run watch "${watch_all[@]}" --to-lsn 0/B30000 'CREATE TABLE' plain --exec-timeout 1 --exec ./hang.sh
expect_status 0
n=$(wc -l <out)
[ "$n" -ge 1 ] && [ "$(grep -c 'took longer than 1 s, and was ended' err)" -eq "$n" ] || miss "$n events: $(cat err)"
[ $((SECONDS - began)) -ge $((n * 6)) ] || miss "it took $((SECONDS - began)) s"
is_over() { ! grep -q '^State:[[:space:]]*[^ZX]' "/proc/$1/status"; }
while read -r left; do wait_for "end of process $left" is_over "$left"; done <left.txt
done_with 'a hook that hangs is ended, with what it left behind'

# ---- restarts ---------------------------------------------------------------------------------

# Killed again and again while its folder grows: each line is there once.
mkdir killed
cp "plain/$(name 11)" killed
(
    for segment in 12 13 14 15 16 17; do
        for part in 0 1 2 3 4 5 6 7; do
            dd if="plain/$(name $segment)" bs=131072 skip=$part count=1 status=none >>"killed/$(name $segment)"
            sleep 0.05
        done
    done
) &
feeder=$!
kills=0
while kill -0 "$feeder" 2>/dev/null || [ "$kills" -lt 12 ]; do
    "$program" watch "${watch_all[@]}" --state state --output lines.once killed 2>>killed.err </dev/null &
    watcher=$!
    children=("$feeder" "$watcher")
    sleep "0.$((kills % 4 + 1))"
    kill -9 "$watcher"
    wait "$watcher" 2>/dev/null || true
    kills=$((kills + 1))
done
children=()
[ ! -s killed.err ] || miss "$(head -n 3 killed.err)"
run watch "${watch_all[@]}" --state state --output lines.once --to-lsn 0/11FFFFF killed
expect_status 0
expect_no_err
expect_events lines.once "$total"
run watch "${watch_all[@]}" --state state --output lines.once --to-lsn 0/11FFFFF killed
expect_status 0
expect_events lines.once "$total"
done_with 'killed a dozen times, nothing is missed and nothing told twice'

# A hook that was not done is done again, its line is not.
rm -f seen.txt
cat >slow.sh <<'END'
#!/bin/bash
echo "begin $PITR_ID" >>seen.txt
sleep 0.15
echo "end $PITR_ID" >>seen.txt
END
chmod +x slow.sh
for _ in 1 2 3 4 5 6; do
    "$program" watch "${watch_all[@]}" --state hooks.state --output lines.hooks --to-lsn 0/B60000 'DROP TABLE' plain --exec ./slow.sh 2>>killed.err </dev/null &
    watcher=$!
    children=("$watcher")
    sleep 0.4
    kill -9 "$watcher"
    wait "$watcher" 2>/dev/null || true
done
run watch "${watch_all[@]}" --state hooks.state --output lines.hooks --to-lsn 0/B60000 'DROP TABLE' plain --exec ./slow.sh
expect_status 0
"$program" watch "${watch_all[@]}" --to-lsn 0/B60000 'DROP TABLE' plain >wanted.json
cmp -s lines.hooks wanted.json || miss 'other lines'
[ "$(wc -l <wanted.json)" -gt 4 ] || miss 'too few events'
jq -r .id wanted.json | cmp -s - <(sed -n 's/^end //p' seen.txt | awk '!seen[$0]++') || miss "hooks: $(cat seen.txt)"
done_with 'over kill -9 no hook is left out'

# A second one of the same state, and one that is none.
watch --format json --state state --output lines.once killed
wait_for begin grep -q 'watching from' err
status=0
timeout 60 "$program" watch "${watch_all[@]}" --state state --output lines.twice killed >out2 2>err2 </dev/null || status=$?
[ "$status" -eq 2 ] && [ "$(wc -l <err2)" -eq 1 ] || miss "status $status: $(head -n 2 err2)"
ends TERM
expect_status 0
echo 'no state' >other.state
run watch "${watch_all[@]}" --state other.state killed
expect_error 'other.state'
done_with 'a state has one reader, and is one'

# ---- metrics ----------------------------------------------------------------------------------

fetch() { # fetch PORT REQUEST [HEADER]...
    exec 4<>"/dev/tcp/127.0.0.1/$1" || return 1
    printf '%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n' "$2" "${3:-}" >&4
    timeout 20 cat <&4
    exec 4<&-
}
port=$((20000 + $$ % 20000))
if "$program" watch --listen 127.0.0.1:$port --to-lsn 0/1 plain 2>&1 | grep -q 'built without'; then
    echo 'ok - metrics # SKIP this build has no libmicrohttpd'
else
    mkdir served
    cp "plain/$(name 11)" served
    watch "${watch_all[@]}" --listen "127.0.0.1:$port" served
    wait_for 'events of the first segment' has_events_up_to 12
    fetch "$port" 'GET /metrics' >answer
    grep -q '^HTTP/1.1 200' answer || miss "$(head -n 1 answer)"
    n=$(head -n "$(wc -l <out)" out | jq -r 'select(.kind == "DROP TABLE") | .id' | wc -l)
    grep -q "^pitr_watch_events_total{kind=\"DROP TABLE\"} $n" answer || miss "no $n DROP TABLE: $(grep DROP answer)"
    grep -q '^pitr_watch_connected 1' answer || miss 'not connected'
    grep -q '^pitr_watch_wal_bytes_total 1048576' answer || miss "$(grep bytes answer)"
    grep -q "^pitr_watch_position_lsn $((12 << 20))" answer || miss "$(grep position answer)"
    grep -q '^pitr_watch_timeline 1' answer || miss 'no timeline'
    fetch "$port" 'GET /metrics' $'Accept: application/openmetrics-text; version=1.0.0\r\n' >answer
    grep -q '^# EOF' answer || miss 'no OpenMetrics'
    fetch "$port" 'GET /healthz' >answer
    grep -q '^HTTP/1.1 200' answer || miss "$(head -n 1 answer)"
    fetch "$port" 'GET /else' >answer
    grep -q '^HTTP/1.1 404' answer || miss "$(head -n 1 answer)"
    fetch "$port" 'DELETE /metrics' >answer
    grep -q '^HTTP/1.1 405' answer || miss "$(head -n 1 answer)"
    # Who connects and says nothing does not keep others out for long.
    cp "plain/$(name 12)" served
    wait_for 'events of the second segment' has_events_up_to 13
    ends TERM
    expect_status 0
    done_with 'metrics over HTTP'
    fails 'an address nobody can listen on' 'cannot listen on 203.0.113.7:9899: ' watch -q --listen 203.0.113.7:9899 plain
    fails 'no address' '--listen takes an address and a port like 127.0.0.1:9899 (not "9899")' watch -q --listen 9899 plain
fi

# ---- systemd ----------------------------------------------------------------------------------

cat >listen.py <<'END'
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
open("bound", "w").close()
s.settimeout(60)
seen = set()
while not {"READY=1", "WATCHDOG=1", "STOPPING=1"} <= seen:
    word = s.recv(1000).decode()
    seen.add(word)
    print(word, flush=True)
END
python3 listen.py "$work/notify" >notes &
listener=$!
wait_for socket test -e bound
NOTIFY_SOCKET=$work/notify WATCHDOG_USEC=400000 "$program" watch --format json -q plain >out 2>err </dev/null &
watcher=$!
children=("$watcher" "$listener")
wait_for 'sign of life' grep -q '^WATCHDOG=1' notes
ends TERM
wait "$listener" || miss 'systemd was not told all'
expect_status 0
head -n 1 notes | grep -qx 'READY=1' || miss "$(cat notes)"
grep -q '^STATUS=reading at 0/12' notes || miss "$(cat notes)"
done_with 'systemd is told'

# ---- the command line -------------------------------------------------------------------------

fails 'no SOURCE' 'no SOURCE: name the folder of the WAL, or a connection string' watch
fails 'a folder that is not there' 'cannot open "nowhere": there is no such folder' watch nowhere
fails 'two folders' 'watch takes one SOURCE, after the REGEX (not "whole")' watch plain whole
fails 'a slot of a folder' '--slot is one of a server' watch --slot s plain
fails 'a slot without a name' '--create-slot needs the slot' watch --create-slot host=x
fails 'a limit of no hook' '--exec-timeout is for a hook' watch --exec-timeout 3 plain
fails 'no hook' '--exec needs a value: CMD [ARG]...' watch plain --exec
fails 'a guard that is not' '--on, --guard-rows and --dry-run are for a standby' watch --dry-run plain
fails 'a pattern that is none' 'bad pattern "("' watch -q '(' plain
fails 'WAL of another cluster' 'system identifier' watch -q --system-id 5 plain
