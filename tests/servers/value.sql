-- Tables of every type, with values at the ends of what it takes. --N+ begins a line that majors from N on know, --N- one up to N.
SET timezone = 'UTC';
SET extra_float_digits = 3;

CREATE TABLE t_bool (a bool, b bool[]);
INSERT INTO t_bool VALUES (true, '{t,f,NULL}'), (false, '{}'), (NULL, NULL);

CREATE TABLE t_char (a "char", b "char"[], c name, d name[]);
INSERT INTO t_char VALUES ('a', '{a,"",","}', 'some name', '{a,"b c","NULL"}'), ('', NULL, '', '{}'), ('\', '{"\\"}', 'a\b', '{"a\\b"}'),
    ('"', '{"\""}', repeat('x', 63)::name, NULL);
INSERT INTO t_char SELECT i::"char", ARRAY[i::"char"] FROM generate_series(1, 127) i WHERE i <> 92;
-- The bytes above 127 are no UTF-8: only from 16 on are they text.
--16+ INSERT INTO t_char SELECT i::"char", ARRAY[i::"char"] FROM generate_series(-128, -1) i;

CREATE TABLE t_int (a int2, b int4, c int8, d oid, e int2[], f int4[], g int8[], h oid[]);
INSERT INTO t_int VALUES (-32768, -2147483648, -9223372036854775808, 4294967295, '{-32768,32767}', '{-2147483648,NULL,2147483647}',
    '{9223372036854775807}', '{0,4294967295}'), (0, 0, 0, 0, '{}', '{}', '{}', '{}'), (32767, 2147483647, 9223372036854775807, 1, NULL, NULL, NULL, NULL),
    (-1, -1, -1, 2147483648, '[0:1]={1,2}', '[-3:-2][5:6]={{1,2},{3,4}}', '{{{1},{2}},{{3},{4}}}', '[2147483640:2147483641]={1,2}');

CREATE TABLE t_system (a xid, b cid, c tid, d pg_lsn, e int2vector, f oidvector, g txid_snapshot, h regclass, i regtype, j regprocedure, k regclass[],
    l refcursor, m pg_lsn[], n tid[]);
INSERT INTO t_system VALUES ('4294967295', '4294967295', '(4294967295,65535)', 'FFFFFFFF/FFFFFFFF', '1 -2 3', '1 4294967295 3', '10:20:10,14,15',
    'pg_class', 'bool', 0, '{pg_type,0,77777}', 'a b', '{0/0,1/A}', '{"(0,1)"}'), ('0', '0', '(0,0)', '0/0', '', '', '5:5:', 0, 0, 77777, '{}', '', '{}', '{}'),
    ('3', '1', '(1,2)', '16/B374D848', '1', '1', '1:9223372036854775807:', 77777, 'bool', 1242, NULL, NULL, NULL, NULL);
CREATE TABLE t_nobody (a regproc, b regprocedure, c regoper, d regoperator, e regclass, f regtype, g regconfig, h regdictionary, i regnamespace, j regrole);
INSERT INTO t_nobody VALUES (0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
--13+ ALTER TABLE t_nobody ADD k regcollation DEFAULT '-';
--13+ CREATE TABLE t_xid8 (a xid8, b pg_snapshot, c xid8[], d pg_snapshot[]);
--13+ INSERT INTO t_xid8 VALUES ('18446744073709551615', '1:9223372036854775807:2,9223372036854775806', '{0,1}', '{1:5:2,1:1:}'), ('0', '1:1:', '{}', NULL);

CREATE TABLE t_float (a float4, b float8, c float4[], d float8[]);
INSERT INTO t_float VALUES ('NaN', 'NaN', '{NaN,Infinity,-Infinity,-0,0}', '{NaN,Infinity,-Infinity,-0,0}'), ('3.4028235e38', '1.7976931348623157e308', '{}', '{}'),
    ('1.1754944e-38', '2.2250738585072014e-308', NULL, NULL), ('1e-45', '5e-324', '{1.5,2.25}', '{1.5,2.25}'), ('1e-4', '1e-4', NULL, NULL), ('1e-5', '1e-5', NULL, NULL),
    ('100000', '100000000000000', NULL, NULL), ('1000000', '1000000000000000', NULL, NULL), ('123456', '123456789012345', NULL, NULL),
    ('999999.9', '999999999999999.9', NULL, NULL), ('16777216', '9007199254740992', NULL, NULL), ('16777215', '9007199254740991', NULL, NULL),
    ('0.1', '0.1', NULL, NULL), ('0.3', '0.3', NULL, NULL), ('9.5367431640625e-07', '5.684341886080802e-14', NULL, NULL), ('8388608', '1e23', NULL, NULL),
    ('2e10', '9.999999999999999e22', NULL, NULL), ('5e-45', '1e-323', NULL, NULL), ('1.5e-43', '9.109e-31', NULL, NULL), ('33554430', '1.0000000000000001e23', NULL, NULL), ('8.5899346e9', '1e22', NULL, NULL), ('1.7179869e10', '9007199254740994', NULL, NULL);
-- Powers of two and their neighbours, of ten, and random ones of all sizes.
INSERT INTO t_float (a, b) SELECT CASE WHEN i BETWEEN -149 AND 127 THEN power(2::numeric, i::numeric)::text::float4 END, ('1e' || (i / 4))::float8 FROM generate_series(-140, 127) i;
INSERT INTO t_float (b) SELECT power(2::float8, i) * (1 + d * 2.220446049250313e-16) FROM generate_series(-1020, 1023) i, generate_series(0, 1) d;
INSERT INTO t_float (b) SELECT power(2::float8, i) * (1 - 1.1102230246251565e-16) FROM generate_series(-1020, 1023) i;
INSERT INTO t_float (b) SELECT power(2::float8, -i) * power(2::float8, -1000) FROM generate_series(20, 74) i;
SELECT setseed(0.25);
INSERT INTO t_float SELECT ((random() - 0.5) * power(10::float8, (random() * 70 - 35)::int))::float4, (random() - 0.5) * power(10::float8, (random() * 600 - 300)::int)
    FROM generate_series(1, 8000);
INSERT INTO t_float SELECT round((random() * 100000)::numeric, (random() * 4)::int)::float4, round((random() * 1000000)::numeric, (random() * 6)::int)::float8 FROM generate_series(1, 2000);

CREATE TABLE t_numeric (a numeric, b numeric(12, 3), c numeric[]);
INSERT INTO t_numeric VALUES ('NaN', 'NaN', '{NaN,1.10,-0.00}'), (0, 0, '{}'), ('0.000', '0.001', '{1,NULL,10000,100000000}'), ('-1', '-123456789.123', NULL),
    ('1e130', 1, NULL), ('1e-130', 1, NULL), ('12345678901234567890123456789012345678901234567890.12345678901234567890', 1, NULL), ('0.0001', 1, NULL), ('0.00001', 1, NULL),
    ('10000.0001', 1, NULL), ('-10000000000000000', 1, NULL), ('1e1000', 1, NULL), ('1e-1000', 1, NULL), ('123.4500', 1, NULL), ('0.12345', 1, NULL), ('9999.9999', 1, NULL),
    (1.1::numeric(1000, 900), 1, NULL), ('9e131071', 1, NULL), (repeat('9', 5000)::numeric, 1, NULL), (('0.' || repeat('0', 16000) || '1')::numeric, 1, NULL);
--14+ INSERT INTO t_numeric (a, c) VALUES ('Infinity', '{Infinity,-Infinity}'), ('-Infinity', NULL);
INSERT INTO t_numeric SELECT round(((random() - 0.5) * power(10::numeric, (random() * 40 - 20)::int))::numeric, (random() * 40)::int) FROM generate_series(1, 3000);

CREATE TABLE t_text (a text, b varchar(20), c char(10), d bytea, e text[], f char(3)[], g bytea[], h varchar[]);
INSERT INTO t_text VALUES ('', '', '', '', '{}', '{}', '{}', '{}'), ('\N', '\.', 'a', '\x00ff5c', '{"",NULL,"NULL","null","a,b","{","}","\"","\\"," a","a b"}', '{a,abc}', '{"\\x00"}', '{NuLL,NULLs}'),
    (E'tab\tnl\ncr\rbs\bff\fvt\vback\\slash', E'\x01\x7f', 'añb€c', E'\\x0102', E'{"a\tb","a\nb","a\vb"}', NULL, NULL, NULL), ('añ€😀', 'é', ' x ', '\xdeadbeef', '{añ,€}', '{"é  "}', NULL, NULL),
    (repeat('compress ', 1000), 'x', 'y', decode(repeat('00', 5000), 'hex'), ARRAY[repeat('abc', 2000)], NULL, NULL, NULL);
-- Of every length around that of short headers, and stored outside.
INSERT INTO t_text (a, c, d) SELECT repeat('x', i), 'c', decode(repeat('ab', 300 - i), 'hex') FROM generate_series(0, 300) i;
CREATE TABLE t_toast (id int, a text, b text, c bytea, d jsonb, e text[]);
ALTER TABLE t_toast ALTER b SET STORAGE EXTERNAL;
INSERT INTO t_toast SELECT i, (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 300 * i) j), repeat('0123456789', 400 * i),
    (SELECT decode(string_agg(md5(j::text), ''), 'hex') FROM generate_series(1, 150 * i) j),
    (SELECT jsonb_object_agg('key' || j, md5(j::text)) FROM generate_series(1, 100 * i) j), ARRAY(SELECT md5(j::text) FROM generate_series(1, 100 * i) j) FROM generate_series(1, 6) i;
INSERT INTO t_toast SELECT 10 + i, repeat('ab', 100000 * i) FROM generate_series(1, 4) i;
INSERT INTO t_toast SELECT 20, (SELECT string_agg(md5(j::text) || repeat(' ', 30), '') FROM generate_series(1, 3000) j);
--14+ CREATE TABLE t_lz4 (id int, a text, b jsonb);
--14+ DO $$ BEGIN ALTER TABLE t_lz4 ALTER a SET COMPRESSION lz4, ALTER b SET COMPRESSION lz4; EXCEPTION WHEN feature_not_supported THEN NULL; END $$;
--14+ INSERT INTO t_lz4 SELECT i, repeat('compress ', 500 * i), (SELECT jsonb_object_agg('key' || j, 'value') FROM generate_series(1, 200 * i) j) FROM generate_series(1, 5) i;
--14+ INSERT INTO t_lz4 SELECT 20, (SELECT string_agg(md5(j::text) || repeat(' ', 30), '') FROM generate_series(1, 3000) j);

CREATE TABLE t_date (a date, b date[], c timestamp, d timestamptz, e timestamp[], f timestamptz[]);
INSERT INTO t_date VALUES ('infinity', '{infinity,-infinity}', 'infinity', 'infinity', '{infinity}', '{-infinity}'), ('-infinity', '{}', '-infinity', '-infinity', '{}', '{}'),
    ('4713-01-01 BC', '{2000-01-01}', '4713-01-01 00:00:00 BC', '4713-01-01 00:00:00+00 BC', '{"2000-01-01 00:00:00.1"}', '{"2000-01-01 00:00:00.1+05:30"}'),
    ('5874897-12-31', NULL, '294276-12-31 23:59:59.999999', '294276-12-31 23:59:59.999999+00', NULL, NULL), ('0001-01-01', NULL, '0001-01-01', '0001-01-01', NULL, NULL),
    ('0001-12-31 BC', NULL, '0001-12-31 23:59:59.999999 BC', '0001-12-31 12:00+00 BC', NULL, NULL), ('10000-01-01', NULL, '10000-01-01', '10000-01-01', NULL, NULL),
    ('2000-02-29', NULL, '1999-12-31 23:59:59.999999', '2000-01-01 00:00:00.000001+00', NULL, NULL), ('4714-11-24 BC', NULL, '4714-11-24 00:00:00 BC', '4714-11-24 00:00:00+00 BC', NULL, NULL);
INSERT INTO t_date SELECT '2000-01-01'::date + (random() * 4000000 - 2000000)::int % 2000000 * (i % 2), NULL,
    '2000-01-01'::timestamp + (random() - 0.5) * '8000 years'::interval, '2000-01-01'::timestamptz + (random() - 0.5) * '8000 years'::interval FROM generate_series(1, 2000) i;
INSERT INTO t_date (a) SELECT '1890-12-30'::date + i FROM generate_series(0, 1500) i;
INSERT INTO t_date (a) SELECT '0005-01-01 BC'::date + i * 3 FROM generate_series(0, 700) i;
CREATE TABLE t_time (a time, b timetz, c time[], d timetz[]);
INSERT INTO t_time VALUES ('00:00', '00:00+15:59', '{24:00}', '{12:00-08}'), ('24:00', '24:00-15:59', '{}', '{}'), ('23:59:59.999999', '12:34:56.7+05:30', NULL, NULL),
    ('00:00:00.1', '01:02:03+00:00:01', NULL, NULL), ('01:02:03.0004', '01:02:03-01:02:03', NULL, NULL), ('12:00', '12:00+00', NULL, NULL);
CREATE TABLE t_interval (a interval, b interval[]);
INSERT INTO t_interval VALUES ('0', '{0,"1 day"}'), ('1 year', '{}'), ('-1 year 2 mons -3 days 04:05:06.789', NULL), ('1 mon -1 day', NULL), ('-1 mon 1 day -00:00:01', NULL), ('2 years 1 mon', NULL),
    ('-178000000 years', NULL), ('178000000 years', NULL), ('2147483647 days', NULL), ('-2147483648 days 00:00:01', NULL), ('2147483647:59:59.999999', NULL), ('-2147483647:59:59.999999', NULL),
    ('1 day', NULL), ('-1 day', NULL), ('00:00:00.000001', NULL), ('-00:00:00.5', NULL), ('1 year -1 mon', NULL), ('-13 mons', NULL), ('25 hours', NULL), ('-1 days +02:03:00', NULL);
--15+ INSERT INTO t_interval VALUES ('2562047788:00:54.775807', NULL), ('-2562047788:00:54.775807', NULL);
--17+ INSERT INTO t_interval VALUES ('infinity', '{infinity,-infinity}'), ('-infinity', NULL);
INSERT INTO t_interval SELECT ((random() - 0.5) * 500)::int * '1 mon'::interval + ((random() - 0.5) * 100)::int * '1 day'::interval + (random() - 0.5) * '100 hours'::interval FROM generate_series(1, 500);

CREATE TABLE t_net (a inet, b cidr, c macaddr, d macaddr8, e inet[], f cidr[], g macaddr[], h macaddr8[]);
INSERT INTO t_net VALUES ('127.0.0.1', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '{1.2.3.4/24,::1}', '{10/8}', '{08:00:2b:01:02:03}', '{08:00:2b:01:02:03:04:05}'),
    ('0.0.0.0/0', '0.0.0.0/0', '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff:ff:ff', '{}', '{}', '{}', '{}'), ('255.255.255.255/31', '255.255.255.255', NULL, NULL, NULL, NULL, NULL, NULL),
    ('::', '::/0', NULL, NULL, NULL, NULL, NULL, NULL), ('::1', '::1', NULL, NULL, NULL, NULL, NULL, NULL), ('::ffff:1.2.3.4', '::ffff:1.2.3.0/120', NULL, NULL, NULL, NULL, NULL, NULL),
    ('::1.2.3.4', '::1.2.0.0/112', NULL, NULL, NULL, NULL, NULL, NULL), ('::2', '::2', NULL, NULL, NULL, NULL, NULL, NULL), ('::ffff', '::ffff/128', NULL, NULL, NULL, NULL, NULL, NULL),
    ('1::', '1::/16', NULL, NULL, NULL, NULL, NULL, NULL), ('1:0:0:2::3/64', '2001:db8::/32', NULL, NULL, NULL, NULL, NULL, NULL), ('1:0:2:0:3:0:4:0', 'fe80::/10', NULL, NULL, NULL, NULL, NULL, NULL),
    ('0:0:1:0:0:1:0:0', '1:2:3:4:5:6:7:8', NULL, NULL, NULL, NULL, NULL, NULL), ('::1:2:3:4:5:6:7', '0:1:2:3:4:5:6:7', NULL, NULL, NULL, NULL, NULL, NULL), ('::1:0:1', '1:2:3:4:5:6::', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO t_net (a) SELECT (CASE WHEN i % 5 = 0 THEN '::' ELSE (SELECT string_agg(CASE WHEN random() < 0.6 THEN '0' ELSE to_hex((random() * 65535)::int) END, ':') FROM generate_series(1, 8) j WHERE i > 0) END)::inet
    FROM generate_series(1, 1000) i;

CREATE TABLE t_misc (a uuid, b bit(13), c varbit, d money, e json, f uuid[], g bit(3)[], h varbit[], i money[], j json[]);
INSERT INTO t_misc VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', B'1010101010101', B'', '1234567.89', '{"a" : [1, 2 ]}', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', '{101,010}', '{"",1}', '{1.00,-1234.5}', '{"{\"a\": 1}",null}'),
    ('00000000-0000-0000-0000-000000000000', B'0000000000000', B'11111111', '-92233720368547758.08', 'null', '{}', '{}', '{}', '{}', '{}'), (NULL, NULL, B'111111111', '92233720368547758.07', '" \n"', NULL, NULL, NULL, NULL, NULL),
    (NULL, NULL, B'0', '0.05', E'{"a"\n:\t1}', NULL, NULL, NULL, NULL, NULL), (NULL, NULL, NULL, '-999.99', '1', NULL, NULL, NULL, NULL, NULL), (NULL, NULL, NULL, '1000', '[]', NULL, NULL, NULL, NULL, NULL);

CREATE TABLE t_xml (a xml, b xml[]);
DO $$ BEGIN
    INSERT INTO t_xml VALUES ('<a>1</a>', ARRAY['<a b="c"/>'::xml]), ('', NULL), ('text', NULL), ('<?xml version="1.0"?><a/>', NULL), (E'<?xml version="1.0"?>\n<a/>', NULL), (E'<?xml version="1.0"?>\n\n<a/>', NULL),
        ('<?xml version="1.0" encoding="UTF-8"?><a/>', NULL), ('<?xml version="1.0" standalone="yes"?><a/>', NULL), (E'<?xml version=''1.0'' encoding=''utf-8'' standalone=''no'' ?>\n<a/>', NULL),
        ('<?xml-stylesheet href="a"?><a/>', NULL), (E'\n<a/>', NULL), (E'<?xml version="1.1"?>\n<a/>', NULL), (E'<?xml  version = "1.0"  ?><a>\n</a>', NULL);
EXCEPTION WHEN feature_not_supported THEN NULL; END $$;

CREATE TABLE t_jsonb (a jsonb, b jsonb[]);
INSERT INTO t_jsonb VALUES ('{}', '{"{\"a\": 1}",null}'), ('[]', '{}'), ('null', NULL), ('true', NULL), ('false', NULL), ('1.50', NULL), ('"a\"b\\c\/d\b\f\n\r\t\u0001\u000b\u007f é"', NULL), ('""', NULL),
    ('{"": "", "b": [1, -2.5e10, null, true, {"c": []}], "a": {"x": {"y": {"z": [[[]]]}}}}', NULL), ('[1, "two", [3, [4]], {"five": 6}, 1e-20, 123456789012345678901234567890]', NULL);
INSERT INTO t_jsonb SELECT jsonb_build_object('id', i, 'name', repeat('x', i % 37), 'list', (SELECT jsonb_agg(CASE j % 5 WHEN 0 THEN to_jsonb(j * 1.5) WHEN 1 THEN to_jsonb(repeat('s', j)) WHEN 2 THEN 'null' WHEN 3
    THEN jsonb_build_object('k' || j, j, 'b', j % 2 = 0) ELSE jsonb_build_array(j, j::text) END) FROM generate_series(1, i % 90) j), repeat('k', i % 11), i::float8 / 7) FROM generate_series(1, 800) i;
INSERT INTO t_jsonb VALUES ((repeat('[', 900) || repeat(']', 900))::jsonb, NULL), ((repeat('{"a":', 500) || '1' || repeat('}', 500))::jsonb, NULL);

CREATE TABLE t_geo (a point, b line, c lseg, d box, e path, f polygon, g circle, h point[], i box[], j polygon[], k path[], l circle[], m lseg[], n line[]);
INSERT INTO t_geo VALUES ('(1,2.5)', '{1,-1,0.5}', '[(0,0),(1,1)]', '(1,2),(3,0.1)', '[(0,0),(1,1),(2,0)]', '((0,0),(1,1),(2,0))', '<(1,2),3>', '{"(1,2)",NULL,"(3,4)"}', '{(1,2),(3,4);(5,6),(7,8)}', '{"((0,0),(1,1))"}',
    '{"[(0,0),(1,1)]","((0,0))"}', '{"<(1,2),3>"}', '{"[(0,0),(1,1)]"}', '{"{1,2,3}"}'), ('(1e300,-1e-300)', NULL, NULL, '(0.1,0.2),(0.3,1e20)', '((0.1,0.2))', '((1e15,1e14))', '<(0,0),0>', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
    ('(Infinity,NaN)', NULL, NULL, NULL, '((0,0),(1,1))', NULL, NULL, NULL, '[0:0]={(1,2),(3,4)}', NULL, NULL, NULL, NULL, NULL);

CREATE TABLE t_search (a tsvector, b tsquery, c tsvector[], d tsquery[]);
INSERT INTO t_search VALUES ('', '', '{}', '{}'), ('a:1A,2B,3C,4D fat cat:5', 'a & b | c', ARRAY['a:1 b'::tsvector], ARRAY['a & b'::tsquery]), ($$'a b' 'it''s' 'back\\slash':3$$, $$'a b' & 'it''s' & 'back\\slash'$$, NULL, NULL),
    ('x:16383', '!a', NULL, NULL), ('é:1', 'a:*', NULL, NULL), (NULL, 'a:AB', NULL, NULL), (NULL, 'a:*CD & !(b | c)', NULL, NULL), (NULL, '(a | b) & (c | d)', NULL, NULL), (NULL, 'a | b & c', NULL, NULL),
    (NULL, 'a <-> b', NULL, NULL), (NULL, 'a <5> b <-> c', NULL, NULL), (NULL, 'a <-> (b <-> c)', NULL, NULL), (NULL, '(a & b) <-> c', NULL, NULL), (NULL, '!(a <-> b)', NULL, NULL), (NULL, '!!a', NULL, NULL),
    (NULL, '!(!a & b) | !c', NULL, NULL), (NULL, 'a & (b & c)', NULL, NULL), (NULL, '(a <-> b) | (c <0> d)', NULL, NULL), (NULL, '(a | b) <-> !c', NULL, NULL), (NULL, 'a <-> (b | c <2> (d <-> e))', NULL, NULL), (NULL, '!a <-> !b', NULL, NULL);
INSERT INTO t_search (a) SELECT to_tsvector('simple', string_agg(md5((j * i)::text), ' ')) FROM generate_series(1, 40) i, generate_series(1, 30) j GROUP BY i;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'very happy', 'a,b', 'it''s "x"', '');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN inner_text AS varchar(10);
CREATE DOMAIN outer_text AS inner_text;
CREATE DOMAIN list AS int[];
CREATE TYPE pair AS (a int, b text, c mood);
CREATE TYPE nest AS (p pair, q pair[], r numeric, s timestamp, t float8);
CREATE TABLE t_user (a mood, b positive, c outer_text, d list, e pair, f nest, g mood[], h pair[], i nest[]);
INSERT INTO t_user VALUES ('sad', 1, 'x y', '{1,2}', ROW(1, 'a,b', 'a,b'), ROW(ROW(1, 'x"y\z', 'ok'), ARRAY[ROW(2, '', 'very happy')::pair, NULL], 1.50, '2000-01-01 00:00:00', 0.1), '{sad,"very happy",NULL,"a,b",""}',
    ARRAY[ROW(1, 'a b', NULL)::pair, ROW(NULL, NULL, NULL)::pair], ARRAY[ROW(NULL, NULL, NULL, NULL, NULL)::nest]), ('it''s "x"', 2, '', '{}', ROW(NULL, '', 'it''s "x"'), ROW(NULL, '{}', 'NaN', 'infinity', 'NaN'), '{}', '{}', '{}'),
    ('', NULL, NULL, NULL, ROW(NULL, NULL, NULL), NULL, NULL, ARRAY[ROW(5, repeat('long ', 2000), 'sad')::pair], NULL), (NULL, NULL, NULL, NULL, ROW(3, E'\t()\n', ''), NULL, NULL, NULL,
    ARRAY[ROW(ROW(1, '{"\', 'sad'), ARRAY[ROW(2, '"', 'ok')::pair], 2, 'now'::timestamp(0) - 'now'::timestamp(0) + '2001-01-01'::timestamp, 1)::nest]);
-- A type that has changed since: its rows have fewer attributes, and one that is dropped.
CREATE TYPE changing AS (a int, b text);
CREATE TABLE t_changed (a changing, b changing[]);
INSERT INTO t_changed VALUES (ROW(1, 'x'), ARRAY[ROW(2, 'y')::changing]);
ALTER TYPE changing ADD ATTRIBUTE c int8;
INSERT INTO t_changed VALUES (ROW(1, 'x', 3), ARRAY[ROW(2, 'y', 4)::changing]);
ALTER TYPE changing DROP ATTRIBUTE b;
INSERT INTO t_changed VALUES (ROW(5, 6), ARRAY[ROW(7, 8)::changing]);
CREATE TABLE t_row (a t_changed, b t_misc);
INSERT INTO t_row SELECT x, y FROM t_changed x, t_misc y;

CREATE TYPE textrange AS RANGE (subtype = text);
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE TABLE t_range (a int4range, b int8range, c numrange, d daterange, e tsrange, f tstzrange, g textrange, h floatrange, i int4range[], j textrange[], k pair);
INSERT INTO t_range VALUES ('empty', 'empty', 'empty', 'empty', 'empty', 'empty', 'empty', 'empty', '{}', '{}'), ('(,)', '(,)', '(,)', '(,)', '(,)', '(,)', '(,)', '(,)', '{empty,"[1,2)"}', '{empty}'),
    ('[1,10]', '[1,10]', '[1.10,2.20]', '[2000-01-01,2000-02-01]', '[2000-01-01,2000-01-02]', '[2000-01-01,2000-01-02)', '["a b","c,d"]', '[0.1,0.3]', '{"[1,2)","(,5)"}', ARRAY['["a","b)"]'::textrange, '["",z]'::textrange]),
    ('[1,)', '(,1)', '(1,)', '[2000-01-01,infinity]', '(,infinity)', '[-infinity,)', '["",]', '(,NaN]', NULL, NULL), (NULL, NULL, '[1,1]', NULL, NULL, NULL, E'["\\\\\\"","\\n"]', '[-0,0]', NULL, NULL);
--14+ CREATE TABLE t_multirange (a int4multirange, b int8multirange, c nummultirange, d datemultirange, e tsmultirange, f tstzmultirange, g textmultirange, h floatmultirange, i int4multirange[]);
--14+ INSERT INTO t_multirange VALUES ('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'), ('{[1,3),[5,7)}', '{[1,3),[5,7),(9,)}', '{[1,3),[5.5,7.25],(100000.0001,)}', '{(,2000-01-01),[2001-01-01,2002-01-01)}', '{[2000-01-01,2000-01-02)}',
--14+     '{(,2000-01-01),[2001-01-01,2002-01-01)}', '{[a,b),["c d","e,f"],[g,)}', '{[0.1,0.2),[1,2]}', '{"{}","{[1,3),[5,7)}"}');
--14+ INSERT INTO t_multirange (a, c, g) SELECT (SELECT range_agg(int4range(k * 10, k * 10 + 3)) FROM generate_series(1, i) k), (SELECT range_agg(numrange(k * 1000.5, k * 1000.5 + 3 + k)) FROM generate_series(1, i) k),
--14+     (SELECT range_agg(textrange('a' || lpad(k::text, 4, '0') || repeat('x', k), 'a' || lpad(k::text, 4, '0') || 'y')) FROM generate_series(1, i) k) FROM generate_series(1, 60) i;

-- Alignment: each kind of column after each other; NULLs between.
CREATE TABLE t_align (a bool, b int8, c "char", d text, e int2, f float8, g bool, h uuid, i int4, j timetz, k "char", l macaddr, m numeric, n point, o bool, p interval, q name, r tid, s int2);
INSERT INTO t_align SELECT i % 2 = 0, NULLIF(i % 3, 0), 'x', repeat('t', i % 5), i, NULLIF(i % 7, 0), true, CASE WHEN i % 2 = 0 THEN 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid END, NULLIF(i % 4, 0), '12:00+01', 'y',
    CASE WHEN i % 3 = 0 THEN '08:00:2b:01:02:03'::macaddr END, NULLIF(i % 5, 0) * 1.5, '(1,2)', i % 5 = 0, '1 day', 'n', CASE WHEN i % 2 = 1 THEN '(1,1)'::tid END, 7 FROM generate_series(1, 300) i;

-- Columns dropped and added, with what old rows have of them.
CREATE TABLE t_columns (a int, b text, c int8, d bool);
INSERT INTO t_columns SELECT i, 'b' || i, i, true FROM generate_series(1, 5) i;
ALTER TABLE t_columns DROP b;
INSERT INTO t_columns SELECT i, i, false FROM generate_series(6, 9) i;
ALTER TABLE t_columns ADD e text DEFAULT 'a default, with "quotes"', ADD f int8 DEFAULT 42, ADD g text, ADD h numeric DEFAULT 1.50, ADD i int[] DEFAULT '{1,NULL}', ADD j mood DEFAULT 'ok', ADD k text DEFAULT repeat('long ', 1000), ADD l pair DEFAULT ROW(1, 'x', 'sad');
INSERT INTO t_columns (a, g) VALUES (10, 'g');
ALTER TABLE t_columns DROP d, DROP f, ADD m bool DEFAULT true, ALTER h SET DEFAULT 2;
INSERT INTO t_columns (a) VALUES (11);
CREATE TABLE t_none ();
INSERT INTO t_none DEFAULT VALUES;
DO $$ BEGIN EXECUTE 'CREATE TABLE t_wide (' || (SELECT string_agg('c' || i || CASE i % 3 WHEN 0 THEN ' int2' WHEN 1 THEN ' bool' ELSE ' int4' END, ', ') FROM generate_series(1, 1000) i) || ')'; END $$;
INSERT INTO t_wide (c1, c500, c1000) VALUES (true, 500, true), (NULL, NULL, NULL);
