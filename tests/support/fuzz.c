/*
 * fuzz.c - what the fuzzers share.
 */
#include "../fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

fuzz_server fuzz_choose_server(uint8_t number)
{
    size_t majors = 1;
    while (wp_profile_at(majors))
        majors++;
    const uint8_t align = (number / majors) % 2 ? 4 : 8;
    return (fuzz_server){ wp_profile_at(number % majors), align };
}

const wp_catalog_file fuzz_moved[] = { { 16384, 16900, 2615 }, { 16384, 16999, 1259 } };
const size_t fuzz_nmoved = sizeof fuzz_moved / sizeof fuzz_moved[0];

static volatile unsigned seen;

static void see(const char *text)
{
    if (text)
        seen += (unsigned)strlen(text);
}

static void on_event(void *context, const wp_event *event)
{
    (void)context;
    if (!event->text || !event->xact || (unsigned)event->kind >= WP_EVENT_KINDS)
        abort();
    see(event->text);
    see(event->database.name);
    see(event->schema.name);
    see(event->object.name);
    see(event->xact->gid);
}

static void on_end(void *context, const wp_xact_end *end)
{
    (void)context;
    see(end->gid);
    for (uint32_t i = 0; i < end->nsubxids; i++)
        seen += end->subxids[i];
}

static void on_name(void *context, const char *quoted)
{
    (void)context;
    see(quoted);
}

static void on_fact(void *context, const wp_fact *fact)
{
    (void)context;
    const uint8_t *at = (const uint8_t *)fact;
    for (uint32_t i = 0; i < fact->size; i++)
        seen += at[i];
}

static void on_prepared(void *context, wp_xid xid, const char *gid)
{
    (void)context;
    seen += xid;
    see(gid);
}

void fuzz_reduce(const wp_facts *facts, fuzz_server server, bool include_temporary)
{
    const wp_reducer_config config = { .profile = server.profile,
                                       .max_align = server.max_align,
                                       .include_temporary = include_temporary,
                                       .callbacks = { .on_event = on_event,
                                                      .on_xact_end = on_end,
                                                      .on_name = on_name,
                                                      .on_fact = on_fact } };
    wp_reducer *reducer = NULL;
    wp_error err;
    if (wp_reducer_new(&config, &reducer, &err) < 0)
        abort();
    if (wp_reducer_add(reducer, facts, &err) < 0 && err.status != WP_ERR_NOMEM)
        abort();
    size_t n;
    const wp_catalog_file *moved = wp_reducer_moved(reducer, &n);
    for (size_t i = 0; i < n; i++)
        seen += moved[i].filenode;
    seen += wp_reducer_warnings(reducer);
    see(wp_reducer_database_name(reducer, 16384));
    wp_reducer_each_prepared(reducer, on_prepared, NULL);
    wp_reducer_free(reducer);
}
