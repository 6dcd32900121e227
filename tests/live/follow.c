/* follow.c - two rounds; in each a child process, and in parent and child four threads each that call
 * work(thread, i) 3000 times. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) void work(long thread, long i)
{
	__asm__ volatile("" : : "r"(thread), "r"(i) : "memory");
}

static void *thread(void *number)
{
	for (long i = 0; i < 3000; i++)
		work((long)number, i);
	return NULL;
}

int main(void)
{
	for (long round = 0; round < 2; round++) {
		pid_t child = fork();
		pthread_t t[4];

		for (long i = 0; i < 4; i++)
			pthread_create(&t[i], NULL, thread, (void *)(8 * round + (child ? 0 : 4) + i));
		for (int i = 0; i < 4; i++)
			pthread_join(t[i], NULL);
		if (child == 0)
			_exit(0);
		waitpid(child, NULL, 0);
	}
	return 0;
}
