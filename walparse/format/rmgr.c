/*
 * rmgr.c - names of resource managers. Mirrors access/rmgrlist.h, whose ids are append-only.
 */
#include <walparse/rmgr.h>

#include <stdio.h>
#include <string.h>

static const char builtin_names[][WP_RMGR_NAME_BYTES] = {
    [WP_RMGR_XLOG] = "XLOG",           [WP_RMGR_XACT] = "Transaction",
    [WP_RMGR_SMGR] = "Storage",        [WP_RMGR_CLOG] = "CLOG",
    [WP_RMGR_DATABASE] = "Database",   [WP_RMGR_TABLESPACE] = "Tablespace",
    [WP_RMGR_MULTIXACT] = "MultiXact", [WP_RMGR_RELMAP] = "RelMap",
    [WP_RMGR_STANDBY] = "Standby",     [WP_RMGR_HEAP2] = "Heap2",
    [WP_RMGR_HEAP] = "Heap",           [WP_RMGR_BTREE] = "Btree",
    [WP_RMGR_HASH] = "Hash",           [WP_RMGR_GIN] = "Gin",
    [WP_RMGR_GIST] = "Gist",           [WP_RMGR_SEQUENCE] = "Sequence",
    [WP_RMGR_SPGIST] = "SPGist",       [WP_RMGR_BRIN] = "BRIN",
    [WP_RMGR_COMMIT_TS] = "CommitTs",  [WP_RMGR_REPLICATION_ORIGIN] = "ReplicationOrigin",
    [WP_RMGR_GENERIC] = "Generic",     [WP_RMGR_LOGICAL_MESSAGE] = "LogicalMessage",
    [WP_RMGR_XLOG2] = "XLOG2",
};

const char *wp_rmgr_name(uint8_t rmid, char buf[WP_RMGR_NAME_BYTES])
{
    if (rmid >= WP_RMGR_CUSTOM_MIN)
        snprintf(buf, WP_RMGR_NAME_BYTES, "custom%03u", (unsigned)rmid);
    else if (rmid < sizeof builtin_names / sizeof *builtin_names)
        memcpy(buf, builtin_names[rmid], WP_RMGR_NAME_BYTES);
    else
        snprintf(buf, WP_RMGR_NAME_BYTES, "unknown%03u", (unsigned)rmid);
    return buf;
}
