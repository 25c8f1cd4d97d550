-- Tables whose definition is told whole: ddl.sh makes them anew in an empty database, and compares. Those of schema "rest" have what cannot be told.
CREATE SCHEMA shop;
CREATE SCHEMA "Odd ""Name";
SET client_min_messages = warning;

CREATE TYPE shop.color AS ENUM ('red', 'gr''een', 'blue');
ALTER TYPE shop.color ADD VALUE 'dark' BEFORE 'blue';
CREATE TYPE "Odd ""Name"."Mood $ddl$" AS ENUM ('$ddl$ ok', E'back\\slash', 'ö');
CREATE DOMAIN shop.positive AS integer DEFAULT 7 NOT NULL CONSTRAINT is_positive CHECK (VALUE > 0) CHECK (VALUE < 1000000);
CREATE DOMAIN shop.email AS varchar(80) COLLATE "C" CHECK (VALUE ~ '^[^@]+@[^@]+$');
--10- CREATE DOMAIN shop.emails AS varchar(80)[];
--11+ CREATE DOMAIN shop.emails AS shop.email[];
CREATE TYPE shop.part AS (name text COLLATE "C", price numeric(8,2), hue shop.color);
CREATE TYPE shop.whole AS (parts shop.part[], mail shop.email);
CREATE TYPE shop.float_range AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE shop.text_range AS RANGE (subtype = text, subtype_opclass = text_pattern_ops, collation = "C");
--14+ CREATE TYPE shop.time_range AS RANGE (subtype = time, multirange_type_name = shop.times);
CREATE SEQUENCE shop.numbers AS integer START 5 INCREMENT 3 MAXVALUE 500 CACHE 2 CYCLE;
CREATE SEQUENCE shop.down INCREMENT -1;
SELECT nextval('shop.numbers'), nextval('shop.numbers');

CREATE TABLE shop.orders (
    id serial PRIMARY KEY,
    big bigserial NOT NULL,
    small smallserial,
    code varchar(10) DEFAULT 'abc' NOT NULL UNIQUE,
    fixed char(5) DEFAULT 'ab',
    total numeric(10,2) DEFAULT 1.5 CHECK (total >= 0),
    whole numeric DEFAULT 10,
    huge numeric DEFAULT 12345678901234567890123,
    ratio double precision DEFAULT -1.5,
    single real DEFAULT 0.1,
    note text DEFAULT E'a ''quoted'' \\ text\nof two lines',
    empty text DEFAULT '',
    none text DEFAULT NULL,
    is_paid boolean DEFAULT false NOT NULL,
    created timestamptz DEFAULT now() NOT NULL,
    updated timestamp DEFAULT (now() AT TIME ZONE 'utc'),
    later timestamptz DEFAULT CURRENT_TIMESTAMP + interval '1 day 02:03',
    exact timestamptz(3) DEFAULT CURRENT_TIMESTAMP(3),
    day date DEFAULT CURRENT_DATE,
    fixed_day date DEFAULT '2024-02-29',
    hour time DEFAULT LOCALTIME,
    who text DEFAULT CURRENT_USER,
    whose name DEFAULT SESSION_USER,
    data jsonb DEFAULT '{"a": [1, 2], "b": null}',
    plain json DEFAULT '{}',
    tags text[] DEFAULT '{}',
    words text[] DEFAULT ARRAY['a', 'b c', NULL],
    numbers int[] DEFAULT '{1,2,NULL}',
    none_yet int[] DEFAULT ARRAY[]::int[],
    hue shop.color DEFAULT 'gr''een',
    hues shop.color[] DEFAULT '{red,"gr''een"}',
    mood "Odd ""Name"."Mood $ddl$" DEFAULT '$ddl$ ok',
    amount shop.positive,
    mails shop.emails,
    parts shop.whole,
    spread shop.float_range DEFAULT '[1,2.5)',
    span shop.text_range,
--14+ times shop.times DEFAULT '{[10:00,11:00)}',
--14+ hours shop.time_range,
    period int4range DEFAULT '[1,5)',
    span_of tsrange,
    where_at box,
    letter "char" DEFAULT 'x',
    ip inet DEFAULT '127.0.0.1',
    raw bytea DEFAULT '\x00ff',
    bits bit(3) DEFAULT B'101',
    many varbit,
    wait interval DEFAULT '1 year 2 mons 3 days 04:05:06.7',
    day_time interval day to second(3),
    clock timetz(2),
    money_like numeric(5,2) DEFAULT (1 + 2) * 3.5,
    upper_code text DEFAULT upper('x') || 'y' || lower('Z'),
    hashed text DEFAULT md5(random()::text),
    either text DEFAULT COALESCE(NULL, 'a'),
    chosen int DEFAULT CASE WHEN 1 > 2 THEN 1 ELSE -2 END,
    mapped text DEFAULT CASE 5 WHEN 1 THEN 'one' WHEN 5 THEN 'five' END,
    biggest int DEFAULT GREATEST(1, 2, 3),
    joined text DEFAULT concat_ws('-', 'a', 1, true) || jsonb_extract_path_text('{"a": {"b": "c"}}', 'a', 'b') || format('%s', 5),
    dated date DEFAULT make_date(2024, 1 + 1, 3) - 5,
    unit numeric DEFAULT date_part('day', interval '3 days') * 2,
    split text DEFAULT split_part('a,b', ',', 2) || substring('abc' from 2 for 1) || trim(both ' x' from ' xax ') || overlay('abcd' placing 'x' from 2),
    at_hour timestamp DEFAULT date_trunc('hour', now() AT TIME ZONE 'Europe/Madrid') + interval '90 minutes' * 2,
    part shop.part DEFAULT '(x,1.50,red)',
    number int DEFAULT nextval('shop.numbers') NOT NULL,
    back bigint DEFAULT nextval('shop.down'),
    c_text text COLLATE "C",
    posix varchar(5) COLLATE "POSIX" DEFAULT 'q',
    location point DEFAULT '(1,2)',
    uid uuid DEFAULT '6b3c1e52-7c8f-4c6e-9a6b-0123456789ab',
--13+ random_uid uuid DEFAULT gen_random_uuid(),
    doc xml,
    "Odd ""column" int DEFAULT 3,
    "select" int,
    CONSTRAINT "a check" CHECK (total > 0 AND note IN ('a', 'abc') OR note IS NOT NULL),
    CHECK (created > '2000-01-01' AND extract(year FROM created) > 10),
    CHECK (length(note) BETWEEN 1 AND 300) NO INHERIT,
    CHECK (NOT is_paid OR day IS DISTINCT FROM fixed_day),
    CHECK (data ? 'a' AND data ->> 'b' IS NULL AND (data -> 'a') @> '[1]'),
    CHECK (code NOT LIKE 'x%' AND fixed <> ALL (ARRAY['q', 'r']) AND hue <> 'red' AND amount > 0),
    CHECK (lower(c_text COLLATE "POSIX") < 'z' AND (is_paid IS TRUE) = (is_paid IS NOT FALSE) AND is_paid IS NOT UNKNOWN),
    CHECK (NULLIF(chosen, 5) < -ratio AND hue = ANY (hues) AND total::text <> ''),
    CHECK (tags[1] <> 'a' AND (numbers || 5)[2] > 0 AND tags[2:3] <> '{q}' AND (words)[:1] IS NOT NULL),
    EXCLUDE USING gist (span_of WITH &&, location WITH ~=) WHERE (is_paid AND total > 3),
    CONSTRAINT no_box_twice EXCLUDE USING spgist (where_at WITH &&) WITH (fillfactor = 50) DEFERRABLE,
    EXCLUDE (lower(whose::text) COLLATE "C" text_pattern_ops WITH =, hue DESC WITH =) WHERE (is_paid),
    UNIQUE (day, code) DEFERRABLE,
    UNIQUE (number, c_text) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE shop.orders ADD COLUMN gone int, ADD COLUMN added int DEFAULT 9 NOT NULL;
ALTER TABLE shop.orders DROP COLUMN gone;
ALTER TABLE shop.orders ADD CONSTRAINT old_rows CHECK (total < 1000) NOT VALID;
ALTER TABLE shop.orders SET (fillfactor = 70, autovacuum_enabled = false);
ALTER TABLE shop.orders REPLICA IDENTITY FULL;
ALTER TABLE shop.orders ALTER COLUMN note SET STORAGE EXTERNAL, ALTER COLUMN data SET STORAGE MAIN, ALTER COLUMN code SET STATISTICS 7;
COMMENT ON TABLE shop.orders IS 'all
orders''';
COMMENT ON COLUMN shop.orders.code IS E'a \\ code';
CREATE INDEX ON shop.orders (created DESC, code);
CREATE INDEX ON shop.orders (created DESC NULLS LAST, code NULLS FIRST) WITH (fillfactor = 60);
CREATE INDEX ON shop.orders (code varchar_pattern_ops, note text_pattern_ops, c_text COLLATE "POSIX");
CREATE UNIQUE INDEX "Lower Code" ON shop.orders (lower(code), (note COLLATE "C") text_pattern_ops) WHERE is_paid AND total > 3;
CREATE INDEX ON shop.orders USING hash (note);
CREATE INDEX ON shop.orders USING gin (data jsonb_path_ops, tags);
CREATE INDEX ON shop.orders USING gist (location, period);
CREATE INDEX ON shop.orders USING brin (day) WITH (pages_per_range = 7);
CREATE INDEX ON shop.orders USING spgist (location);
CREATE INDEX ON shop.orders ((data ->> 'a'), (total * 2));
CREATE INDEX ON shop.orders (hue, ip, mails, amount, spread, hues);
--11+ CREATE UNIQUE INDEX ON shop.orders (day) INCLUDE (note, total);
--11+ ALTER TABLE shop.orders ADD CONSTRAINT with_more UNIQUE (uid) INCLUDE (day);
--15+ ALTER TABLE shop.orders ADD CONSTRAINT no_nulls UNIQUE NULLS NOT DISTINCT (many);
--15+ CREATE UNIQUE INDEX ON shop.orders (code) NULLS NOT DISTINCT;
SELECT nextval('shop.orders_id_seq'), nextval('shop.orders_id_seq'), setval('shop.orders_big_seq', 77, false);

INSERT INTO shop.orders (code, note, day, uid, many, parts)
    SELECT i, 'row ' || i, date '2024-01-01' + i, md5(i::text)::uuid, i::bit(20), ROW(ARRAY[ROW('p', i, 'red')::shop.part], 'a@b')::shop.whole FROM generate_series(1, 70) i;

CREATE TABLE "Odd ""Name"."Table -- x" (
    a int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    b smallint GENERATED BY DEFAULT AS IDENTITY (START 10 INCREMENT 2 MAXVALUE 99 CYCLE),
--12+ c int GENERATED ALWAYS AS (b * 2 + 1) STORED,
--12+ d text GENERATED ALWAYS AS (upper(e)) STORED NOT NULL,
--18+ v int GENERATED ALWAYS AS (b * 3) VIRTUAL,
    e text
);
INSERT INTO "Odd ""Name"."Table -- x" (e) VALUES ('x'), ('y');
--18+ CREATE TABLE shop.checks (a int, b int, c int CONSTRAINT is_not_null NOT NULL, d int CONSTRAINT "not this" NOT NULL NO INHERIT, CONSTRAINT later CHECK (a > 0) NOT ENFORCED);
--18+ INSERT INTO shop.checks VALUES (-1, NULL, 1, 1);
--18+ ALTER TABLE shop.checks ADD CONSTRAINT b_later NOT NULL b NOT VALID;
CREATE TABLE shop.nothing ();
CREATE TABLE shop.only_dropped (a int);
ALTER TABLE shop.only_dropped DROP COLUMN a;
CREATE UNLOGGED TABLE shop.quick (a int PRIMARY KEY, b text);
-- Trees so long that they lie in TOAST.
DO $$ BEGIN
    EXECUTE (SELECT format('CREATE TABLE shop.long (a text CONSTRAINT one_of CHECK (a = ANY (ARRAY[%s])), b text DEFAULT %L)', string_agg(quote_literal(md5(i::text)), ','),
        string_agg(md5(i::text), '')) FROM generate_series(1, 400) i);
END $$;
CREATE TABLE public.common (a int);
CREATE TABLE shop.by_key (a int, b int NOT NULL, c int NOT NULL, UNIQUE (a), UNIQUE (c, b));

-- What cannot be told: a line each.
CREATE SCHEMA rest;
CREATE FUNCTION rest.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE FUNCTION rest.g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION rest.g(box) RETURNS box LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE OPERATOR rest.~~~ (PROCEDURE = rest.f, RIGHTARG = int);
CREATE TABLE rest.other (x int PRIMARY KEY);
CREATE TABLE rest.t (
    a int PRIMARY KEY DEFAULT rest.f(1),
    b int DEFAULT (OPERATOR(rest.~~~) 5) CONSTRAINT calls_f CHECK (rest.f(b) > 0),
    c text DEFAULT rest.f(2) || 'two
lines',
    d int CONSTRAINT to_other REFERENCES rest.other (x) ON DELETE CASCADE DEFERRABLE,
    e int CONSTRAINT to_self REFERENCES rest.t (a) MATCH FULL ON UPDATE SET NULL,
--12+ g int GENERATED ALWAYS AS (rest.f(a)) STORED NOT NULL,
    p box,
    r rest.other,
    CONSTRAINT apart EXCLUDE USING gist (rest.g(p) WITH &&)
);
ALTER TABLE rest.other ADD CONSTRAINT from_other FOREIGN KEY (x) REFERENCES rest.t NOT VALID;
--15+ CREATE TABLE rest.pair (x int, y int, PRIMARY KEY (x, y));
--15+ ALTER TABLE rest.t ADD CONSTRAINT to_pair FOREIGN KEY (b, d) REFERENCES rest.pair ON DELETE SET NULL (d);
--18+ CREATE TABLE rest.spans (s int4range, t tsrange, PRIMARY KEY (t, s WITHOUT OVERLAPS));
--18+ ALTER TABLE rest.t ADD COLUMN s int4range, ADD COLUMN u tsrange, ADD CONSTRAINT no_overlap UNIQUE (u, s WITHOUT OVERLAPS);
--18+ ALTER TABLE rest.t ADD CONSTRAINT to_spans FOREIGN KEY (u, PERIOD s) REFERENCES rest.spans;
CREATE INDEX by_f ON rest.t (rest.f(a));
CREATE INDEX of_some ON rest.t (b) WHERE rest.f(b) > 0;
--12+ CREATE INDEX of_generated ON rest.t (g);
CREATE TRIGGER "a trigger
DROP TABLE x" BEFORE INSERT ON rest.t FOR EACH ROW EXECUTE PROCEDURE rest.g();
CREATE RULE a_rule AS ON DELETE TO rest.t DO INSTEAD NOTHING;
CREATE POLICY a_policy ON rest.t;
ALTER TABLE rest.t ENABLE ROW LEVEL SECURITY;
CREATE STATISTICS rest.both ON a, b FROM rest.t;
GRANT SELECT ON rest.t TO PUBLIC;
GRANT UPDATE (e) ON rest.t TO PUBLIC;
ALTER TABLE rest.t ALTER COLUMN b SET (n_distinct = 5);
--14+ ALTER TABLE rest.t ADD COLUMN packed text COMPRESSION pglz;
CREATE MATERIALIZED VIEW rest.m AS SELECT a, b::text || 'x' AS c FROM rest.t;
CREATE UNIQUE INDEX ON rest.m (a);
CREATE TABLE rest.parent (a int NOT NULL, b serial, c text DEFAULT 'q') PARTITION BY LIST (a);
CREATE TABLE rest.leaf PARTITION OF rest.parent FOR VALUES IN (1, 2);
CREATE TYPE rest.row_type AS (a int, b text);
CREATE TABLE rest.typed OF rest.row_type;
--17+ CREATE TABLE rest.by_day (day int, n int GENERATED ALWAYS AS IDENTITY) PARTITION BY LIST (day);
--17+ CREATE TABLE rest.day_1 PARTITION OF rest.by_day FOR VALUES IN (1);
CREATE TABLE rest.child (z int) INHERITS (rest.other);
