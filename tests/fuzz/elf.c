/* elf.c - feeds broken copies of an ELF file to everything in sym/ that reads one.
 *
 * time: 60
 * seed: g++ -O1 -shared -fPIC -Wl,--default-symver -o $seed tests/unit/fixtures/returns.cc
 *
 * A copy is broken in a few places: numbers in headers and tables become extreme ones, bytes become noise, the end is
 * cut off.
 */
#define _GNU_SOURCE
#include <elf.h>

#include "fuzz.h"
#include "sym/sym.h"

/* Somewhere that matters: the headers, the program and section headers, a section, or anywhere. */
static size_t pick_place(const unsigned char *seed, size_t n)
{
	Elf64_Ehdr eh;
	Elf64_Shdr sh;
	size_t at = noise() % n, k;

	if (n < sizeof(eh))
		return at;
	memcpy(&eh, seed, sizeof(eh));
	switch (noise() % 6) {
	case 0:
		at = noise() % sizeof(eh);
		break;
	case 1:
		at = eh.e_phoff + noise() % (eh.e_phnum * sizeof(Elf64_Phdr) + 1);
		break;
	case 2:
		at = eh.e_shoff + noise() % (eh.e_shnum * sizeof(Elf64_Shdr) + 1);
		break;
	case 3:
	case 4:
		k = eh.e_shoff + noise() % (eh.e_shnum + 1u) * sizeof(sh);
		if (k > n || n - k < sizeof(sh))
			break;
		memcpy(&sh, seed + k, sizeof(sh));
		if (sh.sh_type != SHT_NOBITS && sh.sh_size)
			at = sh.sh_offset + noise() % (sh.sh_size < 4096 ? sh.sh_size : 4096);
		break;
	}
	return at < n ? at : n - 1;
}

static bool touch(void *ctx, const struct symbol *s)
{
	*(size_t *)ctx += strlen(s->name) + (s->version ? strlen(s->version) : 0);
	return true;
}

static void look_for_exits(struct elf_file *e, const struct symbol *s)
{
	struct str why = STR_INIT;
	struct function_exit *exits;

	function_exits(e, s, &exits, &why);
	free(exits);
	str_release(&why);
}

static void look_at_places(struct elf_file *e, const struct symbol *s)
{
	uint64_t addresses[] = {s->address, s->address + s->size / 2, s->address + s->size, noise(),
				noise() % 65536};
	struct insn_check check;
	uint64_t a, b;
	bool executable;
	const char *reg;
	char buf[64];

	look_for_exits(e, s);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct symbol covering;

		elf_address_to_offset(e, addresses[i], &a, &executable);
		elf_offset_to_address(e, addresses[i], &a, &executable);
		elf_bytes(e, addresses[i], buf, sizeof(buf));
		elf_fde_at(e, addresses[i], &a, &b);
		insn_check(e, noise() % 2 ? s : NULL, addresses[i], noise() % 2, &check);
		insn_register_kept(e, s, addresses[i], "di");
		insn_find_load(e, s, 4, &a, &reg);
		if (elf_function_at(e, addresses[i], &covering))
			insn_check(e, &covering, addresses[i], true, &check);
	}
}

static void ask_everything(void)
{
	static const char *const patterns[] = { "main", "*", "puts", "f@V1", "f@@V2", "[a-m]*", "" };
	struct elf_file *e;
	const char *why;
	size_t sum = 0;

	if (elf_open(fuzz_path(), &e, &why) != 0)
		return;
	elf_symbols(e, touch, &sum);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct symbol *v;
		int n = elf_find(e, patterns[i], &v);

		if (n > 0)
			look_at_places(e, &v[noise() % (unsigned)n]);
		free(v);
	}
	sum += elf_has_functions(e) + strlen(elf_build_id(e)) + (size_t)elf_machine(e);
	why = elf_return_hazard(e);
	sum += why ? strlen(why) : 0;
	for (unsigned i = 0; i < 1000 && (why = elf_needed(e, i)); i++)
		sum += strlen(why);
	elf_can_catch(e);
	elf_close(e);
}

static void one_copy(void)
{
	fuzz_broken_copy(pick_place);
	ask_everything();
}

int main(int argc, char **argv)
{
	static const struct fuzzer elf = { .name = "elf", .inputs = "copies", .one = one_copy };

	return fuzz_main(&elf, argc, argv);
}
