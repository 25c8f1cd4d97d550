/* holds.c - see holds.h. */
#include "file/holds.h"

#include <stdio.h>
#include <string.h>

#include "codec/packing.h"

/* So much of a text is shown, and so much must be text. */
#define TEXT_SHOWN 40
#define TEXT_BYTES 200

static bool is_text(wp_view head)
{
    const size_t n = head.len < TEXT_BYTES ? head.len : TEXT_BYTES;
    for (size_t i = 0; i < n; i++) {
        const uint8_t c = head.bytes[i];
        if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7F)
            return false;
    }
    return n > 0;
}

/* The first line; what is no printable ASCII as dots. */
static void show_text(wp_view head, char words[HOLDS_BYTES])
{
    char shown[TEXT_SHOWN + 1];
    size_t n = 0;
    while (n < TEXT_SHOWN && n < head.len && head.bytes[n] != '\n' && head.bytes[n] != '\r') {
        const uint8_t c = head.bytes[n];
        shown[n++] = c >= ' ' && c <= '~' && c != '"' ? (char)c : '.';
    }
    shown[n] = '\0';
    (void)snprintf(words, HOLDS_BYTES, "it holds text: \"%s\"%s", shown,
                   n < head.len ? " ..." : "");
}

/* What a page of an object store is written in; NULL: it is none. */
static const char *markup(wp_view head)
{
    size_t i = 0;
    while (i < head.len && head.bytes[i] <= ' ')
        i++;
    switch (i < head.len ? head.bytes[i] : 0) {
    case '<':
        return "XML or HTML";
    case '{':
    case '[':
        return "JSON";
    default:
        return NULL;
    }
}

static void describe_text(wp_view head, char words[HOLDS_BYTES])
{
    const char *kind = markup(head);
    if (kind)
        (void)snprintf(words, HOLDS_BYTES,
                       "it holds %s, as an object store answers when something is wrong", kind);
    else
        show_text(head, words);
}

static void describe_wal(const wp_segment_info *info, char words[HOLDS_BYTES])
{
    char name[WP_SEGMENT_NAME_BYTES];
    (void)wp_segment_name_format(info->page_tli, info->start_lsn, info->segment_size, name);
    (void)snprintf(words, HOLDS_BYTES, "it holds the WAL of %s", name);
}

const char *holds_words(wp_view head, bool is_damaged, char words[HOLDS_BYTES])
{
    wp_segment_info info;
    wp_error err;
    wp_status status;
    const packing *packed = head.len > 0 ? packing_detect(head, "") : NULL;
    if (head.len == 0 && is_damaged)
        (void)snprintf(words, HOLDS_BYTES, "its compressed data cannot be unpacked");
    else if (head.len == 0)
        (void)snprintf(words, HOLDS_BYTES, "it is empty");
    else if (head.len < WP_PROBE_BYTES && !is_text(head))
        (void)snprintf(words, HOLDS_BYTES, "it has %zu byte%s", head.len, head.len == 1 ? "" : "s");
    else if ((status = wp_segment_probe(head, &info, &err)) == WP_OK)
        describe_wal(&info, words);
    else if (status == WP_END)
        (void)snprintf(words, HOLDS_BYTES, "it begins with zeros");
    else if (packed && packed->is_compressed)
        (void)snprintf(words, HOLDS_BYTES, "it is compressed twice: what comes out of it is %s",
                       packed->name);
    else if (is_text(head))
        describe_text(head, words);
    else
        (void)snprintf(words, HOLDS_BYTES, "it %.150s", err.text);
    return words;
}
