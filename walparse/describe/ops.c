/*
 * ops.c - see ops.h.
 */
#include "describe/ops.h"

bool wpi_op_describe(const wpi_op *row, const wpi_record *record, wpi_text *out)
{
    if (!row)
        return true;
    return wpi_put_fields(record, record->main, row->fields, row->nfields, out)
           && (!row->rest || row->rest(record, out));
}
