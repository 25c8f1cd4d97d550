/*
 * fuzz_settings.c - any bytes as recovery settings, for `simulate`.
 *
 * Input: a byte that chooses the major, then the text of a file. Bit 7 set: each of its lines is a word of the
 * command line instead.
 */
#include <stdlib.h>
#include <string.h>

#include "recovery/conf_lines.h"
#include "fuzz.h"
#include "recovery/settings.h"

#define TEXT_BYTES_MAX 16384

static void add_words(conf_lines *lines, char *text)
{
    char *rest = text;
    for (char *word; (word = strsep(&rest, "\n")) != NULL;)
        if (conf_lines_is_word(word) && !conf_lines_add_word(lines, word))
            abort();
}

static void check_lines(const conf_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        if (!lines->items[i].name || !lines->items[i].value
            || !conf_lines_find(lines, lines->items[i].name))
            abort();
    if (strlen(lines->bad_near) >= sizeof lines->bad_near)
        abort();
}

static void judge(const wp_profile *profile, const conf_lines *lines)
{
    static recovery what;
    static findings found;
    found.count = 0;
    memset(&what, 0, sizeof what);
    recovery_read(profile, lines, &what, &found);
    if (found.count > FINDINGS_MAX || strlen(what.fatal) >= sizeof what.fatal
        || (what.target && !what.value))
        abort();
    for (size_t i = 0; i < found.count; i++)
        if (!found.items[i].rule || !found.items[i].text[0])
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    conf_lines lines = { 0 };
    if (size == 0 || size > TEXT_BYTES_MAX)
        return 0;
    char *text = malloc(size);
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    if (data[0] & 0x80) {
        text[size - 1] = '\0';
        add_words(&lines, text);
    } else if (!conf_lines_add_text(&lines, (wp_view){ (const uint8_t *)text, size - 1 })) {
        abort();
    }
    check_lines(&lines);
    judge(fuzz_choose_server(data[0] & 0x7F).profile, &lines);
    conf_lines_free(&lines);
    free(text);
    return 0;
}
