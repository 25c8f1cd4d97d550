#!/usr/bin/env bash
# Tables that `rescue` makes anew out of the files of a stopped server, against the server's own.
#
#   tests/servers/ddl.sh DDL MAJOR      DDL: the program that prints the SQL (ddl.c); MAJOR: 10 to 18, or one of 32 bits as 18-i386
#
# The SQL is run three times: in an empty database, in that of the tables after they are dropped, and beside them under another name. What the
# server then says of the tables is compared. There are no rows and no WAL: that is what tests/servers/rescue.sh is for.
#
# RECORD=1 writes the expressions of the tables as they are stored, what pg_get_expr() says of them, and the names in them, to
# tests/fixtures/ddl/MAJOR.txt: for tests/unit/test_ddl_expression.c.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/servers/lib.sh
. "$here/lib.sh"

ddl=$(realpath "$1")
server=$2
major=${server%-*}

if ! use_major "$server"; then
    echo "ok - $server: ddl # SKIP $reason"
    exit 0
fi

work_in ddl
cluster=$work/cluster
[ "$server" = "$major" ] || unset PITR_CLUSTERS # they are of another server
make_cluster "$cluster" "$major" 16 <<<'autovacuum = off'
start_cluster "$cluster"
step=workload
database=postgres
sql "$cluster" -c 'CREATE DATABASE shop' -c 'CREATE DATABASE empty'
database=shop
# Lines of other majors are left out: --10+ is a line from 10 on, --16- one up to 16.
awk -v major="$major" '{
    while (match($0, /^--[0-9]+[+-] /)) {
        bound = substr($0, 3, RLENGTH - 4) + 0
        is_from = substr($0, RLENGTH - 1, 1) == "+"
        if (is_from ? major < bound : major > bound) next
        $0 = substr($0, RLENGTH + 1)
    }
    print
}' "$here/ddl.sql" >ddl.sql
sql "$cluster" -f ddl.sql >workload.log 2>&1 || {
    fail "$server: the statements of ddl.sql" workload.log
    exit 1
}

step=questions
since() { if [ "$major" -ge "$1" ]; then echo "$2"; else echo "$3"; fi; }
ours="IN ('shop', 'public', 'Odd \"Name')"
of_ours="c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname $ours)"
# What stands for SQL's own words is printed as the functions that it is: they are compared.
told="CASE WHEN attname = 'split' THEN (SELECT string_agg(m[1], ' ') FROM regexp_matches(adbin::text, ':funcid (\d+)', 'g') m) ELSE pg_get_expr(adbin, adrelid) END"
cat >questions.sql <<END
SET search_path = '';
SELECT 'table', c.oid::regclass, relkind, relpersistence, relreplident, reloptions FROM pg_class c WHERE relkind = 'r' AND $of_ours;
SELECT 'column', c.oid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, $told, attidentity, attstorage, COALESCE(attstattarget, -1), $(since 12 attgenerated "''"), attcollation, attnum - (SELECT count(*) FROM pg_attribute d WHERE d.attrelid = a.attrelid AND d.attnum BETWEEN 1 AND a.attnum AND attisdropped)
    FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'c') AND $of_ours;
SELECT 'constraint', conrelid::regclass, contypid::regtype, conname, convalidated, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace IN (SELECT oid FROM pg_namespace WHERE nspname $ours);
SELECT 'index', pg_get_indexdef(c.oid) FROM pg_class c WHERE relkind = 'i' AND $of_ours;
SELECT 'sequence', s.schemaname, s.sequencename, s.data_type, s.start_value, s.min_value, s.max_value, s.increment_by, s.cycle, s.cache_size, s.last_value,
    (SELECT format('%s %s', refobjid::regclass, refobjsubid) FROM pg_depend d JOIN pg_class c ON c.oid = objid AND relname = s.sequencename
     WHERE d.classid = 'pg_catalog.pg_class'::regclass AND refclassid = 'pg_catalog.pg_class'::regclass AND deptype IN ('a', 'i'))
    FROM pg_sequences s WHERE schemaname $ours;
SELECT 'enum', enumtypid::regtype, enumlabel, rank() OVER (PARTITION BY enumtypid ORDER BY enumsortorder) FROM pg_enum;
SELECT 'type', oid::regtype, typtype, format_type(typbasetype, typtypmod), typnotnull, pg_get_expr(typdefaultbin, 0), typcollation
    FROM pg_type WHERE typnamespace IN (SELECT oid FROM pg_namespace WHERE nspname $ours);
SELECT 'range', rngtypid::regtype, rngsubtype::regtype, rngcollation, rngsubopc, rngsubdiff $(since 14 ', rngmultitypid::regtype' '') FROM pg_range WHERE rngtypid >= 16384;
SELECT 'comment', objoid::regclass, objsubid, description FROM pg_description JOIN pg_class c ON c.oid = objoid WHERE $of_ours;
END
sql "$cluster" -f questions.sql | LC_ALL=C sort >wanted

if [ -n "${RECORD:-}" ]; then
    mkdir -p "$repository/tests/fixtures/ddl"
    sql "$cluster" >"$repository/tests/fixtures/ddl/$major.txt" <<'END'
SET search_path = '';
SET standard_conforming_strings = off;
SET escape_string_warning = off;
CREATE TEMP TABLE trees AS
    SELECT adbin::text AS tree, pg_get_expr(adbin, adrelid) AS told FROM pg_attrdef WHERE adrelid = 'shop.orders'::regclass
    UNION ALL SELECT conbin::text, pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conrelid = 'shop.orders'::regclass AND contype = 'c'
    UNION ALL SELECT indpred::text, pg_get_expr(indpred, indrelid) FROM pg_index WHERE indrelid = 'shop.orders'::regclass AND indpred IS NOT NULL;
CREATE TEMP TABLE numbers AS
    SELECT DISTINCT f[1] AS field, f[2]::oid AS oid FROM trees, LATERAL regexp_matches(tree, ':([a-z_]+) (\\d+)', 'g') f WHERE length(f[2]) < 9;
COPY (SELECT 'type', t.oid, format_type(t.oid, -1) FROM pg_type t WHERE t.oid < 16384
    AND t.oid IN (SELECT oid FROM numbers WHERE field ~ 'type|array_typeid') ORDER BY 2) TO STDOUT;
COPY (SELECT 'function', p.oid, quote_ident(proname) FROM pg_proc p WHERE p.oid IN (SELECT oid FROM numbers WHERE field = 'funcid') ORDER BY 2) TO STDOUT;
COPY (SELECT 'operator', o.oid, oprname FROM pg_operator o WHERE o.oid IN (SELECT oid FROM numbers WHERE field = 'opno') ORDER BY 2) TO STDOUT;
COPY (SELECT 'relation', c.oid, c.oid::regclass FROM pg_class c WHERE relkind = 'S' ORDER BY 2) TO STDOUT;
COPY (SELECT 'column', attnum, quote_ident(attname) FROM pg_attribute WHERE attrelid = 'shop.orders'::regclass AND attnum > 0 ORDER BY 2) TO STDOUT;
COPY (SELECT 'expression', tree, told FROM trees WHERE told NOT LIKE '%split_part%' AND tree !~ 'type 16[34]\\d\\d' ORDER BY told COLLATE "C", tree COLLATE "C") TO STDOUT;
END
fi
stop_cluster "$cluster"
cp -a "$cluster/data" stopped
as_owner chmod -R go+rX stopped
echo 'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)
CHECKPOINT LOCATION: 0/2000060
BACKUP METHOD: streamed
BACKUP FROM: primary
START TIME: 2026-11-30 00:00:00 UTC
LABEL: none' >stopped/backup_label
start_cluster "$cluster"

step=tables
tables=(shop orders 'Odd "Name' 'Table -- x' shop nothing shop only_dropped shop quick shop by_key public common shop long)
[ "$major" -lt 18 ] || tables+=(shop checks)
if ! "$ddl" stopped shop "${tables[@]}" >told.sql 2>told.gaps; then
    fail "$server: the program that tells" told.gaps
    exit 1
fi
verdict "$server: nothing is left out of tables that can be told whole" told.gaps

# The program ends each table with a line of its key.
grep '^-- key:' told.sql >keys || true
keys=(' id' ' a' '' '' ' a' ' c b' '' '')
[ "$major" -lt 18 ] || keys+=('')
printf -- '-- key:%s\n' "${keys[@]}" >keys.wanted
diff keys.wanted keys >problems || true
verdict "$server: the keys of tables are found" problems

load() { # load NAME FILE: as users are told to; true when it went
    if sql "$cluster" -1 -f "$2" >load.log 2>&1; then return; fi
    fail "$server: $1" load.log
    return 1
}
compare() { # compare NAME
    sql "$cluster" -f questions.sql | LC_ALL=C sort >got
    diff wanted got | grep '^[<>]' | cut -c1-400 >problems || true
    [ "$(wc -l <got)" -ge 180 ] || echo "only $(wc -l <got) lines compared" >>problems
    verdict "$server: $1" problems
}

step='empty database'
database=empty
if load 'the SQL runs in an empty database' told.sql; then compare 'tables made in an empty database are those that were lost'; fi

step='dropped tables'
database=shop
sql "$cluster" -c 'SET client_min_messages = warning' \
    -c 'DROP SCHEMA public CASCADE' -c 'DROP TABLE IF EXISTS shop.orders, "Odd ""Name"."Table -- x", shop.nothing, shop.only_dropped, shop.quick, shop.by_key, shop.checks, shop.long'
if load 'the SQL runs where the tables were dropped' told.sql; then compare 'tables made where they were dropped are those that were lost'; fi

step='another name'
"$ddl" stopped shop --into again shop orders >again.sql 2>again.gaps
sed 's/^gap: index .* as replica identity$//' again.gaps >problems
if load 'the SQL of another name runs beside the table' again.sql; then
    for table in orders again; do
        cat >one.sql <<END
SET search_path = '';
SELECT attname, format_type(atttypid, atttypmod), attnotnull, replace($told, 'shop.again_', 'shop.orders_')
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = 'shop.$table'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum;
SELECT count(*), count(DISTINCT indexrelid), sum(indnatts), count(*) FILTER (WHERE indisunique) FROM pg_index WHERE indrelid = 'shop.$table'::regclass;
SELECT contype, count(*), sum(length(pg_get_constraintdef(oid))) FROM pg_constraint WHERE conrelid = 'shop.$table'::regclass GROUP BY 1 ORDER BY 1;
SELECT * FROM shop.${table}_id_seq;
SELECT pg_get_serial_sequence('shop.$table', 'big') = 'shop.${table}_big_seq', * FROM shop.${table}_big_seq;
END
        sql "$cluster" -f one.sql >"$table.facts"
    done
    diff orders.facts again.facts >>problems || true
    verdict "$server: a table of another name stands beside the one that is there" problems
fi

step=gaps
tables=(rest t rest m rest parent rest leaf rest typed rest child)
[ "$major" -lt 17 ] || tables+=(rest day_1)
"$ddl" stopped shop "${tables[@]}" >rest.sql 2>rest.gaps
awk -v major="$major" '{
    while (match($0, /^--[0-9]+[+-] /)) {
        bound = substr($0, 3, RLENGTH - 4) + 0
        is_from = substr($0, RLENGTH - 1, 1) == "+"
        if (is_from ? major < bound : major > bound) next
        $0 = substr($0, RLENGTH + 1)
    }
    print "gap: " $0
}' >gaps.wanted <<'END'
table other, whose rows are a type: it is a type of its own now
default of column a: function rest.f: ALTER TABLE ONLY rest.t ALTER COLUMN a SET DEFAULT rest.f(1);
default of column b: operator rest.~~~: ALTER TABLE ONLY rest.t ALTER COLUMN b SET DEFAULT (OPERATOR(rest.~~~) 5);
default of column c: function rest.f
--12+ generated column g: it is a plain one without values now: function rest.f: GENERATED ALWAYS AS (rest.f(a))
CHECK constraint calls_f: function rest.f: ALTER TABLE ONLY rest.t ADD CONSTRAINT calls_f CHECK ((rest.f(b) > 0));
exclusion constraint apart: function rest.g: ALTER TABLE ONLY rest.t ADD CONSTRAINT apart EXCLUDE USING gist ((rest.g(p)) WITH &&);
foreign key to_other: the other table may not be there: ALTER TABLE rest.t ADD CONSTRAINT to_other FOREIGN KEY (d) REFERENCES rest.other (x) ON DELETE CASCADE DEFERRABLE;
foreign key to_self: the other table may not be there: ALTER TABLE rest.t ADD CONSTRAINT to_self FOREIGN KEY (e) REFERENCES rest.t (a) MATCH FULL ON UPDATE SET NULL;
foreign key from_other: the other table may not be there: ALTER TABLE rest.other ADD CONSTRAINT from_other FOREIGN KEY (x) REFERENCES rest.t (a) NOT VALID;
--15+ foreign key to_pair: the other table may not be there: ALTER TABLE rest.t ADD CONSTRAINT to_pair FOREIGN KEY (b, d) REFERENCES rest.pair (x, y) ON DELETE SET NULL (d);
--18+ unique constraint no_overlap: it may need extension btree_gist: ALTER TABLE ONLY rest.t ADD CONSTRAINT no_overlap UNIQUE (u, s WITHOUT OVERLAPS);
--18+ foreign key to_spans: the other table may not be there: ALTER TABLE rest.t ADD CONSTRAINT to_spans FOREIGN KEY (u, PERIOD s) REFERENCES rest.spans (t, PERIOD s);
index by_f: function rest.f: CREATE INDEX by_f ON rest.t USING btree ((rest.f(a)));
index of_some: function rest.f: CREATE INDEX of_some ON rest.t USING btree (b) WHERE (rest.f(b) > 0);
--12+ index of_generated: a column of it is not restored: CREATE INDEX of_generated ON rest.t USING btree (g);
trigger a trigger\x0ADROP TABLE x
rule a_rule
policy a_policy
statistics both
row level security of t: it is not enabled
privileges (GRANT) on t
privileges (GRANT) on column e
options of column b
--14+ compression of column packed: pglz
query of materialized view m: it is a table now
partitioning of table parent: it is a plain table now
partition of rest.parent: leaf is a plain table now
type of table typed: it is a plain table now
inheritance of rest.other: child is a plain table now
--17+ partition of rest.by_day: day_1 is a plain table now
--17+ identity of column n: its sequence is that of the partitioned table
END
diff <(sort gaps.wanted) <(sort rest.gaps) >problems || true
diff <(sed 's/^gap: //' rest.gaps | sort) <(sed -n 's/^-- not restored: //p' rest.sql | sort) >>problems || true
verdict "$server: what cannot be told has a line each" problems

# A table with a column of another one's rows comes first: the other one is made before it, and not again.
"$ddl" stopped shop rest t rest other >order.sql 2>order.gaps
{
    grep -v '^gap: ' order.gaps || true
    grep 'rows are a type' order.gaps || true
    grep '^CREATE TABLE' order.sql | diff - <(printf 'CREATE TABLE rest.%s (\n' other t) || true
} >problems
verdict "$server: a table whose rows are a type is made before the table that has them" problems
database=empty
load 'SQL of two tables in another order runs' order.sql || true
sql "$cluster" -c 'SET client_min_messages = warning' -c 'DROP TABLE rest.t, rest.other'

# Where the tables were dropped, the statements in the comments run.
step='statements in comments'
database=shop
cat >rest.questions <<END
SET search_path = '';
SELECT conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'rest'::regnamespace AND contype IN ('p', 'u', 'c', 'f', 'x') ORDER BY conname;
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'rest.t'::regclass ORDER BY 1;
SELECT adnum, pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'rest.t'::regclass AND adnum < 3 ORDER BY 1;
END
sql "$cluster" -f rest.questions >rest.wanted
sql "$cluster" -c 'SET client_min_messages = warning' -c 'DROP TABLE rest.t CASCADE'
"$ddl" stopped shop rest t >t.sql 2>/dev/null
sed -nE 's/^-- not restored: .*: ((ALTER TABLE|CREATE INDEX) .*;)$/\1/p' t.sql >comments.sql
if load 'SQL with gaps runs where the table was dropped' t.sql && load 'statements in comments run' comments.sql; then
    sql "$cluster" -f rest.questions >rest.got
    diff rest.wanted rest.got >problems || true
    [ "$(wc -l <comments.sql)" -ge 8 ] || echo "only $(wc -l <comments.sql) statements" >>problems
    verdict "$server: with the statements in comments a table is what it was" problems
fi
database=empty
load 'SQL with gaps runs in an empty database' rest.sql && pass "$server: SQL with gaps runs in an empty database"
exit $((failures > 0))
