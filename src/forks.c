/* forks.c - see forks.h. */
#include "forks.h"

#include <stdio.h>

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

/* Where a timeline left its parent: its history file comes first. False: nobody tells. */
static bool find_fork(const forks *all, const branches *tree, wp_tli tli, fork_place *out)
{
    const branch *one = branches_find(tree, tli);
    const fork_place *seen = forks_find(all, tli);
    if (one != NULL && one->has_history && one->parent != 0)
        *out = (fork_place){ .tli = tli, .parent = one->parent, .lsn = one->begin };
    else if (seen != NULL)
        *out = *seen;
    else
        return false;
    return true;
}

bool forks_write(const forks *all, const branches *tree, wp_tli tli, text *out)
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
