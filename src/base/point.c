/* base/point.c - the one pointer that points look at. */
#include "base/point.h"

struct riv_point_hook *riv__point_hook;
