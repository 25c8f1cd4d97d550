/* render.c - what the formats of a report have in common: see render.h. */
#include "command/report/render.h"

#include "target/restorable.h"

const char *report_file_name(report_format format)
{
    static const char *const names[REPORT_FORMATS] = { [REPORT_HTML] = "report.html",
                                                       [REPORT_JSON] = "report.json",
                                                       [REPORT_TIMESKETCH] = "report.jsonl" };
    return names[format];
}

void report_settings(const report_document *d, text *out)
{
    render_setting settings[RENDER_SETTINGS_MAX];
    const size_t n = render_settings(d->target, &d->target->target, settings);
    for (size_t i = 0; i < n; i++)
        render_conf_setting(settings[i].name, render_value(&settings[i]), out);
}

wp_time report_target_time(const report_document *d)
{
    const target *t = &d->target->target;
    if (!target_stops(t) || t->stop.last_xid == 0)
        return WP_TIME_UNKNOWN;
    return t->stop.last_time;
}

wp_time report_incident_time(const report_document *d)
{
    const search_result *found = d->target->found;
    if (found->has_xact)
        return found->event.xact.time;
    return found->points.number != 0 ? found->points.chosen.time : report_target_time(d);
}

report_verdict report_verdict_of(const report_document *d)
{
    const report *r = d->target;
    if (r->restorable == RESTORABLE_NO)
        return VERDICT_UNREACHABLE;
    if (!r->target.exact)
        return VERDICT_NOT_EXACT;
    return d->is_in_doubt || restorable_is_minimal(r) ? VERDICT_IN_DOUBT : VERDICT_EXACT;
}

static const struct {
    const char *word, *sentence;
} verdicts[] = {
    [VERDICT_EXACT] = { "exact", "A server with these settings stops there, and nowhere else." },
    [VERDICT_IN_DOUBT] = { "in doubt",
                           "Not all could be read or named: what was meant may be "
                           "another one, or be hidden. Read \"Not certain\" before you restore." },
    [VERDICT_NOT_EXACT] = { "not exact",
                            "A server does not stop exactly there. Read \"Not certain\" before you "
                            "restore." },
    [VERDICT_UNREACHABLE] = { "not restorable yet",
                              "No restore from this archive gets there as it is. Do not start a server "
                              "with these settings." },
};

const char *report_verdict_word(report_verdict verdict)
{
    return verdicts[verdict].word;
}

const char *report_verdict_sentence(report_verdict verdict)
{
    return verdicts[verdict].sentence;
}
