/* listen.c - see listen.h. */
#include "command/watch/listen.h"

#ifdef WITH_MICROHTTPD

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX 8
#define CONNECTIONS_PER_ADDRESS 4
#define CONNECTION_SECONDS 5
#define CONNECTION_BYTES ((size_t)16 << 10)

/* Loaded when it is needed, as libpq is: with what it brings along every start would take twice as long. */
#define LIBRARY "libmicrohttpd.so.12"
#define FUNCTIONS(each)                                                                            \
    each(MHD_add_response_header) each(MHD_create_response_from_buffer) each(MHD_destroy_response) \
        each(MHD_get_daemon_info) each(MHD_get_timeout) each(MHD_lookup_connection_value)          \
            each(MHD_queue_response) each(MHD_run) each(MHD_start_daemon) each(MHD_stop_daemon)

static struct {
#define MEMBER(name) __typeof__(name) *name;
    FUNCTIONS(MEMBER)
#undef MEMBER
} mhd;

struct listener {
    struct MHD_Daemon *daemon;
    const watch_counts *counts;
    int fd;
};

typedef union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} address;

/* ISO C has no cast from an object to a function. */
static bool find(void *library, const char *name, void *out, char message[MESSAGE_BYTES])
{
    void *at = dlsym(library, name);
    if (at == NULL)
        return message_fail(message, "this %s has no %s: install a newer one", LIBRARY, name);
    memcpy(out, &at, sizeof at);
    return true;
}

bool listener_is_possible(char message[MESSAGE_BYTES])
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return message_fail(
            message, "--listen needs %s, which cannot be loaded: install libmicrohttpd12", LIBRARY);
    bool is_good = true;
#define FIND(name) is_good = is_good && find(library, #name, &mhd.name, message);
    FUNCTIONS(FIND)
#undef FIND
    return is_good;
}

/* ---- answers -------------------------------------------------------------------------------- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              const char *chars, size_t len)
{
    struct MHD_Response *response =
        mhd.MHD_create_response_from_buffer(len, (void *)(uintptr_t)chars, MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    (void)mhd.MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)mhd.MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    const enum MHD_Result queued = mhd.MHD_queue_response(connection, status, response);
    mhd.MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result answer_words(struct MHD_Connection *connection, unsigned status,
                                    const char *words)
{
    return answer(connection, status, "text/plain; charset=utf-8", words, strlen(words));
}

static enum MHD_Result answer_metrics(const listener *l, struct MHD_Connection *connection)
{
    const metrics_format format = metrics_negotiate(
        mhd.MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
    text out = { 0 };
    watch_metrics(l->counts, format, &out);
    const enum MHD_Result queued =
        out.failed
            ? MHD_NO
            : answer(connection, MHD_HTTP_OK, metrics_content_type(format), out.bytes, out.len);
    text_free(&out);
    return queued;
}

/* Whoever sends a body is not listened to any longer. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_bytes, void **request)
{
    static int seen;
    const listener *l = context;
    (void)version;
    (void)upload;
    if (*request == NULL) { /* only the headers so far */
        *request = &seen;
        return MHD_YES;
    }
    if (*upload_bytes > 0)
        return MHD_NO;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return answer_words(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    if (strcmp(url, "/metrics") == 0)
        return answer_metrics(l, connection);
    if (strcmp(url, "/healthz") != 0)
        return answer_words(connection, MHD_HTTP_NOT_FOUND, "there is /metrics and /healthz\n");
    return l->counts->is_connected
               ? answer_words(connection, MHD_HTTP_OK, "ok\n")
               : answer_words(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "the source is lost\n");
}

/* ---- the address ---------------------------------------------------------------------------- */

static bool parse_port(const char *chars, in_port_t *out)
{
    char *end = NULL;
    const unsigned long port = strtoul(chars, &end, 10);
    *out = htons((uint16_t)port);
    return chars[0] >= '1' && chars[0] <= '9' && *end == '\0' && port <= UINT16_MAX;
}

static bool parse_host(const char *host, in_port_t port, address *out)
{
    *out = (address){ 0 };
    if (*host == '\0' || strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = port;
        return true;
    }
    if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) != 1)
        return false;
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = port;
    return true;
}

static bool parse_address(const char *where, address *out, char message[MESSAGE_BYTES])
{
    const char *colon = strrchr(where, ':');
    const size_t len = colon != NULL ? (size_t)(colon - where) : 0;
    char host[INET6_ADDRSTRLEN] = "";
    in_port_t port = 0;
    const bool is_bracketed = len >= 2 && where[0] == '[' && where[len - 1] == ']';
    const size_t cut = is_bracketed ? 1 : 0;
    if (colon != NULL && parse_port(colon + 1, &port) && len - 2 * cut < sizeof host) {
        memcpy(host, where + cut, len - 2 * cut);
        if (parse_host(host, port, out))
            return true;
    }
    return message_fail(message,
                        "--listen takes an address and a port like 127.0.0.1:9899 (not \"%.100s\")",
                        where);
}

/* ---- public --------------------------------------------------------------------------------- */

bool listener_new(const char *where, const watch_counts *counts, listener **out,
                  char message[MESSAGE_BYTES])
{
    address at;
    *out = NULL;
    if (!parse_address(where, &at, message) || !listener_is_possible(message))
        return false;
    listener *l = calloc(1, sizeof *l);
    if (l == NULL)
        return message_no_memory(message);
    l->counts = counts;
    errno = 0;
    const unsigned flags = MHD_USE_EPOLL | (at.any.sa_family == AF_INET6 ? MHD_USE_IPv6 : 0U);
    l->daemon = mhd.MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, l, MHD_OPTION_SOCK_ADDR, &at.any,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_PER_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)CONNECTION_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        l->daemon != NULL ? mhd.MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (info == NULL) {
        (void)message_fail(message, "cannot listen on %.100s: %s", where,
                           errno != 0 ? strerror(errno) : "libmicrohttpd refuses");
        listener_free(l);
        return false;
    }
    l->fd = info->epoll_fd;
    *out = l;
    return true;
}

int listener_fd(const listener *l)
{
    return l->fd;
}

int listener_wait_ms(const listener *l)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;
    if (mhd.MHD_get_timeout(l->daemon, &ms) != MHD_YES)
        return -1;
    return ms > 60000 ? 60000 : (int)ms;
}

void listener_step(listener *l)
{
    (void)mhd.MHD_run(l->daemon);
}

void listener_free(listener *l)
{
    if (l != NULL && l->daemon != NULL)
        mhd.MHD_stop_daemon(l->daemon);
    free(l);
}

#else

bool listener_is_possible(char message[MESSAGE_BYTES])
{
    return message_fail(message, "this pitr-find was built without --listen: install "
                                 "libmicrohttpd-dev and build it again");
}

bool listener_new(const char *where, const watch_counts *counts, listener **out,
                  char message[MESSAGE_BYTES])
{
    (void)where;
    (void)counts;
    *out = NULL;
    return listener_is_possible(message);
}

int listener_fd(const listener *l)
{
    (void)l;
    return -1;
}

int listener_wait_ms(const listener *l)
{
    (void)l;
    return -1;
}

void listener_step(listener *l)
{
    (void)l;
}

void listener_free(listener *l)
{
    (void)l;
}

#endif
