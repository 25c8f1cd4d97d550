/* damage_words.c - see damage_words.h. */
#include "scan/damage_words.h"

#include <stdio.h>

/* How the numbers of a damage fact are shown. */
typedef enum numbers { NO_NUMBERS, FOUND_DECIMAL, BOTH_DECIMAL, BOTH_HEX } numbers;

// clang-format off
static const struct {
    const char *text;
    numbers numbers;
} damages[] = {
    [WP_DAMAGE_PAGE_HEADER] = { "wrong page header", BOTH_HEX },
    [WP_DAMAGE_LENGTH]      = { "record of impossible length", FOUND_DECIMAL },
    [WP_DAMAGE_RMGR]        = { "record of an impossible resource manager", FOUND_DECIMAL },
    [WP_DAMAGE_CRC]         = { "record with a wrong checksum", BOTH_HEX },
    [WP_DAMAGE_PREV_LINK]   = { "record that does not point back to the one before", BOTH_HEX },
    [WP_DAMAGE_CONTRECORD]  = { "record that does not go on as announced", BOTH_DECIMAL },
    [WP_DAMAGE_TIMELINE]    = { "page of the wrong timeline", BOTH_DECIMAL },
    [WP_DAMAGE_AFTER_END]   = { "an end of WAL that other content follows", NO_NUMBERS },
    [WP_DAMAGE_BLOCKS]      = { "record whose block headers contradict its length", NO_NUMBERS },
    [WP_DAMAGE_PAYLOAD]     = { "record whose content contradicts its own counts", NO_NUMBERS },
};
// clang-format on

void damage_words(const wp_fact_damage *fact, char out[DAMAGE_WORDS_BYTES])
{
    const bool is_known =
        fact->fact.op < sizeof damages / sizeof *damages && damages[fact->fact.op].text;
    const char *text = is_known ? damages[fact->fact.op].text : "unreadable record";
    const unsigned expected = fact->expected, found = fact->found;
    /* Equal numbers: it is something else in the same place that is wrong. */
    switch (is_known && expected != found ? damages[fact->fact.op].numbers : NO_NUMBERS) {
    case NO_NUMBERS:
        (void)snprintf(out, DAMAGE_WORDS_BYTES, "%s", text);
        return;
    case FOUND_DECIMAL:
        (void)snprintf(out, DAMAGE_WORDS_BYTES, "%s %u", text, found);
        return;
    case BOTH_DECIMAL:
        (void)snprintf(out, DAMAGE_WORDS_BYTES, "%s (%u, expected %u)", text, found, expected);
        return;
    case BOTH_HEX:
        (void)snprintf(out, DAMAGE_WORDS_BYTES, "%s (%08X, expected %08X)", text, found, expected);
        return;
    }
}
