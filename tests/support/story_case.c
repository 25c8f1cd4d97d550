/*
 * story_case.c - a story and the events that must come of it, told on every server.
 */
#include "story_case.h"

#include <stdio.h>

#include "cases.h"

static const char *const level_names[] = { "replica", "minimal", "logical" };

static void tell_one(const story_case *row, const story_options *options)
{
    story *s = story_new(options);
    row->tell(s);
    char *got = events_of(story_wal(s), &(run_options){ .piece = 65536,
                                                        .include_temporary = row->include_temporary,
                                                        .with_databases = row->with_databases,
                                                        .with_creates = row->with_creates,
                                                        .with_incidents = row->with_incidents,
                                                        .with_possible = row->with_possible,
                                                        .skip_segments = row->skip_segments });
    const bool is_blind = options->images == WAL_IMAGE_NONE && row->events_without_images;
    const char *want = is_blind ? row->events_without_images : row->events;
    if (strcmp(got, want) != 0) {
        char server[16];
        print_message("# at %s, wal_level %s, images %d\n# got:  %s\n# want: %s\n",
                      server_name(&options->wal, server), level_names[options->level],
                      (int)options->images, got, want);
        fail();
    }
    free(got);
    story_free(s);
}

static bool applies(const story_case *row, wal_level level, wal_packing images)
{
    return !(row->only_logical && level != LEVEL_LOGICAL)
           && !(row->only_with_images && images == WAL_IMAGE_NONE)
           && !((row->skip_segments > 0 || row->only_with_locks) && level == LEVEL_MINIMAL);
}

void tell_story(void **state)
{
    static const wal_packing images[] = {
        WAL_IMAGE_NONE, WAL_IMAGE_WHOLE, WAL_IMAGE_HOLE, WAL_IMAGE_PGLZ,
#ifdef WP_WITH_LZ4
        WAL_IMAGE_LZ4,
#endif
#ifdef WP_WITH_ZSTD
        WAL_IMAGE_ZSTD,
#endif
    };
    const story_case *row = *state;
    for (size_t i = 0; each_server(i); i++)
        for (int level = LEVEL_REPLICA; level <= LEVEL_LOGICAL; level++)
            for (size_t k = 0; k < COUNT(images); k++)
                if (applies(row, (wal_level)level, images[k]))
                    tell_one(row, &(story_options){ .wal = *each_server(i),
                                                    .level = (wal_level)level,
                                                    .images = images[k] });
}
