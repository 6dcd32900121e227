/* program.c - what all probes in programs share: the file, how the kernel is told of it, and whether its code can run
 * here. */
#include "probe/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"

enum { NO_BREAK_SPACE = 0xa0 };

/* ---- the file ---- */

bool program_open(struct probe_context *c, const struct found_file *f, struct span at, struct elf_file **out)
{
	const char *why = NULL;
	int err = elf_open(f->kernel_path, out, &why);

	return !err || diag_error(c->diags, at, "%s cannot be probed: %s", f->path,
				  err == -ENOEXEC && why ? why : os_strerror(-err));
}

/* The machine of a file in words. Some machines have several sorts of programs, of which we know one. */
static const char *machine_name(const struct elf_file *e, struct arena *a)
{
	const struct arch *known = elf_arch(e), *near = arch_by_machine(elf_machine(e));

	if (known || !near)
		return known ? known->name : "another machine";
	return arena_fmt(a, "another sort of machine than %s (%u bits, %s-endian)", near->name, elf_word(e) * 8,
			 elf_is_big_endian(e) ? "big" : "little");
}

bool program_runs_here(struct probe_context *c, const char *path, struct elf_file *elf, struct span at)
{
	const struct arch *host = arch_host(), *theirs = elf_arch(elf);

	if (c->opt.force || (host && theirs == host))
		return true;
	if (arch_is_below(theirs, host) && !theirs->not_below)
		return true;
	if (arch_is_below(theirs, host))
		diag_error(c->diags, at, "%s is for %s: %s", path, theirs->name, theirs->not_below);
	else
		diag_error(c->diags, at, "%s is for %s, this machine is %s: it cannot run here", path,
			   machine_name(elf, c->arena), host ? host->name : "another");
	return diag_hint(c->diags, "--force goes on, for --dry-run");
}

/* ---- a site ---- */

/* The kernel's parser cannot read some paths in any quoting: they are given to it by descriptor. It takes bytes for
 * Latin-1, where a0 is a blank: in UTF-8 that is a part of many letters, such as the a with a grave accent. */
static bool path_is_plain(const char *path)
{
	if (strlen(path) > 1024)
		return false;
	for (const unsigned char *p = (const unsigned char *)path; *p; p++)
		if (*p <= ' ' || *p == '#' || *p == 0x7f || *p == NO_BREAK_SPACE)
			return false;
	return true;
}

void program_site(struct probe_context *c, struct site *s, const struct found_file *f, struct elf_file *elf)
{
	s->provider = PROVIDER_UPROBE;
	s->arch = elf_arch(elf);
	s->word = elf_word(elf);
	s->sp = s->arch ? s->arch->sp : NULL;
	s->path = arena_strdup(c->arena, f->path);
	s->kernel_path = s->open_path = arena_strdup(c->arena, f->kernel_path);
	if (path_is_plain(s->kernel_path))
		return;
	s->fd = fcntl(elf_fd(elf), F_DUPFD_CLOEXEC, 10);
	s->kernel_path = arena_fmt(c->arena, "/proc/self/fd/%d", s->fd);
}

/* ---- -l ---- */

/* FILE:GLOB, cut at the last colon that has a file before it. 0 and *glob; or -errno and *file, the name that
 * should have been a file's. *glob is "" when it is missing: all of the file. */
static int find_listed(struct probe_context *c, const char *pattern, struct found_file *f, const char **file,
		       const char **glob)
{
	int err = -ENOENT, whole;

	*file = pattern;
	*glob = "";
	for (const char *colon = pattern + strlen(pattern);
	     (colon = memrchr(pattern, ':', (size_t)(colon - pattern)));) {
		char *name = arena_strndup(c->arena, pattern, (size_t)(colon - pattern));
		int r = path_find(name, c->opt.pid, f);

		if (r == 0 || *file == pattern || (err == -ENOENT && r != -ENOENT)) {
			*file = name;
			*glob = colon + 1;
			err = r;
		}
		if (r == 0)
			return 0;
	}
	whole = path_find(pattern, c->opt.pid, f);
	if (whole != 0 && *file != pattern)
		return err;
	*file = pattern;
	*glob = "";
	return whole;
}

bool program_listed(struct probe_context *c, const char *provider, const char *pattern, struct found_file *f,
		    const char **path, const char **glob)
{
	const char *file;
	int err = find_listed(c, pattern, f, &file, glob);

	if (!*file || *file == ':') {
		diag_error(c->diags, NO_SPAN, "a file is missing in '%s:%s'", provider, pattern);
		return diag_hint(c->diags, "a pattern for programs is %s:FILE:GLOB", provider);
	}
	if (err)
		return probe_no_file(c, NO_SPAN, file, "program or library", err);
	*path = strchr(file, '/') ? file : arena_strdup(c->arena, f->path);
	if (!**glob)
		*glob = "*";
	return true;
}
