/* cli/inputs.c - reads the one rule a compiler writes. Blanks in names are
 * escaped by a backslash, dollars doubled, lines continued by a backslash. */
#include "inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The end of the blanks and continued lines at p. */
static char *skip_blanks(char *p)
{
    for (;;) {
        if (is_blank(*p))
            p++;
        else if (*p == '\\' && (p[1] == '\n' || p[1] == '\r'))
            p += 2;
        else
            return p;
    }
}

/* Unescapes one name in place; *p goes behind it. Returns the name. */
static char *take_name(char **p)
{
    char *name = *p, *to = *p, *from = *p;
    while (*from && !is_blank(*from)) {
        if (*from == '\\' && (from[1] == '\n' || from[1] == '\r'))
            break;
        if ((*from == '\\' && strchr(" \t#\\", from[1]) && from[1]) ||
            (*from == '$' && from[1] == '$'))
            from++;
        *to++ = *from++;
    }
    char *next = *from ? skip_blanks(from) : from;
    *to = '\0';
    *p = next;
    return name;
}

bool inputs_parse(struct inputs *ret, char *text)
{
    *ret = (struct inputs){ .text = text };
    char *p = strstr(text, ": ");
    p = p ? skip_blanks(p + 1) : NULL;
    while (p && *p && ret->count < INPUTS_MAX)
        ret->path[ret->count++] = take_name(&p);
    if (ret->count > 0 && !*p)
        return true;
    inputs_fini(ret);
    return false;
}

bool inputs_read(struct inputs *ret, const char *path)
{
    FILE *file = fopen(path, "rbe");
    char *text = file ? malloc(INPUTS_BYTES + 1) : NULL;
    size_t n = text ? fread(text, 1, INPUTS_BYTES, file) : 0;
    bool whole = n > 0 && feof(file) && !ferror(file);
    if (file)
        fclose(file);
    if (!whole) {
        free(text);
        return false;
    }
    text[n] = '\0';
    return inputs_parse(ret, text);
}

void inputs_fini(struct inputs *inputs)
{
    free(inputs->text);
    *inputs = (struct inputs){ .count = 0 };
}
