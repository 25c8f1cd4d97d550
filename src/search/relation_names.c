/*
 * relation_names.c - see relation_names.h.
 *
 * What a pass tells is put down as it comes, and sorted when it is over. An object has the versions of those who know
 * best: what was committed, else what a transaction did whose end is not known or that rolled back, else what a server says.
 * Relations of the system have a fixed name and a file of their OID, which count where nobody says anything.
 */
#include "search/relation_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/log.h"
#include "base/message.h"
#include "base/text.h"
#include "search/pattern.h"

/* Each pass may learn of catalogs that moved. */
#define PASSES_MAX 32

#define GLOBAL_TABLESPACE 1664
#define FIRST_NORMAL_OID 16384
#define TOAST_PREFIX "pg_toast.pg_toast_"

typedef enum knowledge { KNOWN_COMMITTED, KNOWN_RUNNING, KNOWN_BY_SERVER } knowledge;

/* A name, from an LSN on. */
typedef struct version {
    wp_named_kind kind;
    knowledge by;
    wp_oid db, oid, schema;
    wp_lsn from;
    size_t order; /* of equal ones, as they came */
    size_t name;  /* in chars */
} version;

/* Which relation a file belongs to, from an LSN on. */
typedef struct file_version {
    wp_locator file; /* spc 0: that of the database */
    knowledge by;
    wp_oid db, oid; /* where the name is */
    wp_lsn from;
    size_t order;
    char relkind; /* 0: not known */
} file_version;

typedef struct versions {
    version *items;
    size_t count, room;
} versions;

typedef struct file_versions {
    file_version *items;
    size_t count, room;
} file_versions;

struct relation_names {
    const wp_profile *profile;
    versions objects; /* their own names */
    versions labels;  /* of relations, with that of the schema */
    file_versions files;
    text chars;
    bool is_failed; /* memory is out */
    bool has_forgotten;
};

static const struct {
    wp_oid oid;
    const char *name;
} fixed_schemas[] = { { 11, "pg_catalog" }, { 99, "pg_toast" }, { 2200, "public" } };

/* ---- a pass ------------------------------------------------------------------------------- */

static bool has_room(relation_names *n, size_t more)
{
    const size_t bytes = n->objects.count * sizeof(version) + n->files.count * sizeof(file_version)
                         + n->labels.count * sizeof(version) + n->chars.len;
    n->has_forgotten = n->has_forgotten || bytes + more > RELATION_NAMES_BYTES_MAX;
    return !n->has_forgotten && !n->is_failed;
}

static void add_version(relation_names *n, versions *to, const version *what, const char *name)
{
    const size_t bytes = strlen(name) + 1;
    if (!has_room(n, sizeof *what + bytes))
        return;
    version *added = GROW(to->items, to->count, to->room);
    n->is_failed = added == NULL;
    if (added == NULL)
        return;
    *added = *what;
    added->order = to->count;
    added->name = n->chars.len;
    text_add_bytes(&n->chars, name, bytes);
    n->is_failed = n->chars.failed;
}

static void add_file(relation_names *n, const file_version *what)
{
    if (!has_room(n, sizeof *what))
        return;
    file_version *added = GROW(n->files.items, n->files.count, n->files.room);
    n->is_failed = added == NULL;
    if (added == NULL)
        return;
    *added = *what;
    added->order = n->files.count;
    if (added->file.spc == GLOBAL_TABLESPACE)
        added->file.db = 0;
    else if (added->file.db == 0)
        added->file.spc = GLOBAL_TABLESPACE;
}

static knowledge known_by(const wp_named_object *object)
{
    if (object->source == WP_NAME_FROM_SERVER)
        return KNOWN_BY_SERVER;
    return object->is_committed ? KNOWN_COMMITTED : KNOWN_RUNNING;
}

static void take_object(void *context, const wp_named_object *object)
{
    relation_names *n = context;
    const bool is_relation = object->kind == WP_NAMED_RELATION;
    const version named = { .kind = object->kind,
                            .by = known_by(object),
                            .db = object->db,
                            .oid = object->oid,
                            .schema = object->schema,
                            .from = object->lsn };
    if (is_relation && object->persistence == 't')
        return; /* no WAL is written of it */
    add_version(n, &n->objects, &named,
                object->kind == WP_NAMED_DATABASE ? object->name : object->quoted);
    const file_version file = { .file = { object->tablespace, object->db, object->filenode },
                                .by = named.by,
                                .db = object->db,
                                .oid = object->oid,
                                .from = object->lsn,
                                .relkind = object->relkind };
    if (is_relation && file.file.rel != 0) /* a mapped one has its place in the map */
        add_file(n, &file);
}

static void take_fact(void *context, const wp_fact *fact)
{
    relation_names *n = context;
    if (fact->kind != WP_FACT_RELMAP)
        return;
    const wp_fact_relmap *map = (const void *)fact;
    for (uint32_t i = 0; i < map->nentries; i++)
        add_file(n, &(file_version){ .file = { 0, map->db, map->entries[i].filenode },
                                     .db = map->db,
                                     .oid = map->entries[i].catalog,
                                     .from = fact->lsn });
}

static void restart(relation_names *n, const scan_seed *seed)
{
    n->objects.count = n->labels.count = n->files.count = 0;
    text_clear(&n->chars);
    n->has_forgotten = false;
    for (size_t i = 0; seed != NULL && i < seed->nmoved; i++) {
        const wp_catalog_file *moved = &seed->moved[i];
        add_file(n, &(file_version){ .file = { 0, moved->db, moved->filenode },
                                     .db = moved->db,
                                     .oid = moved->catalog });
    }
}

/* ---- what the passes told, put in order --------------------------------------------------- */

#define ORDER(x, y)    \
    do {               \
        if ((x) < (y)) \
            return -1; \
        if ((x) > (y)) \
            return 1;  \
    } while (0)

static int compare_keys(const version *a, wp_named_kind kind, wp_oid db, wp_oid oid)
{
    ORDER(a->kind, kind);
    ORDER(a->db, db);
    ORDER(a->oid, oid);
    return 0;
}

static int compare_versions(const void *x, const void *y)
{
    const version *a = x, *b = y;
    const int keys = compare_keys(a, b->kind, b->db, b->oid);
    if (keys != 0)
        return keys;
    ORDER(a->by, b->by);
    ORDER(a->from, b->from);
    ORDER(a->order, b->order);
    return 0;
}

static int compare_locators(const wp_locator *a, const wp_locator *b)
{
    ORDER(a->db, b->db);
    ORDER(a->rel, b->rel);
    ORDER(a->spc, b->spc);
    return 0;
}

static int compare_files(const void *x, const void *y)
{
    const file_version *a = x, *b = y;
    const int keys = compare_locators(&a->file, &b->file);
    if (keys != 0)
        return keys;
    ORDER(a->by, b->by);
    ORDER(a->from, b->from);
    ORDER(a->order, b->order);
    return 0;
}

/* Of each object what the best know, one version an LSN. The first holds from the beginning: nothing older is known. */
static void keep_versions(versions *all)
{
    size_t kept = 0;
    if (all->count > 0)
        qsort(all->items, all->count, sizeof *all->items, compare_versions);
    for (size_t i = 0; i < all->count; i++) {
        version *it = &all->items[i], *last = kept > 0 ? &all->items[kept - 1] : NULL;
        const bool is_same = last != NULL && compare_keys(last, it->kind, it->db, it->oid) == 0;
        if (is_same && it->by > last->by)
            continue;
        if (is_same && it->from == last->from)
            *last = *it;
        else
            all->items[kept++] = *it;
    }
    all->count = kept;
    for (size_t i = 0; i < kept; i++) {
        version *it = &all->items[i];
        if (i == 0 || compare_keys(&all->items[i - 1], it->kind, it->db, it->oid) != 0)
            it->from = 0;
    }
}

static void keep_files(file_versions *all)
{
    size_t kept = 0;
    if (all->count > 0)
        qsort(all->items, all->count, sizeof *all->items, compare_files);
    for (size_t i = 0; i < all->count; i++) {
        file_version *it = &all->items[i], *last = kept > 0 ? &all->items[kept - 1] : NULL;
        const bool is_same = last != NULL && compare_locators(&last->file, &it->file) == 0;
        if (is_same && it->by > last->by)
            continue;
        if (is_same && it->from == last->from)
            *last = *it;
        else
            all->items[kept++] = *it;
    }
    all->count = kept;
    for (size_t i = 0; i < kept; i++)
        if (i == 0 || compare_locators(&all->items[i - 1].file, &all->items[i].file) != 0)
            all->items[i].from = 0;
}

/* The first version of an object; *count: of all it has. NULL: none. */
static const version *find_object(const versions *in, wp_named_kind kind, wp_oid db, wp_oid oid,
                                  size_t *count)
{
    size_t low = 0, high = in->count;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (compare_keys(&in->items[mid], kind, db, oid) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    size_t end = low;
    while (end < in->count && compare_keys(&in->items[end], kind, db, oid) == 0)
        end++;
    *count = end - low;
    return end > low ? &in->items[low] : NULL;
}

static const char *fixed_schema(wp_oid oid)
{
    for (size_t i = 0; i < sizeof fixed_schemas / sizeof fixed_schemas[0]; i++)
        if (fixed_schemas[i].oid == oid)
            return fixed_schemas[i].name;
    return NULL;
}

/* The relation as it is from an LSN on, in the schema as it is then (NULL: not known). */
static void add_label(relation_names *n, const version *relation, wp_lsn from, const char *schema)
{
    const char *fixed = schema != NULL ? schema : fixed_schema(relation->schema);
    version label = *relation;
    text name = { 0 };
    if (fixed != NULL)
        text_addf(&name, "%s.", fixed);
    else
        text_addf(&name, "[%" PRIu32 "].", relation->schema);
    text_add(&name, n->chars.bytes + relation->name);
    label.from = from;
    n->is_failed = n->is_failed || name.failed;
    add_version(n, &n->labels, &label, text_chars(&name));
    text_free(&name);
}

/* until: where the next version of the relation begins. */
static void label_relation(relation_names *n, const version *relation, wp_lsn until)
{
    size_t count = 0;
    const version *schemas =
        find_object(&n->objects, WP_NAMED_SCHEMA, relation->db, relation->schema, &count);
    const version *now = NULL;
    for (size_t i = 0; i < count && schemas[i].from <= relation->from; i++)
        now = &schemas[i];
    text schema = { 0 };
    if (now != NULL)
        text_add(&schema, n->chars.bytes + now->name);
    add_label(n, relation, relation->from, now != NULL ? text_chars(&schema) : NULL);
    for (size_t i = 0; i < count; i++) {
        if (schemas[i].from <= relation->from || schemas[i].from >= until)
            continue;
        text_clear(&schema);
        text_add(&schema, n->chars.bytes + schemas[i].name);
        add_label(n, relation, schemas[i].from, text_chars(&schema));
    }
    n->is_failed = n->is_failed || schema.failed;
    text_free(&schema);
}

static void label_all(relation_names *n)
{
    for (size_t i = 0; i < n->objects.count; i++) {
        const version *it = &n->objects.items[i];
        const version *next = i + 1 < n->objects.count ? it + 1 : NULL;
        const bool has_next = next != NULL && compare_keys(next, it->kind, it->db, it->oid) == 0;
        if (it->kind == WP_NAMED_RELATION)
            label_relation(n, it, has_next ? next->from : UINT64_MAX);
    }
}

/* A relation that all databases share has its row in each of them. */
static void place_shared(relation_names *n)
{
    for (size_t i = 0; i < n->files.count && n->files.items[i].file.db == 0; i++) {
        file_version *it = &n->files.items[i];
        for (size_t k = 0; it->db == 0 && k < n->labels.count; k++)
            if (n->labels.items[k].oid == it->oid)
                it->db = n->labels.items[k].db;
    }
}

static bool put_in_order(relation_names *n)
{
    keep_versions(&n->objects);
    keep_files(&n->files);
    label_all(n);
    place_shared(n);
    return !n->is_failed;
}

/* ---- reading ------------------------------------------------------------------------------ */

static bool read_passes(relation_names *n, const question *q, const sources *from, scan *scanner,
                        char message[MESSAGE_BYTES])
{
    scan_result seen;
    const scan_seed *seed = from->base != NULL ? &from->base->seed : NULL;
    const scan_config config = {
        .jobs = q->jobs,
        .skip_dml = true,
        .include_temporary = true,
        .tells_cut_ends = true,
        .external_names = from->external_names,
        .show_progress = log_is_live(),
        .callbacks = { .context = n, .on_object = take_object, .on_fact = take_fact },
        .stop = &n->is_failed
    };
    for (int i = 0; i < PASSES_MAX; i++) {
        restart(n, seed);
        const scan_outcome outcome = scan_run(scanner, &config, &seen, message);
        if (outcome == SCAN_FAILED)
            return false;
        if (n->is_failed || (outcome != SCAN_AGAIN && !put_in_order(n)))
            return message_no_memory(message);
        if (outcome == SCAN_AGAIN)
            continue;
        if (n->has_forgotten || (seen.warnings & WP_WARN_NAMES_FORGOTTEN))
            log_warning("there are more relations than names are kept of: some have none");
        return true;
    }
    return message_fail(message, "catalogs seem to move without end: is the WAL damaged?");
}

bool relation_names_read(const question *q, const sources *from, relation_names **out,
                         char message[MESSAGE_BYTES])
{
    relation_names *n = calloc(1, sizeof *n);
    scan *scanner = scan_new(from->wal, from->base != NULL ? &from->base->seed : NULL);
    bool is_good = n != NULL && scanner != NULL;
    if (!is_good) {
        message_no_memory(message);
    } else {
        n->profile = from->wal->info.profile;
        is_good = read_passes(n, q, from, scanner, message);
    }
    scan_free(scanner);
    if (!is_good) {
        relation_names_free(n);
        n = NULL;
    }
    *out = n;
    return is_good;
}

void relation_names_free(relation_names *n)
{
    if (n == NULL)
        return;
    free(n->objects.items);
    free(n->labels.items);
    free(n->files.items);
    text_free(&n->chars);
    free(n);
}

/* ---- looking up --------------------------------------------------------------------------- */

/* The last of some versions that is not after lsn. */
static const version *version_at(const version *first, size_t count, wp_lsn lsn)
{
    const version *found = first;
    for (size_t i = 1; i < count && first[i].from <= lsn; i++)
        found = &first[i];
    return found;
}

const char *relation_names_of_oid(const relation_names *n, wp_oid db, wp_oid oid, wp_lsn lsn)
{
    size_t count;
    const version *first = find_object(&n->labels, WP_NAMED_RELATION, db, oid, &count);
    if (first != NULL)
        return n->chars.bytes + version_at(first, count, lsn)->name;
    const wp_system_relation *system = wp_profile_system_relation(n->profile, oid);
    return system != NULL ? system->name : NULL;
}

/* NULL: none. */
static const file_version *file_at(const relation_names *n, const wp_locator *file, wp_lsn lsn)
{
    size_t low = 0, high = n->files.count;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (compare_locators(&n->files.items[mid].file, file) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    const file_version *found = NULL;
    for (; low < n->files.count && compare_locators(&n->files.items[low].file, file) == 0; low++) {
        if (found != NULL && n->files.items[low].from > lsn)
            break;
        found = &n->files.items[low];
    }
    return found;
}

/* The same; its tablespace may be that of its database. */
static const file_version *find_file(const relation_names *n, const wp_locator *file, wp_lsn lsn)
{
    const wp_locator own = { .db = file->db, .rel = file->rel };
    const file_version *found = file_at(n, file, lsn);
    return found == NULL && file->db != 0 ? file_at(n, &own, lsn) : found;
}

/* *db, *oid: where the name of the relation is. */
static bool find_relation(const relation_names *n, const wp_locator *file, wp_lsn lsn, wp_oid *db,
                          wp_oid *oid)
{
    const file_version *found = find_file(n, file, lsn);
    if (found != NULL) {
        *db = found->db;
        *oid = found->oid;
        return true;
    }
    const wp_system_relation *system = wp_profile_system_relation(n->profile, file->rel);
    *db = file->db;
    *oid = file->rel;
    return system != NULL && system->is_shared == (file->db == 0)
           && system->is_shared == (file->spc == GLOBAL_TABLESPACE);
}

const char *relation_names_of_file(const relation_names *n, const wp_locator *file, wp_lsn lsn)
{
    wp_oid db, oid;
    return find_relation(n, file, lsn, &db, &oid) ? relation_names_of_oid(n, db, oid, lsn) : NULL;
}

char relation_names_kind_of_file(const relation_names *n, const wp_locator *file, wp_lsn lsn)
{
    const file_version *found = find_file(n, file, lsn);
    return found != NULL ? found->relkind : '\0';
}

const char *relation_names_of_toasted(const relation_names *n, const wp_locator *file, wp_lsn lsn)
{
    wp_oid db, oid;
    if (!find_relation(n, file, lsn, &db, &oid))
        return NULL;
    const char *name = relation_names_of_oid(n, db, oid, lsn);
    if (name == NULL || strncmp(name, TOAST_PREFIX, sizeof TOAST_PREFIX - 1) != 0)
        return NULL;
    char *end;
    const unsigned long table = strtoul(name + sizeof TOAST_PREFIX - 1, &end, 10);
    const bool is_toast = *end == '\0' || strcmp(end, "_index") == 0;
    return is_toast ? relation_names_of_oid(n, db, (wp_oid)table, lsn) : NULL;
}

const char *relation_names_of_database(const relation_names *n, wp_oid db)
{
    size_t count;
    const version *first = find_object(&n->objects, WP_NAMED_DATABASE, 0, db, &count);
    return first != NULL ? n->chars.bytes + first[count - 1].name
                         : wp_profile_fixed_database(n->profile, db);
}

/* ---- by a pattern ------------------------------------------------------------------------- */

typedef struct asking {
    const relation_names *names;
    compiled_pattern *pattern;
    const char *database; /* NULL: any */
    wp_oid *databases;    /* those that are called so, or have this number */
    size_t ndatabases, databases_room;
    relation_files *out;
    char *message;
} asking;

static bool add_database(asking *a, wp_oid db)
{
    wp_oid *added = GROW(a->databases, a->ndatabases, a->databases_room);
    if (added == NULL)
        return message_no_memory(a->message);
    *added = db;
    return true;
}

static bool is_fixed_database(const asking *a, wp_oid db)
{
    size_t count;
    const char *fixed = wp_profile_fixed_database(a->names->profile, db);
    return fixed != NULL && strcmp(fixed, a->database) == 0
           && find_object(&a->names->objects, WP_NAMED_DATABASE, 0, db, &count) == NULL;
}

static bool find_databases(asking *a)
{
    const relation_names *n = a->names;
    char *end, number[24];
    const unsigned long long value = strtoull(a->database, &end, 10);
    (void)snprintf(number, sizeof number, "%llu", value);
    if (strcmp(number, a->database) == 0 && value <= UINT32_MAX && !add_database(a, (wp_oid)value))
        return false;
    for (size_t i = 0; i < n->objects.count; i++) {
        const version *it = &n->objects.items[i];
        if (it->kind == WP_NAMED_DATABASE && strcmp(n->chars.bytes + it->name, a->database) == 0
            && !add_database(a, it->oid))
            return false;
    }
    for (wp_oid db = 1; db < FIRST_NORMAL_OID; db++)
        if (is_fixed_database(a, db) && !add_database(a, db))
            return false;
    return true;
}

static bool is_database(const asking *a, wp_oid db)
{
    for (size_t i = 0; i < a->ndatabases; i++)
        if (a->databases[i] == db)
            return true;
    return a->database == NULL;
}

static bool take_file(asking *a, const wp_locator *file)
{
    wp_locator *added = GROW(a->out->items, a->out->count, a->out->room);
    if (added == NULL)
        return message_no_memory(a->message);
    *added = *file;
    return true;
}

/* False: the pattern cannot be matched. */
static bool is_named(asking *a, const char *name, pattern_answer *is)
{
    const pattern_answer answer = pattern_match(a->pattern, UINT32_MAX, name);
    *is = answer > *is ? answer : *is;
    return answer != PATTERN_FAILED || message_fail(a->message, "%s", pattern_failure(a->pattern));
}

static bool match_file(asking *a, const file_version *file)
{
    size_t count;
    pattern_answer is = PATTERN_NO;
    const version *labels =
        find_object(&a->names->labels, WP_NAMED_RELATION, file->db, file->oid, &count);
    for (size_t i = 0; i < count && is != PATTERN_YES; i++)
        if (!is_named(a, a->names->chars.bytes + labels[i].name, &is))
            return false;
    const wp_system_relation *system =
        labels == NULL ? wp_profile_system_relation(a->names->profile, file->oid) : NULL;
    if (system != NULL && !is_named(a, system->name, &is))
        return false;
    a->out->maybe += is == PATTERN_MAYBE;
    return is != PATTERN_YES || take_file(a, &file->file);
}

static bool take_system_file(asking *a, const wp_system_relation *system)
{
    if (system->is_shared)
        return !is_database(a, 0)
               || take_file(a, &(wp_locator){ .spc = GLOBAL_TABLESPACE, .rel = system->oid });
    if (a->database == NULL)
        return take_file(a, &(wp_locator){ .rel = system->oid });
    for (size_t i = 0; i < a->ndatabases; i++)
        if (a->databases[i] != 0
            && !take_file(a, &(wp_locator){ .db = a->databases[i], .rel = system->oid }))
            return false;
    return true;
}

/* Files in which relations of the system lie from the beginning, in databases of which nothing else is known, too. */
static bool match_system(asking *a)
{
    const wp_system_relation *system = NULL;
    while ((system = wp_profile_system_relation_after(a->names->profile, system ? system->oid : 0))
           != NULL) {
        pattern_answer is = PATTERN_NO;
        if (!is_named(a, system->name, &is) || (is == PATTERN_YES && !take_system_file(a, system)))
            return false;
    }
    return true;
}

static int compare_taken(const void *x, const void *y)
{
    return compare_locators(x, y);
}

static void sort_files(relation_files *files)
{
    size_t kept = 0;
    if (files->count > 0)
        qsort(files->items, files->count, sizeof *files->items, compare_taken);
    for (size_t i = 0; i < files->count; i++)
        if (kept == 0 || compare_locators(&files->items[kept - 1], &files->items[i]) != 0)
            files->items[kept++] = files->items[i];
    files->count = kept;
}

static bool match_all(asking *a)
{
    const relation_names *n = a->names;
    if (a->database != NULL && !find_databases(a))
        return false;
    for (size_t i = 0; i < n->files.count; i++)
        if (is_database(a, n->files.items[i].file.db) && !match_file(a, &n->files.items[i]))
            return false;
    return match_system(a);
}

bool relation_names_files(const relation_names *names, const char *pattern, const char *database,
                          relation_files *out, char message[MESSAGE_BYTES])
{
    asking a = { .names = names, .database = database, .out = out, .message = message };
    a.pattern = pattern_new(pattern, message);
    if (a.pattern == NULL)
        return false;
    const bool is_good = match_all(&a);
    pattern_free(a.pattern);
    free(a.databases);
    sort_files(out);
    return is_good;
}
