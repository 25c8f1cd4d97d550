#!/bin/bash
# Runs every fuzzer for its share of the time; new inputs stay under the build folder.
#
#   fuzz-all.sh BUILD SECONDS FUZZER...
#   fuzz-all.sh BUILD fixed FUZZER...
#
# SECONDS is for all of them together. `fixed`: a fixed number of inputs from a fixed seed instead, so that the same
# program is always judged the same: chance is for those who look for faults, not for what may land. A crash, leak, time-out or sanitizer report is a failed
# test; the input that caused it is kept as BUILD/crashes/<fuzzer>-*.
set -euo pipefail

build=$1 seconds=$2
shift 2
fuzzers=("$@")
if [ ${#fuzzers[@]} -eq 0 ]; then
    echo "not ok - no fuzzer in tests/fuzz"
    exit 1
fi
if [ "$seconds" != fixed ]; then
    share=$((seconds / ${#fuzzers[@]}))
    [ "$share" -gt 0 ] || share=1
fi
# Inputs of a fixed run, ten to thirty seconds each.
runs_of() {
    case $1 in
    fuzz_segment) echo 8000 ;;
    fuzz_input) echo 4000 ;;
    fuzz_tar) echo 3000 ;;
    fuzz_dump) echo 40000 ;;
    fuzz_time) echo 60000 ;;
    *) echo 150000 ;;
    esac
}
mkdir -p "$build/crashes"
failures=0
# Reports go to the fuzzer's log, with everything else it says.
unset ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS

for fuzzer in "${fuzzers[@]}"; do
    name=$(basename "$fuzzer")
    found=$build/corpus/$name
    bounds=(-max_total_time="${share:-}")
    if [ "$seconds" = fixed ]; then
        # What an earlier run has found would make it another one.
        found=$(mktemp -d)
        bounds=(-seed=1 -runs="$(runs_of "$name")")
    fi
    mkdir -p "$found"
    seeds=()
    for folder in "tests/fuzz/corpus/$name" "tests/fuzz/corpus/${name#fuzz_}"; do
        [ ! -d "$folder" ] || seeds+=("$folder")
    done
    log=$build/$name.log
    SECONDS=0
    if "$fuzzer" "${bounds[@]}" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$build/crashes/$name-" "$found" "${seeds[@]}" >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        echo "ok - $name: ${runs:-0} inputs in $SECONDS s"
    else
        echo "not ok - $name: see $log and $build/crashes"
        grep -vE '^(INFO|#[0-9]+)' "$log" | tail -n 60 | sed 's/^/# /' || true
        failures=$((failures + 1))
    fi
    [ "$seconds" != fixed ] || rm -rf "$found"
done
[ "$failures" -eq 0 ]
