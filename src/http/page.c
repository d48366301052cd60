/* http/page.c - what all pages have: frame, cells, style. */
#include "http/page.h"

#include "obs/put.h"

const char riv__page_style[] =
    "body{font:15px/1.45 system-ui,sans-serif;margin:1.5em auto;max-width:72em;"
    "padding:0 1em;color:#222;background:#fff}"
    "h1{font-size:1.4em}h2{font-size:1.1em;margin-top:1.6em}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{padding:.25em .6em;border-bottom:1px solid #ddd;text-align:left;"
    "vertical-align:top}td.n,th.n{text-align:right;"
    "font-variant-numeric:tabular-nums}"
    ".good{color:#1e7a3c}.bad{color:#b3261e}.wait{color:#8a6100}"
    ".dim{color:#666}.why{font-size:1.05em}a{color:#1c5d99}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181a1c}"
    "td,th{border-color:#333}.good{color:#6fce8f}.bad{color:#ff8a80}"
    ".wait{color:#e5b94e}.dim{color:#999}a{color:#8ab8e6}}\n";

void riv__page_begin(struct riv_buf *to, const struct riv_picture *p,
                     const char *title, int refresh_s)
{
    riv__buf_str(to, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
                     "<meta charset=\"utf-8\"><meta name=\"viewport\" "
                     "content=\"width=device-width\">");
    if (refresh_s > 0)
        riv__buf_printf(to, "<meta http-equiv=\"refresh\" content=\"%d\">",
                        refresh_s);
    riv__buf_str(to, "<title>");
    riv__put_html(to, p->name);
    riv__buf_str(to, " - rivulet</title>"
                     "<link rel=\"stylesheet\" href=\"/style.css\"></head>"
                     "<body>\n<h1>");
    riv__put_html(to, title);
    riv__buf_str(to, "</h1>\n");
}

void riv__page_end(struct riv_buf *to)
{
    riv__buf_str(to, "<p class=\"dim\"><a href=\"/\">overview</a> "
                     "<a href=\"/api/status\">JSON</a> "
                     "<a href=\"/metrics\">metrics</a></p>\n</body></html>\n");
}

void riv__page_cell(struct riv_buf *to, const char *text)
{
    riv__buf_str(to, "<td>");
    riv__put_html(to, text);
    riv__buf_str(to, "</td>");
}

void riv__page_number(struct riv_buf *to, const char *text)
{
    riv__buf_str(to, "<td class=\"n\">");
    riv__put_html(to, text);
    riv__buf_str(to, "</td>");
}
