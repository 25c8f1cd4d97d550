/* shown_setting.c - a setting of the server that a rule cannot do without. See check.h. */
#include "command/check/check.h"

const char *shown_setting(check *c, check_topic topic, const char *name)
{
    const char *value = server_setting(&c->server, name);
    if (value != NULL)
        return value;
    verdict *one = verdicts_add(&c->found, VERDICT_UNKNOWN, topic,
                                "the server does not show %s to this role", name);
    verdict_why(one, "A setting that is not seen is not judged.");
    verdict_change(one, "GRANT pg_read_all_settings TO %s;", c->server.user);
    return NULL;
}
