/*
 * pattern.c - see pattern.h.
 */
#include "search/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/message.h"
#include "search/outline.h"
#include "search/pattern_syntax.h"
#include "base/text.h"

/* Texts are a few hundred bytes: a sane pattern needs thousands of steps, an insane one billions. */
#define MATCH_STEPS_MAX UINT32_C(1000000)
#define MATCH_HEAP_KIB_MAX UINT32_C(8192)
#define JIT_STACK_BYTES_MAX ((size_t)1 << 20)
/* Answers are remembered for ids below this: 16 MiB of bits. */
#define REMEMBERED_MAX (UINT32_C(1) << 26)

struct compiled_pattern {
    char *pattern;     /* as given, for messages */
    pcre2_code *bytes; /* for texts that are no UTF-8 */
    pcre2_code *utf;   /* for all others; NULL when the pattern is none */
    pcre2_match_data *match;
    pcre2_match_context *limits;
    pcre2_jit_stack *jit_stack;
    outline *outline; /* tells of texts with unknown names */
    uint8_t *answers; /* two bits for each id: 0, or its answer and one more */
    uint32_t room;    /* ids there are bits for; a multiple of 4 */
    char failure[512];
};

/* ---- the pattern -------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c != '\0' && strchr(" \t\n\r\f\v", c) != NULL;
}

/* Groups around a place of a pattern: inside a lookbehind, lengths must be fixed. */
typedef struct nesting {
    int depth;
    int lookbehind; /* depth of the outermost lookbehind around; 0: none */
} nesting;

static void note_group(nesting *n, const char *at)
{
    if (*at == '(') {
        n->depth++;
        const bool is_lookbehind = strncmp(at, "(?<=", 4) == 0 || strncmp(at, "(?<!", 4) == 0;
        if (is_lookbehind && n->lookbehind == 0)
            n->lookbehind = n->depth;
    } else if (*at == ')') {
        if (n->depth == n->lookbehind)
            n->lookbehind = 0;
        n->depth--;
    }
}

/* Texts hold single spaces outside quoted names, so one character will do in a lookbehind. */
static const char *blank_pattern(const nesting *n, char next)
{
    if (n->lookbehind > 0)
        return "\\s";
    return next != '\0' && strchr("*+?{", next) != NULL ? "(?:\\s+)" : "\\s+";
}

/* Runs of white space become \s+, except inside character classes and escapes. */
static void widen_blanks(const char *pattern, text *out)
{
    nesting n = { 0 };
    for (const char *at = pattern; *at != '\0';) {
        if (is_blank(*at)) {
            while (is_blank(*at))
                at++;
            text_add(out, blank_pattern(&n, *at));
            continue;
        }
        note_group(&n, at);
        const size_t len = *at == '\\'  ? pattern_escape_length(at)
                           : *at == '[' ? pattern_class_length(at)
                                        : 1;
        text_add_bytes(out, at, len);
        at += len;
    }
}

static pcre2_code *compile_as(const char *pattern, size_t len, uint32_t more_options, int *error,
                              size_t *offset)
{
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, len,
                      PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C | more_options, error, offset, NULL);
    /* Without the just-in-time compiler (some hardened systems) matching is slower, no more. */
    if (code != NULL)
        (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD);
    return code;
}

/* Fills in the codes. What PCRE2 says of a pattern that is no UTF-8 does not count: bytes may do. */
static bool compile(compiled_pattern *q, char message[512])
{
    text wide = { 0 };
    if (pattern_is_extended(q->pattern))
        text_add(&wide, q->pattern);
    else
        widen_blanks(q->pattern, &wide);

    int error = PCRE2_ERROR_NOMEMORY;
    size_t offset = 0;
    if (!wide.failed) {
        int utf_error = 0;
        size_t utf_offset = 0;
        q->bytes = compile_as(text_chars(&wide), wide.len, 0, &error, &offset);
        q->utf = compile_as(text_chars(&wide), wide.len, PCRE2_UTF, &utf_error, &utf_offset);
    }
    if (q->bytes == NULL) {
        PCRE2_UCHAR reason[200] = "";
        pcre2_get_error_message(error, reason, sizeof reason);
        message_fail(message, "bad pattern \"%.150s\": %s, at offset %zu of \"%.100s\"", q->pattern,
                     (const char *)reason, offset, text_chars(&wide));
    } else if ((q->outline = outline_new(text_chars(&wide))) == NULL) {
        message_no_memory(message);
    }
    text_free(&wide);
    return q->outline != NULL;
}

static bool prepare(compiled_pattern *q, char message[512])
{
    q->match = pcre2_match_data_create_from_pattern(q->bytes, NULL);
    q->limits = pcre2_match_context_create(NULL);
    if (q->match == NULL || q->limits == NULL)
        return message_no_memory(message);
    pcre2_set_match_limit(q->limits, MATCH_STEPS_MAX);
    pcre2_set_depth_limit(q->limits, MATCH_STEPS_MAX);
    pcre2_set_heap_limit(q->limits, MATCH_HEAP_KIB_MAX);
    q->jit_stack = pcre2_jit_stack_create((size_t)32 << 10, JIT_STACK_BYTES_MAX, NULL);
    pcre2_jit_stack_assign(q->limits, NULL, q->jit_stack);
    return true;
}

compiled_pattern *pattern_new(const char *pattern, char message[512])
{
    compiled_pattern *made = calloc(1, sizeof *made);
    bool ok = made != NULL && (made->pattern = strdup(pattern)) != NULL;
    if (!ok)
        message_no_memory(message);
    ok = ok && compile(made, message) && prepare(made, message);
    if (!ok) {
        pattern_free(made);
        return NULL;
    }
    return made;
}

void pattern_free(compiled_pattern *q)
{
    if (q == NULL)
        return;
    pcre2_jit_stack_free(q->jit_stack);
    pcre2_match_context_free(q->limits);
    pcre2_match_data_free(q->match);
    pcre2_code_free(q->bytes);
    pcre2_code_free(q->utf);
    outline_free(q->outline);
    free(q->answers);
    free(q->pattern);
    free(q);
}

/* ---- matching ----------------------------------------------------------------------------- */

const char *pattern_failure(const compiled_pattern *q)
{
    return q->failure;
}

static bool is_limit(int result)
{
    return result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT
           || result == PCRE2_ERROR_HEAPLIMIT || result == PCRE2_ERROR_JIT_STACKLIMIT;
}

static bool is_no_utf8(int result)
{
    return result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21;
}

/* Matches characters where text and pattern are UTF-8, else bytes. */
static int run_match(const compiled_pattern *q, const char *subject)
{
    const size_t len = strlen(subject);
    int result = PCRE2_ERROR_UTF8_ERR1;
    if (q->utf != NULL)
        result = pcre2_match(q->utf, (PCRE2_SPTR)subject, len, 0, 0, q->match, q->limits);
    if (is_no_utf8(result))
        result = pcre2_match(q->bytes, (PCRE2_SPTR)subject, len, 0, 0, q->match, q->limits);
    return result;
}

bool pattern_may_match(const compiled_pattern *q, const char *subject)
{
    return outline_has_gap(subject) && outline_may_match(q->outline, subject);
}

static pattern_answer match_now(compiled_pattern *q, const char *subject)
{
    const int result = run_match(q, subject);
    if (result >= 0)
        return PATTERN_YES;
    if (result == PCRE2_ERROR_NOMATCH)
        return pattern_may_match(q, subject) ? PATTERN_MAYBE : PATTERN_NO;
    PCRE2_UCHAR reason[160] = "";
    pcre2_get_error_message(result, reason, sizeof reason);
    if (is_limit(result))
        snprintf(q->failure, sizeof q->failure,
                 "pattern \"%.150s\" backtracks too much on \"%.150s\": make it simpler",
                 q->pattern, subject);
    else
        snprintf(q->failure, sizeof q->failure, "pattern \"%.150s\" on \"%.150s\": %s", q->pattern,
                 subject, (const char *)reason);
    return PATTERN_FAILED;
}

/* Makes bits for an id. False: there are none for this one, which only costs time. */
static bool remembers(compiled_pattern *q, uint32_t id)
{
    if (id < q->room)
        return true;
    if (id >= REMEMBERED_MAX)
        return false;
    const uint32_t room = (id < 2048 ? 4096 : id * 2) & ~UINT32_C(3);
    uint8_t *answers = realloc(q->answers, room / 4);
    if (answers == NULL)
        return false;
    memset(answers + q->room / 4, 0, (room - q->room) / 4);
    q->answers = answers;
    q->room = room;
    return true;
}

pattern_answer pattern_match(compiled_pattern *q, uint32_t id, const char *subject)
{
    if (!remembers(q, id))
        return match_now(q, subject);
    const unsigned shift = id % 4 * 2;
    uint8_t *bits = &q->answers[id / 4];
    const unsigned known = *bits >> shift & 3;
    if (known != 0)
        return (pattern_answer)(known - 1);
    const pattern_answer answer = match_now(q, subject);
    if (answer != PATTERN_FAILED)
        *bits = (uint8_t)(*bits | ((unsigned)answer + 1) << shift);
    return answer;
}

void pattern_forget(compiled_pattern *q)
{
    if (q->room > 0)
        memset(q->answers, 0, q->room / 4);
}

/* ---- what it cannot match ------------------------------------------------------------------
 *
 * Texts of DML are a verb, perhaps a schema's name with its dot, and a table's name:
 *
 *     DELETE FROM public.orders        UPDATE [16387].orders        INSERT INTO [16392]
 *
 * A match begins in one of these pieces. Partial matching says of each piece alone, whatever follows,
 * that no match begins there. What comes before a piece counts only for patterns that look back; those
 * are left out, but for \b and its like, which see one character: pieces are tried after each kind.
 */

/* Can a match begin at `start` or after it? partial: PCRE2_PARTIAL_HARD when more text follows, or 0. */
static bool code_may_begin(const compiled_pattern *q, const pcre2_code *code, const text *subject,
                           size_t start, uint32_t partial)
{
    if (code == NULL)
        return false;
    const int result = pcre2_match(code, (PCRE2_SPTR)subject->bytes, subject->len, start, partial,
                                   q->match, q->limits);
    if (result == PCRE2_ERROR_NOMATCH || is_no_utf8(result))
        return false;
    /* A match that has yet to take its first character begins in the next piece, if at all. */
    return result != PCRE2_ERROR_PARTIAL || pcre2_get_ovector_pointer(q->match)[0] < subject->len;
}

/* Can a match begin in piece, after `before`? The whole text may be UTF-8 or not. */
static bool may_begin(const compiled_pattern *q, const char *before, const char *piece,
                      uint32_t partial)
{
    text subject = { 0 };
    text_add(&subject, before);
    const size_t start = subject.len;
    text_add(&subject, piece);
    const bool may = subject.failed || code_may_begin(q, q->utf, &subject, start, partial)
                     || code_may_begin(q, q->bytes, &subject, start, partial);
    text_free(&subject);
    return may;
}

static bool may_begin_in_piece(const compiled_pattern *q, const char *piece, uint32_t partial)
{
    static const char *const befores[] = { " ", ".", "[", "]", "1" };
    for (size_t i = 0; i < sizeof befores / sizeof *befores; i++) {
        if (may_begin(q, befores[i], piece, partial))
            return true;
    }
    return false;
}

static bool is_plain_enough(const compiled_pattern *q)
{
    static const char *const odd[] = { "(?<", "(?P", "(*", "\\K" };
    uint32_t lookbehind = 0, matches_empty = 0;
    pcre2_pattern_info(q->bytes, PCRE2_INFO_MAXLOOKBEHIND, &lookbehind);
    pcre2_pattern_info(q->bytes, PCRE2_INFO_MATCHEMPTY, &matches_empty);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        if (strstr(q->pattern, odd[i]) != NULL)
            return false;
    }
    return matches_empty == 0 && lookbehind <= 1;
}

bool pattern_spares_dml(const compiled_pattern *q)
{
    static const char *const verbs[] = { "DELETE FROM ", "UPDATE ", "INSERT INTO " };
    /* Parts of names that stand for an OID, and schemas whose names nobody has to tell. */
    static const char *const always[] = { "[",       "[filenode ",  "].",       "]", ".",
                                          "0",       "1",           "2",        "3", "4",
                                          "5",       "6",           "7",        "8", "9",
                                          "public.", "pg_catalog.", "pg_toast." };
    static const char *const parts[] = { "DROP TRIGGER [0] ON [0]", "DROP POLICY [0] ON [0]",
                                         "DROP RULE [0] ON [0]", "DROP EXTENSION [0]" };
    static const char *const others[] = {
        "drop", "truncate", "alter", "rewrite", "create", "rename"
    };
    bool is_of_interest = false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        is_of_interest = is_of_interest || strcasestr(q->pattern, others[i]) != NULL;
    if (!is_of_interest || !is_plain_enough(q))
        return false;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        text unnamed = { 0 };
        text_addf(&unnamed, "%s[0]", verbs[i]);
        const bool may = unnamed.failed || may_begin(q, "", verbs[i], PCRE2_PARTIAL_HARD)
                         || pattern_may_match(q, text_chars(&unnamed));
        text_free(&unnamed);
        if (may)
            return false;
    }
    /* A catalog that was moved looks like a user's table: only its rows say that something was dropped. */
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (pattern_may_match(q, parts[i]))
            return false;
    }
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
        if (may_begin_in_piece(q, always[i], PCRE2_PARTIAL_HARD))
            return false;
    }
    return true;
}

const char *pattern_text(const compiled_pattern *q)
{
    return q->pattern;
}

/* A schema's name comes with its dot, and a table's name follows; a table's own name ends the text. */
bool pattern_may_begin_in_name(const compiled_pattern *q, const char *name)
{
    const size_t len = strlen(name);
    const bool is_schema = len > 0 && name[len - 1] == '.';
    return may_begin_in_piece(q, name, is_schema ? PCRE2_PARTIAL_HARD : 0);
}
