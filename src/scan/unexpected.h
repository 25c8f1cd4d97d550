/*
 * unexpected.h - sound records that are unlike what their major is known to write, in words.
 */
#ifndef PITR_FIND_UNEXPECTED_H
#define PITR_FIND_UNEXPECTED_H

#include "scan/scan.h"

struct text_list;

/* Takes one down; of each kind of record and oddity the first. */
void unexpected_note(scan_unexpected *seen, const wp_fact_unexpected *fact);

/* One line for each, for people. */
void unexpected_warn(const scan_unexpected *seen, const wp_profile *profile, struct text_list *out);

#endif
