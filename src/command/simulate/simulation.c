/* simulation.c - what the outcome of a simulation means. See simulate.h. */
#include "command/simulate/simulate.h"

bool simulation_is_as_asked(const simulation *s)
{
    if (s->result == NULL || findings_have(&s->findings, FINDING_ELSEWHERE))
        return false;
    return s->result->outcome == WP_STOP_STOPS
           || (s->result->outcome == WP_STOP_ENDS && s->config.kind == WP_STOP_AT_END);
}

const char *simulation_fatal(const simulation *s, char buf[WP_STOP_TEXT_BYTES])
{
    if (s->recovery.fatal[0] != '\0')
        return s->recovery.fatal;
    buf[0] = '\0';
    return s->result != NULL ? wp_stop_fatal(&s->config, s->result, buf) : buf;
}
