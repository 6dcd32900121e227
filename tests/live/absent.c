/* Sleeps by pointers that can be read, then by some whose memory is not there yet, or not at all. */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THERE = 300, ABSENT = 5 };

int main(void)
{
	struct timespec t = { 0, 123457 };
	char *pages = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < THERE; i++)
		syscall(SYS_nanosleep, &t, NULL);
	for (int i = 0; i < ABSENT; i++)
		syscall(SYS_nanosleep, pages + 4096 * i, NULL);
	syscall(SYS_nanosleep, (void *)0x500000000000, NULL);
	return 0;
}
