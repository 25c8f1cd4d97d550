-- Something for every resource manager of the core, and Generic through bloom.
CREATE EXTENSION bloom;

-- Heap, Heap2 (multi-insert, prune, vacuum, lock, visibility), Btree with splits and dedup, Storage, Sequence, toast
CREATE TABLE t (id serial PRIMARY KEY, n int, words text[], body text, spot point, room box);
INSERT INTO t (n, words, body, spot, room)
    SELECT i % 100, ARRAY['w' || i % 50, 'w' || i], repeat(md5(i::text), 1 + (i % 100 / 99) * 200),
           point(i % 97, i % 89), box(point(i, i), point(i + 1, i + 1))
    FROM generate_series(1, 3000) i;
COPY t (n, body) FROM PROGRAM 'seq 1 2000 | sed "s/.*/&	copied &/"';
CREATE INDEX t_btree ON t (n);
CREATE INDEX t_hash ON t USING hash (body);
CREATE INDEX t_gin ON t USING gin (words) WITH (fastupdate = on);
CREATE INDEX t_gist ON t USING gist (room);
CREATE INDEX t_spgist ON t USING spgist (spot);
CREATE INDEX t_brin ON t USING brin (id) WITH (pages_per_range = 2, autosummarize = on);
CREATE INDEX t_bloom ON t USING bloom (n, id);
INSERT INTO t (n, words, body, spot, room)
    SELECT i, ARRAY['v' || i % 70, 'v' || i], md5(i::text), point(i % 31, i % 37), box(point(i, 0), point(i + 9, 9))
    FROM generate_series(1, 6000) i;
SELECT brin_summarize_new_values('t_brin'), brin_desummarize_range('t_brin', 0);
SELECT gin_clean_pending_list('t_gin') > 0;
UPDATE t SET n = n + 1 WHERE id % 3 = 0;
UPDATE t SET n = n + 1 WHERE id % 3 = 0;
DELETE FROM t WHERE id % 5 = 0 OR id > 10000;
VACUUM (FREEZE) t;
SELECT count(*) FROM t WHERE n = 5;
CREATE UNLOGGED TABLE u AS SELECT * FROM t LIMIT 50;
CREATE TEMP TABLE temporary AS SELECT * FROM t LIMIT 50;
SELECT setval('t_id_seq', 100000), nextval('t_id_seq');

-- Transaction: subtransactions (more than the 64 of an assignment record), aborts, prepared ones
DO $$
BEGIN
    FOR i IN 1..200 LOOP
        BEGIN
            INSERT INTO t (n) VALUES (i);
            IF i % 7 = 0 THEN RAISE EXCEPTION 'no'; END IF;
        EXCEPTION WHEN raise_exception THEN NULL;
        END;
    END LOOP;
END $$;
BEGIN; INSERT INTO t (n) VALUES (1); ROLLBACK;
BEGIN; INSERT INTO t (n) VALUES (1); PREPARE TRANSACTION 'kept';
BEGIN; DELETE FROM t WHERE n = 3; CREATE TABLE x (i int); PREPARE TRANSACTION 'gone';
COMMIT PREPARED 'kept';
ROLLBACK PREPARED 'gone';

-- MultiXact: a row locked and then updated by a subtransaction of the locker
BEGIN;
SELECT id FROM t WHERE id = 1 FOR KEY SHARE;
SAVEPOINT s;
UPDATE t SET n = 0 WHERE id = 1;
COMMIT;

-- Standby (exclusive locks), RelMap, rewrites
TRUNCATE u, t CASCADE;
VACUUM FULL pg_class;
VACUUM FULL pg_attribute;
REINDEX TABLE t;
CREATE MATERIALIZED VIEW m AS SELECT generate_series(1, 100) AS i;
REFRESH MATERIALIZED VIEW m;

-- Tablespace, Database (both ways to make one)
CREATE TABLESPACE elsewhere LOCATION :'tablespace';
CREATE TABLE away (i int) TABLESPACE elsewhere;
INSERT INTO away SELECT generate_series(1, 100);
ALTER TABLE away SET TABLESPACE pg_default;
DROP TABLESPACE elsewhere;
CREATE DATABASE copied STRATEGY file_copy;
CREATE DATABASE logged STRATEGY wal_log;
DROP DATABASE copied;

-- LogicalMessage, ReplicationOrigin
SELECT pg_logical_emit_message(true, 'p', 'transactional') IS NULL;
SELECT pg_logical_emit_message(false, 'p', 'at once') IS NULL;
SELECT pg_replication_origin_create('o') > 0;
SELECT pg_replication_origin_advance('o', '0/1234') IS NULL;
BEGIN;
SELECT pg_replication_origin_session_setup('o') IS NULL;
SELECT pg_replication_origin_xact_setup('0/2345', now()) IS NULL;
INSERT INTO t (n) VALUES (9);
COMMIT;
SELECT pg_replication_origin_session_reset() IS NULL;
SELECT pg_replication_origin_drop('o') IS NULL;

-- XLOG: restore point, checkpoint
SELECT pg_create_restore_point('here') IS NULL;
CHECKPOINT;

-- CLOG and CommitTs: more than the 32768 transactions of one page
DO $$
BEGIN
    FOR i IN 1..33000 LOOP
        PERFORM pg_current_xact_id();
        COMMIT;
    END LOOP;
END $$;
DROP TABLE t, u, away CASCADE;
