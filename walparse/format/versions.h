/*
 * versions.h - in which majors there is something, for rows of tables.
 */
#ifndef WPI_VERSIONS_H
#define WPI_VERSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <walparse/profile.h>

/* Of wp_profile.version: 905, 1000 ...; until is the first without it. */
typedef struct wpi_versions {
    uint16_t since, until;
} wpi_versions;

#define ALWAYS 0 /* since 9.5 or before */
#define FOREVER UINT16_MAX

static inline bool wpi_is_of_versions(const wp_profile *profile, wpi_versions versions)
{
    return profile->version >= versions.since && profile->version < versions.until;
}

#endif
