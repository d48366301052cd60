/* exec/part_file.c - the file of one partition. Its buffers live as long as it
 * is open: a run has as many partitions as tasks, but few open at once. */
#include "exec/part_file.h"

#include "data/text.h"

enum { WRITE_BYTES = 256 * 1024 };

static bool encodes(const struct riv_part_file *file)
{
    return file->is.format == RIV__FORMAT_ENCODED;
}

int riv__part_file_open(struct riv_part_file *file,
                        const struct riv_part_file_spec *spec,
                        struct riv_err *err)
{
    riv__part_file_abort(file);
    if (file->used)
        riv__parts_drop(spec->folder, spec->number);
    file->is = *spec;
    file->used = true;
    RIV__TRY(riv__parts_open(spec->folder, spec->number, &file->fd, err));
    file->is_open = true;
    riv__buf_init(&file->text, 0);
    riv__rowfile_init(&file->encoded, spec->layout);
    if (encodes(file))
        riv__rowfile_begin(&file->encoded);
    else if (spec->header)
        riv__csv_header(spec->layout, ',', &file->text);
    return 0;
}

/* What is finished, to the disk. */
static int drain(struct riv_part_file *file, struct riv_err *err)
{
    struct riv_buf *buf = encodes(file) ? &file->encoded.out : &file->text;
    int rc = buf->failed ? riv__err_set(err, RIV_ENOMEM, "no memory for text")
                         : riv__parts_write(file->is.folder, file->fd, buf->p,
                                            buf->n, err);
    riv__buf_reset(buf);
    return rc;
}

static void add_text(struct riv_part_file *file, const char *row, size_t n)
{
    const struct riv_layout *layout = file->is.layout;
    for (size_t i = 0; i < n; i++, row += layout->size) {
        if (file->is.format == RIV__FORMAT_JSON)
            riv__json_write(layout, row, &file->text);
        else
            riv__csv_write(layout, row, ',', &file->text);
    }
}

int riv__part_file_add(struct riv_part_file *file, const void *rows, size_t n,
                       struct riv_err *err)
{
    if (encodes(file))
        RIV__TRY(riv__rowfile_add(&file->encoded, rows, n, err));
    else
        add_text(file, rows, n);
    return file->text.n + file->encoded.out.n >= WRITE_BYTES ? drain(file, err)
                                                             : 0;
}

static void buffers_free(struct riv_part_file *file)
{
    riv__buf_fini(&file->text);
    riv__rowfile_fini(&file->encoded);
    file->is_open = false;
}

void riv__part_file_abort(struct riv_part_file *file)
{
    struct riv_sys *sys = file->is_open ? file->is.folder->sys : NULL;
    if (!file->is_open)
        return;
    sys->close(sys, file->fd);
    buffers_free(file);
}

int riv__part_file_close(struct riv_part_file *file, struct riv_err *err)
{
    int rc = encodes(file) ? riv__rowfile_end(&file->encoded, err) : 0;
    if (rc == 0)
        rc = drain(file, err);
    if (rc < 0) {
        riv__part_file_abort(file);
        return rc;
    }
    buffers_free(file);
    return riv__parts_close(file->is.folder, file->fd, err);
}
