-- What happens to the tables of rescue.sql after the backup.
SET client_min_messages = error;
-- HOT and other updates, deletes, and their space used anew.
UPDATE sales.customers SET code = 'changed' WHERE id % 5 = 0;
UPDATE sales.customers SET name = name || ' anew', home.zip = -1 WHERE id % 7 = 0;
UPDATE sales.orders SET total = total + 1, state = 'paid' WHERE id % 4 = 0;
DELETE FROM sales.orders WHERE id % 13 = 0;
INSERT INTO sales.orders (customer, total, doc) SELECT i, i, '{"late": true}' FROM generate_series(1, 300) i;
INSERT INTO sales.customers (name) VALUES ('customer 1'), ('one more') ON CONFLICT (name) DO UPDATE SET code = 'conflict';
UPDATE sales.large SET n = n + 1 WHERE id % 10 = 0;
DELETE FROM sales.large WHERE id BETWEEN 20000 AND 30000;
VACUUM sales.large;
INSERT INTO sales.large SELECT i, 'late', 0 FROM generate_series(60001, 62000) i;
-- What is rolled back.
BEGIN;
UPDATE sales.item SET price = -1;
DELETE FROM sales."Bestellung é";
INSERT INTO sales.empty SELECT i, 'never' FROM generate_series(1, 100) i;
TRUNCATE sales.frozen;
ROLLBACK;
BEGIN;
UPDATE sales.item SET note = 'kept' WHERE id < 100;
SAVEPOINT a;
DELETE FROM sales.item WHERE id < 200;
INSERT INTO sales.item (id, price) SELECT i, 0 FROM generate_series(10001, 10100) i;
ROLLBACK TO a;
SAVEPOINT b;
UPDATE sales.item SET note = 'kept, too' WHERE id BETWEEN 200 AND 250;
RELEASE b;
SAVEPOINT c;
SELECT count(*) FROM (SELECT 1 FROM sales.item WHERE id < 500 FOR UPDATE) x;
SAVEPOINT d;
UPDATE sales.item SET is_sold = true WHERE id BETWEEN 300 AND 310;
ROLLBACK TO d;
UPDATE sales.item SET is_sold = NULL WHERE id BETWEEN 305 AND 320;
COMMIT;
-- Row locks alone.
BEGIN;
SELECT count(*) FROM (SELECT 1 FROM sales.frozen WHERE id < 300 FOR UPDATE) x;
COMMIT;
BEGIN;
SELECT count(*) FROM (SELECT 1 FROM sales.moved_full WHERE id < 300 FOR KEY SHARE) x;
SAVEPOINT a;
SELECT count(*) FROM (SELECT 1 FROM sales.moved_full WHERE id < 200 FOR NO KEY UPDATE) x;
COMMIT;
-- Prepared transactions.
BEGIN;
UPDATE sales.pending SET n = 1 WHERE id BETWEEN 1 AND 10;
SAVEPOINT a;
INSERT INTO sales.pending SELECT i, 1 FROM generate_series(301, 310) i;
PREPARE TRANSACTION 'committed';
BEGIN;
UPDATE sales.pending SET n = 2 WHERE id BETWEEN 11 AND 20;
DELETE FROM sales.pending WHERE id BETWEEN 21 AND 30;
PREPARE TRANSACTION 'rolled back';
CHECKPOINT;
BEGIN;
UPDATE sales.pending SET n = 3 WHERE id BETWEEN 31 AND 40;
SAVEPOINT a;
DELETE FROM sales.pending WHERE id BETWEEN 41 AND 50;
INSERT INTO sales.pending SELECT i, 3 FROM generate_series(401, 410) i;
PREPARE TRANSACTION 'pending';
BEGIN;
SELECT count(*) FROM (SELECT 1 FROM sales.locked WHERE id < 300 FOR KEY SHARE) x;
PREPARE TRANSACTION 'locks';
COMMIT PREPARED 'committed';
ROLLBACK PREPARED 'rolled back';
SELECT count(*) FROM (SELECT 1 FROM sales.pending WHERE id < 31 FOR KEY SHARE) x;
-- New files.
DELETE FROM sales.moved_full WHERE id % 3 = 0;
VACUUM FULL sales.moved_full;
UPDATE sales.moved_full SET n = n + 1 WHERE id % 10 = 1;
DELETE FROM sales.moved_cluster WHERE id % 3 = 1;
CLUSTER sales.moved_cluster USING moved_cluster_n;
UPDATE sales.moved_cluster SET n = n + 1 WHERE id % 10 = 2;
ALTER TABLE sales.moved_alter ALTER n TYPE bigint, ADD more text DEFAULT md5(random()::text);
INSERT INTO sales.moved_alter SELECT i, i, 'late' FROM generate_series(3000, 3100) i;
ALTER TABLE sales.moved_space SET TABLESPACE space;
UPDATE sales.moved_space SET n = n + 1 WHERE id % 10 = 3;
TRUNCATE sales.refilled;
INSERT INTO sales.refilled SELECT i, i, 'anew' FROM generate_series(1, 700) i;
UPDATE sales.refilled SET body = 'and again' WHERE id % 5 = 0;
BEGIN;
TRUNCATE sales.refilled;
INSERT INTO sales.refilled VALUES (1, 1, 'never');
ROLLBACK;
UPDATE sales.in_space SET body = 'late' WHERE id % 3 = 0;
REFRESH MATERIALIZED VIEW sales.totals;
-- Columns.
INSERT INTO sales.columns (id, kept) SELECT i, i FROM generate_series(71, 80) i;
ALTER TABLE sales.columns DROP doomed, ADD late numeric DEFAULT 1.50, ADD later sales.state DEFAULT 'paid', ADD "last one" int[] DEFAULT '{1,NULL}';
UPDATE sales.columns SET plain = -1 WHERE id % 9 = 0;
ALTER TABLE sales.columns ALTER added SET DEFAULT 'another';
ALTER TABLE sales.columns RENAME kept TO renamed;
INSERT INTO sales.columns (id) SELECT i FROM generate_series(81, 90) i;
--12+ UPDATE sales.generated SET half = half + 1 WHERE id % 2 = 0;
-- Long values, changed, kept and taken away.
UPDATE sales.toasts SET n = n + 1 WHERE id % 2 = 0;
UPDATE sales.toasts SET outside = reverse(outside) WHERE id % 5 = 0;
DELETE FROM sales.toasts WHERE id % 10 = 3;
VACUUM sales.toasts;
INSERT INTO sales.toasts SELECT 1000 + i, 1, NULL, repeat('x', 2100 * i), repeat(md5(i::text), 1000), NULL FROM generate_series(1, 10) i;
BEGIN;
UPDATE sales.toasts SET packed = repeat(md5(id::text) || 'never', 1000);
ROLLBACK;
-- Made after the backup.
CREATE TYPE sales.late_kind AS ENUM ('x', 'y');
ALTER TYPE sales.late_kind ADD VALUE 'before y' BEFORE 'y';
CREATE TABLE sales.late (id serial PRIMARY KEY, kind sales.late_kind, body text);
COPY sales.late (kind, body) FROM stdin;
x	a row
before y	another\nrow
\N	\\N
\.
INSERT INTO sales.late (kind, body) SELECT 'y', (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 100) j) FROM generate_series(1, 40) i;
VACUUM (FREEZE) sales.customers;
CHECKPOINT;
UPDATE sales.one SET n = id WHERE id < 20;
UPDATE sales.measures SET value = -value WHERE value < 100;
DELETE FROM sales.measures WHERE note LIKE '0%';
INSERT INTO sales.measures SELECT '2026-02-15', NULL, i, 'late' FROM generate_series(1, 50) i;
UPDATE sales.customers SET tags = NULL WHERE id BETWEEN 50 AND 60;
UPDATE "Größe & Co"."tab.le" SET "Preis €" = '1.23' WHERE id < 10;
