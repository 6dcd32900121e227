/* names.cc - a C++ program whose functions are called a known number of times each: the calls stand beside them.
 * Compiled with -O2, so that the compiler makes a clone of sum(). With an argument it waits before it ends. */
#include <cstdlib>
#include <string>
#include <unistd.h>

#define KEPT __attribute__((noinline, noclone))

namespace ns {
KEPT int f(int n) { asm volatile(""); return n + 1; }				/* 1 */
KEPT int f(double n) { asm volatile("" : : "r"(2)); return (int)n; }		/* 2 */
KEPT int f(const char *s) { asm volatile("" : : "r"(3)); return s[0]; }		/* 3 */
template <class T> KEPT T max(T a, T b) { asm volatile(""); return a < b ? b : a; }	/* int 4, long 5 */
namespace {
KEPT int hidden(int n) { asm volatile("" : : "r"(4)); return n + 4; }		/* 6 */
}
inline namespace v1 {
KEPT int inl(int n) { asm volatile("" : : "r"(5)); return n + 5; }		/* 7 */
}
struct A {
	int n;
	KEPT A() : n(1) { asm volatile("" : : "r"(this)); }			/* 8 */
	KEPT ~A() { asm volatile("" : : "r"(this), "r"(6)); }			/* 8 */
	KEPT int operator()(int m) { asm volatile("" : : "r"(7)); return m; }	/* 8 */
	KEPT int operator*(int m) { asm volatile("" : : "r"(8)); return n * m; }	/* 8 */
};
KEPT std::string text(std::string s) { asm volatile("" : : "r"(9)); return s; }	/* 9 */
}

namespace app {
template <class T> struct Arr {
	KEPT int at(unsigned long n) { asm volatile("" : : "r"(sizeof(T))); return (int)n; }	/* char 10, long 11 */
};
}

extern "C" KEPT int f(int n) { asm volatile("" : : "r"(10)); return n + 10; }	/* 12 */

/* Never called with anything else: it becomes sum.constprop.0, or .isra.0. */
static __attribute__((noinline)) int sum(int n, int k, int *last)			/* 13 */
{
	asm volatile("" : : "r"(n));
	*last = n;
	return n + k;
}

static KEPT int chosen_one(int n) { asm volatile("" : : "r"(11)); return n + 11; }	/* 14 */
extern "C" {
static int (*resolve_chosen(void))(int) { return chosen_one; }
int chosen(int n) __attribute__((ifunc("resolve_chosen")));
}

#define TIMES(n) for (int i = 0; i < (n); i++)

int main(int argc, char **)
{
	app::Arr<char> small;
	app::Arr<long> big;
	int s = 0, last = 0;

	if (argc > 1)
		usleep(3000000);
	TIMES(1) s += ns::f(i);
	TIMES(2) s += ns::f(i + 0.5);
	TIMES(3) s += ns::f("three");
	TIMES(4) s += ns::max(i, 2);
	TIMES(5) s += (int)ns::max((long)i, 2l);
	TIMES(6) s += ns::hidden(i);
	TIMES(7) s += ns::inl(i);
	TIMES(8) { ns::A a; s += a(i) + a * i; }
	TIMES(9) s += (int)ns::text("nine").size();
	TIMES(10) s += small.at((unsigned long)i);
	TIMES(11) s += big.at((unsigned long)i);
	TIMES(12) s += f(i);
	TIMES(13) s += sum(i + argc, 7, &last);
	TIMES(14) s += chosen(i);
	return s + last < 0;
}
