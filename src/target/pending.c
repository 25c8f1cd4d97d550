/* pending.c - see pending.h. */
#include "target/pending.h"

#include <stdio.h>
#include <string.h>

/* So many are named. */
#define PREPARED_SHOWN 3

/* As SQL reads it: the escapes of configuration files are those of E''. */
static void add_gid(text *out, const char *gid)
{
    text quoted = { 0 };
    text_add_conf(&quoted, gid);
    text_addf(out, "%s%s", strchr(text_chars(&quoted), '\\') != NULL ? "E" : "",
              text_chars(&quoted));
    text_free(&quoted);
}

static const wp_stop_result *stop_of(const report *r)
{
    const wp_stop_result *right = search_stop(r->found, TARGET_LSN);
    return target_stops(&r->target) || right == NULL ? &r->target.stop : right;
}

/* Where all are listed and it is not, recovery stops before it is prepared. */
bool pending_is_own(const report *r)
{
    const wp_stop_result *stop = stop_of(r);
    const wp_xact_end *own = &r->found->event.xact;
    if (!r->found->has_xact || own->op != WP_XACT_COMMIT_PREPARED
        || r->place->choice == TARGET_RIGHT_AFTER)
        return false;
    bool is_listed = false;
    for (size_t i = 0; i < stop->nin_doubt; i++)
        is_listed |= stop->in_doubt[i].xid == own->xid;
    return is_listed || (stop->has_more_in_doubt && r->place->choice != TARGET_BEFORE_LOCK);
}

static bool is_own(const report *r, const wp_stop_prepared *one)
{
    return pending_is_own(r) && one->xid == r->found->event.xact.xid;
}

/* The name it is prepared by; "": not known. */
static const char *own_gid(const report *r)
{
    const wp_stop_result *stop = stop_of(r);
    const wp_xact_end *own = &r->found->event.xact;
    for (size_t i = 0; i < stop->nin_doubt; i++)
        if (stop->in_doubt[i].xid == own->xid && stop->in_doubt[i].gid[0] != '\0')
            return stop->in_doubt[i].gid;
    return own->gid != NULL ? own->gid : "";
}

/* ROLLBACK PREPARED is an error in another database than the transaction's. */
static void add_where(const report *r, text *out)
{
    const event_match *found = &r->found->event;
    char action[32];
    render_action(r, action);
    if (strcmp(action, "pause") == 0)
        text_addf(out, "After %s_replay_resume()",
                  r->archive->info.profile->recovery.wal_directory);
    else
        text_add(out, "After recovery");
    if (found->has_event && found->event.database.name != NULL)
        text_addf(out, ", in database %s", found->event.database.name);
    else
        text_add(out, ", in the database that pg_prepared_xacts tells");
}

void pending_explain(const report *r, text *out)
{
    const event_view view = event_match_view(&r->found->event);
    const char *gid = own_gid(r);
    if (view.event != NULL)
        text_addf(out, "this %s is of a prepared transaction",
                  wp_event_kind_name(view.event->kind));
    else
        text_addf(out, "transaction %u is a prepared one", view.xact->xid);
    text_add(out, ": it stays pending after recovery, and keeps its locks. ");
    add_where(r, out);
    text_add(out, ", run: ROLLBACK PREPARED ");
    if (gid[0] != '\0')
        add_gid(out, gid);
    else
        text_add(out, "with the gid that pg_prepared_xacts tells");
    text_addf(out, "; Do NOT run COMMIT PREPARED: it does %s",
              view.event != NULL ? view.event->text : "what recovery was stopped before");
}

static void warn_of_one(const wp_stop_prepared *one, text_list *out)
{
    text gid = { 0 };
    add_gid(&gid, one->gid);
    if (one->gid[0] != '\0')
        text_list_addf(
            out,
            "transaction %u is prepared at the target and keeps its locks: after recovery run "
            "ROLLBACK PREPARED %s; (or COMMIT PREPARED)",
            one->xid, text_chars(&gid));
    else
        text_list_addf(out,
                       "transaction %u is prepared at the target and keeps its locks: "
                       "pg_prepared_xacts has the name to roll it back by",
                       one->xid);
    text_free(&gid);
}

/* A hundred are one warning, with the first few by name. */
static void warn_of_several(const report *r, size_t others, text_list *out)
{
    const wp_stop_result *stop = stop_of(r);
    text names = { 0 };
    size_t shown = 0;
    for (size_t i = 0; i < stop->nin_doubt && shown < PREPARED_SHOWN; i++) {
        const wp_stop_prepared *one = &stop->in_doubt[i];
        if (is_own(r, one))
            continue;
        text_addf(&names, "%s%u", shown++ > 0 ? ", " : "", one->xid);
        if (one->gid[0] == '\0')
            continue;
        text_add(&names, " ");
        add_gid(&names, one->gid);
    }
    if (others > shown)
        text_addf(&names, " and %zu more", others - shown);
    text_list_addf(out,
                   "%s%zu %stransactions are prepared at the target and keep their locks (%s): "
                   "after recovery pg_prepared_xacts lists them; end each with ROLLBACK PREPARED "
                   "or COMMIT PREPARED and its name",
                   stop->has_more_in_doubt ? "more than " : "", others,
                   pending_is_own(r) ? "other " : "", text_chars(&names));
    text_free(&names);
}

void pending_warn(const report *r, text_list *out)
{
    const wp_stop_result *stop = stop_of(r);
    const wp_stop_prepared *other = NULL;
    size_t others = 0;
    text own = { 0 };
    if (pending_is_own(r)) {
        pending_explain(r, &own);
        text_list_addf(out, "%s", text_chars(&own));
    }
    for (size_t i = 0; i < stop->nin_doubt; i++) {
        if (is_own(r, &stop->in_doubt[i]))
            continue;
        other = &stop->in_doubt[i];
        others++;
    }
    if (others == 1 && !stop->has_more_in_doubt)
        warn_of_one(other, out);
    else if (others > 0)
        warn_of_several(r, others, out);
    text_free(&own);
}
