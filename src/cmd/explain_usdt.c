/* explain_usdt.c - what there is to explain about a USDT probe: the note that says where it is, the counter that
 * switches it on, and how an operand becomes a fetch argument.
 */
#include "cmd/cmd.h"

#include <string.h>

typedef unsigned long long ull;

static const struct usdt_note *find_note(struct usdt *u, const struct site *site, uint64_t address)
{
	const struct usdt_note *v;
	size_t n;

	v = usdt_notes(u, &n);
	for (size_t i = 0; i < n; i++)
		if (v[i].address == address && strcmp(v[i].provider, site->category) == 0 &&
		    strcmp(v[i].name, site->tracepoint) == 0)
			return &v[i];
	return NULL;
}

static unsigned count_places(struct usdt *u, const struct usdt_note *note)
{
	const struct usdt_note *v;
	unsigned places = 0;
	size_t n;

	v = usdt_notes(u, &n);
	for (size_t i = 0; i < n; i++)
		places += usdt_same_probe(&v[i], note);
	return places;
}

static void tell_note(struct teacher *t, const struct site *site, struct usdt *u, const struct usdt_note *note,
		      const char *path)
{
	unsigned places = count_places(u, note);

	lesson_begin(t, site, "note", "From the name `%s:%s` to a note", note->provider, note->name);
	lesson_text(t, "Where the source says STAP_PROBE or DTRACE_PROBE, the compiler puts a nop into the code, and a note "
		       "into the section .note.stapsdt, which is never loaded: where the nop is, and where the values are "
		       "then.");
	lesson_number(t, "places", "places", places, places == 1 ? "%u" : "%u, each of them an event of its own", places);
	lesson_number(t, "noted", "address", note->noted, "%#llx, as it was noted", (ull)note->noted);
	lesson_number(t, "base", "base", note->base, "%#llx, where .stapsdt.base was then", (ull)note->base);
	lesson_number(t, "base_now", "base now", usdt_base(u), "%#llx", (ull)usdt_base(u));
	lesson_number(t, "address_now", "address now", note->address, "%#llx + (%#llx - %#llx) = %#llx", (ull)note->noted,
		      (ull)usdt_base(u), (ull)note->base, (ull)note->address);
	if (usdt_base(u) == note->base)
		lesson_text(t, "The base is where it was, so the sum changes nothing. In a file that prelink has moved it does.");
	else if (note->address == note->noted)
		lesson_text(t, "There is no base to compare, so the address is taken as it was noted.");
	lesson_fact(t, "operands", "operands", "%s", *note->operands ? note->operands : "none");
	lesson_command(t, "readelf -n %s | grep -A 2 -w -e 'Name: %s'", lesson_word(t, path),
		       lesson_word(t, note->name));
	lesson_show(t);
}

static void tell_semaphore(struct teacher *t, const struct site *site, const struct usdt_note *note, const char *path)
{
	if (!note->semaphore)
		return;
	lesson_begin(t, site, "semaphore", "What switches the probe on");
	lesson_text(t, "The program asks a counter in its data whether somebody looks, and runs past the probe while it is 0. "
		       "The kernel counts it up in every process that maps the file, as long as the probe is there, when it is "
		       "told where in the file the counter is. That sum is made with the segment of the counter, which is not "
		       "the one of the code.");
	lesson_number(t, "semaphore", "address", note->semaphore, "%#llx", (ull)note->semaphore);
	lesson_number(t, "counter", "file offset", site->counter, "%#llx: FILE:OFFSET(%#llx)", (ull)site->counter,
		      (ull)site->counter);
	lesson_command(t, "readelf -SW %s | grep -wF -e .probes", lesson_word(t, path));
	lesson_command(t, "readelf -lW %s | grep -w LOAD", lesson_word(t, path));
	lesson_show(t);
}

static const char *how_it_lives(struct teacher *t, const struct usdt_operand *o, const char *fetch)
{
	switch (o->kind) {
	case OPERAND_CONSTANT:
		return "a constant";
	case OPERAND_REGISTER:
		return arena_fmt(t->arena, "the register %s", o->base);
	case OPERAND_MEMORY:
		if (*fetch == '@')
			return fetch[1] == '+' ? "a variable of the file: so far from the file's first byte, if all of it were "
						 "mapped like the code of the probe" : "a variable at a fixed address";
		return arena_fmt(t->arena, "memory beside the place that %s points to", o->base ? o->base : o->index);
	case OPERAND_UNREADABLE:
		break;
	}
	return "";
}

static void tell_operands(struct teacher *t, const struct site *site, struct usdt *u, const struct usdt_note *note)
{
	static const char *const columns[] = { "argument", "operand", "fetch", "is", NULL };
	struct usdt_operand *v;
	unsigned n = usdt_operands(u, note, &v);

	if (!n)
		return;
	lesson_begin(t, site, "operands", "Where the values are, and how the kernel is told");
	lesson_text(t, "An operand is SIZE@PLACE: so many bytes, negative for a signed number, with an f for a floating one. The "
		       "place is spelled as in the assembler's instructions, the fetch argument in the kernel's way: %%ax for "
		       "%%rax and %%eax, \\5 for $5.");
	lesson_table(t, "operands", columns);
	for (unsigned i = 0; i < n; i++) {
		_cleanup_(str_release) struct str fetch = STR_INIT;
		const char *why = "";
		bool ok = usdt_operand_fetch(u, note, &v[i], &fetch, &why);

		lesson_row(t, arena_fmt(t->arena, "$arg%u", i + 1), arena_strdup(t->arena, v[i].text),
			   ok ? arena_fmt(t->arena, "%s:%s", fetch.s, usdt_operand_type(t->arena, &v[i])) : "none",
			   arena_strdup(t->arena, ok ? how_it_lives(t, &v[i], fetch.s) : why));
	}
	lesson_show(t);
}

void explain_usdt(struct teacher *t, const struct site *site, struct elf_file *elf, uint64_t address, const char *path,
		  enum usdt_lesson which)
{
	struct usdt *u = usdt_read(elf);
	const struct usdt_note *note = find_note(u, site, address);

	if (note && which == USDT_NOTE)
		tell_note(t, site, u, note, path);
	if (note && which == USDT_VALUES) {
		tell_semaphore(t, site, note, path);
		tell_operands(t, site, u, note);
	}
	usdt_free(u);
}
