/* sys/library.c - dlopen and dlsym, for those who say what a missing library
 * means. */
#include "sys/library.h"

#include <dlfcn.h>

const char *riv__library_load(const struct riv_library *library, void **at,
                              const char **ret_missing)
{
    void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
    *ret_missing = NULL;
    if (!handle)
        return dlerror();
    for (size_t i = 0; i < library->n; i++) {
        at[i] = dlsym(handle, library->names[i]);
        if (!at[i]) {
            *ret_missing = library->names[i];
            return library->names[i];
        }
    }
    return NULL;
}
