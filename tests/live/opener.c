/* opener.c - opens a file by fopen every 50 milliseconds.
 *
 *	opener PATH [COUNT]		COUNT 0: for ever
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long count = argc > 2 ? atol(argv[2]) : 0;

	for (long i = 0; count == 0 || i < count; i++) {
		FILE *f = fopen(argv[1], "r");

		if (f)
			fclose(f);
		usleep(50000);
	}
	return 0;
}
