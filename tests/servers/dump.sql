-- As many record types as one server makes quickly. Run in each life of it, in a schema of its own: see dump.sh.
SELECT pg_backup_start('a backup', true) IS NULL;
CREATE SCHEMA :life;
SET search_path = :life, public;
CREATE TABLE b (id int PRIMARY KEY, n int, body text) WITH (fillfactor = 70);
CREATE INDEX b_n ON b (n);

-- Btree: splits left and right, deduplication, posting splits, a new root, unlinked pages used again
INSERT INTO b SELECT i, i % 10, 'row ' || i FROM generate_series(1, 6000) i;
INSERT INTO b SELECT -i, i % 10, repeat(md5(i::text), 1 + i % 500 / 499 * 200) FROM generate_series(1, 1500) i;
UPDATE b SET n = n + 1 WHERE id % 2 = 0;
UPDATE b SET n = n + 1 WHERE id % 3 = 0;
DELETE FROM b WHERE id BETWEEN 100 AND 4900 OR id % 7 = 0;
VACUUM b;
SELECT txid_current() > 0;
SELECT txid_current() > 0;
VACUUM b;
INSERT INTO b SELECT i, i % 10, '' FROM generate_series(10000, 13000) i;
INSERT INTO b SELECT i, 5, '' FROM generate_series(200, 1200) i WHERE i % 7 <> 0;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
DELETE FROM b WHERE id BETWEEN 10000 AND 11000;
SELECT count(*) FROM b WHERE id BETWEEN 9999 AND 11001;
SELECT count(*) FROM b WHERE id BETWEEN 9999 AND 11001;
INSERT INTO b SELECT i, i % 10, '' FROM generate_series(10000, 11000) i;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- Btree: few long keys make a high tree; what is left of it has a fast root, which splits
CREATE TABLE high (key text);
ALTER TABLE high ALTER key SET STORAGE PLAIN;
ALTER TABLE high ADD PRIMARY KEY (key);
INSERT INTO high SELECT lpad(i::text, 1200, '0') FROM generate_series(1, 600) i;
DELETE FROM high WHERE key < lpad('598', 1200, '0');
VACUUM high;
SELECT txid_current() > 0;
SELECT txid_current() > 0;
VACUUM high;
INSERT INTO high SELECT lpad(i::text, 1200, '0') FROM generate_series(1001, 1100) i;
INSERT INTO high SELECT lpad(i::text, 1200, '0') FROM generate_series(1, 30) i;

-- Heap, Heap2: HOT, pruning, speculative insertion, locks, freezing, COPY, TOAST, a catalog of the user's, replica identity
UPDATE b SET body = body || '!' WHERE id % 5 = 0;
UPDATE b SET body = body || '?' WHERE id % 5 = 0;
SELECT count(*) FROM b WHERE body > '';
INSERT INTO b VALUES (1, 1, ''), (13001, 1, '') ON CONFLICT DO NOTHING;
INSERT INTO b VALUES (1, 1, '') ON CONFLICT (id) DO UPDATE SET n = 77;
BEGIN;
SELECT id FROM b WHERE id < 9 FOR UPDATE;
SELECT id FROM b WHERE id BETWEEN 9 AND 20 FOR NO KEY UPDATE;
COMMIT;
BEGIN;
DELETE FROM b WHERE id < 30;
UPDATE b SET id = id + 100000 WHERE id BETWEEN 30 AND 50;
ROLLBACK;
ALTER TABLE b REPLICA IDENTITY FULL;
UPDATE b SET n = 8 WHERE id BETWEEN 60 AND 70;
DELETE FROM b WHERE id BETWEEN 60 AND 70;
CREATE TABLE copied (i int, body text);
COPY copied FROM PROGRAM 'seq 1 1000 | sed "s/.*/&	copied &/"';
VACUUM FREEZE copied;
BEGIN;
TRUNCATE copied;
COPY copied FROM PROGRAM 'seq 1 1000 | sed "s/.*/&	frozen &/"' WITH (FREEZE);
COMMIT;
CREATE TABLE own_catalog (i int PRIMARY KEY, body text) WITH (user_catalog_table = true);
INSERT INTO own_catalog SELECT i, repeat('c', 100) FROM generate_series(1, 400) i;
UPDATE own_catalog SET body = 'd' WHERE i % 2 = 0;
DELETE FROM own_catalog WHERE i % 3 = 0;
SELECT count(*) FROM own_catalog;
VACUUM own_catalog;
VACUUM FREEZE b;
UPDATE b SET n = 3 WHERE id BETWEEN 80 AND 90;

-- Hash
CREATE TABLE h (i int) WITH (fillfactor = 100);
CREATE INDEX h_i ON h USING hash (i) WITH (fillfactor = 40);
INSERT INTO h SELECT i % 700 FROM generate_series(1, 3000) i;
INSERT INTO h SELECT 7 FROM generate_series(1, 2500);
DELETE FROM h WHERE i % 3 = 0 OR i = 7 AND ctid < '(12,0)';
VACUUM h;
INSERT INTO h SELECT 7 FROM generate_series(1, 1500);
DELETE FROM h WHERE i = 7;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM h WHERE i = 7;
SELECT count(*) FROM h WHERE i = 7;
INSERT INTO h SELECT 7 FROM generate_series(1, 400);
RESET enable_seqscan;
RESET enable_bitmapscan;
VACUUM h;
INSERT INTO h SELECT i FROM generate_series(1, 4000) i;

-- GIN: without and with a pending list
CREATE TABLE g (a int[]);
CREATE INDEX g_a ON g USING gin (a) WITH (fastupdate = off);
INSERT INTO g SELECT ARRAY[1, i % 20, i] FROM generate_series(1, 3000) i;
DELETE FROM g WHERE a[3] % 3 = 0;
VACUUM g;
INSERT INTO g SELECT ARRAY[1, i % 20, i + 100000] FROM generate_series(1, 6000) i;
DELETE FROM g WHERE ctid < '(60,0)';
VACUUM g;
DELETE FROM g;
VACUUM g;
CREATE TABLE posted (a int[]);
COPY posted FROM PROGRAM 'seq 1 25000 | sed "s/.*/{1}/"';
CREATE INDEX posted_a ON posted USING gin (a);
DELETE FROM posted WHERE ctid > '(4,0)';
VACUUM posted;
CREATE TABLE pending (a int[]);
CREATE INDEX pending_a ON pending USING gin (a) WITH (fastupdate = on);
INSERT INTO pending SELECT ARRAY[1, i % 50, i] FROM generate_series(1, 1000) i;
INSERT INTO pending VALUES ((SELECT array_agg(i) FROM generate_series(1, 2000) i));
SELECT gin_clean_pending_list('pending_a') > 0;

-- GiST
CREATE TABLE box_of (b box);
CREATE INDEX box_of_b ON box_of USING gist (b);
INSERT INTO box_of SELECT box(point(i % 1000, i / 10), point(i % 1000 + 1, i / 10 + 1)) FROM generate_series(1, 4000) i;
DELETE FROM box_of WHERE b << box(point(700, 0), point(701, 1));
VACUUM box_of;
SELECT txid_current() > 0;
SELECT txid_current() > 0;
VACUUM box_of;
INSERT INTO box_of SELECT box(point(i % 1000, i / 10), point(i % 1000 + 1, i / 10 + 1)) FROM generate_series(1, 4000) i;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
DELETE FROM box_of WHERE b << box(point(900, 0), point(901, 1));
SELECT count(*) FROM box_of WHERE b << box(point(900, 0), point(901, 1));
SELECT count(*) FROM box_of WHERE b << box(point(900, 0), point(901, 1));
INSERT INTO box_of SELECT box(point(i % 800, i / 10), point(i % 800 + 1, i / 10 + 1)) FROM generate_series(1, 2000) i;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- SP-GiST
CREATE TABLE sp (t text, p point);
CREATE INDEX sp_t ON sp USING spgist (t);
CREATE INDEX sp_p ON sp USING spgist (p);
INSERT INTO sp SELECT NULL, NULL FROM generate_series(1, 800);
INSERT INTO sp SELECT md5(i::text), point(i % 97, i) FROM generate_series(1, 3000) i;
INSERT INTO sp SELECT 'common/prefix/' || repeat(chr(97 + i % 26), i % 40) || md5((i * 7)::text), point(1, 1) FROM generate_series(1, 1500) i;
INSERT INTO sp SELECT 'comm' || i, point(i, -i) FROM generate_series(1, 1000) i;
INSERT INTO sp SELECT chr(200 + i % 2000) || i, NULL FROM generate_series(1, 2500) i;
DELETE FROM sp WHERE t IS NULL AND ctid < '(4,0)' OR t > 'c' AND p[1]::int % 2 = 0;
VACUUM sp;
DELETE FROM sp;
VACUUM sp;
VACUUM sp;
INSERT INTO sp SELECT md5(i::text), point(i % 97, i) FROM generate_series(1, 500) i;
CREATE TABLE sp_root (t text);
CREATE INDEX ON sp_root USING spgist (t);
INSERT INTO sp_root SELECT 'a' || i FROM generate_series(1, 5) i;
DELETE FROM sp_root WHERE t < 'a3';
VACUUM sp_root;

-- BRIN, and Generic through bloom
CREATE TABLE br (id int, v text) WITH (fillfactor = 50);
CREATE INDEX br_v ON br USING brin (v) WITH (pages_per_range = 1);
INSERT INTO br SELECT i, 'a' FROM generate_series(1, 8000) i;
SELECT brin_summarize_new_values('br_v') > 0;
UPDATE br SET v = repeat('b' || id, 20) WHERE id % 150 = 0;
UPDATE br SET v = 'c' || (SELECT string_agg(md5(br.id || ' ' || i), '') FROM generate_series(1, 30) i) WHERE id % 150 = 1;
UPDATE br SET v = '0' || (SELECT string_agg(md5(br.id || ' ' || i), '') FROM generate_series(1, 30) i) WHERE id % 150 = 2;
SELECT brin_desummarize_range('br_v', 3) IS NULL;
CREATE INDEX br_bloom ON br USING bloom (id);
INSERT INTO br SELECT i, 'a' FROM generate_series(1, 300) i;

-- Sequence, LogicalMessage, ReplicationOrigin
CREATE SEQUENCE s;
SELECT nextval('s'), setval('s', 10);
ALTER SEQUENCE s RESTART;
CREATE UNLOGGED TABLE u AS SELECT i FROM generate_series(1, 50) i;
CREATE INDEX ON u (i);
SELECT pg_logical_emit_message(true, 'with a prefix', 'transactional') IS NULL;
SELECT pg_logical_emit_message(false, E'new\nline', E'at\tonce') IS NULL;
SELECT pg_logical_emit_message(false, '', '') IS NULL;
SELECT pg_replication_origin_create('o') > 0;
SELECT pg_replication_origin_advance('o', '1/1234') IS NULL;
SELECT pg_replication_origin_session_setup('o') IS NULL;
BEGIN;
SELECT pg_replication_origin_xact_setup('0/2345', '2020-02-02 02:02:02.020202+00') IS NULL;
INSERT INTO copied VALUES (9, 'from elsewhere');
COMMIT;
BEGIN;
SELECT pg_replication_origin_xact_setup('0/3456', '2020-02-02 02:02:02+00') IS NULL;
INSERT INTO copied VALUES (9, 'from elsewhere');
PREPARE TRANSACTION 'of an origin';
COMMIT PREPARED 'of an origin';
BEGIN;
SELECT pg_replication_origin_xact_setup('0/4567', '2020-02-02 02:02:02+00') IS NULL;
INSERT INTO copied VALUES (9, 'from elsewhere');
ROLLBACK;
SELECT pg_replication_origin_session_reset() IS NULL;
SELECT pg_replication_origin_drop('o') IS NULL;

-- Transaction: subtransactions, aborts, prepared ones with and without files, locks, invalidations
DO $$
BEGIN
    FOR i IN 1..200 LOOP
        BEGIN
            INSERT INTO copied VALUES (i);
            IF i % 7 = 0 THEN CREATE TABLE never (i int); RAISE EXCEPTION 'no'; END IF;
        EXCEPTION WHEN raise_exception THEN NULL;
        END;
    END LOOP;
END $$;
BEGIN;
CREATE TABLE never (i serial);
SAVEPOINT a;
INSERT INTO never VALUES (1);
ROLLBACK TO a;
SAVEPOINT b;
CREATE TABLE never_either (i text);
RELEASE b;
ROLLBACK;
BEGIN;
SAVEPOINT a;
CREATE TABLE kept (i int);
RELEASE a;
DROP TABLE h;
PREPARE TRANSACTION 'kept';
BEGIN;
CREATE TABLE gone (i text PRIMARY KEY);
DROP TABLE g;
PREPARE TRANSACTION 'gone, with a "quote"';
COMMIT PREPARED 'kept';
ROLLBACK PREPARED 'gone, with a "quote"';
SET synchronous_commit = remote_apply;
INSERT INTO copied VALUES (10);
RESET synchronous_commit;
SET synchronous_commit = off;
INSERT INTO copied VALUES (11);
RESET synchronous_commit;
BEGIN;
LOCK TABLE b IN ACCESS EXCLUSIVE MODE;
INSERT INTO copied VALUES (12);
COMMIT;

-- MultiXact: rows locked by a transaction that is prepared and by others; by a foreign key; by subtransactions
CREATE TABLE parent (id int PRIMARY KEY, n int);
INSERT INTO parent SELECT i, i FROM generate_series(1, 3000) i;
CREATE TABLE child (id int REFERENCES parent);
BEGIN;
SELECT count(*) FROM (SELECT 1 FROM parent FOR KEY SHARE) x;
INSERT INTO child VALUES (1);
PREPARE TRANSACTION 'locker';
BEGIN;
SELECT count(*) FROM (SELECT 1 FROM parent FOR SHARE) x;
INSERT INTO child VALUES (1), (2);
COMMIT;
BEGIN;
UPDATE parent SET n = -1 WHERE id < 200;
COMMIT;
BEGIN;
SELECT count(*) FROM (SELECT 1 FROM parent WHERE id BETWEEN 200 AND 300 FOR NO KEY UPDATE) x;
ROLLBACK;
DO $$
BEGIN
    FOR i IN 301..2500 LOOP
        BEGIN PERFORM FROM parent WHERE id = i FOR SHARE; EXCEPTION WHEN division_by_zero THEN NULL; END;
    END LOOP;
END $$;
COMMIT PREPARED 'locker';
BEGIN;
SELECT id FROM parent WHERE id = 400 FOR KEY SHARE;
SAVEPOINT a;
UPDATE parent SET n = 1 WHERE id = 400;
COMMIT;
BEGIN;
SELECT id FROM parent WHERE id = 401 FOR SHARE;
SAVEPOINT a;
UPDATE parent SET id = -401 WHERE id = 401;
COMMIT;
BEGIN;
SELECT id FROM parent WHERE id = 402 FOR KEY SHARE;
SAVEPOINT a;
SELECT id FROM parent WHERE id = 402 FOR UPDATE;
COMMIT;
BEGIN;
SELECT id FROM parent WHERE id = 403 FOR KEY SHARE;
SAVEPOINT a;
DELETE FROM parent WHERE id = 403;
COMMIT;
BEGIN;
SELECT id FROM parent WHERE id = 404 FOR KEY SHARE;
PREPARE TRANSACTION 'locker';
UPDATE parent SET n = 5 WHERE id = 404;
UPDATE parent SET n = 6 WHERE id = 404;
ROLLBACK PREPARED 'locker';
BEGIN;
UPDATE parent SET n = 7 WHERE id = 405;
PREPARE TRANSACTION 'updater';
BEGIN;
SELECT id FROM parent WHERE id = 405 FOR KEY SHARE;
COMMIT;
COMMIT PREPARED 'updater';
VACUUM parent;

-- Storage, Standby, RelMap, XLOG: truncation, rewrites, catalogs moved
DELETE FROM parent WHERE id > 500;
VACUUM parent;
TRUNCATE parent RESTART IDENTITY CASCADE;
TRUNCATE own_catalog;
CLUSTER b USING b_n;
ALTER TABLE br ALTER v TYPE varchar(1000);
ALTER TABLE parent ALTER n TYPE bigint;
REINDEX TABLE b;
CREATE INDEX CONCURRENTLY b_body ON b (length(body));
CREATE MATERIALIZED VIEW m AS SELECT generate_series(1, 100) AS i;
REFRESH MATERIALIZED VIEW m;
\if :logical
SELECT pg_create_logical_replication_slot('slot', 'pgoutput') IS NULL;
CREATE TABLE after_slot (i int);
\endif
VACUUM FULL pg_class;
VACUUM FULL pg_database;
\if :logical
SELECT pg_drop_replication_slot('slot') IS NULL;
\endif
VACUUM pg_attribute;
ANALYZE b;
SELECT pg_create_restore_point('a point to restore to') IS NULL;

-- Tablespace, Database (both ways to make one, moved, dropped)
CREATE TABLESPACE elsewhere LOCATION :'tablespace';
CREATE TABLE away (i int) TABLESPACE elsewhere;
INSERT INTO away SELECT generate_series(1, 100);
ALTER TABLE away SET TABLESPACE pg_default;
CREATE DATABASE copied TABLESPACE elsewhere STRATEGY file_copy;
ALTER DATABASE copied SET TABLESPACE pg_default;
CREATE DATABASE logged STRATEGY wal_log;
DROP DATABASE copied;
DROP DATABASE logged;
DROP TABLESPACE elsewhere;

-- CLOG and CommitTs: more than the 32768 transactions of one page, in one with many subtransactions
CREATE TEMP TABLE burned (i int);
DO $$
BEGIN
    FOR i IN 1..33000 LOOP
        BEGIN INSERT INTO pg_temp.burned VALUES (i); EXCEPTION WHEN division_by_zero THEN NULL; END;
    END LOOP;
END $$;
DROP TABLE away CASCADE;
SELECT pg_backup_stop(false) IS NULL;
