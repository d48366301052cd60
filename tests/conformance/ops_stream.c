/* ops_stream.c - the graphs of streams.jsonl. The tables are in the files of
 * each kind; here is what they share. */
#include "ops_stream.h"

RIV_MAP(with_1, riv_str, word_int);
static int with_1(const riv_str *word, word_int *out, riv_task *t)
{
    (void)t;
    *out = (word_int){ *word, 1 };
    return 0;
}

riv_ds *with_ones(riv_ds *words)
{
    return riv_map(words, with_1_fn, NULL);
}

RIV_MAP(with_x, riv_str, word_word);
static int with_x(const riv_str *word, word_word *out, riv_task *t)
{
    (void)t;
    *out = (word_word){ *word, { "x", 1 } };
    return 0;
}

riv_ds *with_xs(riv_ds *words)
{
    return riv_map(words, with_x_fn, NULL);
}

RIV_GROUP(to_list, word_int, word_any);
static int to_list(const riv_str *key, const int64_t *v, size_t n,
                   to_list_out *out, riv_task *t)
{
    struct text text = { 0 };
    for (size_t i = 0; i < n; i++)
        text_add(&text, int_text(t, v[i]));
    word_any row = { *key, text_list(&text, t) };
    text_fini(&text);
    riv_emit(out, row);
    return 0;
}

const riv_fn *const numbers_of = to_list_fn;

const struct stream_op *const stream_ops[] = {
    stream_ops_step, stream_ops_key, stream_ops_state, stream_ops_window, NULL,
};
