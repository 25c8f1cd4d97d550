/* log_session.c - see log_session.h. */
#include "server_log/log_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void log_view_copy(char *to, size_t room, wp_view from)
{
    const size_t n = from.len < room - 1 ? from.len : room - 1;
    memcpy(to, from.bytes != NULL ? (const char *)from.bytes : "", from.bytes != NULL ? n : 0);
    to[from.bytes != NULL ? n : 0] = '\0';
}

bool log_session_table_start(log_session_table *out)
{
    *out = (log_session_table){ .items = calloc(LOG_SESSIONS_MAX, sizeof *out->items) };
    return out->items != NULL;
}

void log_session_table_free(log_session_table *table)
{
    free(table->items);
    *table = (log_session_table){ 0 };
}

bool log_session_key(const log_entry *e, char out[LOG_KEY_BYTES])
{
    out[0] = e->format;
    if (e->session.len > 0)
        log_view_copy(out + 1, LOG_KEY_BYTES - 1, e->session);
    else if (e->pid != 0)
        (void)snprintf(out + 1, LOG_KEY_BYTES - 1, "%llu", (unsigned long long)e->pid);
    else
        return false;
    return true;
}

/* Eight places in a row are a session's; the one that was silent longest makes room. */
log_session *log_session_of(log_session_table *table, const char *key)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *at = key; *at != '\0'; at++)
        hash = (hash ^ (uint8_t)*at) * UINT64_C(1099511628211);
    log_session *bucket = &table->items[(hash >> 16) % (LOG_SESSIONS_MAX / 8) * 8],
                *oldest = bucket;
    for (size_t i = 0; i < 8; i++) {
        if (strcmp(bucket[i].key, key) == 0) {
            bucket[i].used = ++table->clock;
            return &bucket[i];
        }
        if (bucket[i].used < oldest->used)
            oldest = &bucket[i];
    }
    *oldest = (log_session){ .used = ++table->clock };
    (void)snprintf(oldest->key, sizeof oldest->key, "%s", key);
    return oldest;
}

static void keep_name(char *to, size_t room, wp_view from)
{
    if (from.len > 0)
        log_view_copy(to, room, from);
}

/* What follows a name, up to the first of what may come next. */
static wp_view value_after(wp_view message, const char *name, const char *const *nexts)
{
    const uint8_t *at = memmem(message.bytes, message.len, name, strlen(name));
    if (at == NULL)
        return (wp_view){ NULL, 0 };
    at += strlen(name);
    size_t n = (size_t)(message.bytes + message.len - at);
    for (; *nexts != NULL; nexts++) {
        const uint8_t *end = memmem(at, n, *nexts, strlen(*nexts));
        n = end != NULL ? (size_t)(end - at) : n;
    }
    return (wp_view){ at, n };
}

/* "connection authorized: user=ana database=shop application_name=psql SSL enabled (...)" */
static void learn_connection(log_session *one, const log_entry *e)
{
    static const char *const after_user[] = { " database=", " application_name=", " SSL enabled",
                                              " GSS (", NULL };
    if (e->user.len == 0)
        keep_name(one->user, sizeof one->user, value_after(e->message, "user=", after_user));
    if (e->database.len == 0)
        keep_name(one->database, sizeof one->database,
                  value_after(e->message, " database=", after_user + 1));
    if (e->application.len == 0)
        keep_name(one->application, sizeof one->application,
                  value_after(e->message, " application_name=", after_user + 2));
}

void log_session_learn(log_session *one, const log_entry *e)
{
    static const char *const after_host[] = { " port=", NULL };
    if (log_view_after(e->message, "connection received: ").bytes != NULL) {
        log_session fresh = { .used = one->used };
        memcpy(fresh.key, one->key, sizeof fresh.key);
        *one = fresh;
        keep_name(one->client, sizeof one->client, value_after(e->message, "host=", after_host));
    } else if (log_view_after(e->message, "connection authorized: ").bytes != NULL) {
        learn_connection(one, e);
    }
    keep_name(one->user, sizeof one->user, e->user);
    keep_name(one->database, sizeof one->database, e->database);
    keep_name(one->application, sizeof one->application, e->application);
    keep_name(one->client, sizeof one->client, e->client);
}
