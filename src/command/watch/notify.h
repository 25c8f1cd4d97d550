/*
 * notify.h - what systemd is told: that the watch has begun, how far it is, and that it is alive. Protocol of sd_notify(3).
 */
#ifndef PITR_FIND_NOTIFY_H
#define PITR_FIND_NOTIFY_H

/* One message, like "READY=1"; nothing where nobody listens (NOTIFY_SOCKET). */
void notify_send(const char *message);

/* Milliseconds after which WATCHDOG=1 is to be sent, half of what WATCHDOG_USEC says; 0: it is not asked for. */
int notify_watchdog_ms(void);

#endif
