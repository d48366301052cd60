/* cli/cmd_letters.c - the dead letters of a state directory: listed, written out
 * as they were read, dropped. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "say.h"

struct wish {
    const char *dir;
    bool raw, drops;
    uint64_t upto; /* the last one that is dropped */
};

/* Control bytes as \xNN, so that a letter cannot write to the terminal. */
static void put_shown(riv_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        if (c == '\\')
            fputs("\\\\", stdout);
        else if (c < ' ' || c == 127)
            printf("\\x%02x", c);
        else
            putchar(c);
    }
}

static void put_message(const riv_letter *letter)
{
    printf(" ");
    put_shown(letter->topic);
    printf("/%" PRId32, letter->partition);
    if (letter->offset >= 0)
        printf(" offset %" PRId64, letter->offset);
    else if (letter->offset_first >= 0)
        printf(" offsets %" PRId64 " to %" PRId64, letter->offset_first,
               letter->offset_last);
    if (letter->number > 0)
        printf(", %s %" PRId64 " of it", letter->is_row ? "record" : "line",
               letter->number);
}

static int list_one(void *arg, const riv_letter *letter)
{
    (void)arg;
    printf("%" PRIu64 "  batch %" PRIu64 "  ", letter->id, letter->batch);
    put_shown(letter->uid);
    printf("  ");
    put_shown(letter->source);
    if (letter->topic.n > 0)
        put_message(letter);
    else if (letter->offset >= 0)
        printf(" byte %" PRId64, letter->offset);
    printf("\n    ");
    put_shown(letter->reason);
    printf("\n    ");
    put_shown(letter->raw);
    printf("\n");
    return 0;
}

static int write_one(void *arg, const riv_letter *letter)
{
    (void)arg;
    fwrite(letter->raw.p, 1, letter->raw.n, stdout);
    putchar('\n');
    return 0;
}

/* 0; else the exit code after the message. */
static int take_drop(const char *text, struct wish *wish)
{
    char *end;
    wish->drops = true;
    wish->upto = UINT64_MAX;
    if (strcmp(text, "all") == 0)
        return EXIT_FINE;
    wish->upto = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end)
        return EXIT_FINE;
    return say(EXIT_USAGE,
               "--drop wants the number of the last letter to drop, or all; "
               "not \"%s\"",
               text);
}

/* 0; else the exit code after the message. */
static int take_args(int argc, char **argv, struct wish *wish)
{
    int code = EXIT_FINE;
    for (int i = 1; i < argc && code == EXIT_FINE; i++) {
        if (strcmp(argv[i], "--raw") == 0)
            wish->raw = true;
        else if (strcmp(argv[i], "--drop") == 0)
            code = take_drop(i + 1 < argc ? argv[++i] : "", wish);
        else if (argv[i][0] == '-')
            return say(EXIT_USAGE,
                       "unknown option %s; see rivulet help letters", argv[i]);
        else if (wish->dir)
            return say(EXIT_USAGE,
                       "letters takes one directory; \"%s\" is a "
                       "second",
                       argv[i]);
        else
            wish->dir = argv[i];
    }
    if (code != EXIT_FINE)
        return code;
    return wish->dir ? EXIT_FINE
                     : say(EXIT_USAGE,
                           "letters needs a state directory; usage: "
                           "rivulet letters %s",
                           cmd_letters.args);
}

static int letters_run(int argc, char **argv)
{
    struct wish wish = { .dir = NULL };
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return cmd_usage(&cmd_letters);
    int code = take_args(argc, argv, &wish);
    if (code != EXIT_FINE)
        return code;
    riv *r = riv_new(RIV_CONFIG(.checkpoint = wish.dir));
    const int rc = wish.drops
                       ? riv_letters_drop(r, wish.upto)
                       : riv_letters(r, wish.raw ? write_one : list_one, NULL);
    if (rc != RIV_OK)
        code = say(say_status(rc), "%s", riv_errmsg(r));
    riv_free(r);
    return code;
}

const struct cmd cmd_letters = {
    .name = "letters",
    .args = "DIR [--raw | --drop ID|all]",
    .line = "lists the records that were refused, of a state directory",
    .help =
        "Shows the dead letters in the state directory of a job that is not "
        "running:\n"
        "number, batch, operator, input and place there; the reason; the line "
        "as it was\n"
        "read, or where that is not known the record as CSV. Of Kafka the place "
        "is topic,\n"
        "partition and offset.\n"
        "\n"
        "  --raw             only the lines, byte for byte\n"
        "  --drop ID|all     forgets those up to this number\n"
        "\n"
        "Examples:\n"
        "  rivulet letters state\n"
        "  rivulet letters state --raw > refused.txt",
    .run = letters_run,
};
