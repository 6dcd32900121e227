/* dwarf.c - feeds programs whose debug information was broken to everything in sym/ that reads it.
 *
 * time: 60
 * seed: gcc -g -O1 -ffile-prefix-map=$PWD=. -o $seed tests/live/named.c
 *
 * A copy is broken in a few places, most of them in .debug_* sections.
 */
#define _GNU_SOURCE
#include <elf.h>

/* Where .eh_frame_hdr is broken, dwarf_getcfi_elf() asks for the whole file (elf_rawfile), and of a file that is copied,
 * not mapped, libelf (0.188) then loses the sections that it had read before. */
#define FUZZ_ASAN_OPTIONS ":detect_leaks=0"
#include "fuzz.h"
#include "sym/sym.h"

/* Somewhere in a section whose name begins with .debug, or .eh_frame; else anywhere. */
static size_t pick_place(const unsigned char *seed, size_t n)
{
	Elf64_Ehdr eh;
	Elf64_Shdr names, sh;

	if (n < sizeof(eh))
		return noise() % n;
	memcpy(&eh, seed, sizeof(eh));
	if (eh.e_shoff > n || (n - eh.e_shoff) / sizeof(sh) < eh.e_shnum || eh.e_shstrndx >= eh.e_shnum)
		return noise() % n;
	memcpy(&names, seed + eh.e_shoff + eh.e_shstrndx * sizeof(sh), sizeof(sh));
	for (unsigned tries = 0; tries < 64 && noise() % 16; tries++) {
		memcpy(&sh, seed + eh.e_shoff + noise() % eh.e_shnum * sizeof(sh), sizeof(sh));
		if (sh.sh_type != SHT_NOBITS && sh.sh_size && names.sh_offset + sh.sh_name + 7 < n &&
		    (memcmp(seed + names.sh_offset + sh.sh_name, ".debug_", 7) == 0 ||
		     memcmp(seed + names.sh_offset + sh.sh_name, ".eh_fra", 7) == 0) && sh.sh_offset + sh.sh_size <= n)
			return sh.sh_offset + noise() % sh.sh_size;
	}
	return noise() % n;
}

static void look_at_type(const struct debug_type *t, unsigned depth);

static bool look_at_member(void *ctx, const struct debug_member *m)
{
	look_at_type(m->type, *(unsigned *)ctx + 1);
	return true;
}

static bool look_at_enumerator(void *ctx, const char *name, uint64_t value)
{
	*(uint64_t *)ctx += strlen(name) + value;
	return true;
}

static void look_at_type(const struct debug_type *t, unsigned depth)
{
	struct str s = STR_INIT;
	struct debug_type_info info;
	uint64_t sum = 0;

	if (!t || depth > 4)
		return;
	info = debug_type_info(t);
	debug_type_print(t, "x", &s);
	sum += s.len + (info.name ? strlen(info.name) : 0);
	str_release(&s);
	debug_members(t, look_at_member, &depth);
	debug_enumerators(t, look_at_enumerator, &sum);
	look_at_type(debug_type_of(t), depth + 1);
}

static void look_at_code(struct elf_file *e, uint64_t address)
{
	const char *why = NULL;
	const struct debug_function *f = elf_debug_function(e, address, &why);

	if (!f && !why)
		abort();
	look_at_type(f ? f->result : NULL, 0);
	for (size_t i = 0; f && i < f->n_variables; i++)
		look_at_type(f->variables[i].type, 0);
}

static void look_at_lines(struct elf_file *e, unsigned line)
{
	struct line_query q = { .file = "*", .line = line, .statements = noise() % 2 };
	struct line_answer answer;

	lines_find(e, &q, &answer);
	for (size_t i = 0; i < answer.n && i < 64; i++) {
		struct arena *arena = arena_new();
		struct source_frame *frames;

		lines_at(e, answer.sites[i].address + noise() % 3, arena, &frames);
		arena_free(arena);
	}
	lines_release(&answer);
}

static void look_at_copies(struct elf_file *e)
{
	struct inline_answer answer;

	inline_find(e, "*", &answer);
	for (size_t i = 0; i < answer.n && i < 16; i++) {
		inline_function(e, &answer.sites[i]);
		inline_parameter(e, &answer.sites[i], 1 + (unsigned)(noise() % 3));
	}
	inline_release(&answer);
	inline_find(e, "numbers", &answer);	/* only in the units that mention it */
	inline_release(&answer);
}

static void ask_everything(void)
{
	const struct debug_source *sources;
	struct symbol *v = NULL;
	struct elf_file *e;
	const char *why;
	int n;

	if (elf_open(fuzz_path(), &e, &why) != 0)
		return;
	n = elf_find(e, "*", &v);
	for (unsigned i = 0; n > 0 && i < 6; i++) {
		const struct symbol *s = &v[noise() % (unsigned)n];

		look_at_code(e, s->address);
		look_at_code(e, s->address + (s->size ? noise() % s->size : 0));
	}
	look_at_code(e, noise() % 65536);
	free(v);
	look_at_type(elf_debug_type(e, "struct node", 0, &why), 0);
	look_at_type(elf_debug_type(e, "no_such_t", 0, &why), 0);
	look_at_lines(e, noise() % 4 ? 0 : (unsigned)(noise() % 200));
	look_at_copies(e);
	elf_debug_sources(e, &sources);
	elf_close(e);
}

static void one_copy(void)
{
	fuzz_broken_copy(pick_place);
	ask_everything();
}

int main(int argc, char **argv)
{
	static const struct fuzzer dwarf = { .name = "dwarf", .inputs = "copies", .one = one_copy };

	return fuzz_main(&dwarf, argc, argv);
}
