/* clean.c - `trapline clean`: finishes the work of sessions that died before they could; with --all it also
 * shows what others have in tracefs, and removes of that what the user names.
 */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/opt.h"
#include "base/os.h"

struct clean {
	bool all;
	const char **names;
	size_t n_names;
};

static bool set_all(void *ctx, const char *value, struct diags *d)
{
	((struct clean *)ctx)->all = true;
	return true;
}

static bool add_name(void *ctx, const char *word, struct diags *d)
{
	struct clean *c = ctx;

	if (!*word || *word == '/' || strcmp(word, ".") == 0 || strcmp(word, "..") == 0)
		return diag_error(d, NO_SPAN, "'%s' is neither GROUP/EVENT nor an instance", word);
	*MEM_PUSH(c->names, c->n_names) = word;
	return true;
}

static const struct opt options[] = {
	{ 0, "all", NULL, "also show what others have in tracefs, and whose it may be", set_all },
	{ 0 }
};

static const struct opt_command command = {
	.usage = "trapline clean [--all]\ntrapline clean NAME...",
	.about = "Takes back what a killed trapline left behind, and only that: sessions that live, and other "
		 "people's probes, are not touched.\n\n"
		 "NAME is an event (GROUP/EVENT) or an instance, as --all shows them: it is removed, whoever made it, "
		 "unless somebody uses it.",
	.opts = options,
	.positional = add_name,
};

/* ---- where a probe is ---- */

/* A line of uprobe_events: `p:GROUP/EVENT PATH:0xOFFSET[(0xREF)] ...`. The path may hold colons, but no blanks. */
static bool parse_place(const char *line, struct str *path, uint64_t *offset)
{
	const char *word = strchr(line, ' '), *end, *colon = NULL;

	if (!word)
		return false;
	word++;
	end = word + strcspn(word, " ");
	for (const char *p = word; p < end; p++)
		if (str_starts(p, ":0x"))
			colon = p;
	if (!colon || *word != '/')
		return false;
	str_addn(path, word, (size_t)(colon - word));
	*offset = strtoull(colon + 1, NULL, 16);
	return true;
}

/* The text that grows, and the file that the last definition was in: mostly the next one is there too. */
struct sheet {
	struct str s;
	struct str path;
	struct elf_file *elf;		/* NULL: it cannot be read */
};

static struct elf_file *file_at(struct sheet *h, const char *path)
{
	if (h->path.len && strcmp(h->path.s, path) == 0)
		return h->elf;
	if (h->elf)
		elf_close(h->elf);
	str_clear(&h->path);
	str_add(&h->path, path);
	if (elf_open(path, &h->elf, NULL) != 0)
		h->elf = NULL;
	return h->elf;
}

static void release_sheet(struct sheet *h)
{
	if (h->elf)
		elf_close(h->elf);
	str_release(&h->path);
	str_release(&h->s);
}

/* Which function that is in the file as it is now. A descriptor of the process that defined it means another file
 * to us. */
static void add_symbol(struct sheet *h, const char *line)
{
	_cleanup_(str_release) struct str path = STR_INIT;
	uint64_t offset, address;
	struct elf_file *e;
	struct symbol f;
	bool executable;

	if (!parse_place(line, &path, &offset))
		return;
	if (str_starts(path.s, "/proc/self/")) {
		str_add(&h->s, "  (a file that its maker had open)");
		return;
	}
	e = file_at(h, path.s);
	if (!e) {
		str_add(&h->s, "  (this file is not there now)");
		return;
	}
	if (elf_offset_to_address(e, offset, &address, &executable) && elf_function_at(e, address, &f)) {
		str_add(&h->s, "  = ");
		str_add_scrubbed(&h->s, f.name, strlen(f.name), 0);
		if (address > f.address)
			str_addf(&h->s, "+0x%llx", (unsigned long long)(address - f.address));
	}
}

/* ---- what others have ---- */

static void add_foreign(struct str *s, const char *text)
{
	str_add_scrubbed(s, text, strlen(text), 0);
}

/* A line that is ours, about what strangers have named. */
static void add_line(struct str *s, const char *label, const char *text)
{
	str_addf(s, "      %s", label);
	info_add_clean(s, text);
	str_addc(s, '\n');
}

static void add_definitions(struct sheet *h, const struct thing *t)
{
	bool user = strcmp(t->file, "uprobe_events") == 0;
	const char *line = t->text;

	if (t->addresses > 1)
		str_addf(&h->s, "      %u addresses%s\n", t->addresses,
			 user ? ": while it is enabled, deleting it crashes the kernel" : "");
	while (*line) {
		_cleanup_(str_release) struct str one = STR_INIT;
		size_t n = strcspn(line, "\n");

		str_addn(&one, line, n);
		str_add(&h->s, "      ");
		add_foreign(&h->s, one.s);
		if (user)
			add_symbol(h, one.s);
		str_addc(&h->s, '\n');
		line += n + (line[n] == '\n');
	}
}

static void add_event(struct sheet *h, const struct thing *t)
{
	add_line(&h->s, "", t->state ? t->state : "not enabled");
	add_definitions(h, t);
}

static void add_static(struct sheet *h, const struct thing *t)
{
	add_line(&h->s, "", t->state);
}

static void add_instance(struct sheet *h, const struct thing *t)
{
	if (t->holders)
		add_line(&h->s, "open in ", t->holders);
	else
		add_line(&h->s, "", "nobody here has its files open");
	if (t->state)
		add_line(&h->s, "", t->state);
}

static void add_setting(struct sheet *h, const struct thing *t)
{
	str_add(&h->s, "      ");
	add_foreign(&h->s, t->text);
	str_addf(&h->s, "  (%s)\n", t->state);
	if (t->undo)
		add_line(&h->s, "take it back: ", t->undo);
}

static const struct section {
	enum thing_kind kind;
	const char *title;
	const char *owner;		/* shown with each; NULL: nobody can be told */
	void (*add)(struct sheet *h, const struct thing *t);
} sections[] = {
	{ THING_EVENT, "Events that somebody has defined", "unknown", add_event },
	{ THING_INSTANCE, "Instances", "unknown", add_instance },
	{ THING_STATIC, "The kernel's own events, in use", NULL, add_static },
	{ THING_SETTING, "Settings", NULL, add_setting },
};

static void add_section(struct sheet *h, const struct section *section, const struct foreign *f)
{
	const struct thing *t;
	bool any = false;

	for (size_t n = 0; (t = foreign_thing(f, n)); n++) {
		const char *owner = t->owner ? t->owner : section->owner;

		if (t->kind != section->kind)
			continue;
		if (!any)
			str_addf(&h->s, "\n%s:\n", section->title);
		any = true;
		str_add(&h->s, "  ");
		add_foreign(&h->s, t->name);
		if (owner) {
			str_add(&h->s, "  [");
			info_add_clean(&h->s, owner);
			str_addc(&h->s, ']');
		}
		str_addc(&h->s, '\n');
		section->add(h, t);
	}
}

static void show_all(const struct foreign *f)
{
	_cleanup_(release_sheet) struct sheet h = { .s = STR_INIT, .path = STR_INIT };
	_cleanup_(str_release) struct str holders = STR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		add_section(&h, &sections[i], f);
	foreign_holders(f, &holders);
	if (holders.len)
		str_addf(&h.s, "\nFiles outside of instances are open in: %s\n", holders.s);
	if (h.s.len == 0)
		str_add(&h.s, "nothing else is defined or switched on\n");
	fputs(h.s.s, stdout);
}

/* ---- the command ---- */

static bool clean_sessions(struct tracefs *t, struct diags *d)
{
	struct clean_report r = { 0 };
	int err = clean_dead(t, &r, stdout);

	if (err)
		return diag_error(d, NO_SPAN, "dead sessions cannot be looked for: %s", os_strerror(-err));
	printf("%u dead session%s finished, %u alive\n", r.finished, r.finished == 1 ? "" : "s", r.alive);
	if (r.left)
		return diag_error(d, NO_SPAN, "%u thing%s left: somebody else is using %s", r.left,
				  r.left == 1 ? " is" : "s are", r.left == 1 ? "it" : "them");
	return true;
}

/* One that cannot be removed does not keep the others. */
static bool remove_named(struct foreign *f, const struct clean *c, struct diags *d)
{
	bool ok = true;

	for (size_t i = 0; i < c->n_names; i++) {
		_cleanup_(str_release) struct str name = STR_INIT;

		if (foreign_remove(f, c->names[i], d)) {
			add_foreign(&name, c->names[i]);
			printf("removed %s\n", name.s);
		} else {
			ok = false;
		}
	}
	return ok;
}

static bool clean(const struct clean *c, struct diags *d)
{
	struct tracefs *t = tracefs_open(d);
	bool ok = t != NULL;

	if (ok && !c->n_names)
		ok = clean_sessions(t, d);
	if (t && (c->all || c->n_names)) {
		struct foreign *f = foreign_find(t);

		if (c->n_names)
			ok = remove_named(f, c, d);
		else
			show_all(f);
		foreign_free(f);
	}
	tracefs_close(t);
	return ok;
}

int cmd_clean(int argc, char **argv)
{
	struct clean c = { 0 };
	struct diags *d = diags_new();
	enum opt_result parsed = opt_parse(&command, argc, argv, &c, d);
	bool ok = parsed != OPT_ERROR;

	if (parsed == OPT_HELP)
		opt_help(&command, stdout);
	else if (ok)
		ok = clean(&c, d);
	fflush(stdout);
	diags_print(d, stderr);
	diags_free(d);
	free(c.names);
	return ok ? 0 : 1;
}
