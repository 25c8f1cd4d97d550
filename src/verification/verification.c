/* verification.c - what is found out, put together. See verification.h. */
#include "verification/verification.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

const char *verify_kind_name(verify_kind kind)
{
    static const char *const names[VERIFY_KINDS] = {
        [VERIFY_GAP] = "gap",           [VERIFY_DAMAGE] = "damage",
        [VERIFY_FILE] = "file",         [VERIFY_CONFLICT] = "conflict",
        [VERIFY_CHECKSUM] = "checksum", [VERIFY_HISTORY] = "history",
    };
    return names[kind];
}

/* The same, told along another timeline. */
static bool is_known(const verification *v, const verify_problem *problem, const char *line)
{
    for (size_t i = 0; i < v->nproblems; i++)
        if (v->problems[i].from == problem->from && strcmp(v->problems[i].text, line) == 0)
            return true;
    return false;
}

bool verify_add_problem(verification *v, const verify_problem *problem, const char *path,
                        const char *line)
{
    if (is_known(v, problem, line))
        return true;
    if (++v->problems_total > VERIFY_PROBLEMS_MAX)
        return true;
    verify_problem *slot = GROW(v->problems, v->nproblems, v->problems_room);
    if (slot == NULL)
        return false;
    *slot = *problem;
    slot->path = path != NULL ? strdup(path) : NULL;
    slot->text = strdup(line);
    if (slot->text == NULL || (path != NULL && slot->path == NULL)) {
        free(slot->text);
        free(slot->path);
        v->nproblems--;
        return false;
    }
    return true;
}

void verification_free(verification *v)
{
    for (size_t i = 0; i < v->ntimelines; i++)
        timeline_free(&v->timelines[i].history);
    for (size_t i = 0; i < v->nproblems; i++) {
        free(v->problems[i].path);
        free(v->problems[i].text);
    }
    for (size_t i = 0; i < v->nbackups; i++)
        free(v->backups[i].path);
    free(v->timelines);
    free(v->segments);
    free(v->problems);
    free(v->points);
    free(v->minimal);
    free(v->backups);
    free(v->windows);
    timeline_tree_free(&v->tree);
    text_list_free(&v->notes);
}
