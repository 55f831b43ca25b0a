/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Figures on their way out: a table on standard output while they are measured, and JSON at the
 * end, {"name": number, ...} in the order of measurement.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>

void report_title(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A figure for the JSON; the table shows it where the caller puts it */
void report_figure(double value, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One as a line of its own */
void report_line(double value, const char *unit, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* false with a message if the file cannot be written */
bool report_write(const char *path);

#endif
