/* names.c - feeds broken names to the demangler, and broken patterns to the search for functions.
 *
 *	names ELF-FILE SECONDS SEED	for so long, names number SEED, SEED+1, ...
 *	names ELF-FILE 0 SEED		only that one, which is printed too: to look at one that failed
 *
 * Mangled names are cut, mixed, and repeated, so that their references lead astray and multiply. Any answer is fine; a
 * crash, a sanitizer report, a hang (10 seconds) or a text of more than 64 KiB is not.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sym/sym.h"

enum { HANG_SECONDS = 10, MAX_NAME = 6000, MAX_TEXT = 64 << 10, SEARCH_EVERY = 400 };

static const char *const seeds[] = {
	"_ZN2ns3maxIiEET_S1_S1_", "_ZN2ns5ClassIiE6methodEi", "_ZZN2ns1gEvENKUliE_clEi", "_ZNSs5clearEv",
	"_Z1f1AIS_S_EIS0_S0_EIS1_S1_E", "_Z1fIJidEEvDpT_", "_Z1fIiEDTcl1gfp_EET_", "_ZN1ACvT_IiEEv",
	"_ZGVZN1A1fEvE1x", "_ZTv0_n24_N1A1fEv", "_Z1fM1AKFivE", "_Z1fPFvPFvPFvvEEE", "_ZL2clii.constprop.0.isra.1",
	"_ZN5hello4main17hb583a0b1c2d3e4f5E", "_ZN4core3ptr85drop_in_place$LT$std..rt..lang_start$GT$17h0123456789abcdefE",
	"_RNvCs1AN4SgoKR69_5hello5other", "_RINvNtCs1AN4SgoKR69_5hello6shapes7genericmEB4_",
	"_RNvMs_C1aINtB2_1bpE1c", "_RIC1aTTTTjjEB5_B5_EB4_B4_EB3_B3_EE", "_RNvC6_123foou8gdel_5qa",
	"_D3foo3bar3bazFiZv", "_D4test4testQfFZv", "_D1a1bFHQbQcQdQeZv", "_D8demangle9__T2fnVxi1Z2fnFZv", "_Dmain",
	"ns::Class<int>::method(int)", "ns::(anonymous namespace)::f", "operator<<", "cpp:a::b*", "sub_401136", "f(char*",
};

static unsigned long long number;
static uint64_t state;

static uint64_t noise(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void hang(int sig)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "name %llu: a hang\n", number);

	(void)!write(2, line, (size_t)n);
	_exit(1);
}

static const char *seed(void)
{
	return seeds[noise() % (sizeof(seeds) / sizeof(*seeds))];
}

/* A piece of the name, a piece of another one, or a letter of the grammars, once or many times. */
static void grow(char *name, size_t *n)
{
	static const char letters[] = "STQBIJENZFPRKDLXH_0123456789:<>()[]*?~. ";
	const char *from = noise() % 2 ? seed() : name;
	size_t length = strlen(from), at = length ? noise() % length : 0, take = length ? 1 + noise() % (length - at) : 0;
	size_t times = noise() % 4 ? 1 : 1 + noise() % 400;
	char piece[MAX_NAME + 1];

	if (noise() % 3 == 0 || !take) {
		piece[0] = letters[noise() % (sizeof(letters) - 1)];
		take = 1;
	} else {
		memcpy(piece, from + at, take);
	}
	while (times-- > 0 && *n + take < MAX_NAME) {
		memcpy(name + *n, piece, take);
		*n += take;
	}
	name[*n] = '\0';
}

static void make_name(char *name)
{
	size_t n;

	strcpy(name, seed());
	n = strlen(name);
	for (uint64_t k = noise() % 6; k > 0; k--)
		grow(name, &n);
	for (uint64_t k = noise() % 3; k > 0 && n; k--)
		name[noise() % n] = (char)(1 + noise() % 255);
	if (n && noise() % 4 == 0)
		name[noise() % n] = '\0';
}

static void one_name(struct elf_file *e)
{
	struct str text = STR_INIT;
	char name[MAX_NAME + 1];
	size_t stem;

	state = number * 0x9e3779b97f4a7c15ull + 1;
	for (unsigned i = 0; i < 8; i++)
		noise();
	make_name(name);
	alarm(HANG_SECONDS);
	for (unsigned flags = 0; flags < 8; flags++) {
		str_clear(&text);
		if (demangle(name, flags, &text) != (text.len > 0) || text.len > MAX_TEXT) {
			fprintf(stderr, "name %llu, flags %u: %zu bytes: %.200s\n", number, flags, text.len, name);
			abort();
		}
	}
	symbol_clone(name, &stem);
	if (stem > strlen(name))
		abort();
	if (number % SEARCH_EVERY == 0) {
		struct functions found;

		functions_find(e, name, &found);
		functions_release(&found);
	}
	alarm(0);
	str_release(&text);
}

int main(int argc, char **argv)
{
	unsigned long long first;
	struct elf_file *e;
	time_t until;

	if (argc != 4) {
		fprintf(stderr, "usage: names ELF-FILE SECONDS SEED\n");
		return 2;
	}
	/* The C++ library has names of all kinds. */
	if (elf_open("/usr/lib/x86_64-linux-gnu/libstdc++.so.6", &e, NULL) != 0 && elf_open(argv[1], &e, NULL) != 0)
		return 2;
	signal(SIGALRM, hang);
	until = time(NULL) + atoi(argv[2]);
	number = first = strtoull(argv[3], NULL, 0);
	if (atoi(argv[2]) == 0) {
		char name[MAX_NAME + 1];

		state = number * 0x9e3779b97f4a7c15ull + 1;
		for (unsigned i = 0; i < 8; i++)
			noise();
		make_name(name);
		puts(name);
	}
	do {
		one_name(e);
		number++;
	} while (time(NULL) < until);
	elf_close(e);
	printf("fuzz names: %llu names\n", number - first);
	return 0;
}
