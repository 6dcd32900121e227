/* odd.c - functions and objects that must be refused, and one that must not.
 *
 *	plain		an ordinary function; its second instruction begins at +4 (x86-64)
 *	raw_syscall	a syscall instruction at the entry
 *	chosen		an IFUNC: the symbol is only the resolver
 *	table		data in a read-only segment; variable: in a writable one
 *	getenv		is in libc; here is only a call stub
 */
#include <stdlib.h>

const char table[64] = "not code";
char variable[64] = "not code either";

#ifdef __x86_64__
__asm__(".pushsection .text\n"
	".globl plain\n"
	".type plain, @function\n"
	"plain:\n"
	"	sub $8, %rsp\n"
	"	mov %edi, %eax\n"
	"	add $8, %rsp\n"
	"	ret\n"
	".size plain, .-plain\n"
	".globl raw_syscall\n"
	".type raw_syscall, @function\n"
	"raw_syscall:\n"
	"	syscall\n"
	"	ret\n"
	".size raw_syscall, .-raw_syscall\n"
	".popsection\n");
int plain(int n);
#else
__attribute__((noinline)) int plain(int n)
{
	return n;
}
#endif

static int chosen_one(int n)
{
	return n + 1;
}

static int (*resolve_chosen(void))(int)
{
	return chosen_one;
}

int chosen(int n) __attribute__((ifunc("resolve_chosen")));

int main(int argc, char **argv)
{
	return plain(argc) + chosen(argc) + (getenv("NOBODY_SETS_THIS") != NULL) + table[argc] + variable[argc] < 0;
}
