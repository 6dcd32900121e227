/* str.h - growing strings, globs, quoting, and words. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/* A string that grows; s is always NUL-terminated, and never NULL after the first write. */
struct str {
	char *s;
	size_t len, cap;
};
#define STR_INIT { NULL, 0, 0 }

void str_release(struct str *s);
void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const char *text, size_t n);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...) PRINTF(2, 3);
void str_clear(struct str *s);

/* True when the text matches the glob: `*`, `?`, `[a-z]`, `[!a-z]` or `[^a-z]`, and backslash for a
 * literal. An unclosed bracket is an ordinary character. Linear in practice: one backtrack point. */
bool str_glob(const char *glob, const char *text);
/* True when the text has a glob character that is not behind a backslash. */
bool str_is_glob(const char *text);

/* The candidate closest to word by edit distance (Damerau-Levenshtein, optimal string alignment), fed
 * one at a time; a candidate is kept only within a third of the word's length, at least one edit. */
struct str_closest {
	const char *word;
	char *best;		/* owned: free() it; NULL when nothing is close */
	unsigned distance;
};
void str_closest_try(struct str_closest *c, const char *candidate);

/* Appends text as one word for a POSIX shell, quoted only when it must be. */
void str_add_shell_word(struct str *s, const char *text);
/* Appends foreign text for a terminal: control characters, DEL, C1 controls and invalid UTF-8 become
 * \n \t \r \xHH; a backslash becomes two, and `quote` (0 for none) gets a backslash. */
void str_add_scrubbed(struct str *s, const char *text, size_t n, char quote);
/* How many columns of a terminal that takes (with no quote): wide characters two, accents none. */
unsigned str_width(const char *text, size_t n);

/* The well-formed UTF-8 character at the start of text: its length in bytes (1..4) and code point. 0 when
 * there is none: n is 0, or the bytes are cut off, overlong, a surrogate or no UTF-8 at all. */
unsigned str_utf8(const char *text, size_t n, uint32_t *code);
/* True when a terminal must not see the character: control characters, DEL, C1, bidi overrides. */
bool str_is_control(uint32_t code);

/* Splits text as a POSIX shell splits words: blanks, '...', "...", backslash; no expansion of any
 * kind. Returns a NULL-terminated vector in the arena, or NULL with *error set to a sentence. */
char **str_shell_words(struct arena *a, const char *text, const char **error);

bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *end);
/* A C identifier: [A-Za-z_][A-Za-z0-9_]*. */
bool str_is_ident(const char *s);
/* A number in decimal, 0x hex or 0 octal that fills the whole string; false otherwise or out of range. */
bool str_to_u64(const char *s, unsigned long long *out);

#endif
