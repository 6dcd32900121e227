/* nasty.c - one(s), which returns the length of s, and two(s, n, t), with texts that the text of a trace does
 * not escape: quotes, newlines, what looks like another field, like a comment, a frame, a loss. The argument
 * becomes the thread's name. */
#include <string.h>
#include <sys/prctl.h>

static const char *const texts[] = {
	"plain", "", "with blank", "say \"hi\"", "ends in a quote\"", "\"", "x=1 y=2", "a\" t=\"b", "a\" n=5 t=\"z",
	"line 1\nline 2", "q\"\nline 2", "a\n\nb", "\n", "# comment\n# tracer: nop\n", " => frame+0x1/0x2\n",
	"tab\tesc\033[31m", "\xff\xfe", "ends\n", "\nCPU:0 [LOST 5 EVENTS]\n", "'c' {1,2} (fault)", "(fault)",
};
enum { N = sizeof(texts) / sizeof(texts[0]) };

__attribute__((noinline)) long one(const char *s)
{
	__asm__ volatile("" : : "r"(s) : "memory");
	return (long)strlen(s);
}

__attribute__((noinline)) int two(const char *s, int n, const char *t)
{
	__asm__ volatile("" : : "r"(s), "r"(t) : "memory");
	return n;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		prctl(PR_SET_NAME, argv[1]);
	for (int i = 0; i < N; i++)
		one(texts[i]);
	for (int i = 0; i < N; i++)
		two(texts[i], -i, texts[i * 8 % N]);
	one("last");
	return 0;
}
