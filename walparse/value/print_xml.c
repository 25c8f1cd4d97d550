/*
 * xml: what xml_out() leaves of a declaration (utils/adt/xml.c). The encoding goes, and all of it if it says nothing but version 1.0.
 */
#include "value/value.h"

typedef struct declaration {
    wp_view version;
    int standalone; /* -1: not said */
    size_t len;     /* of it all */
} declaration;

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_blanks(wp_view text, size_t at)
{
    while (at < text.len && is_blank(text.bytes[at]))
        at++;
    return at;
}

static bool has_at(wp_view text, size_t at, const char *word)
{
    const size_t len = strlen(word);
    return at <= text.len && len <= text.len - at && memcmp(text.bytes + at, word, len) == 0;
}

/* = 'VALUE' after an attribute's name. */
static bool take_value(wp_view text, size_t *at, wp_view *value)
{
    size_t i = skip_blanks(text, *at);
    if (i >= text.len || text.bytes[i] != '=')
        return false;
    i = skip_blanks(text, i + 1);
    if (i >= text.len || (text.bytes[i] != '"' && text.bytes[i] != '\''))
        return false;
    const uint8_t *const start = text.bytes + i + 1;
    const uint8_t *const end = memchr(start, text.bytes[i], text.len - i - 1);
    if (!end)
        return false;
    *value = (wp_view){ start, (size_t)(end - start) };
    *at = (size_t)(end - text.bytes) + 1;
    return true;
}

/* An attribute that may be there. False: it is, and is broken. */
static bool take_attribute(wp_view text, size_t *at, const char *name, wp_view *value)
{
    const size_t next = skip_blanks(text, *at);
    if (!has_at(text, next, name))
        return true;
    if (next == *at)
        return false;
    *at = next + strlen(name);
    return take_value(text, at, value);
}

/* False: it is broken, which the server does not let in. */
static bool read_declaration(wp_view text, declaration *d)
{
    size_t at = 5;
    wp_view encoding = { 0 }, standalone = { 0 };
    *d = (declaration){ .standalone = -1 };
    if (!has_at(text, 0, "<?xml") || at >= text.len || !is_blank(text.bytes[at]))
        return true;
    if (!take_attribute(text, &at, "version", &d->version) || !d->version.bytes
        || !take_attribute(text, &at, "encoding", &encoding)
        || !take_attribute(text, &at, "standalone", &standalone))
        return false;
    if (standalone.bytes) {
        const bool is_yes = standalone.len == 3 && memcmp(standalone.bytes, "yes", 3) == 0;
        if (!is_yes && (standalone.len != 2 || memcmp(standalone.bytes, "no", 2) != 0))
            return false;
        d->standalone = is_yes;
    }
    at = skip_blanks(text, at);
    if (!has_at(text, at, "?>"))
        return false;
    d->len = at + 2;
    return true;
}

wp_value_status wpi_print_xml(wpi_value *v, wp_view bytes)
{
    declaration d;
    if (!read_declaration(bytes, &d))
        return WP_VALUE_DAMAGED;
    const bool is_1_0 = d.version.len == 3 && memcmp(d.version.bytes, "1.0", 3) == 0;
    if (d.len > 0 && (!is_1_0 || d.standalone >= 0)) {
        wpi_puts(v, "<?xml version=\"");
        wpi_print_bytes(v, d.version.bytes, d.version.len);
        wpi_puts(v, "\"");
        if (d.standalone >= 0)
            wpi_puts(v, d.standalone ? " standalone=\"yes\"" : " standalone=\"no\"");
        wpi_puts(v, "?>");
    } else if (d.len < bytes.len && bytes.bytes[d.len] == '\n') {
        d.len++;
    }
    wpi_print_bytes(v, bytes.bytes + d.len, bytes.len - d.len);
    return WP_VALUE_OK;
}
