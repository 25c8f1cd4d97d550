/*
 * catalogs.h - the catalogs whose rows are followed, and the OIDs PostgreSQL fixes at initdb.
 */
#ifndef WPI_CATALOGS_H
#define WPI_CATALOGS_H

#include <walparse/types.h>

#define WPI_PG_TABLESPACE 1213 /* shared */
#define WPI_PG_TYPE 1247
#define WPI_PG_ATTRIBUTE 1249
#define WPI_PG_PROC 1255
#define WPI_PG_CLASS 1259
#define WPI_PG_AUTHID 1260   /* shared */
#define WPI_PG_DATABASE 1262 /* shared */
#define WPI_PG_CONSTRAINT 2606
#define WPI_PG_DEPEND 2608
#define WPI_PG_INDEX 2610
#define WPI_PG_NAMESPACE 2615
#define WPI_PG_REWRITE 2618
#define WPI_PG_TRIGGER 2620
#define WPI_PG_EXTENSION 3079
#define WPI_PG_POLICY 3256
#define WPI_PG_ENUM 3501
#define WPI_PG_RANGE 3541

/* Objects below are made by initdb; users' own start here. */
#define WPI_FIRST_NORMAL_OID 16384

#define WPI_DEFAULT_TABLESPACE 1663
#define WPI_GLOBAL_TABLESPACE 1664

#define WPI_NSP_PG_CATALOG 11
#define WPI_NSP_PG_TOAST 99
#define WPI_NSP_PUBLIC 2200

static inline bool wpi_is_tracked_catalog(wp_oid catalog)
{
    switch (catalog) {
    case WPI_PG_TABLESPACE:
    case WPI_PG_TYPE:
    case WPI_PG_ATTRIBUTE:
    case WPI_PG_PROC:
    case WPI_PG_CLASS:
    case WPI_PG_AUTHID:
    case WPI_PG_DATABASE:
    case WPI_PG_CONSTRAINT:
    case WPI_PG_DEPEND:
    case WPI_PG_INDEX:
    case WPI_PG_NAMESPACE:
    case WPI_PG_REWRITE:
    case WPI_PG_TRIGGER:
    case WPI_PG_EXTENSION:
    case WPI_PG_POLICY:
        return true;
    default:
        return false;
    }
}

static inline bool wpi_is_shared_catalog(wp_oid catalog)
{
    return catalog == WPI_PG_DATABASE || catalog == WPI_PG_TABLESPACE || catalog == WPI_PG_AUTHID;
}

/* pg_database.datconnlimit of a database whose removal has begun: it cannot be used any more. */
#define WPI_CONNLIMIT_INVALID (-2)

#endif
