/* names.c - numbers that have names: errors, signals, system calls. */
#include "builtin/builtin.h"

#include <asm/unistd.h>
#include <string.h>

#include "base/os.h"

static const struct type type_name = { .kind = TYPE_STRING, .size = 64 };

static bool check_number(struct checker *c, struct node *n)
{
	n->type = &type_name;
	return check_integer_arg(c, n, 0);
}

static void text(struct eval *e, const char *s, union value *out)
{
	eval_string(e, s, strlen(s), out);
}

static void eval_strerror(struct eval *e, const struct node *n, union value *out)
{
	text(e, os_strerror((int)eval_number(e, n->list[0])), out);
}

/* glibc's table has the names without "SIG". */
static void eval_signal_name(struct eval *e, const struct node *n, union value *out)
{
	int number = (int)eval_number(e, n->list[0]);
	const char *name = sigabbrev_np(number);
	char whole[32];

	snprintf(whole, sizeof(whole), "SIG%s", name ? name : "");
	text(e, name ? whole : "unknown", out);
}

static const char *const syscalls[] = {
#define SYSCALL(number, name) [number] = name,
#include "builtin/syscalls.def"
#undef SYSCALL
};

static void eval_syscall_name(struct eval *e, const struct node *n, union value *out)
{
	int64_t number = eval_number(e, n->list[0]);
	bool known = number >= 0 && (uint64_t)number < ARRAY_LEN(syscalls) && syscalls[number];

	text(e, known ? syscalls[number] : "unknown", out);
}

const struct builtin builtin_names[] = {
	{ "strerror", BUILTIN_FUNCTION, 1, 1, .usage = "string strerror(int error)",
	  .about = "what an error number means", .check = check_number, .eval = eval_strerror },
	{ "signal_name", BUILTIN_FUNCTION, 1, 1, .usage = "string signal_name(int signal)", .about = "name of a signal",
	  .check = check_number, .eval = eval_signal_name },
	{ "syscall_name", BUILTIN_FUNCTION, 1, 1, .usage = "string syscall_name(int number)",
	  .about = "name of a system call of this machine", .check = check_number, .eval = eval_syscall_name },
	{ 0 }
};
