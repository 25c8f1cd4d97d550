/*
 * state.c - see state.h.
 *
 *     head | what follow_save() wrote | checksum of both | note | note | ...
 *
 * Each note has a checksum of its own. Numbers lie as this machine has them: the file does not leave it.
 */
#include "live/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT 2
/* It is written again once so much WAL was read, or so many times its own size. */
#define SAVE_BYTES_MIN (UINT64_C(16) << 20)
#define SAVE_SIZES 8
/* A reducer keeps less; a file that is longer is none of ours. */
#define STATE_BYTES_MAX (UINT64_C(8) << 30)
#define OUT_BYTES 65536

typedef struct head {
    char magic[16];
    uint32_t format, note_bytes;
    uint64_t saved_bytes; /* that follow; unlike the rest known only when they are written */
    wp_lsn restart_lsn;
    state_note note;
} head;

static const char magic[16] = "pitr-find state";

typedef struct noted {
    state_note note;
    uint64_t sum;
} noted;

struct state {
    char *path;
    int fd; /* locked */
    uint8_t *saved;
    size_t saved_bytes;
    state_note note;
    wp_lsn restart_lsn, position; /* position: of the follow that was saved last */
    uint64_t file_bytes;
    bool is_new;
};

/* FNV-1a */
static uint64_t add_to_sum(uint64_t sum, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < n; i++)
        sum = (sum ^ at[i]) * UINT64_C(1099511628211);
    return sum;
}

#define SUM_START UINT64_C(14695981039346656037)

/* ---- reading -------------------------------------------------------------------------------- */

static bool fail_damaged(const state *s, char message[MESSAGE_BYTES])
{
    return message_fail(
        message,
        "state file \"%.200s\" is damaged: remove it, and say by --from-lsn where to begin",
        s->path);
}

static bool fail_system(const state *s, const char *what, char message[MESSAGE_BYTES])
{
    return message_fail(message, "cannot %s state file \"%.200s\": %s", what, s->path,
                        strerror(errno));
}

/* The file under this name, locked. A process that replaces it in between has it: then it is another one. */
static bool lock(state *s, char message[MESSAGE_BYTES])
{
    struct stat own, named;
    for (int i = 0; i < 100; i++) {
        s->fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
        if (s->fd < 0 || fstat(s->fd, &own) != 0)
            return fail_system(s, "open", message);
        if (!S_ISREG(own.st_mode))
            return message_fail(message, "\"%.200s\" is no regular file", s->path);
        if (flock(s->fd, LOCK_EX | LOCK_NB) != 0)
            return errno == EWOULDBLOCK ? message_fail(
                       message, "state file \"%.200s\" is in use by another process", s->path)
                                        : fail_system(s, "lock", message);
        if (stat(s->path, &named) == 0 && named.st_ino == own.st_ino && named.st_dev == own.st_dev)
            return true;
        (void)close(s->fd);
        s->fd = -1;
    }
    return message_fail(message, "state file \"%.200s\" is replaced again and again", s->path);
}

static bool read_all(state *s, uint8_t **bytes, size_t *len, char message[MESSAGE_BYTES])
{
    struct stat st;
    *bytes = NULL;
    *len = 0;
    if (fstat(s->fd, &st) != 0)
        return fail_system(s, "read", message);
    if ((uint64_t)st.st_size > STATE_BYTES_MAX)
        return fail_damaged(s, message);
    *bytes = malloc((size_t)st.st_size + 1);
    if (*bytes == NULL)
        return message_no_memory(message);
    while (*len < (size_t)st.st_size) {
        const ssize_t n = pread(s->fd, *bytes + *len, (size_t)st.st_size - *len, (off_t)*len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_system(s, "read", message);
        if (n == 0)
            break;
        *len += (size_t)n;
    }
    return true;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

/* Notes up to the end. One that is not whole at the end was never written; one that is wrong is damage. */
static bool take_notes(state *s, const uint8_t *bytes, size_t len, char message[MESSAGE_BYTES])
{
    noted one;
    while (len >= sizeof one) {
        memcpy(&one, bytes, sizeof one);
        if (is_zero(bytes, len)) /* the machine went down before its bytes were on disk */
            return true;
        if (one.sum != add_to_sum(SUM_START, &one.note, sizeof one.note))
            return fail_damaged(s, message);
        s->note = one.note;
        s->file_bytes += sizeof one;
        bytes += sizeof one;
        len -= sizeof one;
    }
    return true;
}

static bool take(state *s, const uint8_t *bytes, size_t len, char message[MESSAGE_BYTES])
{
    head h;
    uint64_t sum;
    s->is_new = len == 0;
    if (s->is_new)
        return true;
    if (len < sizeof h || memcmp(bytes, magic, sizeof magic) != 0)
        return message_fail(message, "\"%.200s\" is no state file of watch: name another one",
                            s->path);
    memcpy(&h, bytes, sizeof h);
    if (h.format != FORMAT || h.note_bytes != sizeof(noted))
        return message_fail(message,
                            "state file \"%.200s\" is of another version of pitr-find: remove it, "
                            "and say by --from-lsn where to begin",
                            s->path);
    const size_t rest = len - sizeof h;
    if (rest < sizeof sum || h.saved_bytes > rest - sizeof sum)
        return fail_damaged(s, message);
    const size_t whole = sizeof h + (size_t)h.saved_bytes;
    memcpy(&sum, bytes + whole, sizeof sum);
    if (sum != add_to_sum(SUM_START, bytes, whole))
        return fail_damaged(s, message);
    s->saved = malloc((size_t)h.saved_bytes + 1);
    if (s->saved == NULL)
        return message_no_memory(message);
    memcpy(s->saved, bytes + sizeof h, (size_t)h.saved_bytes);
    s->saved_bytes = (size_t)h.saved_bytes;
    s->restart_lsn = h.restart_lsn;
    s->position = h.restart_lsn;
    s->note = h.note;
    s->file_bytes = whole + sizeof sum;
    return take_notes(s, bytes + s->file_bytes, len - (size_t)s->file_bytes, message);
}

bool state_open(const char *path, state **out, char message[MESSAGE_BYTES])
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    state *s = calloc(1, sizeof *s);
    *out = NULL;
    if (s == NULL)
        return message_no_memory(message);
    s->fd = -1;
    s->path = strdup(path);
    bool is_good = s->path != NULL || message_no_memory(message);
    is_good = is_good && lock(s, message) && read_all(s, &bytes, &len, message)
              && take(s, bytes, len, message);
    free(bytes);
    if (is_good && !s->is_new && ftruncate(s->fd, (off_t)s->file_bytes) != 0)
        is_good = fail_system(s, "write", message);
    if (!is_good) {
        state_free(s);
        return false;
    }
    *out = s;
    return true;
}

void state_free(state *s)
{
    if (s == NULL)
        return;
    if (s->fd >= 0)
        (void)close(s->fd);
    free(s->saved);
    free(s->path);
    free(s);
}

bool state_is_new(const state *s)
{
    return s->is_new;
}

wp_view state_saved(const state *s)
{
    return (wp_view){ s->saved, s->saved_bytes };
}

state_note state_noted(const state *s)
{
    return s->note;
}

wp_lsn state_restart_lsn(const state *s)
{
    return s->restart_lsn;
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool write_at(int fd, const void *bytes, size_t len, uint64_t at)
{
    const uint8_t *from = bytes;
    while (len > 0) {
        const ssize_t n = pwrite(fd, from, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? ENOSPC : errno;
            return false;
        }
        from += n;
        len -= (size_t)n;
        at += (uint64_t)n;
    }
    return true;
}

bool state_add_note(state *s, const state_note *note, char message[MESSAGE_BYTES])
{
    noted one;
    memset(&one, 0, sizeof one);
    one.note = *note;
    one.sum = add_to_sum(SUM_START, &one.note, sizeof one.note);
    s->note = *note;
    if (s->is_new)
        return true;
    if (!write_at(s->fd, &one, sizeof one, s->file_bytes)) {
        const int cause = errno;
        if (ftruncate(s->fd, (off_t)s->file_bytes) != 0)
            return fail_system(s, "write", message);
        errno = cause;
        return fail_system(s, "write", message);
    }
    s->file_bytes += sizeof one;
    return true;
}

/* A file that is written from its start, with its checksum. */
typedef struct sum_writer {
    int fd;
    uint64_t at, sum;
    size_t have;
    uint8_t bytes[OUT_BYTES];
} sum_writer;

static bool flush(sum_writer *w)
{
    const bool is_good = write_at(w->fd, w->bytes, w->have, w->at);
    w->at += w->have;
    w->have = 0;
    return is_good;
}

static bool put(void *context, const void *bytes, size_t n)
{
    sum_writer *w = context;
    const uint8_t *from = bytes;
    w->sum = add_to_sum(w->sum, bytes, n);
    while (n > 0) {
        const size_t room = sizeof w->bytes - w->have;
        const size_t part = n < room ? n : room;
        memcpy(w->bytes + w->have, from, part);
        w->have += part;
        from += part;
        n -= part;
        if (w->have == sizeof w->bytes && !flush(w))
            return false;
    }
    return true;
}

static bool count(void *context, const void *bytes, size_t n)
{
    (void)bytes;
    *(uint64_t *)context += n;
    return true;
}

static bool write_all(sum_writer *w, const follow *f, const state_note *note)
{
    head h;
    memset(&h, 0, sizeof h);
    memcpy(h.magic, magic, sizeof magic);
    h.format = FORMAT;
    h.note_bytes = sizeof(noted);
    h.restart_lsn = follow_restart_lsn(f);
    h.note = *note;
    if (!follow_save(f, count, &h.saved_bytes) || !put(w, &h, sizeof h) || !follow_save(f, put, w))
        return false;
    const uint64_t sum = w->sum;
    return put(w, &sum, sizeof sum) && flush(w);
}

bool state_is_due(const state *s, const follow *f)
{
    const uint64_t sizes = SAVE_SIZES * s->file_bytes;
    const uint64_t least = sizes > SAVE_BYTES_MIN ? sizes : SAVE_BYTES_MIN;
    const wp_lsn position = follow_position(f);
    const bool is_other = position < s->position; /* a new timeline has begun */
    return follow_can_save(f) && (s->is_new || is_other || position - s->position >= least);
}

/* A name is on disk once its folder is. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    const int fd = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(folder);
}

/* Writes a new file under a name beside, and gives it the name of the old one. *fd: it, locked. */
static bool replace(const state *s, const char *beside, const follow *f, const state_note *note,
                    int *fd, uint64_t *bytes, char message[MESSAGE_BYTES])
{
    sum_writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        return message_no_memory(message);
    w->sum = SUM_START;
    w->fd = *fd =
        open(beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    const bool is_good = *fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) == 0 && write_all(w, f, note)
                         && fsync(*fd) == 0 && rename(beside, s->path) == 0;
    *bytes = w->at;
    free(w);
    if (is_good)
        sync_folder(s->path);
    return is_good || fail_system(s, "write", message);
}

bool state_save(state *s, const follow *f, const state_note *note, char message[MESSAGE_BYTES])
{
    int fd = -1;
    uint64_t bytes = 0;
    const size_t room = strlen(s->path) + sizeof ".new";
    char *beside = malloc(room);
    if (beside == NULL)
        return message_no_memory(message);
    (void)snprintf(beside, room, "%s.new", s->path);
    const bool is_good = replace(s, beside, f, note, &fd, &bytes, message);
    if (!is_good && fd >= 0) {
        (void)unlink(beside);
        (void)close(fd);
    }
    free(beside);
    if (!is_good)
        return false;
    (void)close(s->fd);
    s->fd = fd;
    s->file_bytes = bytes;
    s->note = *note;
    s->restart_lsn = follow_restart_lsn(f);
    s->position = follow_position(f);
    s->is_new = false;
    free(s->saved);
    s->saved = NULL;
    s->saved_bytes = 0;
    return true;
}
