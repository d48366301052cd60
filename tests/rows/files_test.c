/* tests/rows/files_test.c - the rows FI of the table "RDDs of any element":
 * folders of part files, encoded rows, files as records. Each test is named by
 * its row's id. */
#include "fixture.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char folder[32];
    char path[64];
};

static void place_make(struct place *place)
{
    snprintf(place->folder, sizeof place->folder, "/tmp/riv-rows-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
}

/* A path in the folder, lent until the next. */
static const char *in(struct place *place, const char *name)
{
    snprintf(place->path, sizeof place->path, "%s/%s", place->folder, name);
    return place->path;
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static void place_remove(struct place *place)
{
    assert_int_equal(nftw(place->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS),
                     0);
}

static void file_is(const char *path, const char *want)
{
    char text[256];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    assert_string_equal(text, want);
}

static void file_make(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

/* Runs what was built. */
static void run(riv *r)
{
    if (riv_run(r) < 0)
        fail_msg("%s", riv_errmsg(r));
    riv_free(r);
}

static riv *context(void)
{
    return riv_new(RIV_CONFIG(.threads = 2));
}

/* ------------------------------------------------------------------- FI-01 */

RIV_TEST(fi_01_a_folder_of_text_is_laid_out_and_read_back)
{
    struct place place;
    place_make(&place);
    riv *r = context();
    riv_save_text(numbers(r, 1, 4, 1), in(&place, "one/"), NULL);
    riv_save_text(numbers(r, 1, 4, 3), in(&place, "three/"), NULL);
    run(r);
    file_is(in(&place, "one/part-00000"), "1\n2\n3\n4\n");
    file_is(in(&place, "one/_SUCCESS"), "");
    file_is(in(&place, "three/part-00002"), "3\n4\n");
    r = context();
    gives(riv_text(r, in(&place, "one"), NULL), "1 2 3 4");
    gives(riv_text(r, in(&place, "three"), NULL), "1 2 3 4");
    riv_free(r);
    place_remove(&place);
}

/* ------------------------------------------------------------------- FI-03 */

typedef struct user {
    riv_str name;
    int64_t age;
    double weight;
} user;
RIV_STRUCT(user, name, age, weight);

RIV_MAP(as_user, int64_t, user);
static int as_user(const int64_t *x, user *out, riv_task *t)
{
    *out = (user){ riv_fmt(t, "name %lld", (long long)*x), *x, (double)*x / 4 };
    return 0;
}

RIV_MAP(as_pair, int64_t, word_int);
static int as_pair(const int64_t *x, word_int *out, riv_task *t)
{
    *out = (word_int){ riv_fmt(t, "%lld", (long long)*x), *x };
    return 0;
}

RIV_TEST(fi_03_numbers_pairs_and_structs_come_back_as_they_were)
{
    struct place place;
    place_make(&place);
    riv *r = context();
    riv_ds *ds = numbers(r, 1, 4, 2);
    riv_save_encoded(ds, in(&place, "numbers"), NULL);
    riv_save_encoded(riv_map(ds, as_pair_fn, NULL), in(&place, "pairs"), NULL);
    riv_save_encoded(riv_map(ds, as_user_fn, NULL), in(&place, "users"), NULL);
    run(r);
    r = context();
    gives(riv_read_encoded(r, in(&place, "numbers"), &riv_type_int64_t, NULL),
          "1 2 3 4");
    gives(riv_read_encoded(r, in(&place, "pairs"), &riv_type_word_int, NULL),
          "1:1 2:2 3:3 4:4");
    gives(riv_read_encoded(r, in(&place, "users"), &riv_type_user, NULL),
          "name 1:1:0.25 name 2:2:0.5 name 3:3:0.75 name 4:4:1");
    riv_free(r);
    r = context();
    int64_t n;
    riv_ds *wrong =
        riv_read_encoded(r, in(&place, "users"), &riv_type_word_int, NULL);
    assert_int_equal(riv_count_now(wrong, &n), RIV_ETYPE);
    riv_free(r);
    place_remove(&place);
}

/* ------------------------------------------------------------ FI-04, FI-05 */

RIV_FLAT_MAP(bytes_of, word_word, int64_t);
static int bytes_of(const word_word *file, bytes_of_out *out, riv_task *t)
{
    (void)t;
    for (size_t i = 0; i < file->val.n; i++)
        riv_emit(out, (unsigned char)file->val.p[i]);
    return 0;
}

RIV_TEST(fi_04_a_file_is_a_record_with_all_its_bytes)
{
    static const unsigned char bytes[] = { 1, 0, 10, 255, 13, 10, 7 };
    struct place place;
    place_make(&place);
    file_make(in(&place, "a"), bytes, sizeof bytes);
    file_make(in(&place, "b"), bytes, 3);
    FOR_THREADS(r)
    {
        riv_ds *files = riv_whole_text_files(r, place.folder, NULL);
        riv_ds *kept = riv_persist(files, RIV_MEMORY_ENCODED);
        assert_int_equal(count_of(kept), 2);
        for (int i = 0; i < 2; i++)
            gives(riv_flat_map(kept, bytes_of_fn, NULL),
                  "1 0 10 255 13 10 7 1 0 10");
    }
    place_remove(&place);
}

RIV_MAP(first_and_last, riv_str, int_int);
static int first_and_last(const riv_str *record, int_int *out, riv_task *t)
{
    (void)t;
    *out = (int_int){ record->p[0], record->p[record->n - 1] };
    return record->n == 6 ? 0 : riv_fail(t, "not of 6 bytes");
}

RIV_TEST(fi_05_records_of_a_fixed_length_are_cut_from_a_file)
{
    struct place place;
    char bytes[60];
    for (int i = 0; i < 10; i++)
        for (int k = 0; k < 6; k++)
            bytes[6 * i + k] = (char)(1 + i + k);
    place_make(&place);
    file_make(in(&place, "records"), bytes, sizeof bytes);
    FOR_THREADS(r)
    {
        riv_ds *ds = riv_binary_records(r, in(&place, "records"), 6, NULL);
        assert_int_equal(count_of(ds), 10);
        gives(riv_map(ds, first_and_last_fn, NULL),
              "1:6 2:7 3:8 4:9 5:10 6:11 7:12 8:13 9:14 10:15");
    }
    for (int i = 0; i < 2; i++) { /* no length, and one below 0 */
        riv *r = context();
        riv_binary_records(r, in(&place, "records"), i ? (size_t)-1 : 0, NULL);
        assert_int_equal(riv_error(r), RIV_EINVAL);
        riv_free(r);
    }
    place_remove(&place);
}

/* ------------------------------------------------------------------- FI-07 */

struct told {
    char path[80], log[400];
    int records;
};

static void on_record(void *arg, const char *uid, riv_str record,
                      const char *why)
{
    struct told *told = arg;
    (void)uid, (void)why;
    told->records++;
    snprintf(told->path, sizeof told->path, RIV_S, RIV_P(record));
}

static void on_log(void *arg, int level, const char *text)
{
    struct told *told = arg;
    if (level == RIV_LOG_WARN && strncmp(text, "left out", 8) == 0)
        snprintf(told->log, sizeof told->log, "%s", text);
}

/* How many records come of an input with these policies, or the error. */
static int64_t counted_from(riv_ds *(*input)(riv *, const char *),
                            const char *path, const char *setting,
                            struct told *told)
{
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = told,
                                    .record_failed = on_record };
    int64_t n = -1;
    *told = (struct told){ .records = 0 };
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .log = on_log, .log_arg = told,
                                .listener = &listener));
    if (setting)
        riv_set(r, setting, "skip");
    const int rc = riv_count_now(input(r, path), &n);
    riv_free(r);
    return rc < 0 ? rc : n;
}

static riv_ds *as_lines(riv *r, const char *path)
{
    return riv_text(r, path, NULL);
}

static riv_ds *as_files(riv *r, const char *path)
{
    return riv_whole_text_files(r, path, NULL);
}

static riv_ds *as_records(riv *r, const char *path)
{
    return riv_binary_records(r, path, 3, NULL);
}

static riv_ds *as_rows(riv *r, const char *path)
{
    return riv_read_encoded(r, path, &riv_type_int64_t, NULL);
}

RIV_TEST(fi_07_missing_files_are_an_error_or_left_out)
{
    riv_ds *(*const each[])(riv *, const char *) = { as_lines, as_files,
                                                     as_records, as_rows };
    struct place place;
    struct told told;
    place_make(&place);
    for (size_t i = 0; i < 4; i++) {
        const char *path = in(&place, "none");
        assert_int_equal(counted_from(each[i], path, NULL, &told),
                         RIV_ENOINPUT);
        assert_int_equal(counted_from(each[i], path, "files.missing", &told),
                         0);
        assert_int_equal(told.records, 1);
        assert_string_equal(told.path, path);
        assert_non_null(strstr(told.log, path));
        path = in(&place, "none*");
        assert_int_equal(counted_from(each[i], path, NULL, &told),
                         RIV_ENOINPUT);
        assert_int_equal(counted_from(each[i], path, "files.missing", &told),
                         0);
        assert_int_equal(counted_from(each[i], path, "files.damaged", &told),
                         RIV_ENOINPUT);
    }
    place_remove(&place);
}

RIV_TEST(fi_07_damaged_files_are_an_error_or_what_was_read_of_them_counts)
{
    struct place place;
    struct told told;
    char bytes[4096];
    place_make(&place);
    file_make(in(&place, "records"), "abcdefg", 7); /* one byte too many */
    assert_int_equal(counted_from(as_records, place.path, NULL, &told),
                     RIV_ERECORD);
    assert_int_equal(
        counted_from(as_records, place.path, "files.missing", &told),
        RIV_ERECORD);
    assert_int_equal(
        counted_from(as_records, place.path, "files.damaged", &told), 2);
    assert_string_equal(told.path, place.path);
    riv *r = context();
    riv_save_encoded(numbers(r, 1, 100, 2), in(&place, "rows"), NULL);
    run(r);
    FILE *f = fopen(in(&place, "rows/part-00001"), "r+");
    assert_non_null(f);
    const size_t n = fread(bytes, 1, sizeof bytes, f);
    fseek(f, (long)n / 2, SEEK_SET);
    fputc(bytes[n / 2] ^ 1, f);
    fclose(f);
    assert_int_equal(counted_from(as_rows, in(&place, "rows"), NULL, &told),
                     RIV_EIO);
    assert_int_equal(counted_from(as_rows, place.path, "files.damaged", &told),
                     50);
    assert_non_null(strstr(told.log, "part-00001"));
    file_make(in(&place, "other"), "no rows at all", 14);
    assert_int_equal(counted_from(as_rows, place.path, NULL, &told), RIV_EIO);
    assert_int_equal(counted_from(as_rows, place.path, "files.damaged", &told),
                     0);
    place_remove(&place);
}

/* Partitions are shares of bytes: an empty file never is one, and a file that
 * is a record always is. */
RIV_TEST(fi_07_empty_files_are_no_partitions)
{
    struct place place;
    struct told told;
    int64_t parts = -1;
    place_make(&place);
    file_make(in(&place, "a"), "x\n", 2);
    file_make(in(&place, "b"), "", 0);
    riv *r = context();
    assert_int_equal(
        riv_partitions_now(riv_text(r, place.folder, NULL), &parts), 0);
    assert_int_equal(parts, 1);
    riv_free(r);
    assert_int_equal(counted_from(as_lines, place.folder, NULL, &told), 1);
    assert_int_equal(counted_from(as_files, place.folder, NULL, &told), 2);
    place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(fi_01_a_folder_of_text_is_laid_out_and_read_back),
        RIV_CASE(fi_03_numbers_pairs_and_structs_come_back_as_they_were),
        RIV_CASE(fi_04_a_file_is_a_record_with_all_its_bytes),
        RIV_CASE(fi_05_records_of_a_fixed_length_are_cut_from_a_file),
        RIV_CASE(fi_07_missing_files_are_an_error_or_left_out),
        RIV_CASE(
            fi_07_damaged_files_are_an_error_or_what_was_read_of_them_counts),
        RIV_CASE(fi_07_empty_files_are_no_partitions),
    };
    return RIV_RUN(tests);
}
