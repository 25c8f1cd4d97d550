/*
 * walcount.c - counts the records of WAL segments per resource manager, by the public library alone.
 *
 *     walcount PATH...
 *
 * A PATH is a segment file, plain or gzipped, or a directory whose segments are taken in the order of
 * their names. A record that goes on in the next file is counted where it begins. The output is
 *
 *     NAME<tab>COUNT      for each resource manager met, by rising id
 *     total<tab>N
 *     commits<tab>N
 *     aborts<tab>N
 *
 * to be held against pg_waldump --stats and pg_walinspect. Exit status: 0, or 2 after an error.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

#include <walparse/walparse.h>

#define WINDOW_BYTES (256u << 10)

typedef struct paths {
    char **names;
    size_t n, room;
} paths;

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "walcount: error: %s: %s\n", what, why);
    return 2;
}

static void *must(void *p)
{
    if (!p) {
        complain("walcount", "out of memory");
        exit(2);
    }
    return p;
}

static void add_path(paths *to, const char *folder, const char *name)
{
    if (to->n == to->room) {
        to->room = to->room ? to->room * 2 : 64;
        char **grown = realloc(to->names, to->room * sizeof *grown);
        to->names = must(grown);
    }
    const size_t bytes = (folder ? strlen(folder) + 1 : 0) + strlen(name) + 1;
    char *path = must(malloc(bytes));
    snprintf(path, bytes, "%s%s%s", folder ? folder : "", folder ? "/" : "", name);
    to->names[to->n++] = path;
}

static int by_name(const void *a, const void *b)
{
    char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static bool is_segment_name(const char *name)
{
    wp_segment_name parsed;
    return strlen(name) >= WP_SEGMENT_NAME_CHARS && wp_segment_name_parse(name, &parsed)
           && (name[WP_SEGMENT_NAME_CHARS] == '\0'
               || strcmp(name + WP_SEGMENT_NAME_CHARS, ".gz") == 0);
}

static int add_folder(paths *to, const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return complain(folder, strerror(errno));
    const size_t first = to->n;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (is_segment_name(entry->d_name))
            add_path(to, folder, entry->d_name);
    closedir(dir);
    if (to->n == first)
        return complain(folder, "no WAL segment in it");
    qsort(to->names + first, to->n - first, sizeof *to->names, by_name);
    return 0;
}

static int add_argument(paths *to, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return complain(path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return add_folder(to, path);
    add_path(to, NULL, path);
    return 0;
}

/* Reads until the window is full or the file ends. -1: an error, told. */
static int read_window(gzFile file, const char *path, uint8_t window[WINDOW_BYTES])
{
    int have = 0;
    while (have < (int)WINDOW_BYTES) {
        const int n = gzread(file, window + have, WINDOW_BYTES - (unsigned)have);
        if (n < 0) {
            int code;
            const char *why = gzerror(file, &code);
            complain(path, code == Z_ERRNO ? strerror(errno) : why);
            return -1;
        }
        if (n == 0)
            break;
        have += n;
    }
    return have;
}

typedef struct counter {
    wp_mapper *mapper;
    wp_facts facts;
    uint32_t segment_size;
    bool has_begun; /* the mapper has a segment in hand */
    uint8_t window[WINDOW_BYTES];
} counter;

static wp_status feed(counter *c, int n, wp_error *err)
{
    wp_facts_clear(&c->facts);
    return wp_mapper_feed(c->mapper, (wp_view){ c->window, (size_t)n }, &c->facts, err);
}

/* Readies the mapper for the segment whose head is in the window. */
static wp_status begin(counter *c, int n, wp_error *err)
{
    wp_mapper_config config = { .skip_dml = true };
    const wp_status status =
        wp_segment_probe((wp_view){ c->window, (size_t)n }, &config.segment, err);
    if (status != WP_OK)
        return status; /* WP_END: made in advance, never written */
    c->segment_size = config.segment.segment_size;
    c->has_begun = true;
    return c->mapper ? wp_mapper_reset(c->mapper, &config, err)
                     : wp_mapper_new(&config, &c->mapper, err);
}

/* Feeds a file. is_first: the one whose records are counted; others end records that go on in them. */
static int feed_file(counter *c, const char *path, bool is_first, bool *is_done)
{
    gzFile file = gzopen(path, "rb");
    if (!file)
        return complain(path, strerror(errno));
    wp_error err = { .text = "" };
    wp_status status = WP_OK;
    bool is_head = is_first;
    int n;
    while (status == WP_OK && (n = read_window(file, path, c->window)) > 0) {
        if (is_head)
            status = begin(c, n, &err);
        is_head = false;
        if (status == WP_OK)
            status = feed(c, n, &err);
    }
    gzclose_r(file);
    if (status == WP_OK && n < 0)
        return 2;
    *is_done = status == WP_END;
    if (status < 0)
        return complain(path, err.text);
    return is_first && is_head ? complain(path, "is empty") : 0;
}

static int count_segment(counter *c, const paths *all, size_t i)
{
    bool is_done = false;
    c->has_begun = false;
    int status = feed_file(c, all->names[i], true, &is_done);
    for (size_t next = i + 1; status == 0 && !is_done && next < all->n; next++) {
        if (wp_mapper_position(c->mapper) % c->segment_size != 0)
            break; /* a file cut short: what comes next does not continue it */
        status = feed_file(c, all->names[next], false, &is_done);
    }
    wp_error err;
    wp_facts_clear(&c->facts);
    if (status == 0 && c->has_begun && wp_mapper_finish(c->mapper, &c->facts, &err) < 0)
        return complain(all->names[i], err.text);
    return status;
}

static void print_counts(const wp_mapper_stats *stats)
{
    char name[WP_RMGR_NAME_BYTES];
    uint64_t total = 0;
    for (unsigned id = 0; id < WP_RMGR_COUNT; id++) {
        total += stats->records[id];
        if (stats->records[id] > 0)
            printf("%s\t%" PRIu64 "\n", wp_rmgr_name((uint8_t)id, name), stats->records[id]);
    }
    printf("total\t%" PRIu64 "\ncommits\t%" PRIu64 "\naborts\t%" PRIu64 "\n", total, stats->commits,
           stats->aborts);
}

int main(int argc, char **argv)
{
    static const wp_mapper_stats none;
    paths all = { 0 };
    int status = argc > 1 ? 0 : complain("usage", "walcount PATH...");
    for (int i = 1; i < argc && status == 0; i++)
        status = add_argument(&all, argv[i]);
    counter *c = must(calloc(1, sizeof *c));
    for (size_t i = 0; i < all.n && status == 0; i++)
        status = count_segment(c, &all, i);
    if (status == 0) {
        print_counts(c->mapper ? wp_mapper_statistics(c->mapper) : &none);
        if (fflush(stdout) != 0)
            status = complain("standard output", strerror(errno));
    }
    wp_mapper_free(c->mapper);
    wp_facts_free(&c->facts);
    free(c);
    for (size_t i = 0; i < all.n; i++)
        free(all.names[i]);
    free(all.names);
    return status;
}
