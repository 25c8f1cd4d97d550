# shellcheck shell=bash
# What suites of the command line share: running the program, expectations, LSNs. To be sourced, with the program in $1.
export TZ=UTC LC_ALL=C
unset NO_COLOR

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/support/json.sh
. "$root/tests/support/json.sh"
# shellcheck source=tests/support/commands.sh
. "$root/tests/support/commands.sh"
program=$(realpath "${1:-$root/build/pitr-find}")
fixtures=$root/tests/fixtures
work=$(cd "$(mktemp -d)" && pwd -P)
failures=0 why=''
children=() # processes of the suite, to be ended with it

# However a suite ends: a failure in it makes its status 1, and an expectation without its test's line is a failure.
finish() {
    local status=$?
    cd /
    [ "${#children[@]}" -eq 0 ] || kill "${children[@]}" 2>/dev/null
    chmod -R u+rwx "$work" 2>/dev/null
    rm -rf "$work"
    if [ -n "$why" ]; then
        echo 'not ok - the last expectations belong to no test'
        printf '%s' "$why"
        failures=$((failures + 1))
    fi
    [ "$status" -ne 0 ] || [ "$failures" -eq 0 ] || status=1
    exit "$status"
}
trap finish EXIT
cd "$work" || exit 2

has() { command -v "$1" >/dev/null; }

# poke FILE OFFSET BYTES: as printf writes them
# shellcheck disable=SC2059
poke() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

# To look for leaks takes an address sanitizer as long as all else that it does in a short run. So it looks once for
# each set of options and plain words (commands, formats) of a suite, whatever the archive.
is_asan=''
declare -A leaks_looked_for
if grep -qa __asan_init "$program"; then
    is_asan=1
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
fi
may_leak() {
    local words='' word
    for word; do
        case $word in
        -*) words+=" ${word%%=*}" ;;
        *[!a-z-]*) ;;
        *) words+=" $word" ;;
        esac
    done
    [ -z "${leaks_looked_for[.$words]:-}" ] || return 1
    leaks_looked_for[.$words]=1
}

# Runs the program, or another; its output goes to the files out and err, its status to $status.
run_program() {
    local -x ASAN_OPTIONS=${ASAN_OPTIONS:-}
    if [ -n "$is_asan" ] && may_leak "$@"; then ASAN_OPTIONS+=:detect_leaks=1; fi
    status=0
    "$@" >out 2>err || status=$?
}
run() { run_program "$program" "$@"; }

# limit_memory KILOBYTES: of addresses, for what a subshell runs.
# An address sanitizer needs terabytes of addresses: there the limit is left out, and other builds prove it.
limit_memory() { [ -n "$is_asan" ] || ulimit -v "$1"; }

# A test is a series of run and expect_*; then done_with prints its line.
miss() { why+="# $*"$'\n'; }
expect_status() { [ "$status" -eq "$1" ] || miss "status $status, not $1: $(head -c 500 err)"; }
expect_out() { grep -qF -- "$1" out || miss "stdout has no: $1 ($(head -c 900 out))"; }
expect_no_out() { [ ! -s out ] || miss "stdout: $(head -c 300 out)"; }
expect_not_out() { ! grep -qF -- "$1" out || miss "stdout has: $1"; }
expect_line() { grep -qxF -- "$1" out || miss "stdout has no line: $1 ($(head -c 900 out))"; }
expect_err() { grep -qF -- "$1" err || miss "stderr has no: $1 ($(head -c 900 err))"; }
expect_not_err() { ! grep -qF -- "$1" err || miss "stderr has: $1 ($(head -c 900 err))"; }
expect_no_err() { [ ! -s err ] || miss "stderr: $(head -c 300 err)"; }
# expect_error WORDS: one line on stderr, nothing on stdout, status 2
expect_error() {
    expect_status 2
    expect_no_out
    expect_err "$1"
    [ "$(wc -l <err)" -eq 1 ] || miss "stderr has $(wc -l <err) lines: $(head -c 900 err)"
    grep -q '^pitr-find: error: ' err || miss "stderr: $(head -c 300 err)"
}
# expect_json FILTER WANT: what json_value makes of stdout
expect_json() {
    local got
    got=$(json_value "$1" out)
    [ "$got" = "$2" ] || miss "$1 is $(head -c 500 <<<"$got"), not $2"
}
done_with() {
    if [ -z "$why" ]; then
        echo "ok - $1"
    else
        echo "not ok - $1"
        printf '%s' "$why"
        failures=$((failures + 1))
    fi
    why=''
}

# fails NAME WORDS ARG...: a test of its own
fails() {
    local name=$1 words=$2
    shift 2
    run "$@"
    expect_error "$words"
    done_with "$name"
}

# column FIXTURE LABEL COLUMN: what the server said, one line for each event. Another file than expect.tsv: FIXTURE/FILE
column() {
    local file=$fixtures/$1
    [ ! -d "$file" ] || file+=/expect.tsv
    awk -F '\t' -v label="$2" -v column="$3" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i; next }
        $1 == label { print $at }' "$file"
}
# told FIXTURE LABEL COLUMN: the same of the first event
told() {
    local all
    all=$(column "$@")
    echo "${all%%$'\n'*}"
}

number() { echo $((16#${1#*/})); } # of an LSN 0/X

# An LSN as a number of fixed width, to compare as text.
padded() { local high=${1%/*} low=${1#*/}; printf '%08X%08X' "0x${high:-0}" "0x${low:-0}"; }

# in_range LSN FIXTURE LABEL: does a record of that statement start there?
in_range() {
    local lsn before after
    lsn=$(padded "$1") before=$(padded "$(told "$2" "$3" lsn_before)") after=$(padded "$(told "$2" "$3" lsn_after)")
    [[ ! $lsn < $before && $lsn < $after ]] || miss "$1 is not in the range of $3"
}

# A setting of conf output.
setting() { sed -n "s/^$1 = '\(.*\)'\$/\1/p" out; }

# unpack FIXTURE FOLDER: its WAL, plain.
unpack() {
    local file
    mkdir "$2"
    for file in "$fixtures/$1"/wal/*.gz; do gzip -dc "$file" >"$2/$(basename "$file" .gz)"; done
}

# The server's own reader, where it is installed: it tells where it stops and why.
waldump=$(ls /usr/lib/postgresql/*/bin/pg_waldump 2>/dev/null | head -n 1 || true)
