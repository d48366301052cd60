/* echo.c - nothing but the three outputs that all jobs have. */
#include "record.h"

#ifndef ORACLE_PART
RIV_JOB(r, argc, argv)
{
    return job_only(NULL, r, argc, argv);
}
#endif
