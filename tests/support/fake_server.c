/* fake_server.c - see fake_server.h. */
#include "fake_server.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Nobody waits longer than so. */
#define PATIENCE_MS 20000

struct fake_server {
    const fake_connection *connections;
    size_t n, done;
    int listener, client;
    pthread_t thread;
    const fake_step *step;
    blob out;
};

static void stop(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static void add_number(blob *b, uint64_t n, int bytes)
{
    while (bytes-- > 0) {
        const uint8_t byte = (uint8_t)(n >> (8 * bytes));
        put_raw(b, &byte, 1);
    }
}

static void add_message(fake_server *s, char type, const blob *body)
{
    put_raw(&s->out, &type, 1);
    add_number(&s->out, body->len + 4, 4);
    put_raw(&s->out, body->at, body->len);
}

/* False: the client is gone. */
static bool flush(fake_server *s)
{
    const uint8_t *at = s->out.at;
    size_t left = s->out.len;
    while (left > 0) {
        const ssize_t n = send(s->client, at, left, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        at += n;
        left -= (size_t)n;
    }
    s->out.len = 0;
    return left == 0;
}

static bool receive(fake_server *s, void *to, size_t len)
{
    uint8_t *at = to;
    while (len > 0) {
        struct pollfd fd = { .fd = s->client, .events = POLLIN };
        const ssize_t n = poll(&fd, 1, PATIENCE_MS) == 1 ? recv(s->client, at, len, 0) : 0;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static uint64_t number_at(const uint8_t *at, int bytes)
{
    uint64_t n = 0;
    for (int i = 0; i < bytes; i++)
        n = n << 8 | at[i];
    return n;
}

/* A message of the client, at most so long; 0: none. */
static char receive_message(fake_server *s, uint8_t *body, size_t room, size_t *len)
{
    uint8_t head[5];
    if (!receive(s, head, sizeof head))
        return 0;
    *len = (size_t)number_at(head + 1, 4) - 4;
    return *len < room && receive(s, body, *len) ? (char)head[0] : 0;
}

/* ---- messages ------------------------------------------------------------------------------- */

static void say(fake_server *s, char type, const char *chars, size_t len)
{
    blob body = { 0 };
    put_raw(&body, chars, len);
    add_message(s, type, &body);
    blob_free(&body);
}

static void say_setting(fake_server *s, const char *name, const char *value)
{
    blob body = { 0 };
    put_raw(&body, name, strlen(name) + 1);
    put_raw(&body, value, strlen(value) + 1);
    add_message(s, 'S', &body);
    blob_free(&body);
}

static void say_error(fake_server *s, const char *severity, const char *sqlstate, const char *text)
{
    const char *const fields[] = { "S", severity, "V", severity, "C", sqlstate, "M", text };
    blob body = { 0 };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        put_raw(&body, fields[i], strlen(fields[i]) + (i % 2 == 1));
    put_raw(&body, "", 1);
    add_message(s, 'E', &body);
    blob_free(&body);
}

static void say_row(fake_server *s, const char *const *values, int n)
{
    blob columns = { 0 }, row = { 0 };
    add_number(&columns, (uint64_t)n, 2);
    add_number(&row, (uint64_t)n, 2);
    for (int i = 0; i < n; i++) {
        put_raw(&columns, "c", 2);
        add_number(&columns, 0, 6);
        add_number(&columns, 25, 4);
        add_number(&columns, UINT16_MAX, 2);
        add_number(&columns, UINT32_MAX, 4);
        add_number(&columns, 0, 2);
        add_number(&row, values[i] != NULL ? strlen(values[i]) : UINT32_MAX, 4);
        if (values[i] != NULL)
            put_raw(&row, values[i], strlen(values[i]));
    }
    add_message(s, 'T', &columns);
    add_message(s, 'D', &row);
    blob_free(&columns);
    blob_free(&row);
}

static void say_done(fake_server *s)
{
    say(s, 'C', "SELECT 1", sizeof "SELECT 1");
    say(s, 'Z', "I", 1);
}

static void say_copy(fake_server *s, const void *bytes, size_t len)
{
    say(s, 'd', bytes, len);
}

/* ---- a stream ------------------------------------------------------------------------------- */

static void say_wal(fake_server *s, const fake_step *step)
{
    blob body = { 0 };
    put_raw(&body, "w", 1);
    add_number(&body, step->lsn, 8);
    add_number(&body, step->lsn + step->len, 8);
    add_number(&body, 0, 8);
    for (size_t i = 0; i < step->len; i++)
        put_raw(&body, &step->byte, 1);
    say_copy(s, body.at, body.len);
    blob_free(&body);
}

static void say_keepalive(fake_server *s, const fake_step *step)
{
    blob body = { 0 };
    put_raw(&body, "k", 1);
    add_number(&body, step->lsn, 8);
    add_number(&body, 0, 8);
    add_number(&body, step->len, 1);
    say_copy(s, body.at, body.len);
    blob_free(&body);
}

/* The update that is waited for: the last of each lot, which calls nothing safe. */
static bool take_update(fake_server *s, const fake_step *step)
{
    uint8_t body[100];
    size_t len;
    while (receive_message(s, body, sizeof body, &len) == 'd')
        if (len == 34 && body[0] == 'r' && number_at(body + 1, 8) == step->lsn
            && number_at(body + 9, 8) == 0 && body[33] == step->len)
            return true;
    return false;
}

static bool end_timeline(fake_server *s, const fake_step *step)
{
    uint8_t body[100];
    size_t len;
    char lsn[40], type;
    (void)snprintf(lsn, sizeof lsn, "%" PRIX64 "/%" PRIX64, step->lsn >> 32,
                   step->lsn & UINT32_MAX);
    say(s, 'c', "", 0);
    if (!flush(s))
        return false;
    while ((type = receive_message(s, body, sizeof body, &len)) == 'd')
        ;
    const char *const row[] = { step->text, lsn };
    say_row(s, row, 2);
    say(s, 'C', "SELECT 1", sizeof "SELECT 1");
    say(s, 'C', "START_STREAMING", sizeof "START_STREAMING");
    say(s, 'Z', "I", 1);
    return type == 'c' && flush(s);
}

static void wait_for_close(fake_server *s)
{
    uint8_t byte;
    while (receive(s, &byte, 1))
        ;
}

/* False: the connection is to be closed. */
static bool stream(fake_server *s)
{
    say(s, 'W', "\0\0", 3);
    for (;; s->step++) {
        const fake_step *step = s->step;
        switch (step->action) {
        case FAKE_CLOSE: /* what the client has not read yet would be lost if it were cut at once */
            (void)flush(s);
            (void)shutdown(s->client, SHUT_WR);
            wait_for_close(s);
            return false;
        case FAKE_WAL:
            say_wal(s, step);
            break;
        case FAKE_KEEPALIVE:
            say_keepalive(s, step);
            break;
        case FAKE_RAW:
            say_copy(s, step->text, step->len);
            break;
        case FAKE_UPDATE:
            if (!flush(s) || !take_update(s, step))
                return false;
            break;
        case FAKE_WAIT:
            if (!flush(s))
                return false;
            wait_for_close(s);
            s->step++;
            return false;
        case FAKE_END:
            s->step++;
            return end_timeline(s, step);
        case FAKE_ERROR:
            say_error(s, "ERROR", step->sqlstate, step->text);
            say(s, 'Z', "I", 1);
            break;
        case FAKE_SHUT_DOWN:
            say(s, 'C', "COPY 0", sizeof "COPY 0");
            break;
        }
    }
}

/* ---- commands ------------------------------------------------------------------------------- */

static const char *or_else(const char *value, const char *other)
{
    return value != NULL ? value : other;
}

static bool is_command(const char *query, const char *command)
{
    return strncmp(query, command, strlen(command)) == 0;
}

static bool answer(fake_server *s, const fake_connection *c, const char *query)
{
    if (is_command(query, "START_REPLICATION"))
        return stream(s);
    const char *const identity[] = { or_else(c->system, "7"), or_else(c->tli, "1"),
                                     or_else(c->end, "0/500000"), NULL };
    const char *const history[] = { "x.history", or_else(c->history, "") };
    const char *const size[] = { or_else(c->segment_size, "1MB") };
    if (is_command(query, "IDENTIFY_SYSTEM"))
        say_row(s, identity, 4);
    else if (is_command(query, "TIMELINE_HISTORY"))
        say_row(s, history, 2);
    else
        say_row(s, size, 1);
    say_done(s);
    return flush(s);
}

/* All that is before the first command. */
static bool let_in(fake_server *s, const fake_connection *c)
{
    uint8_t head[4], body[2000];
    if (!receive(s, head, sizeof head) || number_at(head, 4) > sizeof body
        || !receive(s, body, (size_t)number_at(head, 4) - 4))
        return false;
    if (c->refusal != NULL) {
        say_error(s, "FATAL", c->sqlstate, c->refusal);
        (void)flush(s);
        return false;
    }
    say(s, 'R', "\0\0\0", 4);
    say_setting(s, "server_version", or_else(c->version, "15.0"));
    say_setting(s, "client_encoding", "SQL_ASCII");
    say(s, 'Z', "I", 1);
    return flush(s);
}

static void serve(fake_server *s, const fake_connection *c)
{
    uint8_t query[500];
    size_t len;
    s->step = c->steps;
    bool is_open = let_in(s, c);
    while (is_open && receive_message(s, query, sizeof query, &len) == 'Q')
        is_open = answer(s, c, (const char *)query);
    s->done += s->step->action == FAKE_CLOSE;
    close(s->client);
}

static void *run(void *arg)
{
    fake_server *s = arg;
    for (size_t i = 0; i < s->n; i++) {
        struct pollfd fd = { .fd = s->listener, .events = POLLIN };
        if (poll(&fd, 1, PATIENCE_MS) != 1)
            break;
        s->client = accept(s->listener, NULL, NULL);
        if (s->client < 0)
            stop("accept");
        serve(s, &s->connections[i]);
    }
    return NULL;
}

fake_server *fake_server_new(const folder *f, const fake_connection *connections, size_t n)
{
    fake_server *s = calloc(1, sizeof *s);
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", in_folder(f, ".s.PGSQL.5432"));
    if (s == NULL)
        stop("calloc");
    s->connections = connections;
    s->n = n;
    s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->listener < 0 || bind(s->listener, (const struct sockaddr *)&at, sizeof at) != 0
        || listen(s->listener, 5) != 0 || pthread_create(&s->thread, NULL, run, s) != 0)
        stop(at.sun_path);
    return s;
}

bool fake_server_free(fake_server *server)
{
    (void)pthread_join(server->thread, NULL);
    const bool is_through = server->done == server->n;
    close(server->listener);
    blob_free(&server->out);
    free(server);
    return is_through;
}
