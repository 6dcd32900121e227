/* opt.h - the options of a command: rows of a table.
 *
 * Parsing and --help are both made from the rows; one more option is one row:
 *
 *	static const struct opt probe_opts[] = {
 *		{ 'p', "pid", "PID", "only the process PID", set_pid },
 *		{ 'q', "quiet", NULL, "no header", set_quiet },
 *		{ 0 }
 *	};
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/diag.h"

struct opt {
	char short_name;		/* 0: none */
	const char *long_name;		/* NULL: none; a row with neither name ends the table */
	const char *arg;		/* what the value is called in help, NULL: a switch */
	const char *help;		/* a sentence without full stop; "\n" begins a new line */
	/* Takes the value (NULL for a switch); reports and returns false when it is no good. */
	bool (*set)(void *ctx, const char *value, struct diags *d);
};

struct opt_command {
	const char *usage;		/* "trapline probe [options] DEFINITION..."; lines */
	const char *about;		/* what the command does, or NULL */
	const struct opt *opts;
	const struct opt *shared;	/* more rows, which another command has too; or NULL */
	/* Takes a word that is no option; NULL: there are none. */
	bool (*positional)(void *ctx, const char *word, struct diags *d);
	const char *more;		/* text after the options in --help, or NULL */
	/* Long options of a program that people know, and why they are not here, a sentence; or NULL. A row without a name
	 * ends the table. */
	const struct opt_absent { const char *long_name, *why; } *absent;
};

enum opt_result { OPT_OK, OPT_ERROR, OPT_HELP };

/* Hands over options and positional words in the order of the command line (`--filter` belongs to the
 * DEFINITION before it), so they may be mixed; after `--` all words are positional. argv[0] is the
 * command word. -h and --help are always understood, and print nothing: the result says so. Stops at
 * the first mistake, reported to d. */
enum opt_result opt_parse(const struct opt_command *c, int argc, char **argv, void *ctx, struct diags *d);

/* The text of --help: begins with a line that is exactly "USAGE:". */
void opt_help(const struct opt_command *c, FILE *out);

/* A whole number from min to max, decimal, 0x hex or 0 octal. what: the value's name for the sentence. */
bool opt_number(const char *value, const char *what, unsigned long long min, unsigned long long max,
		unsigned long long *out, struct diags *d);
/* Seconds with a fraction if need be ("2", "0.5"), as nanoseconds. */
bool opt_seconds(const char *value, const char *what, uint64_t *ns, struct diags *d);

#endif
