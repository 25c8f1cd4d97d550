/* rules_wal.c - what gets into the WAL, and whether a crash leaves it whole. See check.h. */
#include "command/check/check.h"

#include <inttypes.h>
#include <string.h>

static void wal_level(check *c)
{
    const char *is = shown_setting(c, CHECK_WAL_LEVEL, "wal_level");
    if (is == NULL)
        return;
    if (strcmp(is, "minimal") != 0) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_WAL_LEVEL, "wal_level is %s", is);
        return;
    }
    verdict *one =
        verdicts_add(&c->found, VERDICT_CRITICAL, CHECK_WAL_LEVEL, "wal_level is minimal");
    verdict_why(one, "No base backup can be taken of the running server, and no older one can be "
                     "recovered past WAL that was written like this.");
    verdict_change(one, "ALTER SYSTEM SET wal_level = replica;  -- then restart the server, and "
                        "take a base backup");
}

/* Is it off? Where it is not, that is all right, and told. */
static bool is_off(check *c, check_topic topic)
{
    const char *name = check_topic_name(topic), *is = shown_setting(c, topic, name);
    if (is == NULL)
        return false;
    if (strcmp(is, "off") != 0)
        verdicts_add(&c->found, VERDICT_OK, topic, "%s is %s", name, is);
    return strcmp(is, "off") == 0;
}

static void full_page_writes(check *c)
{
    if (!is_off(c, CHECK_FULL_PAGE_WRITES))
        return;
    verdict *one =
        verdicts_add(&c->found, VERDICT_WARNING, CHECK_FULL_PAGE_WRITES, "full_page_writes is off");
    verdict_why(one, "A page that a crash tears cannot be mended from the WAL, and no base backup "
                     "can be taken of a standby.");
    verdict_change(one,
                   "ALTER SYSTEM SET full_page_writes = on;  -- then SELECT pg_reload_conf();");
}

static void fsync_is_on(check *c)
{
    if (!is_off(c, CHECK_FSYNC))
        return;
    verdict *one = verdicts_add(&c->found, VERDICT_CRITICAL, CHECK_FSYNC, "fsync is off");
    verdict_why(one, "When the machine crashes, data files and WAL may be lost or torn in any "
                     "order: the archive may then hold what the server does not.");
    verdict_change(one, "ALTER SYSTEM SET fsync = on;  -- then SELECT pg_reload_conf();");
}

static void synchronous_commit(check *c)
{
    if (!is_off(c, CHECK_SYNCHRONOUS_COMMIT))
        return;
    const int64_t delay = server_setting_number(&c->server, "wal_writer_delay", 200);
    verdict *one = verdicts_add(&c->found, VERDICT_NOTE, CHECK_SYNCHRONOUS_COMMIT,
                                "synchronous_commit is off: a crash loses the commits of the last "
                                "%" PRId64 " ms",
                                3 * delay);
    verdict_why(one, "Up to three times wal_writer_delay of what was told to be committed is in no "
                     "WAL yet. Sessions may set it for themselves.");
    verdict_change(one,
                   "ALTER SYSTEM SET synchronous_commit = on;  -- then SELECT pg_reload_conf();");
}

static void data_checksums(check *c)
{
    if (!is_off(c, CHECK_DATA_CHECKSUMS))
        return;
    verdict *one =
        verdicts_add(&c->found, VERDICT_NOTE, CHECK_DATA_CHECKSUMS, "data_checksums is off");
    verdict_why(one,
                "A page that the disk spoils is not noticed, and every base backup copies it.");
    verdict_change(one, "pg_checksums --enable -D DATA_DIRECTORY   # 12 and newer, server stopped");
}

static void track_commit_timestamp(check *c)
{
    if (!is_off(c, CHECK_TRACK_COMMIT_TIMESTAMP))
        return;
    verdict *one = verdicts_add(&c->found, VERDICT_NOTE, CHECK_TRACK_COMMIT_TIMESTAMP,
                                "track_commit_timestamp is off");
    verdict_why(one, "pg_xact_commit_timestamp() then cannot tell when a row of a restored table "
                     "was written. pitr-find does not need it.");
    verdict_change(one,
                   "ALTER SYSTEM SET track_commit_timestamp = on;  -- then restart the server");
}

void rules_wal(check *c)
{
    wal_level(c);
    full_page_writes(c);
    fsync_is_on(c);
    synchronous_commit(c);
    data_checksums(c);
    track_commit_timestamp(c);
}
