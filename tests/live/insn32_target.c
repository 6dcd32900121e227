/* insn32_target.c - the same as insn_target.c for 32-bit programs: form_NAME for every instruction form of the
 * rules in src/sym/insn.c that is different there, or that 64-bit programs do not have. Compiled with -m32 and
 * run below a 64-bit kernel.
 *
 *	insn32_target			runs every form that this CPU has: `NAME RESULT` lines
 *	insn32_target NAME...		only these
 *	insn32_target --list		`NAME allowed|refused`: what trapline must say of a probe at form_NAME
 *
 * `NAME unsupported`: this CPU lacks it. `NAME notrun`: no program may run it, or it kills this one.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CALLS = 100, SCRATCH = 4096 };
#define SCRATCH_AT ((void *)0x10000000)	/* the same in every run: addresses go into the result */
#define STACK_AT ((void *)0x20000000)

/* What a form sees at its entry, and what it left; run_form() below knows the offsets. */
struct state {
	uint32_t gpr[6];		/* 0: ax bx cx dx si di */
	uint32_t flags;			/* 24 */
	uint32_t sp_moved;		/* 28 */
	unsigned char vector[5][32];	/* 32: ymm0..ymm4, or the lower half */
	uint32_t level;			/* 192: 0 SSE, 1 AVX */
	uint32_t host_sp;		/* 196 */
	uint32_t form_sp;		/* 200 */
	uint32_t state_sp;		/* 204 */
};

/* run_form(state, function): loads everything, calls, stores everything. The form's stack is a fixed one;
 * ebp belongs to run_form and holds the state across the call, so no form may change it. */
asm(".text\n.p2align 4\n.type run_form,@function\nrun_form:\n"
    "	push %ebp\n push %ebx\n push %esi\n push %edi\n"
    "	mov 20(%esp), %ebp\n"
    "	mov 24(%esp), %esi\n"
    "	mov %esp, 196(%ebp)\n"
    "	mov 200(%ebp), %esp\n"
    "	push %esi\n"
    "	cmpl $1, 192(%ebp)\n"
    "	je 1f\n"
    "	movups 32(%ebp), %xmm0\n movups 64(%ebp), %xmm1\n movups 96(%ebp), %xmm2\n"
    "	movups 128(%ebp), %xmm3\n movups 160(%ebp), %xmm4\n jmp 2f\n"
    "1:	vmovups 32(%ebp), %ymm0\n vmovups 64(%ebp), %ymm1\n vmovups 96(%ebp), %ymm2\n"
    "	vmovups 128(%ebp), %ymm3\n vmovups 160(%ebp), %ymm4\n"
    "2:	mov 0(%ebp), %eax\n mov 4(%ebp), %ebx\n mov 8(%ebp), %ecx\n mov 12(%ebp), %edx\n"
    "	mov 16(%ebp), %esi\n mov 20(%ebp), %edi\n"
    "	pushl 24(%ebp)\n"
    "	popf\n"
    "	call *(%esp)\n"
    "	mov %esp, 204(%ebp)\n"
    "	mov 196(%ebp), %esp\n"
    "	pushf\n"
    "	popl 24(%ebp)\n"
    "	cld\n"
    "	mov %eax, 0(%ebp)\n mov %ebx, 4(%ebp)\n mov %ecx, 8(%ebp)\n mov %edx, 12(%ebp)\n"
    "	mov %esi, 16(%ebp)\n mov %edi, 20(%ebp)\n"
    "	mov 200(%ebp), %eax\n"
    "	sub 204(%ebp), %eax\n"
    "	mov %eax, 28(%ebp)\n"
    "	cmpl $1, 192(%ebp)\n"
    "	je 1f\n"
    "	movups %xmm0, 32(%ebp)\n movups %xmm1, 64(%ebp)\n movups %xmm2, 96(%ebp)\n"
    "	movups %xmm3, 128(%ebp)\n movups %xmm4, 160(%ebp)\n jmp 2f\n"
    "1:	vmovups %ymm0, 32(%ebp)\n vmovups %ymm1, 64(%ebp)\n vmovups %ymm2, 96(%ebp)\n"
    "	vmovups %ymm3, 128(%ebp)\n vmovups %ymm4, 160(%ebp)\n vzeroupper\n"
    "2:	pop %edi\n pop %esi\n pop %ebx\n pop %ebp\n"
    "	ret\n"
    ".size run_form,.-run_form\n"
    ".section .rodata\n"
    ".p2align 6\n"
    "form_data:\n"
    "	.long 0x55667788, 0x11223344, 0xddeeff01, 0x99aabbcc, 0x89abcdef, 0x01234567, 0x76543210, 0xfedcba98\n"
    ".text\n"
    "form_exit:\n"
    "	add $5, %eax\n"
    "	ret\n");
void run_form(struct state *s, void (*form)(void));

/* NAME, what the CPU must have, what trapline must say, the code, and perhaps what has to be done before.
 * At entry: edi and esi point into the scratch memory, eax is small, ecx very small, 40(%edi) holds the address
 * of a function that returns, the rest is noise. */
#define FORMS(F) \
	/* imitated by the kernel ("emulated"): cheap */ \
	F(nop1, ANY, ALLOWED, "nop\n incl %eax\n ret") \
	F(nop2, ANY, ALLOWED, ".byte 0x66,0x90\n incl %eax\n ret") \
	F(nop3, ANY, ALLOWED, "nopl (%eax)\n incl %eax\n ret") \
	F(nop5, ANY, ALLOWED, ".byte 0x0f,0x1f,0x44,0,0\n incl %eax\n ret") \
	F(nop8, ANY, ALLOWED, ".byte 0x0f,0x1f,0x84,0,0,0,0,0\n incl %eax\n ret") \
	F(push_ebx, ANY, ALLOWED, "push %ebx\n pop %eax\n ret") \
	F(push_esp, ANY, ALLOWED, "push %esp\n pop %eax\n sub %esp, %eax\n ret") \
	F(push_ebp, ANY, ALLOWED, "push %ebp\n pop %edx\n xor %ebp, %edx\n ret") \
	F(jmp_short, ANY, ALLOWED, "jmp 1f\n mov $1, %eax\n ret\n1: mov $2, %eax\n ret") \
	F(jmp_near, ANY, ALLOWED, "jmp 1f\n mov $1, %eax\n ret\n .skip 200, 0x90\n1: mov $2, %eax\n ret") \
	F(jmp_back, ANY, ALLOWED, "jmp 1b\n", "jmp form_jmp_back\n1: mov $3, %eax\n ret\n") \
	F(jcc_short, ANY, ALLOWED, "jc 1f\n mov $1, %eax\n ret\n1: mov $2, %eax\n ret") \
	F(jcc_near, ANY, ALLOWED, "jnz 1f\n mov $1, %eax\n ret\n .skip 200, 0x90\n1: mov $2, %eax\n ret") \
	F(call_rel, ANY, ALLOWED, "call 1f\n incl %eax\n ret\n1: add %ebx, %eax\n ret") \
	F(call_next, ANY, ALLOWED, "call 1f\n1: pop %eax\n sub $1b, %eax\n ret") \
	/* single-stepped elsewhere, right */ \
	F(endbr32, ANY, ALLOWED, "endbr32\n incl %eax\n ret") \
	F(inc_eax, ANY, ALLOWED, "inc %eax\n ret") \
	F(inc_ecx, ANY, ALLOWED, ".byte 0x41\n ret") \
	F(dec_eax, ANY, ALLOWED, "dec %eax\n ret") \
	F(dec_edi, ANY, ALLOWED, ".byte 0x4f\n ret") \
	F(inc_nop, ANY, ALLOWED, ".byte 0x41\n nop\n ret") \
	F(inc16, ANY, ALLOWED, "inc %ax\n ret") \
	F(push_imm8, ANY, ALLOWED, "push $5\n pop %eax\n ret") \
	F(push_imm32, ANY, ALLOWED, "push $0x12345678\n pop %eax\n ret") \
	F(push_mem, ANY, ALLOWED, "push 8(%edi)\n pop %eax\n ret") \
	F(push16, ANY, ALLOWED, "push %bx\n pop %ax\n ret") \
	F(pop_reg, ANY, ALLOWED, "pop %eax\n push %eax\n xor %eax, %eax\n ret") \
	F(push_cs, ANY, ALLOWED, "push %cs\n pop %eax\n ret") \
	F(push_ss, ANY, ALLOWED, "push %ss\n pop %eax\n ret") \
	F(push_ds, ANY, ALLOWED, "push %ds\n pop %eax\n ret") \
	F(push_es, ANY, ALLOWED, "push %es\n pop %eax\n ret") \
	F(push_gs, ANY, ALLOWED, "push %gs\n pop %eax\n ret") \
	F(pop_gs, ANY, ALLOWED, "pop %gs\n ret", "push %gs\n") \
	F(pusha, ANY, ALLOWED, "pusha\n mov 16(%esp), %eax\n add $32, %esp\n ret") \
	F(popa, ANY, ALLOWED, "popa\n ret", "push %eax\n push %ecx\n push %edx\n push %ebx\n push %esp\n push %ebp\n push %esi\n push %ebx\n") \
	F(leave, ANY, ALLOWED, "leave\n ret", "push %ebp\n mov %esp, %ebp\n sub $64, %esp\n") \
	F(enter, ANY, ALLOWED, "enter $16, $0\n leave\n ret") \
	F(ret, ANY, ALLOWED, "ret\n mov $1, %eax\n ret") \
	F(ret_rep, ANY, ALLOWED, "rep ret\n mov $1, %eax\n ret") \
	F(ret_imm, ANY, ALLOWED, "ret $4\n mov $1, %eax\n ret", "pushl (%esp)\n") \
	F(ret_far, ANY, ALLOWED, "lret\n mov $1, %eax\n ret", "mov (%esp), %edx\n mov %cs, %ebx\n mov %ebx, (%esp)\n push %edx\n") \
	F(call_far, ANY, ALLOWED, "lcall $0x23, $1f\n incl %eax\n ret\n1: add %ebx, %eax\n lret") \
	F(jmp_far, ANY, ALLOWED, "ljmp $0x23, $1f\n mov $1, %eax\n ret\n1: mov $2, %eax\n ret") \
	F(sub_esp, ANY, ALLOWED, "sub $24, %esp\n add $24, %esp\n ret") \
	F(mov_esp_ebp, ANY, ALLOWED, "mov %esp, %ebx\n sub %esp, %ebx\n ret") \
	F(mov_arg, ANY, ALLOWED, "mov 4(%esp), %eax\n ret", "mov (%esp), %edx\n pushl 8(%edi)\n push %edx\n") \
	F(mov_load, ANY, ALLOWED, "mov 16(%edi), %eax\n ret") \
	F(mov_store, ANY, ALLOWED, "mov %ebx, 16(%edi)\n ret") \
	F(mov_abs, ANY, ALLOWED, "mov form_data, %ebx\n ret") \
	F(mov_abs_eax, ANY, ALLOWED, "mov 0x10000010, %eax\n ret") \
	F(movsbl_abs, ANY, ALLOWED, "movsbl form_data+3, %edx\n ret") \
	F(odd_rep_abs, ANY, ALLOWED, ".byte 0xf3\n movsbl form_data+3, %edx\n ret") \
	F(cmp_abs, ANY, ALLOWED, "cmpl $5, form_data\n setb %al\n ret") \
	F(lea, ANY, ALLOWED, "lea 5(%ebx,%ecx,4), %eax\n ret") \
	F(xor, ANY, ALLOWED, "xor %eax, %eax\n ret") \
	F(imul, ANY, ALLOWED, "imul %ebx, %eax\n ret") \
	F(shl_cl, ANY, ALLOWED, "shl %cl, %eax\n ret") \
	F(movzx, ANY, ALLOWED, "movzbl %bl, %eax\n ret") \
	F(xchg_eax_ecx, ANY, ALLOWED, "xchg %eax, %ecx\n ret") \
	F(cmpxchg8b, ANY, ALLOWED, "cmpxchg8b (%edi)\n ret") \
	F(xchg_mem, ANY, ALLOWED, "xchg %ebx, (%edi)\n ret") \
	F(gs_load, ANY, ALLOWED, "mov %gs:0, %eax\n mov %gs:(0), %ecx\n sub %ecx, %eax\n xor %ecx, %ecx\n ret") \
	F(call_gs, ANY, ALLOWED, "call *%gs:0x10\n mov $0, %eax\n mov $0, %ecx\n mov $0, %edx\n ret", "mov $20, %eax\n") \
	F(daa, ANY, ALLOWED, "daa\n ret") \
	F(das, ANY, ALLOWED, "das\n ret") \
	F(aaa, ANY, ALLOWED, "aaa\n ret") \
	F(aas, ANY, ALLOWED, "aas\n ret") \
	F(aam, ANY, ALLOWED, "aam\n ret") \
	F(aad, ANY, ALLOWED, "aad\n ret") \
	F(salc, ANY, ALLOWED, ".byte 0xd6\n ret") \
	F(op82, ANY, ALLOWED, ".byte 0x82,0xc0,0x05\n ret") \
	F(bound, ANY, ALLOWED, "bound %eax, (%edi)\n ret", "movl $0, (%edi)\n movl $0x7fffffff, 4(%edi)\n") \
	F(les, ANY, ALLOWED, "les (%edi), %eax\n ret", "mov %es, %ebx\n mov %ebx, 4(%edi)\n") \
	F(lds, ANY, ALLOWED, "lds (%edi), %eax\n ret", "mov %ds, %ebx\n mov %ebx, 4(%edi)\n") \
	F(arpl, ANY, ALLOWED, "arpl %bx, %ax\n ret") \
	F(movs, ANY, ALLOWED, "movsl\n ret") \
	F(cmc, ANY, ALLOWED, "cmc\n ret") \
	F(lahf, ANY, ALLOWED, "lahf\n ret") \
	F(popf, ANY, ALLOWED, "popf\n ret", "push $0x8d7\n") \
	F(loop, ANY, ALLOWED, "loop 1f\n mov $1, %eax\n ret\n1: mov $2, %eax\n ret") \
	F(jecxz, ANY, ALLOWED, "jecxz 1f\n mov $1, %eax\n ret\n1: mov $2, %eax\n ret") \
	F(jmp_reg, ANY, ALLOWED, "jmp *%edx\n mov $1, %eax\n ret", "mov $form_exit, %edx\n") \
	F(jmp_mem, ANY, ALLOWED, "jmp *40(%edi)\n mov $1, %eax\n ret") \
	F(call_reg, ANY, ALLOWED, "call *%edx\n incl %eax\n ret", "mov $form_exit, %edx\n") \
	F(call_mem, ANY, ALLOWED, "call *40(%edi)\n incl %eax\n ret") \
	F(x87, ANY, ALLOWED, "fildll (%edi)\n fistpll 8(%edi)\n ret") \
	F(sse_movups, ANY, ALLOWED, "movups %xmm1, (%edi)\n ret") \
	F(sse_abs, ANY, ALLOWED, "paddd form_data, %xmm0\n ret") \
	F(sse_pshufd, ANY, ALLOWED, "pshufd $0x1b, %xmm1, %xmm0\n ret") \
	/* VEX whose opcode byte the kernel takes for nothing special in 32-bit programs */ \
	F(vex_vpaddd, AVX2, ALLOWED, "vpaddd %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_abs, AVX2, ALLOWED, "vpaddd form_data, %ymm2, %ymm0\n ret") \
	F(vex_vmovups, AVX, ALLOWED, "vmovups 64(%edi), %ymm0\n ret") \
	F(vex_vcomiss, AVX, ALLOWED, "vcomiss %xmm1, %xmm0\n ret") \
	F(vex_vpunpcklbw, AVX2, ALLOWED, "vpunpcklbw %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vperm2f128, AVX, ALLOWED, "vperm2f128 $1, %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vpaddq, AVX2, ALLOWED, "vpaddq %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vtestps, AVX, ALLOWED, "vtestps %ymm1, %ymm0\n ret") \
	F(vex_vmovhps, AVX, ALLOWED, "vmovhps (%edi), %xmm1, %xmm0\n ret") \
	F(vex_vpabsd, AVX2, ALLOWED, "vpabsd %ymm1, %ymm0\n ret") \
	F(vex_vpcmpgtq, AVX2, ALLOWED, "vpcmpgtq %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vpmaxud, AVX2, ALLOWED, "vpmaxud %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vpmullw, AVX2, ALLOWED, "vpmullw %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vpshufb, AVX2, ALLOWED, "vpshufb %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_shlx, BMI, ALLOWED, "shlx %ecx, %ebx, %eax\n ret") \
	F(vex_vfmadd231, FMA, ALLOWED, "vfmadd231ps %ymm1, %ymm2, %ymm0\n ret") \
	/* the kernel takes the opcode byte for that of a branch or a nop: it would be skipped */ \
	F(skip_vpshufd, AVX2, REFUSED, "vpshufd $0x1b, %ymm1, %ymm0\n ret") \
	F(skip_vpcmpeqb, AVX2, REFUSED, "vpcmpeqb %ymm1, %ymm2, %ymm0\n ret") \
	F(skip_vzeroupper, AVX, REFUSED, "vzeroupper\n ret") \
	F(skip_vmovd_gpr, AVX, REFUSED, "vmovd %xmm1, %eax\n ret") \
	F(skip_vmovdqu_store, AVX, REFUSED, "vmovdqu %ymm1, (%edi)\n ret") \
	F(skip_vpsubsb, AVX2, REFUSED, "vpsubsb %ymm1, %ymm2, %ymm0\n ret") \
	F(skip_vpor, AVX2, REFUSED, "vpor %ymm1, %ymm2, %ymm0\n ret") \
	/* the kernel takes the opcode byte for ret, popf or a far branch and repairs the wrong things afterwards */ \
	F(fix_vcmpps, AVX, REFUSED, "vcmpltps %ymm1, %ymm2, %ymm0\n call form_exit\n ret") \
	F(fix_vpminsw, AVX2, REFUSED, "vpminsw %ymm1, %ymm2, %ymm0\n call form_exit\n ret") \
	F(fix_vfmsub132ps, FMA, REFUSED, "vfmsub132ps %ymm1, %ymm2, %ymm0\n ret") \
	F(fix_vfnmadd132ss, FMA, REFUSED, "vfnmadd132ss %xmm1, %xmm2, %xmm0\n ret") \
	/* the kernel refuses it; without a process that maps the file it does so without a word */ \
	F(dead_vpxor, AVX2, REFUSED, "vpxor %ymm1, %ymm2, %ymm0\n ret") \
	F(dead_vmovdqu_load, AVX, REFUSED, "vmovdqu (%edi), %ymm0\n ret") \
	F(dead_vptest, AVX, REFUSED, "vptest %ymm1, %ymm0\n ret") \
	F(dead_vpsubd, AVX2, REFUSED, "vpsubd %ymm1, %ymm2, %ymm0\n ret") \
	F(dead_lock, ANY, REFUSED, "lock incl (%edi)\n ret") \
	F(dead_cs_nop, ANY, REFUSED, ".byte 0x66,0x2e,0x0f,0x1f,0x84,0,0,0,0,0\n ret") \
	F(dead_ds, ANY, REFUSED, ".byte 0x3e\n mov (%edi), %eax\n ret") \
	F(dead_es, ANY, REFUSED, ".byte 0x26\n mov (%edi), %eax\n ret") \
	F(dead_pop_es, ANY, REFUSED, "pop %es\n ret", "push %es\n") \
	F(dead_pop_ds, ANY, REFUSED, "pop %ds\n ret", "push %ds\n") \
	F(dead_pop_ss, ANY, REFUSED, "pop %ss\n ret", "push %ss\n") \
	F(dead_mov_ss, ANY, REFUSED, "mov %ebx, %ss\n ret", "mov %ss, %ebx\n") \
	F(dead_int80, ANY, REFUSED, "int $0x80\n mov $1, %eax\n ret", "mov $20, %eax\n") \
	F(dead_jcc16, NEVER, REFUSED, ".byte 0x66,0x0f,0x85,0,0,0,0\n ret") \
	F(dead_call16, NEVER, REFUSED, ".byte 0x66,0xe8,0,0,0,0\n ret") \
	F(dead_hlt, NEVER, REFUSED, "hlt\n ret") \
	F(dead_in, NEVER, REFUSED, "in (%dx), %al\n ret") \
	F(dead_into, NEVER, REFUSED, "into\n ret") \
	F(dead_iret, NEVER, REFUSED, "iret\n ret") \
	F(kill_syscall, NEVER, REFUSED, "syscall\n ret") \
	F(kill_sysenter, NEVER, REFUSED, "sysenter\n ret") \
	/* right, but the probe fires for every repetition */ \
	F(many_rep_stos, ANY, REFUSED, "rep stosb\n ret") \
	/* it kills or misleads the program in other ways */ \
	F(kill_pushf, ANY, REFUSED, "pushf\n pop %eax\n ret") \
	F(kill_pause, ANY, REFUSED, "pause\n incl %eax\n ret")

enum needs { ANY, AVX, AVX2, BMI, FMA, NEVER };
enum verdict { ALLOWED, REFUSED };

/* The preparation stands in front of form_NAME and runs into it; the call goes there, to before_NAME. */
#define DEFINE(name, needs, verdict, text, ...) \
	asm(".text\n.p2align 4\n" \
	    "before_" #name ":\n" __VA_ARGS__ "\n" \
	    ".globl form_" #name "\n.type form_" #name ",@function\n" \
	    "form_" #name ":\n" text "\n" \
	    ".size form_" #name ",.-form_" #name "\n"); \
	extern void name##_code(void) asm("before_" #name);
FORMS(DEFINE)

static const struct form {
	const char *name;
	enum needs needs;
	enum verdict verdict;
	void (*code)(void);
} forms[] = {
#define ROW(name, needs, verdict, ...) { #name, needs, verdict, name##_code },
	FORMS(ROW)
};

static bool cpu_has(enum needs n)
{
	switch (n) {
	case ANY:	return true;
	case AVX:	return __builtin_cpu_supports("avx");
	case AVX2:	return __builtin_cpu_supports("avx2");
	case BMI:	return __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
	case FMA:	return __builtin_cpu_supports("fma");
	case NEVER:	break;
	}
	return false;
}

static uint64_t noise_state;

static uint64_t noise(void)
{
	noise_state = noise_state * 6364136223846793005u + 1442695040888963407u;
	return noise_state >> 33 ^ noise_state << 15;
}

static uint64_t mix(uint64_t sum, const void *data, size_t n)
{
	const unsigned char *p = data;

	while (n--)
		sum = (sum ^ *p++) * 1099511628211u;
	return sum;
}

static void prepare(struct state *s, unsigned char *scratch, unsigned call)
{
	extern void form_exit(void) asm("form_exit");
	void (*exit_at)(void) = form_exit;
	unsigned char *edi = scratch + 0x400;

	for (unsigned i = 0; i < 6; i++)
		s->gpr[i] = (uint32_t)noise();
	for (unsigned v = 0; v < 5; v++)
		for (unsigned i = 0; i < 32; i += 4) {
			float f = (float)(int)(noise() % 2001) - 1000;

			memcpy(s->vector[v] + i, &f, 4);	/* numbers: no slow or trapping floats */
		}
	for (unsigned i = 0; i < SCRATCH; i++)
		scratch[i] = (unsigned char)noise();
	s->flags = 0x202 | (noise() & 0x8d5);
	s->gpr[0] = noise() % 2000;
	s->gpr[2] = 1 + call % 7;
	s->gpr[4] = (uint32_t)(uintptr_t)(scratch + 0x800);
	s->gpr[5] = (uint32_t)(uintptr_t)edi;
	memcpy(edi + 40, &exit_at, 4);
	if (call % 2)
		memcpy(edi, &s->gpr[0], 4);		/* cmpxchg succeeds */
}

/* Everything that the form left. */
static uint64_t outcome(uint64_t sum, struct state *s, unsigned char *scratch)
{
	sum = mix(sum, s->gpr, sizeof(s->gpr));
	sum = mix(sum, &s->flags, sizeof(s->flags));
	sum = mix(sum, &s->sp_moved, sizeof(s->sp_moved));
	sum = mix(sum, s->vector, sizeof(s->vector));
	return mix(sum, scratch, SCRATCH);
}

static void *fixed_pages(void *at, size_t n)
{
	void *p = mmap(at, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != at) {
		perror("insn32_target: mmap");
		exit(2);
	}
	return p;
}

static void run(const struct form *f, unsigned char *scratch, unsigned char *stack_end)
{
	static struct state s;
	uint64_t sum = 14695981039346656037u;

	if (f->needs == NEVER || !cpu_has(f->needs)) {
		printf("%s %s\n", f->name, f->needs == NEVER ? "notrun" : "unsupported");
		return;
	}
	noise_state = 1;
	s.level = cpu_has(AVX);
	for (unsigned call = 0; call < CALLS; call++) {
		prepare(&s, scratch, call);
		s.form_sp = (uint32_t)(uintptr_t)stack_end;
		run_form(&s, f->code);
		sum = outcome(sum, &s, scratch);
	}
	printf("%s %016llx\n", f->name, (unsigned long long)sum);
	fflush(stdout);
}

static bool wanted(const struct form *f, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], f->name))
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	bool list = argc == 2 && !strcmp(argv[1], "--list");
	unsigned char *scratch = fixed_pages(SCRATCH_AT, SCRATCH);
	unsigned char *stack = fixed_pages(STACK_AT, 65536);

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (list)
			printf("%s %s\n", forms[i].name, forms[i].verdict == ALLOWED ? "allowed" : "refused");
		else if (wanted(&forms[i], argc, argv))
			run(&forms[i], scratch, stack + 32768);
	return 0;
}
