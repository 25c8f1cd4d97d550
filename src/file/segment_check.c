/* segment_check.c - see segment_check.h. */
#include "file/segment_check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file/input.h"
#include "base/message.h"
#include "file/probe.h"

typedef struct copying {
    const char *path;
    const segment_check_rules *rules;
    int fd;
    whole *out;
    char *message;
    input *in;
    wp_mapper *mapper;
    wp_facts facts;
    uint64_t len;          /* bytes unpacked */
    wp_fact_damage damage; /* the first one after which reading went on; fact.op 0: none */
    wp_fact_end end;
} copying;

/* Ends the judgement; always false, as what ends the copying is. */
__attribute__((format(printf, 3, 4))) static bool judge(copying *c, segment_check_state state,
                                                        const char *format, ...)
{
    va_list args;
    va_start(args, format);
    c->out->state = state;
    (void)vsnprintf(c->out->why, sizeof c->out->why, format, args);
    va_end(args);
    return false;
}

/* ---- the first page ------------------------------------------------------------------------- */

static bool check_cluster(copying *c)
{
    const wp_segment_info *info = &c->out->info;
    const segment_check_rules *rules = c->rules;
    if (rules->system_identifier && info->system_identifier != rules->system_identifier)
        return judge(c, SEGMENT_CHECK_FOREIGN,
                     "\"%s\" is of the cluster with system identifier %llu, not %llu", c->path,
                     (unsigned long long)info->system_identifier,
                     (unsigned long long)rules->system_identifier);
    if (rules->profile && info->profile != rules->profile)
        return judge(c, SEGMENT_CHECK_FOREIGN, "\"%s\" is WAL of PostgreSQL %s, not %s", c->path,
                     info->profile->major, rules->profile->major);
    if (rules->segment_size && info->segment_size != rules->segment_size)
        return judge(c, SEGMENT_CHECK_FOREIGN,
                     "\"%s\" is a segment of %u MB, where the server's have %u MB", c->path,
                     (unsigned)(info->segment_size >> 20), (unsigned)(rules->segment_size >> 20));
    return true;
}

/* The file after its first page, as other commands see it: segment_files.c. */
static bool look_for_older(copying *c, wp_lsn start, bool *is_older)
{
    prober other = { 0 };
    char why[MESSAGE_BYTES];
    const bool is_read =
        probe_is_older(&other, c->path, start, c->out->info.page_size, is_older, why);
    probe_free(&other);
    return is_read || judge(c, SEGMENT_CHECK_BROKEN, "%s", why);
}

static bool judge_zeros(copying *c)
{
    prober other = { 0 };
    char why[MESSAGE_BYTES];
    bool is_zero;
    const bool is_read = probe_is_zero(&other, c->path, &is_zero, why);
    probe_free(&other);
    if (!is_read)
        return judge(c, SEGMENT_CHECK_BROKEN, "%s", why);
    return is_zero ? judge(c, SEGMENT_CHECK_UNUSED, "\"%s\" holds nothing but zeros", c->path)
                   : judge(c, SEGMENT_CHECK_BROKEN,
                           "\"%s\" begins with zeros, and other content follows", c->path);
}

static bool check_place(copying *c)
{
    const wp_segment_info *info = &c->out->info;
    wp_lsn start;
    char name[WP_SEGMENT_NAME_BYTES];
    if (!wp_segment_name_start(&c->rules->name, info->segment_size, &start)
        || start != info->start_lsn) {
        bool is_older = info->start_lsn < start && info->page_tli <= c->rules->name.tli;
        if (is_older && c->rules->is_partial && !look_for_older(c, start, &is_older))
            return false;
        (void)wp_segment_name_format(info->page_tli, info->start_lsn, info->segment_size, name);
        return judge(c, is_older ? SEGMENT_CHECK_UNUSED : SEGMENT_CHECK_BROKEN,
                     "\"%s\" holds the WAL of %s (recycled or renamed)", c->path, name);
    }
    if (info->page_tli == 0 || info->page_tli > c->rules->name.tli)
        return judge(c, SEGMENT_CHECK_BROKEN, "\"%s\" holds WAL of timeline %u", c->path,
                     (unsigned)info->page_tli);
    return true;
}

static bool start(copying *c, wp_view head)
{
    wp_error err;
    switch (wp_segment_probe(head, &c->out->info, &err)) {
    case WP_OK:
        break;
    case WP_END:
        return judge_zeros(c);
    default:
        return judge(c, head.len == 0 ? SEGMENT_CHECK_UNUSED : SEGMENT_CHECK_BROKEN,
                     "\"%s\" is not a whole segment: %s", c->path,
                     head.len == 0 ? "it is empty" : err.text);
    }
    if (!check_cluster(c) || !check_place(c))
        return false;
    const wp_mapper_config config = { .segment = c->out->info,
                                      .skip_dml = true,
                                      .tli = c->rules->name.tli };
    return wp_mapper_new(&config, &c->mapper, &err) >= 0
           || message_fail(c->message, "%s", err.text);
}

/* ---- all bytes ------------------------------------------------------------------------------ */

static bool write_all(copying *c, wp_view bytes)
{
    while (bytes.len > 0) {
        const ssize_t n = write(c->fd, bytes.bytes, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return message_fail(c->message, "cannot write: %s", strerror(errno));
        bytes.bytes += n;
        bytes.len -= (size_t)n;
    }
    return true;
}

/* What was unpacked but reads as damaged content is for the server to judge; its checksum was right. */
static bool is_unreadable(const wp_fact_damage *fact)
{
    return fact->fact.op != WP_DAMAGE_BLOCKS && fact->fact.op != WP_DAMAGE_PAYLOAD;
}

static void take_facts(copying *c)
{
    size_t pos = 0;
    for (const wp_fact *fact; (fact = wp_facts_next(&c->facts, &pos));) {
        const void *any = fact;
        if (fact->kind == WP_FACT_SEGMENT_END)
            c->end = *(const wp_fact_end *)any;
        else if (fact->kind == WP_FACT_DAMAGE && ((const wp_fact_damage *)any)->until != 0
                 && c->damage.fact.op == 0 && is_unreadable(any))
            c->damage = *(const wp_fact_damage *)any;
    }
    wp_facts_clear(&c->facts);
}

static bool take_window(copying *c, wp_view window)
{
    wp_error err;
    if (c->len == 0 && !start(c, window))
        return false;
    if (c->len + window.len > c->out->info.segment_size)
        return judge(c, SEGMENT_CHECK_BROKEN, "\"%s\" holds more than a segment of %u MB", c->path,
                     (unsigned)(c->out->info.segment_size >> 20));
    c->len += window.len;
    if (!write_all(c, window))
        return false;
    if (wp_mapper_feed(c->mapper, window, &c->facts, &err) < 0)
        return message_fail(c->message, "%s", err.text);
    take_facts(c);
    return true;
}

static bool take_all(copying *c)
{
    char why[MESSAGE_BYTES];
    wp_view window;
    c->in = input_open(c->path, NULL, why);
    if (!c->in)
        return judge(c, SEGMENT_CHECK_BROKEN, "%s", why);
    do {
        if (!input_read(c->in, &window, why))
            return judge(c, SEGMENT_CHECK_BROKEN, "%s", why);
        if ((window.len > 0 || c->len == 0) && !take_window(c, window))
            return false;
    } while (window.len > 0);
    wp_error err;
    if (wp_mapper_finish(c->mapper, &c->facts, &err) < 0)
        return message_fail(c->message, "%s", err.text);
    take_facts(c);
    return true;
}

/* ---- the verdict ---------------------------------------------------------------------------- */

static bool judge_content(copying *c)
{
    const uint32_t size = c->out->info.segment_size;
    char at[WP_LSN_TEXT_BYTES];
    c->out->end_lsn = c->end.fact.lsn;
    if (!c->rules->may_change && input_has_changed(c->in))
        return judge(c, SEGMENT_CHECK_BROKEN, "\"%s\" was changed while it was read", c->path);
    if (c->damage.fact.op != 0)
        return judge(c, SEGMENT_CHECK_BROKEN, "\"%s\" is damaged at %s", c->path,
                     wp_lsn_format(c->damage.fact.lsn, at));
    if (input_is_damaged(c->in))
        return judge(c, SEGMENT_CHECK_BROKEN,
                     "\"%s\" is damaged: its compressed data cannot be unpacked to the end",
                     c->path);
    if ((c->len < size || input_is_cut(c->in)) && !c->rules->is_partial)
        return judge(c, SEGMENT_CHECK_BROKEN, "\"%s\" is cut short: %llu of %u bytes", c->path,
                     (unsigned long long)c->len, (unsigned)size);
    (void)wp_lsn_format(c->out->end_lsn, at);
    switch ((wp_end_reason)c->end.fact.op) {
    case WP_END_FULL:
    case WP_END_RECORD_CUT:
    case WP_END_SWITCH:
        c->out->state = SEGMENT_CHECK_COMPLETE;
        return true;
    case WP_END_ZEROS:
    case WP_END_RECYCLED:
    case WP_END_INPUT:
        return judge(c, SEGMENT_CHECK_OPEN, "WAL ends at %s in \"%s\"", at, c->path);
    case WP_END_TORN:
    case WP_END_DAMAGE:
        /* What is received comes in whole records, or whole pages; a server that crashed leaves anything. */
        if (c->end.fact.op == WP_END_DAMAGE && c->rules->is_partial)
            break;
        return judge(c, SEGMENT_CHECK_TORN, "\"%s\" is damaged, or WAL ends, at %s", c->path, at);
    }
    return judge(c, SEGMENT_CHECK_BROKEN, "\"%s\" is damaged at %s", c->path, at);
}

bool segment_check_copy(const char *path, const segment_check_rules *rules, int fd, whole *out,
                        char message[MESSAGE_BYTES])
{
    copying c = { .path = path, .rules = rules, .fd = fd, .out = out, .message = message };
    *out = (whole){ .state = SEGMENT_CHECK_BROKEN };
    *message = '\0';
    if (take_all(&c))
        (void)judge_content(&c);
    if (*message == '\0' && c.mapper && ftruncate(fd, (off_t)out->info.segment_size) != 0)
        (void)message_fail(message, "cannot write: %s", strerror(errno));
    input_free(c.in);
    wp_mapper_free(c.mapper);
    wp_facts_free(&c.facts);
    return *message == '\0';
}
