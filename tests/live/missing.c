/* Arguments of which some cannot be had: in a vector register, computed away; and functions that share names. */
#define KEEP __attribute__((noipa))
#define ALONE __attribute__((noinline))

struct one { int n; };
struct two { long pad; int n; };

static volatile int sink;

KEEP int mixed(int n, double d, int last)
{
	return n + (int)d + last;
}

/* No call passes `unused`, and nobody reads it: gcc removes it. */
ALONE static int partial(int used, int unused)
{
	sink = used;
	return used;
}

KEEP int same_one(struct one *p, int n)
{
	return p->n + n;
}

KEEP int same_two(struct two *p, long n)
{
	return p->n + (int)n;
}

int main(int argc, char **argv)
{
	struct one one = { 1 };
	struct two two = { 0, 2 };

	for (int i = 0; i < 2; i++) {
		sink = mixed(10 + i, 1.5, 20);
		sink = partial(i + 5, argc + i);
		sink = same_one(&one, 3);
		sink = same_two(&two, -4);
	}
	return 0;
}
