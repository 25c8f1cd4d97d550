/*
 * gather.h - fills a report's document: asks all that the other commands would be asked next.
 */
#ifndef PITR_FIND_REPORT_GATHER_H
#define PITR_FIND_REPORT_GATHER_H

#include "command/report/document.h"
#include "search/sources.h"

/*
 * Tells the story on the way, as `target` does. from: what the target was found with. False after the line of an error. Free the document
 * in any case.
 */
bool gather(const options *o, const report *found, const sources *from, report_document *out);

#endif
