# trapline: `make` builds build/trapline. New files in src/*/ and tests/*/ are found by themselves.
#
#   make demo      installs what is missing, builds, and shows one real probe from start to end
#   make check     installs what the tests need and runs them all
#   make install   PREFIX=/usr/local DESTDIR=
#   SAN=1  address and undefined-behaviour sanitizers (in build-san/)      V=1  show the commands

CC ?= gcc
PREFIX ?= /usr/local
B := $(if $(SAN),build-san,build)
Q := $(if $(V),,@)

PKGS := libelf capstone
VERSION := 0.1

# Expanded only when something is compiled, so that `make demo` can install the packages first.
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS = $(CAPSTONE) $(shell pkg-config --libs libelf)

# capstone's tables are full of pointers: as a shared library, or in a position-independent program, all of
# them are relocated at every start, which is most of our memory. Its archive and a fixed address cost nothing.
CAPSTONE = $(firstword $(filter /%,$(shell $(CC) -print-file-name=libcapstone.a)) -lcapstone)
LINK_FLAGS = -no-pie -Wl,--gc-sections

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

.PHONY: all check demo install clean deps unit
all: $(B)/trapline

$(B)/trapline: $(B)/src/main.o $(B)/libtrapline.a
	@echo "  LINK  $@"
	$(Q)$(CC) $(SANFLAGS) $(CFLAGS) $(LINK_FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/libtrapline.a: $(OBJS)
	@echo "  AR    $@"
	$(Q)rm -f $@ && ar rcsP $@ $^

$(B)/%.o: %.c
	@echo "  CC    $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

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

deps:
	$(Q)scripts/install-deps build

demo: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/demo

check:
	$(Q)scripts/install-deps build check
	$(Q)$(MAKE) --no-print-directory all unit
	$(Q)tests/run

install: all
	install -D -m 755 $(B)/trapline $(DESTDIR)$(PREFIX)/bin/trapline
	install -D -m 644 man/trapline.1 $(DESTDIR)$(PREFIX)/share/man/man1/trapline.1

clean:
	rm -rf build build-san

-include $(OBJS:.o=.d) $(B)/src/main.d $(wildcard $(B)/tests/*/*.d)
.SECONDARY:
