/* heap.c - see heap.h. */
#include "rescue/heap.h"

#include <stdlib.h>
#include <string.h>

#include "base/message.h"

/* A pass over one file. */
typedef struct pass {
    const heap *heap;
    const wp_locator *file;
    heap_take *take;
    void *context;
    heap_sums *sums;
    char *message;
    uint8_t *page; /* a copy: what take does may need other pages */
    bool is_over;  /* take wants no more */
} pass;

static bool fail(const pass *p, const wp_error *err)
{
    return message_fail(p->message, "%s", err->text);
}

static void note_first(const pass *p, uint32_t block, wp_page_fault fault)
{
    if (p->sums->has_first)
        return;
    p->sums->has_first = true;
    p->sums->first_file = *p->file;
    p->sums->first_block = block;
    p->sums->first_fault = fault;
}

static bool take_row(pass *p, uint32_t block, uint16_t item, wp_view tuple)
{
    wp_row_verdict verdict;
    wp_error err;
    const wp_row_place place = { block, item };
    if (wp_row_judge(p->heap->fates, p->heap->redo, tuple, place, &verdict, &err) < 0)
        return fail(p, &err);
    if (verdict.state == WP_ROW_IN_DOUBT) {
        p->sums->in_doubt++;
        p->sums->doubts[verdict.doubt]++;
    }
    if (verdict.state != WP_ROW_THERE)
        return true;
    p->sums->rows++;
    const heap_row row = { .tuple = tuple,
                           .block = block,
                           .item = item,
                           .remover = verdict.remover,
                           .is_replaced = verdict.is_replaced,
                           .is_moved = verdict.is_moved,
                           .newer = verdict.newer };
    p->is_over = !p->take(p->context, &row);
    return true;
}

static bool read_block(pass *p, uint32_t block)
{
    wp_page page;
    wp_error err;
    if (wp_redo_page(p->heap->redo, p->file, block, &page, &err) < 0)
        return fail(p, &err);
    p->sums->blocks++;
    if (page.state == WP_PAGE_KNOWN
        && !wp_page_is_of_table((wp_view){ page.bytes, p->heap->block_bytes },
                                p->heap->max_align)) {
        page.state = WP_PAGE_DAMAGED;
        page.fault = WP_FAULT_HEADER;
    }
    if (page.state == WP_PAGE_UNKNOWN || page.state == WP_PAGE_DAMAGED) {
        const bool is_damaged = page.state == WP_PAGE_DAMAGED;
        p->sums->damaged_blocks += is_damaged;
        p->sums->unknown_blocks += !is_damaged;
        note_first(p, block, page.fault);
    }
    if (page.state != WP_PAGE_KNOWN)
        return true;
    memcpy(p->page, page.bytes, p->heap->block_bytes);
    const wp_view bytes = { p->page, p->heap->block_bytes };
    uint16_t item = 0;
    wp_view tuple;
    while (!p->is_over && wp_page_next_row(bytes, &item, &tuple))
        if (!take_row(p, block, item, tuple))
            return false;
    return true;
}

/* Where the backup's file ends in the midst of a block, or where another one should begin, that and those after it are lost, but for what the WAL made anew or cut off. */
static bool check_rest(const pass *p, uint32_t in_backup)
{
    bool may_have_more;
    wp_page page;
    wp_error err;
    if (p->heap->base == NULL || in_backup == WP_REDO_NO_FILE
        || !backup_blocks_has_rest(p->heap->base, p->file))
        return true;
    const uint32_t end = wp_redo_blocks(p->heap->redo, p->file, in_backup + 1, &may_have_more);
    for (uint32_t block = in_backup; block < end; block++) {
        if (wp_redo_page(p->heap->redo, p->file, block, &page, &err) < 0)
            return fail(p, &err);
        if (page.state != WP_PAGE_ABSENT)
            continue;
        p->sums->damaged_blocks++;
        note_first(p, block, WP_FAULT_NO_PAGE);
    }
    return true;
}

bool heap_rows(const heap *h, const wp_locator *file, heap_take *take, void *context,
               heap_sums *sums, char message[MESSAGE_BYTES])
{
    const uint32_t in_backup = h->base == NULL ? 0
                               : backup_blocks_has(h->base, file)
                                   ? backup_blocks_count(h->base, file)
                                   : WP_REDO_NO_FILE;
    bool may_have_more;
    const uint32_t nblocks = wp_redo_blocks(h->redo, file, in_backup, &may_have_more);
    pass p = { .heap = h,
               .file = file,
               .take = take,
               .context = context,
               .sums = sums,
               .message = message,
               .page = malloc(h->block_bytes) };
    if (p.page == NULL)
        return message_no_memory(message);
    bool is_good = true;
    sums->may_have_more = sums->may_have_more || may_have_more;
    for (uint32_t block = 0; is_good && !p.is_over && block < nblocks; block++)
        is_good = read_block(&p, block);
    is_good = is_good && (p.is_over || check_rest(&p, in_backup));
    free(p.page);
    return is_good;
}

/* Versions of one row that one transaction makes: more than a page has commands is a circle. */
#define VERSIONS_MAX 1000000

/* The version at a place, into out. False with one line in message; out->is_known: there is a row. */
static bool judge_at(const heap *h, const wp_locator *file, wp_row_place at, heap_newest *out,
                     wp_row_verdict *verdict, char message[MESSAGE_BYTES])
{
    wp_page found;
    wp_error err;
    wp_view tuple;
    out->is_known = false;
    if (wp_redo_page(h->redo, file, at.block, &found, &err) < 0)
        return message_fail(message, "%s", err.text);
    if (found.state != WP_PAGE_KNOWN)
        return true;
    memcpy(out->page, found.bytes, h->block_bytes);
    const wp_view page = { out->page, h->block_bytes };
    for (uint16_t item = 0; wp_page_next_row(page, &item, &tuple);)
        if (item == at.item) {
            out->is_known = true;
            out->tuple = tuple;
            return wp_row_judge(h->fates, h->redo, tuple, at, verdict, &err) >= 0
                   || message_fail(message, "%s", err.text);
        }
    return true;
}

bool heap_find_newest(const heap *h, const wp_locator *file, const heap_row *row, heap_newest *out,
                      char message[MESSAGE_BYTES])
{
    wp_row_verdict at = { .remover = row->remover,
                          .is_replaced = row->is_replaced,
                          .is_moved = row->is_moved,
                          .newer = row->newer };
    *out = (heap_newest){ .is_known = true, .tuple = row->tuple, .page = malloc(h->block_bytes) };
    bool is_good = out->page != NULL || message_no_memory(message);
    for (int i = 0; is_good && out->is_known && i < VERSIONS_MAX; i++) {
        if (at.remover == 0 || !at.is_replaced || at.is_moved)
            break;
        is_good = judge_at(h, file, at.newer, out, &at, message);
    }
    out->is_removed = at.remover != 0 && !at.is_replaced;
    out->is_moved = at.remover != 0 && at.is_moved;
    out->is_known = out->is_known && (at.remover == 0 || out->is_removed || out->is_moved);
    return is_good;
}

void heap_sums_add(heap_sums *to, const heap_sums *from)
{
    to->blocks += from->blocks;
    to->unknown_blocks += from->unknown_blocks;
    to->damaged_blocks += from->damaged_blocks;
    to->may_have_more = to->may_have_more || from->may_have_more;
    to->rows += from->rows;
    to->in_doubt += from->in_doubt;
    for (size_t i = 0; i < WP_ROW_DOUBTS; i++)
        to->doubts[i] += from->doubts[i];
    if (!to->has_first && from->has_first) {
        to->has_first = true;
        to->first_file = from->first_file;
        to->first_block = from->first_block;
        to->first_fault = from->first_fault;
    }
}

bool heap_sums_are_certain(const heap_sums *sums)
{
    return sums->unknown_blocks == 0 && sums->damaged_blocks == 0 && !sums->may_have_more
           && sums->in_doubt == 0;
}
