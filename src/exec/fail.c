/* exec/fail.c - what went wrong, in words: the first error of a chain, from
 * which later ones follow; no room for the keys of an operator. */
#include "exec/chain.h"
#include "exec/reduce.h"

int riv__chain_fail(struct riv_chain *chain, int code, const char *fmt, ...)
{
    if (chain->rc == 0) {
        va_list ap;
        va_start(ap, fmt);
        riv__err_vset(&chain->err, code, fmt, ap);
        va_end(ap);
        chain->rc = code;
    }
    return chain->rc;
}

int riv__reduce_key_failed(const struct riv_op *op, int rc, struct riv_err *err)
{
    char show[256];
    return riv__err_set(err, rc, "%s: no memory for its keys",
                        riv__ds_show(op->ds, show, sizeof show));
}
