/* mem.c - allocation that cannot fail, and arenas made of doubling blocks. */
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *check(void *p)
{
	if (!p) {
		static const char msg[] = "trapline: out of memory\n";

		if (write(STDERR_FILENO, msg, sizeof(msg) - 1) < 0)
			abort();
		exit(1);
	}
	return p;
}

void *mem_alloc(size_t size)
{
	return check(calloc(1, size ? size : 1));
}

void *mem_resize(void *p, size_t size)
{
	return check(realloc(p, size ? size : 1));
}

char *mem_strdup(const char *s)
{
	return check(strdup(s));
}

void mem_free_ptr(void *p)
{
	free(*(void **)p);
}

void mem_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void *mem_grow(void *p, size_t n, size_t size)
{
	if (n == 0 || (n & (n - 1)) == 0)	/* full at every power of two */
		p = mem_resize(p, size * (n ? 2 * n : 1));
	memset((char *)p + n * size, 0, size);
	return p;
}

struct block {
	struct block *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct block *top;
};

struct arena *arena_new(void)
{
	return mem_alloc(sizeof(struct arena));
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct block *b = a->top, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct block *b = a->top;
	void *p;

	size = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	if (!b || b->size - b->used < size) {
		size_t room = b ? b->size * 2 : 4096;

		if (room < size)
			room = size;
		b = mem_alloc(sizeof(*b) + room);
		b->size = room;
		b->next = a->top;
		a->top = b;
	}
	p = b->data + b->used;
	b->used += size;
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_vfmt(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

char *arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vfmt(a, fmt, ap);
	va_end(ap);
	return p;
}

void *arena_grow(struct arena *a, const void *p, unsigned n, size_t size)
{
	void *grown;

	if (n & (n - 1))		/* not a power of two: there is room */
		return (void *)p;
	grown = arena_alloc(a, (n ? 2 * (size_t)n : 1) * size);
	if (n)
		memcpy(grown, p, n * size);
	return grown;
}
