/* rules_access.c - who can take a base backup, or receive WAL. See check.h. */
#include "command/check/check.h"

#include <inttypes.h>
#include <string.h>

#include "base/plural.h"

#define NAMES_BYTES 200

static void max_wal_senders(check *c)
{
    const int64_t most = server_setting_number(&c->server, "max_wal_senders", -1);
    const size_t used = c->server.answers[ASK_SENDERS].rows;
    static const char why[] = "pg_basebackup, pg_receivewal, standbys and `pitr-find watch` need "
                              "one each, pg_basebackup two.";
    if (shown_setting(c, CHECK_MAX_WAL_SENDERS, "max_wal_senders") == NULL)
        return;
    if (most - (int64_t)used < 2) {
        verdict *one = verdicts_add(&c->found, VERDICT_WARNING, CHECK_MAX_WAL_SENDERS,
                                    "max_wal_senders is %" PRId64 ", and %zu %s in use", most, used,
                                    used == 1 ? "is" : "are");
        verdict_why(one, why);
        verdict_change(
            one, "ALTER SYSTEM SET max_wal_senders = %" PRId64 ";  -- then restart the server",
            most + 10);
    } else {
        verdicts_add(&c->found, VERDICT_OK, CHECK_MAX_WAL_SENDERS,
                     "max_wal_senders is %" PRId64 ", %zu in use", most, used);
    }
}

/* WAL that is only streamed may be gone before it is. */
static void wal_keep(check *c)
{
    const server_facts *f = &c->server;
    const bool is_new = server_setting(f, "wal_keep_size") != NULL;
    const char *name = is_new ? "wal_keep_size" : "wal_keep_segments";
    const int64_t kept = server_setting_number(f, name, 0);
    if (!is_new && shown_setting(c, CHECK_WAL_KEEP, name) == NULL)
        return;
    const bool is_streamed = f->answers[ASK_SENDERS].rows > 0 && f->answers[ASK_SLOTS].rows == 0
                             && server_setting_is(f, "archive_mode", "off");
    if (kept > 0 || !is_streamed) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_WAL_KEEP, "%s is %s", name,
                     server_setting(f, name));
        return;
    }
    verdict *one = verdicts_add(&c->found, VERDICT_WARNING, CHECK_WAL_KEEP,
                                "%s is 0, and who receives WAL has no slot", name);
    verdict_why(one, "When the receiver is away for a while, the server removes WAL that it needs: "
                     "without archive_command that is a gap.");
    verdict_change(one,
                   "ALTER SYSTEM SET %s = %s;  -- then SELECT pg_reload_conf(); or give the "
                   "receiver a slot",
                   name, is_new ? "'1GB'" : "64");
}

static void replication_role(check *c)
{
    const answer *a = &c->server.answers[ASK_ROLES];
    char names[NAMES_BYTES] = "";
    size_t n = 0, len = 0;
    for (size_t i = 0; i < a->rows; i++) {
        const char *name = answer_value(a, i, 0);
        if (answer_is_true(a, i, 1) || name == NULL)
            continue;
        if (n++ < 3 && strlen(name) + len + 3 < sizeof names)
            len +=
                (size_t)snprintf(names + len, sizeof names - len, "%s%s", n > 1 ? ", " : "", name);
    }
    if (!a->is_known) {
        verdicts_add(&c->found, VERDICT_UNKNOWN, CHECK_REPLICATION_ROLE, "%s", a->why);
    } else if (n > 0) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_REPLICATION_ROLE,
                     "%zu role%s may replicate that %s no superuser: %s", n, plural(n),
                     n == 1 ? "is" : "are", names);
    } else {
        verdict *one = verdicts_add(&c->found, a->rows > 0 ? VERDICT_NOTE : VERDICT_WARNING,
                                    CHECK_REPLICATION_ROLE,
                                    a->rows > 0 ? "only superusers may take a base backup"
                                                : "no role may take a base backup");
        verdict_why(one, "A role that can replicate, and nothing else, is enough for pg_basebackup "
                         "and pg_receivewal.");
        verdict_change(one, "CREATE ROLE backup LOGIN REPLICATION;  -- then \\password backup");
    }
}

/* ---- pg_hba.conf ---------------------------------------------------------------------------- */

/* Is one of the users of a rule one who may replicate? Groups and patterns are believed. */
static bool names_role(const check *c, const char *users)
{
    const answer *roles = &c->server.answers[ASK_ROLES];
    for (const char *at = users; *at != '\0';) {
        const size_t len = strcspn(at, ",");
        if (*at == '+' || *at == '/' || (len == 3 && memcmp(at, "all", 3) == 0))
            return true;
        for (size_t i = 0; i < roles->rows; i++) {
            const char *name = answer_value(roles, i, 0);
            if (name != NULL && strlen(name) == len && memcmp(name, at, len) == 0)
                return true;
        }
        at += len + (at[len] == ',');
    }
    return false;
}

static void add_hba_errors(check *c, size_t errors, size_t first)
{
    const answer *a = &c->server.answers[ASK_HBA];
    const char *line = answer_value(a, first, 0);
    verdict *one =
        verdicts_add(&c->found, VERDICT_WARNING, CHECK_PG_HBA,
                     "%zu line%s of pg_hba.conf cannot be read: line %s: %s", errors,
                     plural(errors), line != NULL ? line : "?", answer_value(a, first, 4));
    verdict_why(one, "The server does not load the file, and will not start with it.");
    verdict_change(one, "mend that line, then SELECT pg_reload_conf();");
}

static void add_no_rule(check *c)
{
    verdict *one = verdicts_add(&c->found, VERDICT_WARNING, CHECK_PG_HBA,
                                "no line of pg_hba.conf lets a role replicate");
    verdict_why(one, "pg_basebackup and pg_receivewal are refused: the word \"all\" does not "
                     "include replication.");
    verdict_change(one, "host  replication  backup  BACKUP_HOST/32  scram-sha-256");
}

static void pg_hba(check *c)
{
    const answer *a = &c->server.answers[ASK_HBA];
    size_t errors = 0, first = 0, rules = 0;
    if (!a->is_known) {
        verdict *one = verdicts_add(&c->found, a->lacks_right ? VERDICT_UNKNOWN : VERDICT_NOTE,
                                    CHECK_PG_HBA, "%s",
                                    a->lacks_right ? "this role may not read pg_hba_file_rules"
                                                   : "this server does not show pg_hba.conf");
        if (!a->lacks_right)
            return;
        verdict_why(one, "Whether pg_basebackup would be let in is not known.");
        verdict_change(one,
                       "GRANT SELECT ON pg_hba_file_rules TO %s; GRANT EXECUTE ON FUNCTION "
                       "pg_hba_file_rules() TO %s;",
                       c->server.user, c->server.user);
        verdict_change(one, "or leave it out: --skip pg_hba");
        return;
    }
    for (size_t i = 0; i < a->rows; i++) {
        const char *users = answer_value(a, i, 2), *method = answer_value(a, i, 3);
        if (answer_value(a, i, 4) != NULL)
            first = errors++ == 0 ? i : first;
        else if (users != NULL && method != NULL && strcmp(method, "reject") != 0
                 && names_role(c, users))
            rules++;
    }
    if (errors > 0)
        add_hba_errors(c, errors, first);
    if (rules == 0)
        add_no_rule(c);
    else if (errors == 0)
        verdicts_add(&c->found, VERDICT_OK, CHECK_PG_HBA, "%zu line%s let a role replicate", rules,
                     plural(rules));
}

void rules_access(check *c)
{
    max_wal_senders(c);
    wal_keep(c);
    replication_role(c);
    pg_hba(c);
}
