-- The shop as it is before the base backup.
-- Every client writes here all the time, so the transactions and their order are known.
CREATE TABLE journal (
    id serial PRIMARY KEY,
    xid bigint NOT NULL DEFAULT txid_current(),
    who text NOT NULL,
    delta int NOT NULL DEFAULT 0,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Written by a client after it got its COMMIT for the journal row.
CREATE TABLE acks (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp());

CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL DEFAULT 0);
INSERT INTO accounts SELECT generate_series(1, 200);

CREATE FUNCTION noise(int) RETURNS text LANGUAGE sql VOLATILE AS
    $$ SELECT string_agg(md5(random()::text), '') FROM generate_series(1, $1) $$;

-- The table that gets lost: primary key, serial, an index, rows in toast.
CREATE TABLE orders (id serial PRIMARY KEY, customer int NOT NULL, note text, body text);
CREATE INDEX orders_customer ON orders (customer);
INSERT INTO orders (customer, note, body)
    SELECT i % 17, 'order ' || i, noise(1 + (i % 10) * 20) FROM generate_series(1, 300) i;

CREATE TABLE invoices (id serial PRIMARY KEY, body text);
INSERT INTO invoices (body) SELECT noise(1 + i % 90) FROM generate_series(1, 200) i;

CREATE TABLE customers (id int PRIMARY KEY, name text);
INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 700) i;

CREATE SCHEMA "Sales Dept";
CREATE TABLE "Sales Dept".shipments (id serial PRIMARY KEY, body text);
INSERT INTO "Sales Dept".shipments (body) SELECT noise(1 + i % 90) FROM generate_series(1, 150) i;

-- Where decoys happen: things that look like a drop or a truncate and are none.
CREATE TABLE bystander (id serial PRIMARY KEY, n int DEFAULT 0, body text);
INSERT INTO bystander (body) SELECT noise(1 + i % 90) FROM generate_series(1, 50) i;
CREATE MATERIALIZED VIEW bystanders AS SELECT count(*) FROM bystander;
