/* main.c - the command table and the exit status. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc == 2 && (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0)) {
		puts("trapline v" TRAPLINE_VERSION);
		return 0;
	}
	fputs("USAGE:\n    trapline --version\n", stderr);
	return 1;
}
