/* journal_tool.c - writes a journal with something in every table, and prints
 * what a recovery reads of one:
 *
 *   journal-tool write DIR      a stop in good order
 *   journal-tool crash DIR      the same, and a batch more in the log only
 *   journal-tool read DIR       as tests/journal/read_journal prints it
 *
 * For the tests of this folder; built, not installed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "store/content.h"

static struct riv_conf conf;
static struct riv_err err;

/* Pieces that are cut, one that is empty, and bytes that are no text. */
static int put_odd(struct riv_journal *journal)
{
    enum { N = RIV__PIECE_BYTES_MAX + 1000 };
    static char blob[N];
    for (size_t i = 0; i < N; i++)
        blob[i] = (char)(i % 251);
    RIV__TRY(riv__journal_begin(journal, &err));
    RIV__TRY(riv__journal_put_outbox(journal, 3, 9, riv__str(blob, N), &err));
    RIV__TRY(riv__journal_put_outbox(journal, 3, 9, riv_cstr(""), &err));
    RIV__TRY(riv__journal_put_note(journal, 1, riv__str("\xff\0a", 3),
                                   riv__str("\0", 1), &err));
    RIV__TRY(
        riv__journal_put_counter(journal, riv_cstr("below"), INT64_MIN, &err));
    return riv__journal_commit(journal, &err);
}

static int put_three(struct riv_journal *journal)
{
    RIV__TRY(content_put_nodes(journal, &err));
    for (uint64_t i = 1; i <= 3; i++) {
        RIV__TRY(content_put_batch(journal, i, &err));
        if (i < 3)
            RIV__TRY(content_publish(journal, i, &err));
        RIV__TRY(content_put_rest(journal, i, &err));
    }
    return put_odd(journal);
}

static int write_one(struct riv_journal *journal, const char *how)
{
    if (strcmp(how, "small") == 0) {
        RIV__TRY(content_put_nodes(journal, &err));
        RIV__TRY(content_put_batch(journal, 1, &err));
        RIV__TRY(content_put_rest(journal, 1, &err));
        return riv__journal_close(journal, &err);
    }
    int rc = put_three(journal);
    if (rc == 0 && strcmp(how, "crash") == 0) {
        rc = content_put_batch(journal, 4, &err);
        riv__journal_abandon(journal);
        return rc;
    }
    return rc < 0 ? rc : riv__journal_close(journal, &err);
}

static int print_all(struct riv_journal *journal)
{
    struct riv_buf text;
    riv__buf_init(&text, 0);
    int rc = content_read(journal, &text, &err);
    if (rc == 0) {
        fwrite(text.p, 1, text.n, stdout);
        putchar('\n');
    }
    riv__buf_fini(&text);
    riv__journal_abandon(journal);
    return rc;
}

int main(int argc, char **argv)
{
    struct riv_journal *journal = NULL;
    struct riv_journal_spec spec = {
        .sys = riv__sys_real(),
        .conf = &conf.settings,
        .dir = argc > 2 ? argv[2] : "",
        .app = "words",
        .page_bytes = 512,
    };
    riv__conf_init(&conf);
    if (argc != 3)
        return 64;
    int rc = riv__journal_open(&spec, &journal, &err);
    if (rc == 0)
        rc = strcmp(argv[1], "read") == 0 ? print_all(journal)
                                          : write_one(journal, argv[1]);
    if (rc < 0)
        fprintf(stderr, "journal-tool: %s\n", err.text);
    return rc == RIV_ECHECKPOINT ? 65 : rc < 0 ? 74 : 0;
}
