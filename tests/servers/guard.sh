#!/usr/bin/env bash
# One major: does `watch --guard` pause a delayed standby in time, say so, and can what was to be lost be read there?
#
#   tests/servers/guard.sh PITR-FIND MAJOR
#
# A primary and a standby with recovery_min_apply_delay. Tables are dropped on the primary; what watch says is held against where
# the standby really stands, and the recipe it prints is run as it stands there: the rows saved are counted, and the standby has to go on
# as a standby. GUARD_TRIALS=20 GUARD_DELAY=30 runs so many drops more, with that delay, and waits past the moment at which each was due.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

pitr_find=$(realpath "$1")
major=$2

if ! use_major "$major"; then
    echo "ok - $major: guard # SKIP $reason"
    exit 0
fi

work_in guard bin saved
primary=$work/primary standby=$work/standby problems=$work/problems
database=postgres
trials=${GUARD_TRIALS:-0}
trial_delay=${GUARD_DELAY:-30}
segment=1
[ "$major" -ge 11 ] || segment=16
export TZ=UTC LC_ALL=C

background=()
stop_background() {
    [ "${#background[@]}" -eq 0 ] || kill "${background[@]}" 2>/dev/null || true
    if [ -e "$work/copy/postmaster.pid" ]; then server pg_ctl -D "$work/copy" -m immediate stop >/dev/null 2>&1 || true; fi
}

# What the recipe calls. pg_dump takes servers up to its own major: of later ones the rows alone are saved.
clients=$(client_folder)
cat >bin/pg_ctl <<PG_CTL
#!/bin/bash
# Without a pipe that a server would hold open.
LD_LIBRARY_PATH=$server_native/lib exec $server_native/bin/pg_ctl "\$@" >>$work/pg_ctl.log 2>&1 </dev/null
PG_CTL
ln -s "$psql" bin/psql
if [ "$major" -le "$("$clients/pg_dump" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" ]; then
    ln -s "$clients/pg_dump" bin/pg_dump
else
    cat >bin/pg_dump <<'PG_DUMP'
#!/bin/bash
options=(-X -v ON_ERROR_STOP=1) tables=()
while [ $# -gt 0 ]; do
    case $1 in
    --lock-wait-timeout=*) export PGOPTIONS="-c lock_timeout=${1#*=}" ;;
    -t) tables+=("$2"); shift ;;
    -f) file=$2; shift ;;
    *) options+=("$1" "$2"); shift ;;
    esac
    shift
done
for table in "${tables[@]}"; do
    psql "${options[@]}" -c "COPY $table TO STDOUT" || exit
done >"$file"
PG_DUMP
fi
chmod 755 bin/*
give_to_owner "$work"

# ---- a primary and its standby -------------------------------------------------------------

conf=postgresql.auto.conf
[ "$major" -ge 12 ] || conf=recovery.conf

# Tables last_1 ... are for the trials.
step='start of the primary'
make_cluster "$primary" "$major" "$segment" <<SETTINGS
wal_level = replica
max_wal_senders = 8
$([ "$major" -ge 13 ] && echo "wal_keep_size = 256" || echo "wal_keep_segments = $((256 / segment))")
hot_standby = on
autovacuum = off
checkpoint_timeout = 1h
bgwriter_delay = 10s
SETTINGS
start_cluster "$primary"
sql "$primary" >setup.log <<SQL
CREATE ROLE watcher LOGIN REPLICATION;
CREATE TABLE journal (id serial, what text);
SELECT 'CREATE TABLE ' || quote_ident(t) || ' AS SELECT g AS id, md5(g::text) AS note FROM generate_series(1, 1000) g'
    FROM unnest('{dry,idle,Busy Orders,late,moved,kept}'::text[]) t \gexec
SELECT 'CREATE TABLE last_' || t || ' AS SELECT g AS id FROM generate_series(1, 1000) g' FROM generate_series(1, $trials) t \gexec
CREATE DATABASE gone;
SQL
stop_cluster "$primary"
mkdir "$standby"
cp -a "$primary/data" "$standby/data"
sed -i "s|unix_socket_directories = '$primary'|unix_socket_directories = '$standby'|" "$standby/data/postgresql.conf"
give_to_owner "$standby"
start_cluster "$primary"

# set_delay DELAY: of the standby, started with nothing else set. 12 and later have a signal file instead of standby_mode.
set_delay() {
    stop_cluster "$standby"
    {
        [ "$major" -ge 12 ] || echo "standby_mode = on"
        echo "primary_conninfo = 'host=$primary port=$port user=postgres'"
        echo "recovery_target_timeline = 'latest'"
        [ "$1" = 0 ] || echo "recovery_min_apply_delay = '$1'"
    } >"$standby/data/$conf"
    [ "$major" -lt 12 ] || touch "$standby/data/standby.signal"
    give_to_owner "$standby/data"
    start_cluster "$standby"
}
# What was delayed is replayed, and there is a delay again.
catch_up() {
    set_delay 0
    sql "$primary" -c "INSERT INTO journal (what) VALUES ('caught up: $1')"
    wait_until 'caught up standby' "$standby" "SELECT count(*) > 0 FROM journal WHERE what = 'caught up: $1'"
    set_delay "${2:-1h}"
}
current_lsn() { sql "$primary" -c 'SELECT pg_current_wal_lsn()'; }
replayed() { sql "$standby" -c 'SELECT pg_last_wal_replay_lsn()'; }
is_asked() { sql "$standby" -c 'SELECT pg_is_wal_replay_paused()'; }
is_locked() { # waits for it
    wait_until "lock of $1 on the standby" "$standby" "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'relation' AND relation = 'public.$1'::regclass AND mode = 'AccessExclusiveLock'"
}

# ---- watch, and what it says ---------------------------------------------------------------

guard="host=$standby port=$port user=watcher dbname=postgres"
wal="host=$primary port=$port user=watcher"

# watch NAME FROM-LSN ARG...: its output goes to NAME.out and NAME.err
watch() {
    local name=$1 from=$2
    shift 2
    : >"$name.out"
    : >"$name.err"
    "$pitr_find" watch --guard "$guard" --from-lsn "$from" "$@" "$wal" >"$name.out" 2>"$name.err" </dev/null 8>&- &
    watcher=$!
    background+=("$watcher")
}
# until_said NAME REGEX [err]: waits until a line of its output, or of its stderr, matches
until_said() {
    local end=$((SECONDS + 120))
    until grep -qE "$2" "$1.${3:-out}"; do
        if [ "$SECONDS" -gt $end ] || ! kill -0 "$watcher" 2>/dev/null; then
            { echo "$1 never says $2, but:"; cat "$1.out" "$1.err"; } >>"$problems"
            return 1
        fi
        nap 0.1
    done
}
ended() {
    kill "$watcher" 2>/dev/null || true
    status=0
    wait "$watcher" || status=$?
    # 3: the name of something is in no WAL that was read.
    [ "$status" -eq 3 ] || same "$problems" 'status of watch' "$status" 0
}
# started NAME: what ends by itself at the start, its status in $status
started() {
    status=0
    wait "$watcher" || status=$?
}
# steps NAME: of the recipe of the last report
steps() { awk '/^guard: / { s = "" } /^  [a-z]/ { s = s substr($0, 3, 5) } END { gsub(/ +/, " ", s); print s }' "$1.out"; }
# commands NAME STEP: of the last report that has them
commands() {
    awk -v step="  $2 " '/^guard: (in|it)/ { said = "" }
        /^ ? ?[a-z]/ { inside = index($0, step) == 1 }
        inside && /^      / { said = said substr($0, 7) "\n" }
        END { printf "%s", said }' "$1.out"
}
# follow NAME STEP: does what the step says, as the owner of the standby. What it prints goes to step.out.
follow() {
    # Other majors have such a copy at the same time.
    commands "$1" "$2" | sed "s|/where/there/is/room|$work/copy|; s|directories=/tmp\"|directories=$work\"|; s|-h /tmp |-h $work |" >step.sh
    [ -s step.sh ] || { echo "$1 has no step $2" >>"$problems"; return 0; }
    (cd saved && as_owner env PATH="$work/bin:$PATH" PGHOST="$standby" PGPORT="$port" PGUSER=postgres bash -e ../step.sh) \
        >step.out 2>step.err </dev/null 8>&- || { echo "step $2 of $1 fails:"; cat step.err; tail -n 5 pg_ctl.log; } >>"$problems"
}
# Rows of the last dump.
saved_rows() {
    local rows
    rows=$(grep -cP '^\d+(\t[0-9a-f]{32})?$' saved/saved.sql) || true
    rm -f saved/saved.sql
    echo "$rows"
}
# The last part of the recipe, with a delay that the test can wait for.
goes_on() { # goes_on NAME TABLE
    local name=$1 table=$2
    sed -i "s/^\(recovery_min_apply_delay = '\)1h'/\10'/" "$standby/data/$conf"
    follow "$name" 'go on'
    sql "$primary" -c "INSERT INTO journal (what) VALUES ('after $name')"
    wait_until "standby that goes on after $name" "$standby" "SELECT count(*) > 0 FROM journal WHERE what = 'after $name'" 2>>"$problems" || true
    same "$problems" "$name: it is a standby" "$(sql "$standby" -c 'SELECT pg_is_in_recovery()')" t
    same "$problems" "$name: the table is gone there" "$(sql "$standby" -c "SELECT to_regclass('$table') IS NULL")" t
    ! grep -q '^recovery_target_lsn' "$standby/data/$conf" || echo "$name: a target is still set" >>"$problems"
}

# ---- what it does not start with -----------------------------------------------------------

: >"$problems"
step='starts that are refused'
set_delay 1h
watch refused "$(current_lsn)"
started
same "$problems" 'status without the right to pause' "$status" 2
grep -q 'GRANT EXECUTE ON FUNCTION pg_wal_replay_pause() TO watcher' refused.err || cat refused.err >>"$problems"
sql "$primary" -c 'GRANT EXECUTE ON FUNCTION pg_wal_replay_pause() TO watcher'
guard="host=$primary port=$port user=watcher dbname=postgres" watch primary "$(current_lsn)"
started
same "$problems" 'status with a primary' "$status" 2
grep -q 'is no standby' primary.err || cat primary.err >>"$problems"
wal="$repository/tests/fixtures/demo/wal" watch other 0/B00000
started
same "$problems" 'status with WAL of another cluster' "$status" 2
grep -q 'of --guard is of another cluster' other.err || cat other.err >>"$problems"
verdict "$major: guard: no start with a primary, with another cluster, or without the right to pause" "$problems"

# The GRANT has to arrive there.
catch_up grant

# ---- only looked at ------------------------------------------------------------------------

: >"$problems"
step='dry run'
from=$(current_lsn)
watch dry "$from" --dry-run --format json
sql "$primary" -c 'CREATE TEMP TABLE unwanted (a int)' -c 'DROP TABLE unwanted' -c 'DROP TABLE dry'
if until_said dry '"guard"'; then
    grep '^{"guard"' dry.out >dry.json
    # Before 12 only a superuser may read recovery.conf.
    grep '^{"guard"' dry.out | json_value '.guard | [.report, .verdict, .dry_run, .events[0], .database, (.delay_s == 3600 and .left_s > 3000)] | map(tostring) | join(" ")' >dry.said
    want='verdict in_time true DROP TABLE public.dry postgres true'
    [ "$major" -ge 12 ] || want='verdict not_known true DROP TABLE public.dry postgres false'
    same "$problems" 'what it says' "$(cat dry.said)" "$want"
fi
same "$problems" 'asked to pause' "$(is_asked)" f
ended
verdict "$major: guard: --dry-run says what would be, and asks for nothing" "$problems"

# The page has each key, and no other.
: >"$problems"
awk '/^## / { inside = $0 == "## guard" } inside' "$repository/docs/json.md" | sed -nE 's/^\| `(\.[^`]*)` \| ([a-z ]+) \|.*/\1\t\2/p' | sort >keys.wanted
json_value 'paths as $p | ($p | map(if type == "number" then "[]" else "." + . end) | join("")) + "\t" + (getpath($p) | type)' dry.json | sort -u >keys.seen
awk -F '\t' '
    FNR == NR { types[$1] = " " $2 " "; next }
    $1 ~ /\[\]$/ { next }
    { seen[$1] = 1 }
    index(types[$1], " " $2 " ") == 0 { print $1 " is " $2 ", the page says:" types[$1] }
    END { for (path in types) if (!(path in seen) && path !~ /settings\.|recipe\[/) print "no output has " path }' keys.wanted keys.seen >"$problems"
[ "$(wc -l <keys.wanted)" -gt 25 ] || echo "the page has $(wc -l <keys.wanted) keys" >>"$problems"
verdict "$major: guard: keys of JSON as docs/json.md has them" "$problems"

# ---- in time, on a standby that has nothing else to wait for -------------------------------

guard="host=$standby port=$port user=postgres dbname=postgres"
: >"$problems"
step='in time, idle'
catch_up idle
from=$(current_lsn)
sql "$primary" -c 'DROP TABLE idle'
is_locked idle
# The WAL from the standby itself.
wal="$guard" watch idle "$from"
if until_said idle '^guard: in time: (59|1 h) .*left: DROP TABLE public.idle in database postgres'; then
    grep -q 'place .* between its lock at' idle.out || cat idle.out >>"$problems"
    same "$problems" 'asked to pause' "$(is_asked)" t
    ! PGOPTIONS='-c lock_timeout=300' sql "$standby" -c 'TABLE idle' >/dev/null 2>&1 || echo 'the table is not locked' >>"$problems"
    follow idle exact
    same "$problems" 'way back' "$(head -n 1 step.out)" t
    follow idle read
    same "$problems" 'rows saved' "$(saved_rows)" 1000
    until_said idle 'the standby was restarted with a recovery target' err || true
    goes_on idle idle
    until_said idle 'the standby was restarted.* it is held no more' err || true
fi
ended
verdict "$major: guard: in time; locked, read after the restart of the recipe, and a standby again" "$problems"

# ---- rows that are deleted -----------------------------------------------------------------

: >"$problems"
step='in time, DELETE'
catch_up delete
from=$(current_lsn)
sql "$primary" -c 'DELETE FROM journal WHERE id <= 1'
before=$(sql "$primary" -c 'BEGIN' -c 'DELETE FROM kept' -c 'SELECT pg_current_wal_insert_lsn()' -c 'COMMIT')
watch delete "$from" --guard-rows 1000
if until_said delete '^guard: in time: (59|1 h) .*left: DELETE FROM public.kept'; then
    grep -q 'place .*locks nothing against reading' delete.out || cat delete.out >>"$problems"
    # All that the DELETE did but its end.
    follow delete exact
    same "$problems" 'at the target' "$(tail -n 1 step.out)" "$before"
    follow delete read
    same "$problems" 'rows saved' "$(saved_rows)" 1000
    until_said delete 'the standby was restarted with a recovery target' err || true
    goes_on delete delete
    same "$problems" 'rows of the standby that has gone on' "$(sql "$standby" -c 'SELECT count(*) FROM kept')" 0
fi
ended
verdict "$major: guard: in time for a mass DELETE, whose rows are read" "$problems"

# ---- in time, under traffic ----------------------------------------------------------------

: >"$problems"
step='in time, traffic'
catch_up busy
from=$(current_lsn)
watch busy "$from" --on '^DROP TABLE'
for ((i = 1; i <= 200; i++)); do echo "INSERT INTO journal (what) VALUES ('busy $i'); SELECT pg_sleep(0.02) \\g /dev/null"; done >traffic.sql
sql "$primary" -f traffic.sql >>setup.log 2>&1 &
traffic=$!
background+=("$traffic")
wait_until traffic "$primary" "SELECT count(*) > 20 FROM journal WHERE what LIKE 'busy %'"
sql "$primary" -c 'INSERT INTO "Busy Orders" SELECT 1001, md5($$x$$)' -c 'DROP TABLE "Busy Orders"'
if until_said busy '^guard: in time: (59|1 h) .*left: DROP TABLE public."Busy Orders"'; then
    grep -q 'place .*, before its lock at' busy.out || cat busy.out >>"$problems"
    # The row that came last waits for the delay.
    follow busy read
    same "$problems" 'rows as of the pause' "$(saved_rows)" 1000
    follow busy exact
    same "$problems" 'at the target' "$(tail -n 1 step.out)" "$(sed -n "s/.*recovery_target_lsn = '\([0-9A-F/]*\)'.*/\1/p" step.sh)"
    follow busy read
    same "$problems" 'rows right before the lock' "$(saved_rows)" 1001
    wait "$traffic" || true
    goes_on busy '"Busy Orders"'
fi
wait "$traffic" || true
ended
verdict "$major: guard: in time under traffic; read at once, and with the last row after the restart" "$problems"

# ---- too late ------------------------------------------------------------------------------

: >"$problems"
step='too late'
catch_up late 1s
from=$(current_lsn)
sql "$primary" -c 'DROP TABLE late' -c "INSERT INTO journal (what) VALUES ('late')"
wait_until 'end of the delay' "$standby" "SELECT count(*) > 0 FROM journal WHERE what = 'late'"
# The name is gone, unless the WAL read has it.
# What ends the watch waits for the verdict.
watch late "$from" --to-lsn "$(current_lsn)"
started
[ "$status" -eq 3 ] || same "$problems" 'status of watch' "$status" 0
if until_said late '^guard: too late, because the standby has replayed to .*, past the commit at .*, which was due [0-9.]+ s ago: DROP TABLE .* in database'; then
    same "$problems" 'asked to pause' "$(is_asked)" f
    same "$problems" 'recipe' "$(grep -c '^      ' late.out)" 0
fi
verdict "$major: guard: too late is said, with why" "$problems"

# What a delay does not hold back.
: >"$problems"
step='too late, database'
catch_up database
from=$(current_lsn)
oid=$(sql "$primary" -c "SELECT oid FROM pg_database WHERE datname = 'gone'")
sql "$primary" -c 'DROP DATABASE gone'
wait_until 'end of the database on the standby' "$standby" "SELECT count(*) = 0 FROM pg_ls_dir('base') f WHERE f = '$oid'"
watch database "$from"
if until_said database '^guard: too late, because the standby has replayed to .*, past .*, where this acts at once: .* holds back commits only: DROP DATABASE gone'; then
    same "$problems" 'asked to pause' "$(is_asked)" f
fi
ended
verdict "$major: guard: DROP DATABASE is too late where no commit waits before it" "$problems"

# ---- no way back ---------------------------------------------------------------------------

: >"$problems"
step='no way back'
catch_up moved
from=$(current_lsn)
sql "$primary" -c 'DROP TABLE moved'
is_locked moved
sql "$standby" -c 'CHECKPOINT'
watch moved "$from" --dsn "$guard"
if until_said moved '^guard: in time: (59|1 h) .*left: DROP TABLE public.moved'; then
    [ -z "$(commands moved exact)" ] || echo 'a way back is offered' >>"$problems"
    follow moved copy
    same "$problems" 'rows of the copy' "$(saved_rows)" 1000
    server pg_ctl -D "$work/copy" -w -m immediate stop >>pg_ctl.log
    goes_on moved moved
fi
ended
verdict "$major: guard: where the standby cannot go back, a copy of it is promoted and read" "$problems"

# ---- many times, with a delay that ends ----------------------------------------------------

# The standby must not get past the commit, however long it waits after that.
: >"$problems"
in_time=0 slowest=0
for ((n = 1; n <= trials; n++)); do
    step="trial $n"
    catch_up "trial $n" "${trial_delay}s"
    from=$(current_lsn)
    watch "trial_$n" "$from" --format json
    traffic=
    if [ $((n % 2)) -eq 0 ]; then
        for ((i = 1; i <= trial_delay * 20; i++)); do echo "INSERT INTO journal (what) VALUES ('trial $n $i'); SELECT pg_sleep(0.05) \\g /dev/null"; done >traffic.sql
        sql "$primary" -f traffic.sql >>setup.log 2>&1 &
        traffic=$!
        background+=("$traffic")
        nap $((trial_delay + 2))
    else
        nap $((n % 5))
    fi
    sql "$primary" -c "DROP TABLE last_$n"
    until_said "trial_$n" '"report":"verdict"' || continue
    said=$(grep '"report":"verdict"' "trial_$n.out" | json_value '.guard | [.verdict, .place, .commit_lsn, .inspectable_lsn, .left_s, .asked_s] | map(tostring) | join(" ")')
    read -r answer place commit inspectable left asked <<<"$said"
    nap $((trial_delay + 3))
    if [ "$answer" = in_time ] && [ "$(sql "$standby" -c "SELECT pg_last_wal_replay_lsn() <= '$commit' AND pg_is_wal_replay_paused()")" = t ]; then
        in_time=$((in_time + 1))
    else
        echo "trial $n: $said, and the standby is at $(replayed)" >>"$problems"
    fi
    paused=$(grep '"state":"paused"' "trial_$n.out" | head -n 1 | json_value '.guard.asked_s') || true # before 14 it is never told
    [ -z "$traffic" ] || { kill "$traffic" 2>/dev/null || true; wait "$traffic" || true; }
    # Settings as printed: where there is a way back, the table can be read with them.
    way=none
    if [ "$place" = before_lock ] || [ "$(sql "$standby" -c "SELECT min_recovery_end_lsn <= '$inspectable' FROM pg_control_recovery()")" = t ]; then
        way=restart
        stop_cluster "$standby" "$([ "$place" = before_lock ] && echo fast || echo immediate)"
        grep '"report":"verdict"' "trial_$n.out" | json_value '.guard.settings | to_entries[] | .key + " = \u0027" + .value + "\u0027"' >>"$standby/data/$conf"
        start_cluster "$standby"
        wait_until 'target' "$standby" "SELECT pg_is_wal_replay_paused() AND pg_last_wal_replay_lsn() <= '$inspectable'" 2>>"$problems" || true
        same "$problems" "trial $n: rows" "$(sql "$standby" -c "SELECT count(*) FROM last_$n" 2>&1)" 1000
    fi
    echo "# $major: trial $n: $answer, $place, $left s left, told after $asked s, paused after ${paused:-?} s, way back: $way"
    ended
done
[ "$trials" -eq 0 ] || verdict "$major: guard: $in_time of $trials drops in time with a delay of $trial_delay s, and never passed" "$problems"

exit $((failures > 0))
