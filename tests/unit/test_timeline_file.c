/*
 * test_timeline_file.c - history files as servers write them, and as nobody should.
 */
#include <stdio.h>

#include "archive/timeline_tree.h"
#include "cases.h"
#include "archive/timeline_file.h"
#include "file/probe.h"
#include "folder.h"

typedef struct history_case {
    const char *name;
    wp_tli tli;
    const char *text;
    const char *spans; /* "TLI:BEGIN-END ...", NULL: refused */
} history_case;

static const history_case history_cases[] = {
    { "one promotion", 2, "1\t0/97BCF0\tno recovery target specified\n", "1:0-97BCF0 2:97BCF0-" },
    { "two, with the ancestry repeated", 3,
      "1\t0/97BCF0\tno recovery target specified\n\n2\t1/A0\tbefore LSN 1/A0\n\n",
      "1:0-97BCF0 2:97BCF0-1000000A0 3:1000000A0-" },
    { "timelines left out", 9, "1\t0/100\tx\n4\t0/200\ty\n", "1:0-100 4:100-200 9:200-" },
    { "two forks at one position", 3, "1\t0/100\tx\n2\t0/100\ty\n", "1:0-100 2:100-100 3:100-" },
    { "comments and empty lines", 2, "# made by hand\n\n  \n1 0/100 because\n", "1:0-100 2:100-" },
    { "no line feed at the end", 2, "1\t0/100\tx", "1:0-100 2:100-" },
    { "positions with zeros before them, as 19 writes", 2,
      "1\t0/0097BCF0\tno recovery target specified\n", "1:0-97BCF0 2:97BCF0-" },
    { "no reason", 2, "1\t0/100\n", "1:0-100 2:100-" },
    { "carriage returns", 2, "1\t0/100\r\n", "1:0-100 2:100-" },
    { "empty", 2, "", NULL },
    { "comments only", 2, "# nothing\n", NULL },
    { "an ancestor that is newer", 2, "3\t0/100\tx\n", NULL },
    { "its own ancestor", 2, "2\t0/100\tx\n", NULL },
    { "numbers that fall", 9, "4\t0/100\tx\n1\t0/200\ty\n", NULL },
    { "positions that fall", 9, "1\t0/200\tx\n4\t0/100\ty\n", "1:0-100 9:100-" },
    { "positions that fall below two forks", 9, "1\t0/200\tx\n4\t0/300\ty\n5\t0/100\tz\n",
      "1:0-100 9:100-" },
    { "positions that fall between two forks", 9, "1\t0/100\tx\n4\t0/300\ty\n5\t0/200\tz\n",
      "1:0-100 4:100-200 9:200-" },
    { "positions that fall and rise", 9, "1\t0/200\tx\n4\t0/100\ty\n5\t0/300\tz\n",
      "1:0-100 5:100-300 9:300-" },
    { "numbers that fall, of a timeline left out", 9, "1\t0/200\tx\n4\t0/100\ty\n3\t0/300\tz\n",
      NULL },
    { "timeline 0", 2, "0\t0/100\tx\n", NULL },
    { "a number too large", 2, "4294967297\t0/100\tx\n", NULL },
    { "position 0/0", 2, "1\t0/0\tx\n", NULL },
    { "no position", 2, "1\n", NULL },
    { "no number", 2, "x\t0/100\n", NULL },
    { "a position that is none", 2, "1\t0100\tx\n", NULL },
    { "a position without end", 2, "1\t0/1000000000000000000000000000000000\tx\n", NULL },
    { "no text at all", 2, "\x01\x02\x03", NULL },
};

static void tells_spans(void **state)
{
    const history_case *row = *state;
    timeline_history got = { 0 };
    char message[512] = "";
    /* An exact-size copy: reading behind its end shows. */
    const size_t len = strlen(row->text);
    uint8_t *text = malloc(len ? len : 1);
    memcpy(text, row->text, len);
    const bool is_good = timeline_parse((wp_view){ text, len }, row->tli, &got, message);
    free(text);
    assert_int_equal(is_good, row->spans != NULL);
    if (!is_good) {
        assert_true(strlen(message) > 0 && got.spans == NULL);
        return;
    }
    char words[256] = "";
    for (size_t i = 0; i < got.nspans; i++) {
        const timeline_span *s = &got.spans[i];
        char end[20] = "";
        if (s->end != UINT64_MAX)
            (void)snprintf(end, sizeof end, "%llX", (unsigned long long)s->end);
        const size_t at = strlen(words);
        (void)snprintf(words + at, sizeof words - at, "%s%u:%llX-%s", i ? " " : "", s->tli,
                       (unsigned long long)s->begin, end);
    }
    assert_string_equal(words, row->spans);
    timeline_free(&got);
}

static void tells_reasons(void **state)
{
    (void)state;
    static const char text[] =
        "1\t0/100\tbefore 2026-11-22 10:48:05.074335+00\r\n2\t0/200\t \n3\t0/300\tat restore point "
        "\"0123456789012345678901234567890123456789012345678901234567890123456789"
        "01234567890123456789\"\n";
    timeline_history got = { 0 };
    char message[512] = "";
    assert_true(
        timeline_parse((wp_view){ (const uint8_t *)text, sizeof text - 1 }, 4, &got, message));
    assert_string_equal(got.spans[0].reason, "before 2026-11-22 10:48:05.074335+00");
    assert_string_equal(got.spans[1].reason, "");
    assert_int_equal(strlen(got.spans[2].reason), TIMELINE_REASON_BYTES - 1);
    assert_string_equal(got.spans[3].reason, "");
    timeline_free(&got);
}

/* What a file holds, and that it cannot be read, are told apart. */
static void tells_files(void **state)
{
    (void)state;
    static const char text[] = "1\t0/100\tx\n";
    const wp_view bytes = { (const uint8_t *)text, sizeof text - 1 };
    const folder f = folder_new();
    blob packed = { 0 };
    put_gzip(&packed, bytes);
    put_file(&f, "plain", bytes);
    put_file(&f, "packed.gz", view_of(&packed));
    put_text(&f, "other", "x\n");
    static const struct {
        const char *name;
        timeline_answer want;
    } rows[] = { { "plain", TIMELINE_READ },
                 { "packed.gz", TIMELINE_READ },
                 { "other", TIMELINE_BAD },
                 { "absent", TIMELINE_FAILED } };
    prober p = { 0 };
    for (size_t i = 0; i < COUNT(rows); i++) {
        timeline_history got = { 0 };
        char message[512] = "";
        assert_int_equal(timeline_read(&p, in_folder(&f, rows[i].name), 2, &got, message),
                         rows[i].want);
        assert_int_equal(got.nspans, rows[i].want == TIMELINE_READ ? 2 : 0);
        assert_int_equal(message[0] == '\0', rows[i].want == TIMELINE_READ);
        timeline_free(&got);
    }
    probe_free(&p);
    blob_free(&packed);
    folder_remove(&f);
}

/* The way of a server: number by number, as long as there is a history file. */
static void finds_latest(void **state)
{
    (void)state;
    branch items[] = { { .tli = 1 },
                       { .tli = 2, .has_history = true },
                       { .tli = 3, .has_history = true },
                       { .tli = 5, .has_history = true },
                       { .tli = 6 } };
    const timeline_tree all = { .items = items, .count = sizeof items / sizeof *items };
    static const wp_tli pairs[][2] = { { 1, 3 }, { 2, 3 }, { 3, 3 }, { 4, 5 },
                                       { 5, 5 }, { 6, 6 }, { 9, 9 } };
    for (size_t i = 0; i < COUNT(pairs); i++)
        assert_int_equal(timeline_tree_latest(&all, pairs[i][0]), pairs[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_reasons),
        cmocka_unit_test(tells_files),
        cmocka_unit_test(finds_latest),
    };
    return RUN_CASES("history", history_cases, tells_spans)
           + cmocka_run_group_tests_name("timelines", tests, NULL, NULL);
}
