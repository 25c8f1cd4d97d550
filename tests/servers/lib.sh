# shellcheck shell=bash
# What the server tests share: TAP lines, a folder to work in, throw-away clusters, LSN arithmetic. To be sourced.
#
# A cluster is a data directory `$DIR/data` with its socket and its log in `$DIR`; it listens on no address.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/support/json.sh
. "$repository/tests/support/json.sh"
port=5432
failures=0

# ---- TAP -----------------------------------------------------------------------------------

pass() { echo "ok - $*"; }

# fail NAME [DETAILS-FILE]
fail() {
    echo "not ok - $1"
    if [ -n "${2:-}" ]; then head -n 30 "$2" | cut -c1-400 | sed 's/^/#   /'; fi
    failures=$((failures + 1))
}

# verdict NAME PROBLEMS-FILE: passed when the file is empty.
verdict() {
    if [ -s "$2" ]; then fail "$1" "$2"; else pass "$1"; fi
}

# same PROBLEMS-FILE WHAT GOT WANT
same() {
    [ "$3" = "$4" ] || echo "$2: got '$3', want '$4'" >>"$1"
}

# ---- a folder to work in -------------------------------------------------------------------

# Where `sql ... >FILE` fails, the shell ends while FILE is still its output.
exec 8>&1
step='' # what the script has come to, for the line that tells of its end

# work_in NAME [FOLDER...]: a new folder $work with those folders in it, to be written by the owner of servers, becomes the
# current one. However the script ends, so do stop_background and all clusters, and the folder is removed (KEEP=1 leaves it).
work_in() {
    work_name=$1
    shift
    work=$(mktemp -d "${TMPDIR:-/tmp}/pitr-$work_name${major:+-$major}.XXXXXX")
    trap finish EXIT
    trap 'exit 143' TERM INT
    chmod 755 "$work"
    cd "$work" || exit
    [ $# -eq 0 ] || mkdir "$@"
    give_to_owner "$work"
}

stop_background() { :; } # a script that starts more than clusters has its own

finish() {
    local status=$? log
    trap - EXIT
    exec >&8
    stop_background
    stop_all_clusters
    cd /
    if [ "$status" -ne 0 ] && [ "$failures" -eq 0 ]; then
        echo "not ok - ${major:+$major: }$work_name ended with status $status${step:+ after: $step}"
        for log in "$work"/*.log "$work"/*/pg_ctl.log "$work"/*/log; do
            [ ! -s "$log" ] || tail -n 5 "$log" | cut -c1-300 | sed "s|^|#   ${log#"$work/"}: |"
        done
    fi
    if [ -n "${KEEP:-}" ]; then echo "# kept: $work"; else rm -rf "$work"; fi
    exit "$status"
}

# ---- programs ------------------------------------------------------------------------------

client_folder() { dirname "$("$repository/tools/pg-servers" psql)"; }

# Servers refuse to run as root: root hands over to user postgres (by setpriv: runuser asks PAM, at twice the cost).
as_owner=()
[ "$EUID" -ne 0 ] || as_owner=(setpriv --reuid=postgres --regid=postgres --init-groups)
as_owner() { "${as_owner[@]}" "$@"; }

give_to_owner() {
    if [ "$EUID" -eq 0 ]; then chown -R postgres: "$@"; fi
}

# server PROGRAM ARG...: one of the server's own programs (needs use_major before).
server_environment=() # NAME=VALUE, for all of them
server() {
    local name=$1
    shift
    as_owner env LD_LIBRARY_PATH="$server_native/lib" "${server_environment[@]}" "$server_native/bin/$name" "$@" 8>&-
}

# The same in place of the calling subshell, so that its process is the program itself.
server_exec() {
    local name=$1
    shift
    exec "${as_owner[@]}" env LD_LIBRARY_PATH="$server_native/lib" "${server_environment[@]}" "$server_native/bin/$name" "$@" 8>&-
}

# use_major MAJOR: fetches the server; fails and says why in $reason when it cannot be had. Ends the script when
# another one was given than that.
use_major() {
    local said status=0
    said=$("$repository/tools/pg-servers" get "$1" 2>&1) || status=$?
    if [ "$status" -ne 0 ]; then
        reason=${said##*$'\n'}
        if [ "$status" -eq 2 ]; then
            fail "$1: $(basename "$0"): $reason"
            exit 1
        fi
        return 1
    fi
    server_native=$("$repository/tools/pg-servers" path "$1")
    psql=$("$repository/tools/pg-servers" psql)
}

# ---- clusters ------------------------------------------------------------------------------

clusters=() # folders of clusters that may be running

# initialize DIR MAJOR SEGMENT-MB
initdb_options=() # further ones; with them, $PITR_CLUSTERS is not to be used
initialize() {
    local options=("${initdb_options[@]}")
    mkdir -p "$1"
    give_to_owner "$1"
    [ "$2" -lt 11 ] || options+=(--wal-segsize="$3")
    server initdb -D "$1/data" -U postgres -A trust --locale=C --encoding=UTF8 --no-sync "${options[@]}" >"$1/initdb.log" 2>&1
}

# make_cluster DIR MAJOR SEGMENT-MB < SETTINGS
# Where $PITR_CLUSTERS names a folder, what initdb makes is kept there: all clusters of a major and a segment size are
# then copies of one, with its system identifier.
make_cluster() {
    local dir=$1 major=$2 segment=$3 made
    if [ -n "${PITR_CLUSTERS:-}" ]; then
        made=$PITR_CLUSTERS/$major-$segment
        if [ ! -e "$made" ]; then
            initialize "$made.$$" "$major" "$segment"
            mv -T "$made.$$" "$made"
        fi
        mkdir -p "$dir"
        cp -a "$made/." "$dir"
    else
        initialize "$dir" "$major" "$segment"
    fi
    {
        echo "listen_addresses = ''"
        echo "port = $port"
        echo "unix_socket_directories = '$dir'"
        echo "fsync = off"
        cat
    } >>"$dir/data/postgresql.conf"
}

start_cluster() { # start_cluster DIR: until it accepts connections, hot standby included
    clusters+=("$1")
    server pg_ctl -D "$1/data" -w -t 120 -l "$1/log" start >"$1/pg_ctl.log" 2>&1
}

stop_cluster() { # stop_cluster DIR [MODE]
    if [ -e "$1/data/postmaster.pid" ]; then
        server pg_ctl -D "$1/data" -w -t 120 -m "${2:-fast}" stop >>"$1/pg_ctl.log" 2>&1
    fi
}

stop_all_clusters() {
    local dir
    for dir in "${clusters[@]}"; do stop_cluster "$dir" immediate || true; done
}

# sql DIR [PSQL-OPTION...]: SQL from stdin or -c, in database shop; bare values on stdout.
psql_options=(-X -q -A -t -v ON_ERROR_STOP=1 -p "$port" -U postgres)
sql() { (sql_exec "$@"); }

# The same in place of the calling subshell, so that its process is psql itself.
sql_exec() {
    local dir=$1
    shift
    exec "$psql" "${psql_options[@]}" -h "$dir" -d "${database:-shop}" "$@"
}

# lines_of_major FILE: without the lines that are of other majors: --10+ begins a line that majors from 10 on know, --16- one up to 16.
lines_of_major() {
    awk -v major="$major" '{
        while (match($0, /^--[0-9]+[+-] /)) {
            bound = substr($0, 3, RLENGTH - 4) + 0
            is_from = substr($0, RLENGTH - 1, 1) == "+"
            if (is_from ? major < bound : major > bound) next
            $0 = substr($0, RLENGTH + 1)
        }
        print
    }' "$1"
}

# nap SECONDS: waits without a process of its own: many short sleeps cost more than the servers that are waited for.
exec {nap_pipe}<> <(:)
nap() { read -rt "$1" -u "$nap_pipe" || true; }

# wait_until WHAT DIR QUERY: until the query prints t, or two minutes are over: on a busy machine all takes its time. One
# session asks again and again: a session for each look costs more than what is waited for. What is not a query yet (a
# server that starts) is asked in the next one.
wait_until() {
    local end=$((SECONDS + 120)) said=
    while [ "$SECONDS" -le "$end" ]; do
        said=$({ yes "$3; SELECT pg_sleep(0.05) \\g /dev/null" | timeout $((end - SECONDS + 1)) \
            "$psql" "${psql_options[@]}" -h "$2" -d "${database:-shop}" | grep -m 1 -x t; } 2>&1) || true
        [ "${said##*$'\n'}" != t ] || return 0
        nap 0.1
    done
    echo "no $1 in time; last answer: $said" >&2
    return 1
}

# ---- LSNs ----------------------------------------------------------------------------------

lsn_number() { # 1/A0 -> 4294967456; what is no LSN -> -1
    [[ $1 =~ ^[0-9A-F]{1,8}/[0-9A-F]{1,8}$ ]] || { echo -1; return; }
    local high=${1%/*} low=${1#*/}
    echo $(((16#$high << 32) + 16#$low))
}

lsn_text() { printf '%X/%X\n' $(($1 >> 32)) $(($1 & 0xFFFFFFFF)); }

# Where a record that follows one ending at END starts: behind a page header if END is on one.
next_record_start() { # next_record_start END-NUMBER SEGMENT-BYTES
    local end=$1
    if [ $((end % $2)) -eq 0 ]; then
        end=$((end + 40))
    elif [ $((end % 8192)) -eq 0 ]; then
        end=$((end + 24))
    fi
    echo "$end"
}
