/*
 * timeline_story.h - what a server would follow without a timeline's number, told where there are several.
 */
#ifndef PITR_FIND_TIMELINE_STORY_H
#define PITR_FIND_TIMELINE_STORY_H

#include "target/render.h"

/* Lines for people; none where only one timeline is known. */
void timeline_story(const report *r, text_list *out);

#endif
