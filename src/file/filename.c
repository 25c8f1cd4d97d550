/*
 * filename.c - names of files in WAL archives, see filename.h.
 *
 * The order of .partial and the packing suffix differs between archivers: pg_receivewal writes
 * SEG.gz.partial, an archive_command SEG.partial.gz, pgBackRest SEG.partial-SHA1.gz.
 */
#include "file/filename.h"

#include <string.h>

#include "codec/packing.h"

#define HEX_UPPER "0123456789ABCDEF"
#define HEX_LOWER "0123456789abcdef"
#define TLI_CHARS 8
#define SHA1_CHARS 40

static bool skip(const char **at, const char *word)
{
    const size_t len = strlen(word);
    if (strncmp(*at, word, len) != 0)
        return false;
    *at += len;
    return true;
}

/* An introducing character, exactly n digits, and then no further digit. */
static bool skip_digits(const char **at, char before, const char *digits, size_t n)
{
    if (**at != before || strspn(*at + 1, digits) != n)
        return false;
    *at += 1 + n;
    return true;
}

static bool skip_packing(const char **at)
{
    if (strcmp(*at, FILENAME_BARE_DOT) == 0) {
        *at += strlen(FILENAME_BARE_DOT);
        return false;
    }
    const size_t compressed = packing_suffix_len(*at, true);
    const size_t encrypted = packing_suffix_len(*at + compressed, false);
    *at += compressed + encrypted;
    return compressed + encrypted > 0;
}

static filename parse_segment(const char *at)
{
    filename out = { .kind = FILENAME_SEGMENT };
    (void)wp_segment_name_parse(at, &out.segment);
    at += WP_SEGMENT_NAME_CHARS;
    const bool is_backup = skip_digits(&at, '.', HEX_UPPER, TLI_CHARS) && skip(&at, ".backup");
    out.is_partial = !is_backup && skip(&at, ".partial");
    if (!is_backup)
        (void)skip_digits(&at, '-', HEX_LOWER, SHA1_CHARS);
    out.is_packed = skip_packing(&at);
    if (!is_backup && !out.is_partial)
        out.is_partial = skip(&at, ".partial");
    if (*at)
        return (filename){ .kind = FILENAME_OTHER };
    if (is_backup)
        out.kind = FILENAME_BACKUP;
    return out;
}

/* Eight upper-case hexadecimal digits. */
static wp_tli parse_tli(const char *at)
{
    wp_tli tli = 0;
    for (size_t i = 0; i < TLI_CHARS; i++)
        tli = tli << 4 | (wp_tli)(strchr(HEX_UPPER, at[i]) - HEX_UPPER);
    return tli;
}

static filename parse_history(const char *at)
{
    filename out = { .kind = FILENAME_HISTORY, .segment = { .tli = parse_tli(at) } };
    at += TLI_CHARS;
    if (!skip(&at, ".history"))
        return (filename){ .kind = FILENAME_OTHER };
    out.is_packed = skip_packing(&at);
    return *at ? (filename){ .kind = FILENAME_OTHER } : out;
}

filename filename_parse(const char *base)
{
    switch (strspn(base, HEX_UPPER)) {
    case WP_SEGMENT_NAME_CHARS:
        return parse_segment(base);
    case TLI_CHARS:
        return parse_history(base);
    default:
        return (filename){ .kind = FILENAME_OTHER };
    }
}

const char *filename_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
