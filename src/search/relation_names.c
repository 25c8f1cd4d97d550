/*
 * relation_names.c - see relation_names.h.
 *
 * What a pass tells is put down as it comes, and sorted when it is over. An object has the versions of those who know
 * best: what was committed, else what a transaction did whose end is not known or that rolled back, else what a server says.
 * Relations of the system have a fixed name and a file of their OID, which count where nobody says anything.
 */
#include "search/relation_names.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/timeline_forks.h"
#include "base/grow.h"
#include "base/log.h"
#include "base/message.h"
#include "base/plural.h"
#include "base/text.h"
#include "scan/unexpected.h"
#include "search/pattern.h"

/* Each pass may learn of catalogs that moved. */
#define PASSES_MAX 32

#define GLOBAL_TABLESPACE 1664
/* access/transam.h: initdb numbers from FirstGenbkiObjectId on, users' objects follow from FirstNormalObjectId on. */
#define FIRST_GENBKI_OID 10000
#define FIRST_NORMAL_OID RELATION_NAMES_FIRST_NORMAL_OID
#define TOAST_PREFIX "pg_toast.pg_toast_"

typedef enum knowledge { KNOWN_COMMITTED, KNOWN_RUNNING, KNOWN_BY_SERVER } knowledge;

/* A name, from an LSN on. */
typedef struct version {
    wp_named_kind kind;
    knowledge by;
    wp_oid db, oid, schema;
    wp_lsn from;
    wp_lsn seen;  /* where it is told: the first one holds from the beginning, too */
    size_t order; /* of equal ones, as they came */
    size_t name;  /* in chars */
} version;

/* Which relation a file belongs to, from an LSN on. */
typedef struct file_version {
    wp_locator file; /* spc 0: that of the database */
    knowledge by;
    wp_oid db, oid; /* where the name is */
    wp_lsn from, seen;
    size_t order;
    char relkind; /* 0: not known */
} file_version;

/* Between two LSNs a name may have changed that nothing here tells. */
typedef struct doubt {
    wp_lsn from, until; /* names told after from and not after until: another one may hold */
    wp_oid db;          /* 0: any */
    _Atomic wp_lsn
        met; /* the first record whose name was asked for and is in doubt; UINT64_MAX: none */
    char text[MESSAGE_BYTES];
} doubt;

/* What the base backup makes good and what not, catalogs that moved, and four reasons for all names. */
#define DOUBTS_MAX (2 + WP_LOST_CATALOGS_MAX + 4)

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
    forks forks;
    doubt *doubts; /* of DOUBTS_MAX; what they met is noted in const names, too */
    size_t ndoubts;
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
    added->seen = what->seen != 0 ? what->seen : what->from;
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
    added->seen = what->from;
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
    forks_note(&n->forks, fact);
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
    n->forks = (forks){ 0 };
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
    /* The only one that initdb numbers. */
    return oid >= FIRST_GENBKI_OID && oid < FIRST_NORMAL_OID ? "information_schema" : NULL;
}

/* The relation as it is from an LSN on, in the schema as it is then (NULL: not known). */
static void add_label(relation_names *n, const version *relation, wp_lsn from, wp_lsn seen,
                      const char *schema)
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
    label.seen = seen;
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
    const wp_lsn seen = now != NULL && now->seen > relation->seen ? now->seen : relation->seen;
    add_label(n, relation, relation->from, seen, now != NULL ? text_chars(&schema) : NULL);
    for (size_t i = 0; i < count; i++) {
        if (schemas[i].from <= relation->from || schemas[i].from >= until)
            continue;
        text_clear(&schema);
        text_add(&schema, n->chars.bytes + schemas[i].name);
        add_label(n, relation, schemas[i].from, schemas[i].seen, text_chars(&schema));
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

/* ---- where they are in doubt -------------------------------------------------------------- */

static doubt *add_doubt(relation_names *n, wp_lsn from, wp_oid db, const char *why)
{
    doubt *added = &n->doubts[n->ndoubts++];
    *added = (doubt){ .from = from, .until = UINT64_MAX, .db = db };
    atomic_init(&added->met, UINT64_MAX);
    (void)snprintf(added->text, sizeof added->text, "%s", why);
    return added;
}

/* What lies before the start of the base backup changes nothing after it: the backup has all names. */
static void doubt_damage(relation_names *n, const scan_result *seen, wp_lsn backup_lsn,
                         uint32_t segment_size)
{
    const size_t listed = seen->ndamages < SCAN_DAMAGES_MAX ? seen->ndamages : SCAN_DAMAGES_MAX;
    doubt *parts[2] = { NULL, NULL };
    size_t places[2] = { 0, 0 };
    for (size_t i = 0; i < listed; i++) {
        const scan_damage *damage = &seen->damages[i];
        const bool is_before =
            scan_damage_end(damage->from, damage->until, segment_size) <= backup_lsn;
        if (places[is_before]++ == 0)
            parts[is_before] = add_doubt(n, damage->from, 0, damage->text);
        if (damage->from < parts[is_before]->from)
            parts[is_before]->from = damage->from;
        if (is_before)
            parts[is_before]->until = backup_lsn;
    }
    places[0] += seen->ndamages - listed;
    for (int i = 0; i < 2; i++) {
        if (parts[i] == NULL)
            continue;
        char first[300]; /* with all that follows it stays below MESSAGE_BYTES */
        (void)snprintf(first, sizeof first, "%.*s", (int)sizeof first - 1, parts[i]->text);
        const size_t more = places[i] - 1;
        char others[64] = "";
        if (more > 0)
            (void)snprintf(others, sizeof others, ", and in %zu more place%s,", more, plural(more));
        (void)snprintf(parts[i]->text, sizeof parts[i]->text,
                       "%s: what was created or renamed there%s is not known, so names may be "
                       "of another time than their records",
                       first, others);
    }
}

static bool tells_names(wp_oid catalog)
{
    return catalog == 1259 || catalog == 2615
           || catalog == 1262; /* pg_class, pg_namespace, pg_database */
}

/* Changes of a catalog that lies elsewhere are not seen. */
static void doubt_lost(relation_names *n, const scan_result *seen)
{
    for (size_t i = 0; i < seen->nlost; i++) {
        const scan_lost *lost = &seen->lost[i];
        char lsn[WP_LSN_TEXT_BYTES], why[MESSAGE_BYTES];
        (void)snprintf(
            why, sizeof why,
            "%s%s%s %s before this WAL tells of it (transaction %u, which ended at %s, "
            "changed it): names may be old ones. --backup with a base backup, or more of the "
            "older WAL, may tell them",
            lost->what.name, lost->database[0] != '\0' ? " of database " : "", lost->database,
            lost->what.is_certain ? "was moved" : "may have been changed or moved", lost->what.xid,
            wp_lsn_format(lost->what.lsn, lsn));
        if (tells_names(lost->what.catalog))
            add_doubt(n, lost->what.is_certain ? 0 : lost->what.lsn, lost->what.db, why);
    }
}

static void doubt_unexpected(relation_names *n, const scan_result *seen)
{
    text_list lines = { 0 };
    unexpected_warn(&seen->unexpected, n->profile, &lines);
    if (seen->unexpected.total > 0)
        add_doubt(n, 0, 0,
                  lines.count > 0 ? lines.items[0] : "records here are unlike those of this major");
    text_list_free(&lines);
}

static void doubt_forks(relation_names *n, const archive *wal)
{
    for (size_t i = 0; i < n->forks.count; i++) {
        const fork_place *one = &n->forks.items[i];
        if (!forks_contradict(one, timeline_tree_find(&wal->timeline_tree, one->tli)))
            continue;
        add_doubt(n, one->lsn, 0,
                  "where a timeline begins is told in two ways, so WAL with names may be left out");
        return;
    }
}

static void take_doubts(relation_names *n, const sources *from, const scan_result *seen)
{
    const archive *wal = from->wal;
    const wp_lsn backup_lsn = from->base != NULL ? from->base->seed.lsn : 0;
    doubt_damage(n, seen, backup_lsn, wal->info.segment_size);
    if (wal->segments[0].start_lsn > backup_lsn && backup_lsn != 0)
        add_doubt(
            n, 0, 0,
            "WAL between the base backup's start and the beginning of this WAL is missing: names "
            "that were given there are not known");
    doubt_lost(n, seen);
    doubt_unexpected(n, seen);
    doubt_forks(n, wal);
    if (n->has_forgotten || (seen->warnings & (WP_WARN_NAMES_FORGOTTEN | WP_WARN_XACTS_FORGOTTEN)))
        add_doubt(
            n, 0, 0,
            "there are more relations or unfinished transactions than names are kept of: some "
            "names are missing or old");
}

static bool is_in_doubt(const doubt *d, wp_oid db, wp_lsn lsn, wp_lsn seen)
{
    const bool is_after = lsn >= d->from && lsn < d->until;
    const bool is_told_after = lsn < d->from && seen > d->from;
    return (d->db == 0 || d->db == db) && (is_after || is_told_after);
}

/* seen: where the name is told. */
static void note_asked(const relation_names *n, wp_oid db, wp_lsn at, wp_lsn seen)
{
    const wp_lsn lsn = at < UINT64_MAX ? at : UINT64_MAX - 1; /* the last names of all */
    for (size_t i = 0; i < n->ndoubts; i++) {
        doubt *d = &n->doubts[i];
        wp_lsn met = atomic_load_explicit(&d->met, memory_order_relaxed);
        while (lsn < met && is_in_doubt(d, db, lsn, seen)
               && !atomic_compare_exchange_weak(&d->met, &met, lsn)) {
        }
    }
}

void relation_names_ask_database(const relation_names *names, wp_oid db, wp_lsn lsn)
{
    note_asked(names, db, lsn, 0);
}

bool relation_names_tell_doubts(const relation_names *names, wp_lsn last)
{
    bool is_doubtful = false;
    for (size_t i = 0; names != NULL && i < names->ndoubts; i++) {
        const wp_lsn met = atomic_load(&names->doubts[i].met);
        if (met == UINT64_MAX || met > last)
            continue;
        log_warning("%s", names->doubts[i].text);
        is_doubtful = true;
    }
    return is_doubtful;
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
        take_doubts(n, from, &seen);
        return true;
    }
    return message_fail(message, "catalogs seem to move without end: is the WAL damaged?");
}

bool relation_names_read(const question *q, const sources *from, relation_names **out,
                         char message[MESSAGE_BYTES])
{
    relation_names *n = calloc(1, sizeof *n);
    if (n != NULL)
        n->doubts = calloc(DOUBTS_MAX, sizeof *n->doubts);
    scan *scanner = scan_new(from->wal, from->base != NULL ? &from->base->seed : NULL);
    bool is_good = n != NULL && n->doubts != NULL && scanner != NULL;
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
    free(n->doubts);
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

/* *seen: where it is told, if that is later than it is. */
static const char *name_at(const relation_names *n, wp_oid db, wp_oid oid, wp_lsn lsn, wp_lsn *seen)
{
    size_t count;
    const version *first = find_object(&n->labels, WP_NAMED_RELATION, db, oid, &count);
    if (first != NULL) {
        const version *found = version_at(first, count, lsn);
        *seen = found->seen > *seen ? found->seen : *seen;
        return n->chars.bytes + found->name;
    }
    const wp_system_relation *system = wp_profile_system_relation(n->profile, oid);
    return system != NULL ? system->name : NULL;
}

const char *relation_names_of_oid(const relation_names *n, wp_oid db, wp_oid oid, wp_lsn lsn)
{
    wp_lsn seen = 0;
    const char *name = name_at(n, db, oid, lsn, &seen);
    note_asked(n, db, lsn, seen);
    return name;
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

/* *db, *oid: where the name of the relation is. *seen: where it is told whose file it is. */
static bool find_relation(const relation_names *n, const wp_locator *file, wp_lsn lsn, wp_oid *db,
                          wp_oid *oid, wp_lsn *seen)
{
    *seen = 0;
    const file_version *found = find_file(n, file, lsn);
    if (found != NULL) {
        *db = found->db;
        *oid = found->oid;
        *seen = found->seen;
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
    wp_lsn seen;
    const char *name =
        find_relation(n, file, lsn, &db, &oid, &seen) ? name_at(n, db, oid, lsn, &seen) : NULL;
    note_asked(n, file->db, lsn, seen);
    return name;
}

char relation_names_kind_of_file(const relation_names *n, const wp_locator *file, wp_lsn lsn)
{
    const file_version *found = find_file(n, file, lsn);
    return found != NULL ? found->relkind : '\0';
}

/* A version of the file by which it is a catalog's. NULL: there is none. */
static const file_version *catalog_file(const relation_names *n, const wp_locator *file)
{
    const file_version *it = file_at(n, file, 0), *end = n->files.items + n->files.count;
    for (; it != NULL && it < end && compare_locators(&it->file, file) == 0; it++)
        if (it->oid < FIRST_NORMAL_OID)
            return it;
    return NULL;
}

bool relation_names_relation_of_file(const relation_names *n, const wp_locator *file, wp_lsn lsn,
                                     wp_oid *relation)
{
    wp_oid db;
    wp_lsn seen;
    const wp_locator own = { .db = file->db, .rel = file->rel };
    const file_version *catalog = catalog_file(n, file);
    if (catalog == NULL && file->db != 0)
        catalog = catalog_file(n, &own);
    if (catalog != NULL)
        *relation = catalog->oid;
    return catalog != NULL || find_relation(n, file, lsn, &db, relation, &seen);
}

const char *relation_names_of_toasted(const relation_names *n, const wp_locator *file, wp_lsn lsn)
{
    wp_oid db, oid;
    wp_lsn seen;
    if (!find_relation(n, file, lsn, &db, &oid, &seen))
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

static bool is_number(const char *name)
{
    return name[strspn(name, "0123456789")] == '\0';
}

/* Has this one, that every cluster has, the name, and nothing tells another? */
static bool is_fixed_name(const relation_names *n, wp_oid db, const char *name)
{
    size_t count;
    const char *fixed = wp_profile_fixed_database(n->profile, db);
    return fixed != NULL && strcmp(fixed, name) == 0
           && find_object(&n->objects, WP_NAMED_DATABASE, 0, db, &count) == NULL;
}

/* Has one of those? */
static bool is_name_fixed(const relation_names *n, const char *name)
{
    for (wp_oid db = 1; db < FIRST_NORMAL_OID; db++)
        if (is_fixed_name(n, db, name))
            return true;
    return false;
}

bool relation_names_have_database(const relation_names *names, const char *database)
{
    const version *objects = names->objects.items;
    for (size_t i = 0; i < names->objects.count; i++)
        if (objects[i].kind == WP_NAMED_DATABASE
            && strcmp(names->chars.bytes + objects[i].name, database) == 0)
            return true;
    return is_number(database) || is_name_fixed(names, database);
}

bool relation_names_may_be_database(const relation_names *names, wp_oid db, const char *database)
{
    char number[16];
    (void)snprintf(number, sizeof number, "%" PRIu32, db);
    if (strcmp(number, database) == 0)
        return true;
    size_t count;
    const version *known = find_object(&names->objects, WP_NAMED_DATABASE, 0, db, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(names->chars.bytes + known[i].name, database) == 0)
            return true;
    const char *fixed = wp_profile_fixed_database(names->profile, db);
    if (known != NULL || fixed != NULL)
        return known == NULL && strcmp(fixed, database) == 0;
    return db != 0 && !is_number(database) && !is_name_fixed(names, database);
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
        if (is_fixed_name(n, db, a->database) && !add_database(a, db))
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

/* Of those that initdb numbers only these have files, and the TOAST tables of tables that it numbers: catalog/information_schema.sql. */
static const char *const initdb_tables[] = {
    "information_schema.sql_features",        "information_schema.sql_implementation_info",
    "information_schema.sql_languages",       "information_schema.sql_packages",
    "information_schema.sql_parts",           "information_schema.sql_sizing",
    "information_schema.sql_sizing_profiles",
};

bool relation_names_may_be_of_initdb(const char *pattern, bool *out, char message[MESSAGE_BYTES])
{
    asking a = { .message = message };
    pattern_answer is = PATTERN_NO;
    bool is_good = true;
    char name[64];
    a.pattern = pattern_new(pattern, message);
    if (a.pattern == NULL)
        return false;
    for (size_t i = 0; i < sizeof initdb_tables / sizeof initdb_tables[0] && is_good; i++)
        is_good = is_named(&a, initdb_tables[i], &is);
    for (wp_oid oid = FIRST_GENBKI_OID; oid < FIRST_NORMAL_OID && is_good && is != PATTERN_YES;
         oid++) {
        (void)snprintf(name, sizeof name, TOAST_PREFIX "%" PRIu32, oid);
        is_good = is_named(&a, name, &is);
        (void)snprintf(name, sizeof name, TOAST_PREFIX "%" PRIu32 "_index", oid);
        is_good = is_good && is_named(&a, name, &is);
    }
    pattern_free(a.pattern);
    *out = is != PATTERN_NO;
    return is_good;
}
