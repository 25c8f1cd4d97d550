#!/usr/bin/env bash
# Restores real servers of every major from 10 to 19 with the targets that pitr-find prints, and
# compares its record counts with the server's own. Prints TAP lines.
#
#   tests/servers/run.sh [PITR-FIND [MAJOR...]]      default: build/pitr-find, all majors
#
# 19 is one of all where PITR_SERVER_19 names the folder of such a server, with its bin, lib and share.
# Each major runs in scripts of its own (profile.sh, major.sh, nontransactional.sh, simulate.sh, traps.sh, matrix.sh,
# timelines.sh, restore.sh, rescue_formats.sh, rescue_incidents.sh, wal_alone.sh, check.sh, rescue.sh, redo.sh, visible.sh, value.sh, dictionary.sh, ddl.sh, xact.sh, rmgrs.sh from 15 on, dump.sh and follow.sh for 15 to 18, guard.sh for 10, 13 and 18, stream.sh for 10, 13, 15 and 18, who.sh for 10, 14, 15 and 18, watch.sh for 10, 13, 15 and 18, story.sh for 15), one major more at once than there are processors.
# KEEP=1 leaves the folders of the majors for a look afterwards. Exit status 1 if any test failed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath "${1:-$here/../../build/pitr-find}")
shift || true
majors=("$@")
[ "${#majors[@]}" -gt 0 ] || read -ra majors < <("$here/../../tools/pg-servers" list 64)

[ -x "$program" ] || {
    echo "not ok - servers: there is no program $program"
    exit 1
}
walcount=$(dirname "$program")/tools/walcount
profile=$(dirname "$program")/tests/profile
redo=$(dirname "$program")/tests/redo
visible=$(dirname "$program")/tests/visible
value=$(dirname "$program")/tests/value
dictionary=$(dirname "$program")/tests/dictionary
ddl=$(dirname "$program")/tests/ddl
stream=$(dirname "$program")/tests/stream

out=$(mktemp -d)
chmod 755 "$out"
export PITR_CLUSTERS=$out/clusters
mkdir "$PITR_CLUSTERS"
workers=()
finish() {
    if [ "${#workers[@]}" -gt 0 ]; then
        kill "${workers[@]}" 2>/dev/null || true
        wait || true
    fi
    rm -rf "$out"
}
trap finish EXIT
trap 'exit 143' TERM INT

# start MAJOR: its output is collected, so that the lines of two majors do not mix.
start() {
    (
        exec >"$out/$1.tap" 2>&1 </dev/null
        child="" good=1 parts=(major nontransactional simulate traps matrix timelines restore rescue_formats rescue_incidents wal_alone xact check)
        [ "$1" -lt 15 ] || [ "$1" -gt 18 ] || parts+=(dump follow)
        [ "$1" -ne 15 ] || parts+=(story)
        case $1 in 10 | 14 | 15 | 18) parts+=(who) ;; esac
        case $1 in 10 | 13 | 15 | 18) parts+=(watch) ;; esac
        case $1 in 10 | 13 | 18) parts+=(guard) ;; esac
        trap 'kill "$child" 2>/dev/null; wait "$child"; exit 143' TERM
        "$here/profile.sh" "$profile" "$1" &
        child=$!
        wait "$child" || good=
        for part in "${parts[@]}"; do
            "$here/$part.sh" "$program" "$1" &
            child=$!
            wait "$child" || good=
        done
        "$here/redo.sh" "$redo" "$1" &
        child=$!
        wait "$child" || good=
        "$here/visible.sh" "$visible" "$1" &
        child=$!
        wait "$child" || good=
        [ "$1" -gt 18 ] || for server in "$1" $([ "$1" -ne 15 ] || echo 15-lz4); do
            "$here/rescue.sh" "$program" "$server" &
            child=$!
            wait "$child" || good=
        done
        for server in "$1" $([ "$1" -lt 15 ] || [ "$1" -gt 18 ] || echo "$1-i386") $([ "$1" -ne 15 ] || echo 15-lz4); do
            "$here/value.sh" "$value" "$server" &
            child=$!
            wait "$child" || good=
        done
        for server in "$1" $([ "$1" -ne 18 ] || echo 18-i386); do
            "$here/dictionary.sh" "$dictionary" "$server" &
            child=$!
            wait "$child" || good=
            "$here/ddl.sh" "$ddl" "$server" &
            child=$!
            wait "$child" || good=
        done
        case $1 in 10 | 13 | 15 | 18 | 19)
            "$here/stream.sh" "$stream" "$1" &
            child=$!
            wait "$child" || good=
            ;;
        esac
        if [ "$1" -ge 15 ]; then
            "$here/rmgrs.sh" "$walcount" "$1" &
            child=$!
            wait "$child" || good=
        fi
        [ -z "$good" ] || touch "$out/$1.good"
        touch "$out/$1.done"
    ) &
    workers+=($!)
}

slots=$(($(nproc) + 1)) # a restore also waits: for starts, archiving, and the end of recovery
status=0
shown=0
show_finished() { # in the order asked for
    while [ "$shown" -lt "${#majors[@]}" ] && [ -e "$out/${majors[shown]}.done" ]; do
        cat "$out/${majors[shown]}.tap"
        [ -e "$out/${majors[shown]}.good" ] || status=1
        shown=$((shown + 1))
    done
}

for major in "${majors[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "$slots" ]; do wait -n || true; done
    show_finished
    start "$major"
done
while [ "$(jobs -rp | wc -l)" -gt 0 ]; do
    wait -n || true
    show_finished
done
show_finished
workers=()
exit "$status"
