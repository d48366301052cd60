/* Records one after the other, in chunks of a partition, and through a program;
 * what is refused goes another way.
 * prints
 * the,2
 * fox,1
 * dog,1
 * upper,BEFORE
 * upper,THE
 * upper,THE
 * upper,FOX
 * upper,DOG
 * chunks hold 4 words
 * 3 of 3 in one partition
 * longest: 3
 * refused: no word in this line
 * each minute has 60000 ms
 */
#include <rivulet.h>
#include <stdlib.h>

RIV_PAIR(occurs, riv_str, int64_t);

RIV_FLAT_MAP(words, riv_str, riv_str);
static int words(const riv_str *line, words_out *out, riv_task *t)
{
    riv_str rest = *line, word;
    if (line->n == 0)
        return riv_fail(t, "no word in this line");
    while (riv_cut(&rest, ' ', &word))
        riv_emit(out, word);
    return 0;
}

/* The words of a partition, counted over its chunks; told at its end. */
RIV_MAP_PARTITIONS(counted, riv_str, riv_str);
static int counted(const riv_str *rows, size_t n, counted_out *out, riv_task *t)
{
    size_t *seen = riv_local(t, sizeof *seen, NULL);
    (void)rows;
    *seen += n;
    if (n == 0)
        riv_emit(out, riv_fmt(t, "%s %zu words", riv_arg(t, char), *seen));
    return 0;
}

RIV_MAP(length, riv_str, int64_t);
static int length(const riv_str *word, int64_t *out, riv_task *t)
{
    (void)t;
    *out = (int64_t)word->n;
    return 0;
}

RIV_REDUCE(longer, int64_t);
static void longer(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    if (*v > *acc)
        *acc = *v;
}

RIV_MAP(told, int64_t, riv_str);
static int told(const int64_t *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "longest: %lld", (long long)*in);
    return 0;
}

RIV_MAP(reason, riv_bad_record, riv_str);
static int reason(const riv_bad_record *bad, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "refused: " RIV_S, RIV_P(bad->reason));
    return 0;
}

RIV_MAP(whole, int64_t, riv_str);
static int whole(const int64_t *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "each minute has %lld ms", (long long)*in);
    return 0;
}

RIV_GLOM(sizes, int64_t, riv_str);
static int sizes(const int64_t *rows, size_t n, sizes_out *out, riv_task *t)
{
    (void)rows;
    riv_emit(out, riv_fmt(t, "%zu of 3 in one partition", n));
    return 0;
}

static void show(riv_ds *in)
{
    riv_save_text(in, "-", NULL);
}

RIV_JOB(r, argc, argv)
{
    const riv_str lines[] = { riv_cstr("the fox"), riv_cstr(""),
                              riv_cstr("the dog") };
    const int64_t minute = RIV_MIN(1);
    char *own = malloc(16); /* given to the context, which frees it */
    if (!own)
        return RIV_ENOMEM;
    memcpy(own, "chunks hold", 12);
    riv_ds *in = riv_parallelize(r, &riv_type_riv_str, lines, 3,
                                 RIV_OPT(.partitions = 1));
    riv_ds *all =
        riv_flat_map(in, words_fn, RIV_OPT(.on_error = RIV_DEAD_LETTER));
    riv_ds *lengths = riv_map(all, length_fn, NULL);
    riv_ds *three = riv_parallelize(r, &riv_type_int64_t,
                                    (const int64_t[]){ 1, 2, 3 }, 3, NULL);
    show(riv_count_by_value(all, NULL));
    show(riv_pipe(all, "sed s/.*/upper,\\U&/",
                  &(riv_pipe_spec){ .struct_size = sizeof(riv_pipe_spec),
                                    .first = "before\n" },
                  NULL));
    show(riv_map_partitions(all, counted_fn,
                            RIV_OPT(.arg = RIV_OWN(own, free))));
    show(riv_glom(riv_repartition(three, 1), sizes_fn, NULL));
    show(riv_map(riv_reduce(lengths, longer_fn, NULL), told_fn, NULL));
    show(riv_map(riv_bad(all), reason_fn, NULL));
    show(riv_map(riv_parallelize(r, &riv_type_int64_t, &minute, 1, NULL),
                 whole_fn, NULL));
    return 0;
}
