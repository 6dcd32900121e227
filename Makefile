# trapline: `make` builds build/trapline. New files in src/*/ and tests/*/ are found by themselves.
#
#   make demo      installs what is missing, builds, and shows one real probe from start to end
#   make check     installs what the tests need and runs them all
#   make check-vm  runs the live tests in Debian's kernels, booted: a table, kernel by test
#   make static    build/trapline-static, one file that needs nothing beside it; ARCH=arm64 for that machine
#   make install   PREFIX=/usr/local DESTDIR=
#   SAN=1  address and undefined-behaviour sanitizers (in build-san/)      V=1  show the commands

# The cross compilers, by Debian's names of the machines: `make static ARCH=NAME`. What a kernel's Makefile
# means by ARCH in the environment is none of our business, so the word must be on the command line.
CROSS_amd64 := x86_64-linux-gnu
CROSS_arm64 := aarch64-linux-gnu
ifeq ($(origin ARCH),command line)
CROSS := $(or $(CROSS_$(ARCH)),$(error no ARCH '$(ARCH)': it is $(subst CROSS_,,$(filter CROSS_%,$(.VARIABLES)))))
endif

CC := $(if $(CROSS),$(CROSS)-gcc,$(if $(filter default,$(origin CC)),gcc,$(CC)))
PREFIX ?= /usr/local
B := $(if $(SAN),build-san,build)$(CROSS:%=/$(ARCH))
Q := $(if $(V),,@)

PKGS := libelf libdw liblzma capstone
VERSION := 0.1

# Another machine's libraries are unpacked below the build directory: nothing foreign is installed.
SYSROOT := $(CROSS:%=$(abspath $(B))/sysroot)
PKG_CONFIG = $(CROSS:%=PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/%/pkgconfig) pkg-config
SYSROOT_LIBS = $(CROSS:%=-L$(SYSROOT)/usr/lib/%)

# Expanded only when something is compiled, so that `make demo` can install the packages first.
PKG_CFLAGS = $(SYSROOT:%=-isystem %/usr/include) $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
PKG_LIBS = $(CAPSTONE) $(LIBDW) $(LIBIBERTY) $(shell $(PKG_CONFIG) --libs libelf liblzma)

# The archive of a library where there is one: $(call archive,NAME).
archive = $(or $(SYSROOT:%=%/usr/lib/$(CROSS)/lib$(1).a),$(firstword $(filter /%,\
	$(shell $(CC) -print-file-name=lib$(1).a)) -l$(1)))

# capstone's tables are full of pointers: as a shared library, or in a position-independent program, all of
# them are relocated at every start, which is most of our memory. Its archive and a fixed address cost nothing.
CAPSTONE = $(call archive,capstone)
# libdw as a shared library loads the client of debuginfod, and libcurl with it, before main() runs, when the
# environment names a server. Of the archive we take the part that does not. Debian 13's archive uses a function that it
# lacks: there it must be the shared library.
LIBDW = $(or $(shell nm $(call archive,dw) 2>/dev/null | awk '$$NF == "eu_tsearch" { seen[$$(NF - 1)] } \
	END { if ("U" in seen && !("T" in seen)) print "-ldw" }'),$(call archive,dw))
# An archive only, and no package that pkg-config knows.
LIBIBERTY = $(call archive,iberty)
LINK_FLAGS = -no-pie -Wl,--gc-sections $(SYSROOT_LIBS) $(CAPSTONE_LESS)

# One table in capstone names the entry points of all its machines, and so they all are linked: 3 MB, of which
# we use a part. The linker fetches from an archive only what is not defined yet: with the entry points of a
# machine defined as nothing it stays out, and cs_open(), which looks first, refuses that machine. Those that
# sym/ names stay in, without a word here.
CAPSTONE_MACHINES := ARM:ARM AArch64:ARM64 M680X:M680X M68K:M68K Mips:MIPS PPC:PPC Sparc:SPARC SystemZ:SYSZ \
	X86:X86 XCore:XCORE TMS320C64x:TMS320C64X EVM:EVM MOS65XX:MOS65XX WASM:WASM BPF:BPF RISCV:RISCV SH:SH \
	TRICORE:TRICORE
CAPSTONE_USED := $(patsubst CS_ARCH_%,%,$(sort $(shell grep -oh 'CS_ARCH_[A-Z0-9]*' src/sym/*.c)))
CAPSTONE_UNUSED := $(foreach m,$(CAPSTONE_MACHINES),\
	$(if $(filter $(CAPSTONE_USED),$(lastword $(subst :, ,$(m)))),,$(firstword $(subst :, ,$(m)))))
CAPSTONE_LESS := $(foreach m,$(CAPSTONE_UNUSED),-Wl,--defsym=$(m)_global_init=0 -Wl,--defsym=$(m)_option=0)

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wno-unused-parameter
comma := ,
# gcc's -Wformat-truncation takes vsnprintf(NULL, 0, ...) for a mistake when UBSan is on, and its
# -Wformat-overflow believes in NULLs that the checks only ask for.
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-omit-frame-pointer -Wno-format-truncation \
	-Wno-format-overflow)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DTRAPLINE_VERSION='"$(VERSION)"' -Isrc \
	$(WARN) $(SANFLAGS) $(PKG_CFLAGS) $(CFLAGS)

SRCS := $(wildcard src/*/*.c)
OBJS := $(SRCS:%.c=$(B)/%.o)
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*.c))

.PHONY: all check check-vm demo install clean deps static unit
all: $(B)/trapline $(B)/trapline-lang.7

$(B)/trapline: $(B)/src/main.o $(B)/libtrapline.a
	@echo "  LINK  $@"
	$(Q)$(CC) $(SANFLAGS) $(CFLAGS) $(LINK_FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# Without symbols: they are most of such a file. `make` beside it has them.
static: $(B)/trapline-static
$(B)/trapline-static: $(B)/src/main.o $(B)/libtrapline.a
	@echo "  LINK  $@"
	$(Q)$(CC) $(CFLAGS) -static -s $(LINK_FLAGS) $(LDFLAGS) -o $@ $^ $(CAPSTONE) $(LIBDW) $(LIBIBERTY) \
		$(shell $(PKG_CONFIG) --static --libs libelf liblzma)

$(B)/libtrapline.a: $(OBJS)
	@echo "  AR    $@"
	$(Q)rm -f $@ && ar rcsP $@ $^

# The ready-made programs, as rows of C.
TOOLS := $(wildcard scripts/tools/*.bt)
$(B)/cmd/tools.inc: $(TOOLS)
	@mkdir -p $(@D)
	$(Q)for tool in $^; do printf '{ "%s",\n' "$$(basename $$tool .bt)"; \
		sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $$tool; echo '},'; done >$@
$(B)/src/cmd/tools.o: $(B)/cmd/tools.inc
$(B)/src/cmd/tools.o: ALL_CFLAGS += -I$(B)

$(B)/%.o: %.c
	@echo "  CC    $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

ifdef SYSROOT
$(OBJS) $(B)/src/main.o: | $(SYSROOT)
$(SYSROOT):
	@echo "  FETCH $@"
	$(Q)scripts/debs --unpack $@ "$$(. /etc/os-release && echo $$VERSION_CODENAME)" $(ARCH) \
		libelf-dev libdw-dev liblzma-dev zlib1g-dev libcapstone-dev libiberty-dev
endif

unit: $(UNIT)
$(B)/unit/%: $(B)/tests/unit/%.o $(B)/libtrapline.a
	@echo "  LINK  $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANFLAGS) $(CFLAGS) $(LINK_FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# Fuzzers want the sanitizers: make SAN=1 build-san/fuzz/NAME (tests/run does). They can be compiled
# without this file too, so they define _GNU_SOURCE themselves.
$(B)/tests/fuzz/%.o: ALL_CFLAGS += -U_GNU_SOURCE
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(B)/libtrapline.a
	@echo "  LINK  $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANFLAGS) $(CFLAGS) $(LINK_FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# The manual page of the language, with the builtins from their rows.
$(B)/rows: $(B)/man/rows.o $(B)/libtrapline.a
	@echo "  LINK  $@"
	$(Q)$(CC) $(SANFLAGS) $(CFLAGS) $(LINK_FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/trapline-lang.7: man/trapline-lang.7.in $(B)/rows
	@echo "  MAN   $@"
	$(Q)$(B)/rows <$< >$@

deps:
	$(Q)scripts/install-deps build

demo: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/demo

check:
	$(Q)scripts/install-deps build check
	$(Q)$(MAKE) --no-print-directory all unit
	$(Q)tests/run

# The other machine's program may be missing where there is no cross compiler: then its column is a skip.
check-vm:
	$(Q)scripts/install-deps build check static vm
	$(Q)$(MAKE) --no-print-directory static
	$(Q)$(MAKE) --no-print-directory static ARCH=arm64 || true
	$(Q)scripts/check-vm

install: all
	install -D -m 755 $(B)/trapline $(DESTDIR)$(PREFIX)/bin/trapline
	install -d $(DESTDIR)$(PREFIX)/share/trapline/tools
	install -m 644 $(TOOLS) $(DESTDIR)$(PREFIX)/share/trapline/tools
	install -D -m 644 man/trapline.1 $(DESTDIR)$(PREFIX)/share/man/man1/trapline.1
	install -D -m 644 $(B)/trapline-lang.7 $(DESTDIR)$(PREFIX)/share/man/man7/trapline-lang.7

clean:
	rm -rf build build-san

-include $(OBJS:.o=.d) $(B)/src/main.d $(wildcard $(B)/tests/*/*.d)
.SECONDARY:
