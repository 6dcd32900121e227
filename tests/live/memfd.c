/* memfd.c - runs a program, or loads a library, that has no name in any file system.
 *
 *	memfd FILE NAME [ARGUMENT...]	copies FILE into memory under NAME and runs it with the arguments
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
	int in = argc > 2 ? open(argv[1], O_RDONLY) : -1, out = argc > 2 ? memfd_create(argv[2], MFD_CLOEXEC) : -1;
	struct stat st;

	if (in < 0 || out < 0 || fstat(in, &st) != 0 || sendfile(out, in, NULL, (size_t)st.st_size) != st.st_size) {
		perror("memfd");
		return 1;
	}
	fexecve(out, argv + 2, environ);
	perror("memfd: exec");
	return 1;
}
