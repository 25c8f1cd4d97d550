#!/usr/bin/env bash
# Odd incidents: what `rescue` gets back of each is what COPY printed of those rows right before it.
#
#   tests/servers/rescue_incidents.sh PITR-FIND MAJOR      MAJOR 10 to 18
#
# Each incident of rescue_incidents.txt is one transaction, or a few, of a server that is quiet but for that.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

program=$(realpath "$1")
major=$2

if ! use_major "$major"; then
    echo "ok - $major: odd incidents of rescue # SKIP $reason"
    exit 0
fi

work_in incidents archive wanted got
source=$work/source backup=$work/backup problems=$work/problems
export LC_ALL=C TZ=UTC
settings="SET timezone = 'UTC'; SET datestyle = iso; SET intervalstyle = postgres; SET bytea_output = hex; SET extra_float_digits = 3"

make_cluster "$source" "$major" 16 <<SETTINGS
wal_level = replica
archive_mode = on
archive_command = 'cp %p $work/archive/%f'
max_prepared_transactions = 5
autovacuum = off
timezone = 'UTC'
SETTINGS
start_cluster "$source"
database=postgres sql "$source" -c 'CREATE DATABASE shop'

# ---- the list: fields of an incident, in the order of the file -----------------------------------

names=() statuses=() patterns=() befores=() laters=() incidents=() wants=() files=()
read_list() {
    local key value n=-1 is_meant=
    while IFS=' ' read -r key value; do
        if [ "$key" = incident ]; then
            is_meant=1
            if [[ $value =~ ^([0-9]+)\+\ (.*) ]]; then
                value=${BASH_REMATCH[2]}
                [ "$major" -ge "${BASH_REMATCH[1]}" ] || is_meant=
            fi
            [ -z "$is_meant" ] || { n=$((n + 1)); names[n]=$value statuses[n]=0 befores[n]='' laters[n]='' wants[n]='' files[n]=''; }
        fi
        [ -n "$is_meant" ] || continue
        case $key in
        status) statuses[n]=$value ;;
        pattern) patterns[n]=$value ;;
        before) befores[n]+=$value$'\n' ;;
        later) laters[n]+=$value$'\n' ;;
        does) incidents[n]=$value ;;
        rows) # TABLE [CONDITION]
            files[n]+="public.${value%% *} "
            wants[n]+="COPY (SELECT * FROM ONLY ${value%% *} WHERE $([[ $value = *' '* ]] && echo "${value#* }" || echo true)) TO STDOUT \\g '$work/wanted/$n/public.${value%% *}'"$'\n'
            ;;
        esac
    done
}
read_list < <(sed '/^#/d; s/{FILL}/SELECT g, '\''r'\'' || g FROM generate_series(1, 100) g/g' "$here/rescue_incidents.txt")

step=tables
for before in "${befores[@]}"; do printf '%s\n' "$before"; done | sql "$source"

step=backup
start="pg_backup_start('base', true)" stop='pg_backup_stop()'
[ "$major" -ge 15 ] || { start="pg_start_backup('base', true, false)" stop='pg_stop_backup(false)'; }
sql "$source" >backup.log 2>&1 <<SQL
\o /dev/null
SELECT $start;
\! cp -a '$source/data' '$backup' 2>>backup.log
\o '$work/backup_label'
SELECT labelfile FROM $stop;
SQL
printf '%s\n' "$(cat backup_label)" >"$backup/backup_label"
rm -rf "$backup"/postmaster.* "$backup"/pg_wal/*

# ---- incidents -----------------------------------------------------------------------------------

where() { sql "$source" -c 'SELECT pg_current_wal_insert_lsn()'; }

from=() to=()
for n in "${!names[@]}"; do
    step="incident: ${names[n]}"
    mkdir "wanted/$n"
    give_to_owner "wanted/$n"
    printf '%s\n' "${laters[n]}" "$settings;" "${wants[n]}" | sql "$source" >/dev/null
    from[n]=$(where)
    sql "$source" -c 'SET client_min_messages = error' -f - <<<"${incidents[n]}" >/dev/null
    to[n]=$(where)
done
step='end of the WAL'
stop_cluster "$source"
for file in "$source"/data/pg_wal/0*; do
    [ -e "archive/${file##*/}" ] || cp "$file" archive/
done

for n in "${!names[@]}"; do
    : >"$problems"
    status=0
    "$program" rescue --before "${patterns[n]}" --backup "$backup" --from-lsn "${from[n]}" --to-lsn "${to[n]}" \
        --format copy --output "got/$n" archive >/dev/null 2>story || status=$?
    same "$problems" 'exit status' "$status" "${statuses[n]}"
    [ "$status" -eq "${statuses[n]}" ] || cat story >>"$problems"
    same "$problems" files "$(find "got/$n" -type f -printf '%f\n' 2>/dev/null | sort | xargs)" \
        "$(for file in ${files[n]}; do echo "$file.copy"; done | sort | xargs)"
    for file in ${files[n]}; do
        diff -a <(sort "wanted/$n/$file") <(sort "got/$n/$file.copy") | grep -a '^[<>]' | head -n 5 >>"$problems" || true
    done
    verdict "$major: ${names[n]}" "$problems"
done
[ "${#names[@]}" -ge 25 ] || fail "$major: only ${#names[@]} incidents"
exit $((failures > 0))
