/* main.c - the command table and the exit status. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/cmd.h"

static int cmd_version(int argc, char **argv)
{
	puts("trapline v" TRAPLINE_VERSION);
	return 0;
}

static int cmd_help(int argc, char **argv);

/* One more command is one more row. */
static const struct command {
	const char *word, *other;	/* other: a second spelling, or NULL */
	const char *help;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "run", NULL, "run a program of bpftrace's language; the word may be left away: trapline -e PROGRAM, "
		       "trapline FILE", cmd_run },
	{ "probe", NULL, "record calls and returns of functions: trapline probe [options] DEFINITION...",
	  cmd_probe },
	{ "explain", NULL, "show the whole way from a name to what is written, and a hit as it happens", cmd_explain },
	{ "-l", "--list", "list probe points: trapline -l [-v] [PATTERN]", cmd_list },
	{ "parse", NULL, "turn the text of a trace into records: trapline parse [options] [FILE]", cmd_parse },
	{ "info", NULL, "what this kernel offers, and what is missing for what", cmd_info },
	{ "clean", NULL, "take back what a killed trapline left behind; --all: what others left, too", cmd_clean },
	{ "-V", "--version", "say which version this is", cmd_version },
	{ "-h", "--help", "this text", cmd_help },
};

static void usage(FILE *to)
{
	fputs("USAGE:\n    trapline COMMAND ...\n\n"
	      "Traces functions of programs and of the kernel, on kernels that cannot run bpftrace.\n\n"
	      "COMMANDS:\n", to);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(to, "    %s%s%-*s  %s\n", commands[i].word, commands[i].other ? ", " : "",
			13 - (int)strlen(commands[i].word) - (commands[i].other ? 2 : 0),
			commands[i].other ? commands[i].other : "", commands[i].help);
	fputs("\nREADY-MADE PROGRAMS, by their name: trapline opensnoop\n", to);
	tools_list(to);
	fputs("\n`trapline run --help` shows programs, `trapline probe --help` definitions; man trapline says all.\n", to);
}

static int cmd_help(int argc, char **argv)
{
	usage(stdout);
	return 0;
}

/* The command is the first word. */
static const struct command *find(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(word, commands[i].word) == 0 ||
		    (commands[i].other && strcmp(word, commands[i].other) == 0))
			return &commands[i];
	return NULL;
}

/* `trapline -lv PATTERN`: letters that stand with -l are its options. */
static char *letters_with_l(char *word)
{
	if (word[0] != '-' || word[1] != 'l' || !word[2])
		return NULL;
	word[1] = '-';
	return word + 1;
}

static bool is_list(const char *word)
{
	return strncmp(word, "-l", 2) == 0 || strcmp(word, "--list") == 0;
}

/* `trapline -v -l PATTERN`, `trapline -vl PATTERN`: as if -l stood first. */
static void list_first(int argc, char **argv)
{
	char *word = argv[1];

	if (strcmp(word, "-vl") == 0)
		memcpy(word, "-lv", 3);
	if ((strcmp(word, "-v") == 0 || strcmp(word, "--verbose") == 0) && argc > 2 && is_list(argv[2])) {
		argv[1] = argv[2];
		argv[2] = word;
	}
}

/* Whoever starts us with a standard stream closed would see our next file in its place. What stands there instead
 * cannot be used: reading and writing fail, and say so. */
static void open_standard_streams(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* `trapline -l`: a pattern, but what names a program is one: -e PROGRAM, or a file. */
static bool lists_program(int argc, char **argv)
{
	for (int i = 2; i < argc && !list_is_type(argv[i]); i++)
		if (strncmp(argv[i], "-e", 2) == 0 || (argv[i][0] != '-' && script_is_file(argv[i])))
			return true;
	return false;
}

static int run(int argc, char **argv)
{
	const struct command *c;
	char *letters;

	list_first(argc, argv);
	if (is_list(argv[1]) && lists_program(argc, argv))
		return cmd_run(argc, argv);
	c = find(argv[1]);
	if (c)
		return c->run(argc - 1, argv + 1);
	letters = letters_with_l(argv[1]);
	if (!letters)
		return cmd_run(argc, argv);
	argv[0] = (char *)"-l";
	argv[1] = letters;
	return cmd_list(argc, argv);
}

/* What was printed must have arrived: a cut --dry-run would be a dangerous script. */
int main(int argc, char **argv)
{
	int status;

	open_standard_streams();
	if (argc < 2) {
		usage(stderr);
		return 1;
	}
	tell_waits();
	status = run(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("ERROR: the output cannot be written\n", stderr);
		return status ? status : 1;
	}
	return status;
}
