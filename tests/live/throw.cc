// throw.cc - an exception that passes through middle(): a return probe there would abort the program.
#include <cstdio>

extern "C" __attribute__((noinline)) int middle(int n)
{
	if (n > 2)
		throw n;
	__asm__ volatile("" ::: "memory");
	return n;
}

int main()
{
	int sum = 0;

	for (int i = 0; i < 5; i++) {
		try {
			sum += middle(i);
		} catch (int n) {
			sum += 100 * n;
		}
	}
	std::printf("%d\n", sum);
	return sum == 703 ? 0 : 1;
}
