-- pgbench: one booking with its journal row in one transaction, then the note that COMMIT came back.
\set account random(1, 200)
\set delta random(-500, 500)
\set dice random(1, 10)
BEGIN;
UPDATE accounts SET balance = balance + :delta WHERE id = :account;
\if :dice = 1
SAVEPOINT s;
INSERT INTO journal (who, delta) VALUES ('rolled back', 1000000);
ROLLBACK TO SAVEPOINT s;
\endif
\if :dice = 2
SAVEPOINT s;
\endif
INSERT INTO journal (who, delta) VALUES ('client :client_id', :delta) RETURNING id \gset
COMMIT;
INSERT INTO acks (id) VALUES (:id);
\if :dice = 3
BEGIN;
INSERT INTO journal (who, delta) VALUES ('rolled back', 1000000);
ROLLBACK;
\endif
