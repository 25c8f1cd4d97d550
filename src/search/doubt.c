/* doubt.c - see doubt.h. */
#include "search/doubt.h"

#include <stdio.h>
#include <string.h>

/* Damage after the range asked for says nothing about what lies in it; before it names may be lost. */
static bool is_doubtful(const question *q, wp_lsn from)
{
    return q->range.to_lsn == 0 || from <= q->range.to_lsn;
}

bool doubt_of_damage(const question *q, const scan_damage *damage)
{
    return is_doubtful(q, damage->from);
}

const char *doubt_hiding(const question *q, const search_result *found)
{
    static const char *const words[] = { NULL, "missing", "damaged", "missing and damaged" };
    const scan_result *seen = &found->scan;
    unsigned how = 0;
    for (size_t i = 0; i < seen->ndamages && i < SCAN_DAMAGES_MAX; i++)
        if (doubt_of_damage(q, &seen->damages[i]))
            how |= seen->damages[i].path == NULL ? 1 : 2;
    return words[how];
}

/* A catalog that was moved hides events of its database, and one that all share, of any. */
static bool hides_events(const question *q, const scan_lost *lost)
{
    char oid[16];
    if (q->database == NULL || lost->what.db == 0)
        return true;
    (void)snprintf(oid, sizeof oid, "%u", lost->what.db);
    const bool asks_by_oid = q->database[strspn(q->database, "0123456789")] == '\0';
    return strcmp(q->database, oid) == 0 || strcmp(q->database, lost->database) == 0
           || (lost->database[0] == '\0' && !asks_by_oid);
}

static bool has_hidden_events(const question *q, const scan_result *seen)
{
    if (question_is_by_place(q))
        return false;
    for (size_t i = 0; i < seen->nlost; i++)
        if (hides_events(q, &seen->lost[i]))
            return true;
    return seen->unnamed > 0 && is_doubtful(q, seen->first_unnamed);
}

bool doubt_of_search(const question *q, const archive *wal, const search_result *found)
{
    const scan_result *seen = &found->scan;
    bool is_damaged = seen->ndamages > SCAN_DAMAGES_MAX;
    for (size_t i = 0; i < seen->ndamages && i < SCAN_DAMAGES_MAX; i++)
        is_damaged |= doubt_of_damage(q, &seen->damages[i]);
    for (size_t i = 0; i < wal->ngaps; i++)
        is_damaged |= is_doubtful(q, wal->gaps[i].from);
    return is_damaged || wal->nconflicts > 0 || seen->unexpected.total > 0
           || has_hidden_events(q, seen) || found->tells_cut || found->has_wrong_guess
           || found->unnamed_databases > 0 || found->maybe.total > 0 || found->guesses > 0
           || found->maybe_catalogs > 0;
}
