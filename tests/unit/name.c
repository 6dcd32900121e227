/* Names as programmers write them (sym/name.c, sym/demangle.c): each row is what somebody types, and the symbols of
 * a small file that are meant; then every kind of name of real libraries, with c++filt as the judge. */
#include "sym/sym.h"
#include "unit.h"
#include "fixtures/fixture.h"

/* The file's functions. */
static const char *const functions[] = {
	"f", "f.constprop.0", "f.part.0", "f.cold", "only_part.part.0", "only_clone.isra.0", "renamed.lto_priv.0",
	"_Z1fi",				/* f(int) */
	"_ZN2ns1fEi",				/* ns::f(int) */
	"_ZN2ns1fEd",				/* ns::f(double) */
	"_ZN2ns1fEPKc",				/* ns::f(char const*) */
	"_ZN2ns1fEPKc.isra.0",
	"_ZN2ns1fEi.cold",
	"_ZN2ns3maxIiEET_S1_S1_",		/* int ns::max<int>(int, int) */
	"_ZN2ns3maxIdEET_S1_S1_",		/* double ns::max<double>(double, double) */
	"_ZN2ns5ClassIiE6methodEi",		/* ns::Class<int>::method(int) */
	"_ZN2ns5ClassIcE6methodEi",		/* ns::Class<char>::method(int) */
	"_ZN2ns12_GLOBAL__N_16hiddenEi",	/* ns::(anonymous namespace)::hidden(int) */
	"_ZN2ns1AC1Ev", "_ZN2ns1AC2Ev",		/* ns::A::A() */
	"_ZN2ns1AD0Ev", "_ZN2ns1AD1Ev",		/* ns::A::~A() */
	"_ZN2ns1AclEi",				/* ns::A::operator()(int) */
	"_ZN2ns1AmlEi",				/* ns::A::operator*(int) */
	"_ZN2ns1ArsEi",				/* ns::A::operator>>(int) */
	"_ZN2ns1AltERKS0_",			/* ns::A::operator<(ns::A const&) */
	"_ZN2ns1AcvmEv",			/* ns::A::operator unsigned long() */
	"_ZZN2ns1gEvENKUliE_clEi",		/* ns::g()::{lambda(int)#1}::operator()(int) const */
	"_ZN2ns3strB5cxx11Ei",			/* ns::str[abi:cxx11](int) */
	"_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE5clearEv",
	"_ZNSs5clearEv",			/* std::string::clear() */
	"_ZNSt3__16vectorIiE4pushEi",		/* std::__1::vector<int>::push(int) */
	"_ZN5hello4main17hb583a0b1c2d3e4f5E",	/* hello::main, of Rust */
	"_RNvCs1AN4SgoKR69_5hello5other",	/* hello::other */
	"_RINvNtCs1AN4SgoKR69_5hello6shapes7genericmEB4_",	/* hello::shapes::generic::<u32> */
	"_RINvNtCs1AN4SgoKR69_5hello6shapes7generichEB4_",	/* hello::shapes::generic::<u8> */
	"_D3foo3bar3bazFiZv",			/* foo.bar.baz(int) */
	"main.(*T).Method",			/* as it stands: Go */
};

/* What is typed, and what is meant: names with blanks between, in the order of addresses. */
static const struct {
	const char *typed, *meant;
} rows[] = {
	{ "f", "f f.constprop.0" },
	{ "f.part.0", "f.part.0" },
	{ "f.cold", "f.cold" },
	{ "only_part", "" },
	{ "only_clone", "only_clone.isra.0" },
	{ "renamed", "renamed.lto_priv.0" },
	{ "f*", "f f.constprop.0" },
	{ "f.*", "f.constprop.0" },
	{ "*.part*", "f.part.0 only_part.part.0" },
	{ "cpp:f", "_Z1fi" },
	{ "f(int)", "_Z1fi" },
	{ "_ZN2ns1fEi", "_ZN2ns1fEi" },
	{ "ns::f(int)", "_ZN2ns1fEi" },
	{ "ns::f( int )", "_ZN2ns1fEi" },
	{ "cpp:ns::f(int)", "_ZN2ns1fEi" },
	{ "ns::f", "_ZN2ns1fEi _ZN2ns1fEd _ZN2ns1fEPKc _ZN2ns1fEPKc.isra.0" },
	{ "ns::f(char const*)", "_ZN2ns1fEPKc _ZN2ns1fEPKc.isra.0" },
	{ "ns::f(char const*) [clone .isra.0]", "_ZN2ns1fEPKc.isra.0" },
	{ "ns::f(int) [clone .cold]", "_ZN2ns1fEi.cold" },
	{ "ns::f(char)", "" },
	{ "ns::fi", "" },
	{ "s::f", "" },
	{ "ns::f(*)", "_ZN2ns1fEi _ZN2ns1fEd _ZN2ns1fEPKc _ZN2ns1fEPKc.isra.0" },
	{ "ns::?(int)", "_ZN2ns1fEi" },
	{ "ns::max", "_ZN2ns3maxIiEET_S1_S1_ _ZN2ns3maxIdEET_S1_S1_" },
	{ "ns::max<int>", "_ZN2ns3maxIiEET_S1_S1_" },
	{ "ns::max<int>(int,int)", "_ZN2ns3maxIiEET_S1_S1_" },
	{ "int ns::max<int>(int, int)", "_ZN2ns3maxIiEET_S1_S1_" },
	{ "ns::Class<int>::method(int)", "_ZN2ns5ClassIiE6methodEi" },
	{ "ns::Class<*>::method", "_ZN2ns5ClassIiE6methodEi _ZN2ns5ClassIcE6methodEi" },
	{ "ns::Class<*>::*(int)", "_ZN2ns5ClassIiE6methodEi _ZN2ns5ClassIcE6methodEi" },
	{ "ns::(anonymous namespace)::hidden(int)", "_ZN2ns12_GLOBAL__N_16hiddenEi" },
	{ "ns::hidden", "_ZN2ns12_GLOBAL__N_16hiddenEi" },
	{ "ns::A::A", "_ZN2ns1AC1Ev _ZN2ns1AC2Ev" },
	{ "ns::A::~A()", "_ZN2ns1AD0Ev _ZN2ns1AD1Ev" },
	{ "ns::A::operator()", "_ZN2ns1AclEi" },
	{ "ns::A::operator()(int)", "_ZN2ns1AclEi" },
	{ "ns::A::operator*", "_ZN2ns1AmlEi" },
	{ "ns::A::operator*(int)", "_ZN2ns1AmlEi" },
	{ "ns::A::operator>>", "_ZN2ns1ArsEi" },
	{ "ns::A::operator<", "_ZN2ns1AltERKS0_" },
	{ "ns::A::operator unsigned long", "_ZN2ns1AcvmEv" },
	{ "ns::g()::{lambda(int)#1}::operator()(int) const", "_ZZN2ns1gEvENKUliE_clEi" },
	{ "ns::str", "_ZN2ns3strB5cxx11Ei" },
	{ "ns::str[abi:cxx11]", "_ZN2ns3strB5cxx11Ei" },
	{ "ns::str[abi:cxx11](int)", "_ZN2ns3strB5cxx11Ei" },
	{ "std::string::clear", "_ZNSs5clearEv" },
	{ "std::basic_string<char, std::char_traits<char>, std::allocator<char>>::clear", "_ZNSs5clearEv" },
	{ "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::clear()",
	  "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE5clearEv" },
	{ "std::vector<int>::push(int)", "_ZNSt3__16vectorIiE4pushEi" },
	{ "std::*::clear", "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE5clearEv _ZNSs5clearEv" },
	{ "hello::main", "_ZN5hello4main17hb583a0b1c2d3e4f5E" },
	{ "hello::main::hb583a0b1c2d3e4f5", "_ZN5hello4main17hb583a0b1c2d3e4f5E" },
	{ "hello::other", "_RNvCs1AN4SgoKR69_5hello5other" },
	{ "hello[128f3906b9d37de3]::other", "_RNvCs1AN4SgoKR69_5hello5other" },
	{ "hello::shapes::generic", "_RINvNtCs1AN4SgoKR69_5hello6shapes7genericmEB4_ "
				    "_RINvNtCs1AN4SgoKR69_5hello6shapes7generichEB4_" },
	{ "hello::shapes::generic::<u8>", "_RINvNtCs1AN4SgoKR69_5hello6shapes7generichEB4_" },
	{ "foo.bar.baz", "_D3foo3bar3bazFiZv" },
	{ "foo.bar.baz(int)", "_D3foo3bar3bazFiZv" },
	{ "main.(*T).Method", "main.(*T).Method" },
	{ "nothing", "" }, { "ns::", "" }, { "::", "" }, { "", "" }, { "cpp:", "" }, { "(", "" }, { "ns::f(", "" },
};

static void test_rows(void)
{
	struct elf_file *e;
	FILE *f;

	fixture_run(":");
	f = fopen(fixture("names.s"), "w");
	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		fprintf(f, ".type \"%s\", @function\n\"%s\": .byte 1, 2, 3, 4\n.size \"%s\", 4\n", functions[i], functions[i],
			functions[i]);
	fclose(f);
	fixture_run("gcc -shared -nostdlib -o names.so names.s");
	if (elf_open(fixture("names.so"), &e, NULL) != 0)
		exit(1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(str_release) struct str got = STR_INIT;
		struct functions found;

		str_clear(&got);
		CHECK_INT(functions_find(e, rows[i].typed, &found), 0);
		for (size_t k = 0; k < found.n; k++)
			str_addf(&got, "%s%s", k ? " " : "", found.v[k].name);
		if (strcmp(got.s, rows[i].meant) != 0) {
			printf("%s\n\tmeans \"%s\"\n\twant  \"%s\"\n", rows[i].typed, got.s, rows[i].meant);
			unit_failures++;
		}
		functions_release(&found);
	}
	elf_close(e);
}

static void check_text(const char *name, unsigned flags, const char *want)
{
	_cleanup_(str_release) struct str text = STR_INIT;

	str_add(&text, ">");
	if (demangle(name, flags, &text) != (want != NULL)) {
		printf("%s: demangled %s\n", name, text.s);
		unit_failures++;
	}
	CHECK_STR(text.s + 1, want ? want : "");
}

static void test_text(void)
{
	_cleanup_(str_release) struct str cut = STR_INIT;
	char deep[4000], *at = deep;

	check_text("_ZN2ns3maxIiEET_S1_S1_", DEMANGLE_USUAL, "int ns::max<int>(int, int)");
	check_text("_ZN2ns3maxIiEET_S1_S1_", DEMANGLE_PARAMETERS, "ns::max<int>(int, int)");
	check_text("_ZN2ns3maxIiEET_S1_S1_", 0, "ns::max<int>");
	check_text("_ZNSs5clearEv", DEMANGLE_USUAL, "std::string::clear()");
	check_text("_ZN5hello4main17hb583a0b1c2d3e4f5E", DEMANGLE_USUAL, "hello::main");
	check_text("_D3foo3bar3bazFiZv", DEMANGLE_USUAL, "foo.bar.baz(int)");
	check_text("_D3foo3bar3bazFiZv", 0, "foo.bar.baz");
	check_text("_Dmain", DEMANGLE_USUAL, "D main");
	check_text("main", DEMANGLE_USUAL, NULL);
	check_text("_Znonsense", DEMANGLE_USUAL, NULL);
	check_text("_Dead", DEMANGLE_USUAL, NULL);
	check_text("_", DEMANGLE_USUAL, NULL);
	check_text("", DEMANGLE_USUAL, NULL);
	/* Each type is the one before twice: 2^60 words. */
	at += sprintf(at, "_Z1f1AIS_S_E");
	for (int i = 0; i < 60; i++)
		at += sprintf(at, "1AIS%c_S%c_E", i < 1 ? '0' : "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i % 36],
			      i < 1 ? '0' : "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i % 36]);
	demangle(deep, DEMANGLE_USUAL, &cut);
	memset(deep, 'P', sizeof(deep) - 1);
	memcpy(deep, "_Z1f", 4);
	deep[sizeof(deep) - 1] = '\0';
	check_text(deep, DEMANGLE_USUAL, NULL);
}

/* Takes every nth dynamic function of a library, and asks for it by the text that c++filt makes of its name. */
static void test_oracle(const char *library, unsigned n)
{
	char command[1024], line[16384];
	struct elf_file *e;
	unsigned asked = 0;
	FILE *f;

	if (elf_open(library, &e, NULL) != 0)
		return;
	snprintf(command, sizeof(command), "nm -D --defined-only --without-symbol-versions '%s' | "
		 "awk '$2 ~ /^[TWt]$/ && ++n %% %u == 0 { print $1, $3 }' | c++filt", library, n);
	f = popen(command, "r");
	while (f && fgets(line, sizeof(line), f)) {
		struct functions found;
		char *name;
		unsigned long long address = strtoull(line, &name, 16);
		bool met = false;

		line[strcspn(line, "\n")] = '\0';
		functions_find(e, ++name, &found);
		for (size_t i = 0; i < found.n; i++)
			met |= found.v[i].address == address;
		if (!met && unit_failures++ < 10)
			printf("%s: '%s' (0x%llx) is not found\n", library, name, address);
		functions_release(&found);
		asked++;
	}
	pclose(f);
	CHECK(asked > 50);
	elf_close(e);
}

int main(int argc, char **argv)
{
	if (argc == 3) {		/* by hand: LIBRARY N */
		test_oracle(argv[1], (unsigned)atoi(argv[2]));
		return unit_end();
	}
	test_rows();
	test_text();
	test_oracle("/usr/lib/x86_64-linux-gnu/libstdc++.so.6", 50);
	return unit_end();
}
