/*
 * profile.c - rows of the table of versions (profile.def), and which is whose. Other files spell a major only in rows
 * that are of some versions (versions.h).
 */
#include <walparse/profile.h>

#include <stdio.h>
#include <string.h>

#include <walparse/rmgr.h>

/* Short, for the table. */
#define ORIGIN WP_RMGR_REPLICATION_ORIGIN
#define MESSAGE WP_RMGR_LOGICAL_MESSAGE
#define XLOG2 WP_RMGR_XLOG2
#define CLEAN WP_HEAP2_CLEAN
#define PRUNE WP_HEAP2_PRUNE
#define FREEZE WP_HEAP2_PRUNE_FREEZE
#define OLD_CONF "recovery.conf"
#define AUTO_CONF "postgresql.auto.conf"

/* A row a major: of each line of the table the value at its place. The last one is of the newest: no line has more. */
// clang-format off
static const wp_profile profiles[] = {
#define FIELD(field, v, ...) .field = v,
    { /* 9.5 */
#include "format/profile.def"
    },
#undef FIELD
#define FIELD(field, a, v, ...) .field = v,
    { /* 9.6 */
#include "format/profile.def"
    },
#undef FIELD
#define FIELD(field, a, b, v, ...) .field = v,
    { /* 10 */
#include "format/profile.def"
    },
#undef FIELD
#define FIELD(field, a, b, c, v, ...) .field = v,
    { /* 11 */
#include "format/profile.def"
    },
#undef FIELD
#define FIELD(field, a, b, c, d, v, ...) .field = v,
    { /* 12 */
#include "format/profile.def"
    },
#undef FIELD
#define FIELD(field, a, b, c, d, e, v, ...) .field = v,
    { /* 13 */
#include "format/profile.def"
    },
#undef FIELD
#define FIELD(field, a, b, c, d, e, f, v, ...) .field = v,
    { /* 14 */
#include "format/profile.def"
    },
#undef FIELD
#define FIELD(field, a, b, c, d, e, f, g, v, ...) .field = v,
    { /* 15 */
#include "format/profile.def"
    },
#undef FIELD
#define FIELD(field, a, b, c, d, e, f, g, h, v, ...) .field = v,
    { /* 16 */
#include "format/profile.def"
    },
#undef FIELD
#define FIELD(field, a, b, c, d, e, f, g, h, i, v, ...) .field = v,
    { /* 17 */
#include "format/profile.def"
    },
#undef FIELD
#define FIELD(field, a, b, c, d, e, f, g, h, i, j, v, ...) .field = v,
    { /* 18 */
#include "format/profile.def"
    },
#undef FIELD
#define FIELD(field, a, b, c, d, e, f, g, h, i, j, k, v) .field = v,
    { /* 19 */
#include "format/profile.def"
    },
#undef FIELD
};
// clang-format on

#define PROFILES (sizeof profiles / sizeof *profiles)

const wp_profile *wp_profile_at(size_t index)
{
    return index < PROFILES ? &profiles[index] : NULL;
}

const wp_profile *wp_profile_by_magic(uint16_t magic)
{
    for (size_t i = 0; i < PROFILES; i++)
        if (profiles[i].page_magic == magic)
            return &profiles[i];
    return NULL;
}

const wp_profile *wp_profile_by_major(const char *major)
{
    for (size_t i = 0; i < PROFILES; i++)
        if (strcmp(profiles[i].major, major) == 0)
            return &profiles[i];
    return NULL;
}

const wp_profile *wp_profile_by_server_version(int number)
{
    /* Up to 9.6 the major is two numbers. */
    char major[16];
    if (number >= 100000)
        (void)snprintf(major, sizeof major, "%d", number / 10000);
    else
        (void)snprintf(major, sizeof major, "%d.%d", number / 10000, number / 100 % 100);
    return wp_profile_by_major(major);
}

const char *wp_profile_unreleased(uint16_t magic, bool *is_beta)
{
    /* 19: pages changed ten times while it was made, the last one but one in its first two betas. */
    *is_beta = magic == 0xD120;
    return magic >= 0xD119 && magic <= 0xD120 ? "19" : NULL;
}

const char *wp_profile_fixed_database(const wp_profile *profile, wp_oid db)
{
    static const char *const names[] = { [1] = "template1", [4] = "template0", [5] = "postgres" };
    if (db >= sizeof names / sizeof names[0] || (db != 1 && !profile->has_fixed_database_oids))
        return NULL;
    return names[db];
}
