/* copies.c - see copies.h. */
#include "archive/copies.h"

#include <string.h>
#include <sys/stat.h>

#include "file/filename.h"

#define SHA1_CHARS 40

/* One of the two files, as it is read. */
typedef struct side {
    input *in;
    wp_view window; /* not compared yet */
    uint64_t left;  /* of the segment */
    bool is_ended;
    bool is_long;  /* holds more than a segment */
    bool is_empty; /* nothing but zeros from where they differ */
} side;

static bool refill(side *s, char message[512])
{
    if (s->window.len > 0 || s->is_ended)
        return true;
    if (!input_read(s->in, &s->window, message))
        return false;
    if (s->window.len > s->left) {
        s->window.len = (size_t)s->left;
        s->is_long = true;
    }
    s->left -= s->window.len;
    s->is_ended = s->window.len == 0;
    return true;
}

static bool refill_both(side *a, side *b, char message[512])
{
    return refill(a, message) && refill(b, message);
}

/* How many bytes can be looked at in step: where one has ended, those of the other. */
static size_t common(const side *a, const side *b)
{
    if (a->is_ended)
        return b->window.len;
    if (b->is_ended)
        return a->window.len;
    return a->window.len < b->window.len ? a->window.len : b->window.len;
}

static size_t count_alike(const uint8_t *a, const uint8_t *b, size_t n)
{
    size_t alike = 0;
    if (memcmp(a, b, n) == 0)
        return n;
    while (a[alike] == b[alike])
        alike++;
    return alike;
}

static void pass(side *s, size_t n)
{
    s->window.bytes += n;
    s->window.len -= n;
}

/* Reads on to where they differ, or one ends before the other. *do_differ false: they are alike to their ends. */
static bool find_difference(side *a, side *b, bool *do_differ, char message[512])
{
    while (refill_both(a, b, message)) {
        *do_differ = a->is_ended != b->is_ended;
        if (a->is_ended || b->is_ended)
            return true;
        const size_t n = common(a, b);
        const size_t alike = count_alike(a->window.bytes, b->window.bytes, n);
        pass(a, alike);
        pass(b, alike);
        *do_differ = alike < n;
        if (*do_differ)
            return true;
    }
    return false;
}

static void look_through(side *s, size_t n)
{
    if (s->is_ended)
        return;
    for (size_t i = 0; s->is_empty && i < n; i++)
        s->is_empty = s->window.bytes[i] == 0;
    pass(s, n);
}

/* Reads on, in step, until it is known which of them has nothing but zeros from here on. */
static bool find_empty(side *a, side *b, char message[512])
{
    while (refill_both(a, b, message)) {
        if ((a->is_ended && b->is_ended) || (!a->is_empty && !b->is_empty))
            return true;
        const size_t n = common(a, b);
        look_through(a, n);
        look_through(b, n);
    }
    return false;
}

/* A server takes a file of exactly a segment's size. Of one that was read to its end. */
static bool is_whole(const side *s)
{
    return s->left == 0 && !s->is_long && !input_is_cut(s->in);
}

/* Of two that hold the same WAL. */
static copies_verdict find_cut(const side *a, const side *b)
{
    if (is_whole(a) == is_whole(b))
        return COPIES_ALIKE;
    return is_whole(a) ? COPIES_SECOND_CUT : COPIES_FIRST_CUT;
}

static bool compare(side *a, side *b, bool may_end, copies_verdict *out, char message[512])
{
    bool do_differ;
    if (!find_difference(a, b, &do_differ, message) || (do_differ && !find_empty(a, b, message)))
        return false;
    if (!do_differ || (a->is_empty && b->is_empty))
        *out = may_end ? COPIES_ALIKE : find_cut(a, b);
    else if (a->is_empty)
        *out = COPIES_FIRST_CUT;
    else
        *out = b->is_empty ? COPIES_SECOND_CUT : COPIES_DIFFER;
    return true;
}

/* pgBackRest: "SEGMENT-SHA1.gz" */
static const char *checksum_of(const char *path)
{
    const char *dash = strchr(filename_base(path), '-');
    return dash && strspn(dash + 1, "0123456789abcdef") == SHA1_CHARS ? dash + 1 : NULL;
}

static bool are_alike_by_name(const char *a, const char *b)
{
    const char *x = checksum_of(a), *y = checksum_of(b);
    return x && y && memcmp(x, y, SHA1_CHARS) == 0;
}

bool copies_is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool copies_compare(copies *c, const char *first, const char *second, const copies_rules *rules,
                    copies_verdict *out, char message[512])
{
    *out = COPIES_ALIKE;
    if (are_alike_by_name(first, second) || copies_is_same_file(first, second))
        return true;
    c->inputs[0] = input_open(first, c->inputs[0], message);
    c->inputs[1] = c->inputs[0] ? input_open(second, c->inputs[1], message) : c->inputs[1];
    if (!c->inputs[0] || !c->inputs[1])
        return false;
    side a = { .in = c->inputs[0], .left = rules->segment_size, .is_empty = true };
    side b = { .in = c->inputs[1], .left = rules->segment_size, .is_empty = true };
    return compare(&a, &b, rules->may_end, out, message);
}

void copies_free(copies *c)
{
    input_free(c->inputs[0]);
    input_free(c->inputs[1]);
    *c = (copies){ 0 };
}
