/* demangle.c - the name that the programmer wrote, out of the one that the linker sees.
 *
 * A linker knows one flat list of names. So compilers of languages with scopes, overloads and templates write the
 * whole of it into one word, each in a grammar of its own:
 *
 *	_ZN3app3ArrIiE2atEm			C++ (Itanium ABI)	app::Arr<int>::at(unsigned long)
 *	_ZN5hello4main17hb583e1d5a3f1c9d2E	Rust, old: C++'s scopes, and a hash for the last
 *	_RNvCs1AN4SgoKR69_5hello4main		Rust, v0		hello::main
 *	_D3app3ArrQe2atMFmZi			D			app.Arr.at(ulong)
 *
 * libiberty, of binutils and gdb, reads them all; what is left to do here is to know whose name it is, and not to
 * believe in it. The grammars have references to what was said before, so a few hundred bytes can mean terabytes
 * of text: what comes piece by piece is cut off at a limit, by a jump out of the library (which at that time holds
 * its state on the stack). D's comes in one piece: there the references are counted before.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <libiberty/demangle.h>

#include "sym/sym.h"

enum {
	MAX_TEXT = 64 << 10,		/* bytes of a readable name */
	MAX_D_NAME = 4096,		/* bytes: the library's recursion is as deep as the name is long */
	MAX_D_REFERENCES = 32,		/* two can double the text: 2^16 times a short name at the most */
};

/* Where the pieces of a name go. */
struct catcher {
	struct str *out;
	size_t most;			/* bytes that out may have */
	jmp_buf full;
};

static void catch_piece(const char *piece, size_t n, void *opaque)
{
	struct catcher *c = opaque;

	if (n > c->most - c->out->len)
		longjmp(c->full, 1);
	str_addn(c->out, piece, n);
}

static int library_flags(unsigned flags)
{
	return DMGL_ANSI | (flags & DEMANGLE_PARAMETERS ? DMGL_PARAMS : 0) |
	       (flags & DEMANGLE_RETURN ? 0 : DMGL_RET_DROP) | (flags & DEMANGLE_VERBOSE ? DMGL_VERBOSE : 0);
}

typedef int by_pieces(const char *mangled, int options, demangle_callbackref callback, void *opaque);

static bool in_pieces(by_pieces *library, const char *name, unsigned flags, struct str *out)
{
	struct catcher c = { .out = out, .most = out->len + MAX_TEXT };
	size_t before = out->len;

	if (setjmp(c.full) == 0 && library(name, library_flags(flags), catch_piece, &c) && out->len > before)
		return true;
	out->len = before;
	if (out->s)
		out->s[before] = '\0';
	return false;
}

static bool rust(const char *name, unsigned flags, struct str *out)
{
	return in_pieces(rust_demangle_callback, name, flags, out);
}

/* Old Rust names are well-formed ones of C++, so Rust is asked first. */
static bool rust_or_cxx(const char *name, unsigned flags, struct str *out)
{
	return rust(name, flags, out) || in_pieces(cplus_demangle_v3_callback, name, flags, out);
}

static bool d(const char *name, unsigned flags, struct str *out)
{
	unsigned references = 0;
	size_t n = strlen(name), length;
	char *text;

	for (const char *p = name; *p; p++)
		references += *p == 'Q';
	if (!(isdigit((unsigned char)name[2]) || strcmp(name, "_Dmain") == 0) || n > MAX_D_NAME ||
	    references > MAX_D_REFERENCES)
		return false;
	text = dlang_demangle(name, DMGL_DLANG);
	if (!text)
		return false;
	length = flags & DEMANGLE_PARAMETERS ? strlen(text) : strcspn(text, "(");
	if (length <= MAX_TEXT)
		str_addn(out, text, length);
	free(text);
	return length > 0 && length <= MAX_TEXT;
}

static const struct scheme {
	const char *prefix;
	bool (*demangle)(const char *name, unsigned flags, struct str *out);
} schemes[] = {
	{ "_Z", rust_or_cxx },
	{ "_R", rust },
	{ "_D", d },
};

bool is_mangled(const char *name)
{
	return name[0] == '_' && name[1] && strchr("ZRD", name[1]);
}

bool demangle(const char *name, unsigned flags, struct str *out)
{
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_starts(name, schemes[i].prefix))
			return schemes[i].demangle(name, flags, out);
	return false;
}
