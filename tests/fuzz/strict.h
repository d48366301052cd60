/* tests/fuzz/strict.h - parsers that share nothing with the writers they judge:
 * JSON as RFC 8259 has it, HTML of balanced tags, metrics as Prometheus reads
 * them. */
#ifndef FUZZ_STRICT_H
#define FUZZ_STRICT_H

#include <stdbool.h>

#include <rivulet.h>

/* One value, with blanks around it; strings are UTF-8. */
bool strict_json(riv_str text);
/* Every tag is closed in its order, attributes stand in quotes, and < > & are
 * nowhere else; of scripts there are none. */
bool strict_html(riv_str text);
/* Comments, and lines NAME{LABEL="VALUE",...} NUMBER. */
bool strict_metrics(riv_str text);

#endif
