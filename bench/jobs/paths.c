/* W3 without the top 10: how often each URL path occurs, the seventh field of
 * an access log's lines.  rivulet run paths.c INPUT [OUTPUT] */
#include <rivulet.h>

enum { FIELD = 7 };

RIV_FLAT_MAP(path_of, riv_str, riv_str);
static int path_of(const riv_str *line, path_of_out *out, riv_task *t)
{
    (void)t;
    const char *p = line->p, *e = p + line->n;
    for (int i = 1; i < FIELD && p; i++) {
        p = memchr(p, ' ', (size_t)(e - p));
        p = p ? p + 1 : NULL;
    }
    if (!p)
        return 0;
    const char *end = memchr(p, ' ', (size_t)(e - p));
    end = end ? end : e;
    if (end > p)
        riv_emit(out, (riv_str){ p, (size_t)(end - p) });
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *paths = riv_flat_map(lines, path_of_fn, NULL);
    riv_save_text(riv_count_by_value(paths, NULL), argc > 2 ? argv[2] : "-",
                  NULL);
    return 0;
}
