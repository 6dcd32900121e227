/* decode.c - an event's bytes become a record: every kind of field, faults, and bytes that lie. */
#include "unit.h"

#include <stdlib.h>

#include "trace/internal.h"

static const char entry_format[] =
	"name: e1\n"
	"ID: 2326\n"
	"format:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n"
	"\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:s32 a;\toffset:16;\tsize:4;\tsigned:1;\n"			/* slot 0 */
	"\tfield:__data_loc char[] s;\toffset:20;\tsize:4;\tsigned:1;\n"	/* 1 */
	"\tfield:u8 arr[];\toffset:24;\tsize:4;\tsigned:0;\n"			/* 2 */
	"\tfield:__data_loc char[][2] sa;\toffset:28;\tsize:8;\tsigned:1;\n"	/* 3 */
	"\tfield:__data_loc char[] comm;\toffset:36;\tsize:4;\tsigned:1;\n"	/* 4 */
	"\tfield:u64 guard;\toffset:40;\tsize:8;\tsigned:0;\n"			/* 5 */
	"\tfield:u64 b1[];\toffset:48;\tsize:8;\tsigned:0;\n"			/* 6 */
	"\tfield:u64 b2[];\toffset:56;\tsize:8;\tsigned:0;\n"			/* 7 */
	"\tfield:u8 c;\toffset:64;\tsize:1;\tsigned:0;\n"			/* 8 */
	"\n"
	"print fmt: \"(%lx) a=%d s=\\\"%s\\\" arr={%u,%u,%u,%u} sa={\\\"%s\\\",\\\"%s\\\"} comm=\\\"%s\\\" "
	"guard=0x%Lx b1={0x%Lx} b2={0x%Lx} c='%c'\", REC->__probe_ip, REC->a\n";

static const char return_format[] =
	"name: e2\n"
	"ID: 2327\n"
	"format:\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n"
	"\tfield:unsigned long __probe_func;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long __probe_ret_ip;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:s64 $rv;\toffset:24;\tsize:8;\tsigned:1;\n"
	"\n"
	"print fmt: \"(%lx <- %lx) $rv=%Ld\", REC->__probe_func, REC->__probe_ret_ip\n";

#define N_FIXED 65

struct bytes {
	unsigned char data[256];
	size_t size;
};

static void put(struct bytes *b, size_t at, const void *data, size_t n)
{
	memcpy(b->data + at, data, n);
	if (b->size < at + n)
		b->size = at + n;
}

static void put_u64(struct bytes *b, size_t at, uint64_t v)
{
	put(b, at, &v, 8);
}

/* Appends the text and lets the field at `at` point to it, as the kernel does. */
static void put_text(struct bytes *b, size_t at, const char *text)
{
	uint32_t loc = (uint32_t)(strlen(text) + 1) << 16 | (uint32_t)b->size;

	put(b, b->size, text, strlen(text) + 1);
	put(b, at, &loc, 4);
}

static bool is_pointer(const struct site *site, uint64_t value, bool user)
{
	return user ? value >= 4096 && value < 1ULL << 47 : value >> 47 == 0x1ffff;
}

static const unsigned guard_slots[] = { 5 };

static struct capture captures[] = {
	{ .name = "a", .base = BASE_SIGNED, .size = 4, .slot = 0, .n_slots = 1,
	  .witness = UINT32_MAX },
	{ .name = "s", .base = BASE_STRING, .slot = 1, .n_slots = 1,
	  .witness = UINT32_MAX },
	{ .name = "arr", .base = BASE_UNSIGNED, .size = 1, .count = 4, .slot = 2, .n_slots = 1,
	  .witness = UINT32_MAX },
	{ .name = "sa", .base = BASE_STRING, .count = 2, .slot = 3, .n_slots = 1,
	  .witness = UINT32_MAX },
	{ .name = "bound", .base = BASE_STRING, .bounded = true, .slot = 6, .n_slots = 2,
	  .guards = guard_slots, .n_guards = 1, .witness = UINT32_MAX },
	{ .name = "c", .by_format = true, .slot = 8, .n_slots = 1,
	  .witness = UINT32_MAX },
};

static struct site entry_site(void)
{
	return (struct site){ .provider = PROVIDER_UPROBE, .shift = 4, .captures = captures,
			      .n_captures = ARRAY_LEN(captures), .n_slots = 9, .comm_slot = 4,
			      .caller_slot = UINT32_MAX };
}

static struct bytes sample(void)
{
	struct bytes b = { .size = N_FIXED };
	int32_t a = -5;

	put_u64(&b, 8, 0x55554004);
	put(&b, 16, &a, 4);
	put_text(&b, 20, "hello");
	put(&b, 24, "\1\2\3\377", 4);
	put_text(&b, 28, "one");
	put_text(&b, 32, "");
	put_text(&b, 36, "my comm");
	put_u64(&b, 40, 0x7fff00001000);
	put(&b, 48, "abcdefghij\0junk", 16);
	put(&b, 64, "x", 1);
	return b;
}

static void test_values(struct arena *a)
{
	struct site site = entry_site();
	struct decoder dec = { .is_pointer = is_pointer };
	struct bytes b = sample();
	struct record r = { 0 };

	CHECK(decoder_init(&dec, a, &site, entry_format));
	CHECK_INT(dec.id, 2326);
	CHECK_INT(dec.n_slots, 9);
	CHECK_INT(captures[5].base, BASE_CHAR);
	CHECK_INT(captures[5].size, 1);
	decode(&dec, b.data, b.size, &r);
	CHECK_INT(r.address, 0x55554000);
	CHECK_STR(r.comm, "my comm");
	CHECK(r.values[0].valid && r.values[0].len == 4 && memcmp(r.values[0].data, b.data + 16, 4) == 0);
	CHECK(r.values[1].valid && r.values[1].len == 5 && memcmp(r.values[1].data, "hello", 5) == 0);
	CHECK(r.values[2].valid && r.values[2].len == 4 && r.values[2].data[3] == 255);
	CHECK(r.values[3].valid && r.values[3].len == 5 && memcmp(r.values[3].data, "one\0", 5) == 0);
	CHECK(r.values[4].valid && r.values[4].len == 10 && memcmp(r.values[4].data, "abcdefghij", 10) == 0);
	CHECK(!r.values[4].cut);
	CHECK(r.values[5].valid && r.values[5].data[0] == 'x');
	decoder_release(&dec);
}

static void test_faults(struct arena *a)
{
	struct site site = entry_site();
	struct decoder dec = { .is_pointer = is_pointer };
	struct bytes b = sample();
	struct record r = { 0 };

	CHECK(decoder_init(&dec, a, &site, entry_format));
	put(&b, 20, "\0\0\0\0", 4);		/* the string could not be read */
	put(&b, 28, "\0\0\0\0", 4);		/* nor the array's first one */
	put_u64(&b, 40, 0);			/* a NULL on the way */
	decode(&dec, b.data, b.size, &r);
	CHECK(!r.values[1].valid);
	CHECK(r.values[3].valid && r.values[3].len == 9 && memcmp(r.values[3].data, "(fault)\0", 9) == 0);
	CHECK(!r.values[4].valid);
	put_u64(&b, 40, 0xffff888000001000);	/* a kernel address is none of a user's */
	decode(&dec, b.data, b.size, &r);
	CHECK(!r.values[4].valid);
	put_u64(&b, 40, 0x1000);
	put(&b, 48, "0123456789abcdef", 16);	/* no end in sight */
	decode(&dec, b.data, b.size, &r);
	CHECK(r.values[4].valid && r.values[4].cut && r.values[4].len == 16);
	decoder_release(&dec);

	site.provider = PROVIDER_KPROBE;
	dec = (struct decoder){ .is_pointer = is_pointer };
	CHECK(decoder_init(&dec, a, &site, entry_format));
	put_text(&b, 20, "(fault)");
	put_u64(&b, 40, 0xffff888000001000);
	decode(&dec, b.data, b.size, &r);
	CHECK(!r.values[1].valid);
	CHECK(r.values[4].valid);
	decoder_release(&dec);
}

/* A 32-bit kernel's addresses have 4 bytes, and so have the pointers of a 32-bit program in memory: what stands
 * behind them in the record is no part of them. */
static void test_narrow(struct arena *a)
{
	static const char format[] =
		"name: f\nID: 7\nformat:\n"
		"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
		"\tfield:unsigned long __probe_func;\toffset:8;\tsize:4;\tsigned:0;\n"
		"\tfield:unsigned long __probe_ret_ip;\toffset:12;\tsize:4;\tsigned:0;\n"
		"\tfield:u32 n;\toffset:16;\tsize:4;\tsigned:0;\n"
		"\tfield:u32 _g1;\toffset:20;\tsize:4;\tsigned:0;\n"
		"\tfield:u32 noise;\toffset:24;\tsize:4;\tsigned:0;\n\n"
		"print fmt: \"\"\n";
	static const unsigned guard[] = { 1 };
	static struct capture capture[] = {
		{ .name = "n", .base = BASE_HEX, .size = 4, .slot = 0, .n_slots = 1, .guards = guard, .n_guards = 1,
		  .witness = UINT32_MAX },
	};
	struct site site = { .provider = PROVIDER_UPROBE, .ret = true, .captures = capture, .n_captures = 1,
			     .n_slots = 3, .comm_slot = UINT32_MAX, .caller_slot = UINT32_MAX };
	struct decoder dec = { .is_pointer = is_pointer };
	struct bytes b = { .size = 28 };
	static const uint32_t words[] = { 0x8049000, 0x8049123, 42, 0xffffd000, 0xdeadbeef };
	struct record r = { 0 };

	put(&b, 8, words, sizeof(words));
	CHECK(decoder_init(&dec, a, &site, format));
	decode(&dec, b.data, b.size, &r);
	CHECK_INT(r.address, 0x8049000);
	CHECK_INT(r.return_address, 0x8049123);
	CHECK(r.values[0].valid && r.values[0].len == 4);
	put(&b, 20, "\0\0\0\0", 4);
	decode(&dec, b.data, b.size, &r);
	CHECK(!r.values[0].valid);
	decoder_release(&dec);
}

/* A text that is a fault, though its first byte was read, is too long; not when a pointer on the way is none. */
static void test_too_long(struct arena *a)
{
	static const char format[] =
		"name: e\nID: 7\nformat:\n"
		"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
		"\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n"
		"\tfield:__data_loc char[] s;\toffset:16;\tsize:4;\tsigned:0;\n"
		"\tfield:u64 _g1;\toffset:24;\tsize:8;\tsigned:0;\n"
		"\tfield:u8 _w2;\toffset:32;\tsize:1;\tsigned:0;\n\n"
		"print fmt: \"\"\n";
	static const unsigned guard[] = { 1 };
	static struct capture capture[] = {
		{ .name = "s", .base = BASE_STRING, .slot = 0, .n_slots = 1, .guards = guard, .n_guards = 1, .witness = 2 },
	};
	struct site site = { .provider = PROVIDER_UPROBE, .captures = capture, .n_captures = 1, .n_slots = 3,
			     .comm_slot = UINT32_MAX, .caller_slot = UINT32_MAX };
	struct decoder dec = { .is_pointer = is_pointer };
	struct bytes b = { .size = 40 };
	struct record r = { 0 };

	CHECK(decoder_init(&dec, a, &site, format));
	put_u64(&b, 24, 0x7fff00001000);
	decode(&dec, b.data, b.size, &r);
	CHECK(!r.values[0].valid && !r.values[0].too_long);
	put(&b, 32, "x", 1);
	decode(&dec, b.data, b.size, &r);
	CHECK(!r.values[0].valid && r.values[0].too_long);
	put_u64(&b, 24, 0);
	decode(&dec, b.data, b.size, &r);
	CHECK(!r.values[0].valid && !r.values[0].too_long);
	put_text(&b, 16, "text");
	decode(&dec, b.data, b.size, &r);
	CHECK(r.values[0].valid && r.values[0].len == 4 && !r.values[0].too_long);
	decoder_release(&dec);
}

/* Bytes from a stranger: any size, any offset. The sanitizer watches. */
static void test_hostile(struct arena *a)
{
	struct site site = entry_site();
	struct decoder dec = { .is_pointer = is_pointer };
	struct record r = { 0 };
	unsigned long touched = 0;

	CHECK(decoder_init(&dec, a, &site, entry_format));
	srand(1);
	for (int round = 0; round < 20000; round++) {
		size_t size = (size_t)rand() % 200;
		unsigned char *data = malloc(size ? size : 1);

		for (size_t i = 0; i < size; i++)
			data[i] = (unsigned char)(rand() % 3 ? rand() % 64 : rand());
		decode(&dec, data, size, &r);
		for (unsigned i = 0; i < site.n_captures; i++)
			for (size_t k = 0; k < r.values[i].len; k++)
				touched += r.values[i].data[k];
		CHECK(strlen(r.comm) <= size);
		free(data);
	}
	CHECK(touched > 0);
	decoder_release(&dec);
}

static void test_return(struct arena *a)
{
	struct site site = { .provider = PROVIDER_KPROBE, .ret = true, .open_ended = true, .n_slots = 0,
			     .comm_slot = 99, .caller_slot = UINT32_MAX };
	struct decoder dec = { .is_pointer = is_pointer };
	struct bytes b = { .size = 32 };
	struct record r = { 0 };

	CHECK(decoder_init(&dec, a, &site, return_format));
	CHECK_INT(site.n_captures, 1);
	CHECK_STR(site.captures[0].name, "$rv");
	CHECK_INT(site.captures[0].base, BASE_SIGNED);
	CHECK_INT(site.captures[0].size, 8);
	put_u64(&b, 8, 0x1000);
	put_u64(&b, 16, 0x2000);
	put_u64(&b, 24, 7);
	decode(&dec, b.data, b.size, &r);
	CHECK_INT(r.address, 0x1000);
	CHECK_INT(r.return_address, 0x2000);
	CHECK_STR(r.comm, "");
	CHECK(r.values[0].valid && r.values[0].data[0] == 7);
	decoder_release(&dec);
}

static void test_format(struct arena *a)
{
	struct format f;
	struct str s = STR_INIT;

	CHECK(!format_parse(a, "", &f));
	CHECK(!format_parse(a, "ID: 5\n\tfield:int x", &f));
	CHECK(format_parse(a, "ID: 5\nformat:\n"
			      "\tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;\n"
			      "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
			      "\tfield:__data_loc char[] name;\toffset:8;\tsize:4;\tsigned:0;\n", &f));
	format_declaration(&f.fields[0], &s);
	CHECK_STR(s.s, "const char * filename");
	str_clear(&s);
	format_declaration(&f.fields[1], &s);
	CHECK_STR(s.s, "char comm[16]");
	str_clear(&s);
	format_declaration(&f.fields[2], &s);
	CHECK_STR(s.s, "__data_loc char[] name");
	CHECK_STR(f.fields[2].name, "name");
	str_release(&s);
}

static void test_callchain(struct arena *a)
{
	static const uint64_t ips[] = { (uint64_t)-128, 0xffffffff81000001, (uint64_t)-512, 0x1000, 0x3000 };
	struct site site = entry_site();
	struct decoder dec = { .is_pointer = is_pointer };
	struct bytes b = sample();
	struct record r = { 0 };

	site.caller_slot = 5;
	CHECK(decoder_init(&dec, a, &site, entry_format));
	put_u64(&b, 40, 0x2000);
	decode(&dec, b.data, b.size, &r);
	decode_callchain(&dec, (const unsigned char *)ips, ARRAY_LEN(ips), &r);
	CHECK_INT(r.n_kstack, 1);
	CHECK_INT(r.n_ustack, 3);
	CHECK_INT(r.ustack[0].address, 0x1000);
	CHECK_INT(r.ustack[1].address, 0x2000);
	CHECK_INT(r.ustack[2].address, 0x3000);
	put_u64(&b, 40, 0x3000);		/* the walk saw the caller: it is not shown twice */
	decode(&dec, b.data, b.size, &r);
	decode_callchain(&dec, (const unsigned char *)ips, ARRAY_LEN(ips), &r);
	CHECK_INT(r.n_ustack, 2);
	decoder_release(&dec);
}

int main(void)
{
	struct arena *a = arena_new();

	test_format(a);
	test_values(a);
	test_faults(a);
	test_return(a);
	test_callchain(a);
	test_narrow(a);
	test_too_long(a);
	test_hostile(a);
	arena_free(a);
	return unit_end();
}
