/* Two units of compilation, each with a `struct foo` of its own, make one program: -DUNIT=1 -Duse=use_1 -Dcall=call_1,
 * and the same with 2. */
#if UNIT == 1
struct foo { int x, y; };
#else
struct foo { long pad; short z, y; int x; };
#endif
struct link { int n; struct foo *foo; };

__attribute__((noipa)) int use(struct foo *p, struct link *link, int n)
{
	return p->x + link->foo->y + n;
}

int call(int n)
{
	struct foo foo = { .x = 10 + UNIT, .y = 20 + UNIT };
	struct link link = { n, &foo };

	return use(&foo, &link, n);
}

#if UNIT == 1
int call_2(int n);

int main(void)
{
	return call(1) + call_2(2) == 0;
}
#endif
