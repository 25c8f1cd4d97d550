/*
 * astray.c - see astray.h.
 *
 * A transaction whose first changes were written before the WAL begins proves nothing, so it must be known
 * that the change named came later:
 *
 *   it began in the WAL read                     any catalog
 *   a file was made (CREATE, TRUNCATE, rewrite)  the row of pg_class that names the file comes after it
 *   a row of pg_class was made                   those of pg_attribute and pg_depend come after it
 *
 * Two messages come without a change of the transaction's own. ANALYZE writes to pg_class in place, with no xid
 * where it has none yet: pg_class counts only where files or columns and types came or went as well. ALTER
 * DOMAIN tells of pg_type when a constraint came or went.
 */
#include "infer/astray.h"

#include "format/catalogs.h"

#define BIT(which) (1u << (which))

// clang-format off
static const struct {
    wp_oid oid;
    const char *name;
} watched[] = {
    [WP_WATCHED_CLASS]      = { WPI_PG_CLASS, "pg_class" },
    [WP_WATCHED_ATTRIBUTE]  = { WPI_PG_ATTRIBUTE, "pg_attribute" },
    [WP_WATCHED_TYPE]       = { WPI_PG_TYPE, "pg_type" },
    [WP_WATCHED_PROC]       = { WPI_PG_PROC, "pg_proc" },
    [WP_WATCHED_NAMESPACE]  = { WPI_PG_NAMESPACE, "pg_namespace" },
    [WP_WATCHED_CONSTRAINT] = { WPI_PG_CONSTRAINT, "pg_constraint" },
    [WP_WATCHED_AUTHID]     = { WPI_PG_AUTHID, "pg_authid" },
    [WP_WATCHED_DEPEND]     = { WPI_PG_DEPEND, "pg_depend" },
};
// clang-format on

uint32_t wpi_watched_bit(wp_oid catalog)
{
    for (unsigned i = 0; i < WP_WATCHED_CATALOGS; i++)
        if (watched[i].oid == catalog)
            return BIT(i);
    return 0;
}

void wpi_astray_after_gap(wpi_astray *astray)
{
    astray->has_gap = true;
}

wp_oid wpi_watched_catalog(unsigned i)
{
    return watched[i].oid;
}

static void add(wpi_astray *astray, const wp_fact_xact *fact, wp_oid catalog, const char *name,
                bool is_certain)
{
    const wp_oid db = wpi_is_shared_catalog(catalog) ? 0 : fact->db;
    size_t at = 0;
    while (at < astray->nlost && (astray->lost[at].db != db || astray->lost[at].catalog != catalog))
        at++;
    if (at == WP_LOST_CATALOGS_MAX
        || (at < astray->nlost && (astray->lost[at].is_certain || !is_certain)))
        return;
    astray->lost[at] = (wp_lost_catalog){ .db = db,
                                          .catalog = catalog,
                                          .name = name,
                                          .lsn = fact->fact.lsn,
                                          .xid = fact->fact.xid,
                                          .is_certain = is_certain };
    astray->nlost += at == astray->nlost;
}

/* The catalogs of which it was changed after the WAL begins, if it was. */
static uint32_t provable(const wpi_traces *traces)
{
    if (traces->is_new)
        return UINT32_MAX;
    return (traces->has_new_file ? BIT(WP_WATCHED_CLASS) : 0)
           | (traces->has_new_class ? BIT(WP_WATCHED_ATTRIBUTE) | BIT(WP_WATCHED_DEPEND) : 0);
}

uint32_t wpi_astray_commit(wpi_astray *astray, const wp_fact_xact *fact, const wpi_traces *traces)
{
    const uint32_t relation = BIT(WP_WATCHED_ATTRIBUTE) | BIT(WP_WATCHED_TYPE);
    const bool removes_files = fact->nrels || fact->nstats;
    uint32_t missed = fact->changed & ~traces->touched;
    if (!removes_files && !traces->has_new_file && (fact->changed & relation) != relation)
        missed &= ~BIT(WP_WATCHED_CLASS);
    if (fact->changed & BIT(WP_WATCHED_CONSTRAINT))
        missed &= ~BIT(WP_WATCHED_TYPE);
    if (missed == 0 || traces->is_torn)
        return 0;
    const uint32_t proven = missed & provable(traces);
    for (unsigned i = 0; i < WP_WATCHED_CATALOGS; i++)
        if (proven & BIT(i))
            add(astray, fact, watched[i].oid, watched[i].name, true);
    /* Else it began before the WAL, and what it did to pg_class then is not told either. */
    if ((missed & ~proven & BIT(WP_WATCHED_CLASS)) && removes_files && !astray->has_gap)
        add(astray, fact, WPI_PG_CLASS, watched[WP_WATCHED_CLASS].name, false);
    return missed & ~proven;
}

void wpi_astray_database(wpi_astray *astray, const wp_fact_xact *fact)
{
    add(astray, fact, WPI_PG_DATABASE, "pg_database", false);
}
