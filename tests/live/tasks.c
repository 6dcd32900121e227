/* tasks.c - threads born early and late, and children: who calls work(n) is told by n.
 *
 *	1	the main thread			20..	threads born after the first line on stdin
 *	10..	threads born at the start	30	a child, forked after that line
 *						40	a child of the child
 *	50	a thread of the child
 *
 * Prints its pid, waits for a line, does all that once, and ends.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_barrier_t gate;

__attribute__((noinline)) void work(int n)
{
	__asm__ volatile("" : : "r"(n) : "memory");
}

static void *early(void *n)
{
	pthread_barrier_wait(&gate);
	work((intptr_t)n);
	return NULL;
}

static void *late(void *n)
{
	work((intptr_t)n);
	return NULL;
}

static void run_thread(int n)
{
	pthread_t t;

	pthread_create(&t, NULL, late, (void *)(intptr_t)n);
	pthread_join(t, NULL);
}

static void in_child(void (*fn)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		fn();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void grandchild(void)
{
	work(40);
}

static void child(void)
{
	work(30);
	run_thread(50);
	in_child(grandchild);
}

int main(void)
{
	pthread_t early_threads[3];

	pthread_barrier_init(&gate, NULL, 4);
	for (int i = 0; i < 3; i++)
		pthread_create(&early_threads[i], NULL, early, (void *)(intptr_t)(10 + i));
	printf("%d\n", getpid());
	fflush(stdout);
	(void)getchar();
	work(1);
	pthread_barrier_wait(&gate);
	for (int i = 0; i < 3; i++)
		pthread_join(early_threads[i], NULL);
	for (int i = 0; i < 3; i++)
		run_thread(20 + i);
	in_child(child);
	return 0;
}
