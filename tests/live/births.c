/* births.c - after a line on stdin, makes 60 threads, one every 200 us; each of them makes, every 100 ms, a
 * thread that calls first() and second() ten times each. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((noinline)) void first(int i)
{
	__asm__ volatile("" : : "r"(i) : "memory");
}

__attribute__((noinline)) void second(int i)
{
	__asm__ volatile("" : : "r"(i) : "memory");
}

static useconds_t rest_us = 100000;

static void *child(void *unused)
{
	for (int i = 0; i < 10; i++) {
		first(i);
		second(i);
	}
	return unused;
}

static void *parent(void *unused)
{
	for (;;) {
		pthread_t t;

		usleep(rest_us);
		if (pthread_create(&t, NULL, child, NULL) == 0)
			pthread_join(t, NULL);
	}
	return unused;
}

int main(void)
{
	pthread_attr_t attributes;
	pthread_t t;

	/* A machine that cannot keep up would leave threads standing in the middle of their calls. */
	if (getenv("SLOWER"))
		rest_us *= (useconds_t)atoi(getenv("SLOWER"));
	alarm(60);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	(void)getchar();
	for (int i = 0; i < 60; i++) {
		pthread_create(&t, &attributes, parent, NULL);
		usleep(200);
	}
	for (;;)
		pause();
}
