/* http/library.c - finds libmicrohttpd and its functions. */
#include "http/library.h"

#include <string.h>

#include "base/macro.h"
#include "sys/library.h"
#include "sys/thread.h"

/* The binary interface of all its versions since 2014. */
static const char file[] = "libmicrohttpd.so.12";

static const char *const names[] = {
#define NAME(name) "MHD_" #name,
    RIV__MHD(NAME)
#undef NAME
};

_Static_assert(sizeof(struct riv_mhd) == sizeof names,
               "a pointer for each name");

static int load(void **at, struct riv_err *err)
{
    const struct riv_library library = { file, names, RIV__LEN(names) };
    const char *missing, *why = riv__library_load(&library, at, &missing);
    if (missing)
        return riv__err_set(err, RIV_EUNAVAIL,
                            "http.listen: %s has no %s: it is too old", file,
                            missing);
    if (why)
        return riv__err_set(err, RIV_EUNAVAIL,
                            "http.listen: %s is not installed (Debian: "
                            "libmicrohttpd12). With state.dir, rivulet status "
                            "works without",
                            file);
    return 0;
}

const struct riv_mhd *riv__mhd(struct riv_err *err)
{
    static struct riv_lock lock = { PTHREAD_MUTEX_INITIALIZER };
    static struct riv_mhd mhd; /* protected by lock, until it is loaded */
    static bool loaded;
    void *at[RIV__LEN(names)];
    riv__lock(&lock);
    if (!loaded && load(at, err) == 0) {
        memcpy(&mhd, at, sizeof mhd);
        loaded = true;
    }
    const struct riv_mhd *ret = loaded ? &mhd : NULL;
    riv__unlock(&lock);
    return ret;
}
