/*
 * blocks.c - holds the blocks that are read out of a base backup against the files of the same backup, restored by others.
 *
 *   blocks BACKUP < LIST
 *
 * A line of the list is a file: TABLESPACE DATABASE FILENODE PART PATH (0 0 LOG SEGMENT PATH for a log of transactions). All that
 * are listed are asked for at once. Prints how many blocks are the same and how many bytes of the backup were read; status 1 where
 * something differs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup/backup_blocks.h"
#include "codec/keyring.h"

#define FILES_MAX 20000
#define BLOCK 8192
#define BLOCKS_PER_FILE 131072

typedef struct listed {
    wp_locator at;
    uint32_t part;
    char path[1024];
} listed;

static listed files[FILES_MAX];
static wp_locator wanted[FILES_MAX];
static size_t nfiles;

static bool read_list(void)
{
    char line[1200];
    while (fgets(line, sizeof line, stdin)) {
        listed *f = &files[nfiles];
        if (nfiles == FILES_MAX
            || sscanf(line, "%u %u %u %u %1023s", &f->at.spc, &f->at.db, &f->at.rel, &f->part,
                      f->path)
                   != 5)
            return false;
        wanted[nfiles++] = f->at;
    }
    return true;
}

/* How many blocks of the file are the same; -1: one is not. */
static long compare(backup_blocks *b, const listed *f)
{
    static uint8_t want[BLOCK], got[BLOCK];
    char message[512] = "differs";
    const uint32_t first = f->part * (f->at.spc ? BLOCKS_PER_FILE : 32U);
    FILE *in = fopen(f->path, "r");
    long n = 0;
    backup_block_status status = BACKUP_BLOCK_ABSENT;
    while (in && fread(want, BLOCK, 1, in) == 1) {
        status = backup_blocks_read(b, &f->at, first + (uint32_t)n, got, message);
        if (status != BACKUP_BLOCK_READ || memcmp(want, got, BLOCK) != 0)
            break;
        n++;
    }
    const bool is_same =
        in && feof(in)
        && backup_blocks_read(b, &f->at, first + (uint32_t)n, got, message) == BACKUP_BLOCK_ABSENT
        && (!f->at.spc || backup_blocks_count(b, &f->at) == first + n);
    if (in)
        (void)fclose(in);
    if (!is_same)
        printf("%s: block %ld: status %d: %s\n", f->path, n, (int)status, message);
    return is_same ? n : -1;
}

int main(int argc, char **argv)
{
    char message[512];
    backup_blocks *b;
    long blocks = 0;
    bool is_same = true;
    if (argc != 2 || !read_list() || !keyring_load(NULL, message)) {
        fprintf(stderr, "usage: blocks BACKUP < LIST\n");
        return 2;
    }
    const backup_wants wants = { wanted, nfiles, NULL, 0 };
    if (!backup_blocks_open(argv[1], &wants, &b, message)) {
        printf("%s\n", message);
        backup_blocks_free(b);
        return 1;
    }
    for (size_t i = 0; i < nfiles; i++) {
        const long n = compare(b, &files[i]);
        is_same &= n >= 0;
        blocks += n > 0 ? n : 0;
    }
    const backup_about *about = backup_blocks_about(b);
    char start[WP_LSN_TEXT_BYTES], stop[WP_LSN_TEXT_BYTES];
    printf("files %zu blocks %ld read %" PRIu64 " start %s stop %s checksums %d\n", nfiles, blocks,
           backup_blocks_bytes_read(b), wp_lsn_format(about->label.start_lsn, start),
           wp_lsn_format(about->stop_lsn, stop), about->has_checksums);
    backup_blocks_free(b);
    return is_same ? 0 : 1;
}
