-- Values and names that formats may break, for rescue_formats.sh.
CREATE TABLE nasty ("a,b" text, "Q""x" text, n int, "select" numeric);
INSERT INTO nasty VALUES ('', NULL, 1, 1.10), ('\.', '\N', -2, 'NaN'), (E'a"b', 'c,d', 3, -0.00), (E'l1\nl2', E'c\rd', NULL, 1e10), (' lead', 'trail ', 0, 0),
    (E'tab\there', E'\b\f' || chr(11), 1, 1), ('NULL', 'null', 1, 1), ('''q''', 'back\slash', 1, 1), (E'\x01\x7f', 'é€😀', 1, 1), ('#', '''', 1, 1), ('\', '""', 1, 1);
CREATE TABLE one (a text);
INSERT INTO one VALUES (''), (NULL), ('\.'), ('\.x'), (' '), (','), ('a');
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
INSERT INTO nothing DEFAULT VALUES;
CREATE TABLE "One,col" ("a""b" text);
INSERT INTO "One,col" VALUES ('x');
CREATE TABLE dot ("\." text);
INSERT INTO dot VALUES ('x');

CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'a,b', '');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE TABLE types (id int PRIMARY KEY, b bool, i2 int2, i8 int8, f4 float4, f8 float8, n numeric, n2 numeric(12,3), t text, v varchar(20), c char(10), by bytea, d date, ts timestamp,
    tz timestamptz, tm time, iv interval, u uuid, j json, jb jsonb, ia int[], ta text[], m mood, p pair, dom posint, bi bit(5), vb varbit, ch "char", na name, inet inet, r int4range);
INSERT INTO types VALUES (1, true, -32768, -9223372036854775808, 'NaN', '-0', 'NaN', -0.001, E'a\tb\n\\.\r''"', 'x', 'pad', '\x00ff5c27', '4713-01-01 BC', 'infinity', '2026-11-30 07:00:00.123+00',
    '24:00', '-1 year 2 mons -3 days 04:05:06.789', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', E'{"a"\n:\r\n [1, "x\\ny"] }', '{"k": "v\"\\"}', '{1,NULL,3}', E'{"a,b","c\\"d",NULL,"NULL",""}', 'it''s "ok"',
    ROW(1, E'x,"y\\'), 5, B'10101', B'', '\', 'a\b', '::1/64', '[1,5)');
INSERT INTO types (id, f4, f8, n, t, m, j) VALUES (2, 'Infinity', '-Infinity', 12345678901234567890.12345678901234567890, '', '', 'null'), (3, 1e-5, 1e300, 1e100, '\N', 'a,b', '"\u2028 \u00e9"'),
    (-4, -1.5, -1e-300, -0.0, 'NULL', 'sad', '[]');
INSERT INTO types (id, t) SELECT i, repeat(chr(39) || chr(92) || 'x', i % 50) FROM generate_series(10, 500) i;

CREATE TABLE toasts (id int, a text, b text, c bytea, d jsonb, e text[]);
ALTER TABLE toasts ALTER b SET STORAGE EXTERNAL, ALTER c SET STORAGE EXTERNAL;
INSERT INTO toasts SELECT i, (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 30 * i) j), repeat('0123456789', 40 * i),
    (SELECT decode(string_agg(md5(j::text), ''), 'hex') FROM generate_series(1, 15 * i) j), (SELECT jsonb_object_agg('key' || j, md5(j::text)) FROM generate_series(1, 10 * i) j),
    ARRAY(SELECT md5(j::text) FROM generate_series(1, 10 * i) j) FROM generate_series(1, 60) i;
CREATE TABLE identity (id int GENERATED ALWAYS AS IDENTITY, a text);
INSERT INTO identity (a) SELECT 'x' || i FROM generate_series(1, 10) i;
CREATE TABLE dropped (a int, b text, c int, d text);
INSERT INTO dropped SELECT i, 'b' || i, i, 'd' FROM generate_series(1, 50) i;
ALTER TABLE dropped DROP b, ADD e int, ADD f text DEFAULT 'default''s';
INSERT INTO dropped SELECT i, i, 'd', NULL, NULL FROM generate_series(51, 60) i;

-- Without a text.
CREATE TABLE functions (id int, f regproc);
INSERT INTO functions VALUES (1, 'now');
CREATE TABLE configurations (id int, f regconfig[]);
INSERT INTO configurations VALUES (1, '{english}');
CREATE TABLE amounts (id int, f money);
INSERT INTO amounts VALUES (1, '1.5');

-- What is undone.
CREATE TABLE undo_key ("Id" int, part text, a text, b bool, id int, n numeric, PRIMARY KEY (id, part));
INSERT INTO undo_key SELECT i, 'p''' || i, E'a\\' || i, i % 3 = 0, i, i * 1.10 FROM generate_series(1, 40) i;
CREATE TABLE undo_mixed (id int PRIMARY KEY, a text);
INSERT INTO undo_mixed SELECT i, 'a' || i FROM generate_series(1, 50) i;
CREATE TABLE undo_unique (id int PRIMARY KEY, email text UNIQUE, b text);
INSERT INTO undo_unique SELECT i, 'a' || i, repeat('z', 3000) || i FROM generate_series(1, 50) i;
CREATE TABLE undo_delete (id int, a text);
INSERT INTO undo_delete SELECT i, 'a' || i FROM generate_series(1, 5) i;
CREATE TABLE undo_shift (id int PRIMARY KEY, a text);
INSERT INTO undo_shift SELECT i, 'a' || i FROM generate_series(1, 5) i;
CREATE TABLE undo_without (id int, a text);
INSERT INTO undo_without SELECT i, 'a' || i FROM generate_series(1, 5) i;
