/* W1 with the user's own tokenizer, through the macros: word_user of the limits
 * does the same, fused by hand.  rivulet run words_user.c INPUT [OUTPUT] */
#include <rivulet.h>

RIV_PAIR(wc, riv_str, int64_t);

RIV_FLAT_MAP(split, riv_str, wc);
static int split(const riv_str *line, split_out *out, riv_task *t)
{
    (void)t;
    const char *p = line->p, *e = p + line->n;
    while (p < e) {
        while (p < e && *p == ' ')
            p++;
        const char *b = p;
        while (p < e && *p != ' ')
            p++;
        if (p > b)
            riv_emit(out, (wc){ { b, (size_t)(p - b) }, 1 });
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
