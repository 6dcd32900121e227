/* tutorial.c - the program of the uprobe tutorials: two static functions, called once each, with a
 * second between. */
#include <stdio.h>
#include <unistd.h>

static int calls_1, calls_2;

static int func_1(int n)
{
	return ++calls_1 + n;
}

static int func_2(int n)
{
	return ++calls_2 * n;
}

int main(int argc, char **argv)
{
	printf("func_1 at %p\n", (void *)func_1);
	fflush(stdout);
	func_1(41);
	sleep(1);
	func_2(-7);
	return argc > 1 ? 3 : 0;
}
