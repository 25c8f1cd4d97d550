# A workload for page redo as statements of SQL: N of them at random, from a fixed SEED, for one of several sessions.
#
#   awk -v seed=1 -v session=1 -v n=20000 -f redo-workload.awk | psql
#
# The tables are those of redo.sql. Errors (deadlocks, duplicate keys) are part of it.
function pick(k) { return int(rand() * k) }
function id() { return rand() < 0.7 ? 1 + pick(300) : 1 + pick(6000) } # some rows are hot
function text() { return "repeat(md5('" pick(1000000) "'), " 1 + pick(rand() < 0.1 ? 60 : 6) ")" }
# Does not compress: goes to the toast table beyond 2000 bytes.
function noise() { return "(SELECT string_agg(md5((g * " 1 + pick(100000) ")::text), '') FROM generate_series(1, " 1 + pick(200) ") g)" }
function statement(   r) {
    r = rand()
    if (r < 0.10) return "INSERT INTO acc (id, n, body) VALUES (" 6000 + pick(20000) ", " pick(100) ", " text() ") ON CONFLICT (id) DO UPDATE SET n = acc.n + 1"
    if (r < 0.13) return "INSERT INTO acc (id, n, body) VALUES (" id() ", 0, NULL) ON CONFLICT DO NOTHING"
    if (r < 0.33) return "UPDATE acc SET n = n + 1 WHERE id = " id() # HOT
    if (r < 0.38) return "UPDATE acc SET body = " text() ", k = " pick(1000) " WHERE id = " id() # its index, too
    if (r < 0.41) return "UPDATE acc SET big = " noise() " WHERE id = " id()
    if (r < 0.44) return "UPDATE acc SET n = n + 1 WHERE id BETWEEN " (x = id()) " AND " x + pick(40)
    if (r < 0.50) return "DELETE FROM acc WHERE id = " id()
    if (r < 0.55) return "INSERT INTO acc (id, n, body) SELECT g, g, " text() " FROM generate_series(" (x = id()) ", " x + pick(20) ") g ON CONFLICT DO NOTHING"
    if (r < 0.63) return "INSERT INTO kid (parent, t) SELECT " id() ", " text() " ON CONFLICT DO NOTHING"
    if (r < 0.66) return "DELETE FROM kid WHERE parent = " id()
    if (r < 0.69) return "UPDATE par SET v = v + 1 WHERE id = " 1 + pick(200)
    if (r < 0.70) return "UPDATE par SET id = id WHERE id = " 1 + pick(200)
    if (r < 0.74) return "SELECT count(*) FROM (SELECT 1 FROM acc WHERE id = " id() " FOR " lock() ") x"
    if (r < 0.76) return "SELECT count(*) FROM (SELECT 1 FROM par WHERE id = " 1 + pick(200) " FOR " lock() ") x"
    if (r < 0.80) return "INSERT INTO wide SELECT g, " pick(50) ", NULL, " text() ", now() FROM generate_series(1, " 1 + pick(100) ") g"
    if (r < 0.83) return "UPDATE wide SET b = b + 1, d = " text() " WHERE a = " pick(100) " AND b = " pick(50)
    if (r < 0.86) return "DELETE FROM wide WHERE a = " pick(100)
    if (r < 0.88) return "UPDATE parted SET k = k + 10 WHERE id = " id() # to another partition, from 11 on
    if (r < 0.90) return "INSERT INTO parted VALUES (" id() ", " pick(20) ", " text() ")"
    if (r < 0.92) return "SELECT count(*) FROM acc WHERE n = " pick(100) # prunes
    if (r < 0.94) return "UPDATE uniq SET v = v + 1 WHERE id = " 1 + pick(50)
    if (r < 0.97) return "INSERT INTO uniq VALUES (" 1 + pick(50) ", 0) ON CONFLICT (id) DO UPDATE SET v = uniq.v + 1"
    return "DELETE FROM uniq WHERE id = " 1 + pick(50)
}
function lock(   r) {
    r = pick(4)
    return r == 0 ? "UPDATE" : r == 1 ? "NO KEY UPDATE" : r == 2 ? "SHARE" : "KEY SHARE"
}
function maintenance(   r) {
    r = pick(16)
    if (r < 5) return "VACUUM acc"
    if (r < 7) return "VACUUM (FREEZE) " (pick(2) ? "par" : "kid")
    if (r == 7) return "VACUUM (FREEZE) acc"
    if (r < 10) return "VACUUM wide"
    if (r == 10) return "TRUNCATE wide"
    if (r == 11) return "VACUUM FULL uniq"
    if (r == 12) return "CLUSTER wide USING wide_a"
    if (r == 13) return "ANALYZE"
    if (r == 14) return "ALTER TABLE wide ALTER c TYPE " (pick(2) ? "text" : "varchar(100)") ", ALTER a TYPE " (pick(2) ? "int" : "bigint")
    return "VACUUM"
}
BEGIN {
    srand(seed)
    print "SET deadlock_timeout = '20ms'; SET lock_timeout = '2s'; SET client_min_messages = error;"
    while (done < n) {
        r = rand()
        if (r < 0.008) { print maintenance() ";"; done++; continue }
        if (r < 0.014) {
            print "COPY wide (a, b, d) FROM STDIN;"
            for (i = pick(300); i >= 0; i--) print pick(100) "\t" pick(50) "\t" "row " i
            print "\\."
            done++
            continue
        }
        if (r < 0.05) { # a MultiXact: of a lock and a change by its subtransaction, or of two transactions
            row = " FROM acc WHERE id = " (x = id()) " FOR "
            if (pick(2)) {
                print "BEGIN; SELECT 1" row "KEY SHARE; SAVEPOINT m; UPDATE acc SET n = n + 1 WHERE id = " x ";"
                print (pick(4) ? "" : "ROLLBACK TO m; ") "SELECT pg_sleep(0.002); COMMIT;"
            } else {
                name = "p" session "_" ++prepared
                print "BEGIN; SELECT 1" row "SHARE; PREPARE TRANSACTION '" name "';"
                print "BEGIN; SELECT 1" row "KEY SHARE; SELECT 1" row "SHARE; COMMIT; COMMIT PREPARED '" name "';"
                print "BEGIN; UPDATE acc SET n = n + 1 WHERE id = " x "; PREPARE TRANSACTION '" name "';"
                print "SELECT 1" row "KEY SHARE; " (pick(2) ? "COMMIT" : "ROLLBACK") " PREPARED '" name "';"
            }
            done += 4
            continue
        }
        if (r < 0.5) { print statement() ";"; done++; continue }
        print "BEGIN;"
        for (i = pick(8); i >= 0; i--) {
            if (rand() < 0.3) print "SAVEPOINT s;"
            print statement() ";"
            done++
            if (rand() < 0.15) print "ROLLBACK TO s;"
            if (rand() < 0.1) print "RELEASE s;"
        }
        r = rand()
        if (r < 0.1) {
            name = "p" session "_" ++prepared
            print "PREPARE TRANSACTION '" name "';"
            print (pick(2) ? "COMMIT" : "ROLLBACK") " PREPARED '" name "';"
        }
        print (r < 0.8 ? "COMMIT" : "ROLLBACK") ";"
    }
}
