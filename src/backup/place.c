/*
 * place.c - see place.h. Names as common/relpath.c makes them.
 */
#include "backup/place.h"

#include <stddef.h>
#include <string.h>

#include <walparse/redo.h>

bool place_skip_number(const char **at, wp_oid *out)
{
    uint64_t n = 0;
    const char *start = *at;
    for (; **at >= '0' && **at <= '9' && n <= UINT32_MAX; ++*at)
        n = n * 10 + (uint64_t)(**at - '0');
    *out = (wp_oid)n;
    return *at > start && *start != '0' && n <= UINT32_MAX;
}

static bool skip_word(const char **at, const char *word)
{
    const size_t len = strlen(word);
    if (strncmp(*at, word, len) != 0)
        return false;
    *at += len;
    return true;
}

/* "PG_15_202209061/" */
static bool skip_version_folder(const char **at, uint32_t *catalog_version)
{
    if (!skip_word(at, "PG_"))
        return false;
    const char *slash = strchr(*at, '/');
    const char *version = slash ? memchr(*at, '_', (size_t)(slash - *at)) : NULL;
    if (version++)
        (void)place_skip_number(&version, catalog_version);
    *at = slash ? slash + 1 : *at;
    return slash != NULL;
}

/* A file in the folder of a database, or in global. */
static place place_in(wp_oid spc, wp_oid db, const char *name)
{
    const bool is_increment = skip_word(&name, "INCREMENTAL.");
    place out = { .kind = is_increment ? PLACE_INCREMENT : PLACE_RELATION, .spc = spc, .db = db };
    if (strcmp(name, "pg_filenode.map") == 0)
        out.kind = PLACE_MAP;
    else if (!place_skip_number(&name, &out.node)
             || (*name == '.' && (name++, !place_skip_number(&name, &out.part))) || *name)
        out.kind = PLACE_OTHER; /* other forks, temporary files */
    return out;
}

/* Of 4 to 6 digits, or 15 where a log may become long; access/transam/slru.c, SlruFileName. */
static bool is_log_segment(const char *name, uint32_t *segment)
{
    uint64_t n = 0;
    const size_t len = strspn(name, "0123456789ABCDEF");
    for (size_t i = 0; i < len && i < 15; i++)
        n = n << 4 | (uint64_t)(name[i] <= '9' ? name[i] - '0' : name[i] - 'A' + 10);
    *segment = (uint32_t)n;
    return name[len] == '\0' && ((len >= 4 && len <= 6) || len == 15)
           && n < UINT32_MAX / PLACE_LOG_BLOCKS;
}

static place place_in_log(const char *name)
{
    static const struct {
        const char *folder;
        wp_oid log;
    } logs[] = { { "pg_xact/", WP_REDO_XACT },
                 { "pg_clog/", WP_REDO_XACT },
                 { "pg_multixact/offsets/", WP_REDO_MULTIXACT_OFFSETS },
                 { "pg_multixact/members/", WP_REDO_MULTIXACT_MEMBERS } };
    place out = { .kind = PLACE_LOG };
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        out.node = logs[i].log;
        if (skip_word(&name, logs[i].folder))
            return is_log_segment(name, &out.part) ? out : (place){ 0 };
    }
    return (place){ 0 };
}

place place_of(const char *name, wp_oid spc)
{
    static const struct {
        const char *name;
        place_kind kind;
    } fixed[] = { { "PG_VERSION", PLACE_VERSION },
                  { "backup_label", PLACE_LABEL },
                  { "global/pg_control", PLACE_CONTROL },
                  { "tablespace_map", PLACE_TABLESPACES } };
    wp_oid db = 0;
    for (size_t i = 0; !spc && i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(name, fixed[i].name) == 0)
            return (place){ .kind = fixed[i].kind };
    if (!spc && skip_word(&name, "global/"))
        return place_in(GLOBAL_TABLESPACE, 0, name);
    const bool is_base = !spc && skip_word(&name, "base/");
    uint32_t catalog_version = 0;
    if (is_base)
        spc = DEFAULT_TABLESPACE;
    else if (!spc && !skip_word(&name, "pg_tblspc/"))
        return place_in_log(name);
    else if (!spc && (!place_skip_number(&name, &spc) || *name++ != '/'))
        return (place){ 0 };
    if (!is_base && !skip_version_folder(&name, &catalog_version))
        return (place){ 0 };
    if (!place_skip_number(&name, &db) || *name != '/')
        return (place){ 0 };
    place out = place_in(spc, db, name + 1);
    out.catalog_version = catalog_version;
    return out;
}

bool place_is_small(place_kind kind)
{
    return kind >= PLACE_VERSION && kind <= PLACE_MAP;
}

bool place_is_same(const place *x, const place *y)
{
    return x->kind == y->kind && x->spc == y->spc && x->db == y->db && x->node == y->node
           && x->part == y->part;
}

int place_compare(const place *x, const place *y)
{
    if (x->db != y->db)
        return x->db < y->db ? -1 : 1;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    return (x->part > y->part) - (x->part < y->part);
}
