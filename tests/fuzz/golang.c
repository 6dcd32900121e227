/* golang.c - feeds broken Go tables to sym/golang.c and to what follows code (sym/returns.c).
 *
 * time: 60
 *
 * An image is a small Go program (tests/unit/fixtures/gofile.h) whose table, version and code are broken in a few
 * places: numbers become extreme ones, bytes become noise.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "../unit/fixtures/gofile.h"
#include "sym/sym.h"

static unsigned char image[GO_SIZE];

static void break_once(void)
{
	static const struct { size_t at, size; } places[] = {
		{ GO_TABLE, 0x60 }, { GO_TABLE + 0x100, 0x80 }, { GO_TABLE + 0x300, 0x180 }, { GO_TABLE, 0x800 },
		{ GO_INFO, 0x80 }, { GO_TEXT, 32 * GO_FUNCTIONS }, { GO_TEXT, 32 * GO_FUNCTIONS },
	};
	unsigned place = pick(sizeof(places) / sizeof(places[0]));

	fuzz_break_at(image, sizeof(image), places[place].at + noise() % places[place].size);
}

static void ask_everything(void)
{
	struct str why = STR_INIT, argument = STR_INIT;
	struct elf_file *e;
	struct symbol *v;
	int n;

	if (elf_open(fuzz_path(), &e, NULL) != 0)
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

static void one_image(void)
{
	static const uint32_t magics[] = { 0xfffffffb, 0xfffffffa, 0xfffffff0, 0xfffffff1 };

	go_file(image, magics[pick(4)], pick(2) ? GO_BASE + GO_TEXT : 0, "go1.19.8", pick(2));
	for (unsigned times = 1 + pick(8); times > 0; times--)
		break_once();
	fuzz_write(image, sizeof(image));
	ask_everything();
}

int main(int argc, char **argv)
{
	static const struct fuzzer golang = { .name = "golang", .inputs = "images", .one = one_image };

	return fuzz_main(&golang, argc, argv);
}
