/* conf/doc.h - the settings as text for people, from the rows of the table: for
 * --help and the command, and the page CONFIGURATION.md, which is made by
 * tools/settings-page and never by hand. */
#ifndef RIV_CONF_DOC_H
#define RIV_CONF_DOC_H

#include "base/buf.h"

/* One entry per setting for a terminal of 80 columns: name, default, range,
 * what it does. */
void riv__conf_doc_help(struct riv_buf *buf);

/* The whole page CONFIGURATION.md. */
void riv__conf_doc_page(struct riv_buf *buf);

#endif
