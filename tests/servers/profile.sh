#!/usr/bin/env bash
# The version table against the server of a major: every number that a server can tell.
#
#   tests/servers/profile.sh PROFILE MAJOR      PROFILE: the program that prints the table (profile.c)
#
# With RECORD=1 what the server says is written to told/MAJOR.txt, for those who have no server: see tests/cli/profile.sh.
#
# Asked are pg_attribute (offsets of columns, from attlen and attalign), pg_class (OIDs and files of the catalogs),
# pg_database, pg_namespace, pg_tablespace, pg_settings, pg_get_keywords() with quote_ident(), the file pg_control and what
# the functions about it say, the first bytes of a segment, and the parser. Every field of the table must be told here, or
# be one of untold_fields.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/servers/untold_fields.sh
. "$here/untold_fields.sh"

table=$(realpath "$1")
major=$2
export database=postgres

if ! use_major "$major"; then
    echo "ok - $major: the version table # SKIP $reason"
    exit 0
fi

work_in profile
cluster=$work/cluster problems=$work/problems

make_cluster "$cluster" "$major" 1 <<<'wal_level = replica'
control=$cluster/data/global/pg_control
start_cluster "$cluster"

ask() { sql "$cluster" -F ' ' -c "$1"; }
yes_or_no() { ask "SELECT ($1)::int"; }
tell() { echo "$1 $2" >>"$work/told"; } # tell FIELD VALUE

# ---- columns -------------------------------------------------------------------------------

"$table" "$major" >"$work/table"
names=$(sed -n "s/^catalog \([a-z_]*\) .*/'\1'/p" "$work/table" | paste -sd,)

# Where each column of fixed place lies: NAME OFFSET. A column of varying length ends them; below 12 the oid is none of them.
ask "SELECT attname, attlen, attalign, attrelid, attnum FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
     WHERE relnamespace = 11 AND relname IN ($names) AND attnum > 0 ORDER BY attrelid, attnum" |
    awk 'BEGIN { bytes["c"] = 1; bytes["s"] = 2; bytes["i"] = 4; bytes["d"] = 8 }
         $4 != relation { relation = $4; at = 0; is_fixed = 1 }
         $2 < 0 { is_fixed = 0 }
         is_fixed { at = int((at + bytes[$3] - 1) / bytes[$3]) * bytes[$3]; print $1, at; at += $2 }' >"$work/offsets"

# The columns that the table names; some stand for more of other catalogs.
also() {
    case $1 in
    nspname) echo nspname extname spcname rolname ;;
    polname) echo polname rulename ;;
    polrelid) echo polrelid ev_class ;;
    *) echo "$1" ;;
    esac
}
for field in $(sed -n 's/^catalog\.\([a-z]*\)_at .*/\1/p' "$work/table"); do
    for column in $(also "$field"); do
        tell "catalog.${field}_at" "$(awk -v column="$column" '$1 == column { at = $2; n++ }
            END { if (n > 1) print "ambiguous"; else print n ? at : -1 }' "$work/offsets")"
    done
done
tell catalog.oid_in_header "$(yes_or_no "NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 1259 AND attname = 'oid' AND attnum > 0)")"
# The code takes these two of pg_attribute for granted.
: >"$problems"
same "$problems" attrelid "$(awk '$1 == "attrelid" { print $2 }' "$work/offsets")" 0
same "$problems" attname "$(awk '$1 == "attname" { print $2 }' "$work/offsets")" 4
verdict "$major: pg_attribute begins with attrelid and attname" "$problems"

# ---- what was fixed when the server was made -----------------------------------------------

ask "SELECT 'catalog', relname, oid, pg_relation_filenode(oid), relisshared::int FROM pg_class WHERE relname IN ($names) AND relnamespace = 11" >>"$work/told"
ask "SELECT 'relation', relnamespace::regnamespace || '.' || relname, oid, pg_relation_filenode(oid), reltablespace FROM pg_class WHERE oid < 10000" >>"$work/told"
ask "SELECT 'schema', nspname, oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'pg_toast', 'public')" >>"$work/told"
ask "SELECT 'tablespace', spcname, oid FROM pg_tablespace" >>"$work/told"
tell has_fixed_database_oids "$(yes_or_no "(SELECT string_agg(oid || datname::text, ' ' ORDER BY oid) FROM pg_database) = '1template1 4template0 5postgres'")"
tell only_tables_have_types "$(yes_or_no "NOT EXISTS (SELECT FROM pg_class WHERE relkind = 't' AND reltype <> 0)")"
tell has_control_functions "$(yes_or_no "to_regproc('pg_control_system') IS NOT NULL")"
tell recovery.lacks_subscriptions "$(yes_or_no "to_regclass('pg_catalog.pg_subscription') IS NULL")"

# ---- settings ------------------------------------------------------------------------------

setting() { ask "SELECT $2 FROM pg_settings WHERE name = '$1'"; }
if [ -n "$(setting recovery_target_time name)" ]; then
    tell recovery.conf_file postgresql.auto.conf
    tell recovery.has_signal_file 1
    tell recovery.default_is_latest_timeline "$(setting recovery_target_timeline "(boot_val = 'latest')::int")"
    tell recovery.has_lsn_target "$(yes_or_no "EXISTS (SELECT FROM pg_settings WHERE name = 'recovery_target_lsn')")"
else
    tell recovery.conf_file recovery.conf
    tell recovery.has_signal_file 0
    tell recovery.has_lsn_target "$(grep -qac recovery_target_lsn "$server_native/bin/postgres" && echo 1 || echo 0)"
fi
tell recovery.tells_paused "$(yes_or_no "to_regproc('pg_get_wal_replay_pause_state') IS NOT NULL")"
tell recovery.hot_standby_by_default "$(setting hot_standby "(boot_val = 'on')::int")"
tell recovery.standby_wal_level "$(setting wal_level "CASE WHEN 'replica' = ANY (enumvals) THEN '-' ELSE 'hot_standby' END")"

# ---- the language --------------------------------------------------------------------------

said=$(sql "$cluster" -c 'ALTER TABLE nowhere MERGE PARTITIONS (a, b) INTO c' 2>&1 || true)
tell has_partition_merge "$([[ $said == *'syntax error'* ]] && echo 0 || echo 1)"
ask "SELECT word FROM pg_get_keywords() UNION SELECT 'x' UNION SELECT 'X' UNION SELECT '1a' UNION SELECT 'a\"b' UNION SELECT 'a\$' ORDER BY 1" >"$work/words"
{
    echo 'CREATE TEMP TABLE words (word text);'
    echo '\copy words from pstdin csv quote E'"'\\x01'"
    echo 'SELECT quote_ident(word) FROM words;'
} >"$work/quote.sql"
sql "$cluster" -f "$work/quote.sql" <"$work/words" >"$work/quoted"
"$table" "$major" quote <"$work/words" >"$work/quoted.table"
diff "$work/quoted" "$work/quoted.table" >"$problems" || true
[ "$(wc -l <"$work/quoted")" -gt 400 ] || echo 'there are few keywords' >>"$problems"
verdict "$major: $(wc -l <"$work/quoted") words are quoted as quote_ident does" "$problems"

# ---- resource managers and pages -----------------------------------------------------------

if [ "$major" -ge 15 ]; then
    tell max_builtin_rmgr "$(ask 'SELECT max(rm_id) FROM pg_get_wal_resource_managers() WHERE rm_builtin')"
fi
tell has_custom_rmgrs "$(grep -qac RegisterCustomRmgr "$server_native/bin/postgres" && echo 1 || echo 0)"
tell major "$major"
tell version "$(($(ask 'SHOW server_version_num') / 100))"
tell recovery.wal_directory "$(cd "$cluster/data" && echo pg_wal*)"
segment=$(find "$cluster/data/pg_wal" -name '0*' -type f | sort | head -n 1)
tell page_magic "$(od -An -tu2 -N2 "$segment" | tr -d ' ')"

# ---- pg_control ----------------------------------------------------------------------------

tell catalog_version "$(ask 'SELECT catalog_version_no FROM pg_control_system()')"
tell control_version "$(ask 'SELECT pg_control_version FROM pg_control_system()')"
# A standby that has replayed records writes how far: they come from a server that is stopped at once.
sql "$cluster" -c 'CREATE TABLE t AS SELECT generate_series(1, 1000)'
stop_cluster "$cluster" immediate
if [ "$major" -ge 12 ]; then
    touch "$cluster/data/standby.signal"
else
    echo 'standby_mode = on' >"$cluster/data/recovery.conf"
fi
give_to_owner "$cluster/data"
start_cluster "$cluster"
stop_cluster "$cluster"
start_cluster "$cluster"
reached=$(lsn_number "$(ask 'SELECT min_recovery_end_lsn FROM pg_control_recovery()')")
od -An -v -tu1 -w1 "$control" | awk -v reached="$reached" '
    { byte[NR - 1] = $1; if ($1) last = NR - 1 }
    function u32(at) { return byte[at] + 256 * (byte[at + 1] + 256 * (byte[at + 2] + 256 * byte[at + 3])) }
    END {
        # min_recovery_end_lsn stands once, and nothing else has its value.
        for (at = 0; at + 8 <= last; at += 4)
            if (u32(at) + 4294967296 * u32(at + 4) == reached) print "control.min_recovery_at", at
        # 1234567.0 follows the alignment, which is 8 bytes, in four bytes or in eight.
        for (at = 0; at + 8 <= last; at += 8)
            if (u32(at) == 0 && u32(at + 4) == 1093850759) print "control.max_align_at", u32(at - 4) == 8 ? at - 4 : at - 8
        # The checksum is the last thing in the file: zeros follow.
        print "control.crc_at", last - last % 4
    }' >>"$work/told"

# A cluster with checksums of pages has a 1 where one without has a 0.
sums=(without --no-data-checksums with --data-checksums)
[ "$major" -ge 18 ] || sums[1]=--no-locale # without is what is made
for ((i = 0; i < 4; i += 2)); do
    mkdir "$work/${sums[i]}"
    give_to_owner "$work/${sums[i]}"
    server initdb -D "$work/${sums[i]}" -A trust -U postgres --no-locale --no-sync "${sums[i + 1]}" >"$work/initdb.log" 2>&1
    od -An -v -tu4 -w4 "$work/${sums[i]}/global/pg_control" >"$work/${sums[i]}.words"
done
paste "$work/without.words" "$work/with.words" |
    awk '$1 == 0 && $2 == 1 { print "control.checksum_version_at", (NR - 1) * 4 }' >>"$work/told"

# ---- the verdict ---------------------------------------------------------------------------

LC_ALL=C sort -u "$work/told" >"$work/told.sorted"
[ -z "${RECORD:-}" ] || cp "$work/told.sorted" "$here/told/$major.txt"
told_fields "$major" <"$work/table" | LC_ALL=C sort -u >"$work/table.sorted"
diff "$work/told.sorted" "$work/table.sorted" | sed -n 's/^</the server:/p; s/^>/the table: /p' >"$problems" || true
verdict "$major: $(wc -l <"$work/told.sorted") numbers of the version table are those of the server" "$problems"

exit $((failures > 0))
