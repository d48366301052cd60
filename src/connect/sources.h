/* connect/sources.h - the kinds of sources this version has. api/builtin.c
 * hands the array to io; tests take single kinds. */
#ifndef RIV_CONNECT_SOURCES_H
#define RIV_CONNECT_SOURCES_H

#include "io/source.h"

extern const struct riv_source_ops riv__source_file;    /* PATH, pattern, "-" */
extern const struct riv_source_ops riv__source_pipe;    /* FIFO, terminal */
extern const struct riv_source_ops riv__source_tail;    /* a growing file */
extern const struct riv_source_ops riv__source_dir;     /* new files */
extern const struct riv_source_ops riv__source_tcp;     /* connects */
extern const struct riv_source_ops riv__source_listen;  /* accepts */
extern const struct riv_source_ops riv__source_replay;  /* lines per batch */
extern const struct riv_source_ops riv__source_demo;    /* made up */
extern const struct riv_source_ops riv__source_kafka;   /* topics */
extern const struct riv_source_ops riv__source_queue;   /* riv_push */
extern const struct riv_source_ops riv__source_receive; /* riv_receive */

/* All of them; ends with NULL. */
extern const struct riv_source_ops *const riv__sources[];

#endif
