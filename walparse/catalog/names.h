/*
 * names.h - identifiers as quote_ident writes them.
 */
#ifndef WPI_NAMES_H
#define WPI_NAMES_H

#include <walparse/profile.h>

/* Room for any quoted name: each of 63 bytes doubled, two quotes, NUL. */
#define WPI_QUOTED_BYTES (2 * (WP_NAME_BYTES - 1) + 3)

/* Writes name, quoted where the server would, and a NUL; returns its length. */
size_t wpi_quote_ident(const wp_profile *profile, const char *name, char *out);

#endif
