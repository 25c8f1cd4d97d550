-- The tables of redo-workload.awk.
CREATE TABLE acc (id int PRIMARY KEY, n int, k int, body text, big text) WITH (fillfactor = 70);
CREATE INDEX acc_k ON acc (k);
CREATE TABLE par (id int PRIMARY KEY, v int);
CREATE TABLE kid (id serial PRIMARY KEY, parent int REFERENCES par ON DELETE CASCADE, t text);
CREATE TABLE wide (a int, b int, c text, d text, e timestamptz);
CREATE INDEX wide_a ON wide (a);
CREATE TABLE uniq (id int PRIMARY KEY, v int);
CREATE TABLE parted (id int, k int, t text) PARTITION BY RANGE (k);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (MINVALUE) TO (10);
CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (10) TO (MAXVALUE);
ALTER TABLE wide REPLICA IDENTITY FULL; -- whole old rows in the records, where wal_level is logical
INSERT INTO acc SELECT g, g, g % 100, md5(g::text), NULL FROM generate_series(1, 6000) g;
INSERT INTO par SELECT g, 0 FROM generate_series(1, 6000) g;
INSERT INTO kid (parent, t) SELECT g % 200 + 1, md5(g::text) FROM generate_series(1, 2000) g;
INSERT INTO wide SELECT g % 100, g % 50, NULL, md5(g::text), now() FROM generate_series(1, 3000) g;
INSERT INTO parted SELECT g, g % 20, md5(g::text) FROM generate_series(1, 2000) g;
