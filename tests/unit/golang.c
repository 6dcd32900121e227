/* golang.c - Go's tables in their four layouts, versions, arguments and the stack check (sym/golang.c). */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sym/sym.h"
#include "unit.h"
#include "fixtures/gofile.h"

static unsigned char image[GO_SIZE];

/* The image as a file; NULL when it is none. */
static struct elf_file *open_image(void)
{
	int fd = memfd_create("go", MFD_CLOEXEC);
	struct elf_file *e = NULL;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, image, GO_SIZE) == GO_SIZE)
		elf_open(path, &e, NULL);
	close(fd);
	CHECK(e != NULL);
	return e;
}

static void test_layout(uint32_t magic, uint64_t code, const char *version, bool in_place, unsigned want_version,
			const char *second_argument)
{
	struct str argument = STR_INIT;
	struct elf_file *e;
	struct symbol *v;
	int n;

	go_file(image, magic, code, version, in_place);
	e = open_image();
	if (!e)
		return;
	CHECK(elf_is_go(e));
	CHECK_INT(go_version(e), want_version);
	CHECK(elf_has_functions(e));
	n = elf_find(e, "main.*", &v);
	CHECK_INT(n, GO_FUNCTIONS);
	for (int i = 0; i < n; i++) {
		CHECK_STR(v[i].name, go_names[i]);
		CHECK_INT(v[i].address, GO_BASE + GO_TEXT + 32 * i);
		CHECK_INT(v[i].size, 32);
		CHECK_INT(go_stack_check(e, &v[i]), 6);
	}
	free(v);
	if (arch_argument(elf_abi(e, GO_BASE + GO_TEXT), 2, &argument))
		CHECK_STR(argument.s, second_argument);
	else
		CHECK(second_argument == NULL);
	CHECK_STR(elf_abi(e, GO_BASE + GO_TEXT + 32 * GO_FUNCTIONS)->args[0], "di");	/* that is C's */
	str_release(&argument);
	elf_close(e);
}

/* What --returns finds in it: one return, and the way back to the begin is none. */
static void test_returns(void)
{
	struct str why = STR_INIT;
	struct function_exit *x;
	struct elf_file *e;
	struct symbol *v;
	int n;

	go_file(image, 0xfffffff1, GO_BASE + GO_TEXT, "go1.22.1", true);
	e = open_image();
	n = e ? elf_find(e, "main.(*T).Method", &v) : 0;
	CHECK_INT(n, 1);
	if (n == 1) {
		CHECK_INT(function_exits(e, &v[0], &x, &why), 1);
		CHECK_INT(why.len, 0);
		CHECK_INT(x[0].kind, EXIT_RET);
		CHECK_INT(x[0].address, GO_BASE + GO_TEXT + 32 + 11);
		free(x);
		free(v);
	}
	str_release(&why);
	elf_close(e);
}

/* A table that is cut off, or leads out of itself, has the functions that are whole, and harms nobody. */
static void test_broken(void)
{
	struct elf_file *e;
	struct symbol *v;

	go_file(image, 0xfffffff1, GO_BASE + GO_TEXT, "go1.22.1", true);
	memset(image + GO_TABLE + 0x300 + 4, 0xff, 4);		/* the first record */
	e = open_image();
	CHECK_INT(elf_find(e, "main.*", &v), GO_FUNCTIONS - 1);
	free(v);
	elf_close(e);
	memset(image + GO_TABLE + 8, 0xff, 8);			/* how many there are */
	e = open_image();
	CHECK(!elf_has_functions(e));
	elf_close(e);
}

int main(void)
{
	uint64_t text = GO_BASE + GO_TEXT;

	test_layout(0xfffffffb, 0, "go1.15.9", false, 15, "+16(%sp)");
	test_layout(0xfffffffa, 0, "go1.16.3", false, 16, "+16(%sp)");
	test_layout(0xfffffffa, 0, "go1.17", false, 17, "%bx");
	test_layout(0xfffffff0, text, "go1.19.8", true, 19, "%bx");
	test_layout(0xfffffff1, text, "devel go1.23-0123abc", true, 23, "%bx");
	test_layout(0xfffffff1, 0, "go1.26", true, 26, "%bx");	/* the loader would fill it in */
	test_returns();
	test_broken();
	return unit_end();
}
