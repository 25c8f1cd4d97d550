/*
 * member.h - the bytes of one member of a tar archive, read where they lie.
 *
 * A packed archive can only be read forwards, so a member that lies ahead is read towards, and what was read
 * last is kept: whoever looked at the head of a member may read all of it next. What lies further back is
 * found by beginning again.
 */
#ifndef PITR_FIND_MEMBER_H
#define PITR_FIND_MEMBER_H

#include <walparse/types.h>

/* So many bytes from the beginning of a member can be read again without beginning the archive again. */
#define MEMBER_KEPT_BYTES ((size_t)1 << 20)

/* A place in an archive: used for one member after the other, of as many archives as there are. */
typedef struct member member;

member *member_new(void); /* NULL: no memory */

/* Goes to the member whose header begins at an offset. False with one line in message. */
bool member_open(member *m, const char *archive, uint64_t header_at, char message[512]);

/* The next bytes, at most `most`, borrowed until the next call; len 0 at the end. False on a read error. */
bool member_read(member *m, size_t most, wp_view *out, char message[512]);

/* The archive ended, or could not be unpacked any further, before the member did. */
bool member_is_cut(const member *m);
bool member_is_compressed(const member *m);

/* Closes the archive. Not needed between members. */
void member_close(member *m);
void member_free(member *m); /* NULL is fine */

#endif
