/*
 * ops.h - operations as rows: since when there is one, its name, and the fields that describe it.
 *
 * What is beyond a row's fields (lists, data of blocks) is written by its `rest`.
 */
#ifndef WPI_OPS_H
#define WPI_OPS_H

#include "describe/describe.h"
#include "describe/fields.h"
#include "format/versions.h"

typedef struct wpi_op {
    uint8_t op;
    uint8_t nfields;
    wpi_versions versions;
    uint16_t name_len;
    const char *name;
    const wpi_field *fields; /* of the record's own data */
    wpi_describer rest;      /* NULL: nothing. Called when all fields are there */
} wpi_op;

/* A manager's: a description is that of the bits in the mask; bits beyond it only change the name. */
struct wpi_ops {
    const wpi_op *rows;
    size_t count;
    uint8_t mask;
};

/* For tables. What comes often stands first. */
// clang-format off
#define OP(code, since, until, title) .op = code, .versions = { since, until }, .name = title, .name_len = sizeof(title) - 1
#define NFIELDS(array) (sizeof(array) / sizeof(wpi_field))
#define FIELDS(...) .fields = (const wpi_field[]){ __VA_ARGS__ }, .nfields = NFIELDS(((const wpi_field[]){ __VA_ARGS__ }))
#define FIELDS_OF(array) .fields = (array), .nfields = NFIELDS(array)
#define REST(function) .rest = (function)
// clang-format on

/* The row of an operation in a version; NULL: there is none. */
static inline const wpi_op *wpi_op_find(const wpi_ops *ops, const wp_profile *profile, uint8_t op)
{
    const wpi_op *end = ops->rows + ops->count;
    for (const wpi_op *row = ops->rows; row < end; row++)
        if (row->op == op && wpi_is_of_versions(profile, row->versions))
            return row;
    return NULL;
}

/* False: the record is shorter than the row's fields. An operation without a row has no description. */
bool wpi_op_describe(const wpi_op *row, const wpi_record *record, wpi_text *out);

/* Defines what describe.h declares of a manager whose operations are all rows of `ops`. */
#define WPI_DESCRIBED_BY(ops, manager, bits)                                                       \
    const wpi_ops wpi_ops_##manager = { ops, sizeof(ops) / sizeof *(ops), bits };                  \
    bool wpi_describe_##manager(const wpi_record *record, wpi_text *out)                           \
    {                                                                                              \
        const uint8_t op = record->info & (bits);                                                  \
        return wpi_op_describe(wpi_op_find(&wpi_ops_##manager, record->profile, op), record, out); \
    }                                                                                              \
    const char *wpi_identify_##manager(const wp_profile *profile, uint8_t info)                    \
    {                                                                                              \
        const wpi_op *row = wpi_op_find(&wpi_ops_##manager, profile, info);                        \
        return row ? row->name : NULL;                                                             \
    }

/* The data of block 0; where it has none, as with a page image: bytes NULL. */
static inline wp_view wpi_block_0_data(const wpi_record *record)
{
    const wpi_block *block = wpi_record_block(record, 0);
    return block && block->has_data ? block->data : (wp_view){ NULL, 0 };
}

#endif
