/* tracepoint.c - the kernel's static events: listed, with their fields. */
#include "probe/probe.h"

#include <stdlib.h>

#include "base/os.h"

struct list {
	const struct probe_lister *l;
	const char *glob;
};

static bool add_field(void *ctx, const char *declaration)
{
	str_addf(ctx, "    %s\n", declaration);
	return true;
}

static bool list_one(void *ctx, const char *group, const char *name)
{
	struct list *list = ctx;
	struct str line = STR_INIT, details = STR_INIT;

	str_addf(&line, "tracepoint:%s:%s", group, name);
	if (str_glob(list->glob, line.s + 11) || str_glob(list->glob, line.s)) {
		if (list->l->verbose)
			catalog_fields(list->l->context->catalog, group, name, add_field, &details);
		list->l->fn(list->l->ctx, line.s, details.s);
	}
	str_release(&line);
	str_release(&details);
	return true;
}

bool tracepoint_list(struct probe_lister *l, const char *glob)
{
	struct list list = { l, glob };
	int err = catalog_events(l->context->catalog, list_one, &list);

	return !err || diag_error(l->context->diags, NO_SPAN, "the kernel's tracepoints cannot be listed: %s",
				  os_strerror(-err));
}
