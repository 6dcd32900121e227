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

/* Which function that is in the file as it is now. A descriptor of the process that defined it means another file
 * to us. */
static void add_symbol(struct str *s, const char *line)
{
	_cleanup_(str_release) struct str path = STR_INIT;
	uint64_t offset, address;
	struct elf_file *e;
	struct symbol f;
	bool executable;

	if (!parse_place(line, &path, &offset))
		return;
	if (str_starts(path.s, "/proc/self/")) {
		str_add(s, "  (a file that its maker had open)");
		return;
	}
	if (elf_open(path.s, &e, NULL) != 0) {
		str_add(s, "  (this file is not there now)");
		return;
	}
	if (elf_offset_to_address(e, offset, &address, &executable) && elf_function_at(e, address, &f)) {
		str_add(s, "  = ");
		str_add_scrubbed(s, f.name, strlen(f.name), 0);
		if (address > f.address)
			str_addf(s, "+0x%llx", (unsigned long long)(address - f.address));
	}
	elf_close(e);
}

/* ---- what others have ---- */

static void add_foreign(struct str *s, const char *text)
{
	str_add_scrubbed(s, text, strlen(text), 0);
}

static void add_definitions(struct str *s, const struct thing *t)
{
	const char *line = t->text;

	if (t->addresses > 1)
		str_addf(s, "      %u addresses: while it is enabled, deleting it crashes the kernel\n", t->addresses);
	while (*line) {
		_cleanup_(str_release) struct str one = STR_INIT;
		size_t n = strcspn(line, "\n");

		str_addn(&one, line, n);
		str_add(s, "      ");
		add_foreign(s, one.s);
		if (strcmp(t->file, "uprobe_events") == 0)
			add_symbol(s, one.s);
		str_addc(s, '\n');
		line += n + (line[n] == '\n');
	}
}

static void add_event(struct str *s, const struct thing *t)
{
	str_addf(s, "      %s\n", t->state ? t->state : "not enabled");
	add_definitions(s, t);
}

static void add_static(struct str *s, const struct thing *t)
{
	str_addf(s, "      %s\n", t->state);
}

static void add_instance(struct str *s, const struct thing *t)
{
	if (t->holders)
		str_addf(s, "      open in %s\n", t->holders);
	else
		str_add(s, "      nobody here has its files open\n");
	if (t->state)
		str_addf(s, "      %s\n", t->state);
}

static void add_setting(struct str *s, const struct thing *t)
{
	str_add(s, "      ");
	add_foreign(s, t->text);
	str_addf(s, "  (%s)\n", t->state);
	if (t->undo)
		str_addf(s, "      take it back: %s\n", t->undo);
}

static const struct section {
	enum thing_kind kind;
	const char *title;
	const char *owner;		/* shown with each; NULL: nobody can be told */
	void (*add)(struct str *s, const struct thing *t);
} sections[] = {
	{ THING_EVENT, "Events that somebody has defined", "unknown", add_event },
	{ THING_INSTANCE, "Instances", "unknown", add_instance },
	{ THING_STATIC, "The kernel's own events, in use", NULL, add_static },
	{ THING_SETTING, "Settings", NULL, add_setting },
};

static void add_section(struct str *s, const struct section *section, const struct foreign *f)
{
	const struct thing *t;
	bool any = false;

	for (size_t n = 0; (t = foreign_thing(f, n)); n++) {
		const char *owner = t->owner ? t->owner : section->owner;

		if (t->kind != section->kind)
			continue;
		if (!any)
			str_addf(s, "\n%s:\n", section->title);
		any = true;
		str_add(s, "  ");
		add_foreign(s, t->name);
		if (owner)
			str_addf(s, "  [%s]", owner);
		str_addc(s, '\n');
		section->add(s, t);
	}
}

static void show_all(const struct foreign *f)
{
	_cleanup_(str_release) struct str s = STR_INIT, holders = STR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		add_section(&s, &sections[i], f);
	foreign_holders(f, &holders);
	if (holders.len)
		str_addf(&s, "\nFiles outside of instances are open in: %s\n", holders.s);
	if (s.len == 0)
		str_add(&s, "nothing else is defined or switched on\n");
	fputs(s.s, stdout);
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
