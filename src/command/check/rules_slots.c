/* rules_slots.c - replication slots, which hold WAL back. See check.h. */
#include "command/check/check.h"

#include <inttypes.h>
#include <string.h>

#include "base/plural.h"

/* An inactive slot may hold so many segments; any slot so many bytes. */
#define HELD_SEGMENTS_MAX 10
#define HELD_BYTES_MAX (UINT64_C(10) << 30)
/* Slots told of one by one. */
#define SLOTS_SHOWN 20

typedef struct slot {
    const char *name, *kind, *state;
    bool is_active, is_temporary;
    wp_lsn restart;
    uint64_t held; /* bytes of WAL */
} slot;

static slot slot_at(const check *c, size_t row)
{
    const answer *a = &c->server.answers[ASK_SLOTS];
    slot s = { .name = answer_value(a, row, 0),
               .kind = answer_value(a, row, 1),
               .is_active = answer_is_true(a, row, 2),
               .restart = answer_lsn(a, row, 3),
               .state = answer_value(a, row, 4),
               .is_temporary = answer_is_true(a, row, 5) };
    s.name = s.name != NULL ? s.name : "?";
    s.kind = s.kind != NULL ? s.kind : "?";
    s.state = s.state != NULL ? s.state : "";
    s.held = s.restart != 0 && s.restart < c->server.lsn ? c->server.lsn - s.restart : 0;
    return s;
}

static bool has_limit(const check *c)
{
    return server_setting_number(&c->server, "max_slot_wal_keep_size", -1) >= 0;
}

static void suggest_limit(const check *c, verdict *one)
{
    if (server_setting(&c->server, "max_slot_wal_keep_size") != NULL && !has_limit(c))
        verdict_change(one, "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB';  -- then SELECT "
                            "pg_reload_conf();");
}

static void add_lost(check *c, const slot *s)
{
    verdict *one =
        verdicts_add(&c->found, VERDICT_WARNING, CHECK_SLOTS,
                     "%s slot %s is lost: the WAL it needs was removed", s->kind, s->name);
    verdict_why(one, "Who uses it cannot go on. A receiver that fills an archive has a gap.");
    verdict_change(one, "SELECT pg_drop_replication_slot('%s');  -- and set its user up again",
                   s->name);
}

static void add_holding(check *c, const slot *s, verdict_level level)
{
    verdict *one = verdicts_add(&c->found, level, CHECK_SLOTS,
                                "%s slot %s is %s and holds %" PRIu64 " MB of WAL%s%s", s->kind,
                                s->name, s->is_active ? "active" : "inactive", s->held >> 20,
                                s->state[0] != '\0' ? ", " : "", s->state);
    verdict_why(one, has_limit(c) ? "When it holds more than max_slot_wal_keep_size, it is lost."
                                  : "Nothing limits what it holds: pg_wal grows until the disk is "
                                    "full and the server stops.");
    if (!s->is_active)
        verdict_change(
            one, "SELECT pg_drop_replication_slot('%s');  -- if nobody comes back for it", s->name);
    suggest_limit(c, one);
}

static bool judge(check *c, const slot *s)
{
    const bool is_far = s->held > HELD_BYTES_MAX;
    const uint64_t segments = c->server.segment_size > 0 ? s->held / c->server.segment_size : 0;
    if (strcmp(s->state, "lost") == 0)
        add_lost(c, s);
    else if (strcmp(s->state, "unreserved") == 0 || (is_far && !s->is_active))
        add_holding(c, s, VERDICT_CRITICAL);
    else if (is_far || (!s->is_active && segments >= HELD_SEGMENTS_MAX))
        add_holding(c, s, VERDICT_WARNING);
    else
        return false;
    return true;
}

/* max_slot_wal_keep_size, where there are slots that may hold WAL. */
static void add_unlimited(check *c, size_t slots)
{
    verdict *one =
        verdicts_add(&c->found, VERDICT_NOTE, CHECK_SLOTS,
                     "%zu slot%s, and max_slot_wal_keep_size is -1", slots, plural(slots));
    verdict_why(one, "A slot whose user goes away holds WAL without limit: pg_wal grows until the "
                     "disk is full and the server stops.");
    suggest_limit(c, one);
}

void rules_slots(check *c)
{
    const answer *a = &c->server.answers[ASK_SLOTS];
    uint64_t most = 0;
    size_t told = 0;
    if (!a->is_known) {
        verdicts_add(&c->found, VERDICT_UNKNOWN, CHECK_SLOTS, "%s", a->why);
        return;
    }
    for (size_t i = 0; i < a->rows; i++) {
        const slot s = slot_at(c, i);
        most = s.held > most ? s.held : most;
        told += told < SLOTS_SHOWN && judge(c, &s);
    }
    check_measure(c, METRIC_SLOT_WAL, (double)most);
    if (told > 0)
        return;
    if (a->rows > 0 && !has_limit(c)
        && server_setting(&c->server, "max_slot_wal_keep_size") != NULL)
        add_unlimited(c, a->rows);
    else
        verdicts_add(&c->found, VERDICT_OK, CHECK_SLOTS, "%zu slot%s, which hold%s %" PRIu64 " MB",
                     a->rows, plural(a->rows), a->rows == 1 ? "s" : "", most >> 20);
}
