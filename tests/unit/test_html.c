/* test_html.c - text of anybody in a page: nothing of it is a tag, a reference or a direction. */
#include "command/report/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void escapes(void **state)
{
    (void)state;
    static const struct {
        const char *value, *want;
    } cases[] = {
        { "", "" },
        { "public.orders", "public.orders" },
        { "<b>&\"'", "&#60;b&#62;&#38;&#34;&#39;" },
        { "&lt;", "&#38;lt;" },
        { "a\nb\tc\x01", "a\\x0Ab\\x09c\\x01" },
        { "\xE2\x80\xAE", "\\u202E" },
        { "caf\xE9<", "caf\\xE9&#60;" },
        { "Tsch\xC3\xBC\xC3\x9F", "Tsch\xC3\xBC\xC3\x9F" },
        { "]]>--><!--", "]]&#62;--&#62;&#60;!--" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text out = { 0 };
        html_text(&out, cases[i].value);
        assert_string_equal(text_chars(&out), cases[i].want);
        text_free(&out);
    }
}

static void every_byte(void **state)
{
    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        const char value[] = { (char)byte, '\0' };
        text out = { 0 };
        html_text(&out, value);
        assert_null(strpbrk(text_chars(&out), "<>\"'\n\r"));
        for (const char *at = text_chars(&out); *at != '\0'; at++)
            assert_true((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x7F);
        text_free(&out);
    }
}

static void lines_stay_lines(void **state)
{
    (void)state;
    static const struct {
        const char *value, *want;
    } cases[] = {
        { "a\n<b>\n", "a\n&#60;b&#62;\n" },
        { "a\n\nb", "a\n\nb\n" },
        { "", "" },
        { "a\r\n", "a\\x0D\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text out = { 0 };
        html_lines(&out, cases[i].value);
        assert_string_equal(text_chars(&out), cases[i].want);
        text_free(&out);
    }
}

static void formats(void **state)
{
    (void)state;
    text out = { 0 };
    html_textf(&out, "%s: %d", "<x>", 7);
    assert_string_equal(text_chars(&out), "&#60;x&#62;: 7");
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(lines_stay_lines),
        cmocka_unit_test(formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
