/* pattern_syntax.c - see pattern_syntax.h. */
#include "search/pattern_syntax.h"

#include <string.h>

/* Length of the escape at p (which points to a backslash); \Q...\E counts as one. */
size_t pattern_escape_length(const char *p)
{
    if (p[1] == '\0')
        return 1;
    if (p[1] == 'Q') {
        const char *end = strstr(p, "\\E");
        return end != NULL ? (size_t)(end - p) + 2 : strlen(p);
    }
    return p[1] == 'c' && p[2] != '\0' ? 3 : 2;
}

size_t pattern_class_length(const char *p)
{
    const char *at = p + 1;
    if (*at == '^')
        at++;
    if (*at == ']')
        at++;
    while (*at != '\0' && *at != ']') {
        const char *named = at[0] == '[' && at[1] == ':' ? strstr(at, ":]") : NULL;
        at += named != NULL ? (size_t)(named - at) + 2
              : *at == '\\' ? pattern_escape_length(at)
                            : 1;
    }
    return (size_t)(at - p) + (*at == ']');
}

bool pattern_is_extended(const char *pattern)
{
    for (const char *at = strstr(pattern, "(?"); at != NULL; at = strstr(at + 1, "(?")) {
        const size_t flags = strspn(at + 2, "imsxnJUr^");
        if (memchr(at + 2, 'x', flags) != NULL)
            return true;
    }
    return false;
}
