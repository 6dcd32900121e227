/* mem.h - memory: allocation that cannot fail, arenas, growing arrays, and closing on return.
 *
 * Out of memory stops the program (DESIGN.md section 9): no caller checks these results.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Runs f(&variable) when the variable goes out of scope. */
#define _cleanup_(f) __attribute__((cleanup(f)))

/* Zeroed memory, owned by the caller, given back with free(). */
void *mem_alloc(size_t size);
/* Like realloc(), and stops the program where realloc() would return NULL. */
void *mem_resize(void *p, size_t size);
/* A copy of s, owned by the caller. */
char *mem_strdup(const char *s);
/* Frees *(void **)p; for _cleanup_. */
void mem_free_ptr(void *p);
/* Closes *fd when it is not negative; for _cleanup_. */
void mem_close_fd(int *fd);

/* Appends one zeroed element to the array (ptr, n), which grows by doubling, and yields its address.
 * The array is an ordinary one: free(ptr) gives it back. */
#define MEM_PUSH(ptr, n) \
	((ptr) = mem_grow((ptr), (n), sizeof(*(ptr))), (n)++, &(ptr)[(n) - 1])
void *mem_grow(void *p, size_t n, size_t size);

/* An arena: memory that is given back all at once. */
struct arena;
struct arena *arena_new(void);
/* Frees everything that came from the arena, and the arena; NULL is fine. */
void arena_free(struct arena *a);
/* Zeroed memory that lives as long as the arena. */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_fmt(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
char *arena_vfmt(struct arena *a, const char *fmt, va_list ap);
/* Appends to an array that lives in the arena, doubling it; yields the new element, zeroed. */
#define ARENA_PUSH(arena, ptr, n) \
	((ptr) = arena_grow((arena), (ptr), (n), sizeof(*(ptr))), &(ptr)[(n)++])
void *arena_grow(struct arena *a, const void *p, unsigned n, size_t size);

#endif
