/* seccomp: runs a program as a container would: what the filter forbids fails with an errno.
 *
 *	seccomp perf=EPERM,mount=EPERM,bpf=EPERM COMMAND...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct { const char *name; int number; } calls[] = {
	{ "perf", SYS_perf_event_open }, { "mount", SYS_mount }, { "bpf", SYS_bpf },
};
static const struct { const char *name; int number; } errors[] = {
	{ "EPERM", EPERM }, { "ENOSYS", ENOSYS }, { "EACCES", EACCES },
};

int main(int argc, char **argv)
{
	struct sock_filter filter[16] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)) };
	struct sock_fprog program = { .len = 1, .filter = filter };
	char *rest, *word;

	if (argc < 3)
		return 2;
	for (word = strtok_r(argv[1], ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		char *error = strchr(word, '=');
		int call = -1, err = -1;

		if (!error)
			return 2;
		*error++ = '\0';
		for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
			if (strcmp(calls[i].name, word) == 0)
				call = calls[i].number;
		for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
			if (strcmp(errors[i].name, error) == 0)
				err = errors[i].number;
		if (call < 0 || err < 0 || program.len > 12)
			return 2;
		filter[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1);
		filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
								     SECCOMP_RET_ERRNO | (unsigned)err);
	}
	filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		perror("seccomp");
		return 2;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
