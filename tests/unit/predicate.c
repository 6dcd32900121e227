/* predicate.c - the filter that is pushed to the kernel never rejects what the predicate accepts.
 *
 * Random predicates over the fields of an event are lowered; then random records are tested both ways: by the
 * evaluator, and by the filter's text as the kernel would take it (a small model of kernel/trace/
 * trace_events_filter.c: fields have a width and a sign, constants are cut to it, text is compared up to its NUL).
 * What was not read is 0 or "" to the evaluator, and anything at all to the kernel, but for the last read of a chain
 * in a program, where the kernel stores 0. Words of a program may have 4 bytes.
 *
 * PREDICATE_ROUNDS=N tries N predicates, PREDICATE_SEED=N begins elsewhere.
 */
#include <stdlib.h>

#include "eval/eval.h"
#include "lang/tree.h"
#include "plan/plan.h"
#include "unit.h"

enum { RECORDS = 40, MAX_TEXT = 4000, MAX_ARGS = 64 };

static uint64_t state;

static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static unsigned below(unsigned n)
{
	return (unsigned)(any() >> 11) % n;
}

/* ---- the event ---- */

static void add(struct arena *a, struct layout *l, const char *name, const struct type *t, uint64_t offset)
{
	struct member *m = arena_alloc(a, (l->n_members + 1) * sizeof(*m));

	if (l->n_members)
		memcpy(m, l->members, l->n_members * sizeof(*m));
	m[l->n_members++] = (struct member){ .name = name, .type = t, .offset = offset };
	l->members = m;
	l->size = offset + 16;
}

static const struct layout *args(void *ctx, const struct attach_point *p, const char **why)
{
	struct arena *a = (*(struct program **)ctx)->arena;
	struct layout *l = arena_alloc(a, sizeof(*l));

	*l = (struct layout){ .name = "struct event", .complete = true, .align = 1 };
	add(a, l, "b1", type_int(1, false), 8);
	add(a, l, "c1", type_int(1, true), 9);
	add(a, l, "u2", type_int(2, false), 10);
	add(a, l, "s4", type_int(4, true), 12);
	add(a, l, "u4", type_int(4, false), 16);
	add(a, l, "s8", type_int(8, true), 24);
	add(a, l, "u8", type_int(8, false), 32);
	add(a, l, "ok", &type_bool, 40);
	add(a, l, "name", type_string(a, 16), 48);
	add(a, l, "path", type_string(a, 65), 64);
	return l;
}

/* ---- predicates ---- */

static const char *const static_fields[] = {
	"args.b1", "args.c1", "args.u2", "args.s4", "args.u4", "args.s8", "args.u8", "args.ok", "tid", "cpu", "pid",
	"(int64)args.u8", "(uint64)args.s4", "args.s4 + 1",
};
static const char *const static_texts[] = { "args.name", "args.path", "comm", "str(args.name, 4)" };
static const char *const user_fields[] = {
	"arg0", "arg1", "(int32)arg0", "(uint8)arg1", "(int64)arg2", "*(int32 *)arg0", "*(uint64 *)arg1",
	"**(int32 **)arg0", "*(uint8 *)(arg2 + 3)", "tid", "((int16 *)arg1)[2]",
};
static const char *const user_texts[] = { "str(arg0)", "str(arg1)", "comm", "str(arg2, 8)" };

static const char *const words[] = { "", "a", "bash", "ba", "abc", "abcdefg", "abcdefgh", "abcdefghijklmno",
				     "abcdefghijklmnop", "as", "it's", "x*", "[a]" };

static const char *const numbers[] = {
	"0", "1", "2", "3", "7", "127", "128", "255", "256", "32767", "32768", "65535", "65536", "2147483647",
	"2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
	"18446744073709551615", "-1", "-2", "-128", "-129", "-32768", "-2147483648", "-2147483649",
};

struct kind {
	const char *point;
	const char *const *fields, *const *texts;
	unsigned n_fields, n_texts;
};
static const struct kind kinds[] = {
	{ "tracepoint:x:y", static_fields, static_texts, ARRAY_LEN(static_fields), ARRAY_LEN(static_texts) },
	{ "uprobe:/bin/app:f", user_fields, user_texts, ARRAY_LEN(user_fields), ARRAY_LEN(user_texts) },
	{ "kprobe:f", user_fields, user_texts, ARRAY_LEN(user_fields), ARRAY_LEN(user_texts) },
};

static const char *word(void)
{
	return words[below(ARRAY_LEN(words))];
}

static void write_leaf(struct str *s, const struct kind *k)
{
	static const char *const ops[] = { "==", "!=", "<", "<=", ">", ">=" };
	const char *field = k->fields[below(k->n_fields)], *number = numbers[below(ARRAY_LEN(numbers))];
	const char *text = k->texts[below(k->n_texts)];

	switch (below(10)) {
	case 0:
		str_addf(s, "%s", field);
		break;
	case 1:
		str_addf(s, "(%s & %s)", field, numbers[below(14)]);
		break;
	case 2:
		str_addf(s, "(%s & %s) %s 0", field, numbers[below(14)], ops[below(2)]);
		break;
	case 3:
	case 4:
		str_addf(s, "%s %s \"%s\"", text, ops[below(2)], word());
		break;
	case 5:
		str_addf(s, "strncmp(%s, \"%s\", %u) %s 0", text, word(), below(9), ops[below(2)]);
		break;
	case 6:
		str_addf(s, "strcontains(%s, \"%s\")", text, word());
		break;
	case 7:
		str_addf(s, "%s %s %s", number, ops[below(ARRAY_LEN(ops))], field);
		break;
	default:
		str_addf(s, "%s %s %s", field, ops[below(ARRAY_LEN(ops))], number);
	}
}

static void write_predicate(struct str *s, const struct kind *k, unsigned depth)
{
	unsigned what = depth ? below(6) : 5;

	if (what < 3) {
		str_addc(s, '(');
		write_predicate(s, k, depth - 1);
		str_add(s, what ? " && " : " || ");
		write_predicate(s, k, depth - 1);
		str_addc(s, ')');
	} else if (what == 3) {
		str_add(s, "!(");
		write_predicate(s, k, depth - 1);
		str_addc(s, ')');
	} else {
		write_leaf(s, k);
	}
}

/* ---- a record: what the evaluator sees, and what the kernel has ---- */

struct field_value {
	char ours[80], theirs[80];	/* bytes; text with a NUL */
	unsigned width;			/* bytes in the kernel; 0: text */
	bool is_signed;
};

struct hit {
	struct record record;
	struct captured captured[MAX_ARGS];
	struct field_value values[MAX_ARGS];
	char comm[16];
	bool no_sign;			/* s8 of a static event has no sign to the kernel */
};

static int64_t random_number(void)
{
	const char *text = numbers[below(ARRAY_LEN(numbers))];

	if (below(6) == 0)
		return (int64_t)any();
	return (int64_t)(strtoull(text, NULL, 10) + below(3) - 1);	/* wraps for negative ones too */
}

static unsigned depth_of(const struct fetch *f)
{
	unsigned n = 0;

	for (; f->kind == FETCH_DEREF; f = f->inner)
		n++;
	return n;
}

static void random_value(struct hit *h, unsigned i, const struct fetcharg *f, bool user)
{
	struct field_value *v = &h->values[i];
	struct captured *c = &h->captured[i];
	struct fetch_type t = fetch_type_parse(f->type ? f->type : "x8");
	unsigned depth = depth_of(f->fetch);
	bool fault = depth && below(4) == 0;
	int64_t n = random_number();

	*v = (struct field_value){ .width = t.base == BASE_STRING ? 0 : t.size, .is_signed = t.base == BASE_SIGNED };
	*c = (struct captured){ .data = (unsigned char *)v->ours, .valid = !fault };
	if (t.base == BASE_STRING) {
		snprintf(v->theirs, sizeof(v->theirs), "%s%s", word(), below(3) ? "" : "defghijklmnop");
		if (f->fetch->kind == FETCH_FIELD)
			v->theirs[15] = '\0';
		strcpy(v->ours, v->theirs);
		c->len = strlen(v->ours);
		if (f->limit && c->len > f->limit) {
			c->len = f->limit;
			c->cut = true;
		}
		return;
	}
	if (f->word && below(2)) {		/* a program with words of 4 bytes */
		v->width = 4;
		n = v->is_signed ? (int32_t)n : (int64_t)(uint32_t)n;
	}
	c->len = t.size;
	memcpy(v->ours, &n, sizeof(n));
	memcpy(v->theirs, &n, sizeof(n));
	if (fault) {
		memset(v->ours, 0, sizeof(v->ours));
		if (user && depth == 1)
			memset(v->theirs, 0, sizeof(v->theirs));
	}
}

/* ---- the kernel's filter ---- */

struct reader {
	const char *p;
	const struct tap *tap;
	const struct hit *hit;
	bool wrong;			/* not a filter */
};

static void skip(struct reader *r)
{
	while (*r->p == ' ')
		r->p++;
}

static bool take(struct reader *r, const char *s)
{
	skip(r);
	if (strncmp(r->p, s, strlen(s)) != 0)
		return false;
	r->p += strlen(s);
	return true;
}

static bool compare_numbers(const struct field_value *v, bool is_signed, const char *op, const char *text)
{
	uint64_t a = 0, b = (uint64_t)strtoll(text, NULL, 10);
	unsigned shift = 64 - 8 * v->width;
	int64_t sa, sb;

	if (*text != '-')
		b = strtoull(text, NULL, 10);
	memcpy(&a, v->theirs, v->width);
	a <<= shift;
	b <<= shift;			/* the constant is cut to the field's width */
	sa = (int64_t)a;
	sb = (int64_t)b;
	if (strcmp(op, "==") == 0)
		return a == b;
	if (strcmp(op, "!=") == 0)
		return a != b;
	if (strcmp(op, "&") == 0)
		return (a & b) != 0;
	if (strcmp(op, "<") == 0)
		return is_signed ? sa < sb : a < b;
	if (strcmp(op, "<=") == 0)
		return is_signed ? sa <= sb : a <= b;
	if (strcmp(op, ">") == 0)
		return is_signed ? sa > sb : a > b;
	return is_signed ? sa >= sb : a >= b;
}

/* The globs that are pushed: `x*` and `*x*`. */
static bool compare_texts(struct reader *r, const char *text, const char *op, const char *constant)
{
	size_t n = strlen(constant);
	char middle[300];

	if (strcmp(op, "~") != 0)
		return (strcmp(text, constant) == 0) == (strcmp(op, "==") == 0);
	if (n < 2 || constant[n - 1] != '*') {
		r->wrong = true;
		return true;
	}
	if (*constant != '*')
		return strncmp(text, constant, n - 1) == 0;
	snprintf(middle, sizeof(middle), "%.*s", (int)n - 2, constant + 1);
	return strstr(text, middle) != NULL;
}

static bool comparison(struct reader *r)
{
	static const char *const ops[] = { "==", "!=", "<=", ">=", "<", ">", "&", "~" };
	char field[64] = "", constant[300] = "";
	const char *op = NULL;
	struct field_value own = { .width = 4, .is_signed = true };
	const struct field_value *v = NULL;

	skip(r);
	sscanf(r->p, "%63[A-Za-z0-9_]", field);
	r->p += strlen(field);
	skip(r);
	for (size_t i = 0; i < ARRAY_LEN(ops) && !op; i++)
		if (take(r, ops[i]))
			op = ops[i];
	skip(r);
	if (*r->p == '"') {
		sscanf(r->p, "\"%299[^\"]\"", constant);
		r->p += strlen(constant) + 2;
	} else {
		sscanf(r->p, "%299[-0-9]", constant);
		r->p += strlen(constant);
	}
	if (strcmp(field, "COMM") == 0)
		return compare_texts(r, r->hit->comm, op, constant);
	if (strcmp(field, "common_pid") == 0)
		memcpy(own.theirs, &r->hit->record.tid, 4);
	else if (strcmp(field, "CPU") == 0)
		memcpy(own.theirs, &r->hit->record.cpu, 4);
	else
		for (unsigned i = 0; i < r->tap->n_args; i++)
			if (strcmp(r->tap->args[i]->name, field) == 0)
				v = &r->hit->values[i];
	if (!v)
		v = &own;
	if (!op || !*constant || (v == &own && strncmp(field, "C", 1) != 0 && strncmp(field, "common", 6) != 0)) {
		r->wrong = true;
		return true;
	}
	if (!v->width)
		return compare_texts(r, v->theirs, op, constant);
	/* the kernel refuses negative constants for fields without a sign */
	if (*constant == '-' && (!v->is_signed || (v->width == 8 && r->hit->no_sign)))
		r->wrong = true;
	return compare_numbers(v, v->is_signed && !(v->width == 8 && r->hit->no_sign), op, constant);
}

static bool alternatives(struct reader *r);

static bool term(struct reader *r)
{
	bool value;

	if (take(r, "!"))
		return !term(r);
	if (!take(r, "("))
		return comparison(r);
	value = alternatives(r);
	r->wrong |= !take(r, ")");
	return value;
}

static bool conjunction(struct reader *r)
{
	bool value = term(r);

	while (take(r, "&&"))
		value = term(r) && value;
	return value;
}

static bool alternatives(struct reader *r)
{
	bool value = conjunction(r);

	while (take(r, "||"))
		value = conjunction(r) || value;
	return value;
}

static bool passes(const struct tap *t, const struct hit *h, bool *wrong)
{
	struct reader r = { t->filter, t, h, false };
	bool value = alternatives(&r);

	skip(&r);
	*wrong = r.wrong || *r.p;
	return value;
}

/* ---- both ways ---- */

static void ignore(void *ctx, const char *kind, const char *text, size_t n)
{
}

static void ignore_complaint(void *ctx, const struct complaint *c)
{
}

static unsigned n_pushed, n_rejected, n_accepted;

static void try_records(struct program *p, const struct tap *t, const char *text)
{
	struct names names = { .config = &p->config };
	struct eval_host host = { .names = &names, .message = ignore, .complain = ignore_complaint };
	struct eval_options opt = { .no_warnings = true };
	bool user = *t->point->provider == 'u';
	struct eval *e = eval_new(p, &host, &opt);

	n_pushed++;
	for (unsigned i = 0; i < RECORDS; i++) {
		struct hit h = { .no_sign = below(2) };
		bool accepted = false, wrong, let_through;
		int status;

		snprintf(h.comm, sizeof(h.comm), "%s", word());
		h.record = (struct record){ .pid = 7, .tid = (pid_t)below(300), .cpu = (int)below(3), .comm = h.comm,
					    .values = h.captured };
		for (unsigned k = 0; k < t->n_args && k < MAX_ARGS; k++)
			random_value(&h, k, t->args[k], user);
		for (unsigned k = 0; k < t->n_actions; k++)
			accepted |= !eval_action(e, t->actions[k], &h.record, &status);
		eval_free(e);
		e = eval_new(p, &host, &opt);
		let_through = passes(t, &h, &wrong);
		n_accepted += accepted;
		n_rejected += !let_through;
		if (!wrong && (let_through || !accepted))
			continue;
		unit_failures++;
		printf("%s\n\tfilter %s\n\t%s\n", text, t->filter, wrong ? "is none" : "rejects what is accepted:");
		for (unsigned k = 0; k < t->n_args; k++)
			printf("\t%s: ours %lld \"%s\", theirs %lld \"%s\", %u bytes\n", t->args[k]->name,
			       *(long long *)h.values[k].ours, h.values[k].ours, *(long long *)h.values[k].theirs,
			       h.values[k].theirs, h.values[k].width);
		break;
	}
	eval_free(e);
}

/* One or two clauses on a point, each with a predicate. */
static void try_program(void)
{
	_cleanup_(str_release) struct str s = STR_INIT;
	const struct kind *k = &kinds[below(ARRAY_LEN(kinds))];
	struct arena *a = arena_new();
	struct diags *d = diags_new();
	struct program_options opt = { 0 };
	struct source src = { "stdin", NULL };
	struct lower_options lower = { .stack_word = 1 };
	struct program *p;
	struct check_options check = { .args = args, .ctx = &p };
	struct tap **taps;
	unsigned n;

	for (unsigned i = 0; i < 1 + below(4) / 3; i++) {
		str_addf(&s, "%s / ", k->point);
		write_predicate(&s, k, 3);
		str_add(&s, " / { exit(1); }\n");
	}
	src.text = s.s;
	p = program_parse(a, &src, &opt, d);
	if (p && program_check(p, &check, d) && lower_program(p, &lower, &taps, &n, d) && taps[0]->filter)
		try_records(p, taps[0], s.s);
	diags_free(d);
	arena_free(a);
}

int main(void)
{
	const char *rounds = getenv("PREDICATE_ROUNDS"), *seed = getenv("PREDICATE_SEED");
	unsigned n = rounds ? (unsigned)atoi(rounds) : 3000;

	state = 88172645463325252ull ^ (seed ? strtoull(seed, NULL, 10) * 2654435761u : 0);
	for (unsigned i = 0; i < n && unit_failures < 5; i++)
		try_program();
	printf("%u predicates, %u pushed, %u records accepted, %u rejected by the kernel\n", n, n_pushed, n_accepted,
	       n_rejected);
	CHECK(n_pushed > n / 10);
	CHECK(n_accepted > n);
	CHECK(n_rejected > n);
	return unit_end();
}
