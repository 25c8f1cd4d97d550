/*
 * render.h - a report's document as text. Pure.
 */
#ifndef PITR_FIND_REPORT_RENDER_H
#define PITR_FIND_REPORT_RENDER_H

#include "command/report/document.h"

void report_html(const report_document *d, text *out);
void report_json(const report_document *d, text *out);
void report_timesketch(const report_document *d, text *out);

/* The picture of the time around the incident, an <svg>; and the numbers that it shows, as a table. */
void report_svg(const report_document *d, text *out);
void report_svg_numbers(const report_document *d, text *out);

/* The style of the page, in one piece. */
extern const char report_style[];

/* ---- for several of them -------------------------------------------------------------------- */

/* The settings of the target, a line each. */
void report_settings(const report_document *d, text *out);

/* When the incident happened, as its transaction has it, and the last moment that the target keeps; WP_TIME_UNKNOWN: not known. */
wp_time report_incident_time(const report_document *d);
wp_time report_target_time(const report_document *d);

/* How far the target can be trusted. */
typedef enum report_verdict {
    VERDICT_EXACT,
    VERDICT_IN_DOUBT,   /* found, and another one may be hidden */
    VERDICT_NOT_EXACT,  /* a server does not stop right there */
    VERDICT_UNREACHABLE /* no restore from this archive gets there */
} report_verdict;

report_verdict report_verdict_of(const report_document *d);
/* "exact", "in doubt" ... and a sentence. Static. */
const char *report_verdict_word(report_verdict verdict);
const char *report_verdict_sentence(report_verdict verdict);

/* The parts of the page: render_who.c, render_page.c. */
void page_who(const report_document *d, text *out);
void page_who_in_short(const report_document *d, text *out); /* a line, where a log was asked */
void page_biography(const report_document *d, text *out);
void page_others(const report_document *d, text *out);
void page_archive(const report_document *d, text *out);
void page_evidence(const report_document *d, text *out);
void page_unread(const report_document *d, text *out);
void page_footer(const report_document *d, text *out);

/* The file's name and format: "report.html". Static. */
const char *report_file_name(report_format format);

/*
 * manifest.json: what the report was made of and how. digest, size: of the report file.
 */
void report_manifest(const report_document *d, const char *host, uint64_t size,
                     const uint8_t digest[SHA256_BYTES], text *out);

#endif
