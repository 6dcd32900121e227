/* debuginfod.c - debug files from a server, which knows them by the build ID of the program.
 *
 * Such a server (`debuginfod`, of elfutils; distributions run one) answers GET /buildid/ID/debuginfo with the
 * debug file. It is asked only when the user's environment names one, DEBUGINFOD_URLS, and when no debug file
 * is on this machine. Its client is a library, loaded only here, by its documented interface (debuginfod.h):
 * libdw would load it, and libcurl with it, at every start. A program that is linked statically has no
 * dlopen().
 *
 * Three things the library leaves to us. It keeps what it has fetched below the home directory: here it gets
 * a temporary directory, which is gone before we go on (the open file stays), unless DEBUGINFOD_CACHE_PATH
 * says where the user wants it. It may wait for minutes, and then try again: here a server that says nothing
 * for WAIT seconds (DEBUGINFOD_TIMEOUT) is left, and not asked a second time; somebody who waits is told for
 * what. And it knows nothing of signals: here they are looked at each second, so that an interrupt ends the
 * wait, after the directory is removed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/os.h"
#include "sym/internal.h"

enum {
	WAIT = 30,    /* seconds without a byte from the server */
	PATIENCE = 1, /* second, after which the user is told */
};

typedef int progress_function(void *handle, long done, long all);

/* The library's functions that are used, by their names there. */
static struct client {
	void *(*begin)(void);
	void (*end)(void *handle);
	int (*find_debuginfo)(void *handle, const unsigned char *id, int length, char **path);
	void (*set_progressfn)(void *handle, progress_function *fn);
	void (*set_user_data)(void *handle, void *data);
	void *(*get_user_data)(void *handle);
	const char *(*get_url)(void *handle);
} client;

static const struct {
	const char *name;
	void **slot;
} client_functions[] = {
	{"debuginfod_begin", (void **)&client.begin},
	{"debuginfod_end", (void **)&client.end},
	{"debuginfod_find_debuginfo", (void **)&client.find_debuginfo},
	{"debuginfod_set_progressfn", (void **)&client.set_progressfn},
	{"debuginfod_set_user_data", (void **)&client.set_user_data},
	{"debuginfod_get_user_data", (void **)&client.get_user_data},
	{"debuginfod_get_url", (void **)&client.get_url},
};

static debug_waiter *waiter;

void debuginfo_on_wait(debug_waiter *fn)
{
	waiter = fn;
}

/* Loads the library, once. NULL, or why it cannot be used: a sentence's end. */
static const char *load_client(void)
{
	void *(*load)(const char *, int), *library;

	if (client.begin)
		return NULL;
	*(void **)&load = dlsym(RTLD_DEFAULT, "dlopen");
	if (!load)
		return "this trapline is linked statically and cannot load its client";
	library = load("libdebuginfod.so.1", RTLD_LAZY | RTLD_LOCAL);
	if (!library)
		return "its client libdebuginfod.so.1 is not installed";
	for (size_t i = ARRAY_LEN(client_functions); i-- > 0;) { /* begin is the last one */
		*client_functions[i].slot = dlsym(library, client_functions[i].name);
		if (!*client_functions[i].slot)
			return "its client libdebuginfod.so.1 is too old (elfutils before 0.179)";
	}
	return NULL;
}

/* ---- the wait ---- */

struct wait {
	const char *urls, *id;
	uint64_t begin, heard; /* ns: when it was asked, when the last byte came */
	long bytes;
	int seconds; /* 0: as long as it takes */
	bool told;
	bool silent; /* it was left for that */
};

static bool is_interrupted(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (sigismember(&pending, signals[i]))
			return true;
	return false;
}

/* Called by the library about each second; all but 0 ends it. Until a server has begun to answer (and has a
 * URL), `done` only counts the calls. */
static int on_progress(void *handle, long done, long all)
{
	struct wait *w = client.get_user_data(handle);
	uint64_t now = os_clock_ns(CLOCK_MONOTONIC), second = 1000000000;

	if (client.get_url(handle) && done > w->bytes) {
		w->bytes = done;
		w->heard = now;
	}
	w->silent = w->seconds && now - w->heard >= (uint64_t)w->seconds * second;
	if (!w->told && waiter && now - w->begin >= PATIENCE * second) {
		waiter(w->urls, w->id, w->seconds);
		w->told = true;
	}
	return w->silent || is_interrupted();
}

static int wait_seconds(void)
{
	const char *text = getenv("DEBUGINFOD_TIMEOUT");

	if (!text || !*text)
		return WAIT;
	return atoi(text) > 0 ? atoi(text) : 0;
}

/* ---- the place for what is fetched ---- */

/* The library's word for it. Nothing is kept in it, unless the user has set it. */
static const char cache_path[] = "DEBUGINFOD_CACHE_PATH";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	return remove(path);
}

/* Makes a place of ours for the library; *place is NULL when the user has named one. False, and *why: there
 * is none. */
static bool make_place(struct arena *a, char **place, const char **why)
{
	const char *chosen = getenv(cache_path), *tmp = getenv("TMPDIR");

	*place = NULL;
	if (chosen && *chosen)
		return true;
	*place = arena_fmt(a, "%s/trapline-debuginfod-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (mkdtemp(*place)) {
		setenv(cache_path, *place, 1);
		return true;
	}
	*why = arena_fmt(a, "there is no place for what it sends: %s: %s", *place, os_strerror(errno));
	return false;
}

static void remove_place(const char *place)
{
	if (!place)
		return;
	unsetenv(cache_path);
	nftw(place, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- the question ---- */

static const char *words_for(int err, const struct wait *w, struct arena *a)
{
	static const struct {
		int err;
		const char *words;
	} rows[] = {
		{ENOENT, "it does not know the build ID"},
		{EHOSTUNREACH, "there is no such host"},
		{EPROTONOSUPPORT, "this is no URL that its client can read"},
		{ETIME, "it is too slow (DEBUGINFOD_TIMEOUT, DEBUGINFOD_MAXTIME)"},
		{EFBIG, "the debug file is larger than DEBUGINFOD_MAXSIZE"},
	};

	if (w->silent)
		return arena_fmt(a, "it said nothing for %d s (DEBUGINFOD_TIMEOUT), and is not asked again",
				 w->seconds);
	if (is_interrupted())
		return "the wait for it was interrupted";
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].err == err)
			return rows[i].words;
	return os_strerror(err);
}

/* The descriptor of the file, and *from becomes its URL; or -errno. */
static int ask(struct wait *w, struct arena *a, const char **from)
{
	_cleanup_(mem_free_ptr) char *path = NULL;
	void *handle = client.begin();
	const char *url;
	int fd;

	if (!handle)
		return -errno;
	client.set_user_data(handle, w);
	client.set_progressfn(handle, on_progress);
	fd = client.find_debuginfo(handle, (const unsigned char *)w->id, 0, &path); /* 0: the ID is in hex */
	url = client.get_url(handle);
	if (fd >= 0)
		*from = arena_strdup(a, url ? url : path); /* no URL: it was in the user's cache */
	client.end(handle);
	return fd;
}

int server_find(struct arena *a, const char *id, const char **from, const char **problem)
{
	static bool is_silent;
	uint64_t now = os_clock_ns(CLOCK_MONOTONIC);
	struct wait w = {.urls = getenv("DEBUGINFOD_URLS"),
			 .id = id,
			 .begin = now,
			 .heard = now,
			 .seconds = wait_seconds()};
	sigset_t all, before;
	int fd = -ENOSYS;
	char *place;

	*from = w.urls;
	*problem = NULL;
	if (!w.urls || !w.urls[strspn(w.urls, " ")])
		return -ENODATA;
	*problem = is_silent ? "it said nothing before, and is not asked again" : load_client();
	if (*problem)
		return fd;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (make_place(a, &place, problem)) {
		fd = ask(&w, a, from);
		remove_place(place);
		if (fd < 0)
			*problem = words_for(-fd, &w, a);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	is_silent = w.silent;
	return fd;
}
