/* guard_incident.c - see guard_incident.h. */
#include "command/watch/guard_incident.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

bool guard_incident_add(guard_incident *incident, const char *event, const char *dump)
{
    if (incident->count >= GUARD_OBJECTS_MAX) {
        incident->more++;
        return true;
    }
    guard_object *object = GROW(incident->objects, incident->count, incident->room);
    if (object == NULL)
        return false;
    *object = (guard_object){ strdup(event), strdup(dump) };
    return object->event != NULL && object->dump != NULL;
}

bool guard_incident_is_same(const guard_incident *a, const guard_incident *b)
{
    return a->commit == b->commit && a->tli == b->tli;
}

static wp_lsn earlier(wp_lsn a, wp_lsn b)
{
    return b == 0 || (a != 0 && a < b) ? a : b;
}

bool guard_incident_merge(guard_incident *into, const guard_incident *from)
{
    into->more += from->more;
    into->bounds.end = earlier(into->bounds.end, from->bounds.end);
    into->bounds.is_delayed = into->bounds.is_delayed && from->bounds.is_delayed;
    /* Where a lock is not known, neither is the first one of all. */
    const bool is_known = (!into->bounds.locks || into->bounds.lock != 0)
                          && (!from->bounds.locks || from->bounds.lock != 0);
    into->bounds.lock = is_known ? earlier(into->bounds.lock, from->bounds.lock) : 0;
    into->inspectable = is_known ? earlier(into->inspectable, from->inspectable) : 0;
    into->bounds.locks = into->bounds.locks || from->bounds.locks;
    for (size_t i = 0; i < from->count; i++)
        if (!guard_incident_add(into, from->objects[i].event, from->objects[i].dump))
            return false;
    return true;
}

void guard_incident_free(guard_incident *incident)
{
    for (size_t i = 0; i < incident->count; i++) {
        free(incident->objects[i].event);
        free(incident->objects[i].dump);
    }
    free(incident->objects);
    free(incident->id);
    free(incident->database);
    *incident = (guard_incident){ 0 };
}
