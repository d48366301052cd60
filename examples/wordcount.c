/* Word count: cuts lines into words and sums the ones of each word.
 *
 *   rivulet run examples/wordcount.c INPUT [OUTPUT]
 *   rivulet run examples/wordcount.c examples/data/words.txt
 *
 * writes lines "word,count" to OUTPUT or standard output. INPUT may also be
 * tail:FILE, tcp://HOST:PORT and the like: then the counts are those of each
 * batch. This is hello.c with the steps spelled out, as one does it for speed:
 * the scanner is plain C over the line's bytes, and nothing is copied. */
#include <rivulet.h>

RIV_PAIR(wc, riv_str, int64_t); /* word -> how often */

RIV_FLAT_MAP(split, riv_str, wc);
static int split(const riv_str *line, split_out *out, riv_task *t)
{
    (void)t;
    const char *p = line->p, *end = p + line->n;
    while (p < end) {
        while (p < end && *p == ' ')
            p++;
        const char *word = p;
        while (p < end && *p != ' ')
            p++;
        if (p > word) /* the slice points into the line: no copy */
            riv_emit(out, (wc){ { word, (size_t)(p - word) }, 1 });
    }
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *words = riv_flat_map(lines, split_fn, NULL);
    riv_ds *count = riv_reduce_by_key(words, riv_sum_i64, NULL);
    riv_save_text(count, argc > 2 ? argv[2] : "-", NULL);
    return 0;
}
