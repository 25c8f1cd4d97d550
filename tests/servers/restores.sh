# shellcheck shell=bash disable=SC2154
# What the scripts share that restore one base backup many times. To be sourced behind lib.sh, with $major set.
#
# One server ($source) makes a known history and archives it ($archive); base backups of it are restored into
# $copy, one after the other, with settings from $work/settings and lines for postgresql.conf in $work/server.

# start_work NAME: a folder to work in, and what the scripts call things in it
start_work() {
    work_in "$1" archive
    source=$work/source backup=$work/backup archive=$work/archive copy=$work/copy
    problems=$work/problems
    segment=1
    [ "$major" -ge 11 ] || segment=16
    segment_bytes=$((segment << 20))
}

# ---- a known history -----------------------------------------------------------------------

# start_source < MORE-SETTINGS
# What is noted of a commit's place holds if no other process writes a record right before it: autovacuum is off, no
# checkpoint comes by time, and the background writer looks for the first time that it may tell of running transactions
# (15 s after the start) after 20 s.
start_source() {
    {
        cat <<-SETTINGS
	wal_level = replica
	archive_mode = on
	archive_command = 'test ! -f $archive/%f && cp %p $archive/%f'
	track_commit_timestamp = on
	max_prepared_transactions = 5
	autovacuum = off
	shared_buffers = 16MB
	bgwriter_delay = 10s
	checkpoint_timeout = 1h
	timezone = 'UTC'
	log_timezone = 'UTC'
	SETTINGS
        cat
    } | make_cluster "$source" "$major" "$segment"
    start_cluster "$source"
    database=postgres sql "$source" -c 'CREATE DATABASE shop'
    sql "$source" -c 'CREATE TABLE journal (id serial, what text)' -c 'ALTER DATABASE shop SET client_min_messages = warning'
}

fact() { printf '%s=%q\n' "$1" "$2" >>"$work/facts"; }

# transaction NAME BODY [END]: adds a row to the journal. Notes NAME_xid, and NAME_start and NAME_end, the LSNs
# around its end.
transaction() {
    local said
    said=$(sql "$source" <<-SQL
	BEGIN;
	INSERT INTO journal (what) VALUES ('$1');
	$2
	SELECT txid_current() || ' ' || pg_current_wal_insert_lsn();
	${3:-COMMIT};
	SELECT pg_current_wal_insert_lsn();
	SQL
    )
    # shellcheck disable=SC2086
    set -- "$1" $said
    fact "$1_xid" "$2"
    fact "$1_start" "$3"
    fact "$1_end" "$4"
}

# commit_time XID [INTERVAL]: in UTC, without a zone.
commit_time() {
    sql "$source" -c "SELECT to_char((pg_xact_commit_timestamp('$1'::xid) + interval '${2:-0}') AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
}

restore_point() { # restore_point NAME: prints the LSN behind it
    sql "$source" -c "SELECT pg_create_restore_point('$1')"
}

# take_backup DIR [SQL]: SQL runs between its start and its end. Sets $redo and $rows_in_backup.
take_backup() {
    local dir=$1 start="pg_backup_start('base', true)" stop='pg_backup_stop()'
    [ "$major" -ge 15 ] || { start="pg_start_backup('base', true, false)" stop='pg_stop_backup(false)'; }
    mkdir "$dir"
    give_to_owner "$dir"
    rows_in_backup=$(sql "$source" -c 'SELECT count(*) FROM journal')
    sql "$source" >"$dir/label" 2>"$work/backup.log" <<-SQL
	\o /dev/null
	SELECT $start;
	\! cp -a '$source/data' '$dir/data'
	${2:-}
	\o
	SELECT labelfile FROM $stop;
	SQL
    rm -f "$dir/data/postmaster.pid" "$dir/data/postmaster.opts"
    rm -rf "$dir"/data/pg_wal/*
    # Databases that no WAL here and no check touches: copying them takes most of the time of a restore.
    sql "$source" -c "SELECT oid FROM pg_database WHERE datname IN ('template0', 'template1', 'postgres')" |
        while read -r oid; do rm -rf "$dir/data/base/$oid"; done
    printf '%s\n' "$(cat "$dir/label")" >"$dir/data/backup_label"
    echo 'archive_mode = off' >>"$dir/data/postgresql.conf"
    give_to_owner "$dir/data"
    redo=$(sed -n 's/^START WAL LOCATION: \([0-9A-F/]*\) .*/\1/p' "$dir/label")
    [ -n "$redo" ]
}

# All WAL so far goes to the archive.
archive_all() { # archive_all [DIR]: of that cluster
    local last
    last=$(sql "${1:-$source}" -c 'SELECT pg_walfile_name(pg_switch_wal())')
    wait_until 'archiving' "${1:-$source}" "SELECT last_archived_wal >= '$last' FROM pg_stat_archiver"
}

# ---- one restore ---------------------------------------------------------------------------

# copy_base BASE: makes $copy/data a copy of BASE. Of one that is there already only what its server has written since,
# renamed or removed is copied again: to make and remove a thousand files costs more than the server does.
copied_base=
copy_base() {
    local base=$1/data stamp=$copy/copied names=$work/names
    if [ "$copied_base" != "$base" ] || [ ! -e "$stamp" ]; then
        rm -rf "$copy"
        mkdir "$copy"
        touch "$stamp" # before: all that is copied keeps a time before that
        cp -a --reflink=auto "$base" "$copy/data"
        copied_base=$base
        return
    fi
    (cd "$base" && find . -mindepth 1 | LC_ALL=C sort) >"$names"
    (cd "$copy/data" && find . -mindepth 1 ! -type d -newer "$stamp" -delete && find . -mindepth 1 | LC_ALL=C sort) >"$names.there"
    LC_ALL=C comm -13 "$names" "$names.there" | (cd "$copy/data" && xargs -r -d '\n' rm -rf --)
    touch "$stamp"
    LC_ALL=C comm -23 "$names" "$names.there" | tar -C "$base" --no-recursion -T - -cf - | tar -C "$copy/data" -xpf -
}

# Puts the settings where the major reads them. A copy whose server refused its settings is used again.
is_fresh=
configure() {
    local base=${1:-$backup} settings=recovery.conf
    if [ -z "$is_fresh" ] || [ "$is_fresh" != "$base" ]; then copy_base "$base"; fi
    is_fresh=
    rm -f "$copy/log" "$copy/data/recovery.conf"
    echo "unix_socket_directories = '$copy'" | cat "$base/data/postgresql.conf" - "$work/server" >"$copy/data/postgresql.conf"
    if [ "$major" -ge 12 ]; then
        settings=postgresql.auto.conf
        : >"$copy/data/recovery.signal"
    fi
    cp "$work/settings" "$copy/data/$settings"
    [ "$EUID" -ne 0 ] || chown postgres: "$copy" "$copy/data/$settings" "$copy"/data/recovery.*
}

# recover BASE [SIGN]: starts it and waits for the end of recovery, or of the server, or for SIGN in its log.
# The server is a child of this shell, without pg_ctl: so its start is cheap, and its end needs no looking for.
copy_pid=
recover() {
    clusters+=("$copy")
    : >"$copy/log"
    server_exec postgres -D "$copy/data" >>"$copy/log" 2>&1 </dev/null &
    copy_pid=$!
    local tries=3600 log
    while [ "$tries" -gt 0 ]; do
        log=
        IFS= read -rd '' log <"$copy/log" || true
        # A server that refuses its configuration leaves without a farewell.
        if [[ $log =~ is\ ready\ to\ accept\ connections|database\ system\ is\ shut\ down || $log =~ ${2:-is shut down} ]] ||
            [[ $log == *FATAL* && ! -e $copy/data/postmaster.pid ]]; then
            [[ $log =~ starting\ .*recovery ]] || is_fresh=$1
            return 0
        fi
        nap 0.05
        tries=$((tries - 1))
    done
    echo "the server neither finished recovery nor ended" >>"$problems"
}

stop_copy() {
    kill -QUIT "$copy_pid" 2>/dev/null || true
    wait "$copy_pid" 2>/dev/null || true
}

# read_own_history: the line that the server wrote of its own recovery, when it took a new timeline, to $own_end (where
# the last record applied ends) and $own_reason
read_own_history() {
    local files=("$copy"/data/pg_wal/*.history) tli end reason
    own_end='' own_reason=''
    [ -e "${files[-1]}" ] || return 0
    while IFS=$'\t' read -r tli end reason || [ -n "$tli" ]; do
        [ -z "$tli" ] || own_end=$end own_reason=$reason
    done <"${files[-1]}"
}

# applied_up_to END WANT: END is where the last record applied ends, WANT where the next one is said to start
applied_up_to() {
    local end want
    [ "$1" != "$2" ] || return 0
    end=$(lsn_number "$1") want=$(lsn_number "$2")
    [ "$end" -eq "$want" ] || [ "$(next_record_start "$end" "$segment_bytes")" -eq "$want" ] ||
        echo "the server applied up to $1, not up to $2" >>"$problems"
}

# ---- what simulate says of it --------------------------------------------------------------
# Every transaction of the history adds one row to the journal, so that rows count transactions.

# read_json NAME FILE: what the JSON says, to the associative array NAME by its path (stop.reason); what is null or
# false has no entry. Also the identifiers in doubt (gids) and the rules of the findings (rules), a line each. One
# process for all: jq for each value costs more than the server that is restored.
declare -A answers found
read_json() {
    eval "$1=()"
    eval "$(jq -r --arg name "$1" '
        ([paths(scalars) as $p | {key: ($p | map(tostring) | join(".")), value: getpath($p)}] +
         [{key: "gids", value: ([.in_doubt[]?.gid] | sort | join("\n"))},
          {key: "rules", value: ([.findings[]?.rule] | join("\n"))}])
        | map("[\(.key | @sh)]=\(.value | tostring | @sh)") | "\($name)=(\(join(" ")))"' "$2" 2>>"$problems")"
}

compare_stop() {
    local said rows gids=''
    read_own_history
    same "$problems" reason "${answers[stop.reason]:-}" "$own_reason"
    applied_up_to "$own_end" "${answers[stop.stops_before_lsn]:-}"
    said=$(sql_exec "$copy" -c 'SELECT count(*) FROM journal' -c "SELECT to_regclass('victim') IS NOT NULL" \
        -c 'SELECT gid FROM pg_prepared_xacts ORDER BY 1' 2>&1) || true
    rows=${said%%$'\n'*} said=${said#*$'\n'}
    if [[ $said == *$'\n'* ]]; then gids=${said#*$'\n'}; fi
    [[ $rows =~ ^[0-9]+$ ]] || { echo "$rows" >>"$problems" && rows=-1; }
    same "$problems" 'transactions kept' "${answers[keeps.transactions]:-}" $((rows - ${base_rows:-$rows_in_backup}))
    same "$problems" 'in doubt' "${answers[gids]}" "$gids"
    same "$problems" 'the victim is there' "${said%%$'\n'*}" "$1"
}

# check NAME VICTIM RULE SETTING...: VICTIM t or f: the table must be there or not, - when recovery fails.
# RULE: a finding that must be there, or -. A setting that begins with @ goes to postgresql.conf.
check() {
    local name=$1 victim=$2 rule=$3 setting words=()
    shift 3
    : >"$problems"
    : >"$work/server"
    echo "restore_command = 'cp ${from:-$archive}/%f %p'" >"$work/settings"
    for setting; do
        case $setting in
        @*)
            echo "${setting#@}" >>"$work/server"
            words+=("${setting#@}")
            ;;
        *) echo "$setting" >>"$work/settings" ;;
        esac
    done
    grep -q recovery_target_action "$work/settings" || [ -n "${no_action:-}" ] ||
        echo "recovery_target_action = 'promote'" >>"$work/settings"
    local status=0 want=1
    "$pitr_find" simulate -q --format json --backup "${base:-$backup}/data" "$work/settings" "${words[@]}" "${from:-$archive}" \
        >"$work/json" 2>"$work/err" || status=$?
    [ "$status" -le 1 ] || { echo "status $status" && cat "$work/err"; } >>"$problems"
    read_json answers "$work/json"
    [ -z "${answers[as_asked]:-}" ] || want=0
    same "$problems" 'status' "$status" "$want"
    # Without --backup the .backup file of the archive must lead to the same.
    if [ -z "${from:-}${base:-}" ]; then
        "$pitr_find" simulate -q --format json "$work/settings" "${words[@]}" "$archive" >"$work/json2" 2>&1 || true
        json_value '[.outcome, .fatal, .stop, .keeps]' "$work/json" "$work/json2" | uniq >"$work/json.both"
        [ "$(wc -l <"$work/json.both")" -eq 1 ] || { echo 'not the same by the .backup file:' && cat "$work/json.both"; } >>"$problems"
    fi
    [ "$rule" = - ] || [[ $'\n'${answers[rules]}$'\n' == *$'\n'"$rule"$'\n'* ]] || echo "no finding $rule" >>"$problems"
    local outcome=${answers[outcome]:-} fatal=${answers[fatal]:-} sign=''
    [ "$outcome" != pauses ] || sign='recovery has paused'
    configure "${base:-$backup}"
    recover "${base:-$backup}" "$sign"
    case $outcome in
    stops | ends)
        if [ "${answers[then]:-}" = 'shuts down' ]; then
            grep -qE 'shutdown at recovery target' "$copy/log" || echo 'the server did not shut down at the target' >>"$problems"
        else
            compare_stop "$victim"
        fi
        ;;
    pauses)
        grep -qF 'insufficient parameter settings' "$copy/log" || echo 'the server did not pause at the parameters' >>"$problems"
        applied_up_to "$(sql "$copy" -c 'SELECT pg_last_wal_replay_lsn()' 2>&1)" "${answers[stop.stops_before_lsn]:-}"
        ;;
    *)
        grep -F 'FATAL' "$copy/log" >"$work/fatals" || true
        grep -qF -- "$fatal" "$copy/log" || { echo "the server does not say: $fatal" && cat "$work/fatals"; } >>"$problems"
        [ -n "$fatal" ] && [ -s "$work/fatals" ] || echo 'no FATAL' >>"$problems"
        same "$problems" 'the victim' - "$victim"
        ;;
    esac
    if [ -s "$problems" ]; then
        { sed 's/^/settings: /' "$work/settings"; grep -E 'FATAL|stopping|redo done' "$copy/log" || true; } >>"$problems"
    fi
    verdict "$major: simulate: $name ($outcome${fatal:+: $fatal})" "$problems"
    stop_copy
}
