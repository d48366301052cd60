/* At random, by a seed: the same job draws the same records, on any number of
 * threads.
 * prints
 * all of 1000 in a sample of 1: 1
 * about half: 1
 * about twice: 1
 * the parts of a split are everything: 1
 * exactly 100 of one key, 300 of the other: 1
 */
#include <rivulet.h>
#include <stdio.h>

RIV_PAIR(member, int64_t, int64_t);
RIV_PAIR(share, int64_t, double);

RIV_MAP(by_parity, int64_t, int64_t);
static int by_parity(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *x % 2;
    return 0;
}

static int64_t size_of(riv_ds *in)
{
    int64_t n = -1;
    return riv_count_now(in, &n) == 0 ? n : -1;
}

RIV_JOB(r, argc, argv)
{
    const double weight[] = { 1, 2, 3 };
    const share shares[] = { { 0, 0.2 }, { 1, 0.6 } };
    riv_ds *part[3], *in = riv_range(r, 0, 1000, 1, RIV_OPT(.partitions = 4));
    riv_ds *pairs = riv_key_by(in, by_parity_fn, &riv_type_member, NULL);
    riv_ds *exact = riv_sample_by_key(pairs, &riv_type_share, shares, 2,
                                      RIV_SAMPLE_EXACT, 1);
    const int64_t half = size_of(riv_sample(in, 0.5, 42));
    const int64_t twice = size_of(riv_sample_with_replacement(in, 2, 42));
    int64_t all = 0;
    printf("all of 1000 in a sample of 1: %d\n",
           size_of(riv_sample(in, 1, 42)) == 1000);
    printf("about half: %d\n", half > 400 && half < 600);
    printf("about twice: %d\n", twice > 1800 && twice < 2200);
    riv_random_split(in, weight, 3, 42, part);
    for (int i = 0; i < 3; i++)
        all += size_of(part[i]);
    printf("the parts of a split are everything: %d\n", all == 1000);
    printf("exactly 100 of one key, 300 of the other: %d\n",
           size_of(exact) == 400);
    fflush(stdout);
    riv_print(riv_empty(r, &riv_type_int64_t), 1); /* a job has an output */
    return 0;
}
