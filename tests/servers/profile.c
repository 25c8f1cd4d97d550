/*
 * profile.c - the numbers of one major as the library has them, to be held against what a server says.
 *
 *     profile MAJOR          a line for each field of its profile and each fixed OID: NAME VALUE
 *     profile MAJOR quote    each line of standard input as an identifier, in quotes where that major wants them
 */
#include <stdio.h>
#include <string.h>

#include <walparse/profile.h>

#include "format/catalogs.h"

static void print_number(const char *name, long value)
{
    printf("%s %ld\n", name, value);
}

static void print_text(const char *name, const char *value)
{
    printf("%s %s\n", name, value ? value : "-");
}

static void print_profile(const wp_profile *p)
{
#define FIELD(field, ...) \
    _Generic(p->field, const char * : print_text, default : print_number)(#field, p->field);
#include "format/profile.def"
#undef FIELD
}

static void print_oids(void)
{
    static const struct {
        const char *name;
        wp_oid oid;
    } oids[] = {
        { "pg_tablespace", WPI_PG_TABLESPACE }, { "pg_type", WPI_PG_TYPE },
        { "pg_attribute", WPI_PG_ATTRIBUTE },   { "pg_proc", WPI_PG_PROC },
        { "pg_class", WPI_PG_CLASS },           { "pg_authid", WPI_PG_AUTHID },
        { "pg_database", WPI_PG_DATABASE },     { "pg_constraint", WPI_PG_CONSTRAINT },
        { "pg_depend", WPI_PG_DEPEND },         { "pg_index", WPI_PG_INDEX },
        { "pg_namespace", WPI_PG_NAMESPACE },   { "pg_rewrite", WPI_PG_REWRITE },
        { "pg_trigger", WPI_PG_TRIGGER },       { "pg_extension", WPI_PG_EXTENSION },
        { "pg_policy", WPI_PG_POLICY },
    };
    /* Of a catalog: its OID, the file it starts in, and whether it is one of all databases. */
    for (size_t i = 0; i < sizeof oids / sizeof oids[0]; i++)
        printf("catalog %s %u %u %d\n", oids[i].name, oids[i].oid, oids[i].oid,
               wpi_is_shared_catalog(oids[i].oid));
    printf("schema pg_catalog %d\n", WPI_NSP_PG_CATALOG);
    printf("schema pg_toast %d\n", WPI_NSP_PG_TOAST);
    printf("schema public %d\n", WPI_NSP_PUBLIC);
    printf("tablespace pg_default %d\n", WPI_DEFAULT_TABLESPACE);
    printf("tablespace pg_global %d\n", WPI_GLOBAL_TABLESPACE);
}

/* Of a relation: its OID, the file it starts in, and its tablespace (0: that of the database). */
static void print_relations(const wp_profile *p)
{
    const wp_system_relation *it = NULL;
    while ((it = wp_profile_system_relation_after(p, it ? it->oid : 0)))
        printf("relation %s %u %u %d\n", it->name, it->oid, it->oid,
               it->is_shared ? WPI_GLOBAL_TABLESPACE : 0);
}

static void quote(const wp_profile *p)
{
    char line[WP_NAME_BYTES + 1], quoted[WP_QUOTED_BYTES];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        (void)wp_quote_ident(p, line, quoted);
        puts(quoted);
    }
}

int main(int argc, char **argv)
{
    const wp_profile *p = argc > 1 ? wp_profile_by_major(argv[1]) : NULL;
    if (!p) {
        fputs("usage: profile MAJOR [quote]\n", stderr);
        return 2;
    }
    if (argc > 2) {
        quote(p);
        return 0;
    }
    print_profile(p);
    print_oids();
    print_relations(p);
    return 0;
}
