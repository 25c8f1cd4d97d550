/* spelling.c - see spelling.h. */
#include "base/spelling.h"

#include <string.h>
#include <strings.h>

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned spelling_distance(const char *a, size_t alen, const char *b, size_t blen)
{
    /* rows[i % 3][j]: from the first i letters of a to the first j of b */
    unsigned rows[3][SPELLING_MAX + 1];
    if (alen > SPELLING_MAX || blen > SPELLING_MAX)
        return SPELLING_MAX + 1;
    for (size_t j = 0; j <= blen; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= alen; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= blen; j++) {
            const char x = folded(a[i - 1]), y = folded(b[j - 1]);
            row[j] = least(above[j - 1] + (x != y), least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && x == folded(b[j - 2]) && folded(a[i - 2]) == y)
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[alen % 3][blen];
}

void spelling_try(spelling *s, const char *known)
{
    const size_t len = strlen(known);
    const bool is_begun = s->len >= 2 && s->len < len && strncasecmp(s->word, known, s->len) == 0;
    const unsigned distance = is_begun ? 1 : spelling_distance(s->word, s->len, known, len);
    if (distance > (s->len + 2) / 3 || distance >= len
        || (s->best != NULL && distance >= s->distance))
        return;
    s->best = known;
    s->distance = distance;
}
