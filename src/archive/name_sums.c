/* name_sums.c - see name_sums.h. */
#include "archive/name_sums.h"

#include <stdlib.h>
#include <string.h>

#include "file/filename.h"
#include "base/grow.h"
#include "base/message.h"

#define SHA1_CHARS 40

/* "SEGMENT-SHA1.gz" */
static const char *sum_of(const char *path)
{
    const char *dash = strchr(filename_base(path), '-');
    return dash && strspn(dash + 1, "0123456789abcdef") == SHA1_CHARS ? dash + 1 : NULL;
}

bool sums_add(sum_list *list, const char *path, size_t tag)
{
    if (!sum_of(path))
        return true;
    sum_file *slot = GROW(list->items, list->count, list->room);
    if (slot)
        *slot = (sum_file){ .path = path, .tag = tag };
    return slot != NULL;
}

void sums_free(sum_list *list)
{
    free(list->items);
    *list = (sum_list){ 0 };
}

#ifdef WITH_CRYPTO

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include <openssl/evp.h>

#include "file/input.h"

bool sums_are_built_in(void)
{
    return true;
}

typedef struct work {
    sum_list *list;
    atomic_size_t next;
    atomic_bool is_failed;
    pthread_mutex_t lock;
    char *message;
} work;

static bool hash_all(EVP_MD_CTX *ctx, input *in, char text[SHA1_CHARS + 1], char *message)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    wp_view window;
    if (EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) != 1)
        return message_fail(message, "libcrypto gives no SHA-1");
    do {
        if (!input_read(in, &window, message))
            return false;
        if (window.len > 0)
            (void)EVP_DigestUpdate(ctx, window.bytes, window.len);
    } while (window.len > 0);
    (void)EVP_DigestFinal_ex(ctx, digest, NULL);
    for (size_t i = 0; i < SHA1_CHARS / 2; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return true;
}

static void fail(work *w, const char *message)
{
    pthread_mutex_lock(&w->lock);
    if (!w->is_failed)
        (void)snprintf(w->message, MESSAGE_BYTES, "%s", message);
    w->is_failed = true;
    pthread_mutex_unlock(&w->lock);
}

static void *run(void *context)
{
    work *w = context;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    input *in = NULL;
    char message[MESSAGE_BYTES] = "out of memory", text[SHA1_CHARS + 1];
    size_t n;
    while (ctx && !w->is_failed && (n = atomic_fetch_add(&w->next, 1)) < w->list->count) {
        sum_file *file = &w->list->items[n];
        in = input_open(file->path, in, message);
        if (!in || !hash_all(ctx, in, text, message)) {
            fail(w, message);
            break;
        }
        file->is_wrong = memcmp(text, sum_of(file->path), SHA1_CHARS) != 0;
        in = input_recycle(in);
    }
    if (!ctx)
        fail(w, message);
    input_free(in);
    EVP_MD_CTX_free(ctx);
    return NULL;
}

bool sums_check(sum_list *list, unsigned jobs, char message[MESSAGE_BYTES])
{
    work w = { .list = list, .message = message };
    pthread_t *threads = calloc(jobs, sizeof *threads);
    unsigned started = 0;
    if (!threads)
        return message_no_memory(message);
    pthread_mutex_init(&w.lock, NULL);
    /* This thread is one of them. */
    while (started + 1 < jobs && started + 1 < list->count
           && pthread_create(&threads[started], NULL, run, &w) == 0)
        started++;
    if (list->count > 0)
        (void)run(&w);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&w.lock);
    free(threads);
    return !w.is_failed;
}

#else

bool sums_are_built_in(void)
{
    return false;
}

bool sums_check(sum_list *list, unsigned jobs, char message[MESSAGE_BYTES])
{
    (void)list;
    (void)jobs;
    (void)message;
    return true;
}

#endif
