/* probe.c - `trapline probe`: what perf-tools' uprobe and kprobe do, without their faults. */
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/os.h"

enum { MANY_SITES = 16 };

struct probe {
	struct request r;		/* first: the setters of its options get it as their context */

	/* from the command line */
	const char *output;
	bool quiet, verbose, address;

	/* made on the way */
	struct target *target;
	struct session *session;
	struct addresses *addresses;
	struct out *out;
	struct pump pump;
	int out_fd, signals;
};

/* ---- the command line ---- */

static bool set_output(void *ctx, const char *value, struct diags *d)
{
	((struct probe *)ctx)->output = value;
	return true;
}

#define SWITCH(name, field) \
	static bool name(void *ctx, const char *value, struct diags *d) \
	{ \
		((struct probe *)ctx)->field = true; \
		return true; \
	}
SWITCH(set_quiet, quiet)
SWITCH(set_verbose, verbose)
SWITCH(set_dry_run, r.dry_run)
SWITCH(set_address, address)

static const struct opt options[] = {
	{ 'a', "address", NULL, "show run-time addresses", set_address },
	{ 'o', "output", "FILE", "write the records to FILE", set_output },
	{ 'q', "quiet", NULL, "no header, no notice that the probes are attached", set_quiet },
	{ 'v', "verbose", NULL, "say what is written to the kernel", set_verbose },
	{ 0, "dry-run", NULL, "show the writes as shell lines, and their undo; write nothing", set_dry_run },
	{ 0 }
};

static const struct opt_command command = {
	.usage = "trapline probe [options] DEFINITION...",
	.about = "Records each time a function is called or returns.\n\n"
		 "DEFINITION is one shell word: p|r[MAXACTIVE][:NAME] TARGET [FETCHARG...]\n"
		 "  p at the entry, r at the return; NAME is shown in the records\n"
		 "  TARGET    FILE:SYMBOL[+OFFSET], FILE:0xOFFSET, or [MODULE:]KERNELFUNCTION[+OFFSET];\n"
		 "            wildcards * ? [ ] in the symbol\n"
		 "  FETCHARG  [NAME=]EXPRESSION[:TYPE], the kernel's syntax, and $arg1, $arg2, ...",
	.opts = options,
	.shared = request_options,
	.positional = request_definition,
	.more = "EXAMPLES:\n"
		"  trapline probe 'r:readline /usr/bin/bash:readline cmd=+0($retval):string'\n"
		"  trapline probe -p 4711 'p libc:fopen path=+0($arg1):string mode=+0($arg2):string'\n"
		"  trapline probe -c './app 1 2' 'p ./app:func_1' 'r ./app:func_1 ret=$retval:s32'\n"
		"  trapline probe -p 4711 'p usdt:*:query__start query=+0($arg1):string'\n"
		"  trapline probe 'p do_sys_openat2 dfd=$arg1:s32 name=+0($arg2):ustring' --filter 'dfd == -100'\n",
};

/* ---- plan -> session -> records ---- */

static bool kernel_symbol(void *ctx, uint64_t address, const char **name, uint64_t *offset)
{
	return addresses_kernel(ctx, address, name, offset);
}

/* Not emptied yet: a session that cannot start takes nothing away. */
static bool open_output(struct probe *p)
{
	struct out_options o = { .format = p->r.format, .quiet = p->quiet, .address = p->address,
				 .symbol = kernel_symbol, .stalled = pump_stalled,
				 .stalled_ctx = &p->pump };

	p->signals = o.stop_fd = pump_signals();
	p->addresses = o.symbol_ctx = addresses_new();

	p->out_fd = STDOUT_FILENO;
	if (p->output)
		p->out_fd = open(p->output, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (p->out_fd < 0)
		return diag_error(p->r.diags, NO_SPAN, "'%s' cannot be written: %s", p->output,
				  os_strerror(errno));
	for (size_t i = 0; i < p->r.found.n_sites; i++) {
		unsigned width = out_label_width(p->r.found.sites[i]->label);

		if (width > o.label_width)
			o.label_width = width;
	}
	o.fd = p->out_fd;
	p->out = out_new(&o);
	return true;
}

static bool arm(struct probe *p)
{
	struct session_options o = { .pid = p->r.opt.pid, .follow = p->r.follow, .is_pointer = request_is_pointer,
				     .is_unchanged = identity_holds,
				     .stop_fd = p->signals };
	int err;

	if (p->r.command) {
		err = target_prepare(p->r.command, &p->target);
		if (err)
			return diag_error(p->r.diags, NO_SPAN, "-c: cannot start a process: %s", os_strerror(-err));
		o.pid = target_pid(p->target);
		o.at_exec = true;
	}
	if (!session_open(&p->session, p->r.tracefs, &p->r.plan, &o, p->r.diags))
		return false;
	if (p->output && ftruncate(p->out_fd, 0) < 0 && errno != EINVAL)	/* EINVAL: a device, a pipe */
		return diag_error(p->r.diags, NO_SPAN, "'%s' cannot be emptied: %s", p->output,
				  os_strerror(errno));
	diags_print(p->r.diags, stderr);
	if (!p->quiet)
		fprintf(stderr, "Attached %u probe%s\n", session_armed(p->session),
			session_armed(p->session) == 1 ? "" : "s");
	err = p->target ? target_release(p->target) : 0;
	if (err)
		return diag_error(p->r.diags, NO_SPAN, "-c: cannot run '%s': %s", p->r.command[0], os_strerror(-err));
	return true;
}

static bool record(struct probe *p, int *status)
{
	struct pump *pump = &p->pump;

	*pump = (struct pump){
		.session = p->session,
		.out = p->out,
		.target = p->target,
		.pid = p->r.opt.pid,
		.addresses = p->addresses,
		.signals = p->signals,
		.out_fd = p->out_fd,
		.duration_ns = p->r.duration_ns,
		.count = p->r.count,
	};
	pump_run(pump);
	if (p->target && target_status(p->target) >= 0)
		*status = target_status(p->target);
	if (pump->error == -EPIPE)
		return diag_error(p->r.diags, NO_SPAN, "nobody reads the output any more");
	if (pump->error == -EINTR)
		return diag_error(p->r.diags, NO_SPAN, "ended while the output's reader stalled: the last records are "
						     "not written");
	if (pump->error)
		return diag_error(p->r.diags, NO_SPAN, "the records cannot be %s: %s",
				  pump->reading_failed ? "read" : "written", os_strerror(-pump->error));
	return true;
}

/* The kernel waits for every CPU before it takes a breakpoint away: with many, that takes a while. */
static bool leave(struct probe *p)
{
	if (p->session && p->r.found.n_sites > MANY_SITES && !p->quiet)
		fprintf(stderr, "Taking back %zu probes\n", p->r.found.n_sites);
	return session_close(p->session);
}

static void print_plan(struct probe *p, FILE *to)
{
	struct str s = STR_INIT;

	plan_print(&p->r.plan, p->r.tracefs ? tracefs_root(p->r.tracefs) : "/sys/kernel/tracing", &s);
	fputs(s.s, to);
	str_release(&s);
}

static void probe_release(struct probe *p)
{
	out_free(p->out);
	addresses_free(p->addresses);
	target_free(p->target);
	request_release(&p->r);
}

static bool make_plan(struct probe *p)
{
	struct plan_options o = request_plan_options(&p->r);

	return request_plan(&p->r, &o);
}

int cmd_probe(int argc, char **argv)
{
	struct probe p = { .r = request_new() };
	struct diags *d = p.r.diags;
	enum opt_result parsed = opt_parse(&command, argc, argv, &p, d);
	int status = 0;
	bool ok;

	if (parsed == OPT_HELP)
		opt_help(&command, stdout);
	if (p.verbose)
		tell_debug_sources();
	ok = parsed == OPT_HELP || (parsed == OPT_OK && request_agrees(&p.r) && request_open_tracefs(&p.r) &&
				    request_expand(&p.r) && make_plan(&p));
	if (ok && p.verbose && !p.r.dry_run)
		print_plan(&p, stderr);
	if (ok && p.r.dry_run)
		print_plan(&p, stdout);
	else if (ok && parsed == OPT_OK) {
		ok = open_output(&p) && arm(&p) && record(&p, &status);
		ok = leave(&p) && ok;
	}
	diags_print(d, stderr);
	probe_release(&p);
	return ok ? status : 1;
}
