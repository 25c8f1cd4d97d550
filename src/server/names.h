/*
 * names.h - names from a live or restored server (--dsn), for objects that neither WAL nor backup name.
 *
 * What a server says holds now, not at the time of the event. It is asked in read-only sessions with short
 * time-outs, in every database it lets us connect to. Passwords come by libpq's own means, and no part of
 * a connection string is ever printed.
 */
#ifndef PITR_FIND_NAMES_H
#define PITR_FIND_NAMES_H

#include <walparse/walparse.h>

#include "base/text.h"

/* So many names, and bytes of them, are taken from a server. */
#define SERVER_NAMES_MAX 1000000
#define SERVER_BYTES_MAX ((size_t)128 << 20)

/*
 * Asks the server that a connection string leads to, which must be of the cluster with that system identifier, and of the
 * major of that profile (NULL: any). Databases it
 * does not let us into are warned about; so is what it says by notices, a few of them. False with one line in message: it cannot be reached, refuses,
 * or is another one. Free *out with wp_external_names_free().
 */
bool server_names(const char *conninfo, const wp_profile *profile, uint64_t system_identifier,
                  wp_external_names **out, text_list *warnings, char message[512]);

#endif
