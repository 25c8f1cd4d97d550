/*
 * test_text.c - values quoted for configuration files, shells, JSON, CSV and people.
 *
 * That a shell and a configuration file read back what was quoted is not taken from text.c: the shell
 * is asked, and the server's rules are spelled out here once more, from the other side.
 */
#include <stdio.h>

#include "text.h"

#include "cases.h"

typedef void (*add_quoted)(text *out, const char *value);

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
    { "shell: plain", text_add_shell, "a b", "'a b'" },
    { "shell: quote", text_add_shell, "it's", "'it'\\''s'" },
    { "shell: nothing else is special", text_add_shell, "$x `y` \\ \"\n", "'$x `y` \\ \"\n'" },
    { "json: quote and backslash", text_add_json, "a\"b\\c", "\"a\\\"b\\\\c\"" },
    { "json: control characters", text_add_json, "\n\t\x01\x7f",
      "\"\\u000a\\u0009\\u0001\\u007f\"" },
    { "json: UTF-8 stays", text_add_json, "\xC3\xB6\xE8\xA1\xA8\xF0\x9F\x98\x80",
      "\"\xC3\xB6\xE8\xA1\xA8\xF0\x9F\x98\x80\"" },
    { "json: a Latin-1 byte", text_add_json, "\xF6rder", "\"\xEF\xBF\xBDrder\"" },
    { "json: a cut character", text_add_json, "a\xE8\xA1", "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"" },
    { "json: an overlong form", text_add_json, "\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"" },
    { "json: a surrogate", text_add_json, "\xED\xA0\x80",
      "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
    { "json: beyond Unicode", text_add_json, "\xF4\x90\x80\x80",
      "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
    { "csv: plain", text_add_csv, "DROP TABLE public.t", "DROP TABLE public.t" },
    { "csv: comma", text_add_csv, "a,b", "\"a,b\"" },
    { "csv: quotes are doubled", text_add_csv, "public.\"A\"", "\"public.\"\"A\"\"\"" },
    { "csv: line ends", text_add_csv, "a\r\nb", "\"a\r\nb\"" },
    { "visible: plain and UTF-8", text_add_visible, "Ord\xC3\xA9r", "Ord\xC3\xA9r" },
    { "visible: newline and escape", text_add_visible, "a\nb\033[31m", "a\\x0Ab\\x1B[31m" },
    { "visible: a byte that is no UTF-8", text_add_visible, "\xF6", "\\xF6" },
    { "visible: C1 control", text_add_visible, "\xC2\x9B", "\\u009B" },
    { "visible: a mark that turns the direction", text_add_visible, "\xE2\x80\xAE", "\\u202E" },
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

/* As guc-file.l and GUC_scanstr do it: '' is a quote, a backslash escapes, a newline ends the line. */
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
            *out++ = *quoted == 'n' ? '\n' : *quoted == 'r' ? '\r' : *quoted;
            continue;
        }
        *out++ = *quoted;
    }
    fail_msg("the string does not end");
}

static void a_configuration_file_reads_back_every_byte(void **state)
{
    (void)state;
    char value[512], read[600];
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
