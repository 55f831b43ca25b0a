// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

#include "report.h"

#include <stdarg.h>
#include <stdio.h>

#define FIGURES 512u
#define NAME 96u

static struct {
	char name[NAME];
	double value;
} figures[FIGURES];
static unsigned int count;

void report_title(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("\n");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
}

void report_text(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	fflush(stdout);
}

static void record(double value, const char *format, va_list args)
{
	if (count == FIGURES)
		return;
	vsnprintf(figures[count].name, NAME, format, args);
	figures[count++].value = value;
}

void report_figure(double value, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record(value, format, args);
	va_end(args);
}

void report_line(double value, const char *unit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record(value, format, args);
	va_end(args);
	report_text("%-62s%10.2f %s\n", figures[count - 1].name, value, unit);
}

bool report_write(const char *path)
{
	FILE *file = fopen(path, "w");
	bool good;

	if (!file) {
		perror(path);
		return false;
	}
	fprintf(file, "{");
	for (unsigned int k = 0; k < count; k++)
		fprintf(file, "%s\n  \"%s\": %.3f", k ? "," : "", figures[k].name, figures[k].value);
	fprintf(file, "\n}\n");
	good = !ferror(file);
	if (fclose(file) || !good) {
		perror(path);
		return false;
	}
	return true;
}
