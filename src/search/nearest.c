/* nearest.c - see nearest.h. */
#include "search/nearest.h"

#include <string.h>
#include <strings.h>

#include "base/spelling.h"

/* ---- the pattern ---------------------------------------------------------------------------- */

/* Words of statements that are no names. */
static bool is_no_name(const char *word, size_t len)
{
    static const char *const words[] = {
        "alter",  "cascade",    "concurrently", "create",     "delete",    "drop",
        "exists", "foreign",    "from",         "function",   "if",        "index",
        "insert", "into",       "materialized", "only",       "procedure", "restrict",
        "schema", "sequence",   "table",        "truncate",   "type",      "update",
        "view",   "on",         "trigger",      "policy",     "database",  "role",
        "column", "constraint", "extension",    "tablespace", "rewrite",   "aggregate",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == len && strncasecmp(words[i], word, len) == 0)
            return true;
    return false;
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || (unsigned char)c >= 0x80;
}

static void set_word(char out[NEAREST_WORD_BYTES], const char *word, size_t len)
{
    const size_t kept = len < NEAREST_WORD_BYTES ? len : 0;
    memcpy(out, word, kept);
    out[kept] = '\0';
}

/* "public\." and "public." are schemas where a name follows. */
static bool is_schema(const char *after)
{
    after += *after == '"';
    after += *after == '\\';
    return after[0] == '.' && (is_word_char(after[1]) || after[1] == '"');
}

static void add_name(nearest *out, const char *word, size_t len)
{
    if (out->nnames == NEAREST_NAMES_MAX) {
        memmove(out->names[0], out->names[1], sizeof out->names - sizeof out->names[0]);
        out->nnames--;
    }
    set_word(out->names[out->nnames++], word, len);
}

/* Of "DROP TABLE IF EXISTS public\.orders$;" DROP and orders. What follows WHERE or SET is not in WAL. */
void nearest_init(nearest *out, const char *pattern)
{
    *out = (nearest){ .count = 0 };
    for (const char *at = pattern; at != NULL && *at != '\0';) {
        size_t len = 0;
        if (*at == '\\' && at[1] != '\0') {
            at += 2; /* an escape: \. \s \b */
            continue;
        }
        while (is_word_char(at[len]))
            len++;
        if ((len == 5 && strncasecmp(at, "where", 5) == 0)
            || (len == 3 && strncasecmp(at, "set", 3) == 0))
            return;
        const bool is_word = is_no_name(at, len);
        if (is_word && out->verb[0] == '\0' && out->nnames == 0)
            set_word(out->verb, at, len);
        else if (len > 0 && !is_word && is_schema(at + len))
            set_word(out->schema, at, len);
        else if (len > 0 && !is_word)
            add_name(out, at, len);
        at += len > 0 ? len : 1;
    }
}

/* ---- events --------------------------------------------------------------------------------- */

static bool is_like(const char *name, const char *asked)
{
    const size_t len = strlen(asked);
    spelling s = { .word = asked, .len = len };
    if (len >= 3 && strcasestr(name, asked) != NULL)
        return true;
    spelling_try(&s, name);
    return s.best != NULL;
}

/* Asks the pattern for a statement that destroys or changes? What made a thing comes before that, and is no answer. */
static bool asks_for_harm(const nearest *all)
{
    static const char *const verbs[] = { "alter", "delete", "drop", "truncate", "update" };
    bool is = false;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        is |= strcasecmp(all->verb, verbs[i]) == 0;
    return is;
}

static nearness nearness_of(const nearest *all, const wp_event *event, bool text_matches)
{
    const char *name = event->object.name != NULL ? event->object.name : "";
    const bool is_verb =
        all->verb[0] != '\0'
        && strncasecmp(wp_event_kind_name(event->kind), all->verb, strlen(all->verb)) == 0;
    bool is_same = false, is_near = false;
    for (size_t i = 0; i < all->nnames; i++) {
        is_same |= strcasecmp(name, all->names[i]) == 0;
        is_near |= is_like(name, all->names[i]);
    }
    if (text_matches)
        return NEAREST_LEFT_OUT;
    if (!is_verb && event->kind >= WP_EVENT_REWRITE_TABLE && asks_for_harm(all))
        return NEAREST_NOTHING;
    if (is_same)
        return is_verb ? NEAREST_SAME : NEAREST_SAME_NAME;
    if (is_near)
        return is_verb ? NEAREST_LIKE : NEAREST_LIKE_NAME;
    return is_verb ? NEAREST_SAME_VERB : NEAREST_NOTHING;
}

/* Is the first nearer, as far as the question tells? Below zero: it is; above: the second is. */
static int compare(const struct nearest_one *one, const struct nearest_one *than)
{
    if (one->how != than->how)
        return one->how < than->how ? -1 : 1;
    return (one->left_out != 0) - (than->left_out != 0);
}

/* Does the first come before the second in the list? Kinds are in the order of what they cost. */
static bool is_nearer(const struct nearest_one *one, wp_event_kind kind,
                      const struct nearest_one *than)
{
    const int order = compare(one, than);
    if (order != 0)
        return order < 0;
    const bool is_grave = kind <= WP_EVENT_UPDATE;
    const bool was_grave = than->pick.event.kind <= WP_EVENT_UPDATE;
    return is_grave || !was_grave;
}

static bool is_same(const wp_event *a, const wp_event *b)
{
    return a->database.oid == b->database.oid && strcmp(a->text, b->text) == 0;
}

/* Takes one out of the list, and gives its place back. */
static struct nearest_one take_out(nearest *all, size_t at)
{
    const struct nearest_one out = all->best[at];
    memmove(&all->best[at], &all->best[at + 1], (all->count - at - 1) * sizeof *all->best);
    all->count--;
    return out;
}

static void note_database(nearest *all, wp_oid oid)
{
    size_t i = 0;
    while (i < all->ndatabases && all->databases[i] != oid)
        i++;
    if (oid != 0 && i == all->ndatabases && i < NEAREST_DATABASES_MAX)
        all->databases[all->ndatabases++] = oid;
}

/* (The object of a DROP SCHEMA is the schema.) */
static void note_schema(nearest *all, const wp_event *event)
{
    const wp_object_name *in =
        event->kind == WP_EVENT_DROP_SCHEMA ? &event->object : &event->schema;
    spelling s = { .word = all->schema,
                   .len = strlen(all->schema),
                   .best = all->like_schema[0] != '\0' ? all->like_schema : NULL,
                   .distance = all->like_distance };
    if (in->name == NULL) {
        all->has_nameless_schema |= in->oid != 0;
        return;
    }
    all->has_schema |= strcasestr(in->name, all->schema) != NULL;
    spelling_try(&s, in->name);
    if (s.best != in->name)
        return;
    set_word(all->like_schema, in->name, strlen(in->name));
    all->like_distance = s.distance;
}

bool nearest_add(nearest *all, const event_view *view, bool text_matches, unsigned left_out)
{
    const wp_event *event = view->event;
    struct nearest_one added = { .how = nearness_of(all, event, text_matches),
                                 .left_out = left_out };
    note_database(all, event->database.oid);
    note_schema(all, event);
    if (added.how == NEAREST_NOTHING)
        return true;
    size_t at = 0;
    while (at < all->count && !is_same(&all->best[at].pick.event, event))
        at++;
    if (at < all->count && compare(&added, &all->best[at]) > 0)
        return true;
    if (at < all->count)
        added.pick = take_out(all, at).pick;
    else if (all->count == NEAREST_MAX
             && !is_nearer(&added, event->kind, &all->best[NEAREST_MAX - 1]))
        return true;
    else if (all->count == NEAREST_MAX)
        added.pick = take_out(all, NEAREST_MAX - 1).pick;
    if (!event_match_set(&added.pick, view, 0))
        return false;
    at = 0;
    while (at < all->count && !is_nearer(&added, event->kind, &all->best[at]))
        at++;
    memmove(&all->best[at + 1], &all->best[at], (all->count - at) * sizeof *all->best);
    all->best[at] = added;
    all->count++;
    return true;
}

void nearest_restart(nearest *all)
{
    for (size_t i = 0; i < all->count; i++)
        event_match_free(&all->best[i].pick);
    all->count = all->ndatabases = 0;
    all->has_schema = all->has_nameless_schema = false;
    all->like_schema[0] = '\0';
}
