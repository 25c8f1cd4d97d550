/*
 * guard_incident.h - a transaction that the standby must not replay: what it does, and to what.
 */
#ifndef PITR_FIND_GUARD_INCIDENT_H
#define PITR_FIND_GUARD_INCIDENT_H

#include "base/text.h"
#include "command/watch/guard_verdict.h"

/* So many objects of one incident are kept; the others are counted. */
#define GUARD_OBJECTS_MAX 200

typedef struct guard_object {
    char *event; /* "DROP TABLE public.orders" */
    char *
        dump; /* how pg_dump takes it, as words for a shell: "-t public.orders"; "": no way of its own */
} guard_object;

/* Free with guard_incident_free(). */
typedef struct guard_incident {
    char *id;       /* of its first event, as watch tells it */
    char *database; /* NULL: not known */
    wp_xid xid;
    wp_tli tli;
    wp_lsn commit;      /* the record that ends it */
    wp_lsn inspectable; /* a recovery target right before the lock; 0: none */
    guard_bounds bounds;
    guard_object *objects;
    size_t count, room, more;
} guard_incident;

/* False: out of memory. */
bool guard_incident_add(guard_incident *incident, const char *event, const char *dump);
/* Of the same transaction? Then the objects of one can be added to the other; false: out of memory. */
bool guard_incident_is_same(const guard_incident *a, const guard_incident *b);
bool guard_incident_merge(guard_incident *into, const guard_incident *from);
void guard_incident_free(guard_incident *incident);

#endif
