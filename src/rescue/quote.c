/*
 * quote.c - identifiers and literals for SQL that a server of any major reads.
 */
#include <stdlib.h>
#include <string.h>

#include "rescue/dictionary.h"

/* Its words that must be quoted are those of all majors before it, too (tests/unit/test_type_name.c). */
static const wp_profile *newest_profile(void)
{
    const wp_profile *newest = NULL, *next;
    for (size_t i = 0; (next = wp_profile_at(i)) != NULL; i++)
        newest = next;
    return newest;
}

void quote_identifier_as(const wp_profile *profile, const char *name, text *out)
{
    char *quoted = malloc(2 * strlen(name) + 3);
    if (quoted == NULL) {
        out->failed = true;
        return;
    }
    const size_t len = wp_quote_ident(profile, name, quoted);
    text_add_bytes(out, quoted, len);
    free(quoted);
}

void quote_identifier(const char *name, text *out)
{
    quote_identifier_as(newest_profile(), name, out);
}

void quote_literal(wp_view value, text *out)
{
    const char *const bytes = (const char *)value.bytes;
    if (value.len > 0 && memchr(bytes, '\\', value.len) != NULL)
        text_add(out, "E");
    text_add(out, "'");
    size_t done = 0;
    for (size_t i = 0; i < value.len; i++)
        if (bytes[i] == '\'' || bytes[i] == '\\') {
            text_add_bytes(out, bytes + done, i - done + 1);
            done = i; /* once more */
        }
    if (value.len > 0)
        text_add_bytes(out, bytes + done, value.len - done);
    text_add(out, "'");
}
