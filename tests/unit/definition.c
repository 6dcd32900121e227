/* definition.c - definitions as text, and the tree or the whole message that must come of them. */
#include "lang/lang.h"

#include <stdlib.h>

#include "unit.h"

static const struct {
	const char *text, *want;
} trees[] = {
	{ "p ./app:func_1", "entry\ntarget ./app:func_1 colons 5\n" },
	{ "r:readline /usr/bin/bash:readline cmd=+0($retval):string",
	  "return name readline\ntarget /usr/bin/bash:readline colons 13\narg cmd = +0($retval) : string\n" },
	{ "r16 vfs_read", "return maxactive 16\ntarget vfs_read\n" },
	{ "p:vfs_read", "entry\ntarget vfs_read\n" },
	{ "p:vfs_read %di", "entry\ntarget vfs_read\narg - = %di : -\n" },
	{ "p:vfs_read n=$arg3", "entry\ntarget vfs_read\narg n = $arg3 : -\n" },
	{ "p:vfs_read count:u64", "entry\ntarget vfs_read\narg - = count : u64\n" },
	{ "p:mine vfs_read", "entry name mine\ntarget vfs_read\n" },
	{ "p:mine vfs_read+4 $arg*", "entry name mine\ntarget vfs_read+4\narg - = $arg* : -\n" },
	{ "p:libc:fopen path=+0($arg1):string",
	  "entry\ntarget libc:fopen colons 4\narg path = +0($arg1) : string\n" },
	{ "p:mine libc:fopen", "entry name mine\ntarget libc:fopen colons 4\n" },
	{ "p './a b':main", "entry\ntarget ./a b:main colons 5\n" },
	{ "p \"a:b\":main", "entry\ntarget a:b:main colons 3\n" },
	{ "p /tmp/a\\ b\\:c:main", "entry\ntarget /tmp/a b:c:main colons 10\n" },
	{ "p f a=-0x10(+u8(%di)):u8[4] b=\\5 @jiffies $stack3 $stack $comm c=b4@2/32",
	  "entry\ntarget f\narg a = -16(+u8(%di)) : u8[4]\narg b = \\5 : -\narg - = @jiffies : -\n"
	  "arg - = $stack3 : -\narg - = $stack : -\narg - = $comm : -\narg c = b4@2/32 : -\n" },
	{ "p f file->f_path.dentry:x64", "entry\ntarget f\narg - = file->f_path.dentry : x64\n" },
	{ "p /bin/x:f%return", "return\ntarget /bin/x:f colons 6\n" },
	{ "  p\tf\n", "entry\ntarget f\n" },
};

static const struct {
	const char *text, *part;
} errors[] = {
	{ "", "begins with p" },
	{ "x foo", "begins with p" },
	{ "p", "a target is missing" },
	{ "p:", "a name or a target is missing" },
	{ "p4 f", "MAXACTIVE belongs to r" },
	{ "r0 f", "from 1 to 4096" },
	{ "r5000 f", "from 1 to 4096" },
	{ "pf", "then a blank or :NAME" },
	{ "p 'a b:f", "the quote is not closed" },
	{ "p f a=", "an expression is missing" },
	{ "p f 1a=%di", "cannot be a name" },
	{ "p f a=+0(%di", "not closed" },
	{ "p f a=+0(%di)x", "nothing may follow" },
	{ "p f a=+(%di)", "wants a number" },
	{ "p f a=+8", "in parentheses" },
	{ "p f a=%di:", "a type is missing" },
	{ "p f a=%di a=%si", "used twice" },
};

static void check_tree(const char *text, const char *want)
{
	struct arena *a = arena_new();
	struct diags *d = diags_new();
	struct source src = { "definition", text };
	struct definition *def = definition_parse(a, &src, d);
	struct str s = STR_INIT;

	if (def)
		definition_print(def, &s);
	else
		diags_print(d, stdout);
	CHECK_STR(s.s, want);
	str_release(&s);
	diags_free(d);
	arena_free(a);
}

static void check_error(const char *text, const char *part)
{
	struct arena *a = arena_new();
	struct diags *d = diags_new();
	struct source src = { "definition", text };
	char *said = NULL;
	size_t len;
	FILE *f = open_memstream(&said, &len);

	CHECK(!definition_parse(a, &src, d));
	diags_print(d, f);
	fclose(f);
	if (!strstr(said, part))
		CHECK_STR(said, part);
	free(said);
	diags_free(d);
	arena_free(a);
}

static void check_types(void)
{
	struct fetch_type t = fetch_type_parse("s32");

	CHECK(t.known && t.base == BASE_SIGNED && t.size == 4 && t.count == 0);
	t = fetch_type_parse("x8[64]");
	CHECK(t.known && t.base == BASE_HEX && t.size == 1 && t.count == 64);
	t = fetch_type_parse("b3@5/16");
	CHECK(t.known && t.base == BASE_UNSIGNED && t.size == 2);
	t = fetch_type_parse("ustring");
	CHECK(t.known && t.base == BASE_STRING && t.user);
	CHECK(!fetch_type_parse("int").known);
	CHECK(!fetch_type_parse("u8[65]").known);
	CHECK(!fetch_type_parse("u8[0]").known);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(trees); i++)
		check_tree(trees[i].text, trees[i].want);
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		check_error(errors[i].text, errors[i].part);
	check_types();
	return unit_end();
}
