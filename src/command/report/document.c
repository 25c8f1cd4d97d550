/* document.c - see document.h. */
#include "command/report/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

bool report_lines_add(report_lines *lines, const char *label, const char *line)
{
    report_line *slot = GROW(lines->items, lines->count, lines->room);
    if (slot != NULL)
        *slot = (report_line){ strdup(label), strdup(line) };
    lines->is_failed |= slot == NULL || slot->label == NULL || slot->line == NULL;
    return !lines->is_failed;
}

static void free_lines(report_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->items[i].label);
        free(lines->items[i].line);
    }
    free(lines->items);
    *lines = (report_lines){ 0 };
}

void report_document_free(report_document *d)
{
    free(d->headline);
    free_lines(&d->story);
    free_lines(&d->unread);
    if (d->has_biography)
        biography_free(&d->biography);
    survey_free(&d->survey);
    evidence_free(&d->evidence);
    verification_free(&d->verification);
    text_list_free(&d->trial);
    text_list_free(&d->obstacle);
    text_free(&d->why_not);
    input_list_free(&d->inputs);
}
