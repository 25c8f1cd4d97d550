-- Tables of every kind, for rescue.sh. --N+ begins a line that majors from N on know, --N- one up to N.
SET client_min_messages = warning;
SELECT setseed(0.5);
CREATE SCHEMA sales;
CREATE TYPE sales.state AS ENUM ('new', 'paid', 'it''s "lost", \really');
CREATE DOMAIN sales.amount AS numeric(12, 2) CHECK (VALUE >= 0);
CREATE TYPE sales.address AS (street text, zip int, place point);
CREATE TYPE sales.span AS RANGE (subtype = float8);

CREATE TABLE sales.customers (id serial PRIMARY KEY, name text NOT NULL UNIQUE, home sales.address, since timestamptz, tags text[], code char(8), CHECK (id > 0));
INSERT INTO sales.customers (name, home, since, tags, code) SELECT 'customer ' || i, ROW('street "' || i || '"', i, point(i, -i / 7.0))::sales.address, '2026-01-01'::timestamptz + i * '1 hour'::interval,
    ARRAY['tag ' || i % 7, NULL, E'a\tb'], 'c' || i FROM generate_series(1, 2000) i;
CREATE TABLE sales.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int NOT NULL REFERENCES sales.customers, state sales.state NOT NULL DEFAULT 'new', total sales.amount,
    span sales.span, period tstzrange, doc jsonb, parts sales.address[], ratio float8, short float4 DEFAULT 1.5);
INSERT INTO sales.orders (customer, state, total, span, period, doc, parts, ratio) SELECT i % 200 + 1, CASE i % 3 WHEN 0 THEN 'paid' WHEN 1 THEN 'new' ELSE 'it''s "lost", \really' END::sales.state, i * 1.25,
    sales.span(i, i + 0.5), tstzrange('2026-01-01'::timestamptz + i * '1 hour'::interval, NULL), jsonb_build_object('n', i, 'list', ARRAY[i, i + 1]), ARRAY[ROW('a, b', i, NULL)::sales.address], random() * i FROM generate_series(1, 5000) i;
CREATE INDEX ON sales.orders (customer);

-- Of types that JSON and INSERT print with care.
CREATE TABLE sales.item (id int PRIMARY KEY, name varchar(40), price numeric(10, 2) NOT NULL, is_sold bool, doc jsonb, noted timestamp, note text, size float8);
INSERT INTO sales.item SELECT i, 'item ' || i || CASE WHEN i % 10 = 0 THEN E' "quoted" \\ it''s\nnew line\t, é€😀' ELSE '' END, i * 1.5, CASE i % 3 WHEN 0 THEN true WHEN 1 THEN false END, jsonb_build_object('id', i, 'a b', ARRAY['x', NULL]),
    '2026-01-01'::timestamp + i * '1.5 seconds'::interval, CASE i % 4 WHEN 0 THEN '' WHEN 1 THEN '\N' WHEN 2 THEN '\.' END, CASE i % 50 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity'::float8 ELSE i / 7.0 END FROM generate_series(1, 3000) i;

CREATE TABLE sales."Bestellung é" ("Nr" int PRIMARY KEY, "select" text, "a ""quoted"" one" text, "'" int);
INSERT INTO sales."Bestellung é" SELECT i, 's' || i, 'q' || i, -i FROM generate_series(1, 500) i;
CREATE SCHEMA "Größe & Co";
CREATE TABLE "Größe & Co"."tab.le" (id int, "Preis €" numeric);
INSERT INTO "Größe & Co"."tab.le" SELECT i, i FROM generate_series(1, 100) i;

-- Values that are long: packed inline, outside as they are, outside and packed.
CREATE TABLE sales.toasts (id int PRIMARY KEY, n int, inline text, outside text, packed text, raw bytea);
ALTER TABLE sales.toasts ALTER outside SET STORAGE EXTERNAL;
INSERT INTO sales.toasts SELECT i, 0, repeat('inline ' || i, 300), (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 100) j), (SELECT string_agg(md5(i::text || j) || repeat(' ', 40), '') FROM generate_series(1, 300) j),
    decode(repeat(md5(i::text), 150), 'hex') FROM generate_series(1, 120) i;

CREATE TABLE sales.measures (day date NOT NULL, kind text, value float8, note text) PARTITION BY RANGE (day);
CREATE TABLE sales.measures_low PARTITION OF sales.measures FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE sales.measures_high PARTITION OF sales.measures FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (kind);
CREATE TABLE sales.measures_high_a PARTITION OF sales.measures_high FOR VALUES IN ('a', NULL);
CREATE TABLE sales.measures_high_b PARTITION OF sales.measures_high FOR VALUES IN ('b');
--11+ CREATE TABLE sales.measures_rest PARTITION OF sales.measures DEFAULT;
--11+ INSERT INTO sales.measures SELECT '2027-01-01', 'c', i, 'rest' FROM generate_series(1, 20) i;
INSERT INTO sales.measures SELECT '2026-01-01'::date + i % 59, CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END, i / 3.0, md5(i::text) FROM generate_series(1, 3000) i WHERE i % 59 < 31 OR i % 3 < 2;

CREATE MATERIALIZED VIEW sales.totals AS SELECT customer, count(*) AS orders, sum(total) AS total FROM sales.orders GROUP BY customer;

-- Dropped and added columns: old rows have fewer or more than the catalog.
CREATE TABLE sales.columns (id int PRIMARY KEY, gone text, kept int8, doomed bool);
INSERT INTO sales.columns SELECT i, 'gone ' || i, i, true FROM generate_series(1, 50) i;
ALTER TABLE sales.columns DROP gone, ADD added text DEFAULT 'the default', ADD plain int;
INSERT INTO sales.columns (id, kept, plain) SELECT i, i, i FROM generate_series(51, 70) i;
--12+ CREATE TABLE sales.generated (id int PRIMARY KEY, half int, twice int GENERATED ALWAYS AS (half * 2) STORED, after text);
--12+ INSERT INTO sales.generated (id, half, after) SELECT i, i, 'after ' || i FROM generate_series(1, 100) i;

-- Tables that get a new file after the backup.
CREATE TABLE sales.moved_full (id int PRIMARY KEY, n int, body text);
INSERT INTO sales.moved_full SELECT i, i % 50, md5(i::text) FROM generate_series(1, 2000) i;
CREATE TABLE sales.moved_cluster AS SELECT * FROM sales.moved_full;
CREATE INDEX moved_cluster_n ON sales.moved_cluster (n);
CREATE TABLE sales.moved_alter AS SELECT * FROM sales.moved_full;
CREATE TABLE sales.moved_space AS SELECT * FROM sales.moved_full;
CREATE TABLE sales.refilled AS SELECT * FROM sales.moved_full;
CREATE TABLE sales.in_space (id int, body text) TABLESPACE space;
INSERT INTO sales.in_space SELECT i, md5(i::text) FROM generate_series(1, 1000) i;

CREATE TABLE sales.quiet WITH (autovacuum_enabled = off) AS SELECT i AS id, md5(i::text) AS body FROM generate_series(1, 3000) i;
CREATE TABLE sales.frozen AS SELECT i AS id, md5(i::text) AS body FROM generate_series(1, 3000) i;
DELETE FROM sales.quiet WHERE id > 1500 AND id % 11 = 0;
CHECKPOINT;
VACUUM sales.quiet; -- so that no reader touches its pages later
VACUUM (FREEZE) sales.frozen;
CREATE TABLE sales.one (id int, n int);
INSERT INTO sales.one SELECT i, 0 FROM generate_series(1, 50) i;
CREATE TABLE sales.empty (id int PRIMARY KEY, body text);
CREATE UNLOGGED TABLE sales.scratch AS SELECT i AS id FROM generate_series(1, 100) i;
CREATE TABLE sales.large AS SELECT i AS id, md5(i::text) || md5((-i)::text) AS body, i % 100 AS n FROM generate_series(1, 60000) i;
CREATE INDEX ON sales.large (id);
CREATE TABLE sales.pending (id int PRIMARY KEY, n int);
INSERT INTO sales.pending SELECT i, 0 FROM generate_series(1, 300) i;
CREATE TABLE sales.kept AS SELECT i AS id, md5(i::text) AS body FROM generate_series(1, 500) i;
CREATE TABLE sales.lost AS SELECT i AS id, md5(i::text) AS body FROM generate_series(1, 500) i;
CREATE TABLE sales.ballast (id int, body text);
-- What one transaction does to a row more than once, or others have locked.
CREATE TABLE sales.changed AS SELECT i AS id, 0 AS n, md5(i::text) AS body FROM generate_series(1, 400) i;
CREATE TABLE sales.locked AS SELECT i AS id, 0 AS n, md5(i::text) AS body FROM generate_series(1, 400) i;
CREATE TABLE sales.prepared AS SELECT i AS id, 0 AS n, md5(i::text) AS body FROM generate_series(1, 400) i;
CREATE TABLE sales.rewritten AS SELECT i AS id, 0 AS n, md5(i::text) AS body FROM generate_series(1, 400) i;
