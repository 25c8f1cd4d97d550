/*
 * holds.h - what a file holds that should be a segment and is none, in words.
 */
#ifndef PITR_FIND_HOLDS_H
#define PITR_FIND_HOLDS_H

#include <walparse/walparse.h>

#define HOLDS_BYTES 160

/*
 * head: the first bytes, unpacked; none and is_damaged: what is packed there cannot be unpacked. "it is empty", "it begins with zeros", "it holds the WAL of 0000...",
 * "it is compressed twice ...", "it holds XML or HTML ...", "it holds text: ...".
 */
const char *holds_words(wp_view head, bool is_damaged, char words[HOLDS_BYTES]);

#endif
