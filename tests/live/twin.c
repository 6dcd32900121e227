/* twin.c - one half of a program with two static functions of one name; -DFIRST makes the other. */
__attribute__((noinline)) static int helper(int n)
{
	__asm__ volatile("" : "+r"(n) : : "memory");
	return n;
}

#ifdef FIRST
int other(void);

int main(void)
{
	return helper(1) + other() - 3;
}
#else
int other(void);
int other(void)
{
	return helper(2);
}
#endif
