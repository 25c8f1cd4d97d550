/*
 * render_biography.h - one transaction: for people, and as a JSON object.
 */
#ifndef PITR_FIND_RENDER_BIOGRAPHY_H
#define PITR_FIND_RENDER_BIOGRAPHY_H

#include "base/text.h"
#include "command/biography.h"

/* limit: so many lines of each list; 0: all. */
void biography_story(const biography *b, const archive *wal, uint64_t limit, text *out);
void biography_json(const biography *b, const archive *wal, text *out);

#endif
