/*
 * replay.c - runs a fuzzer's inputs without a fuzzer: each file is a test.
 *
 *     replay PATH...
 *
 * A PATH is a file, or a directory whose files are taken in the order of their names. A crash ends the
 * program, and with it the list; the last line, `# at NAME`, tells which input it was.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *fuzzer = "replay";
static unsigned failed, run;

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The whole file; NULL, with errno, when it cannot be read. */
static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    uint8_t *bytes = NULL;
    size_t len = 0, room = 0, n;
    do {
        if (room - len < 65536) {
            room += 1 << 17;
            uint8_t *grown = realloc(bytes, room);
            if (!grown)
                break;
            bytes = grown;
        }
        n = fread(bytes + len, 1, room - len, f);
        len += n;
    } while (n > 0);
    const int failure = ferror(f) ? errno : 0;
    fclose(f);
    if (failure != 0) {
        free(bytes);
        errno = failure;
        return NULL;
    }
    *size = len;
    return bytes;
}

static void replay_file(const char *path)
{
    size_t size = 0;
    uint8_t *bytes = read_file(path, &size);
    run++;
    if (!bytes) {
        printf("not ok - %s/%s\n# %s\n", fuzzer, base_name(path), strerror(errno));
        failed++;
        return;
    }
    printf("# at %s\n", path);
    fflush(stdout);
    /* An exact copy, so that a sanitizer sees one read too many. */
    uint8_t *exact = malloc(size ? size : 1);
    if (exact) {
        memcpy(exact, bytes, size);
        (void)LLVMFuzzerTestOneInput(exact, size);
    }
    printf("%s - %s/%s\n", exact ? "ok" : "not ok", fuzzer, base_name(path));
    failed += !exact;
    free(exact);
    free(bytes);
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay_folder(const char *folder)
{
    struct dirent **entries = NULL;
    const int n = scandir(folder, &entries, not_hidden, alphasort);
    if (n <= 0) {
        printf("not ok - %s: no inputs in %s\n", fuzzer, folder);
        failed++;
    }
    for (int i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        replay_file(path);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    const char *name = base_name(argv[0]);
    fuzzer = strncmp(name, "replay_", 7) == 0 ? name + 7 : name;
    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
            replay_folder(argv[i]);
        else
            replay_file(argv[i]);
    }
    if (run == 0) {
        printf("not ok - %s: nothing to replay\n", fuzzer);
        failed++;
    }
    return failed != 0;
}
