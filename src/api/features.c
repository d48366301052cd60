/* api/features.c - what this build has, in one line. The client library of Kafka
 * says at run time what it has, so the line is made once, by whoever asks
 * first. */
#include <stdatomic.h>
#include <stdio.h>

#include "connect/kafka_name.h"
#include "data/json_read.h"
#include "data/regex.h"
#include "http/server.h"

enum { LINE_BYTES = 512 };

static void line_make(char *line)
{
    char kafka[256];
    const bool has = riv__kafka_name(kafka, sizeof kafka);
    snprintf(line, LINE_BYTES,
             "rivulet 0.1.0: files, stdin, tail, dir, tcp, listen, replay, "
             "demo; %s; %s%s%s; %s%s",
             riv__json_reader_name() ? "CSV, JSON" : "CSV, JSON lines out",
             has ? "kafka (" : "no kafka", has ? kafka : "", has ? ")" : "",
             riv__http_name() ? riv__http_name() : "no pages",
             riv__regex_version() ? "; regular expressions (PCRE2)" : "");
}

const char *riv_features(void)
{
    static char line[LINE_BYTES];
    static atomic_int made; /* 1: somebody is at it, 2: done */
    int before = 0;
    if (atomic_compare_exchange_strong(&made, &before, 1)) {
        line_make(line);
        atomic_store(&made, 2);
    }
    while (atomic_load(&made) != 2) /* some microseconds */
        continue;
    return line;
}
