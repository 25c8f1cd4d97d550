/* html.c - see html.h. */
#include "command/report/html.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void escape(text *out, const char *chars)
{
    static const char special[] = "<>&\"'";
    while (*chars != '\0') {
        const size_t plain = strcspn(chars, special);
        text_add_bytes(out, chars, plain);
        chars += plain;
        if (*chars != '\0')
            text_addf(out, "&#%d;", *chars++);
    }
}

void html_text(text *out, const char *value)
{
    text visible = { 0 };
    text_add_visible(&visible, value);
    escape(out, text_chars(&visible));
    out->failed = out->failed || visible.failed;
    text_free(&visible);
}

void html_lines(text *out, const char *lines)
{
    while (*lines != '\0') {
        const size_t len = strcspn(lines, "\n");
        text line = { 0 };
        text_add_bytes(&line, lines, len);
        html_text(out, text_chars(&line));
        out->failed = out->failed || line.failed;
        text_free(&line);
        text_add(out, "\n");
        lines += len + (lines[len] == '\n');
    }
}

void html_textf(text *out, const char *format, ...)
{
    char *chars = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&chars, format, args) < 0)
        chars = NULL;
    va_end(args);
    out->failed = out->failed || chars == NULL;
    if (chars != NULL)
        html_text(out, chars);
    free(chars);
}

void html_section(const char *id, const char *title, text *out)
{
    text_addf(out, "<section id=\"%s\">\n<h2>%s</h2>\n", id, title);
}
