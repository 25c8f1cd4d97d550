/*
 * fuzz_input.c - any bytes as a packed file, and as the stream of any one codec.
 *
 * Input: a byte that chooses, then the bytes. 0: a file, its format known by its first bytes; its name is no
 * help. Otherwise one codec, in pieces and into room of other sizes than input.c has: 1 + a row of the table,
 * or zlib, which is in none where ISA-L is.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "codec/packing.h"
#include "file/input.h"

#define UNPACKED_BYTES_MAX (4u << 20)
#define ROOM_BYTES_MAX 70000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned seen;

static void see(const uint8_t *bytes, size_t len)
{
    unsigned sum = 0;
    for (size_t i = 0; i < len; i += 64)
        sum += bytes[i];
    seen += sum + (len > 0 ? bytes[len - 1] : 0);
}

/* To the end, or as much of it as anybody wants. */
static input *read_all(const char *path, bool as_head, input *reuse)
{
    char message[512] = "";
    input *in = as_head ? input_open_head(path, reuse, message) : input_open(path, reuse, message);
    wp_view window = { 0 };
    size_t total = 0;
    bool is_read = in != NULL;
    while (is_read && total < UNPACKED_BYTES_MAX) {
        is_read = input_read(in, &window, message);
        if (!is_read || window.len == 0)
            break;
        if (window.len > INPUT_WINDOW_BYTES)
            abort();
        see(window.bytes, window.len);
        total += window.len;
    }
    /* What cannot be read has its one line. */
    if (!is_read && (message[0] == '\0' || strchr(message, '\n')))
        abort();
    if (in && input_is_damaged(in) && !input_is_cut(in))
        abort();
    return in;
}

static void as_file(const uint8_t *data, size_t size)
{
    char path[64];
    const int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, data, size) == (ssize_t)size) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        input_free(read_all(path, false, read_all(path, true, NULL)));
    }
    close(fd);
}

static void step_through(const codec *c, void *state, const uint8_t *data, size_t size,
                         size_t piece, size_t room)
{
    codec_status status = CODEC_OK;
    uint8_t *out = malloc(room); /* exactly as much, for the sanitizer */
    size_t at = 0, total = 0;
    while (out && status == CODEC_OK && total < UNPACKED_BYTES_MAX) {
        const size_t len = piece < size - at ? piece : size - at;
        codec_io io = { .in = data + at, .in_len = len, .out = out, .out_room = room };
        status = c->step(state, &io);
        if (io.in_len > len || io.out_room > room || io.in != data + at + (len - io.in_len)
            || io.out != out + (room - io.out_room) || (status == CODEC_REFUSED && !io.why))
            abort();
        if (io.in_len == len && io.out_room == room)
            break;
        see(out, room - io.out_room);
        at += len - io.in_len;
        total += room - io.out_room;
    }
    free(out);
}

static void as_stream(const codec *c, const uint8_t *data, size_t size)
{
    const size_t piece = size > 1 ? 1 + data[0] * 16u : 1;
    const size_t room = size > 1 ? 1 + data[1] * 256u : 1;
    void *state = c->open();
    for (int i = 0; state && i < 2; i++) /* twice, so that what is left of the first run is seen */
        if (c->begin(state))
            step_through(c, state, data, size, i ? size + 1 : piece, i ? ROOM_BYTES_MAX : room);
    c->close(state);
}

static const codec *codec_of(uint8_t choice)
{
    return choice == 0xFE   ? &codec_gzip_zlib
           : choice == 0xFF ? &codec_zlib_zlib
                            : packing_at(choice % PACKINGS)->codec;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const codec *c = data[0] > 0 ? codec_of(data[0]) : NULL;
    if (c)
        as_stream(c, data + 1, size - 1);
    else if (data[0] == 0)
        as_file(data + 1, size - 1);
    return 0;
}
