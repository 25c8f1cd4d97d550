/*
 * manifest_verify.c - `report --verify`: see manifest.h.
 *
 * The manifest is read as manifest.c writes it, a line a file; whatever else stands there is refused, or compares with nothing.
 */
#include "command/report/manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/grow.h"
#include "base/message.h"
#include "base/plural.h"
#include "base/result.h"

/* Longer ones no file system has. */
#define LINE_BYTES_MAX ((size_t)64 << 10)

typedef struct checking {
    const options *o;
    const char *manifest;
    FILE *file;
    char *line;
    size_t room;
    char *message;
    input_list roots;   /* where each of them lies now */
    text_list recorded; /* paths that were not named anew */
    void *known;        /* a tree of <search.h>: keys of the files that the manifest has */
    char **keys;
    size_t nkeys, keys_room;
    uint64_t same, changed, missing, added;
    text out;
} checking;

static bool refuse(const checking *c)
{
    return message_fail(c->message, "\"%.300s\" is no manifest of a report", c->manifest);
}

/* ---- JSON, as far as manifest.c writes it --------------------------------------------------- */

static void add_code(text *out, unsigned code)
{
    const char bytes[] = { (char)(0xE0 | code >> 12), (char)(0x80 | (code >> 6 & 0x3F)),
                           (char)(0x80 | (code & 0x3F)) };
    if (code < 0x80)
        text_addf(out, "%c", (char)code);
    else if (code < 0x800)
        text_addf(out, "%c%c", (char)(0xC0 | code >> 6), bytes[2]);
    else
        text_add_bytes(out, bytes, sizeof bytes);
}

/* Four hexadecimal digits, not all of them zero. */
static bool take_code(const char *chars, unsigned *out)
{
    char digits[5] = "";
    if (strspn(chars, "0123456789abcdefABCDEF") < 4)
        return false;
    memcpy(digits, chars, 4);
    *out = (unsigned)strtoul(digits, NULL, 16);
    return *out != 0;
}

/* A string in quotes at *at, moving past it. False: there is none. */
static bool take_string(const char **at, text *out)
{
    const char *p = *at;
    if (*p++ != '"')
        return false;
    while (*p != '"') {
        unsigned code;
        const size_t plain = strcspn(p, "\"\\");
        text_add_bytes(out, p, plain);
        p += plain;
        if (*p == '\0')
            return false;
        if (*p != '\\')
            continue;
        if (p[1] == 'u' && take_code(p + 2, &code)) {
            add_code(out, code);
            p += 6;
        } else if (p[1] == '"' || p[1] == '\\') {
            text_add_bytes(out, p + 1, 1);
            p += 2;
        } else {
            return false;
        }
    }
    *at = p + 1;
    return true;
}

/* ["...","..."] */
static bool take_strings(const char *at, text_list *out)
{
    if (*at++ != '[')
        return false;
    while (*at != ']') {
        text one = { 0 };
        const bool is_good = take_string(&at, &one);
        if (is_good)
            text_list_addf(out, "%s", text_chars(&one));
        text_free(&one);
        if (!is_good)
            return false;
        at += *at == ',';
    }
    return true;
}

static bool take_hex(const char *at, uint8_t out[SHA256_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    if (strspn(at, digits) < (size_t)2 * SHA256_BYTES)
        return false;
    for (size_t i = 0; i < SHA256_BYTES; i++)
        out[i] = (uint8_t)((strchr(digits, at[2 * i]) - digits) << 4
                           | (strchr(digits, at[2 * i + 1]) - digits));
    return at[(size_t)2 * SHA256_BYTES] == '"';
}

/* A file as the manifest has it. */
typedef struct named_file {
    char *key; /* "of":"source 1","name":"..." */
    char *of;  /* "source"; "": nothing */
    size_t number;
    char *name;
    uint64_t size;
    uint8_t digest[SHA256_BYTES];
} named_file;

static void free_entry(named_file *e)
{
    free(e->key);
    free(e->of);
    free(e->name);
}

/* ,"size":N,"sha256":"..." */
static bool take_digest(const char *at, named_file *out)
{
    static const char size[] = ",\"size\":", digest[] = ",\"sha256\":\"";
    char *end;
    if (at == NULL || strncmp(at, size, sizeof size - 1) != 0)
        return false;
    out->size = strtoull(at + sizeof size - 1, &end, 10);
    return strncmp(end, digest, sizeof digest - 1) == 0
           && take_hex(end + sizeof digest - 1, out->digest);
}

static bool take_of(const char **at, named_file *out)
{
    static const char none[] = "null";
    text of = { 0 };
    if (strncmp(*at, none, sizeof none - 1) == 0) {
        *at += sizeof none - 1;
        out->of = strdup("");
        return out->of != NULL;
    }
    const bool is_good = take_string(at, &of);
    const char *blank = strrchr(text_chars(&of), ' ');
    if (is_good && blank != NULL) {
        out->number = strtoul(blank + 1, NULL, 10);
        out->of = strndup(text_chars(&of), (size_t)(blank - text_chars(&of)));
    }
    text_free(&of);
    return out->of != NULL && out->number > 0;
}

/* In a string a quote is escaped: what is looked for here stands between them. */
static bool parse_entry(const char *line, named_file *out)
{
    static const char begin[] = ",\"of\":", name[] = ",\"name\":";
    const char *at = strstr(line, begin);
    const char *tail = strstr(line, ",\"size\":");
    text chars = { 0 };
    *out = (named_file){ 0 };
    if (at == NULL || tail == NULL || tail < at)
        return false;
    out->key = strndup(at + 1, (size_t)(tail - at - 1));
    at += sizeof begin - 1;
    bool is_good = out->key != NULL && take_of(&at, out) && strncmp(at, name, sizeof name - 1) == 0;
    if (is_good) {
        at += sizeof name - 1;
        is_good = take_string(&at, &chars) && take_digest(tail, out);
        out->name = strdup(text_chars(&chars));
    }
    text_free(&chars);
    return is_good && out->name != NULL;
}

/* ---- where it lies now ---------------------------------------------------------------------- */

static const char *root_of(const checking *c, const char *option, size_t number)
{
    for (size_t i = 0; i < c->roots.nroots; i++)
        if (strcmp(c->roots.roots[i].option, option) == 0 && --number == 0)
            return c->roots.roots[i].path;
    return NULL;
}

/* A root that is a file is that file. NULL: no memory, or no such root. */
static char *path_of(const checking *c, const named_file *e)
{
    struct stat status;
    char *path = NULL;
    if (*e->of == '\0')
        return strdup(e->name);
    const char *root = root_of(c, e->of, e->number);
    if (root == NULL)
        return NULL;
    if (stat(root, &status) == 0 && !S_ISDIR(status.st_mode))
        return strdup(root);
    return asprintf(&path, "%s/%s", root, e->name) < 0 ? NULL : path;
}

static void tell(checking *c, const char *how, const char *path)
{
    text_addf(&c->out, "%-8s ", how);
    text_add_visible(&c->out, path);
    text_add(&c->out, "\n");
}

/* False with one line in message: it is there, and cannot be read. */
static bool compare(checking *c, const char *path, const named_file *e)
{
    struct stat status;
    uint8_t digest[SHA256_BYTES];
    uint64_t size;
    if (stat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        c->missing++;
        tell(c, "missing", path);
        return true;
    }
    if (!sha256_of_file(path, digest, &size, c->message))
        return false;
    const bool is_same = size == e->size && memcmp(digest, e->digest, sizeof digest) == 0;
    c->same += is_same;
    c->changed += !is_same;
    tell(c, is_same ? "same" : "changed", path);
    return true;
}

/* ---- reading the manifest ------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Takes over the key. */
static bool know(checking *c, char *key)
{
    char **slot = GROW(c->keys, c->nkeys, c->keys_room);
    if (slot == NULL) {
        free(key);
        return message_no_memory(c->message);
    }
    *slot = key;
    return tsearch(key, &c->known, compare_keys) != NULL || message_no_memory(c->message);
}

static bool take_entry(checking *c, const char *line)
{
    named_file e;
    if (!parse_entry(line, &e)) {
        free_entry(&e);
        return refuse(c);
    }
    char *path = path_of(c, &e);
    bool is_good = path != NULL ? compare(c, path, &e) : refuse(c);
    if (is_good) {
        is_good = know(c, e.key);
        e.key = NULL;
    }
    free(path);
    free_entry(&e);
    return is_good;
}

/* The report lies beside it. */
static bool take_report(checking *c, const char *at)
{
    named_file e = { 0 };
    text name = { 0 };
    char *path = NULL;
    const char *slash = strrchr(c->manifest, '/');
    const int folder = slash != NULL ? (int)(slash - c->manifest) + 1 : 0;
    bool is_good =
        (take_string(&at, &name) && strchr(text_chars(&name), '/') == NULL && take_digest(at, &e))
        || refuse(c);
    if (is_good && asprintf(&path, "%.*s%s", folder, c->manifest, text_chars(&name)) < 0)
        path = NULL;
    if (is_good)
        is_good = path != NULL ? compare(c, path, &e) : message_no_memory(c->message);
    free(path);
    text_free(&name);
    return is_good;
}

static bool take_sources(checking *c, const char *at)
{
    text_list were = { 0 };
    const options *o = c->o;
    bool is_good = take_strings(at, &were) || refuse(c);
    if (is_good && were.count != o->nsources)
        is_good = message_fail(
            c->message, "the report was made of %zu SOURCE%s: name as many, in the same order",
            were.count, plural(were.count));
    for (size_t i = 0; i < o->nsources && is_good; i++)
        is_good = input_add_root(&c->roots, "source", o->sources[i], c->message);
    text_list_free(&were);
    return is_good;
}

/* What was not named anew lies where it lay. */
static bool take_others(checking *c, const char *option, const char *at)
{
    const size_t first = c->recorded.count;
    bool is_good = take_strings(at, &c->recorded) || refuse(c);
    const bool is_log = strcmp(option, "log") == 0;
    const char *const *moved = is_log ? c->o->logs.items : &c->o->backup;
    const size_t nmoved = is_log ? c->o->logs.count : c->o->backup != NULL;
    if (is_good && nmoved > 0 && nmoved != c->recorded.count - first)
        is_good = message_fail(c->message,
                               "the report was made of %zu --%s: name as many, in the same order",
                               c->recorded.count - first, option);
    for (size_t i = first; i < c->recorded.count && is_good; i++)
        is_good = input_add_root(&c->roots, option,
                                 nmoved > 0 ? moved[i - first] : c->recorded.items[i], c->message);
    return is_good;
}

static bool take_line(checking *c, const char *line)
{
    static const struct {
        const char *begin, *option;
    } lists[] = { { " \"backups\":", "backup" }, { " \"logs\":", "log" } };
    static const char sources[] = " \"sources\":", report[] = " \"report\":{\"name\":";
    static const char input[] = "  {\"kind\":\"";
    if (strncmp(line, sources, sizeof sources - 1) == 0)
        return take_sources(c, line + sizeof sources - 1);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strncmp(line, lists[i].begin, strlen(lists[i].begin)) == 0)
            return take_others(c, lists[i].option, line + strlen(lists[i].begin));
    if (strncmp(line, report, sizeof report - 1) == 0)
        return take_report(c, line + sizeof report - 1);
    return strncmp(line, input, sizeof input - 1) != 0 || take_entry(c, line);
}

static bool read_manifest(checking *c)
{
    static const char begin[] = "{\"tool\":\"pitr-find\"", end[] = " ]}\n";
    ssize_t len;
    bool is_good = true, is_ended = false;
    for (size_t n = 0; is_good && (len = getline(&c->line, &c->room, c->file)) > 0; n++) {
        if (n == 0 && strncmp(c->line, begin, sizeof begin - 1) != 0)
            return refuse(c);
        if ((size_t)len > LINE_BYTES_MAX || strlen(c->line) != (size_t)len)
            return refuse(c);
        is_ended = strcmp(c->line, end) == 0;
        is_good = take_line(c, c->line);
    }
    return is_good && ((is_ended && c->roots.nroots > 0) || refuse(c));
}

/* ---- what is new ---------------------------------------------------------------------------- */

static bool find_added(checking *c)
{
    char ignored[MESSAGE_BYTES];
    /* Where nothing is left, nothing is new. */
    if (!input_list_find(&c->roots, false, ignored))
        return true;
    for (size_t i = 0; i < c->roots.count; i++) {
        text key = { 0 };
        manifest_place_key(&c->roots, &c->roots.items[i], &key);
        const bool is_known = tfind(text_chars(&key), &c->known, compare_keys) != NULL;
        const bool is_failed = key.failed;
        text_free(&key);
        if (is_failed)
            return message_no_memory(c->message);
        if (is_known)
            continue;
        c->added++;
        tell(c, "added", c->roots.items[i].path);
    }
    return true;
}

static bool check_sources(const options *o, char message[MESSAGE_BYTES])
{
    struct stat status;
    for (size_t i = 0; i < o->nsources; i++)
        if (stat(o->sources[i], &status) != 0)
            return message_fail(message, "cannot open \"%.300s\": %s", o->sources[i],
                                strerror(errno));
    return true;
}

static void free_checking(checking *c)
{
    for (size_t i = 0; i < c->nkeys; i++) {
        (void)tdelete(c->keys[i], &c->known, compare_keys);
        free(c->keys[i]);
    }
    free(c->keys);
    free(c->line);
    input_list_free(&c->roots);
    text_list_free(&c->recorded);
    text_free(&c->out);
    if (c->file != NULL)
        (void)fclose(c->file);
}

exit_code manifest_verify(const char *manifest, const options *o)
{
    char message[MESSAGE_BYTES];
    checking c = { .o = o, .manifest = manifest, .message = message };
    bool is_good = sha256_is_here(message) && check_sources(o, message);
    if (is_good) {
        c.file = fopen(manifest, "r");
        is_good = c.file != NULL
                  || message_fail(message, "cannot open \"%.300s\": %s", manifest, strerror(errno));
    }
    is_good = is_good && read_manifest(&c) && find_added(&c);
    exit_code code = EXIT_TROUBLE;
    if (!is_good) {
        (void)result_trouble(message);
    } else if (result_print(&c.out)) {
        const bool is_same = c.changed + c.missing + c.added == 0;
        log_story("pitr-find: %" PRIu64 " same, %" PRIu64 " changed, %" PRIu64 " missing, %" PRIu64
                  " added",
                  c.same, c.changed, c.missing, c.added);
        code = is_same ? EXIT_FOUND : EXIT_NOTHING;
    }
    free_checking(&c);
    return code;
}
