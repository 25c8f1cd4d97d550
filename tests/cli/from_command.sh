#!/bin/bash
# Proves that an archive read through a restore_command gives the events of the same files in a folder; that the
# command is run as a server runs it, a few segments ahead and no more; that nothing of it stays, however it ends;
# and what is an end of WAL and what an error.
#
#   tests/cli/from_command.sh [PITR_FIND]        (default build/pitr-find)
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

demo=$root/tests/fixtures/demo/wal
mkdir tmp && export TMPDIR=$work/tmp

# ---- helpers ------------------------------------------------------------------------------------

run() { # run ARG...: to the files out and err; nothing may be left in TMPDIR
    status=0
    timeout -k 5 600 "$program" "$@" >out 2>err || status=$?
    [ -z "$(ls tmp)" ] || miss "left in TMPDIR: $(find tmp | head -3)"
}

mkdir plain
for file in "$demo"/*.gz; do gzip -dc "$file" >"plain/$(basename "$file" .gz)"; done
first=$(find plain -type f -printf '%f\n' | sort | head -n 1)
last=$(find plain -type f -printf '%f\n' | sort | tail -n 1)
from=0/${first: -1}00000
c=00000001000000000000000C

# ---- the same events ----------------------------------------------------------------------------

for format in csv json table; do
    for jobs in 1 2 7; do
        run events -q -j$jobs --format $format --from-command 'cp plain/%f %p' --from-lsn "$from"
        expect_status 0
        "$program" events -q --format $format plain >wanted
        [ -s wanted ] && cmp -s wanted out || miss "other events as $format, -j$jobs: $(diff wanted out | head -3)"
    done
done
run events -q --format csv --from-command "gzip -dc '$demo/%f.gz' >\"%p\"" --from-lsn "$from" 'DROP TABLE'
"$program" events -q --format csv 'DROP TABLE' plain >wanted
cmp -s wanted out || miss "other events with a pattern"
run events -q --format csv --from-command "cp $demo/%f.gz %p" --from-lsn "$from" 'DROP TABLE'
cmp -s wanted out || miss "other events of packed files"
done_with "events are those of the folder, whatever the format, the threads and the packing"

run --before 'DROP TABLE public\.orders$' --format json --from-command 'cp plain/%f "%p"' --from-lsn "$from"
expect_status 0
rest='del(.target.settings.restore_command, .alternatives[].settings.restore_command, .warnings)'
json_value "$rest" -S out >got
"$program" -q --before 'DROP TABLE public\.orders$' --format json plain | json_value "$rest" -S >wanted
cmp -s wanted got || miss "another target: $(diff wanted got | head -5)"
expect_json .target.settings.restore_command 'cp plain/%f "%p"'
done_with "the target is that of the folder, and the command its restore_command"

# ---- how it is run ------------------------------------------------------------------------------

cat >spy <<'SCRIPT'
#!/bin/bash
# spy NAME PATH: notes names, and how many segments lie there
echo "$1" >>names
ls "$(dirname "$2")" | grep -c '^[0-9]*$' >>counts
cp "plain/$1" "$2"
SCRIPT
chmod +x spy
run events -q -j2 --from-command './spy %f %p 2>/dev/null' --from-lsn "$from"
expect_status 0
[ "$(sort counts -n | tail -n 1)" -le 9 ] || miss "$(sort -n counts | tail -n 1) files at once"
[ "$(grep -c "^$c\$" names)" -ge 1 ] || miss "$c was not asked for"
if grep -vqxE '[0-9A-F]{24}|[0-9A-F]{8}\.history' names; then miss "names: $(grep -vxE '[0-9A-F]{24}' names | head -3)"; fi
rm -f names counts
run events -q -j1 --from-command './spy %f %p 2>/dev/null' --from-lsn 0/B00000 --to-lsn 0/BF0000
expect_status 0
if grep -qx "$last" names; then miss "$last was fetched for --to-lsn 0/B10000"; fi
done_with "a few segments at once, by name, and none behind --to-lsn"

# shellcheck disable=SC2016 # for the shell that runs it
run events -q --format csv --from-command 'test %% = "%%" && test %r = %f && test -z "$(cat)" && echo noise && echo noise >&2 && cp plain/%f %p' --from-lsn "$from"
"$program" events -q --format csv plain >wanted
cmp -s wanted out || miss "other events: $(head -c 300 err)"
[ ! -s err ] || miss "stderr: $(head -c 300 err)"
mkdir "tmp/a b" && TMPDIR="$work/tmp/a b" run events --from-command 'cp plain/%f %p' --from-lsn "$from" || true
expect_status 2
expect_err "set TMPDIR to a folder with a plain name"
[ -z "$(ls "tmp/a b")" ] || miss "left: $(ls "tmp/a b")"
rm -rf "tmp/a b" && why=${why//# left in TMPDIR: tmp*$'\n'/}
done_with "%f, %p, %r and %% as a server writes them; no input, and no output of the command"

# ---- where to begin -----------------------------------------------------------------------------

printf 'START WAL LOCATION: 0/C00028 (file %s)\nCHECKPOINT LOCATION: 0/C00060\nSTART TIMELINE: 1\n' $c >$c.00000028.backup
run events -q --format csv --from-command 'cp plain/%f %p' $c.00000028.backup
"$program" events -q --format csv plain/$c plain/*D >wanted
expect_status 0
[ "$(wc -l <out)" -gt 3 ] || miss "$(wc -l <out) lines"
[ "$(tail -n 1 out | cut -d, -f1-3)" = "$(tail -n 1 wanted | cut -d, -f1-3)" ] || miss "another last event"
run events --from-command 'cp plain/%f %p'
expect_error "--from-command needs a place to begin"
run events --from-command 'cp plain/%f there' --from-lsn "$from"
expect_error "--from-command needs %p"
run events --from-command 'cp plain/%f %p' --from-lsn 7/C00000
expect_error "the command has no segment with 7/C00000: the command for 000000010000000700000000 ended with status 1: cp: cannot stat"
done_with "it begins at --from-lsn or a .backup file, and says so where there is nothing"

# Segments of 16 MB are tried first: what has the name of one may be another segment, of the size that it says.
mkdir small && gzip -dc "$fixtures/pg15/wal/000000010000000000000010.gz" >small/000000010000000000000010
run events --from-command 'cp small/%f %p' --from-lsn 0/10000028
expect_error "the command has no segment with 0/10000028"
cp small/000000010000000000000010 small/000000010000000000000100
for ((page = 0; page < 128; page++)); do poke small/000000010000000000000100 $((page * 8192 + 11)) '\020'; done # 0/1xxxxxx -> 0/10xxxxxx
run events --from-command 'cp small/%f %p' --from-lsn 0/10000028
[ "$status" -ne 2 ] || miss "status 2: $(cat err)"
expect_not_err 'holds the WAL of'
done_with "a segment under the name that another size gives is no reason to stop"

mkdir branch && cp plain/*B plain/*C branch && printf '1\t0/E00000\tno recovery target specified\n' >branch/00000002.history
for file in plain/*D; do cp "$file" "branch/00000002${file:14}"; done
run events -q --format csv --from-command 'cp branch/%f %p' --from-lsn "$from"
expect_status 0
"$program" events -q --format csv branch >wanted
[ -s wanted ] && cmp -s wanted out || miss "other events: $(diff wanted out | head -3)"
run events -q --format csv --timeline 1 --from-command 'cp branch/%f %p' --from-lsn "$from"
"$program" events -q --format csv --timeline 1 branch >wanted
cmp -s wanted out || miss "other events of timeline 1: $(diff wanted out | head -3)"
run events --timeline 7 --from-command 'cp branch/%f %p' --from-lsn "$from"
expect_error "the command has no 00000007.history"
done_with "history files are fetched, and the timeline followed is that of the folder"

# The servers of this fixture were sent to each of its timelines; latest found 3.
unpack timelines17 three
for label in before_fork on_second on_third; do
    run --before "DROP TABLE public\.$label\$" --from-command 'cp three/%f %p' three/00000001000000000000000A.00000028.backup
    expect_status 0
    in_range "$(setting recovery_target_lsn)" timelines17 $label
    expect_err 'would follow timeline 3, '
    expect_not_err 'no 00000002.history'
    expect_not_err 'hidden from latest'
    expect_not_err 'not from this archive'
    run --before "DROP TABLE public\.$label\$" --timeline 3 --format json --from-command 'cp three/%f %p' --from-lsn 0/A00028
    expect_json 'key("restorable") != false' true
done
done_with "history files of the ancestors are fetched too: a server can be sent there"
run --before 'DROP TABLE public\.on_first$' --from-command 'cp three/%f %p' --from-lsn 0/A00028
expect_status 1
expect_err '--timeline 2, --timeline 1: other timelines than 3 were not searched'
run --before 'DROP TABLE public\.on_first$' --timeline 1 --from-command 'cp three/%f %p' --from-lsn 0/A00028
expect_status 0
in_range "$(setting recovery_target_lsn)" timelines17 on_first
run --before 'DROP TABLE public\.on_first$' --timeline 3 --from-command 'cp three/%f %p' --from-lsn 0/A00028
expect_status 1
expect_not_err 'other timelines'
run --before 'no such table' --from-command 'cp plain/%f %p' --from-lsn "$from"
expect_status 1
expect_not_err 'other timelines'
done_with "where nothing matches, the timelines that were not searched are named"
for text in missing junk; do
    rm three/00000002.history
    [ $text = missing ] || echo 'NoSuchKey' >three/00000002.history
    run --before 'DROP TABLE public\.on_second$' --timeline 3 --from-command 'cp three/%f %p' --from-lsn 0/A00028
    expect_err 'restorable  not from this archive'
    if [ $text = junk ]; then expect_err 'what is in 00000002.history is not a history'; else expect_err 'there is no 00000002.history'; fi
    run --before 'DROP TABLE public\.on_third$' --timeline 3 --from-command 'cp three/%f %p' --from-lsn 0/A00028
    expect_not_err 'restorable  not'
    touch three/00000002.history
done
done_with "an ancestor's history that is missing, or none"

# ---- how it ends --------------------------------------------------------------------------------

cp -r plain gap && rm gap/$c
run events -q --format csv --from-command 'cp gap/%f %p' --from-lsn "$from"
expect_status 0
"$program" events -q --format csv "plain/$first" plain/*B >wanted
[ "$(tail -n 1 out | cut -d, -f1-3)" = "$(tail -n 1 wanted | cut -d, -f1-3)" ] || miss "it goes on behind the first that is missing"
done_with "the first segment that is not there is the end of WAL"

run events -q --format csv --from-command "test %f = $c || cp plain/%f %p" --from-lsn "$from"
expect_status 0
[ -s wanted ] && [ "$(tail -n 1 wanted | cut -d, -f1-3)" = "$(tail -n 1 out | cut -d, -f1-3)" ] || miss "it goes on, or ends earlier"
run events --from-command 'true %f %p' --from-lsn "$from"
expect_error "the command for 00000001"
expect_err "ended well, but left no file at %p"
done_with "a command that ends well and leaves no file does not have it, as for a server"

for how in 'kill -9 $$' 'exit 126' 'no-such-command-here' "mkdir %p"; do
    run events --from-command "test %f != $c || { $how; exit; }; cp plain/%f %p" --from-lsn "$from"
    case $how in
    kill*) expect_error "the command for $c was ended by signal 9" ;;
    exit*) expect_error "the command for $c ended with status 126" ;;
    no-such*) expect_error "the command for $c ended with status 127" ;;
    mkdir*) expect_error "the command for $c ended well, but left no file at %p" ;;
    esac
done
run events --from-command 'kill -TERM $$ # %f %p' --from-lsn "$from"
expect_error "the command for 00000002.history was ended by signal 15"
run events --from-command 'printf noise > %p # %f' --from-lsn "$from" --timeline 1
expect_error "is not a WAL segment"
run events --from-command "test %f != $c || exec head -c 300000 plain/%f >%p; cp plain/%f %p" --from-lsn "$from"
expect_status 3
expect_err "the file ends early, at 0/C4"
done_with "a signal, a status above 125, no file, no WAL: an error; a cut file: status 3"

foreign=("$root"/tests/fixtures/pg15/wal/*.gz)
run events --from-command "test %f != $c || { gzip -dc ${foreign[0]} >%p; exit; }; cp plain/%f %p" --from-lsn "$from"
expect_error "the command gives segments of several clusters"
run events --system-id 4711 --from-command 'cp plain/%f %p' --from-lsn "$from"
expect_error "the command gives WAL of the cluster with system identifier"
done_with "segments of another cluster are an error"

for signal in TERM INT HUP; do
    ("$program" events --from-command 'cp plain/%f %p; echo $$ >>pids; sleep 77' --from-lsn "$from" >out 2>err & echo $! >pid; wait $! || echo $? >status_of) 2>/dev/null &
    for ((i = 0; i < 600; i++)); do { [ -s pids ] && [ -s pid ]; } && break; sleep 0.1; done
    [ -n "$(ls tmp)" ] || miss "no folder yet"
    # A shell in the background has its children ignore SIGINT.
    if [ "$signal" = INT ]; then signal=TERM; fi
    kill -$signal "$(cat pid)"
    wait
    [ "$(cat status_of)" -gt 128 ] || miss "status $(cat status_of)"
    [ -z "$(ls tmp)" ] || miss "left after SIG$signal: $(find tmp | head -3)"
    # (One that ended may wait for whoever inherits it.)
    while read -r pid; do
        for ((i = 0; i < 100; i++)); do grep -qs '^State:.[^ZX]' "/proc/$pid/status" || break; sleep 0.1; done
        [ "$i" -lt 100 ] || miss "the command still runs after SIG$signal"
    done <pids
    rm -f pids pid
done
done_with "a signal ends the commands, and the folder goes away"

mkdir more && cat >deep <<'SCRIPT'
#!/bin/bash
# deep NAME PATH: leaves files of its own beside, as wal-g's prefetch does
mkdir -p "$(dirname "$2")/.wal-g/prefetch/running" && touch "$(dirname "$2")/.wal-g/prefetch/$1"
cp "plain/$1" "$2"
SCRIPT
chmod +x deep
run events -q --from-command './deep %f %p' --from-lsn "$from"
expect_status 0
done_with "what the command leaves beside is removed too"

"$program" --help >out
expect_out '--from-command CMD'
done_with "--help"

[ "$failures" -eq 0 ]
