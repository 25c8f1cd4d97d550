/*
 * options.c - reads the values of options.
 */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/time_text.h"

const char *option_words(const option_use *use)
{
    return use->words != NULL ? use->words : use->row->words;
}

const char *option_help(const option_use *use)
{
    return use->help != NULL ? use->help : use->row->help;
}

/* ---- values --------------------------------------------------------------------------------
 *
 * Each type has a function that reads a value into a field. On failure it returns false, and the
 * caller says what the option wants.
 */

typedef bool read_value(const option_use *use, const char *value, void *field, char message[512]);

static bool read_string(const option_use *use, const char *value, void *field, char message[512])
{
    if (*value == '\0') {
        return message_fail(message, "--%s needs a value that is not empty", use->row->name);
    }
    *(const char **)field = value;
    return true;
}

static bool read_strings(const option_use *use, const char *value, void *field, char message[512])
{
    option_strings *out = field;
    if (out->count == OPTION_STRINGS_MAX)
        return message_fail(message, "--%s may be given %d times", use->row->name,
                            OPTION_STRINGS_MAX);
    return read_string(use, value, &out->items[out->count++], message);
}

static bool read_word(const option_use *use, const char *value, void *field, char message[512])
{
    unsigned index = 0;
    for (const char *word = option_words(use); *word != '\0'; index++) {
        const size_t len = strcspn(word, " ");
        if (len == strlen(value) && strncmp(word, value, len) == 0) {
            *(unsigned *)field = index;
            return true;
        }
        word += len + strspn(word + len, " ");
    }
    return message_fail(message, "--%s takes one of: %s (not \"%.100s\")", use->row->name,
                        option_words(use), value);
}

/* Plain decimal digits, no sign, no blanks: 1 up to max. */
static bool parse_number(const char *value, uint64_t max, uint64_t *out)
{
    uint64_t number = 0;
    if (*value == '\0' || value[strspn(value, "0123456789")] != '\0')
        return false;
    for (; *value != '\0'; value++) {
        const uint64_t digit = (uint64_t)(*value - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (number == 0 || number > max)
        return false;
    *out = number;
    return true;
}

static bool read_number(const option_use *use, const char *value, void *field, char message[512])
{
    if (parse_number(value, use->row->max, field))
        return true;
    if (use->row->max == UINT64_MAX)
        return message_fail(message, "--%s takes a whole number above 0 (not \"%.100s\")",
                            use->row->name, value);
    return message_fail(message, "--%s takes a number from 1 to %llu (not \"%.100s\")",
                        use->row->name, (unsigned long long)use->row->max, value);
}

static bool read_lsn(const option_use *use, const char *value, void *field, char message[512])
{
    wp_lsn lsn = 0;
    if (wp_lsn_parse(value, &lsn) && lsn != 0) {
        *(wp_lsn *)field = lsn;
        return true;
    }
    return message_fail(message, "--%s takes a WAL position like 16/B374D848 (not \"%.100s\")",
                        use->row->name, value);
}

static bool read_time(const option_use *use, const char *value, void *field, char message[512])
{
    option_time *out = field;
    char reason[512];
    if (timeparse(value, &out->time, &out->is_local, reason))
        return true;
    return message_fail(message, "--%s: %.450s", use->row->name, reason);
}

static bool read_timeline(const option_use *use, const char *value, void *field, char message[512])
{
    uint64_t number = 0;
    if (strcmp(value, "latest") != 0 && !parse_number(value, UINT32_MAX, &number)) {
        return message_fail(message, "--%s takes a timeline's number or latest (not \"%.100s\")",
                            use->row->name, value);
    }
    *(wp_tli *)field = (wp_tli)number;
    return true;
}

static bool read_pick(const option_use *use, const char *value, void *field, char message[512])
{
    static const struct {
        const char *word;
        pick_rule rule;
    } rules[] = { { "last", PICK_LAST }, { "first", PICK_FIRST }, { "unique", PICK_UNIQUE } };

    question_pick *out = field;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(value, rules[i].word) == 0) {
            *out = (question_pick){ .rule = rules[i].rule };
            return true;
        }
    }
    if (parse_number(value, UINT64_MAX, &out->number)) {
        out->rule = PICK_NUMBER;
        return true;
    }
    return message_fail(message, "--%s takes last, first, unique or a number (not \"%.100s\")",
                        use->row->name, value);
}

static read_value *const readers[OPTION_TYPES] = {
    [OPTION_STRING] = read_string, [OPTION_WORD] = read_word,
    [OPTION_NUMBER] = read_number, [OPTION_LSN] = read_lsn,
    [OPTION_TIME] = read_time,     [OPTION_TIMELINE] = read_timeline,
    [OPTION_PICKING] = read_pick,  [OPTION_STRINGS] = read_strings,
};

bool option_read(const option_use *use, const char *value, options *out, char message[512])
{
    const option_row *row = use->row;
    void *field = (row->is_own ? out->own : (char *)out) + row->at;
    if (row->type == OPTION_FLAG)
        return *(bool *)field = true;
    return readers[row->type](use, value, field, message);
}

void option_read_rest(const option_use *use, char *const *items, size_t count, options *out)
{
    option_rest *field = (void *)((use->row->is_own ? out->own : (char *)out) + use->row->at);
    *field = (option_rest){ items, count };
}

unsigned options_jobs(const options *o)
{
    const long cores = o->jobs > 0 ? (long)o->jobs : sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (unsigned)cores : 1;
}

const char *options_word(const char *words, unsigned index, char buf[32])
{
    for (; index > 0; index--) {
        words += strcspn(words, " ");
        words += strspn(words, " ");
    }
    snprintf(buf, 32, "%.*s", (int)strcspn(words, " "), words);
    return buf;
}
