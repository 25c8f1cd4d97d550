/*
 * fuzz.h - what the fuzzers share: servers to choose from, and a reducer for the facts found.
 */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <walparse/walparse.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct fuzz_server {
    const wp_profile *profile;
    uint8_t max_align;
} fuzz_server;

/* One of 22: each major at both alignments. */
fuzz_server fuzz_choose_server(uint8_t number);

/* Catalogs in files of their own choosing, so that moved ones are met as well. */
extern const wp_catalog_file fuzz_moved[];
extern const size_t fuzz_nmoved;

/* Reduces the facts and reads every byte of what the callbacks are handed. */
void fuzz_reduce(const wp_facts *facts, fuzz_server server, bool include_temporary);

#endif
