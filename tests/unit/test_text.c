/*
 * test_text.c - values quoted for configuration files, shells, JSON, CSV and people.
 *
 * That a shell and a configuration file read back what was quoted is not taken from text.c: the shell
 * is asked, and the server's rules are spelled out here once more, from the other side.
 */
#include <stdio.h>

#include "base/text.h"

#include "cases.h"

typedef void (*add_quoted)(text *out, const char *value);

static void add_member(text *out, const char *value)
{
    text_add_json_member(out, "name", value);
}

typedef struct quote_case {
    const char *name;
    add_quoted add;
    const char *value, *want;
} quote_case;

static const quote_case quotes[] = {
    { "conf: plain", text_add_conf, "0/161B5B8", "'0/161B5B8'" },
    { "conf: empty", text_add_conf, "", "''" },
    { "conf: quote is doubled", text_add_conf, "it's", "'it''s'" },
    { "conf: backslash is doubled", text_add_conf, "a\\b", "'a\\\\b'" },
    { "conf: newline", text_add_conf, "a\nb\r", "'a\\nb\\r'" },
    { "conf: double quotes and percents stay", text_add_conf, "cp \"/a/%f\" \"%p\"",
      "'cp \"/a/%f\" \"%p\"'" },
    { "conf: control characters and direction marks in octal", text_add_conf,
      "a\033\t\xC2\x9B\xE2\x80\xAE", "'a\\033\\011\\302\\233\\342\\200\\256'" },
    { "conf: a Latin-1 byte in octal, UTF-8 as it is", text_add_conf, "\xF6\xC3\xB6",
      "'\\366\xC3\xB6'" },
    { "shell: plain", text_add_shell, "a b", "'a b'" },
    { "shell: quote", text_add_shell, "it's", "'it'\\''s'" },
    { "shell: nothing else is special", text_add_shell, "$x `y` \\ \"\n", "'$x `y` \\ \"\n'" },
    { "json: quote and backslash", text_add_json, "a\"b\\c", "\"a\\\"b\\\\c\"" },
    { "json: control characters", text_add_json, "\n\t\x01\x7f",
      "\"\\u000a\\u0009\\u0001\\u007f\"" },
    { "json: UTF-8 stays", text_add_json, "\xC3\xB6\xE8\xA1\xA8\xF0\x9F\x98\x80",
      "\"\xC3\xB6\xE8\xA1\xA8\xF0\x9F\x98\x80\"" },
    { "json: C1 controls", text_add_json, "\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0",
      "\"\\u0080\\u009b\\u009f\xC2\xA0\"" },
    { "json: direction marks", text_add_json,
      "\xD8\x9C\xE2\x80\x8E\xE2\x80\x8F\xE2\x80\xAA\xE2\x80\xAE\xE2\x81\xA6\xE2\x81\xA9",
      "\"\\u061c\\u200e\\u200f\\u202a\\u202e\\u2066\\u2069\"" },
    { "json: a Latin-1 byte", text_add_json, "\xF6rder", "\"\xEF\xBF\xBDrder\"" },
    { "json: a cut character", text_add_json, "a\xE8\xA1", "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"" },
    { "json: an overlong form", text_add_json, "\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"" },
    { "json: a surrogate", text_add_json, "\xED\xA0\x80",
      "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
    { "json: beyond Unicode", text_add_json, "\xF4\x90\x80\x80",
      "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
    { "json member: UTF-8", add_member, "\xC3\xB6", "\"name\":\"\xC3\xB6\"" },
    { "json member: empty", add_member, "", "\"name\":\"\"" },
    { "json member: none", add_member, NULL, "\"name\":null" },
    { "json member: a Latin-1 name with its bytes", add_member, "\xF6r",
      "\"name\":\"\xEF\xBF\xBDr\",\"name_bytes\":\"f672\"" },
    { "label: quote, backslash and newline", text_add_metric_label, "C:\\DIR\\ \"a\"\nb",
      "\"C:\\\\DIR\\\\ \\\"a\\\"\\nb\"" },
    { "label: empty", text_add_metric_label, "", "\"\"" },
    { "label: UTF-8 and other controls stay", text_add_metric_label, "\xC3\xB6\t",
      "\"\xC3\xB6\t\"" },
    { "label: a Latin-1 byte", text_add_metric_label, "\xF6r", "\"\xEF\xBF\xBDr\"" },
    { "csv: plain", text_add_csv, "DROP TABLE public.t", "DROP TABLE public.t" },
    { "csv: comma", text_add_csv, "a,b", "\"a,b\"" },
    { "csv: quotes are doubled", text_add_csv, "public.\"A\"", "\"public.\"\"A\"\"\"" },
    { "csv: line ends", text_add_csv, "a\r\nb,", "\"a\\x0D\\x0Ab,\"" },
    { "csv: a backslash is doubled", text_add_csv, "a\\x0A", "a\\\\x0A" },
    { "csv: C1 control and direction mark", text_add_csv, "\xC2\x9B\xE2\x80\xAE",
      "\\u009B\\u202E" },
    { "csv: a Latin-1 byte", text_add_csv, "\xF6", "\\xF6" },
    { "visible: plain and UTF-8", text_add_visible, "Ord\xC3\xA9r", "Ord\xC3\xA9r" },
    { "visible: newline and escape", text_add_visible, "a\nb\033[31m", "a\\x0Ab\\x1B[31m" },
    { "visible: a byte that is no UTF-8", text_add_visible, "\xF6", "\\xF6" },
    { "visible: C1 control", text_add_visible, "\xC2\x9B", "\\u009B" },
    { "visible: a mark that turns the direction", text_add_visible, "\xE2\x80\xAE", "\\u202E" },
    { "visible: a mark of Arabic letters", text_add_visible, "\xD8\x9C", "\\u061C" },
};

static void quotes_as_wanted(void **state)
{
    const quote_case *row = *state;
    text out = { 0 };
    row->add(&out, row->value);
    assert_string_equal(text_chars(&out), row->want);
    assert_false(out.failed);
    text_free(&out);
}

/* Every byte but NUL, twice over so that pairs meet. */
static void fill_with_bytes(char value[512])
{
    size_t len = 0;
    for (int i = 1; i < 256; i++)
        value[len++] = (char)i;
    for (int i = 255; i > 0; i--)
        value[len++] = (char)i;
    value[len] = '\0';
}

static void a_shell_reads_back_every_byte(void **state)
{
    (void)state;
    char value[512], read[520];
    fill_with_bytes(value);
    text command = { 0 };
    text_add(&command, "printf %s ");
    text_add_shell(&command, value);
    FILE *shell = popen(text_chars(&command), "r"); // NOLINT(cert-env33-c)
    assert_non_null(shell);
    const size_t len = fread(read, 1, sizeof read, shell);
    assert_int_equal(pclose(shell), 0);
    assert_int_equal(len, strlen(value));
    assert_memory_equal(read, value, len);
    text_free(&command);
}

/* As guc-file.l and GUC_scanstr do it: '' is a quote, a newline ends the line, a backslash escapes. */
static void read_conf(const char *quoted, char *out)
{
    assert_int_equal(*quoted, '\'');
    for (quoted++; *quoted != '\0'; quoted++) {
        assert_int_not_equal(*quoted, '\n');
        if (quoted[0] == '\'' && quoted[1] == '\0') {
            *out = '\0';
            return;
        }
        if (*quoted == '\'')
            assert_int_equal(*++quoted, '\'');
        else if (*quoted == '\\') {
            quoted++;
            int octal = 0, digits = 0;
            for (; digits < 3 && *quoted >= '0' && *quoted <= '7'; digits++)
                octal = octal * 8 + (*quoted++ - '0');
            if (digits > 0) {
                quoted--;
                *out++ = (char)octal;
            } else {
                *out++ = *quoted == 'n' ? '\n' : *quoted == 'r' ? '\r' : *quoted;
            }
            continue;
        }
        *out++ = *quoted;
    }
    fail_msg("the string does not end");
}

static void a_configuration_file_reads_back_every_byte(void **state)
{
    (void)state;
    char value[512], read[1300];
    fill_with_bytes(value);
    text out = { 0 };
    text_add_conf(&out, value);
    read_conf(text_chars(&out), read);
    assert_string_equal(read, value);
    text_free(&out);
}

static void grows_and_empties(void **state)
{
    (void)state;
    text out = { 0 };
    assert_string_equal(text_chars(&out), "");
    for (int i = 0; i < 10000; i++)
        text_addf(&out, "%d,", i);
    assert_int_equal(out.len, 10 * 2 + 90 * 3 + 900 * 4 + 9000 * 5);
    text_clear(&out);
    assert_string_equal(text_chars(&out), "");
    text_add(&out, "again");
    assert_string_equal(text_chars(&out), "again");
    text_free(&out);
}

static void lists_keep_their_strings(void **state)
{
    (void)state;
    text_list list = { 0 };
    for (int i = 0; i < 100; i++)
        text_list_addf(&list, "warning %d", i);
    assert_int_equal(list.count, 100);
    assert_string_equal(list.items[99], "warning 99");
    text_list_free(&list);
    assert_int_equal(list.count, 0);
}

static void counts_columns_by_characters(void **state)
{
    (void)state;
    assert_int_equal(text_columns("Ord\xC3\xA9r", 6), 5);
    assert_int_equal(text_columns("", 0), 0);
    assert_int_equal(text_columns("\xE8\xA1\xA8.\xE8\xA1\xA8", 7), 5); /* wide ones */
    assert_int_equal(text_columns("a\xCC\x81", 3), 1);                 /* an accent of its own */
    assert_int_equal(text_fitting("\xE8\xA1\xA8.\xE8\xA1\xA8", 7, 4), 4);
    assert_int_equal(text_fitting("Ord\xC3\xA9r", 6, 4), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shell_reads_back_every_byte),
        cmocka_unit_test(a_configuration_file_reads_back_every_byte),
        cmocka_unit_test(grows_and_empties),
        cmocka_unit_test(lists_keep_their_strings),
        cmocka_unit_test(counts_columns_by_characters),
    };
    int failed = RUN_CASES("quoting", quotes, quotes_as_wanted);
    failed += cmocka_run_group_tests_name("texts", tests, NULL, NULL);
    return failed;
}
