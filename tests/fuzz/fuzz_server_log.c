/*
 * fuzz_server_log.c - any bytes as a server's log: who did it?
 *
 * Input: a byte that chooses what is asked and how, then the file. What is proven has a line with the transaction's id in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "server_log/who.h"
#include "server_log/who_words.h"

#define FILE_BYTES_MAX ((size_t)256 << 10)
#define COMMIT_TIME INT64_C(848659685100000) /* 2026-11-22 10:48:05.1 UTC */

static void check_answer(const who_answer *answer, const uint8_t *data, size_t size)
{
    text json = { 0 };
    text_list lines = { 0 };
    who_json(answer, &json);
    who_lines(answer, &lines);
    if (answer->count > WHO_SUSPECTS_MAX || answer->total < answer->count || lines.count == 0
        || json.failed || (answer->count == 0) != (answer->reason != NULL))
        abort();
    for (size_t i = 0; i < answer->count; i++) {
        const who_suspect *who = &answer->items[i];
        if (who->reason == NULL || who->certainty == WHO_UNKNOWN
            || who->certainty > answer->certainty || who->statement_certainty > who->certainty
            || (who->certainty == WHO_PROVEN
                && (who->proof_file == NULL || memmem(data, size, "1234", 4) == NULL
                    || answer->total != 1)))
            abort();
    }
    text_list_free(&lines);
    text_free(&json);
}

static void ask(const char *path, uint8_t choice, const uint8_t *data, size_t size)
{
    static const char *const prefixes[] = { NULL, "%m [%p] %q%u@%d ",
                                            "%m %p <%u> <%d> <%a> %x %v %c ",
                                            "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:" };
    const who_config config = { &path, 1, prefixes[choice & 3] };
    const who_question q = { .xid = 1234,
                             .commit_time = COMMIT_TIME,
                             .is_prepared = choice & 4,
                             .is_rolled_back = choice & 8,
                             .database = choice & 16 ? NULL : "shop",
                             .events = { "DROP TABLE public.orders",
                                         "DELETE FROM public.\"a\"\"b\"" },
                             .nevents = choice & 32 ? 0 : 2 };
    text_list warnings = { 0 };
    char message[512] = "";
    who_answer answer;
    if (who_ask(&config, &q, &answer, &warnings, message))
        check_answer(&answer, data, size);
    else if (message[0] == '\0')
        abort();
    who_free(&answer);
    text_list_free(&warnings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    if (size == 0 || size > FILE_BYTES_MAX)
        return 0;
    const int file = memfd_create("log", MFD_CLOEXEC);
    if (file < 0)
        return 0;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (write(file, data + 1, size - 1) == (ssize_t)(size - 1))
        ask(path, data[0], data + 1, size - 1);
    (void)close(file);
    return 0;
}
