/*
 * texts.c - interning. Two hashes together make the key; equal keys of different texts probe on.
 */
#include "base/texts.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_text(const char *text)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        h = (h ^ *p) * UINT64_C(0x100000001B3);
    return h;
}

static bool reserve(wpi_texts *texts)
{
    if (texts->n < texts->room)
        return true;
    const uint32_t room = texts->room ? texts->room * 2 : 64;
    char **grown = realloc(texts->texts, room * sizeof *grown);
    if (!grown)
        return false;
    texts->texts = grown;
    texts->room = room;
    return true;
}

uint32_t wpi_texts_number(wpi_texts *texts, const char *text, uint32_t max)
{
    const uint64_t h = hash_text(text);
    wpi_key key = { (uint32_t)h, (uint32_t)(h >> 32), 0 };
    for (;; key.c++) {
        const uintptr_t found = (uintptr_t)wpi_table_get(&texts->index, key);
        if (!found)
            break;
        if (strcmp(texts->texts[found - 1], text) == 0)
            return (uint32_t)(found - 1);
    }
    if (texts->n >= max || !reserve(texts))
        return UINT32_MAX;
    const size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (!copy || !wpi_table_put(&texts->index, key, (void *)((uintptr_t)texts->n + 1))) {
        free(copy);
        return UINT32_MAX;
    }
    memcpy(copy, text, bytes);
    texts->texts[texts->n] = copy;
    return texts->n++;
}

void wpi_texts_free(wpi_texts *texts)
{
    for (uint32_t i = 0; i < texts->n; i++)
        free(texts->texts[i]);
    free(texts->texts);
    wpi_table_free(&texts->index);
    *texts = (wpi_texts){ 0 };
}
