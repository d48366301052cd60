/* conf/doc.c - writes the rows of the table for people. Checks nothing and
 * knows no setting by name: a new row appears by itself. */
#include "conf/doc.h"

#include <string.h>

#include "base/str.h"
#include "conf/prop.h"

enum { WIDTH = 78, INDENT = 6, RANGE = 128 };

/* Words of `text` in lines of at most WIDTH columns behind INDENT blanks. */
static void put_wrapped(struct riv_buf *buf, const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (column == 0 || column + 1 + n > WIDTH) {
            riv__buf_str(buf, column == 0 ? "" : "\n");
            riv__buf_add(buf, "                ", INDENT);
            column = INDENT;
        } else {
            riv__buf_char(buf, ' ');
            column++;
        }
        riv__buf_add(buf, text, n);
        column += n;
        text += n + strspn(text + n, " ");
    }
    riv__buf_char(buf, '\n');
}

static const char *or_empty(const char *fallback)
{
    return *fallback ? fallback : "(empty)";
}

void riv__conf_doc_help(struct riv_buf *buf)
{
    char range[RANGE];
    for (size_t i = 0; i < riv__prop_count; i++) {
        const struct riv_prop *prop = &riv__props[i];
        riv__buf_printf(buf, "  %s = %s    %s%s%s\n", prop->name,
                        or_empty(prop->fallback),
                        riv__prop_range(prop, range, sizeof range),
                        prop->unit ? " " : "", prop->unit ? prop->unit : "");
        put_wrapped(buf, prop->text);
    }
}

static const char page_head[] =
    "# Settings\n"
    "\n"
    "This page is made from the table in `src/conf/settings.c`; the tests "
    "compare\n"
    "both. A setting has one name everywhere. Where it is given several times, "
    "the\n"
    "last of these wins:\n"
    "\n"
    "1. the default below\n"
    "2. a file: `rivulet run --config FILE JOB`\n"
    "3. the environment: `RIVULET_BATCH_INTERVAL=100ms` for "
    "`batch.interval`\n"
    "4. the program: `riv_set(r, \"batch.interval\", \"100ms\")`, or "
    "`riv_config`\n"
    "5. the command line: `-c batch.interval=100ms`, or `--interval 100ms`\n"
    "\n"
    "An unknown name or a wrong value is an error that says where it stands "
    "and what\n"
    "was probably meant; nothing is ignored.\n"
    "\n"
    "A file has lines `name = value`; `#` or `;` begin a comment line, and "
    "below\n"
    "`[batch]` the name `interval` means `batch.interval`:\n"
    "\n"
    "```ini\n"
    "# a faster view\n"
    "batch.interval = 100ms\n"
    "\n"
    "[input]\n"
    "line_max = 4M\n"
    "long_line = cut\n"
    "```\n"
    "\n"
    "Sizes are bytes, or have `K`, `M`, `G` behind them (1024, 1024², "
    "1024³).\n"
    "Durations have `ms`, `s`, `m`, `h` behind them; a bare number is "
    "milliseconds.\n"
    "\n"
    "| setting | default | allowed | environment |\n"
    "|---|---|---|---|\n";

static void put_row(struct riv_buf *buf, const struct riv_prop *prop)
{
    char range[RANGE], env[RIV__PROP_ENV_MAX];
    riv__buf_printf(buf, "| [`%s`](#", prop->name);
    for (const char *p = prop->name; *p; p++) {
        if (*p != '.') /* as forges make the names of headings */
            riv__buf_char(buf, *p);
    }
    riv__buf_printf(buf, ") | %s | %s%s%s | `%s` |\n", or_empty(prop->fallback),
                    riv__prop_range(prop, range, sizeof range),
                    prop->unit ? " " : "", prop->unit ? prop->unit : "",
                    riv__prop_env(prop, env));
}

static void put_section(struct riv_buf *buf, const struct riv_prop *prop)
{
    riv__buf_printf(buf, "\n### %s\n\n%s\n", prop->name, prop->text);
}

void riv__conf_doc_page(struct riv_buf *buf)
{
    riv__buf_str(buf, page_head);
    for (size_t i = 0; i < riv__prop_count; i++)
        put_row(buf, &riv__props[i]);
    for (size_t i = 0; i < riv__prop_count; i++)
        put_section(buf, &riv__props[i]);
}
