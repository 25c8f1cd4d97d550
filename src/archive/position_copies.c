/* position_copies.c - see position_copies.h. */
#include "archive/position_copies.h"

#include <stdio.h>

static bool is_copy(const segment_file *best, const segment_file *other)
{
    return other->name.tli == best->name.tli
           && other->found->name.is_partial == best->found->name.is_partial;
}

/* Both are good: the other one is read from now on. */
static void prefer(position *one, size_t other)
{
    segment_file *const better = one->files[other].at;
    better->state = one->files[0].at->state;
    better->page_tli = one->files[0].at->page_tli;
    one->files[other].at = one->files[0].at;
    one->files[0].at = better;
}

static void count(segment_tally *tally, const position *one, size_t other, const char *is)
{
    if (tally->n++ == 0)
        (void)snprintf(tally->text, sizeof tally->text, "\"%s\" %s \"%s\", which is read",
                       one->files[other].at->found->path, is, one->files[0].at->found->path);
}

/* Two good files that are not alike. */
static void judge(position_copies *all, position *one, size_t other, copies_verdict verdict)
{
    one->has_lesser = true;
    if (verdict == COPIES_FIRST_CUT)
        prefer(one, other);
    if (verdict == COPIES_DIFFER)
        count(&all->conflicts, one, other, "differs from");
    else
        count(&all->cut, one, other, "is an incomplete copy of");
}

typedef enum step {
    STEP_NEXT,  /* this file is done with */
    STEP_AGAIN, /* the best one proved bad: all are to be compared with the one in its place */
    STEP_FAILED
} step;

static step compare(position_copies *all, position *one, size_t other, char *message)
{
    segment_files *const files = all->choice->segment_files;
    const segment_file *const best = one->files[0].at;
    segment_file *const file = one->files[other].at;
    copies_verdict verdict;
    if (!is_copy(best, file))
        return STEP_NEXT;
    if (file->state == SEGMENT_FILE_BAD) {
        one->has_lesser = true;
        return STEP_NEXT;
    }
    const copies_rules rules = { .segment_size = files->info.segment_size,
                                 .may_end = best->found->name.is_partial };
    if (!copies_compare(&all->copies, best->found->path, file->found->path, &rules, &verdict,
                        message))
        return STEP_FAILED;
    if (verdict == COPIES_ALIKE)
        return STEP_NEXT;
    if (!segment_choice_decide(all->choice, one, message))
        return STEP_FAILED;
    if (one->is_bad || one->files[0].at != best)
        return STEP_AGAIN;
    if (!segment_files_examine(files, file, message))
        return STEP_FAILED;
    if (file->state == SEGMENT_FILE_BAD)
        one->has_lesser = true;
    else
        judge(all, one, other, verdict);
    return STEP_NEXT;
}

bool position_copies_compare(position_copies *all, position *one, char message[512])
{
    for (size_t other = 1; !one->is_bad && other < one->nfiles;) {
        const step next = compare(all, one, other, message);
        if (next == STEP_FAILED)
            return false;
        other = next == STEP_AGAIN ? 1 : other + 1;
    }
    return true;
}

void position_copies_free(position_copies *all)
{
    copies_free(&all->copies);
}
