/* system.c - what reaches beyond the program: its end, messages, commands, files, signals, cgroups, and the words
 * that the user gave on the command line.
 *
 * system(), cat() and signal() happen when the record is read, a moment after the probe was hit.
 */
#include "builtin/builtin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os.h"

static void nothing(union value *out)
{
	memset(out, 0, sizeof(*out));
}

static bool check_format(struct checker *c, struct node *n)
{
	return builtin_check_format(c, n, 0);
}

/* What a stranger wrote, in lines: newlines and tabs are wanted. */
static void say_lines(struct eval *e, const char *kind, const char *text, size_t n)
{
	const struct eval_host *host = eval_host(e);
	_cleanup_(str_release) struct str clean = STR_INIT;

	if (!host->names->terminal) {
		host->message(host->ctx, kind, text, n);
		return;
	}
	while (n > 0) {
		size_t run = 0;

		while (run < n && text[run] != '\n' && text[run] != '\t')
			run++;
		value_print_text(host->names, text, run, &clean);
		if (run < n)
			str_addc(&clean, text[run++]);
		text += run;
		n -= run;
	}
	host->message(host->ctx, kind, clean.s ? clean.s : "", clean.len);
}

/* ---- the end ---- */

static bool check_exit(struct checker *c, struct node *n)
{
	return !n->n_list || check_integer_arg(c, n, 0);
}

static void eval_exit_(struct eval *e, const struct node *n, union value *out)
{
	nothing(out);
	eval_exit(e, n->n_list ? (int)eval_number(e, n->list[0]) : 0);
}

/* ---- complaints ---- */

static void complain(struct eval *e, const struct node *n, unsigned at, int kind)
{
	const struct eval_host *host = eval_host(e);
	_cleanup_(str_release) struct str s = STR_INIT;
	struct complaint c = { .kind = kind, .at = n->span };

	str_clear(&s);
	builtin_format(e, n, at, &s);
	while (s.len && s.s[s.len - 1] == '\n')
		s.s[--s.len] = '\0';
	c.text = s.s;
	if (host->complain)
		host->complain(host->ctx, &c);
}

static void eval_errorf(struct eval *e, const struct node *n, union value *out)
{
	nothing(out);
	complain(e, n, 0, COMPLAINT_ERRORF);
}

static void eval_warnf(struct eval *e, const struct node *n, union value *out)
{
	nothing(out);
	complain(e, n, 0, COMPLAINT_WARNF);
}

static void eval_fail(struct eval *e, const struct node *n, union value *out)
{
	nothing(out);
	complain(e, n, 0, COMPLAINT_ERRORF);
	eval_exit(e, 1);
}

static bool check_assert(struct checker *c, struct node *n)
{
	return check_integer_arg(c, n, 0) && builtin_check_format(c, n, 1);
}

static void eval_assert(struct eval *e, const struct node *n, union value *out)
{
	nothing(out);
	if (eval_number(e, n->list[0]))
		return;
	complain(e, n, 1, COMPLAINT_ERRORF);
	eval_exit(e, 1);
}

/* Known, and looked at, before the program runs. */
static bool check_static_assert(struct checker *c, struct node *n)
{
	const char *message;
	int64_t holds;

	if (!check_literal_int(c, n, 0, &holds) || !check_literal_string(c, n, 1, &message))
		return false;
	return holds || diag_error(c->diags, n->span, "%s", message);
}

static void eval_nothing(struct eval *e, const struct node *n, union value *out)
{
	nothing(out);
}

/* ---- commands and files ---- */

/* Starts `sh -c command`, and returns where its output can be read; -1 with errno set. popen() would hand down the
 * signals that trapline blocks: then nothing could end the command before its time. */
static int start_command(char *command, pid_t *pid)
{
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, command, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t set;
	int fds[2], error;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fds[1], STDOUT_FILENO);
	posix_spawnattr_init(&attr);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attr, &set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn(pid, "/bin/sh", &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	close(fds[1]);
	if (error) {
		close(fds[0]);
		errno = error;
		return -1;
	}
	return fds[0];
}

/* The command's output is part of ours, in its place; what it says on standard error goes where ours does. */
static void eval_system(struct eval *e, const struct node *n, union value *out)
{
	const struct eval_host *host = eval_host(e);
	_cleanup_(str_release) struct str command = STR_INIT, said = STR_INIT;
	_cleanup_(mem_close_fd) int fd = -1;
	char part[4096];
	ssize_t got;
	pid_t pid;

	nothing(out);
	str_clear(&command);
	builtin_format(e, n, 0, &command);
	if (host->flush)
		host->flush(host->ctx);
	fd = start_command(command.s, &pid);
	if (fd < 0) {
		eval_warn(e, n->span, "The command could not be run: %s", os_strerror(errno));
		return;
	}
	while ((got = read(fd, part, sizeof(part))) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			str_addn(&said, part, (size_t)got);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (said.len)
		say_lines(e, "syscall", said.s, said.len);
}

enum { MAX_CAT_BYTES = 10240 };

/* Never more than max_cat_bytes, of a file that may be endless. Safe, as in bpftrace, whose tools (oomkill.bt) rely on
 * that: who may trace may read files anyway. */
static void eval_cat(struct eval *e, const struct node *n, union value *out)
{
	uint64_t most = eval_program(e)->config.max_cat_bytes;
	_cleanup_(str_release) struct str path = STR_INIT, text = STR_INIT;
	_cleanup_(mem_close_fd) int fd = -1;
	char part[4096];
	ssize_t got = 0;

	nothing(out);
	most = most ? most : MAX_CAT_BYTES;
	str_clear(&path);
	builtin_format(e, n, 0, &path);
	fd = open(path.s, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && text.len < most) {
		size_t want = most - text.len < sizeof(part) ? (size_t)(most - text.len) : sizeof(part);

		got = read(fd, part, want);
		if (got <= 0)
			break;
		str_addn(&text, part, (size_t)got);
	}
	if (fd < 0 || got < 0)
		eval_warn(e, n->span, "failed to open file '%s': %s", path.s, os_strerror(errno));
	if (text.len)
		say_lines(e, "cat", text.s, text.len);
}

/* ---- signals ---- */

static int signal_number(const char *name)
{
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (int i = 1; i < NSIG; i++) {
		const char *known = sigabbrev_np(i);

		if (known && strcmp(known, name) == 0)
			return i;
	}
	return 0;
}

/* A name becomes its number, which stays in the node. */
static bool check_signal(struct checker *c, struct node *n)
{
	int64_t number;

	n->number = 0;
	if (n->list[0]->kind == NODE_STRING) {
		n->number = signal_number(n->list[0]->text);
		return n->number || diag_error(c->diags, n->span, "%s is not a valid signal", n->list[0]->text);
	}
	if (!check_integer_arg(c, n, 0))
		return false;
	if (node_constant(n->list[0], &number) && (number < 1 || number >= NSIG))
		return diag_error(c->diags, n->span, "%lld is not a valid signal, allowed range: [1,%d]",
				  (long long)number, NSIG - 1);
	return true;
}

static void send_signal(struct eval *e, const struct node *n, bool to_thread)
{
	int number = n->number ? (int)n->number : (int)eval_number(e, n->list[0]);
	pid_t pid = builtin_pid(e), tid = eval_record(e)->tid;

	if (pid <= 1 || number < 1)
		return;
	if (to_thread ? syscall(SYS_tgkill, pid, tid, number) < 0 : kill(pid, number) < 0)
		eval_helper_failed(e, n->span, false, to_thread ? "send_signal_thread" : "send_signal", -errno,
				   os_strerror(errno));
}

static void eval_signal(struct eval *e, const struct node *n, union value *out)
{
	nothing(out);
	send_signal(e, n, false);
}

static void eval_signal_thread(struct eval *e, const struct node *n, union value *out)
{
	nothing(out);
	send_signal(e, n, true);
}

/* ---- watchpoints ---- */

static bool check_unwatch(struct checker *c, struct node *n)
{
	const struct type *t = n->list[0]->type;

	return t->kind == TYPE_POINTER || check_integer_arg(c, n, 0);
}

static void eval_unwatch(struct eval *e, const struct node *n, union value *out)
{
	const struct eval_host *host = eval_host(e);
	uint64_t address = (uint64_t)eval_number(e, n->list[0]);

	nothing(out);
	if (!host->unwatch || !host->unwatch(host->ctx, address))
		eval_warn(e, n->span, "there is no watchpoint at 0x%llx", (unsigned long long)address);
}

/* ---- cgroups ---- */

/* A cgroup's id is the inode number of its directory. */
static bool check_cgroupid(struct checker *c, struct node *n)
{
	const char *path;
	struct stat st;

	if (!check_literal_string(c, n, 0, &path))
		return false;
	if (stat(path, &st) < 0)
		return diag_error(c->diags, n->span, "no cgroup at %s: %s", path, os_strerror(errno));
	n->kind = NODE_INT;
	n->number = (int64_t)st.st_ino;
	n->type = &type_uint64;
	return true;
}

/* The filter says of which hierarchies the paths are wanted, with wildcards. It stays in the type. */
static bool check_cgroup_path(struct checker *c, struct node *n)
{
	struct type *t = arena_alloc(c->arena, sizeof(*t));
	const char *filter = NULL;

	if (!check_integer_arg(c, n, 0) || (n->n_list > 1 && !check_literal_string(c, n, 1, &filter)))
		return false;
	*t = (struct type){ .kind = TYPE_CGROUP_PATH, .size = 8, .text = filter };
	n->type = t;
	return true;
}

static void eval_cgroup_path(struct eval *e, const struct node *n, union value *out)
{
	int64_t id = eval_number(e, n->list[0]);

	nothing(out);
	out->n = id;
}

/* ---- the command line ---- */

/* The text behind --name=; "" for --name alone, NULL when it was not given. */
static const char *given(const struct program *p, const char *name)
{
	size_t n = strlen(name);

	for (char *const *word = p->named; word && *word; word++)
		if (strncmp(*word, "--", 2) == 0 && strncmp(*word + 2, name, n) == 0 &&
		    ((*word)[2 + n] == '=' || !(*word)[2 + n]))
			return (*word)[2 + n] ? *word + 3 + n : "";
	return NULL;
}

static bool getopt_bool(struct checker *c, struct node *n, const char *name, const char *text, bool value)
{
	if (text && strcmp(text, "false") != 0 && *text && strcmp(text, "true") != 0)
		return diag_error(c->diags, n->span, "--%s is either there or not: '%s' is no value for it", name, text);
	n->kind = NODE_BOOL;
	n->number = text ? strcmp(text, "false") != 0 : value;
	n->type = &type_bool;
	return true;
}

static bool getopt_int(struct checker *c, struct node *n, const char *name, const char *text, int64_t value)
{
	unsigned long long number = 0;
	bool negative = text && *text == '-';

	if (text && !str_to_u64(text + negative, &number))
		return diag_error(c->diags, n->span, "--%s wants a number, this is '%s'", name, text);
	n->kind = NODE_INT;
	n->number = !text ? value : negative ? -(int64_t)number : (int64_t)number;
	n->type = &type_int64;
	return true;
}

static bool getopt_string(struct checker *c, struct node *n, const char *text, const struct node *value)
{
	n->kind = NODE_STRING;
	n->text = text ? text : value->text;
	n->number = text ? (int64_t)strlen(text) : value->number;
	n->type = type_string(c->arena, (uint64_t)n->number + 1);
	return true;
}

/* For `-- --help`, and to know what nobody asks for. */
static void remember_parameter(struct checker *c, const char *name, const struct node *value, const char *about)
{
	struct program *p = c->program;
	struct named_parameter *new;
	struct str standard = STR_INIT;

	for (unsigned i = 0; i < p->n_parameters; i++)
		if (strcmp(p->parameters[i].name, name) == 0)
			return;
	if (value)
		node_print(value, &standard);
	new = ARENA_PUSH(p->arena, p->parameters, p->n_parameters);
	*new = (struct named_parameter){ name, arena_strdup(p->arena, standard.s ? standard.s : "false"), about };
	str_release(&standard);
}

/* Becomes a constant: what the user gave, else the default, whose type is the option's. */
static bool check_getopt(struct checker *c, struct node *n)
{
	const struct node *value = n->n_list > 1 ? n->list[1] : NULL;
	const char *name, *about = NULL, *text;
	int64_t number;

	if (!check_literal_string(c, n, 0, &name) || (n->n_list > 2 && !check_literal_string(c, n, 2, &about)))
		return false;
	remember_parameter(c, name, value, about);
	text = given(c->program, name);
	if (!value || value->kind == NODE_BOOL)
		return getopt_bool(c, n, name, text, value && value->number);
	if (value->kind == NODE_STRING)
		return getopt_string(c, n, text, value);
	return check_literal_int(c, n, 1, &number) && getopt_int(c, n, name, text, number);
}

const struct builtin builtin_system[] = {
	{ "exit", BUILTIN_FUNCTION, 0, 1, .statement = true, .usage = "exit([int status])",
	  .about = "ends the program", .check = check_exit, .eval = eval_exit_ },
	{ "errorf", BUILTIN_FUNCTION, 1, 1024, .statement = true, .shows = true, .usage = "errorf(string format, ...)",
	  .about = "prints an error with its place in the program", .check = check_format, .eval = eval_errorf },
	{ "warnf", BUILTIN_FUNCTION, 1, 1024, .statement = true, .shows = true, .usage = "warnf(string format, ...)",
	  .about = "prints a warning with its place in the program", .check = check_format, .eval = eval_warnf },
	{ "fail", BUILTIN_FUNCTION, 1, 1024, .statement = true, .shows = true, .usage = "fail(string format, ...)",
	  .about = "errorf(), and the program ends with status 1", .check = check_format, .eval = eval_fail },
	{ "assert", BUILTIN_FUNCTION, 2, 1024, .statement = true, .usage = "assert(bool holds, string format, ...)",
	  .about = "fail() unless it holds", .check = check_assert, .eval = eval_assert },
	{ "static_assert", BUILTIN_FUNCTION, 2, 2, .statement = true,
	  .usage = "static_assert(bool holds, string message)", .about = "refuses the program unless it holds",
	  .check = check_static_assert, .eval = eval_nothing },
	{ "system", BUILTIN_FUNCTION, 1, 1024, .unsafe = true, .statement = true, .usage = "system(string format, ...)",
	  .about = "runs a command with sh -c; its output is part of ours", .check = check_format, .eval = eval_system },
	{ "cat", BUILTIN_FUNCTION, 1, 1024, .statement = true, .usage = "cat(string format, ...)",
	  .about = "prints a file", .check = check_format, .eval = eval_cat },
	{ "signal", BUILTIN_FUNCTION, 1, 1, .unsafe = true, .statement = true, .usage = "signal(int n), signal(string name)",
	  .about = "sends a signal to the process, when its record is read", .check = check_signal,
	  .eval = eval_signal },
	{ "signal_thread", BUILTIN_FUNCTION, 1, 1, .unsafe = true, .statement = true,
	  .usage = "signal_thread(int n), signal_thread(string name)",
	  .about = "sends a signal to the thread, when its record is read", .check = check_signal,
	  .eval = eval_signal_thread },
	{ "unwatch", BUILTIN_FUNCTION, 1, 1, .statement = true, .usage = "unwatch(pointer p)",
	  .about = "ends the watchpoints of an address", .check = check_unwatch, .eval = eval_unwatch },
	{ "cgroupid", BUILTIN_FUNCTION, 1, 1, .usage = "uint64 cgroupid(string path)", .about = "id of a cgroup's directory",
	  .check = check_cgroupid },
	{ "cgroup_path", BUILTIN_FUNCTION, 1, 2, .usage = "cgroup_path(uint64 id[, string filter])",
	  .about = "path of a cgroup", .check = check_cgroup_path, .eval = eval_cgroup_path },
	{ "getopt", BUILTIN_FUNCTION, 1, 3, .usage = "getopt(string name[, default[, string about]])",
	  .about = "a named parameter: -- --name=value", .check = check_getopt },
	{ 0 }
};
