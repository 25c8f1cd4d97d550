/*
 * group_names.h - what the files and databases of groups are called: columns beside those every group has.
 */
#ifndef PITR_FIND_GROUP_NAMES_H
#define PITR_FIND_GROUP_NAMES_H

#include "base/text.h"
#include "command/stats/totals.h"

/* Are names told of groups like these? The calls below add nothing where they are not. */
bool group_names_are_told(totals_by by);

/* At most so many columns has the bar of a row, which comes before the names. */
#define GROUP_NAMES_BAR_COLUMNS 20

/* bar: columns of that of the row. */
void group_names_add_table_head(const totals *from, text *out);
void group_names_add_table(const totals *from, const totals_group *group, int bar, text *out);
/* Each with its separator before it. */
void group_names_add_csv_head(const totals *from, text *out);
void group_names_add_csv(const totals *from, const totals_group *group, text *out);
void group_names_add_json(const totals *from, const totals_group *group, text *out);
void group_names_add_labels(const totals *from, const totals_group *group, text *out);

#endif
