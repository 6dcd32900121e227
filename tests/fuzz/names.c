/* names.c - feeds broken names to the demangler, and broken patterns to the search for functions.
 *
 * time: 60
 * seed: cp "$(g++ -print-file-name=libstdc++.so.6)" $seed
 *
 * Mangled names are cut, mixed, and repeated, so that their references lead astray and multiply. A text of more than
 * 64 KiB is no answer. The functions are searched in the seed, the C++ library, which has names of all kinds.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "sym/sym.h"

enum { MAX_NAME = 6000, MAX_TEXT = 64 << 10, SEARCH_EVERY = 400 };

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

static struct elf_file *searched;
static char name[MAX_NAME + 1];

static const char *seed(void)
{
	return seeds[noise() % (sizeof(seeds) / sizeof(*seeds))];
}

/* A piece of the name, a piece of another one, or a letter of the grammars, once or many times. */
static void grow(size_t *n)
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

static void make_name(void)
{
	size_t n;

	strcpy(name, seed());
	n = strlen(name);
	for (uint64_t k = noise() % 6; k > 0; k--)
		grow(&n);
	for (uint64_t k = noise() % 3; k > 0 && n; k--)
		name[noise() % n] = (char)(1 + noise() % 255);
	if (n && noise() % 4 == 0)
		name[noise() % n] = '\0';
}

static void show(FILE *to)
{
	fprintf(to, "%s\n", name);
}

static void one_name(void)
{
	struct str text = STR_INIT;
	size_t stem;

	make_name();
	for (unsigned flags = 0; flags < 8; flags++) {
		str_clear(&text);
		if (demangle(name, flags, &text) != (text.len > 0) || text.len > MAX_TEXT) {
			fprintf(stderr, "flags %u: %zu bytes\n", flags, text.len);
			abort();
		}
	}
	symbol_clone(name, &stem);
	if (stem > strlen(name))
		abort();
	if (fuzz_number % SEARCH_EVERY == 0) {
		struct functions found;

		functions_find(searched, name, &found);
		functions_release(&found);
	}
	str_release(&text);
}

static bool begin(void)
{
	return fuzz_seed_path && elf_open(fuzz_seed_path, &searched, NULL) == 0;
}

static int end(void)
{
	elf_close(searched);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct fuzzer names = { "names", "names", begin, one_name, show, end };

	return fuzz_main(&names, argc, argv);
}
