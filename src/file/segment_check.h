/*
 * segment_check.h - unpacks one segment into a file, and says whether it is whole.
 *
 * A segment is whole when every record in it can be read, up to its end or to a switch. No more of it is
 * held than a window, and what a file holds after the segment's size is not unpacked.
 */
#ifndef PITR_FIND_SEGMENT_CHECK_H
#define PITR_FIND_SEGMENT_CHECK_H

#include <walparse/walparse.h>

typedef enum segment_check_state {
    SEGMENT_CHECK_COMPLETE,
    SEGMENT_CHECK_OPEN, /* sound as far as it goes, but WAL ends inside: zeros, old content, or the file ends */
    SEGMENT_CHECK_TORN,    /* the same, and its last bytes are no whole record */
    SEGMENT_CHECK_UNUSED,  /* holds nothing yet: zeros, or the WAL of a position long before */
    SEGMENT_CHECK_FOREIGN, /* of another cluster */
    SEGMENT_CHECK_BROKEN
} segment_check_state;

/* What it must be. system_identifier 0: not known. */
typedef struct segment_check_rules {
    wp_segment_name name;
    bool is_partial; /* may end early */
    bool may_change; /* the server, or who receives from it, may write to it meanwhile */
    uint64_t system_identifier;
    uint32_t segment_size;     /* 0: not known */
    const wp_profile *profile; /* NULL: not known */
} segment_check_rules;

typedef struct whole {
    segment_check_state state;
    wp_segment_info info; /* BROKEN, UNUSED: may be zero */
    wp_lsn
        end_lsn; /* WAL ends here: at the end of the segment, or after its switch, when complete */
    char why[512]; /* one line, but for COMPLETE */
} whole;

/*
 * Writes the segment in `path` to fd, an empty file, and fills it with zeros up to the segment's size. False
 * with one line in message when fd cannot be written, or memory is out; all else is in *out.
 */
bool segment_check_copy(const char *path, const segment_check_rules *rules, int fd, whole *out,
                        char message[512]);

#endif
