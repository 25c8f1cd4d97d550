-- The bulk corpus: large statements, index builds and maintenance; mostly full-page images.
-- setseed makes the data, though not every byte of the WAL, the same from run to run.
SELECT setseed(0.42);
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE orders (id int PRIMARY KEY, note text);
INSERT INTO orders SELECT g, md5(g::text) FROM generate_series(1, 1000) g;

-- insert-select
CREATE TABLE facts (id bigint, customer int, amount numeric(12, 2), at timestamptz, note text);
INSERT INTO facts
    SELECT g, (random() * 10000)::int, (random() * 1000)::numeric(12, 2),
           '2026-01-01'::timestamptz + g * interval '1 second', md5(g::text)
    FROM generate_series(1, 600000) g;
CHECKPOINT;

CREATE TABLE small AS SELECT g AS a, g % 7 AS b FROM generate_series(1, 600000) g;

-- COPY
\copy (SELECT g, md5(g::text) || md5((g + 1)::text) FROM generate_series(1, 300000) g) TO PROGRAM 'cat > copy.data'
CREATE TABLE copied (id int, body text);
\copy copied FROM 'copy.data'
CHECKPOINT;

-- btree and gin builds: one full-page image per page of the index
ALTER TABLE facts ADD PRIMARY KEY (id);
CREATE INDEX facts_customer ON facts (customer);
CREATE INDEX facts_note ON facts (note);
CREATE INDEX copied_trgm ON copied USING gin (body gin_trgm_ops);
CREATE TABLE tags (id int, words int[]);
INSERT INTO tags
    SELECT g, ARRAY[g % 100, (random() * 1000)::int, (random() * 10000)::int]
    FROM generate_series(1, 80000) g;
CREATE INDEX tags_words ON tags USING gin (words);
CHECKPOINT;

-- updates and deletes, with the first touch of every page in full
UPDATE facts SET amount = amount + 1 WHERE id % 7 = 0;
DELETE FROM facts WHERE id % 11 = 0;
UPDATE tags SET words = words || 7 WHERE id % 3 = 0;
CHECKPOINT;
VACUUM facts;
VACUUM tags;
CHECKPOINT;

-- a hundred transactions of a few hundred rows each
CREATE PROCEDURE batches(n int) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. n LOOP
        INSERT INTO copied SELECT g, md5(g::text) FROM generate_series(i * 100, i * 100 + 99) g;
        UPDATE facts SET amount = amount * 2 WHERE id BETWEEN i * 500 AND i * 500 + 100;
        COMMIT;
    END LOOP;
END $$;
CALL batches(100);

REINDEX INDEX facts_note;
VACUUM FULL tags;
CHECKPOINT;
