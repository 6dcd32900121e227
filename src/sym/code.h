/* code.h - a piece of code, decoded instruction by instruction; nobody outside of sym/ includes it.
 *
 *	insn.c		implements it
 *	returns.c	where a function ends
 *
 * For x86-64, 32-bit x86 and arm64, which capstone decodes.
 */
#ifndef SYM_CODE_H
#define SYM_CODE_H

#include <capstone/capstone.h>

#include "sym/sym.h"

enum {
	MAX_LENGTH = 15,		/* of an x86 instruction */
	MAX_DECODED = 8 << 20,		/* bytes of a function that are looked at */
};

struct code {
	int machine;
	csh cs;
	uint64_t start, end;		/* addresses */
	unsigned char *bytes;		/* with MAX_LENGTH + 3 zeros behind them */
	size_t n;
};

/* Reads start..end, as far as the file has bytes and at most MAX_DECODED of them. False when there is no decoder for
 * the machine. Give it back with code_release() in both cases. */
bool code_open(struct code *c, struct elf_file *e, uint64_t start, uint64_t end);
void code_release(struct code *c);
/* Where the function that holds the address starts and ends: by its symbol, else by .eh_frame. A guessed size may be
 * too small: then it goes on at least to the address. */
bool code_range(struct elf_file *e, const struct symbol *function, uint64_t address, uint64_t *start, uint64_t *end);
/* Decodes the instruction at the address into insn (of cs_malloc()). False when its bytes mean nothing. An instruction
 * that capstone does not know, but whose length is sure (of vectors; all of arm64), has no name (id 0). */
bool code_decode(const struct code *c, uint64_t address, cs_insn *insn);
bool code_in_group(const struct code *c, const cs_insn *insn, unsigned group);
/* Leaves the straight way: jumps, calls, returns, interrupts. */
bool code_is_branch(const struct code *c, const cs_insn *insn);
/* The address that a direct jump goes to. */
bool code_jump_target(const struct code *c, const cs_insn *insn, uint64_t *target);
/* Of a jump: is it taken only sometimes? */
bool code_is_conditional(const struct code *c, const cs_insn *insn);
/* A jump to where a register or memory says. */
bool code_is_indirect_jump(const struct code *c, const cs_insn *insn);
/* Can a jump of the function lead to an address in first..last? Bytes that cannot be decoded are stepped over one at a
 * time. */
bool code_jumped_into(const struct code *c, uint64_t first, uint64_t last);
/* Does the instruction write the register (kernel name)? True also when nobody can tell. */
bool code_writes_register(const struct code *c, const cs_insn *insn, const char *kernel_reg);

#endif
