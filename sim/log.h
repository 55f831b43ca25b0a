/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Messages for the person who runs the simulator, on standard error. */
#ifndef SIM_LOG_H
#define SIM_LOG_H

#include <stdarg.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/*
 * What a guest or a client can provoke at will goes through one of these, so that it cannot
 * flood the log: a burst is printed, the rest of the second is counted.
 */
struct log_limit {
	uint64_t second;
	unsigned int printed;
	unsigned int dropped;
};

void log_set_level(enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
