/* escape.c - a function whose name turns a terminal red and renames its window. */
void evil(int n) __asm__("\"evil\033[31m\033]0;owned\007\"");

__attribute__((noinline)) void evil(int n)
{
	__asm__ volatile("" : : "r"(n) : "memory");
}

int main(void)
{
	evil(1);
	return 0;
}
