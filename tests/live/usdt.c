/* usdt.c - USDT probes with operands of every form, made as sys/sdt.h makes them, without it. Says the values of each
 * probe as it passes it: "NAME VALUE...".
 *
 *	usdt			each form once
 *	usdt loop LIBRARY	waits for the file `go`, calls `from_library` of the library, again and again, until the
 *				file `stop` is there, and says what its semaphore is then
 *
 * With -DLIBRARY it is that library.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if __SIZEOF_POINTER__ == 8
#define ADDRESS ".8byte "
#else
#define ADDRESS ".4byte "
#endif

#define NOTE(name, semaphore, operands) \
	"990:	nop\n" \
	"	.pushsection .note.stapsdt,\"?\",\"note\"\n" \
	"	.balign 4\n" \
	"	.4byte 992f-991f, 994f-993f, 3\n" \
	"991:	.asciz \"stapsdt\"\n" \
	"992:	.balign 4\n" \
	"993:	" ADDRESS "990b, _.stapsdt.base, " semaphore "\n" \
	"	.asciz \"demo\"\n" \
	"	.asciz \"" name "\"\n" \
	"	.asciz \"" operands "\"\n" \
	"994:	.balign 4\n" \
	"	.popsection\n"

__asm__(".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
	".weak _.stapsdt.base\n"
	".hidden _.stapsdt.base\n"
	"_.stapsdt.base: .space 1\n"
	".size _.stapsdt.base, 1\n"
	".popsection\n");

/* What %n prints with the other sign is the operand's size: -4 for an int. */
#define SIZE(x) \
	((_Generic((x), signed char: 1, short: 1, int: 1, long: 1, long long: 1, default: -1)) * (int)sizeof(x))

#define PROBE(name, constraint, x, y) \
	do { \
		__asm__ volatile(NOTE(#name, "0", "%n[sx]@%[vx] %n[sy]@%[vy]") \
				 :: [sx] "n"(SIZE(x)), [vx] constraint(x), [sy] "n"(SIZE(y)), [vy] constraint(y)); \
		printf("%s %lld %lld\n", #name, (long long)(x), (long long)(y)); \
	} while (0)

/* The compiler knows nothing about it. */
#define HIDE(x) __asm__("" : "+r"(x))

#ifdef LIBRARY

unsigned short library_semaphore __attribute__((section(".probes")));
int shared_number = 471;

int from_library(int n)
{
	int *address = &shared_number;

	HIDE(address);
	if (*(volatile unsigned short *)&library_semaphore)
		__asm__ volatile(NOTE("library", "library_semaphore", "-4@%[n]") :: [n] "r"(n));
#ifdef __x86_64__
	__asm__ volatile(NOTE("got", "0", "8@shared_number@GOTPCREL(%%rip)") :: "r"(address));
#endif
	return library_semaphore;
}

#else

struct record {
	signed char c;
	unsigned char uc;
	short s;
	unsigned short us;
	int i;
	unsigned u;
	long l;
	unsigned long ul;
};

static struct record global = { -3, 250, -300, 65000, -70000, 4000000000u, -5000000000l, 0xfedcba9876543210ul };
static double number = -0.25;
static float small = 0.1f;
static const char text[] = "text of a probe";

__attribute__((noinline)) static void registers(struct record r)
{
	PROBE(r_bytes, "r", r.c, r.uc);
	PROBE(r_shorts, "r", r.s, r.us);
	PROBE(r_ints, "r", r.i, r.u);
	PROBE(r_longs, "r", r.l, r.ul);
}

__attribute__((noinline)) static void memory(struct record *p, struct record r)
{
	PROBE(m_pointer_bytes, "m", p->c, p->uc);
	PROBE(m_pointer_shorts, "m", p->s, p->us);
	PROBE(m_pointer_ints, "m", p->i, p->u);
	PROBE(m_pointer_longs, "m", p->l, p->ul);
	PROBE(m_stack, "m", r.i, r.ul);
	PROBE(m_stack_bytes, "m", r.c, r.us);
}

__attribute__((noinline)) static void constants(void)
{
	PROBE(n_ints, "n", 471, -471);
	PROBE(n_longs, "n", 0x123456789abcdefl, -1l);
	PROBE(n_unsigned, "n", 0xffffffffu, 0xfffffffffffffffful);
	PROBE(n_bytes, "n", (signed char)-1, (unsigned char)255);
}

/* As the compiler likes, with all that it may choose. */
__attribute__((noinline)) static void chosen(struct record *p, int i, unsigned long l, const char *s)
{
	PROBE(any, "nor", p->us, i);
	PROBE(any_more, "nor", l, s);
	PROBE(any_sum, "nor", i + 1, l * 3);
}

#if defined(__x86_64__)
__attribute__((noinline)) static void variables(void)
{
	PROBE(v_bytes, "m", global.c, global.uc);
	PROBE(v_ints, "m", global.i, global.u);
	PROBE(v_longs, "m", global.l, global.ul);
	__asm__ volatile(NOTE("v_second_byte", "0", "1@%%ah 8@%[l]") :: "a"(0x12345678), [l] "r"(1l));
	printf("v_second_byte %d 1\n", 0x56);
}
#endif

/* One probe at two places, whose operands differ in size and sign. */
__attribute__((noinline)) static void twice(int i)
{
	unsigned char c = 200;

	HIDE(c);
	PROBE(twice, "r", i, c);
	PROBE(twice, "n", 77ull, -8l);
}

__attribute__((noinline)) static void floats(void)
{
	double d = number;
	float f = small;

	__asm__ volatile(NOTE("floats", "0", "8f@%[d] 4f@%[f]") :: [d] "m"(d), [f] "m"(f));
	printf("floats %.17g %.9g\n", d, (double)f);
}

__attribute__((noinline)) static void strings(const char *s, unsigned long n)
{
	PROBE(strings, "r", s, n);
}

/* The kernel cannot add registers. */
__attribute__((noinline)) static void indexed(int *list, long i)
{
#if defined(__x86_64__)
	__asm__ volatile(NOTE("indexed", "0", "-4@(%[b],%[i],4) 4@$7") :: [b] "r"(list), [i] "r"(i));
#else
	__asm__ volatile(NOTE("indexed", "0", "-4@[%[b], %[i], lsl 2] 4@7") :: [b] "r"(list), [i] "r"(i));
#endif
	printf("indexed %lld %lld\n", (long long)list, (long long)i);
}

static void exists(const char *name)
{
	while (access(name, F_OK) != 0)
		usleep(2000);
}

static int loop(const char *library)
{
	int (*from_library)(int), semaphore = 0;
	void *handle;

	exists("go");
	handle = dlopen(library, RTLD_NOW);
	from_library = handle ? (int (*)(int))dlsym(handle, "from_library") : NULL;
	if (!from_library)
		return 1;
	for (int i = 0; access("stop", F_OK) != 0; i++, usleep(2000))
		semaphore = from_library(i);
	printf("semaphore %d, address %p\n", semaphore, dlsym(handle, "shared_number"));
	return 0;
}

int main(int argc, char **argv)
{
	int list[] = { 1, 2, 3 };

	if (argc > 2 && strcmp(argv[1], "loop") == 0)
		return loop(argv[2]);
	registers(global);
	memory(&global, global);
	constants();
	chosen(&global, argc - 6, 1ul << 40, text);
#if defined(__x86_64__)
	variables();
#endif
	twice(argc - 6);
	floats();
	strings(text, 4);
	indexed(list, argc);
	return 0;
}

#endif
