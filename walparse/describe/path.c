/*
 * path.c - the path of a relation's file below the data directory. Mirrors common/relpath.c, GetRelationPath and
 * forkNames.
 */
#include <walparse/profile.h>

#include "describe/text.h"
#include "format/catalogs.h"

static const char *const fork_suffixes[] = { "", "_fsm", "_vm", "_init" };

#define FORKS (sizeof fork_suffixes / sizeof *fork_suffixes)

void wpi_put_path(wpi_text *out, const wp_profile *profile, const wp_locator *locator, uint8_t fork)
{
    if (locator->spc == WPI_GLOBAL_TABLESPACE) {
        wpi_put(out, "global/");
    } else {
        if (locator->spc == WPI_DEFAULT_TABLESPACE) {
            wpi_put(out, "base/");
        } else {
            wpi_put(out, "pg_tblspc/");
            wpi_put_u32(out, locator->spc);
            wpi_put(out, "/PG_");
            wpi_put(out, profile->major);
            wpi_put_char(out, '_');
            wpi_put_u32(out, profile->catalog_version);
            wpi_put_char(out, '/');
        }
        wpi_put_u32(out, locator->db);
        wpi_put_char(out, '/');
    }
    wpi_put_u32(out, locator->rel);
    wpi_put(out, fork < FORKS ? fork_suffixes[fork] : "_unknown");
}
