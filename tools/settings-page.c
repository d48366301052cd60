/* tools/settings-page.c - writes CONFIGURATION.md from the table of settings:
 *
 *   settings-page > CONFIGURATION.md      makes it
 *   settings-page CONFIGURATION.md        fails when it is not what it should be
 *
 * Built and run by the tests (tests/cli). Not installed. */
#include <stdio.h>
#include <string.h>

#include "conf/doc.h"

/* True when the file has exactly these bytes. */
static bool same(const char *path, const struct riv_buf *page)
{
    FILE *file = fopen(path, "rb");
    bool equal = file != NULL;
    for (size_t i = 0; equal && i < page->n; i++)
        equal = fgetc(file) == (unsigned char)page->p[i];
    equal = equal && fgetc(file) == EOF;
    if (file)
        fclose(file);
    return equal;
}

int main(int argc, char **argv)
{
    struct riv_buf page;
    riv__buf_init(&page, 0);
    riv__conf_doc_page(&page);
    int rc = page.failed != 0;
    if (argc < 2) {
        rc |= fwrite(page.p, 1, page.n, stdout) != page.n;
    } else if (!same(argv[1], &page)) {
        fprintf(stderr,
                "%s is not what src/conf/settings.c says; make it:\n"
                "  %s > %s\n",
                argv[1], argv[0], argv[1]);
        rc = 1;
    }
    riv__buf_fini(&page);
    return rc;
}
