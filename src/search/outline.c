/*
 * outline.c - see outline.h.
 *
 * The automaton is Thompson's: nodes that take a byte, and nodes that take none. Every construct of PCRE2 that is
 * not written down here makes the whole outline one that may match anything.
 *
 * A match may begin before an unknown name, and inside it. "DROP TABLE" could begin inside a name, too, if that is
 * "x drop table"; nobody means that. So where a match may begin as the words of a statement do, it begins in no name.
 */
#include "search/outline.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <walparse/event.h>

#include "search/pattern_syntax.h"
#include "base/text.h"

#define NODES_MAX 1024
#define DEPTH_MAX 100
#define NO_NODE UINT16_MAX
/* Letters, in the second word of a set of bytes. */
#define LETTER_BITS UINT64_C(0x07FFFFFE07FFFFFE)

typedef enum node_kind {
    NODE_SPLIT, /* takes nothing, and goes on at both */
    NODE_BYTE,  /* takes one of bytes */
    NODE_DOT, /* the same: a dot by which most people mean a dot, and in an unknown name it is one */
    NODE_START, /* only where the text begins */
    NODE_END,   /* only where it ends */
    NODE_MATCH
} node_kind;

typedef struct byte_set {
    uint64_t bits[4];
} byte_set;

typedef struct node {
    node_kind kind;
    uint16_t next, other;
    byte_set bytes;
} node;

typedef struct node_set {
    uint64_t bits[NODES_MAX / 64];
} node_set;

struct outline {
    bool is_any; /* the pattern has what is not known here */
    bool has_quote,
        has_plain_dot; /* the pattern has a quote; a dot that is nothing else: \. or [.] */
    uint16_t start;
    size_t nnodes;
    node nodes[NODES_MAX];
    node_set everywhere; /* all nodes */
    node_set in_names;   /* those of a match's first nodes with which it may begin inside a name */
};

/* ---- sets of bytes ------------------------------------------------------------------------ */

static void add_byte(byte_set *set, unsigned char byte)
{
    set->bits[byte / 64] |= UINT64_C(1) << byte % 64;
}

static bool is_letter(unsigned char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static byte_set one_byte(unsigned char byte)
{
    byte_set set = { { 0 } };
    add_byte(&set, byte);
    return set;
}

/* Parts of characters beyond ASCII: all are taken for one another. */
static void add_high(byte_set *set)
{
    set->bits[2] = set->bits[3] = UINT64_MAX;
}

static bool shares(const byte_set *a, const byte_set *b)
{
    uint64_t both = 0;
    for (size_t i = 0; i < 4; i++)
        both |= a->bits[i] & b->bits[i];
    return both != 0;
}

static bool has_high(const byte_set *set)
{
    return (set->bits[2] | set->bits[3]) != 0;
}

static byte_set any_byte(void)
{
    return (byte_set){ { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } };
}

/* ---- reading the pattern ------------------------------------------------------------------ */

typedef struct reader {
    outline *o;
    const char *at;
    bool is_quoted; /* between \Q and \E */
    bool is_bad;    /* something was met that is not known here */
    int depth;
} reader;

/* A part of the automaton: end is a split whose `next` is free. */
typedef struct part {
    uint16_t start, end;
} part;

static uint16_t add_node(reader *r, node_kind kind, uint16_t next)
{
    outline *o = r->o;
    if (o->nnodes == NODES_MAX) {
        r->is_bad = true;
        return 0;
    }
    o->nodes[o->nnodes] = (node){ .kind = kind, .next = next, .other = NO_NODE };
    return (uint16_t)o->nnodes++;
}

static part empty_part(reader *r)
{
    const uint16_t end = add_node(r, NODE_SPLIT, NO_NODE);
    return (part){ end, end };
}

static part part_of(reader *r, node_kind kind)
{
    const uint16_t end = add_node(r, NODE_SPLIT, NO_NODE);
    return (part){ add_node(r, kind, end), end };
}

static part byte_part(reader *r, node_kind kind, byte_set bytes)
{
    const part made = part_of(r, kind);
    r->o->nodes[made.start].bytes = bytes;
    return made;
}

/* What one character of `chars` means to PCRE2: a class, an escape, a letter. */
static part compiled_part(reader *r, const char *chars, size_t len, bool takes_high)
{
    int error = 0;
    size_t offset = 0;
    byte_set bytes = { { 0 } };
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)chars, len, PCRE2_CASELESS, &error, &offset, NULL);
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    r->is_bad |= code == NULL || match == NULL;
    for (unsigned c = 0; !r->is_bad && c < 128; c++) {
        const unsigned char subject = (unsigned char)c;
        if (pcre2_match(code, &subject, 1, 0, PCRE2_ANCHORED, match, NULL) >= 0)
            add_byte(&bytes, subject);
    }
    pcre2_match_data_free(match);
    pcre2_code_free(code);
    if (takes_high)
        add_high(&bytes);
    return byte_part(r, NODE_BYTE, bytes);
}

static part literal_part(reader *r)
{
    const unsigned char c = (unsigned char)*r->at++;
    byte_set bytes = { { 0 } };
    if (c >= 0x80) {
        while (((unsigned char)*r->at & 0xC0) == 0x80)
            r->at++;
        add_high(&bytes);
        return byte_part(r, NODE_BYTE, bytes);
    }
    add_byte(&bytes, c);
    if (is_letter(c))
        add_byte(&bytes, c ^ 0x20);
    return byte_part(r, NODE_BYTE, bytes);
}

static part bad_part(reader *r)
{
    r->is_bad = true;
    return (part){ 0, 0 };
}

/* r->at points to the backslash. */
static part escape_part(reader *r)
{
    const char *escape = r->at;
    const char c = escape[1];
    const bool is_word = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    if (c == '\0')
        return bad_part(r);
    if (!is_word) {
        r->at++;
        return literal_part(r);
    }
    r->at += 2;
    if (strchr("bBGKE", c) != NULL)
        return empty_part(r);
    if (c == 'A')
        return part_of(r, NODE_START);
    if (c == 'z' || c == 'Z')
        return part_of(r, NODE_END);
    if (strchr("dwsaefnrtDWShHvV", c) != NULL)
        return compiled_part(r, escape, 2, strchr("DWShHvV", c) != NULL);
    return bad_part(r);
}

static part read_alternatives(reader *r);

/* After "(?": what says how the group counts. True: what is in the group takes none of the text. */
static bool read_group_kind(reader *r)
{
    static const char *const plain[] = { ":", "|", ">" };
    static const char *const around[] = { "=", "!", "<=", "<!" };
    static const char *const named[] = { "<", "P<", "'" };
    for (size_t i = 0; i < 3; i++) {
        if (strncmp(r->at, plain[i], strlen(plain[i])) == 0) {
            r->at++;
            return false;
        }
    }
    for (size_t i = 0; i < 4; i++) {
        if (strncmp(r->at, around[i], strlen(around[i])) == 0) {
            r->at += strlen(around[i]);
            return true;
        }
    }
    for (size_t i = 0; i < 3; i++) {
        if (strncmp(r->at, named[i], strlen(named[i])) == 0) {
            const char *end = strchr(r->at + strlen(named[i]), *named[i] == '\'' ? '\'' : '>');
            r->is_bad |= end == NULL;
            r->at = end != NULL ? end + 1 : r->at;
            return false;
        }
    }
    r->at += strspn(r->at, "isJU-");
    r->is_bad |= *r->at != ':' && *r->at != ')';
    r->at += *r->at == ':';
    return false;
}

/* r->at points after the opening parenthesis. */
static part read_group(reader *r)
{
    bool takes_none = false;
    if (*r->at == '*')
        return bad_part(r);
    if (strncmp(r->at, "?#", 2) == 0) {
        r->at += strcspn(r->at, ")");
        r->at += *r->at == ')';
        return empty_part(r);
    }
    if (*r->at == '?') {
        r->at++;
        takes_none = read_group_kind(r);
    }
    const part inner = read_alternatives(r);
    r->is_bad |= *r->at != ')';
    r->at += *r->at == ')';
    return takes_none ? empty_part(r) : inner;
}

static part read_atom(reader *r)
{
    if (r->is_quoted)
        return literal_part(r);
    switch (*r->at) {
    case '(':
        r->at++;
        return read_group(r);
    case '[': {
        const char *class = r->at;
        r->at += pattern_class_length(class);
        return compiled_part(r, class, (size_t)(r->at - class), true);
    }
    case '\\':
        return escape_part(r);
    case '.': {
        r->at++;
        const bool is_meant =
            !r->o->has_plain_dot && (*r->at == '\0' || strchr("*+?{", *r->at) == NULL);
        return byte_part(r, is_meant ? NODE_DOT : NODE_BYTE, any_byte());
    }
    case '^':
        r->at++;
        return part_of(r, NODE_START);
    case '$':
        r->at++;
        return part_of(r, NODE_END);
    default:
        return literal_part(r);
    }
}

typedef struct count {
    bool may_be_none, may_be_more;
} count;

/* "{2}", "{2,}", "{2,5}": more than one is any number. False: it is no count. */
static bool read_braces(reader *r, count *out)
{
    const char *at = r->at + 1;
    const size_t digits = strspn(at, "0123456789");
    const size_t len = strspn(at, "0123456789, ");
    if (at[len] != '}' || len == 0)
        return false;
    r->is_bad |= digits == 0; /* a count to one PCRE2, and plain text to another */
    *out = (count){ strspn(at, "0") == digits, true };
    r->at = at + len + 1;
    return true;
}

static bool read_count(reader *r, count *out)
{
    switch (r->is_quoted ? '\0' : *r->at) {
    case '*':
        *out = (count){ true, true };
        break;
    case '+':
        *out = (count){ false, true };
        break;
    case '?':
        *out = (count){ true, false };
        break;
    case '{':
        if (!read_braces(r, out))
            return false;
        r->at--;
        break;
    default:
        return false;
    }
    r->at++;
    r->at += *r->at == '?' || *r->at == '+'; /* how much is tried first makes no difference */
    return true;
}

static part repeated(reader *r, part inner, count times)
{
    outline *o = r->o;
    const uint16_t end = add_node(r, NODE_SPLIT, NO_NODE);
    const uint16_t start = add_node(r, NODE_SPLIT, inner.start);
    if (r->is_bad)
        return inner;
    o->nodes[inner.end].next = end;
    if (times.may_be_none)
        o->nodes[start].other = end;
    if (times.may_be_more)
        o->nodes[inner.end].other = inner.start;
    return (part){ start, end };
}

/* \Q and \E */
static void read_quoting(reader *r)
{
    while (strncmp(r->at, r->is_quoted ? "\\E" : "\\Q", 2) == 0) {
        r->is_quoted = !r->is_quoted;
        r->at += 2;
    }
}

static bool is_sequence_over(reader *r)
{
    read_quoting(r);
    return *r->at == '\0' || (!r->is_quoted && (*r->at == '|' || *r->at == ')'));
}

static part read_sequence(reader *r)
{
    part all = empty_part(r);
    while (!r->is_bad && !is_sequence_over(r)) {
        part one = read_atom(r);
        count times;
        read_quoting(r);
        while (!r->is_bad && read_count(r, &times))
            one = repeated(r, one, times);
        if (r->is_bad)
            break;
        r->o->nodes[all.end].next = one.start;
        all.end = one.end;
    }
    return all;
}

static part read_alternatives(reader *r)
{
    r->is_bad |= ++r->depth > DEPTH_MAX;
    part all = r->is_bad ? bad_part(r) : read_sequence(r);
    while (!r->is_bad && *r->at == '|') {
        r->at++;
        const part one = read_sequence(r);
        const uint16_t start = add_node(r, NODE_SPLIT, all.start);
        const uint16_t end = add_node(r, NODE_SPLIT, NO_NODE);
        if (r->is_bad)
            break;
        r->o->nodes[start].other = one.start;
        r->o->nodes[all.end].next = r->o->nodes[one.end].next = end;
        all = (part){ start, end };
    }
    r->depth--;
    return all;
}

static void read_pattern(outline *o, const char *pattern)
{
    reader r = { .o = o, .at = pattern };
    const part all = read_alternatives(&r);
    const uint16_t match = add_node(&r, NODE_MATCH, NO_NODE);
    o->is_any = r.is_bad || *r.at != '\0' || pattern_is_extended(pattern);
    if (o->is_any)
        return;
    o->nodes[all.end].next = match;
    o->start = all.start;
}

/* ---- running it --------------------------------------------------------------------------- */

static bool has_node(const node_set *set, uint16_t number)
{
    return (set->bits[number / 64] >> number % 64 & 1) != 0;
}

static void add_number(node_set *set, uint16_t number)
{
    set->bits[number / 64] |= UINT64_C(1) << number % 64;
}

/* Nodes whose ways on are still to be looked at: each comes here once. */
typedef struct waiting_list {
    uint16_t numbers[NODES_MAX];
    size_t count;
} waiting_list;

static void wait_for(waiting_list *list, node_set *set, uint16_t number)
{
    if (number == NO_NODE || has_node(set, number))
        return;
    add_number(set, number);
    list->numbers[list->count++] = number;
}

/* Adds a node and what can be reached from it without taking a byte. */
static void reach(const outline *o, node_set *set, uint16_t number, bool is_start)
{
    waiting_list list;
    list.count = 0;
    wait_for(&list, set, number);
    while (list.count > 0) {
        const node *one = &o->nodes[list.numbers[--list.count]];
        if (one->kind != NODE_SPLIT && (one->kind != NODE_START || !is_start))
            continue;
        wait_for(&list, set, one->next);
        wait_for(&list, set, one->other);
    }
}

static bool unite(node_set *to, const node_set *more)
{
    uint64_t added = 0;
    for (size_t i = 0; i < NODES_MAX / 64; i++) {
        added |= more->bits[i] & ~to->bits[i];
        to->bits[i] |= more->bits[i];
    }
    return added != 0;
}

/* Matches that begin here, with one of these nodes. */
static void begin(const outline *o, node_set *set, const node_set *with, bool is_start)
{
    node_set first = { { 0 } };
    reach(o, &first, o->start, is_start);
    for (size_t i = 0; i < NODES_MAX / 64; i++)
        set->bits[i] |= first.bits[i] & with->bits[i];
}

/* What the set becomes with one of these bytes. dots: those that a dot stands for. */
static node_set step(const outline *o, const node_set *set, const byte_set *bytes,
                     const byte_set *dots)
{
    node_set to = { { 0 } };
    for (uint16_t i = 0; i < o->nnodes; i++) {
        const node *one = &o->nodes[i];
        const byte_set *taken = one->kind == NODE_DOT ? dots : bytes;
        if (!has_node(set, i) || (one->kind != NODE_DOT && one->kind != NODE_BYTE)
            || !shares(&one->bytes, taken))
            continue;
        reach(o, &to, one->next, false);
        if (has_high(&one->bytes) && has_high(taken))
            add_number(&to, i); /* a character of several bytes */
    }
    return to;
}

static bool is_matched(const outline *o, const node_set *set)
{
    for (uint16_t i = 0; i < o->nnodes; i++)
        if (o->nodes[i].kind == NODE_MATCH && has_node(set, i))
            return true;
    return false;
}

/* Where the text ends. */
static bool is_matched_at_end(const outline *o, node_set *set)
{
    for (bool has_grown = true; has_grown;) {
        node_set after = { { 0 } };
        for (uint16_t i = 0; i < o->nnodes; i++)
            if (o->nodes[i].kind == NODE_END && has_node(set, i))
                reach(o, &after, o->nodes[i].next, false);
        has_grown = unite(set, &after);
    }
    return is_matched(o, set);
}

static void remove_byte(byte_set *set, unsigned char byte)
{
    set->bits[byte / 64] &= ~(UINT64_C(1) << byte % 64);
}

/*
 * The bytes of names, without quotes and in them; a quote in quotes is doubled: they end, and begin again. A dot is part
 * of a schema's name only for who writes quotes.
 */
static void bytes_of_names(const outline *o, bool is_single, byte_set *plain, byte_set *quoted)
{
    static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_$";
    *plain = (byte_set){ { 0 } };
    *quoted = any_byte();
    remove_byte(quoted, '"');
    for (const char *c = chars; *c != '\0'; c++)
        add_byte(plain, (unsigned char)*c);
    add_high(plain);
    if (!is_single)
        add_byte(plain, '.');
    else if (!o->has_quote)
        remove_byte(quoted, '.');
}

/* Any name may stand here. is_single: a schema's, and a dot follows it. True: there is a match within it. */
static bool pass_gap(const outline *o, node_set *now, bool is_single, const node_set *starts)
{
    static const byte_set no_bytes;
    byte_set plain_bytes, quoted_bytes;
    const byte_set quote = one_byte('"'), dot = one_byte('.');
    node_set plain = *now, quoted = { { 0 } };
    bytes_of_names(o, is_single, &plain_bytes, &quoted_bytes);
    for (bool has_grown = true; has_grown;) {
        node_set more;
        begin(o, &plain, starts, false);
        begin(o, &quoted, starts, false);
        more = step(o, &plain, &plain_bytes, is_single ? &no_bytes : &dot);
        has_grown = unite(&plain, &more);
        more = step(o, &quoted, &quote, &no_bytes);
        has_grown |= unite(&plain, &more);
        more = step(o, &plain, &quote, &no_bytes);
        has_grown |= unite(&quoted, &more);
        more = step(o, &quoted, &quoted_bytes, shares(&quoted_bytes, &dot) ? &dot : &no_bytes);
        has_grown |= unite(&quoted, &more);
    }
    *now = plain;
    return is_matched(o, &plain) || is_matched(o, &quoted);
}

/* After a part that stands for an unknown name; NULL: there is none here. */
static const char *gap_end(const char *at)
{
    const char *end = *at == '[' ? strchr(at, ']') : NULL;
    return end != NULL ? end + 1 : NULL;
}

/* With which nodes a match may begin where the text is known, and inside an unknown name. */
typedef struct beginnings {
    const node_set *in_words, *in_names;
} beginnings;

/* now: what has begun before. */
static bool may_match_from(const outline *o, node_set now, const char *subject,
                           const beginnings *firsts)
{
    bool is_quoted = false;
    for (const char *at = subject; *at != '\0';) {
        const char *end = is_quoted ? NULL : gap_end(at);
        begin(o, &now, end != NULL ? firsts->in_names : firsts->in_words, at == subject);
        if (is_matched(o, &now))
            return true;
        if (end != NULL) {
            if (pass_gap(o, &now, *end == '.', firsts->in_names))
                return true;
            at = end;
            continue;
        }
        const byte_set byte = one_byte((unsigned char)*at);
        now = step(o, &now, &byte, &byte);
        is_quoted ^= *at++ == '"';
    }
    begin(o, &now, firsts->in_words, *subject == '\0');
    return is_matched_at_end(o, &now);
}

/* ---- statements --------------------------------------------------------------------------- */

/* Keeps the nodes that take no more letters than that: two are one, small and large. */
static void keep_narrow(const outline *o, node_set *set, size_t letters)
{
    for (uint16_t i = 0; i < o->nnodes; i++) {
        const uint64_t bits = o->nodes[i].bytes.bits[1] & LETTER_BITS;
        if ((size_t)__builtin_popcountll(bits) > letters)
            set->bits[i / 64] &= ~(UINT64_C(1) << i % 64);
    }
}

/*
 * Does a match that begins with this node take the first of these words letter by letter, as who writes it means it? A
 * verb may be all there is; "type" is as well a part of a name, but "type public.x" is not.
 */
static bool takes_words(const outline *o, uint16_t number, const char *words, bool is_verb)
{
    static const node_set none;
    const beginnings nowhere = { &none, &none };
    node_set now = { { 0 } };
    add_number(&now, number);
    for (; *words != ' '; words++) {
        const byte_set byte = one_byte((unsigned char)*words);
        keep_narrow(o, &now, 2);
        now = step(o, &now, &byte, &byte);
    }
    if (!is_verb)
        keep_narrow(o, &now, 0);
    return may_match_from(o, now, words, &nowhere) && (is_verb || !is_matched(o, &now));
}

/* Can a match that begins with this node begin in the words of a statement? */
static bool is_of_statements(const outline *o, uint16_t number)
{
    bool is = false;
    for (int kind = 0; !is && kind < WP_EVENT_KINDS; kind++) {
        const char *verb = wp_event_kind_verb((wp_event_kind)kind);
        const char *rest = wp_event_kind_name((wp_event_kind)kind) + strlen(verb);
        text words = { 0 };
        text_addf(&words, "%s [0]%s%s", verb, rest, *rest != '\0' ? " [0]" : "");
        const char *all = text_chars(&words);
        for (const char *at = all; !is && at != NULL; at = strchr(at, ' ')) {
            at += *at == ' ';
            is = is_letter((unsigned char)*at) && takes_words(o, number, at, at == all);
        }
        text_free(&words);
    }
    return is;
}

static void look_at_firsts(outline *o)
{
    node_set first = { { 0 } };
    reach(o, &first, o->start, true);
    for (uint16_t i = 0; i < o->nnodes; i++) {
        const node_kind kind = o->nodes[i].kind;
        if (has_node(&first, i) && kind != NODE_SPLIT && kind != NODE_START
            && !is_of_statements(o, i))
            add_number(&o->in_names, i);
    }
}

/* ---- entry points ------------------------------------------------------------------------- */

outline *outline_new(const char *pattern)
{
    outline *made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    memset(&made->everywhere, 0xFF, sizeof made->everywhere);
    made->has_quote = strchr(pattern, '"') != NULL;
    made->has_plain_dot = strstr(pattern, "\\.") != NULL || strstr(pattern, "[.]") != NULL;
    read_pattern(made, pattern);
    if (!made->is_any)
        look_at_firsts(made);
    return made;
}

bool outline_may_match(const outline *o, const char *subject)
{
    const bool is_name = *subject == '['; /* alone: there are no words to take it for */
    const beginnings firsts = { &o->everywhere, is_name ? &o->everywhere : &o->in_names };
    return o->is_any || may_match_from(o, (node_set){ { 0 } }, subject, &firsts);
}

bool outline_has_gap(const char *subject)
{
    bool is_quoted = false;
    for (; *subject != '\0'; subject++) {
        if (!is_quoted && gap_end(subject) != NULL)
            return true;
        is_quoted ^= *subject == '"';
    }
    return false;
}

void outline_free(outline *o)
{
    free(o);
}
