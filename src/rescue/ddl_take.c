/*
 * ddl_take.c - takes rows of catalogs by the names of their columns; those that a major does not have are zero.
 */
#include "rescue/ddl_take.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum { /* catalogs, by OID */
       PG_TYPE = 1247,
       PG_ATTRIBUTE = 1249,
       PG_PROC = 1255,
       PG_CLASS = 1259,
       PG_SEQUENCE = 2224,
       PG_AM = 2601,
       PG_ATTRDEF = 2604,
       PG_CONSTRAINT = 2606,
       PG_DEPEND = 2608,
       PG_DESCRIPTION = 2609,
       PG_INDEX = 2610,
       PG_INHERITS = 2611,
       PG_OPCLASS = 2616,
       PG_OPERATOR = 2617,
       PG_REWRITE = 2618,
       PG_TRIGGER = 2620,
       PG_EXTENSION = 3079,
       PG_POLICY = 3256,
       PG_STATISTIC_EXT = 3381,
       PG_COLLATION = 3456,
       PG_ENUM = 3501,
       PG_RANGE = 3541
};

static wp_oid oid_of(const catalog_row *row, const char *column)
{
    return (wp_oid)catalog_row_number(row, column);
}

static bool is_true(const catalog_row *row, const char *column)
{
    return catalog_row_number(row, column) != 0;
}

/* Of free(). NULL: it is NULL; or memory is out, and then c says so. */
static char *text_of(ddl_catalogs *c, const catalog_row *row, const char *column)
{
    if (!catalog_row_has(row, column))
        return NULL;
    wp_text read = { 0 };
    const size_t len = catalog_row_text(row, column, &read) ? read.len : 0;
    char *chars = malloc(len + 1);
    if (chars) {
        if (len > 0)
            memcpy(chars, read.bytes, len);
        chars[len] = '\0';
    } else {
        c->is_out_of_memory = true;
    }
    wp_text_free(&read);
    return chars;
}

static void name_of(const catalog_row *row, const char *column, char name[WP_NAME_BYTES])
{
    wp_text read = { 0 };
    size_t len = catalog_row_text(row, column, &read) ? read.len : 0;
    if (len >= WP_NAME_BYTES)
        len = WP_NAME_BYTES - 1;
    if (len > 0)
        memcpy(name, read.bytes, len);
    name[len] = '\0';
    wp_text_free(&read);
}

/* A new row; NULL and c says so: memory is out. */
#define ADD(c, list) new_row(c, GROW((c)->list.items, (c)->list.count, (c)->list.room))

static void *new_row(ddl_catalogs *c, void *row)
{
    c->is_out_of_memory |= !row;
    return row;
}

/* ---- objects with a name ---- */

static void take_object(ddl_object *to, const catalog_row *row, const char *prefix)
{
    if (!to)
        return;
    char column[24];
    *to = (ddl_object){ .oid = oid_of(row, "oid"), .is_default = is_true(row, "opcdefault") };
    snprintf(column, sizeof column, "%sname", prefix);
    name_of(row, column, to->name);
    snprintf(column, sizeof column, "%snamespace", prefix);
    to->schema = oid_of(row, column);
}

static bool take_access_method(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    take_object(ADD(c, access_methods), row, "am");
    return !c->is_out_of_memory;
}

static bool take_opclass(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    take_object(ADD(c, opclasses), row, "opc");
    return !c->is_out_of_memory;
}

static bool take_collation(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    take_object(ADD(c, collations), row, "coll");
    return !c->is_out_of_memory;
}

static bool take_extension(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    take_object(ADD(c, extensions), row, "ext");
    return !c->is_out_of_memory;
}

static bool take_function(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    take_object(ADD(c, functions), row, "pro");
    return !c->is_out_of_memory;
}

static bool take_operator(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    take_object(ADD(c, operators), row, "opr");
    return !c->is_out_of_memory;
}

/* ---- what belongs to relations ---- */

static bool take_default(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    if (oid_of(row, "adrelid") < FIRST_NORMAL_OID)
        return true;
    ddl_default *to = ADD(c, defaults);
    if (to)
        *to = (ddl_default){ .relation = oid_of(row, "adrelid"),
                             .column = (int16_t)catalog_row_number(row, "adnum"),
                             .tree = text_of(c, row, "adbin") };
    return !c->is_out_of_memory;
}

static bool take_constraint(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    if (oid_of(row, "conrelid") < FIRST_NORMAL_OID && oid_of(row, "contypid") < FIRST_NORMAL_OID)
        return true;
    ddl_constraint *to = ADD(c, constraints);
    if (!to)
        return false;
    *to = (ddl_constraint){
        .oid = oid_of(row, "oid"),
        .relation = oid_of(row, "conrelid"),
        .type = oid_of(row, "contypid"),
        .index = oid_of(row, "conindid"),
        .foreign = oid_of(row, "confrelid"),
        .kind = catalog_row_char(row, "contype"),
        .on_update = catalog_row_char(row, "confupdtype"),
        .on_delete = catalog_row_char(row, "confdeltype"),
        .match = catalog_row_char(row, "confmatchtype"),
        .is_deferrable = is_true(row, "condeferrable"),
        .is_deferred = is_true(row, "condeferred"),
        .is_not_valid = !is_true(row, "convalidated"),
        .is_no_inherit = is_true(row, "connoinherit"),
        .is_period = is_true(row, "conperiod"),
        .is_not_enforced = catalog_row_has(row, "conenforced") && !is_true(row, "conenforced"),
        .keys = text_of(c, row, "conkey"),
        .foreign_keys = text_of(c, row, "confkey"),
        .deleted_keys = text_of(c, row, "confdelsetcols"),
        .operators = text_of(c, row, "conexclop"),
        .tree = text_of(c, row, "conbin"),
    };
    name_of(row, "conname", to->name);
    return !c->is_out_of_memory;
}

static bool take_index(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    if (oid_of(row, "indrelid") < FIRST_NORMAL_OID)
        return true;
    ddl_index *to = ADD(c, indexes);
    if (!to)
        return false;
    const char *nkeys = catalog_row_has(row, "indnkeyatts") ? "indnkeyatts" : "indnatts";
    *to = (ddl_index){
        .oid = oid_of(row, "indexrelid"),
        .relation = oid_of(row, "indrelid"),
        .nkeys = (int)catalog_row_number(row, nkeys),
        .is_unique = is_true(row, "indisunique"),
        .is_primary = is_true(row, "indisprimary"),
        .is_exclusion = is_true(row, "indisexclusion"),
        .is_valid = is_true(row, "indisvalid"),
        .is_replica_identity = is_true(row, "indisreplident"),
        .is_clustered = is_true(row, "indisclustered"),
        .nulls_are_equal = is_true(row, "indnullsnotdistinct"),
        .is_immediate = is_true(row, "indimmediate"),
        .keys = text_of(c, row, "indkey"),
        .classes = text_of(c, row, "indclass"),
        .options = text_of(c, row, "indoption"),
        .collations = text_of(c, row, "indcollation"),
        .expressions = text_of(c, row, "indexprs"),
        .predicate = text_of(c, row, "indpred"),
    };
    return !c->is_out_of_memory;
}

static bool take_sequence(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    ddl_sequence *to = ADD(c, sequences);
    if (to)
        *to = (ddl_sequence){
            .oid = oid_of(row, "seqrelid"),
            .type = oid_of(row, "seqtypid"),
            .start = catalog_row_number(row, "seqstart"),
            .increment = catalog_row_number(row, "seqincrement"),
            .max = catalog_row_number(row, "seqmax"),
            .min = catalog_row_number(row, "seqmin"),
            .cache = catalog_row_number(row, "seqcache"),
            .is_cycled = is_true(row, "seqcycle"),
        };
    return !c->is_out_of_memory;
}

static bool take_depend(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    const wp_oid class = oid_of(row, "classid"), of = oid_of(row, "refclassid");
    const char kind = catalog_row_char(row, "deptype");
    if (class == PG_TYPE && of == PG_EXTENSION && kind == 'e') {
        ddl_member *to = ADD(c, members);
        if (to)
            *to = (ddl_member){ oid_of(row, "objid"), oid_of(row, "refobjid") };
    } else if (class == PG_CLASS && of == PG_CLASS && (kind == 'a' || kind == 'i')
               && catalog_row_number(row, "refobjsubid") > 0) {
        ddl_owned *to = ADD(c, owned);
        if (to)
            *to = (ddl_owned){ oid_of(row, "objid"), oid_of(row, "refobjid"),
                               (int16_t)catalog_row_number(row, "refobjsubid"), kind };
    }
    return !c->is_out_of_memory;
}

static bool add_named(ddl_catalogs *c, const catalog_row *row, const char *relation,
                      const char *name, const char *what)
{
    if (oid_of(row, relation) < FIRST_NORMAL_OID)
        return true;
    ddl_named *to = ADD(c, named);
    if (!to)
        return false;
    *to = (ddl_named){ .relation = oid_of(row, relation), .what = what };
    name_of(row, name, to->name);
    return true;
}

static bool take_trigger(void *context, const catalog_row *row)
{
    return is_true(row, "tgisinternal") || add_named(context, row, "tgrelid", "tgname", "trigger");
}

static bool take_rule(void *context, const catalog_row *row)
{
    return add_named(context, row, "ev_class", "rulename", "rule");
}

static bool take_policy(void *context, const catalog_row *row)
{
    return add_named(context, row, "polrelid", "polname", "policy");
}

static bool take_statistics(void *context, const catalog_row *row)
{
    return add_named(context, row, "stxrelid", "stxname", "statistics");
}

static bool take_parent(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    ddl_parent *to = ADD(c, parents);
    if (to)
        *to = (ddl_parent){ oid_of(row, "inhrelid"), oid_of(row, "inhparent") };
    return !c->is_out_of_memory;
}

static bool take_comment(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    if (oid_of(row, "classoid") != PG_CLASS || oid_of(row, "objoid") < FIRST_NORMAL_OID)
        return true;
    ddl_comment *to = ADD(c, comments);
    if (to)
        *to = (ddl_comment){ oid_of(row, "objoid"), (int32_t)catalog_row_number(row, "objsubid"),
                             text_of(c, row, "description") };
    return !c->is_out_of_memory;
}

static char storage_of_type(const ddl_catalogs *c, wp_oid type)
{
    for (size_t i = 0; i < c->storages.count; i++)
        if (c->storages.items[i].type == type)
            return c->storages.items[i].storage;
    return '\0';
}

static bool take_column(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    if (oid_of(row, "attrelid") < FIRST_NORMAL_OID || catalog_row_number(row, "attnum") <= 0
        || is_true(row, "attisdropped"))
        return true;
    ddl_column column = {
        .relation = oid_of(row, "attrelid"),
        .number = (int16_t)catalog_row_number(row, "attnum"),
        .storage = catalog_row_char(row, "attstorage"),
        .compression = catalog_row_char(row, "attcompression"),
        .statistics_target = catalog_row_has(row, "attstattarget")
                                 ? (int32_t)catalog_row_number(row, "attstattarget")
                                 : -1,
        .has_options = catalog_row_has(row, "attoptions"),
        .has_privileges = catalog_row_has(row, "attacl"),
    };
    const char usual = storage_of_type(c, oid_of(row, "atttypid"));
    if (!usual || column.storage == usual)
        column.storage = '\0';
    if (!column.storage && !column.compression && column.statistics_target < 0
        && !column.has_options && !column.has_privileges)
        return true;
    ddl_column *to = ADD(c, columns);
    if (to)
        *to = column;
    return !c->is_out_of_memory;
}

static bool take_class(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    if (oid_of(row, "oid") < FIRST_NORMAL_OID)
        return true;
    ddl_class *to = ADD(c, classes);
    if (to)
        *to = (ddl_class){ .oid = oid_of(row, "oid"),
                           .access_method = oid_of(row, "relam"),
                           .replica_identity = catalog_row_char(row, "relreplident"),
                           .has_privileges = catalog_row_has(row, "relacl"),
                           .has_oids = is_true(row, "relhasoids"),
                           .has_row_security = is_true(row, "relrowsecurity"),
                           .has_tablespace = is_true(row, "reltablespace"),
                           .options = text_of(c, row, "reloptions") };
    return !c->is_out_of_memory;
}

/* ---- what belongs to types ---- */

static bool take_label(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    ddl_label *to = ADD(c, labels);
    if (!to)
        return false;
    *to = (ddl_label){ .type = oid_of(row, "enumtypid") };
    name_of(row, "enumlabel", to->name);
    char order[WP_NAME_BYTES];
    name_of(row, "enumsortorder", order);
    to->order = strtof(order, NULL);
    return true;
}

static bool take_range(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    ddl_range *to = ADD(c, ranges);
    if (to)
        *to = (ddl_range){ .type = oid_of(row, "rngtypid"),
                           .subtype = oid_of(row, "rngsubtype"),
                           .collation = oid_of(row, "rngcollation"),
                           .opclass = oid_of(row, "rngsubopc"),
                           .canonical = oid_of(row, "rngcanonical"),
                           .difference = oid_of(row, "rngsubdiff"),
                           .multirange = oid_of(row, "rngmultitypid") };
    return !c->is_out_of_memory;
}

static bool take_type(void *context, const catalog_row *row)
{
    ddl_catalogs *c = context;
    ddl_storage *storage = ADD(c, storages);
    if (storage)
        *storage = (ddl_storage){ oid_of(row, "oid"), catalog_row_char(row, "typstorage") };
    if (catalog_row_char(row, "typtype") != 'd' || oid_of(row, "oid") < FIRST_NORMAL_OID)
        return !c->is_out_of_memory;
    ddl_domain *to = ADD(c, domains);
    if (to)
        *to = (ddl_domain){ oid_of(row, "oid"), text_of(c, row, "typdefaultbin") };
    return !c->is_out_of_memory;
}

/* ---- all of them ---- */

const ddl_take ddl_takes[] = {
    { PG_ATTRDEF, take_default, true, false },
    { PG_DEPEND, take_depend, true, false },
    { PG_TYPE, take_type, true, false },
    { PG_ATTRIBUTE, take_column, false, false },
    { PG_PROC, take_function, false, false },
    { PG_CLASS, take_class, false, false },
    { PG_SEQUENCE, take_sequence, false, true },
    { PG_AM, take_access_method, false, false },
    { PG_CONSTRAINT, take_constraint, false, false },
    { PG_DESCRIPTION, take_comment, false, false },
    { PG_INDEX, take_index, false, false },
    { PG_OPCLASS, take_opclass, false, false },
    { PG_OPERATOR, take_operator, false, false },
    { PG_REWRITE, take_rule, false, false },
    { PG_TRIGGER, take_trigger, false, false },
    { PG_EXTENSION, take_extension, false, false },
    { PG_POLICY, take_policy, false, false },
    { PG_COLLATION, take_collation, false, false },
    { PG_ENUM, take_label, false, false },
    { PG_RANGE, take_range, false, false },
    { PG_INHERITS, take_parent, false, false },
    { PG_STATISTIC_EXT, take_statistics, false, true },
    { 0, NULL, false, false },
};
