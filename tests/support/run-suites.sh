#!/bin/bash
# Runs test suites and counts their TAP lines.
#
#   run-suites.sh [-v] [-t SECONDS] [-m KILOBYTES] -o FOLDER 'COMMAND ARG...'...
#
# Each suite has SECONDS (300) and, with -m, each of its processes so many addresses: a thread on every processor
# reserves 150 MB of them, so each processor after the fourth brings that.
# Its output goes to FOLDER/<name>.tap; as many run at once as there are processors.
# A suite that ends with a failure no TAP line tells of (a crash, a time-out), that prints no
# test line at all, or another number of them than its plan (1..N) says, counts as one failed
# test more; so does a sanitizer's report, even if the suite threw it away. Failed suites are shown
# in full, -v shows all of them as they run. The last line is `N passed, N failed, N skipped`; the
# status is 1 if any failed.
set -euo pipefail

verbose='' limit=300 memory='' folder=''
while getopts vt:m:o: option; do
    case $option in
    v) verbose=1 ;;
    t) limit=$OPTARG ;;
    m) memory=$OPTARG ;;
    o) folder=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ -n "$folder" ] || { echo "run-suites.sh: -o FOLDER is missing" >&2; exit 2; }

test_line='^[[:space:]]*(not )?ok\b'
# cmocka writes a skipped test as `not ok 2 # SKIP name`.
skipped_line='^[[:space:]]*(ok\b.*|not ok [0-9]+ )# *SKIP'

# The sum of a suite's plans, or nothing where it prints none.
planned() { sed -nE 's/^[[:space:]]*1\.\.([0-9]+)[[:space:]]*$/\1/p' "$1" | awk '{ n += $1 } END { if (NR) print n }'; }

count() { grep -acE "$1" "$2" || true; }
count_failed() { grep -avE "$skipped_line" "$1" | grep -acE '^[[:space:]]*not ok\b' || true; }

# A suite's name: its program's file name, and for a replay nothing more is needed.
name_of() {
    local words
    read -ra words <<<"$1"
    basename "${words[0]}" .sh
}

run_suite() {
    local command=$1 name tap status=0 words failed lines plan report
    name=$(name_of "$command")
    tap=$folder/$name.tap
    read -ra words <<<"$command"
    # Sanitizers get a status of their own, since 1 says `nothing matched`; and AddressSanitizer a
    # file, since a suite may throw standard error away. (The UBSan of gcc only knows the status.)
    local -x ASAN_OPTIONS="exitcode=99:log_path=$folder/$name.report"
    local -x UBSAN_OPTIONS="print_stacktrace=1:$ASAN_OPTIONS" LSAN_OPTIONS=exitcode=99
    # Standard input is empty everywhere, as it is in CI.
    if [ -n "$verbose" ]; then
        CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 10 "$limit" "${words[@]}" </dev/null 2>&1 |
            tee "$tap" || status=$?
    else
        CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 10 "$limit" "${words[@]}" </dev/null >"$tap" 2>&1 ||
            status=$?
    fi
    # A crash may leave a line without its end.
    [ -z "$(tail -c 1 "$tap" | tr -d '\0')" ] || echo >>"$tap"
    for report in "$folder/$name".report.*; do
        [ -e "$report" ] || continue
        { echo "not ok - $name: a sanitizer reports"; sed 's/^/# /' "$report"; } >>"$tap"
    done
    failed=$(count_failed "$tap")
    lines=$(count "$test_line" "$tap")
    plan=$(planned "$tap")
    if [ "$status" -ge 124 ]; then
        echo "not ok - $name: ended by a crash or time-out (status $status)" >>"$tap"
    elif [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        echo "not ok - $name: exit status $status without a failed test" >>"$tap"
    elif [ "$lines" -eq 0 ]; then
        echo "not ok - $name: no test line" >>"$tap"
    elif [ "$failed" -eq 0 ] && [ "$lines" -ne "${plan:-$lines}" ]; then
        echo "not ok - $name: $plan tests planned, $lines run" >>"$tap"
    fi
    summary "$name" "$tap"
}

summary() {
    local name=$1 tap=$2 all failed skipped text
    all=$(count "$test_line" "$tap")
    failed=$(count_failed "$tap")
    skipped=$(count "$skipped_line" "$tap")
    text="$((all - failed - skipped)) passed"
    [ "$failed" -eq 0 ] || text+=", $failed FAILED"
    [ "$skipped" -eq 0 ] || text+=", $skipped skipped"
    if [ "$failed" -gt 0 ] && [ -z "$verbose" ]; then
        printf -- '---- %s: %s\n%s\n----\n' "$name" "$text" "$(tr -d '\0' <"$tap")"
    else
        printf '%-32s %s\n' "$name" "$text"
        if [ "$skipped" -gt 0 ] && [ -z "$verbose" ]; then grep -aE "$skipped_line" "$tap" | sed -E 's/^.*# *SKIP/    skipped:/'; fi
    fi
}

rm -rf "$folder"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

jobs=$(nproc)
[ -z "$memory" ] || ulimit -v $((memory + 150000 * (jobs > 4 ? jobs - 4 : 0)))
for command in "$@"; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
    run_suite "$command" &
done
wait

all=0 failed=0 skipped=0
for command in "$@"; do
    tap=$folder/$(name_of "$command").tap
    if [ ! -e "$tap" ]; then
        failed=$((failed + 1)) all=$((all + 1))
        continue
    fi
    all=$((all + $(count "$test_line" "$tap")))
    failed=$((failed + $(count_failed "$tap")))
    skipped=$((skipped + $(count "$skipped_line" "$tap")))
done
echo "$((all - failed - skipped)) passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$all" -gt 0 ]
