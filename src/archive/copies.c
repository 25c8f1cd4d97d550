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
    bool is_empty; /* nothing but zeros from where they differ */
} side;

static bool refill(side *s, char message[512])
{
    if (s->window.len > 0 || s->is_ended)
        return true;
    if (!input_read(s->in, &s->window, message))
        return false;
    if (s->window.len > s->left)
        s->window.len = (size_t)s->left;
    s->left -= s->window.len;
    s->is_ended = s->window.len == 0;
    return true;
}

static void look_for_content(side *s, size_t n)
{
    for (size_t i = 0; s->is_empty && i < n; i++)
        s->is_empty = s->window.bytes[i] == 0;
}

static void pass(side *s, size_t n)
{
    if (n == 0)
        return;
    s->window.bytes += n;
    s->window.len -= n;
}

/* How many bytes can be compared at once: where one has ended, those of the other. */
static size_t common(const side *a, const side *b)
{
    if (a->is_ended)
        return b->window.len;
    if (b->is_ended)
        return a->window.len;
    return a->window.len < b->window.len ? a->window.len : b->window.len;
}

/* Passes over what is alike at the windows' begin. *do_differ: they differ where they stand now. */
static void pass_alike(side *a, side *b, size_t n, bool *do_differ)
{
    size_t same = 0;
    *do_differ = a->is_ended || b->is_ended || memcmp(a->window.bytes, b->window.bytes, n) != 0;
    if (a->is_ended || b->is_ended)
        return;
    while (same < n && (!*do_differ || a->window.bytes[same] == b->window.bytes[same]))
        same++;
    pass(a, same);
    pass(b, same);
}

static bool compare(side *a, side *b, copies_verdict *out, char message[512])
{
    bool do_differ = false;
    for (;;) {
        if (!refill(a, message) || !refill(b, message))
            return false;
        size_t n = common(a, b);
        if ((a->is_ended && b->is_ended) || (do_differ && !a->is_empty && !b->is_empty))
            break;
        if (!do_differ) {
            pass_alike(a, b, n, &do_differ);
            continue;
        }
        look_for_content(a, a->is_ended ? 0 : n);
        look_for_content(b, b->is_ended ? 0 : n);
        pass(a, a->is_ended ? 0 : n);
        pass(b, b->is_ended ? 0 : n);
    }
    *out = !do_differ || (a->is_empty && b->is_empty) ? COPIES_ALIKE
           : a->is_empty                              ? COPIES_FIRST_CUT
           : b->is_empty                              ? COPIES_SECOND_CUT
                                                      : COPIES_DIFFER;
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

bool copies_compare(copies *c, const char *first, const char *second, uint64_t segment_size,
                    copies_verdict *out, char message[512])
{
    *out = COPIES_ALIKE;
    if (are_alike_by_name(first, second) || copies_is_same_file(first, second))
        return true;
    c->inputs[0] = input_open(first, c->inputs[0], message);
    c->inputs[1] = c->inputs[0] ? input_open(second, c->inputs[1], message) : c->inputs[1];
    if (!c->inputs[0] || !c->inputs[1])
        return false;
    side a = { .in = c->inputs[0], .left = segment_size, .is_empty = true };
    side b = { .in = c->inputs[1], .left = segment_size, .is_empty = true };
    return compare(&a, &b, out, message);
}

void copies_free(copies *c)
{
    input_free(c->inputs[0]);
    input_free(c->inputs[1]);
    *c = (copies){ 0 };
}
