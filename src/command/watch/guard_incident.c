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
