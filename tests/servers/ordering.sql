-- pgbench: keeps the table that will be dropped busy until it is gone (then this client fails).
\set customer random(1, 17)
INSERT INTO orders (customer, note, body) VALUES (:customer, 'new', noise(:customer));
UPDATE orders SET note = note || '.' WHERE id = :customer;
