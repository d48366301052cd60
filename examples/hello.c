/* How often each word occurs, in a dozen lines: the first program to write.
 *
 *   rivulet run examples/hello.c examples/data/words.txt
 *
 * prints the first 20 of the lines "word,count"; on tail:FILE it does so for
 * what each interval brought. */
#include <rivulet.h>

RIV_FLAT_MAP(split, riv_str, riv_str);
static int split(const riv_str *line, split_out *out, riv_task *t)
{
    (void)t;
    riv_str rest = *line, word;
    while (riv_cut(&rest, ' ', &word))
        if (word.n > 0)
            riv_emit(out, word);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *words = riv_flat_map(lines, split_fn, NULL);
    riv_print(riv_count_by_value(words, NULL), 20);
    return 0;
}
