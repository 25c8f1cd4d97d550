# shellcheck shell=bash disable=SC2154
# Metrics of a watch. To be sourced after tests/cli/lib.sh.

# scrape FILE [HEADER]...: what the watch on $port answers; fails where there is none
scrape() {
    local file=$1
    shift
    { exec 4<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
    printf 'GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n' >&4
    [ $# -eq 0 ] || printf '%s\r\n' "$@" >&4
    printf '\r\n' >&4
    timeout 20 cat <&4 | sed '1,/^\r$/d' >"$file"
    exec 4<&-
}

# start_watch FOLDER: of the WAL of pg15, with a hook; until a hook has run after a destructive event, or a minute is over. Fails where
# this build serves no metrics.
start_watch() {
    local end=$((SECONDS + 60))
    port=$((20000 + $$ % 20000))
    "$program" watch -q --format json --from-lsn 0/B00000 --listen "127.0.0.1:$port" "$1" --exec true >watched 2>watch.err </dev/null &
    watcher=$!
    children=("$watcher")
    while kill -0 "$watcher" 2>/dev/null; do
        ! { scrape now && grep -q '^pitr_watch_last_destructive_event_timestamp_seconds ' now && grep -q '^pitr_watch_hooks_total [1-9]' now; } || return 0
        [ "$SECONDS" -lt "$end" ] || { miss "no metrics in time: $(head -c 500 watch.err)"; return 0; }
        sleep 0.1
    done
    grep -q 'built without' watch.err && return 1
    miss "watch has ended: $(head -c 500 watch.err)"
}
stop_watch() {
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" || true
    children=()
}
