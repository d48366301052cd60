/* Written and read back, in a folder of its own.
 * prints
 * encoded: 5 records, 10 their sum
 * whole file: 6 bytes in a.txt
 * lines: 1
 * record: abc
 * record: def
 * a folder of text for the batch at 1000: 1
 * a folder of rows for the batch at 1000: 1
 */
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <rivulet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

RIV_PAIR(file, riv_str, riv_str);

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    if (f) {
        fputs(text, f);
        fclose(f);
    }
}

static int encoded(void)
{
    double sum = 0;
    int64_t n = 0;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_save_encoded(riv_range(r, 0, 5, 1, NULL), "rows", NULL);
    riv_run(r);
    const int rc = riv_error(r);
    riv_free(r);
    if (rc != 0)
        return rc;
    r = riv_new(RIV_CONFIG(.threads = 2));
    riv_ds *in = riv_read_encoded(r, "rows", &riv_type_int64_t, NULL);
    riv_count_now(in, &n);
    riv_sum(in, &sum);
    printf("encoded: %lld records, %g their sum\n", (long long)n, sum);
    riv_free(r);
    return 0;
}

static int whole(void)
{
    int64_t lines = 0;
    riv_result res = { .struct_size = sizeof res };
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    write_file("a.txt", "abcdef");
    riv_ds *files = riv_whole_text_files(r, "a.txt", NULL);
    riv_ds *records = riv_binary_records(r, "a.txt", 3, NULL);
    if (riv_collect(files, &res) == 0 && res.n == 1) {
        const file *one = res.rows;
        printf("whole file: %zu bytes in " RIV_S "\n", one->val.n,
               RIV_P(one->key));
    }
    riv_result_free(&res);
    if (riv_count_now(riv_text(r, "a.txt", NULL), &lines) == 0)
        printf("lines: %lld\n", (long long)lines);
    if (riv_collect(records, &res) == 0)
        for (size_t i = 0; i < res.n; i++)
            printf("record: " RIV_S "\n",
                   RIV_P(((const riv_str *)res.rows)[i]));
    riv_result_free(&res);
    const int rc = riv_error(r);
    riv_free(r);
    return rc;
}

static int batches(void)
{
    const int64_t x = 1;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_save_text_files(in, "text", "csv", NULL);
    riv_save_encoded_files(in, "rows", NULL, NULL);
    riv_push(in, &x, 1);
    riv_step(r, 1);
    printf("a folder of text for the batch at 1000: %d\n",
           access("text-1000.csv/_SUCCESS", F_OK) == 0);
    printf("a folder of rows for the batch at 1000: %d\n",
           access("rows-1000/_SUCCESS", F_OK) == 0);
    const int rc = riv_error(r);
    riv_free(r);
    return rc;
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

int main(void)
{
    char folder[] = "/tmp/rivulet-files-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return 71;
    int rc = encoded();
    if (rc == 0)
        rc = whole();
    if (rc == 0)
        rc = batches();
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0 || rc != 0;
}
