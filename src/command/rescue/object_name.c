/* object_name.c - see object_name.h. */
#include "command/rescue/object_name.h"

#include <stddef.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* One identifier; *at is moved after it. */
static bool parse_part(const char **at, bool as_it_is, char out[WP_NAME_BYTES])
{
    const char *c = *at;
    const bool is_quoted = *c == '"';
    size_t len = 0;
    c += is_quoted;
    for (; *c != '\0'; c++) {
        if (is_quoted && *c == '"' && *++c != '"')
            break;
        if (!is_quoted && (*c == '.' || *c == '"'))
            break;
        if (len + 1 == WP_NAME_BYTES)
            return false;
        out[len++] = is_quoted || as_it_is ? *c : lower(*c);
    }
    out[len] = '\0';
    const bool is_closed = !is_quoted || (c > *at + 1 && c[-1] == '"');
    *at = c;
    return len > 0 && is_closed;
}

bool object_name_parse(const char *written, bool as_it_is, object_name *out)
{
    const char *at = written;
    *out = (object_name){ 0 };
    if (!parse_part(&at, as_it_is, out->name))
        return false;
    if (*at != '.')
        return *at == '\0';
    *out = (object_name){ 0 };
    at = written;
    if (!parse_part(&at, as_it_is, out->schema))
        return false;
    at++;
    return parse_part(&at, as_it_is, out->name) && *at == '\0';
}
