// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "log.h"

#include <stdio.h>

#include "clock.h"

#define LINES_PER_SECOND	10

static enum log_level threshold = LOG_LEVEL_WARN;

static const char *const names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warning",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

void log_set_level(enum log_level level)
{
	threshold = level;
}

/* One write per line, so that lines of several processes do not mix */
static void print(enum log_level level, const char *format, va_list args)
{
	char line[512];
	int used;

	if (level > threshold)
		return;
	used = snprintf(line, sizeof(line), "tern-sim: %s: ", names[level]);
	vsnprintf(line + used, sizeof(line) - (size_t)used, format, args);
	fprintf(stderr, "%s\n", line);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(LOG_LEVEL_ERROR, format, args);
	va_end(args);
}

void log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(LOG_LEVEL_WARN, format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(LOG_LEVEL_INFO, format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(LOG_LEVEL_DEBUG, format, args);
	va_end(args);
}

static void begin_second(struct log_limit *limit, enum log_level level, uint64_t second)
{
	if (limit->dropped && level <= threshold)
		fprintf(stderr, "tern-sim: %s: %u similar lines left out\n", names[level],
			limit->dropped);
	limit->second = second;
	limit->printed = 0;
	limit->dropped = 0;
}

void log_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
{
	uint64_t second;
	va_list args;

	if (level > threshold)
		return;
	second = clock_ns() / 1000000000u;
	if (second != limit->second)
		begin_second(limit, level, second);
	if (limit->printed == LINES_PER_SECOND) {
		limit->dropped++;
		return;
	}
	limit->printed++;
	va_start(args, format);
	print(level, format, args);
	va_end(args);
}
