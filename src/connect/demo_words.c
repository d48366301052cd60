/* connect/demo_words.c - lines of English words, which occur about as often as
 * they do in books: the word of rank r with a weight of 1 / (r + 2.7) (Zipf's
 * law as corrected by Mandelbrot). For word counts: lower case, one blank
 * between words, no marks. */
#include "connect/demo.h"

static const char *const word[] = {
    "the",     "of",       "and",      "to",         "a",         "in",
    "that",    "he",       "was",      "it",         "his",       "is",
    "with",    "as",       "had",      "for",        "you",       "on",
    "not",     "be",       "at",       "but",        "by",        "her",
    "which",   "this",     "have",     "from",       "she",       "they",
    "all",     "him",      "were",     "or",         "are",       "my",
    "we",      "one",      "so",       "said",       "an",        "me",
    "there",   "no",       "who",      "them",       "been",      "their",
    "when",    "would",    "if",       "what",       "will",      "more",
    "out",     "up",       "your",     "into",       "some",      "then",
    "do",      "could",    "man",      "now",        "than",      "very",
    "time",    "has",      "our",      "like",       "upon",      "about",
    "may",     "its",      "only",     "any",        "other",     "little",
    "such",    "two",      "did",      "before",     "these",     "made",
    "over",    "must",     "after",    "should",     "see",       "down",
    "good",    "much",     "how",      "great",      "day",       "men",
    "know",    "come",     "us",       "can",        "where",     "well",
    "old",     "never",    "here",     "might",      "first",     "long",
    "own",     "way",      "came",     "back",       "go",        "though",
    "himself", "make",     "house",    "think",      "away",      "life",
    "hand",    "even",     "without",  "eyes",       "again",     "people",
    "those",   "say",      "being",    "many",       "every",     "through",
    "still",   "too",      "same",     "thought",    "went",      "last",
    "place",   "while",    "young",    "work",       "another",   "night",
    "under",   "am",       "head",     "most",       "yet",       "take",
    "found",   "world",    "ever",     "look",       "nothing",   "against",
    "left",    "years",    "once",     "told",       "room",      "off",
    "just",    "face",     "right",    "water",      "always",    "three",
    "heart",   "let",      "get",      "lady",       "father",    "things",
    "got",     "each",     "seemed",   "tell",       "because",   "door",
    "mind",    "both",     "put",      "mother",     "looked",    "light",
    "cannot",  "give",     "between",  "took",       "something", "far",
    "white",   "woman",    "part",     "saw",        "side",      "since",
    "better",  "sir",      "name",     "done",       "thing",     "knew",
    "find",    "country",  "love",     "half",       "whole",     "voice",
    "small",   "almost",   "few",      "moment",     "also",      "round",
    "set",     "morning",  "quite",    "till",       "asked",     "having",
    "home",    "new",      "words",    "among",      "air",       "turned",
    "soon",    "end",      "god",      "poor",       "boy",       "state",
    "best",    "gave",     "rather",   "themselves", "brought",   "hands",
    "stood",   "during",   "course",   "feet",       "taken",     "children",
    "enough",  "power",    "friend",   "heard",      "black",     "less",
    "going",   "high",     "within",   "large",      "believe",   "near",
    "sea",     "table",    "felt",     "king",       "open",      "evening",
    "four",    "held",     "body",     "matter",     "seen",      "hear",
    "given",   "fire",     "together", "until",      "keep",      "road",
    "money",   "family",   "dear",     "sort",       "certain",   "story",
    "feel",    "question", "street",   "gone",       "hope",      "town",
    "called",  "fell",     "letter",   "form",       "ground",    "silence",
    "short",   "hundred",  "company",  "red",        "window",    "coming",
    "present", "five",     "answer",   "reason",     "sun",       "horse",
    "truth",   "summer",   "winter",   "river",      "garden",    "paper",
    "stone",   "green",    "music",    "ship",       "glass",     "bread",
    "captain", "doctor",   "island",   "mountain",   "market",    "village",
    "bridge",  "library",  "machine",  "number",     "station",   "journey",
    "stream",  "engine",   "harbour",  "lantern",    "orchard",   "compass",
    "feather", "meadow",   "thunder",  "velvet",     "whisper",   "copper",
    "marble",  "saddle",   "cradle",   "anchor",     "beacon",    "candle",
    "ladder",  "needle",   "pepper",   "ribbon",     "shadow",    "timber",
    "walnut",  "zephyr",
};

enum { WORDS = RIV__LEN(word), LINE_WORDS_MIN = 5, LINE_WORDS_MORE = 10 };
_Static_assert((int)WORDS <= (int)RIV__DEMO_WORDS_MAX,
               "the alias table is too small");

/* Weights scaled so that they are WORDS in sum. */
static void weigh(double *weight)
{
    double sum = 0;
    for (int i = 0; i < WORDS; i++)
        sum += weight[i] = 1 / (i + 2.7);
    for (int i = 0; i < WORDS; i++)
        weight[i] *= WORDS / sum;
}

/* The alias method: "An Efficient Method for Generating Discrete Random
 * Variables with General Distributions", ACM TOMS 1977. Each column keeps its
 * own word with a certain probability and else gives one other. The weights
 * fall, so the light ones are taken from the back and the heavy ones from the
 * front. */
static void words_start(struct riv_demo *demo)
{
    double weight[WORDS];
    int heavy = 0;
    weigh(weight);
    for (int i = 0; i < WORDS; i++) {
        demo->of.words.keep[i] = UINT32_MAX;
        demo->of.words.other[i] = (uint16_t)i;
    }
    for (int light = WORDS - 1; light > heavy; light--) {
        int column = light;
        while (column >= 0 && heavy < light && weight[column] < 1) {
            demo->of.words.keep[column] =
                (uint32_t)(weight[column] * UINT32_MAX);
            demo->of.words.other[column] = (uint16_t)heavy;
            weight[heavy] -= 1 - weight[column];
            column = weight[heavy] < 1 ? heavy++ : -1;
        }
    }
}

static const char *pick(struct riv_demo *demo)
{
    uint32_t column = riv__demo_below(demo, WORDS);
    uint32_t coin = (uint32_t)riv__demo_random(demo);
    return coin <= demo->of.words.keep[column]
               ? word[column]
               : word[demo->of.words.other[column]];
}

static void words_line(struct riv_demo *demo, struct riv_buf *buf)
{
    uint32_t n = LINE_WORDS_MIN + riv__demo_below(demo, LINE_WORDS_MORE);
    while (n-- > 0) {
        riv__buf_str(buf, pick(demo));
        riv__buf_char(buf, n > 0 ? ' ' : '\n');
    }
}

const struct riv_demo_kind riv__demo_words = { .name = "words",
                                               .start = words_start,
                                               .line = words_line };
