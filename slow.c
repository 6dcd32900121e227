#include <unistd.h>
__attribute__((noinline)) int slow(int n) { usleep(n); return n + 1; }
int main(void) { slow(1500000); for (int i = 0; i < 40; i++) slow(100000); return 0; }
