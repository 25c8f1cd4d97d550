/*
 * html.h - text for HTML and SVG. Whatever comes from the WAL, a path or an option goes through html_text().
 */
#ifndef PITR_FIND_REPORT_HTML_H
#define PITR_FIND_REPORT_HTML_H

#include "base/text.h"

/* As text_add_visible() has it, with what means something to a browser escaped: for content and for values in quotes. */
void html_text(text *out, const char *value);

/* The same of several lines, of which each ends with a newline. */
void html_lines(text *out, const char *lines);

/* Formatted, then as html_text(). */
void html_textf(text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* <section id="..."><h2>title</h2>: </section> ends it. */
void html_section(const char *id, const char *title, text *out);

#endif
