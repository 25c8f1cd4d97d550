/*
 * rmgr.c - names of resource managers. Mirrors access/rmgrlist.h, whose ids are append-only.
 */
#include "format/rmgr.h"

#include <stdio.h>
#include <string.h>

#define NAME(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }

static const wpi_rmgr_name builtin_names[] = {
    [WP_RMGR_XLOG] = NAME("XLOG"),
    [WP_RMGR_XACT] = NAME("Transaction"),
    [WP_RMGR_SMGR] = NAME("Storage"),
    [WP_RMGR_CLOG] = NAME("CLOG"),
    [WP_RMGR_DATABASE] = NAME("Database"),
    [WP_RMGR_TABLESPACE] = NAME("Tablespace"),
    [WP_RMGR_MULTIXACT] = NAME("MultiXact"),
    [WP_RMGR_RELMAP] = NAME("RelMap"),
    [WP_RMGR_STANDBY] = NAME("Standby"),
    [WP_RMGR_HEAP2] = NAME("Heap2"),
    [WP_RMGR_HEAP] = NAME("Heap"),
    [WP_RMGR_BTREE] = NAME("Btree"),
    [WP_RMGR_HASH] = NAME("Hash"),
    [WP_RMGR_GIN] = NAME("Gin"),
    [WP_RMGR_GIST] = NAME("Gist"),
    [WP_RMGR_SEQUENCE] = NAME("Sequence"),
    [WP_RMGR_SPGIST] = NAME("SPGist"),
    [WP_RMGR_BRIN] = NAME("BRIN"),
    [WP_RMGR_COMMIT_TS] = NAME("CommitTs"),
    [WP_RMGR_REPLICATION_ORIGIN] = NAME("ReplicationOrigin"),
    [WP_RMGR_GENERIC] = NAME("Generic"),
    [WP_RMGR_LOGICAL_MESSAGE] = NAME("LogicalMessage"),
    [WP_RMGR_XLOG2] = NAME("XLOG2"),
};

#define NAMES (sizeof builtin_names / sizeof *builtin_names)

const wpi_rmgr_name *wpi_rmgr_builtin(uint8_t rmid)
{
    return rmid < NAMES ? &builtin_names[rmid] : NULL;
}

const char *wp_rmgr_name(uint8_t rmid, char buf[WP_RMGR_NAME_BYTES])
{
    if (rmid >= WP_RMGR_CUSTOM_MIN)
        snprintf(buf, WP_RMGR_NAME_BYTES, "custom%03u", (unsigned)rmid);
    else if (rmid < NAMES)
        memcpy(buf, builtin_names[rmid].chars, WP_RMGR_NAME_BYTES);
    else
        snprintf(buf, WP_RMGR_NAME_BYTES, "unknown%03u", (unsigned)rmid);
    return buf;
}
