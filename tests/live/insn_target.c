/* insn_target.c - one small function for every instruction form of the rules in src/sym/insn.c, each with
 * that form as its first instruction: form_NAME.
 *
 * A uprobe makes the kernel run a program's instruction somewhere else, or imitate it. Whether it does that
 * right can be seen only from outside: every form is called many times with all registers, flags, vector
 * registers and a piece of memory set to a known state, and everything that it left behind goes into one
 * number. If the instruction was skipped, or done differently, the number changes.
 *
 *	insn_target			runs every form that this CPU has: `NAME RESULT` lines
 *	insn_target NAME...		only these
 *	insn_target --list		`NAME allowed|refused`: what trapline must say of a probe at form_NAME
 *
 * `NAME unsupported`: this CPU lacks it. `NAME notrun`: no program may run it (privileged).
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
	uint64_t gpr[14];		/* 0: ax bx cx dx si di r8..r15 */
	uint64_t flags;			/* 112 */
	uint64_t sp_moved;		/* 120 */
	unsigned char vector[8][64];	/* 128: zmm0..zmm7, or what of them the CPU has */
	uint64_t mask[2];		/* 640: k1, k2 */
	uint64_t level;			/* 656: 0 SSE, 1 AVX, 2 AVX-512 */
	uint64_t host_sp;		/* 664 */
	uint64_t form_sp;		/* 672 */
	uint64_t state_sp;		/* 680 */
};

/* run_form(state, function): loads everything, calls, stores everything. The form's stack is a fixed one;
 * rbp belongs to run_form and holds the state across the call, so no form may change it. */
asm(".text\n.p2align 4\n.type run_form,@function\nrun_form:\n"
    "	push %rbp\n push %rbx\n push %r12\n push %r13\n push %r14\n push %r15\n"
    "	mov %rdi, %rbp\n"
    "	mov %rsp, 664(%rbp)\n"
    "	mov 672(%rbp), %rsp\n"
    "	push %rsi\n"
    "	cmpq $1, 656(%rbp)\n"
    "	ja 2f\n"
    "	je 1f\n"
    "	movups 128(%rbp), %xmm0\n movups 192(%rbp), %xmm1\n movups 256(%rbp), %xmm2\n"
    "	movups 320(%rbp), %xmm3\n movups 384(%rbp), %xmm4\n jmp 3f\n"
    "1:	vmovups 128(%rbp), %ymm0\n vmovups 192(%rbp), %ymm1\n vmovups 256(%rbp), %ymm2\n"
    "	vmovups 320(%rbp), %ymm3\n vmovups 384(%rbp), %ymm4\n jmp 3f\n"
    "2:	vmovups 128(%rbp), %zmm0\n vmovups 192(%rbp), %zmm1\n vmovups 256(%rbp), %zmm2\n"
    "	vmovups 320(%rbp), %zmm3\n vmovups 384(%rbp), %zmm4\n"
    "	kmovq 640(%rbp), %k1\n kmovq 648(%rbp), %k2\n"
    "3:	mov 0(%rbp), %rax\n mov 8(%rbp), %rbx\n mov 16(%rbp), %rcx\n mov 24(%rbp), %rdx\n"
    "	mov 32(%rbp), %rsi\n mov 40(%rbp), %rdi\n mov 48(%rbp), %r8\n mov 56(%rbp), %r9\n"
    "	mov 64(%rbp), %r10\n mov 72(%rbp), %r11\n mov 80(%rbp), %r12\n mov 88(%rbp), %r13\n"
    "	mov 96(%rbp), %r14\n mov 104(%rbp), %r15\n"
    "	pushq 112(%rbp)\n"
    "	popfq\n"
    "	call *(%rsp)\n"
    "	mov %rsp, 680(%rbp)\n"
    "	mov 664(%rbp), %rsp\n"
    "	pushfq\n"
    "	popq 112(%rbp)\n"
    "	cld\n"
    "	mov %rax, 0(%rbp)\n mov %rbx, 8(%rbp)\n mov %rcx, 16(%rbp)\n mov %rdx, 24(%rbp)\n"
    "	mov %rsi, 32(%rbp)\n mov %rdi, 40(%rbp)\n mov %r8, 48(%rbp)\n mov %r9, 56(%rbp)\n"
    "	mov %r10, 64(%rbp)\n mov %r11, 72(%rbp)\n mov %r12, 80(%rbp)\n mov %r13, 88(%rbp)\n"
    "	mov %r14, 96(%rbp)\n mov %r15, 104(%rbp)\n"
    "	mov 672(%rbp), %rax\n"
    "	sub 680(%rbp), %rax\n"
    "	mov %rax, 120(%rbp)\n"
    "	cmpq $1, 656(%rbp)\n"
    "	ja 2f\n"
    "	je 1f\n"
    "	movups %xmm0, 128(%rbp)\n movups %xmm1, 192(%rbp)\n movups %xmm2, 256(%rbp)\n"
    "	movups %xmm3, 320(%rbp)\n movups %xmm4, 384(%rbp)\n jmp 3f\n"
    "1:	vmovups %ymm0, 128(%rbp)\n vmovups %ymm1, 192(%rbp)\n vmovups %ymm2, 256(%rbp)\n"
    "	vmovups %ymm3, 320(%rbp)\n vmovups %ymm4, 384(%rbp)\n vzeroupper\n jmp 3f\n"
    "2:	vmovups %zmm0, 128(%rbp)\n vmovups %zmm1, 192(%rbp)\n vmovups %zmm2, 256(%rbp)\n"
    "	vmovups %zmm3, 320(%rbp)\n vmovups %zmm4, 384(%rbp)\n"
    "	kmovq %k1, 640(%rbp)\n kmovq %k2, 648(%rbp)\n vzeroupper\n"
    "3:	pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbx\n pop %rbp\n"
    "	ret\n"
    ".size run_form,.-run_form\n"
    ".section .rodata\n"
    ".p2align 6\n"
    "form_data:\n"
    "	.quad 0x1122334455667788, 0x99aabbccddeeff01, 0x0123456789abcdef, 0xfedcba9876543210\n"
    "	.quad 0x1122334455667789, 0x99aabbccddeeff02, 0x0123456789abcde0, 0xfedcba9876543211\n"
    ".data\n.p2align 3\n"
    "form_word: .quad 77\n"
    "form_pointer: .quad form_exit\n"
    ".text\n"
    "form_exit:\n"
    "	add $5, %eax\n"
    "	ret\n");
void run_form(struct state *s, void (*form)(void));

/* NAME, what the CPU must have, what trapline must say, the code, and perhaps what has to be done before.
 * At entry: rdi and rsi point into the scratch memory, rax is small, rcx very small, r14 is 8, r15 and
 * 40(%rdi) hold the address of a function that returns, the rest is noise. */
#define FORMS(F) \
	/* imitated by the kernel ("emulated"): cheap */ \
	F(nop1, ANY, ALLOWED, "nop\n incl %eax\n ret") \
	F(nop2, ANY, ALLOWED, ".byte 0x66,0x90\n incl %eax\n ret") \
	F(nop3, ANY, ALLOWED, "nopl (%rax)\n incl %eax\n ret") \
	F(nop4, ANY, ALLOWED, ".byte 0x0f,0x1f,0x40,0\n incl %eax\n ret") \
	F(nop5, ANY, ALLOWED, ".byte 0x0f,0x1f,0x44,0,0\n incl %eax\n ret") \
	F(nop6, ANY, ALLOWED, ".byte 0x66,0x0f,0x1f,0x44,0,0\n incl %eax\n ret") \
	F(nop7, ANY, ALLOWED, ".byte 0x0f,0x1f,0x80,0,0,0,0\n incl %eax\n ret") \
	F(nop8, ANY, ALLOWED, ".byte 0x0f,0x1f,0x84,0,0,0,0,0\n incl %eax\n ret") \
	F(nop9, ANY, ALLOWED, ".byte 0x66,0x0f,0x1f,0x84,0,0,0,0,0\n incl %eax\n ret") \
	F(push_rbx, ANY, ALLOWED, "push %rbx\n pop %rax\n ret") \
	F(push_rsp, ANY, ALLOWED, "push %rsp\n pop %rax\n sub %rsp, %rax\n ret") \
	F(push_r12, ANY, ALLOWED, "push %r12\n pop %rax\n ret") \
	F(jmp_short, ANY, ALLOWED, "jmp 1f\n mov $1, %eax\n ret\n1: mov $2, %eax\n ret") \
	F(jmp_near, ANY, ALLOWED, "jmp 1f\n mov $1, %eax\n ret\n .skip 200, 0x90\n1: mov $2, %eax\n ret") \
	F(jmp_bnd, ANY, ALLOWED, ".byte 0xf2\n jmp 1f\n mov $1, %eax\n ret\n1: mov $2, %eax\n ret") \
	F(jcc_short, ANY, ALLOWED, "jc 1f\n mov $1, %eax\n ret\n1: mov $2, %eax\n ret") \
	F(jcc_near, ANY, ALLOWED, "jnz 1f\n mov $1, %eax\n ret\n .skip 200, 0x90\n1: mov $2, %eax\n ret") \
	F(jcc_le, ANY, ALLOWED, "jle 1f\n mov $1, %eax\n ret\n1: mov $2, %eax\n ret") \
	F(call_rel, ANY, ALLOWED, "call 1f\n incl %eax\n ret\n1: add %ebx, %eax\n ret") \
	/* single-stepped elsewhere, right */ \
	F(endbr64, ANY, ALLOWED, "endbr64\n incl %eax\n ret") \
	F(push_rexw, ANY, ALLOWED, ".byte 0x48,0x53\n pop %rax\n ret") \
	F(push_imm8, ANY, ALLOWED, "push $5\n pop %rax\n ret") \
	F(push_imm32, ANY, ALLOWED, "push $0x12345678\n pop %rax\n ret") \
	F(push_mem, ANY, ALLOWED, "push 8(%rdi)\n pop %rax\n ret") \
	F(push16, ANY, ALLOWED, "push %bx\n pop %ax\n ret") \
	F(pop_reg, ANY, ALLOWED, "pop %rax\n push %rax\n xor %eax, %eax\n ret") \
	F(leave, ANY, ALLOWED, "leave\n ret", "push %rbp\n mov %rsp, %rbp\n sub $64, %rsp\n") \
	F(enter, ANY, ALLOWED, "enter $16, $0\n leave\n ret") \
	F(ret, ANY, ALLOWED, "ret\n mov $1, %eax\n ret") \
	F(ret_rep, ANY, ALLOWED, "rep ret\n mov $1, %eax\n ret") \
	F(ret_bnd, ANY, ALLOWED, ".byte 0xf2\n ret\n mov $1, %eax\n ret") \
	F(xbegin, RTM, ALLOWED, "xbegin 1f\n1: mov $3, %eax\n ret") \
	F(ret_far, ANY, ALLOWED, "lretq\n mov $1, %eax\n ret", "pushq (%rsp)\n movq $0x33, 8(%rsp)\n") \
	F(ret_imm, ANY, ALLOWED, "ret $8\n mov $1, %eax\n ret", "pushq (%rsp)\n") \
	F(sub_rsp, ANY, ALLOWED, "sub $24, %rsp\n add $24, %rsp\n ret") \
	F(mov_reg, ANY, ALLOWED, "mov %rbx, %rax\n ret") \
	F(mov_imm, ANY, ALLOWED, "mov $7, %eax\n ret") \
	F(mov_imm64, ANY, ALLOWED, "movabs $0x123456789abcdef0, %rax\n ret") \
	F(mov_load, ANY, ALLOWED, "mov 16(%rdi), %rax\n ret") \
	F(mov_store, ANY, ALLOWED, "mov %rbx, 16(%rdi)\n ret") \
	F(mov_moffs, ANY, ALLOWED, "movabs 0x10000010, %eax\n ret") \
	F(mov_riprel, ANY, ALLOWED, "mov form_data(%rip), %rax\n ret") \
	F(mov_riprel_si, ANY, ALLOWED, "mov form_data(%rip), %rsi\n ret") \
	F(mov_riprel_di, ANY, ALLOWED, "mov form_data(%rip), %rdi\n ret") \
	F(mov_riprel_r14, ANY, ALLOWED, "mov form_data(%rip), %r14\n ret") \
	F(lea_riprel, ANY, ALLOWED, "lea form_data(%rip), %rax\n mov (%rax), %rax\n ret") \
	F(cmp_riprel, ANY, ALLOWED, "cmpl $5, form_data(%rip)\n setb %al\n ret") \
	F(lea, ANY, ALLOWED, "lea 5(%rbx,%r14,4), %rax\n ret") \
	F(test, ANY, ALLOWED, "test %rbx, %rbx\n ret") \
	F(cmp, ANY, ALLOWED, "cmp %rcx, %rbx\n ret") \
	F(xor, ANY, ALLOWED, "xor %eax, %eax\n ret") \
	F(imul, ANY, ALLOWED, "imul %rbx, %rax\n ret") \
	F(mul, ANY, ALLOWED, "mul %rbx\n ret") \
	F(div, ANY, ALLOWED, "divb %r14b\n ret") \
	F(shl_cl, ANY, ALLOWED, "shl %cl, %rax\n ret") \
	F(movslq, ANY, ALLOWED, "movslq %ebx, %rax\n ret") \
	F(movzx, ANY, ALLOWED, "movzbl %bl, %eax\n ret") \
	F(cmov, ANY, ALLOWED, "cmovc %rbx, %rax\n ret") \
	F(setcc, ANY, ALLOWED, "setc %al\n ret") \
	F(bsf, ANY, ALLOWED, "bsf %rbx, %rax\n ret") \
	F(bswap, ANY, ALLOWED, "bswap %rax\n ret") \
	F(xchg_rax_rcx, ANY, ALLOWED, "xchg %rax, %rcx\n ret") \
	F(cmpxchg, ANY, ALLOWED, "cmpxchg %rbx, (%rdi)\n ret") \
	F(cmpxchg_riprel, ANY, ALLOWED, "cmpxchg %rbx, form_word(%rip)\n ret") \
	F(cmpxchg16b, ANY, ALLOWED, "cmpxchg16b (%rdi)\n ret") \
	F(xadd, ANY, ALLOWED, "xadd %rbx, (%rdi)\n ret") \
	F(xchg_mem, ANY, ALLOWED, "xchg %rbx, (%rdi)\n ret") \
	F(fs_load, ANY, ALLOWED, "mov %fs:0, %rax\n mov %fs:(0), %rcx\n sub %rcx, %rax\n xor %ecx, %ecx\n ret") \
	F(movs, ANY, ALLOWED, "movsq\n ret") \
	F(cld, ANY, ALLOWED, "cld\n ret") \
	F(std, ANY, ALLOWED, "std\n stosb\n cld\n ret") \
	F(cmc, ANY, ALLOWED, "cmc\n ret") \
	F(lahf, ANY, ALLOWED, "lahf\n ret") \
	F(popf, ANY, ALLOWED, "popfq\n ret", "pushq $0x8d7\n") \
	F(loop, ANY, ALLOWED, "loop 1f\n mov $1, %eax\n ret\n1: mov $2, %eax\n ret") \
	F(jrcxz, ANY, ALLOWED, "jrcxz 1f\n mov $1, %eax\n ret\n1: mov $2, %eax\n ret") \
	F(jmp_reg, ANY, ALLOWED, "jmp *%r15\n mov $1, %eax\n ret") \
	F(jmp_mem, ANY, ALLOWED, "jmp *40(%rdi)\n mov $1, %eax\n ret") \
	F(call_reg, ANY, ALLOWED, "call *%r15\n incl %eax\n ret") \
	F(call_mem, ANY, ALLOWED, "call *40(%rdi)\n incl %eax\n ret") \
	F(call_riprel, ANY, ALLOWED, "call *form_pointer(%rip)\n incl %eax\n ret") \
	F(call_rex, ANY, ALLOWED, ".byte 0x48\n call 1f\n incl %eax\n ret\n1: add %ebx, %eax\n ret") \
	F(cpuid, ANY, ALLOWED, "cpuid\n xor %eax, %eax\n xor %ebx, %ebx\n setnz %al\n ret") \
	F(rdtsc, ANY, ALLOWED, "rdtsc\n cmp %ebx, %eax\n mov $0, %eax\n mov $0, %edx\n mov $7, %ebx\n test %eax, %eax\n ret") \
	F(mfence, ANY, ALLOWED, "mfence\n incl %eax\n ret") \
	F(stmxcsr, ANY, ALLOWED, "stmxcsr (%rdi)\n ret") \
	F(prefetch, ANY, ALLOWED, "prefetcht0 (%rdi)\n incl %eax\n ret") \
	F(x87, ANY, ALLOWED, "fildq (%rdi)\n fistpq 8(%rdi)\n ret") \
	F(crc32, SSE42, ALLOWED, "crc32q %rbx, %rax\n ret") \
	F(popcnt, SSE42, ALLOWED, "popcnt %rbx, %rax\n ret") \
	F(movbe, MOVBE, ALLOWED, "movbe (%rdi), %rax\n ret") \
	F(sse_movups, ANY, ALLOWED, "movups %xmm1, (%rdi)\n ret") \
	F(sse_movdqa, ANY, ALLOWED, "movdqa %xmm1, %xmm0\n ret") \
	F(sse_pxor, ANY, ALLOWED, "pxor %xmm1, %xmm0\n ret") \
	F(sse_por, ANY, ALLOWED, "por %xmm1, %xmm0\n ret") \
	F(sse_pshufd, ANY, ALLOWED, "pshufd $0x1b, %xmm1, %xmm0\n ret") \
	F(sse_cmpps, ANY, ALLOWED, "cmpltps %xmm1, %xmm0\n ret") \
	F(sse_pinsrw, ANY, ALLOWED, "pinsrw $3, %ebx, %xmm0\n ret") \
	F(sse_pshufb, SSE42, ALLOWED, "pshufb %xmm1, %xmm0\n ret") \
	F(sse_roundps, SSE42, ALLOWED, "roundps $1, %xmm1, %xmm0\n ret") \
	F(sse_pcmpistri, SSE42, ALLOWED, "pcmpistri $0, %xmm1, %xmm0\n ret") \
	F(sse_riprel, ANY, ALLOWED, "paddd form_data(%rip), %xmm0\n ret") \
	F(sse_maskmovdqu, ANY, ALLOWED, "maskmovdqu %xmm1, %xmm0\n ret") \
	/* VEX and EVEX whose opcode byte the kernel takes for nothing special */ \
	F(vex_vpaddd, AVX2, ALLOWED, "vpaddd %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vmovups, AVX, ALLOWED, "vmovups 64(%rdi), %ymm0\n ret") \
	F(vex_vxorps, AVX, ALLOWED, "vxorps %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vpcmpgtb, AVX2, ALLOWED, "vpcmpgtd %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vshufps, AVX, ALLOWED, "vshufps $0x1b, %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vpinsrw, AVX, ALLOWED, "vpinsrw $3, %ebx, %xmm1, %xmm0\n ret") \
	F(vex_vpextrw, AVX, ALLOWED, "vpextrw $3, %xmm1, %eax\n ret") \
	F(vex_vpshufb, AVX2, ALLOWED, "vpshufb %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vucomiss, AVX, ALLOWED, "vucomiss %xmm1, %xmm0\n ret") \
	F(vex_vpalignr, AVX, ALLOWED, "vpalignr $3, %xmm1, %xmm2, %xmm0\n ret") \
	F(evex_vptestmb, AVX512, ALLOWED, "vptestmb %zmm1, %zmm2, %k1\n ret") \
	F(vex_vsqrtps, AVX, ALLOWED, "vsqrtps %ymm1, %ymm0\n ret") \
	F(vex_vandps, AVX, ALLOWED, "vandps %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vinserti128, AVX2, ALLOWED, "vinserti128 $1, %xmm1, %ymm2, %ymm0\n ret") \
	F(vex_riprel, AVX2, ALLOWED, "vpaddd form_data(%rip), %ymm2, %ymm0\n ret") \
	F(vex3_riprel, AVX2, ALLOWED, "vpshufb form_data(%rip), %ymm2, %ymm8\n vmovups %ymm8, %ymm0\n ret") \
	F(vex_bextr_riprel, BMI, ALLOWED, "bextr %rbx, form_data(%rip), %rax\n ret") \
	F(vex_blsr, BMI, ALLOWED, "blsr %rbx, %rax\n ret") \
	F(vex_shlx, BMI, ALLOWED, "shlx %rcx, %rbx, %rax\n ret") \
	F(vex_mulx, BMI, ALLOWED, "mulx %rbx, %rax, %rcx\n ret") \
	F(vex_vfmadd231, FMA, ALLOWED, "vfmadd231ps %ymm1, %ymm2, %ymm0\n ret") \
	F(vex_vfmadd132ss, FMA, ALLOWED, "vfmadd132ss %xmm1, %xmm2, %xmm0\n ret") \
	F(evex_vpaddd, AVX512, ALLOWED, "vpaddd %zmm1, %zmm2, %zmm0\n ret") \
	F(evex_vmovups_store, AVX512, ALLOWED, "vmovups %zmm1, (%rdi)\n ret") \
	F(evex_riprel, AVX512, ALLOWED, "vpaddd form_data(%rip), %zmm2, %zmm0\n ret") \
	F(evex_riprel_r17, AVX512, ALLOWED, "vpaddd form_data(%rip), %zmm17, %zmm16\n vmovups %zmm2, %zmm0\n ret") \
	F(evex_vpternlog, AVX512, ALLOWED, "vpternlogd $0x96, %zmm1, %zmm2, %zmm0\n ret") \
	F(evex_vpcmpub, AVX512, ALLOWED, "vpcmpub $1, %zmm1, %zmm2, %k1\n ret") \
	F(kmov_to_gpr, AVX512, ALLOWED, "kmovq %k1, %rax\n ret") \
	F(kortest, AVX512, ALLOWED, "kortestq %k1, %k2\n ret") \
	/* the kernel takes the opcode byte for that of a branch or a nop: it would be skipped */ \
	F(skip_vpshufd, AVX2, REFUSED, "vpshufd $0x1b, %ymm1, %ymm0\n ret") \
	F(skip_vpsrlw_imm, AVX2, REFUSED, "vpsrlw $3, %ymm1, %ymm0\n ret") \
	F(skip_vpcmpeqb, AVX2, REFUSED, "vpcmpeqb %ymm1, %ymm2, %ymm0\n ret") \
	F(skip_vzeroupper, AVX, REFUSED, "vzeroupper\n ret") \
	F(skip_vzeroall, AVX, REFUSED, "vzeroall\n ret") \
	F(skip_vpbroadcastb, AVX2, REFUSED, "vpbroadcastb %xmm1, %ymm0\n ret") \
	F(skip_vmovd_gpr, AVX, REFUSED, "vmovd %xmm1, %eax\n ret") \
	F(skip_vmovq_load, AVX, REFUSED, "vmovq (%rdi), %xmm0\n ret") \
	F(skip_vmovdqu_store, AVX, REFUSED, "vmovdqu %ymm1, (%rdi)\n ret") \
	F(skip_vpsubsb, AVX2, REFUSED, "vpsubsb %ymm1, %ymm2, %ymm0\n ret") \
	F(skip_vpsubsw, AVX2, REFUSED, "vpsubsw %ymm1, %ymm2, %ymm0\n ret") \
	F(skip_vpor, AVX2, REFUSED, "vpor %ymm1, %ymm2, %ymm0\n ret") \
	F(skip_vpgatherdd, AVX2, REFUSED, "vpgatherdd %xmm1, (%rdi,%xmm5), %xmm0\n ret", "vpxor %xmm5, %xmm5, %xmm5\n vpcmpeqd %xmm1, %xmm1, %xmm1\n") \
	F(skip_kmovw_load, AVX512, REFUSED, "kmovw (%rdi), %k1\n ret") \
	F(skip_kmovq_load, AVX512, REFUSED, "kmovq (%rdi), %k1\n ret") \
	F(skip_evex_vpbroadcastb, AVX512, REFUSED, "vpbroadcastb %ebx, %ymm16\n vmovdqu64 %ymm16, %ymm0\n ret") \
	F(skip_evex_store, AVX512, REFUSED, "vmovdqu64 %zmm1, (%rdi)\n ret") \
	F(skip_xchg_r8, ANY, REFUSED, ".byte 0x49,0x90\n ret") \
	F(skip_xchg_r8d, ANY, REFUSED, ".byte 0x41,0x90\n ret") \
	/* the kernel takes the opcode byte for ret, call or popf and repairs the wrong things afterwards */ \
	F(fix_vcmpps, AVX, REFUSED, "vcmpltps %ymm1, %ymm2, %ymm0\n mov form_data(%rip), %rax\n ret") \
	F(fix_vcmpsd, AVX, REFUSED, "vcmpltsd %xmm1, %xmm2, %xmm0\n mov form_data(%rip), %rax\n ret") \
	F(fix_evex_vcmpps, AVX512, REFUSED, "vcmpltps %zmm1, %zmm2, %k1\n mov form_data(%rip), %rax\n ret") \
	F(fix_vfnmadd132ss, FMA, REFUSED, "vfnmadd132ss %xmm1, %xmm2, %xmm0\n ret") \
	/* the kernel refuses it; without a process that maps the file it does so without a word */ \
	F(dead_vpxor, AVX2, REFUSED, "vpxor %ymm1, %ymm2, %ymm0\n ret") \
	F(dead_vmovdqu_load, AVX, REFUSED, "vmovdqu (%rdi), %ymm0\n ret") \
	F(dead_vmovd_load, AVX, REFUSED, "vmovd %ebx, %xmm0\n ret") \
	F(dead_vpaddq, AVX2, REFUSED, "vpaddq %ymm1, %ymm2, %ymm0\n ret") \
	F(dead_vcomiss, AVX, REFUSED, "vcomiss %xmm1, %xmm0\n ret") \
	F(dead_vpunpcklbw, AVX2, REFUSED, "vpunpcklbw %ymm1, %ymm2, %ymm0\n ret") \
	F(dead_vperm2f128, AVX, REFUSED, "vperm2f128 $1, %ymm1, %ymm2, %ymm0\n ret") \
	F(dead_vptest, AVX, REFUSED, "vptest %ymm1, %ymm0\n ret") \
	F(dead_vpsubd, AVX2, REFUSED, "vpsubd %ymm1, %ymm2, %ymm0\n ret") \
	F(dead_vfmsub132ps, FMA, REFUSED, "vfmsub132ps %ymm1, %ymm2, %ymm0\n ret") \
	F(dead_evex_vmovdqu8, AVX512, REFUSED, "vmovdqu8 64(%rdi), %zmm0\n ret") \
	F(dead_evex_vpxorq, AVX512, REFUSED, "vpxorq %zmm1, %zmm2, %zmm0\n ret") \
	F(dead_lock, ANY, REFUSED, "lock incl (%rdi)\n ret") \
	F(dead_cs_nop, ANY, REFUSED, ".byte 0x66,0x2e,0x0f,0x1f,0x84,0,0,0,0,0\n ret") \
	F(dead_ds, ANY, REFUSED, ".byte 0x3e\n mov (%rdi), %rax\n ret") \
	F(dead_es, ANY, REFUSED, ".byte 0x26\n mov (%rdi), %rax\n ret") \
	F(dead_ss, ANY, REFUSED, ".byte 0x36\n mov (%rdi), %rax\n ret") \
	F(dead_notrack_jmp, ANY, REFUSED, "notrack jmp *%r15\n mov $1, %eax\n ret") \
	F(dead_jcc16, NEVER, REFUSED, ".byte 0x66,0x0f,0x85,0,0,0,0\n ret") \
	F(dead_call16, NEVER, REFUSED, ".byte 0x66,0xe8,0,0,0,0\n ret") \
	F(dead_hlt, NEVER, REFUSED, "hlt\n ret") \
	F(dead_in, NEVER, REFUSED, "in (%dx), %al\n ret") \
	F(dead_outs, NEVER, REFUSED, "outsb\n ret") \
	F(dead_cli, NEVER, REFUSED, "cli\n ret") \
	F(dead_int, NEVER, REFUSED, "int $0x80\n ret") \
	F(dead_int3, NEVER, REFUSED, "int3\n ret") \
	F(dead_iret, NEVER, REFUSED, "iretq\n ret") \
	F(dead_mov_ss, NEVER, REFUSED, "mov %eax, %ss\n ret") \
	F(kill_syscall, ANY, REFUSED, "syscall\n mov form_data(%rip), %rax\n mov %rax, %rcx\n mov %rax, %r11\n test %rax, %rax\n ret", "mov $39, %eax\n") \
	F(kill_sysenter, NEVER, REFUSED, "sysenter\n ret") \
	/* right, but the probe fires for every repetition */ \
	F(many_rep_stos, ANY, REFUSED, "rep stosb\n ret") \
	F(many_rep_movs, ANY, REFUSED, "rep movsb\n ret") \
	/* it kills or misleads the program in other ways */ \
	F(kill_pushf, ANY, REFUSED, "pushfq\n pop %rax\n ret") \
	F(kill_pause, ANY, REFUSED, "pause\n incl %eax\n ret") \
		F(dead_push_es, NEVER, REFUSED, ".byte 0x06\n ret")

enum needs { ANY, SSE42, MOVBE, AVX, AVX2, BMI, FMA, AVX512, RTM, NEVER };
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
	case SSE42:	return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
	case MOVBE:	return __builtin_cpu_supports("movbe");
	case AVX:	return __builtin_cpu_supports("avx");
	case AVX2:	return __builtin_cpu_supports("avx2");
	case BMI:	return __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
	case FMA:	return __builtin_cpu_supports("fma");
	case AVX512:	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
			       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
	case RTM:	return __builtin_cpu_supports("rtm");
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
	unsigned char *rdi = scratch + 0x400;

	for (unsigned i = 0; i < 14; i++)
		s->gpr[i] = noise();
	for (unsigned v = 0; v < 8; v++)
		for (unsigned i = 0; i < 64; i += 4) {
			float f = (float)(int)(noise() % 2001) - 1000;

			memcpy(s->vector[v] + i, &f, 4);	/* numbers: no slow or trapping floats */
		}
	for (unsigned i = 0; i < SCRATCH; i++)
		scratch[i] = (unsigned char)noise();
	s->mask[0] = noise();
	s->mask[1] = noise();
	s->flags = 0x202 | (noise() & 0x8d5);
	s->gpr[0] = noise() % 2000;
	s->gpr[2] = 1 + call % 7;
	s->gpr[4] = (uint64_t)(uintptr_t)(scratch + 0x800);
	s->gpr[5] = (uint64_t)(uintptr_t)rdi;
	s->gpr[12] = 8;
	s->gpr[13] = (uint64_t)(uintptr_t)exit_at;
	memcpy(rdi + 40, &exit_at, 8);
	if (call % 2)
		memcpy(rdi, &s->gpr[0], 8);		/* cmpxchg succeeds */
}

/* Everything that the form left, but where the program lies. */
static uint64_t outcome(uint64_t sum, struct state *s, unsigned char *scratch)
{
	s->gpr[13] = 0;
	memset(scratch + 0x400 + 40, 0, 8);
	sum = mix(sum, s->gpr, sizeof(s->gpr));
	sum = mix(sum, &s->flags, sizeof(s->flags));
	sum = mix(sum, &s->sp_moved, sizeof(s->sp_moved));
	sum = mix(sum, s->vector, sizeof(s->vector));
	sum = mix(sum, s->mask, sizeof(s->mask));
	return mix(sum, scratch, SCRATCH);
}

static void *fixed_pages(void *at, size_t n)
{
	void *p = mmap(at, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != at) {
		perror("insn_target: mmap");
		exit(2);
	}
	return p;
}

static void run(const struct form *f, unsigned char *scratch, unsigned char *stack_end)
{
	static _Alignas(64) struct state s;
	uint64_t sum = 14695981039346656037u;

	if (f->needs == NEVER || !cpu_has(f->needs)) {
		printf("%s %s\n", f->name, f->needs == NEVER ? "notrun" : "unsupported");
		return;
	}
	noise_state = 1;
	s.level = cpu_has(AVX512) ? 2 : cpu_has(AVX);
	for (unsigned call = 0; call < CALLS; call++) {
		prepare(&s, scratch, call);
		s.form_sp = (uint64_t)(uintptr_t)stack_end;
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
