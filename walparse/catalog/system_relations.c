/*
 * system_relations.c - looking up the relations whose OID and name are fixed (system_relations.def).
 */
#include <stdint.h>

#include <walparse/profile.h>

#define NONE UINT16_MAX

static const wp_system_relation relations[] = {
#define RELATION(oid, is_shared, since, until, name) { oid, is_shared, since, until, name },
#include "catalog/system_relations.def"
#undef RELATION
};
#define RELATIONS (sizeof relations / sizeof relations[0])

const wp_system_relation *wp_profile_system_relation_after(const wp_profile *profile, wp_oid oid)
{
    size_t low = 0, high = RELATIONS;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (relations[mid].oid <= oid)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < RELATIONS; low++)
        if (relations[low].since <= profile->version && profile->version < relations[low].until)
            return &relations[low];
    return NULL;
}

const wp_system_relation *wp_profile_system_relation(const wp_profile *profile, wp_oid oid)
{
    const wp_system_relation *found =
        oid > 0 ? wp_profile_system_relation_after(profile, oid - 1) : NULL;
    return found && found->oid == oid ? found : NULL;
}
