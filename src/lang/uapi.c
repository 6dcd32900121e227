/* uapi.c - structs that every program knows: those by which programs and the kernel talk.
 *
 * `args.rqtp->tv_sec` wants to know what a struct __kernel_timespec looks like. bpftrace asks the kernel's
 * BTF. The structs of the system call interface cannot change, so we can have them here, as C, and read the
 * one that is asked for when it is asked for. What a program defines itself goes before.
 */
#include "lang/front.h"

#include <string.h>

static const struct {
	const char *name, *text;
} structs[] = {
	{ "struct timespec", "struct timespec { long tv_sec; long tv_nsec; };" },
	{ "struct __kernel_timespec", "struct __kernel_timespec { long long tv_sec; long long tv_nsec; };" },
	{ "struct timespec64", "struct timespec64 { long long tv_sec; long tv_nsec; };" },
	{ "struct timeval", "struct timeval { long tv_sec; long tv_usec; };" },
	{ "struct itimerspec",
	  "struct itimerspec { struct timespec it_interval; struct timespec it_value; };" },
	{ "struct __kernel_itimerspec",
	  "struct __kernel_itimerspec { struct __kernel_timespec it_interval; struct __kernel_timespec it_value; };" },
	{ "struct itimerval", "struct itimerval { struct timeval it_interval; struct timeval it_value; };" },
	{ "struct timezone", "struct timezone { int tz_minuteswest; int tz_dsttime; };" },
	{ "struct in_addr", "struct in_addr { __be32 s_addr; };" },
	{ "struct in6_addr",
	  "struct in6_addr { union { __u8 u6_addr8[16]; __be16 u6_addr16[8]; __be32 u6_addr32[4]; }"
	  " in6_u; };" },
	{ "struct sockaddr", "struct sockaddr { unsigned short sa_family; char sa_data[14]; };" },
	{ "struct sockaddr_in", "struct sockaddr_in { unsigned short sin_family; __be16 sin_port;"
	  " struct in_addr sin_addr; unsigned char __pad[8]; };" },
	{ "struct sockaddr_in6", "struct sockaddr_in6 { unsigned short sin6_family; __be16 sin6_port;"
	  " __be32 sin6_flowinfo; struct in6_addr sin6_addr; __u32 sin6_scope_id; };" },
	{ "struct sockaddr_un", "struct sockaddr_un { unsigned short sun_family; char sun_path[108]; };" },
	{ "struct iovec", "struct iovec { void *iov_base; unsigned long iov_len; };" },
	{ "struct user_msghdr", "struct user_msghdr { void *msg_name; int msg_namelen; struct iovec *msg_iov;"
	  " unsigned long msg_iovlen; void *msg_control; unsigned long msg_controllen; unsigned int msg_flags; };" },
	{ "struct pollfd", "struct pollfd { int fd; short events; short revents; };" },
	{ "struct rlimit", "struct rlimit { unsigned long rlim_cur; unsigned long rlim_max; };" },
	{ "struct rlimit64", "struct rlimit64 { __u64 rlim_cur; __u64 rlim_max; };" },
	{ "struct open_how", "struct open_how { __u64 flags; __u64 mode; __u64 resolve; };" },
	{ "struct clone_args",
	  "struct clone_args { __u64 flags; __u64 pidfd; __u64 child_tid; __u64 parent_tid;"
	  " __u64 exit_signal; __u64 stack; __u64 stack_size; __u64 tls; __u64 set_tid; __u64 set_tid_size;"
	  " __u64 cgroup; };" },
	{ "struct linux_dirent64",
	  "struct linux_dirent64 { __u64 d_ino; __s64 d_off; unsigned short d_reclen;"
	  " unsigned char d_type; char d_name[]; };" },
	{ "struct new_utsname", "struct new_utsname { char sysname[65]; char nodename[65]; char release[65];"
	  " char version[65]; char machine[65]; char domainname[65]; };" },
	{ "struct sched_param", "struct sched_param { int sched_priority; };" },
	{ "struct flock",
	  "struct flock { short l_type; short l_whence; long l_start; long l_len; pid_t l_pid; };" },
};

const struct type *uapi_type(const struct program *p, const char *name)
{
	static const struct program_options none;

	for (size_t i = 0; i < ARRAY_LEN(structs); i++) {
		struct source *src;
		struct front f;

		if (strcmp(structs[i].name, name) != 0)
			continue;
		src = arena_alloc(p->arena, sizeof(*src));
		*src = (struct source){ "built in", structs[i].text };
		/* Known structs are remembered with the program's own, so the program is not quite
		 * constant. */
		f = (struct front){ .arena = p->arena, .program = (struct program *)p, .opt = &none };
		f.diags = diags_new();
		input_file(&f, src, true);
		parse_definition(&f);
		diags_free(f.diags);
		return type_named(p, name);
	}
	return NULL;
}
