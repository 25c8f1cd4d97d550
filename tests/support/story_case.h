/*
 * story_case.h - a story and the events that must come of it, told on every server.
 */
#ifndef TEST_STORY_CASE_H
#define TEST_STORY_CASE_H

#include "run.h"
#include "story.h"

typedef struct story_case {
    const char *name;
    void (*tell)(story *s);
    const char *events; /* as events_of() writes them */
    bool include_temporary;
    bool with_databases;
    bool with_creates;
    bool with_incidents;
    bool with_possible; /* also `XID maybe TEXT` */
    bool only_logical;
    bool only_with_images;
    bool only_with_locks; /* wal_level minimal has none */
    /*
     * Reading begins at a later segment, so rows are known from full-page images alone: what comes of
     * it without images. wal_level minimal, of which no server can be restored, is left out.
     */
    const char *events_without_images;
    size_t skip_segments;
} story_case;

/*
 * Tells the story on every server, at every wal_level, without and with full-page images, and compares
 * the events. A cmocka test whose *state is the row.
 */
void tell_story(void **state);

#endif
