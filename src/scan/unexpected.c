/*
 * unexpected.c - see unexpected.h.
 */
#include "scan/unexpected.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool is_alike(const wp_fact_unexpected *a, const wp_fact_unexpected *b)
{
    return a->fact.op == b->fact.op && a->rmid == b->rmid && a->value == b->value
           && strcmp(a->operation, b->operation) == 0;
}

static size_t count_listed(const scan_unexpected *seen)
{
    return seen->total < SCAN_UNEXPECTED_MAX ? (size_t)seen->total : SCAN_UNEXPECTED_MAX;
}

void unexpected_note(scan_unexpected *seen, const wp_fact_unexpected *fact)
{
    const size_t listed = count_listed(seen);
    for (size_t i = 0; i < listed; i++)
        if (is_alike(&seen->first[i], fact))
            return;
    if (listed < SCAN_UNEXPECTED_MAX)
        seen->first[listed] = *fact;
    seen->total++;
}

// clang-format off
/* What of a record is not as it should be: words, its value, words. */
static const struct {
    const char *before;
    bool is_hex;
    const char *after;
} oddities[] = {
    [WP_ODD_KIND]       = { "it is of kind 0x", true, "" },
    [WP_ODD_INFO]       = { "its header has flags 0x", true, "" },
    [WP_ODD_BLOCK]      = { "it has a block ", false, "" },
    [WP_ODD_NO_BLOCK]   = { "it has no block ", false, "" },
    [WP_ODD_FORK]       = { "its block ", false, " is of another fork" },
    [WP_ODD_BLOCK_DATA] = { "its block ", false, " has data" },
    [WP_ODD_FLAGS]      = { "it has flags 0x", true, "" },
    [WP_ODD_LENGTH]     = { "it has ", false, " bytes of its own" },
    [WP_ODD_REST]       = { "it has ", false, " bytes more after its last part" },
    [WP_ODD_IMAGE]      = { "its page image is packed in a way (0x", true, ") that is not known here" },
};
// clang-format on

static void words_of(const wp_fact_unexpected *fact, char *out, size_t room)
{
    const uint8_t what = fact->fact.op;
    char value[16];
    (void)snprintf(value, sizeof value, oddities[what].is_hex ? "%02X" : "%u", fact->value);
    (void)snprintf(out, room, "%s%s%s", oddities[what].before, value, oddities[what].after);
}

void unexpected_warn(const scan_unexpected *seen, const wp_profile *profile, text_list *out)
{
    const size_t listed = count_listed(seen);
    for (size_t i = 0; i < listed; i++) {
        const wp_fact_unexpected *one = &seen->first[i];
        char words[80], lsn[WP_LSN_TEXT_BYTES], rmgr[WP_RMGR_NAME_BYTES];
        words_of(one, words, sizeof words);
        text_list_addf(
            out,
            "the %s%s%s record at %s is unlike what PostgreSQL %s is known to write (%s): "
            "what such records did may be told wrong, or not at all; if a new minor "
            "release wrote it, a newer pitr-find may read it",
            wp_rmgr_name(one->rmid, rmgr), one->operation[0] != '\0' ? " " : "", one->operation,
            wp_lsn_format(one->fact.lsn, lsn), profile->major, words);
    }
    if (seen->total > listed)
        text_list_addf(out,
                       "%" PRIu64
                       " more kinds of records are unlike what PostgreSQL %s is known to write",
                       seen->total - listed, profile->major);
}
