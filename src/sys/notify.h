/* sys/notify.h - the protocol by which a service manager learns how a process
 * is: datagrams of lines NAME=VALUE to the socket in NOTIFY_SOCKET
 * (sd_notify(3)). Whoever is not started by one sends nothing. */
#ifndef RIV_SYS_NOTIFY_H
#define RIV_SYS_NOTIFY_H

#include <stdint.h>

/* 0: sent, or nobody wants to know; else a negative errno. */
int riv__notify_send(const char *lines);
/* How often "WATCHDOG=1" is wanted from this process, in ms: half of what it may
 * be late. 0: never. */
int64_t riv__notify_watchdog_ms(void);

#endif
