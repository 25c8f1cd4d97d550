/*
 * system_relations.c - looking up the relations whose OID and name are fixed (system_relations.def).
 */
#include "format/versions.h"

/* One that has this name in these versions. */
typedef struct named_relation {
    wpi_versions versions;
    wp_system_relation relation;
} named_relation;

static const named_relation relations[] = {
#define RELATION(oid, is_shared, since, until, name) { { since, until }, { oid, is_shared, name } },
#include "catalog/system_relations.def"
#undef RELATION
};
#define RELATIONS (sizeof relations / sizeof relations[0])

const wp_system_relation *wp_profile_system_relation_after(const wp_profile *profile, wp_oid oid)
{
    size_t low = 0, high = RELATIONS;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (relations[mid].relation.oid <= oid)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < RELATIONS; low++)
        if (wpi_is_of_versions(profile, relations[low].versions))
            return &relations[low].relation;
    return NULL;
}

const wp_system_relation *wp_profile_system_relation(const wp_profile *profile, wp_oid oid)
{
    const wp_system_relation *found =
        oid > 0 ? wp_profile_system_relation_after(profile, oid - 1) : NULL;
    return found && found->oid == oid ? found : NULL;
}
