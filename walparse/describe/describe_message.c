/*
 * describe_message.c - messages for logical decoding. Mirrors access/rmgrdesc/logicalmsgdesc.c; layout from
 * replication/message.h: u32 database, u8 transactional, sizes of prefix and message (size_t of the server), prefix
 * with its terminator, message.
 */
#include <walparse/profile.h>

#include "base/cursor.h"
#include "describe/ops.h"

typedef struct message {
    bool is_transactional;
    uint64_t prefix_bytes, payload_bytes;
} message;

static message take_head(wpi_cursor *c, uint8_t max_align)
{
    const size_t size_bytes = max_align == 4 ? 4 : 8;
    (void)wpi_take_u32(c);
    message got = { .is_transactional = wpi_take_u8(c) != 0 };
    wpi_align(c, size_bytes);
    got.prefix_bytes = size_bytes == 4 ? wpi_take_u32(c) : wpi_take_u64(c);
    got.payload_bytes = size_bytes == 4 ? wpi_take_u32(c) : wpi_take_u64(c);
    return got;
}

/* 9.6 to 13. */
static bool put_size(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const message m = take_head(&c, record->max_align);
    if (c.overrun)
        return false;
    wpi_put(out, m.is_transactional ? "transactional" : "nontransactional");
    wpi_put(out, " message size ");
    wpi_put_u64(out, m.payload_bytes);
    wpi_put(out, " bytes");
    return true;
}

static void put_payload(const uint8_t *bytes, size_t n, wpi_text *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            wpi_put_char(out, ' ');
        wpi_put_hex(out, bytes[i], 2);
    }
}

static bool put_content(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const message m = take_head(&c, record->max_align);
    if (c.overrun || m.prefix_bytes > wpi_left(&c))
        return false;
    const uint8_t *prefix = wpi_take(&c, (size_t)m.prefix_bytes);
    const uint8_t *end = m.prefix_bytes ? memchr(prefix, 0, (size_t)m.prefix_bytes) : NULL;
    if (!end || m.payload_bytes > wpi_left(&c))
        return false;
    wpi_put(out, m.is_transactional ? "transactional" : "non-transactional");
    wpi_put(out, ", prefix \"");
    wpi_put_bytes(out, prefix, (size_t)(end - prefix));
    wpi_put(out, "\"; payload (");
    wpi_put_u64(out, m.payload_bytes);
    wpi_put(out, " bytes): ");
    put_payload(c.pos, (size_t)m.payload_bytes, out);
    return true;
}

static const wpi_op ops[] = {
    { OP(0x00, 906, 1400, "MESSAGE"), REST(put_size) },
    { OP(0x00, 1400, FOREVER, "MESSAGE"), REST(put_content) },
};

WPI_DESCRIBED_BY(ops, message, WPI_INFO_OP_MASK)
