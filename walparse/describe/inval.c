/*
 * inval.c - invalidation messages in words. Mirrors storage/sinval.h and access/rmgrdesc/standbydesc.c (9.5:
 * xactdesc.c).
 */
#include "describe/inval.h"

/* Ids of messages that are about no cache of the catalog, and the oid they name: u8 id, u32 database, u32 oid. */
#define INVAL_CATALOG (-1)
#define INVAL_RELCACHE (-2)
#define INVAL_SMGR (-3)
#define INVAL_RELMAP (-4)
#define INVAL_SNAPSHOT (-5)
#define INVAL_RELSYNC (-6) /* 18 on */
#define DATABASE_AT 4
#define OID_AT 8

wpi_invals wpi_take_invals(wpi_cursor *c)
{
    wpi_invals got = { .db = wpi_take_u32(c) };
    got.tablespace = wpi_take_u32(c);
    got.has_init_file = wpi_take_u8(c) != 0;
    (void)wpi_take(c, 3);
    got.messages = wpi_take_array(c, WPI_INVAL_BYTES, &got.count);
    return got;
}

static void put_message(wpi_text *out, const wp_profile *profile, const uint8_t *message)
{
    const int8_t id = (int8_t)message[0];
    if (id >= 0) {
        wpi_put(out, " catcache ");
        wpi_put_u32(out, (uint32_t)id);
    } else if (id == INVAL_CATALOG) {
        wpi_put(out, " catalog ");
        wpi_put_u32(out, wpi_u32(message + OID_AT));
    } else if (id == INVAL_RELCACHE) {
        wpi_put(out, " relcache ");
        wpi_put_u32(out, wpi_u32(message + OID_AT));
    } else if (id == INVAL_SMGR) {
        wpi_put(out, " smgr");
    } else if (id == INVAL_RELMAP) {
        wpi_put(out, " relmap");
        if (!profile->dump.has_words_of_9_5) {
            wpi_put(out, " db ");
            wpi_put_u32(out, wpi_u32(message + DATABASE_AT));
        }
    } else if (id == INVAL_SNAPSHOT) {
        wpi_put(out, " snapshot ");
        wpi_put_u32(out, wpi_u32(message + OID_AT));
    } else if (id == INVAL_RELSYNC && profile->dump.has_relsync_invals) {
        wpi_put(out, " relsync ");
        wpi_put_u32(out, wpi_u32(message + OID_AT));
    } else {
        wpi_put(out, profile->dump.has_words_of_9_5 ? " unknown id " : " unrecognized id ");
        wpi_put_i32(out, id);
    }
}

void wpi_put_invals(wpi_text *out, const wp_profile *profile, const wpi_invals *invals)
{
    if (!invals->count && !invals->is_told_empty)
        return;
    if (invals->has_init_file) {
        wpi_put(out, "; relcache init file inval dbid ");
        wpi_put_u32(out, invals->db);
        wpi_put(out, " tsid ");
        wpi_put_u32(out, invals->tablespace);
    }
    wpi_put(out, "; inval msgs:");
    for (uint32_t i = 0; i < invals->count; i++)
        put_message(out, profile, invals->messages + (size_t)i * WPI_INVAL_BYTES);
}
