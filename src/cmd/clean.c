/* clean.c - `trapline clean`: finishes the work of sessions that died before they could. */
#include "cmd/cmd.h"

#include "base/opt.h"
#include "base/os.h"

static const struct opt options[] = { { 0 } };

static const struct opt_command command = {
	.usage = "trapline clean",
	.about = "Takes back what a killed trapline left behind, and only that: sessions that live, and other\n"
		 "people's probes, are not touched.",
	.opts = options,
};

static bool clean(struct diags *d)
{
	struct tracefs *t = tracefs_open(d);
	struct clean_report r = { 0 };
	int err;

	if (!t)
		return false;
	err = clean_dead(t, &r, stdout);
	tracefs_close(t);
	if (err)
		return diag_error(d, NO_SPAN, "dead sessions cannot be looked for: %s", os_strerror(-err));
	printf("%u dead session%s finished, %u alive\n", r.finished, r.finished == 1 ? "" : "s", r.alive);
	if (r.left)
		return diag_error(d, NO_SPAN, "%u thing%s left: somebody else is using %s", r.left,
				  r.left == 1 ? " is" : "s are", r.left == 1 ? "it" : "them");
	return true;
}

int cmd_clean(int argc, char **argv)
{
	struct diags *d = diags_new();
	enum opt_result parsed = opt_parse(&command, argc, argv, NULL, d);
	bool ok = parsed != OPT_ERROR;

	if (parsed == OPT_HELP)
		opt_help(&command, stdout);
	else if (ok)
		ok = clean(d);
	diags_print(d, stderr);
	diags_free(d);
	return ok ? 0 : 1;
}
