/* timeline_forks.c - see timeline_forks.h. */
#include "archive/timeline_forks.h"

#include <stdio.h>

/* A timeline opens with this record, after a page's header and a record or two about settings at most. */
#define OPENING_BYTES 1024

void forks_note(forks *all, const wp_fact *fact)
{
    if (fact->kind != WP_FACT_END_OF_RECOVERY && fact->kind != WP_FACT_CHECKPOINT)
        return;
    const wp_fact_checkpoint *opened = (const void *)fact;
    const bool is_fork = opened->previous_tli != 0 && opened->previous_tli < opened->tli;
    if (is_fork && all->count < FORKS_MAX && forks_find(all, opened->tli) == NULL)
        all->items[all->count++] =
            (fork_place){ .tli = opened->tli, .parent = opened->previous_tli, .lsn = fact->lsn };
}

const fork_place *forks_find(const forks *all, wp_tli tli)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].tli == tli)
            return &all->items[i];
    return NULL;
}

bool forks_contradict(const fork_place *seen, const branch *one)
{
    if (one == NULL || one->parent == 0)
        return false;
    if (!one->has_history)
        return one->parent != seen->parent;
    return seen->lsn < one->begin || seen->lsn - one->begin >= OPENING_BYTES;
}

void forks_explain(const forks *all, const fork_place *seen, const timeline_tree *tree, text *out)
{
    const branch *one = timeline_tree_find(tree, seen->tli);
    char begin[WP_LSN_TEXT_BYTES], opened[WP_LSN_TEXT_BYTES], name[BRANCH_FILE_BYTES];
    if (one == NULL)
        return;
    if (one->has_history) {
        text_addf(
            out,
            "%s says that timeline %u begins at %s, and its WAL that it does at %s: the file is of "
            "another server, was edited, or is cut short. Move it away, put the right one there, "
            "and search again",
            timeline_tree_file(tree, seen->tli, name), seen->tli, wp_lsn_format(one->begin, begin),
            wp_lsn_format(seen->lsn, opened));
        return;
    }
    text_addf(
        out,
        "timeline %u left timeline %u, and was taken to have left timeline %u: what was found "
        "before that may be wrong. Write its history and search again: printf '",
        seen->tli, seen->parent, one->parent);
    if (!forks_write(all, tree, one->tli, out))
        text_add(out, "...");
    text_addf(out, "' > %08X.history", seen->tli);
}

/* Where a timeline left its parent: its history file comes first. False: nobody tells. */
static bool find_fork(const forks *all, const timeline_tree *tree, wp_tli tli, fork_place *out)
{
    const branch *one = timeline_tree_find(tree, tli);
    const fork_place *seen = forks_find(all, tli);
    if (one != NULL && one->has_history && one->parent != 0)
        *out = (fork_place){ .tli = tli, .parent = one->parent, .lsn = one->begin };
    else if (seen != NULL)
        *out = *seen;
    else
        return false;
    return true;
}

bool forks_write(const forks *all, const timeline_tree *tree, wp_tli tli, text *out)
{
    fork_place way[FORKS_MAX];
    char lsn[WP_LSN_TEXT_BYTES];
    size_t n = 0;
    while (n < FORKS_MAX && find_fork(all, tree, tli, &way[n])) {
        tli = way[n].parent;
        n++;
    }
    if (n == 0 || n == FORKS_MAX || tli != 1)
        return false;
    while (n-- > 0)
        text_addf(out, "%u\\t%s\\tas its WAL tells\\n", way[n].parent,
                  wp_lsn_format(way[n].lsn, lsn));
    return true;
}
