/* value.h - what the language computes with, and how it is written as text: the third part of lang's front
 * door.
 *
 *	value.c		values as text (printf's %s, print() in text), compared, copied
 *
 * A value does not carry its type: the checked tree knows it, once for all records.
 */
#ifndef LANG_VALUE_H
#define LANG_VALUE_H

#include "lang/lang.h"
#include "lang/tree.h"

struct stack {
	pid_t pid;			/* of user frames; 0: kernel frames */
	unsigned n;
	uint64_t addresses[];
};

/* An interval of tseries(). */
struct interval {
	uint64_t number;		/* of its begin: the time since 1970 in intervals */
	int64_t value, total;		/* as shown; of "avg" */
	uint64_t count;
	bool used;
};

/* The state behind count(), sum(), ... hist(), lhist(). */
struct aggregate {
	uint64_t count;
	int64_t total;			/* wraps as C's unsigned does */
	int64_t min, max;
	uint64_t *buckets;		/* of hist and lhist: see aggregate_buckets() */
	struct interval *intervals;	/* of tseries: type->count of them, interval `number` at number % count */
};

union value {
	int64_t n;			/* bool, integers (sign or zero extended to 64 bits), enums, pointers, ksym,
					 * username (the uid), cgroup_path (the id), timestamp (ns since 1970) */
	struct {
		int64_t address;	/* the same bytes as n */
		pid_t pid;		/* whose address it is */
	} usym;
	struct {
		const char *data;	/* string (without NUL), buffer, inet, mac, the bytes of a struct */
		uint32_t len;
		bool cut;		/* a string that goes on: shown with config.str_trunc_trailer */
	} text;
	const union value *items;	/* members of a tuple, elements of an array, in order */
	const struct stack *stack;
	const struct aggregate *aggregate;
};

/* How names are found for what is shown; every function may be NULL. */
struct names {
	void *ctx;
	bool (*kernel)(void *ctx, uint64_t address, const char **name, uint64_t *offset);
	bool (*user)(void *ctx, pid_t pid, uint64_t address, const char **name, uint64_t *offset, const char **file);
	/* Where in the source a user address is; level 0 is the innermost inlined function, *function its name, and NULL
	 * at the last level, which is the function of the symbol. False: there is no such level, or it is not known. */
	bool (*source)(void *ctx, pid_t pid, uint64_t address, unsigned level, const char **function, const char **file,
		       unsigned *line);
	const char *(*username)(void *ctx, uint32_t uid);
	void (*cgroup_path)(void *ctx, uint64_t id, struct str *out);
	/* The build id of the file at a user address, as hex, and the address's offset in the file. */
	bool (*build_id)(void *ctx, pid_t pid, uint64_t address, const char **id, uint64_t *offset);
	bool (*kernel_address)(void *ctx, const char *name, uint64_t *address);
	bool (*user_address)(void *ctx, const struct attach_point *p, const char *name, uint64_t *address);
	uint64_t boot_to_real_ns;	/* add it to CLOCK_BOOTTIME for the time since 1970 */
	uint64_t boot_to_mono_ns, boot_to_tai_ns;	/* the other clocks; added with wrap-around */
	const struct config *config;
	/* The text will be shown by a terminal, which would obey control characters in what strangers wrote:
	 * value_print() and printf() make the strings among their values harmless, and leave alone what the
	 * program's author wrote. False for pipes, files and JSON: there bytes stay what they are. */
	bool terminal;
};

/* What a program complains about while it runs. */
struct complaint {
	enum { COMPLAINT_ERRORF, COMPLAINT_WARNF, COMPLAINT_RUNTIME, COMPLAINT_HELPER } kind;
	struct span at;
	const char *text;		/* "Bad address" */
	const char *helper;		/* of COMPLAINT_HELPER: bpftrace's name of what failed, "probe_read_user" */
	int code;			/* ... and its -errno */
};

/* Appends the value as bpftrace's text shows it (LANGUAGE.md 6.1, row "values"). Raw: the scrubbing for
 * terminals is out/'s. */
void value_print(const struct names *names, const struct type *t, const union value *v, struct str *out);
/* Less than, equal to, greater than zero, as maps are sorted by key. */
int value_compare(const struct type *t, const union value *a, const union value *b);
/* A deep copy in memory of its own: free() gives it back (NULL when it needs none). */
void *value_copy(const struct type *t, const union value *v, union value *copy);
/* The same in memory that the caller has: so many bytes, aligned for anything. */
size_t value_room(const struct type *t, const union value *v);
void value_copy_to(const struct type *t, const union value *v, union value *copy, void *memory);
/* Where memory comes from. */
struct memory {
	void *(*take)(void *ctx, size_t size);
	void *ctx;
};
/* The value of a type as it stands in memory (a member of a struct, an element of an array; host byte order): n
 * bytes are there. Text stays where it is; only the elements of arrays take memory. */
void value_load(const struct type *t, const char *bytes, size_t n, const struct memory *m, union value *out);
/* A member of a struct of n bytes, which is at offset (of the struct) there. */
void value_load_member(const struct member *member, uint64_t offset, const char *bytes, size_t n,
		       const struct memory *m, union value *out);
/* Is member i of a struct that is at `offset` of n bytes shown? Of a sum type only the variant is that is there. */
bool value_shows_member(const struct layout *l, unsigned i, uint64_t offset, const char *bytes, size_t n);
/* Cuts to the type's size and extends its sign. */
int64_t value_fit(const struct type *t, int64_t n);
/* The number that an aggregate is when a number is wanted: count, sum, min, max, average. */
int64_t aggregate_number(const struct type *t, const struct aggregate *a);
/* A number in decimal. */
void value_print_number(int64_t n, bool is_signed, struct str *out);
/* A string as it is shown, see names->terminal. */
void value_print_text(const struct names *names, const char *text, size_t n, struct str *out);
/* A time since 1970 by strftime()'s words and bpftrace's own: %f microseconds, %l milliseconds, %k nanoseconds. */
void value_print_time(const char *format, uint64_t ns, struct str *out);
/* Appends the bytes by which the value is known as a map's key: equal values, equal bytes. */
void value_key(const struct type *t, const union value *v, struct str *out);
/* How many buckets the type's aggregate has (hist, lhist), and the bounds of one: [*min, *max], both included;
 * open_below, open_above: without end. */
unsigned aggregate_buckets(const struct type *t);
void aggregate_bounds(const struct type *t, unsigned bucket, int64_t *min, int64_t *max, bool *open_below,
		      bool *open_above);

/* A map as it is shown. */
struct map_entry {
	const union value *key, *value;	/* key NULL: a scalar map */
};
struct map_view {
	const struct map *map;
	const struct map_entry *entries;/* in the order of showing */
	unsigned n;
	int64_t div;			/* of print(@m, top, div); 1 */
};

#endif
