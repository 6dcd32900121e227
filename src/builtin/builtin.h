/* builtin.h - the front door of builtin/: one row for each builtin, in tables by kind.
 *
 *	builtin.c	finds rows
 *	scalar.c	who and when: pid, tid, comm, nsecs, uid ...
 *	fetched.c	what the kernel fetches: arg0, retval, args, reg(), str(), buf(), join() ...
 *	stack.c		kstack, ustack, ksym(), usym()
 *	text.c		printf() and its like, strings, times, addresses
 *	names.c		numbers that have names: strerror(), signal_name(), syscall_name()
 *	agg.c		count() ... tseries()
 *	map.c		print(), clear(), zero(), delete(), has_key(), len()
 *	system.c	exit(), system(), cat(), signal(), errorf() ...
 *	types.c		questions about types: is_ptr() ...
 *
 * A row says all there is to know: what it is called, how many arguments it takes, what it is good for (for
 * `list` and the manual), whether the kernel must fetch it, what type comes of it, and how it is computed. One more builtin is
 * one more row and its function.
 */
#ifndef BUILTIN_BUILTIN_H
#define BUILTIN_BUILTIN_H

#include "eval/eval.h"

/* Each ends with a row without a name. */
extern const struct builtin builtin_scalar[], builtin_fetched[], builtin_stack[], builtin_text[], builtin_names[],
	builtin_agg[], builtin_map[], builtin_system[], builtin_types[];

/* The type string[16], of comm. */
extern const struct type builtin_type_comm;

/* Compiles the format at the argument and checks the values behind it; text.c. */
bool builtin_check_format(struct checker *c, struct node *n, unsigned at);
/* The text of such a call; the caller releases it. */
void builtin_format(struct eval *e, const struct node *n, unsigned at, struct str *out);
/* Who did it: the process of the record, or as much of it as is known. */
void builtin_process(struct eval *e, pid_t pid, struct process *out);
/* The process id of the record. */
pid_t builtin_pid(struct eval *e);

#endif
