/* gen.c - the data of the benchmarks, the same bytes for the same seed on every
 * machine: text, access logs, keyed integers, card transactions. Used by
 * bench/run and by tests that want much input; it only writes, what reads is
 * measured elsewhere. Whole lines, at most SIZE bytes.
 *   gen KIND[:KEYS[:zipf]] SIZE[K|M|G] [SEED] > FILE
 *   words     65-byte lines of 200 k words, zipf 1.0, letters 5.2 in the mean
 *   access    206-byte lines in combined format: 20 k paths zipf 1.05, 100 k
 *             addresses zipf 0.9, "bingbot/2.0" in 6 % of the lines
 *   ints      "key,value" lines; ints-bin: two little-endian i64. KEYS keys
 *             (100000), uniform or zipf 0.99
 *   cards     "card,ts,cents,country" lines, KEYS cards (100000), zipf 0.8
 *   events    JSON of the Yahoo streaming benchmark, 250-byte lines, 1,000 ads
 *   ads       "ad,campaign" lines: the 1,000 ads and their 100 campaigns
 *   nexmark   persons, auctions and bids of an auction house (gen_nexmark.c) */
#include "gen.h"

#include <unistd.h>

static void out_drain(struct out *out)
{
    for (char *p = out->start; p < out->at;) {
        ssize_t n = write(STDOUT_FILENO, p, (size_t)(out->at - p));
        if (n < 0) {
            perror("gen: cannot write");
            exit(74);
        }
        p += n;
    }
    out->at = out->start;
}

int out_line(struct out *out, char *end)
{
    uint64_t n = (uint64_t)(end - out->at);
    if (n > out->left)
        return 0;
    out->left -= n;
    out->at = end;
    if (out->at - out->start > OUT_BYTES - LINE_MAX_BYTES)
        out_drain(out);
    return out->left > 0;
}

static char *put_two(char *to, uint64_t v)
{
    *to++ = (char)('0' + v / 10 % 10);
    *to++ = (char)('0' + v % 10);
    return to;
}

/* Scatters ranks over the keys, so that the hot ones are not neighbours. */
static uint32_t scatter(uint32_t rank, uint32_t n)
{
    const uint64_t prime = 2147483647; /* of no n below it a divisor */
    return (uint32_t)(rank * prime % n);
}

/* ---------------------------------------------------------------- words */

enum { WORDS = 200000, WORD_BYTES = 24, LINE_FILL = 62 };

struct word {
    char p[WORD_BYTES - 1];
    uint8_t n;
};

static int word_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct word));
}

/* Common words are short, as in English: the mean of the distinct ones grows
 * with the logarithm of the rank, so that the mean of all is 5.2. */
static struct word word_draw(struct draw *d, uint32_t rank, uint32_t longer)
{
    static const char letter[] = "eeeetttaaaooiinnsshhrrddlluucmfwygpbvkxqjz";
    struct word w = { .n = 0 };
    double mean = 2.2 + 0.51 * log(rank + 1.0);
    uint32_t spread = draw_below(d, 2001) + draw_below(d, 2001);
    double n = mean * (0.45 + spread * 0.55 / 2000) + longer + 0.5;
    w.n = (uint8_t)(n < 1 ? 1 : n > WORD_BYTES - 1 ? WORD_BYTES - 1 : n);
    for (int i = 0; i < w.n; i++)
        w.p[i] = letter[draw_below(d, sizeof letter - 1)];
    return w;
}

/* A few words do not fit into 16 bytes. */
static uint32_t rank_extra(uint32_t rank)
{
    return rank % 499 == 498 ? 9 : 0;
}

/* Distinct words: a word seen before is drawn again, a letter longer. */
static struct word *words_new(struct draw *d)
{
    struct word *word = draw_alloc(WORDS, sizeof *word);
    const struct word **seen = draw_alloc(1 << 20, sizeof *seen);
    for (uint32_t rank = 0; rank < WORDS; rank++) {
        for (uint32_t tries = 0;; tries++) {
            word[rank] = word_draw(d, rank, tries / 8 + rank_extra(rank));
            uint32_t at = 0;
            for (size_t i = 0; i < sizeof *word; i++)
                at = at * 31 + ((const unsigned char *)&word[rank])[i];
            at = (at * 2654435769u) >> 12;
            while (seen[at] && word_order(seen[at], &word[rank]) != 0)
                at = (at + 1) & ((1 << 20) - 1);
            if (seen[at])
                continue;
            seen[at] = &word[rank];
            break;
        }
    }
    free(seen);
    return word;
}

static void gen_words(struct gen *gen)
{
    struct word *word = words_new(&gen->draw);
    struct ranks ranks = ranks_new(&gen->draw, WORDS, 1.0);
    char *to;
    do {
        to = gen->out.at;
        while (to - gen->out.at < LINE_FILL) {
            const struct word *w = &word[ranks_next(&ranks)];
            if (ranks.next + 8 < DRAWS)
                __builtin_prefetch(&word[ranks.rank[ranks.next + 8]]);
            memcpy(to, w->p, sizeof w->p); /* whole: quicker than n bytes */
            to += w->n;
            *to++ = ' ';
        }
        to[-1] = '\n';
    } while (out_line(&gen->out, to));
    free(word);
    free(ranks.zipf.cell);
}

/* --------------------------------------------------------------- access */

enum { PATHS = 20000, ADDRESSES = 100000, TEXT_BYTES = 64 };
enum { AGENT_SHARES = 100, BOT_SHARES = 6 };

struct text {
    char p[TEXT_BYTES - 1];
    uint8_t n;
};

/* The agents in shares of 100; the first is the 6 % that W2 looks for. */
static const struct {
    uint32_t upto;
    const char *text;
} agents[] = {
    { BOT_SHARES, "Mozilla/5.0 (compatible; bingbot/2.0; "
                  "+https://crawl.example/about.htm)" },
    { 46, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
          "Chrome/120.0" },
    { 70, "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_2) AppleWebKit/605 "
          "Safari/605" },
    { 90, "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Firefox/121.0" },
    { AGENT_SHARES, "curl/8.5.0" },
};

static struct text *paths_new(struct draw *d)
{
    static const char *top[] = { "/products",   "/articles", "/api/v2/items",
                                 "/static/img", "/search",   "/account" };
    static const char *end[] = { "", ".html", ".png", "/reviews", ".js" };
    struct text *text = draw_alloc(PATHS, sizeof *text);
    for (uint32_t i = 0; i < PATHS; i++) {
        char *to = put(text[i].p, top[draw_below(d, 6)]);
        *to++ = '/';
        to = put_u64(to, i);
        *to++ = '-';
        for (uint32_t n = draw_below(d, 10); n > 0; n--)
            *to++ = (char)('a' + draw_below(d, 26));
        to = put(to, end[draw_below(d, 5)]);
        text[i].n = (uint8_t)(to - text[i].p);
    }
    return text;
}

static struct text *addresses_new(struct draw *d)
{
    struct text *text = draw_alloc(ADDRESSES, sizeof *text);
    for (uint32_t i = 0; i < ADDRESSES; i++) {
        char *to = put_u64(text[i].p, 1 + draw_below(d, 220));
        to = put(to, ".");
        to = put_u64(to, draw_below(d, 256));
        to = put(to, ".");
        to = put_u64(to, i >> 8);
        to = put(to, ".");
        to = put_u64(to, i & 255);
        text[i].n = (uint8_t)(to - text[i].p);
    }
    return text;
}

static char *put_text(char *to, const struct text *text)
{
    memcpy(to, text->p, sizeof text->p);
    return to + text->n;
}

/* A day of October 2026; 1,000 lines a second. */
static char *put_when(char *to, uint64_t line)
{
    uint64_t s = line / 1000;
    to = put(to, " - - [");
    to = put_two(to, 1 + s / 86400 % 28);
    to = put(to, "/Oct/2026:");
    to = put_two(to, s / 3600 % 24);
    *to++ = ':';
    to = put_two(to, s / 60 % 60);
    *to++ = ':';
    to = put_two(to, s % 60);
    return put(to, " +0000] \"");
}

static char *put_request(char *to, struct draw *d, const struct text *path)
{
    uint32_t u = draw_below(d, 100);
    to = put(to, u < 85 ? "GET " : u < 95 ? "POST " : "HEAD ");
    to = put_text(to, path);
    to = put(to, " HTTP/1.1\" ");
    u = draw_below(d, 100);
    to = put(to, u < 88 ? "200 " : u < 93 ? "304 " : u < 98 ? "404 " : "500 ");
    to = put_u64(to, 200 + draw_below(d, 1u << (8 + draw_below(d, 10))));
    return put(to, " \"https://shop.example");
}

static void gen_access(struct gen *gen)
{
    struct draw *d = &gen->draw;
    struct text *path = paths_new(d), *address = addresses_new(d);
    struct ranks paths = ranks_new(d, PATHS, 1.05);
    struct ranks addresses = ranks_new(d, ADDRESSES, 0.9);
    uint64_t line = 0;
    char *to;
    do {
        to = put_text(gen->out.at, &address[ranks_next(&addresses)]);
        to = put_when(to, line++);
        to = put_request(to, d, &path[ranks_next(&paths)]);
        to = put_text(to, &path[ranks_next(&paths)]); /* of the referer */
        to = put(to, "\" \"");
        uint32_t share = draw_below(d, AGENT_SHARES), a = 0;
        while (share >= agents[a].upto)
            a++;
        to = put(to, agents[a].text);
        to = put(to, "\"\n");
    } while (out_line(&gen->out, to));
    free(path);
    free(address);
    free(paths.zipf.cell);
    free(addresses.zipf.cell);
}

/* ------------------------------------------------------- integers, cards */

static void gen_ints(struct gen *gen)
{
    struct ranks ranks = ranks_new(&gen->draw, gen->keys, gen->s);
    char *to;
    do {
        uint32_t rank = ranks_next(&ranks);
        to = put_u64(gen->out.at, scatter(rank, gen->keys));
        *to++ = ',';
        to = put_u64(to, draw_below(&gen->draw, 1000));
        *to++ = '\n';
    } while (out_line(&gen->out, to));
    free(ranks.zipf.cell);
}

static void gen_ints_bin(struct gen *gen)
{
    struct ranks ranks = ranks_new(&gen->draw, gen->keys, gen->s);
    char *to;
    do {
        uint32_t rank = ranks_next(&ranks);
        uint64_t row[2] = { scatter(rank, gen->keys),
                            draw_below(&gen->draw, 1000) };
        to = gen->out.at;
        for (int i = 0; i < 16; i++)
            *to++ = (char)(row[i / 8] >> (i % 8 * 8));
    } while (out_line(&gen->out, to));
    free(ranks.zipf.cell);
}

/* 10,000 transactions a second; amounts are squares of a uniform draw, so that
 * few are large; a card is in its own country but for 2 %. */
static void gen_cards(struct gen *gen)
{
    static const char country[] = "DEFRITESPLNLATSEDKUS";
    const uint64_t start_ms = UINT64_C(1790000000000);
    struct ranks ranks = ranks_new(&gen->draw, gen->keys, 0.8);
    uint64_t line = 0;
    char *to;
    do {
        uint32_t card = scatter(ranks_next(&ranks), gen->keys);
        uint32_t root = draw_below(&gen->draw, 400);
        uint32_t home =
            draw_below(&gen->draw, 50) ? card % 10 : draw_below(&gen->draw, 10);
        to = put_u64(gen->out.at, UINT64_C(4000000000000000) + card);
        *to++ = ',';
        to = put_u64(to, start_ms + line++ / 10);
        *to++ = ',';
        to = put_u64(to, 99 + root * root);
        *to++ = ',';
        *to++ = country[2 * home];
        *to++ = country[2 * home + 1];
        *to++ = '\n';
    } while (out_line(&gen->out, to));
    free(ranks.zipf.cell);
}

/* ------------------------------------------------------------ ads, events */

enum { ADS = 1000, ADS_A_CAMPAIGN = 10 };

/* 36 letters like a UUID: the same for the same number. */
static char *put_uuid(char *to, uint64_t number)
{
    static const char hex[] = "0123456789abcdef";
    uint64_t word[2];
    for (uint64_t i = 0; i < 2; i++) {
        uint64_t v = (2 * number + i + 1) * UINT64_C(0x9e3779b97f4a7c15);
        v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
        word[i] = v ^ v >> 31;
    }
    for (int i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *to++ = '-';
        *to++ = hex[word[i / 16] >> (i % 16 * 4) & 15];
    }
    return to;
}

/* 100,000 events a second. */
static void gen_events(struct gen *gen)
{
    static const char *const kind[] = { "banner", "modal", "sponsored-search",
                                        "mail", "mobile" };
    static const char *const what[] = { "view", "click", "purchase" };
    struct draw *d = &gen->draw;
    uint64_t line = 0;
    char *to;
    do {
        to = put(gen->out.at, "{\"user_id\":\"");
        to = put_uuid(to, 1000000 + draw_below(d, 100000));
        to = put(to, "\",\"page_id\":\"");
        to = put_uuid(to, 2000000 + draw_below(d, 100));
        to = put(to, "\",\"ad_id\":\"");
        to = put_uuid(to, draw_below(d, ADS));
        to = put(put(to, "\",\"ad_type\":\""), kind[draw_below(d, 5)]);
        to = put(put(to, "\",\"event_type\":\""), what[draw_below(d, 3)]);
        to = put(to, "\",\"event_time\":");
        to = put_u64(to, UINT64_C(1790000000000) + line++ / 100);
        to = put(to, ",\"ip_address\":\"1.2.3.4\"}\n");
    } while (out_line(&gen->out, to));
}

static void gen_ads(struct gen *gen)
{
    char *to;
    uint64_t ad = 0;
    do {
        to = put_uuid(gen->out.at, ad);
        *to++ = ',';
        to = put_u64(to, ad / ADS_A_CAMPAIGN);
        *to++ = '\n';
    } while (out_line(&gen->out, to) && ++ad < ADS);
}

/* ---------------------------------------------------------------- main */

static const struct {
    const char *name;
    void (*gen)(struct gen *gen);
} kinds[] = {
    { "words", gen_words }, { "access", gen_access },
    { "ints", gen_ints },   { "ints-bin", gen_ints_bin },
    { "cards", gen_cards }, { "events", gen_events },
    { "ads", gen_ads },     { "nexmark", gen_nexmark },
};

static int usage(void)
{
    fprintf(stderr, "usage: gen KIND[:KEYS[:zipf]] SIZE[K|M|G] [SEED] > FILE\n"
                    "KIND: words, access, ints, ints-bin, cards, events, ads, "
                    "nexmark\n");
    return 64;
}

/* Sets the keys and the law from ":KEYS[:zipf]"; below 0 when it is neither. */
static int parse_keys(const char *s, struct gen *gen)
{
    if (*s == '\0')
        return 0;
    char *end;
    unsigned long keys = strtoul(s + 1, &end, 10);
    if (keys < 1 || keys > 1 << 30)
        return -1;
    gen->keys = (uint32_t)keys;
    gen->s = strcmp(end, ":zipf") == 0 ? 0.99 : 0;
    return *end == '\0' || gen->s > 0 ? 0 : -1;
}

static uint64_t parse_size(const char *s)
{
    char *end;
    uint64_t n = strtoull(s, &end, 10);
    const char *unit = "KMG", *at = *end ? strchr(unit, *end) : NULL;
    if (*end && (!at || end[1]))
        return 0;
    return at ? n << (10 * (at - unit + 1)) : n;
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4)
        return usage();
    struct gen gen = { .keys = 100000 };
    size_t name = strcspn(argv[1], ":");
    gen.draw.state = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    gen.out.left = parse_size(argv[2]);
    if (gen.out.left == 0 || parse_keys(argv[1] + name, &gen) < 0)
        return usage();
    gen.out.start = gen.out.at = draw_alloc(OUT_BYTES, 1);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strlen(kinds[i].name) == name &&
            strncmp(kinds[i].name, argv[1], name) == 0) {
            kinds[i].gen(&gen);
            out_drain(&gen.out);
            free(gen.out.start);
            return 0;
        }
    return usage();
}
