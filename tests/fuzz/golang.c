/* golang.c - feeds broken Go tables to sym/golang.c and to what follows code (sym/returns.c).
 *
 *	golang FILE SECONDS SEED	for so long, images number SEED, SEED+1, ... (FILE is not looked at)
 *	golang FILE 0 SEED		only image number SEED
 *
 * An image is a small Go program (tests/unit/fixtures/gofile.h) whose table, version and code are broken in a few places:
 * numbers become extreme ones, bytes become noise. Any answer is fine; a crash, a sanitizer report or a hang is not.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../unit/fixtures/gofile.h"
#include "sym/sym.h"

enum { HANG_SECONDS = 10 };

static unsigned long long number;
static uint64_t state;
static unsigned char image[GO_SIZE];

static uint64_t noise(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void say_number(void)
{
	fprintf(stderr, "fuzz golang: image number %llu\n", number);
}

static void hang(int sig)
{
	static const char text[] = "fuzz golang: hangs\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
		abort();
}

void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

static void break_once(void)
{
	static const uint64_t extremes[] = {
		0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff,
		0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffff8, 0x800, 0x300,
	};
	static const struct { size_t at, size; } places[] = {
		{ GO_TABLE, 0x60 }, { GO_TABLE + 0x100, 0x80 }, { GO_TABLE + 0x300, 0x180 }, { GO_TABLE, 0x800 },
		{ GO_INFO, 0x80 }, { GO_TEXT, 32 * GO_FUNCTIONS }, { GO_TEXT, 32 * GO_FUNCTIONS },
	};
	size_t place = noise() % (sizeof(places) / sizeof(places[0])), width = 1u << noise() % 4;
	size_t at = places[place].at + noise() % (places[place].size - width + 1);
	uint64_t value = noise() % 3 ? extremes[noise() % (sizeof(extremes) / sizeof(extremes[0]))] : noise();

	memcpy(image + at, &value, width);
}

static void ask_everything(const char *path)
{
	struct str why = STR_INIT, argument = STR_INIT;
	struct elf_file *e;
	struct symbol *v;
	int n;

	if (elf_open(path, &e, NULL) != 0)
		return;
	n = elf_find(e, "*", &v);
	for (int i = 0; i < n; i++) {
		struct function_exit *x;

		function_exits(e, &v[i], &x, &why);
		free(x);
		go_stack_check(e, &v[i]);
		arch_argument(elf_abi(e, v[i].address), 1 + noise() % 20, &argument);
	}
	go_version(e);
	if (n >= 0)
		free(v);
	str_release(&why);
	str_release(&argument);
	elf_close(e);
}

static void one_image(int fd, const char *path)
{
	static const uint32_t magics[] = { 0xfffffffb, 0xfffffffa, 0xfffffff0, 0xfffffff1 };

	state = number * 0x9e3779b97f4a7c15ull + 1;
	for (unsigned i = 0; i < 8; i++)
		noise();
	go_file(image, magics[noise() % 4], noise() % 2 ? GO_BASE + GO_TEXT : 0, "go1.19.8", noise() % 2);
	for (uint64_t times = 1 + noise() % 8; times > 0; times--)
		break_once();
	if (pwrite(fd, image, GO_SIZE, 0) != GO_SIZE)
		exit(2);
	alarm(HANG_SECONDS);
	ask_everything(path);
	alarm(0);
}

int main(int argc, char **argv)
{
	unsigned long long first;
	char path[64];
	time_t until;
	int fd;

	if (argc != 4) {
		fprintf(stderr, "usage: golang FILE SECONDS SEED\n");
		return 2;
	}
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0)
		return 2;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	signal(SIGALRM, hang);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(say_number);
	until = time(NULL) + atoi(argv[2]);
	first = number = strtoull(argv[3], NULL, 0);
	do {
		one_image(fd, path);
		number++;
	} while (time(NULL) < until);
	printf("fuzz golang: %llu images\n", number - first);
	return 0;
}
