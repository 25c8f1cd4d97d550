/* verdicts.c - see verdicts.h. */
#include "command/check/verdicts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 1000

static const char *const topic_names[CHECK_TOPIC_COUNT] = {
#define CHECK_TOPIC_NAME(id, name) [CHECK_##id] = name,
    CHECK_TOPICS(CHECK_TOPIC_NAME)
#undef CHECK_TOPIC_NAME
};

const char *check_topic_name(check_topic topic)
{
    return topic_names[topic];
}

check_topic check_topic_called(const char *name)
{
    int topic = 0;
    while (topic < CHECK_TOPIC_COUNT && strcmp(topic_names[topic], name) != 0)
        topic++;
    return (check_topic)topic;
}

const char *verdict_level_name(verdict_level level)
{
    static const char *const names[VERDICT_LEVELS] = {
        [VERDICT_OK] = "ok",
        [VERDICT_NOTE] = "note",
        [VERDICT_UNKNOWN] = "unknown",
        [VERDICT_WARNING] = "warning",
        [VERDICT_CRITICAL] = "critical",
    };
    return names[level];
}

static void empty(verdict *one)
{
    text_free(&one->what);
    text_free(&one->why);
    text_list_free(&one->change);
    *one = (verdict){ 0 };
}

verdict *verdicts_add(verdicts *all, verdict_level level, check_topic topic, const char *format,
                      ...)
{
    char line[LINE_BYTES];
    verdict *one = &all->spare;
    if (all->count == VERDICTS_MAX)
        all->is_full = true;
    else if (!all->skips[topic])
        one = &all->items[all->count++];
    empty(one);
    one->level = level;
    one->topic = topic;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text_add(&one->what, line);
    return one;
}

void verdict_why(verdict *one, const char *why)
{
    text_clear(&one->why);
    text_add(&one->why, why);
}

void verdict_change(verdict *one, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text_list_addf(&one->change, "%s", line);
}

static int compare(const void *a, const void *b)
{
    const verdict *x = a, *y = b;
    if (x->level != y->level)
        return (x->level < y->level) - (x->level > y->level);
    return (x->topic > y->topic) - (x->topic < y->topic);
}

void verdicts_sort(verdicts *all)
{
    qsort(all->items, all->count, sizeof *all->items, compare);
}

size_t verdicts_count(const verdicts *all, verdict_level level)
{
    size_t n = 0;
    for (size_t i = 0; i < all->count; i++)
        n += all->items[i].level == level;
    return n;
}

void verdicts_free(verdicts *all)
{
    for (size_t i = 0; i < all->count; i++)
        empty(&all->items[i]);
    empty(&all->spare);
    all->count = 0;
}
