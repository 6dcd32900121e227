/* print.c - the tree as text: -d ast and -d types, in the form that bpftrace's -d has, and an expression as
 * one would write it.
 *
 * A line for each node, a blank deeper for each level. After check the same tree is printed for each attach
 * point, and each expression with its type: ` :: [int64]`.
 */
#include "lang/front.h"

#include <string.h>

struct printer {
	struct str *out;
	bool types;
};

static void print_node(const struct printer *p, const struct node *n, unsigned depth);

/* ---- words ---- */

static void add_string(struct str *out, const struct node *n, bool quotes)
{
	if (quotes)
		str_addc(out, '"');
	str_add_scrubbed(out, n->text, (size_t)n->number, quotes ? '"' : 0);
	if (quotes)
		str_addc(out, '"');
}

static void add_int(struct str *out, const struct node *n)
{
	if (n->type && !n->type->is_signed)
		str_addf(out, "%llu", (unsigned long long)n->number);
	else
		str_addf(out, "%lld", (long long)n->number);
}

static void add_spec(struct str *out, const struct type_spec *s)
{
	if (s->name) {
		str_add(out, s->name);
	} else {
		str_add(out, "typeof(");
		node_print(s->typeof_expression, out);
		str_addc(out, ')');
	}
	for (unsigned i = 0; i < s->pointers; i++)
		str_addc(out, '*');
	for (unsigned i = 0; i < s->n_counts; i++) {
		str_addc(out, '[');
		node_print(s->counts[i], out);
		str_addc(out, ']');
	}
	if (s->unsized)
		str_add(out, "[]");
	for (unsigned i = 0; i < s->array_pointers; i++)
		str_addc(out, '*');
}

/* ---- an expression as it would be written ---- */

static void add_list(struct str *out, const struct node *n)
{
	for (unsigned i = 0; i < n->n_list; i++) {
		str_add(out, i ? ", " : "");
		if (n->names)
			str_addf(out, "%s=", n->names[i]);
		node_print(n->list[i], out);
	}
}

/* How tightly the node holds together; an operand that holds less needs parentheses. */
static int binding_strength(const struct node *n)
{
	switch (n->kind) {
	case NODE_TERNARY:
	case NODE_COMPTIME:
	case NODE_ASSIGN:
		return 0;
	case NODE_BINARY:
		return op_rows[n->op].precedence;
	case NODE_UNARY:
	case NODE_DEREF:
	case NODE_ADDRESS:
	case NODE_CAST:
		return 50;
	case NODE_INT:
		return n->number < 0 ? 50 : 100;
	case NODE_INCDEC:
		return n->flag ? 100 : 50;
	default:
		return 100;
	}
}

static void add_operand(struct str *out, const struct node *n, int at_least)
{
	bool parentheses = binding_strength(n) < at_least;

	str_add(out, parentheses ? "(" : "");
	node_print(n, out);
	str_add(out, parentheses ? ")" : "");
}

static void add_of_type(struct str *out, const char *name, const struct node *n)
{
	str_addf(out, "%s(", name);
	if (n->spec)
		add_spec(out, n->spec);
	else
		node_print(n->a, out);
	for (unsigned i = 0; i < n->n_list; i++)
		str_addf(out, "%s%s", i ? "." : ", ", n->list[i]->text);
	str_addc(out, ')');
}

static void add_tuple(struct str *out, const struct node *n)
{
	str_addc(out, '(');
	add_list(out, n);
	str_add(out, n->n_list == 1 && !n->names ? ",)" : ")");
}

static void add_map(struct str *out, const struct node *n)
{
	str_add(out, n->text);
	if (!n->a)
		return;
	str_addc(out, '[');
	if (n->a->kind == NODE_TUPLE && !n->a->names && n->a->n_list > 1)
		add_list(out, n->a);
	else
		node_print(n->a, out);
	str_addc(out, ']');
}

static void add_block(struct str *out, const struct node *n)
{
	str_add(out, "{ ");
	for (unsigned i = 0; i < n->n_list; i++) {
		node_print(n->list[i], out);
		str_add(out, "; ");
	}
	if (n->a) {
		node_print(n->a, out);
		str_addc(out, ' ');
	}
	str_addc(out, '}');
}

static void add_call(struct str *out, const struct node *n)
{
	str_addf(out, "%s(", n->text);
	add_list(out, n);
	if (n->spec) {
		str_add(out, n->n_list ? ", " : "");
		add_spec(out, n->spec);
	}
	str_addc(out, ')');
}

static void add_if(struct str *out, const struct node *n)
{
	str_add(out, "if ");
	node_print(n->a, out);
	str_addc(out, ' ');
	node_print(n->b, out);
	if (n->c) {
		str_add(out, " else ");
		node_print(n->c, out);
	}
}

/* Statements, as far as they stand in expressions. */
static void add_statement(struct str *out, const struct node *n)
{
	switch (n->kind) {
	case NODE_ASSIGN:
		if (n->a)
			node_print(n->a, out);
		else
			str_addc(out, '_');
		str_addf(out, " %s= ", n->op ? op_rows[n->op].spelled : "");
		node_print(n->b, out);
		break;
	case NODE_LET:
		str_addf(out, "let %s", n->text);
		if (n->spec) {
			str_add(out, ": ");
			add_spec(out, n->spec);
		}
		if (n->a) {
			str_add(out, " = ");
			node_print(n->a, out);
		}
		break;
	case NODE_WHILE:
	case NODE_UNROLL:
		str_addf(out, "%s (", n->kind == NODE_WHILE ? "while" : "unroll");
		node_print(n->a, out);
		str_add(out, ") ");
		node_print(n->b, out);
		break;
	case NODE_FOR:
		str_addf(out, "for %s : ", n->text);
		node_print(n->a, out);
		if (n->b) {
			str_add(out, "..");
			node_print(n->b, out);
		}
		str_addc(out, ' ');
		node_print(n->c, out);
		break;
	case NODE_RETURN:
		str_add(out, n->a ? "return " : "return");
		if (n->a)
			node_print(n->a, out);
		break;
	default:
		str_add(out, n->kind == NODE_BREAK ? "break" : "continue");
	}
}

void node_print(const struct node *n, struct str *out)
{
	int strength = binding_strength(n);

	switch (n->kind) {
	case NODE_INT:
		add_int(out, n);
		break;
	case NODE_STRING:
		add_string(out, n, true);
		break;
	case NODE_BOOL:
		str_add(out, n->number ? "true" : "false");
		break;
	case NODE_POSITIONAL:
		if (n->number < 0)
			str_add(out, "$#");
		else
			str_addf(out, "$%lld", (long long)n->number);
		break;
	case NODE_NAME:
	case NODE_SCRATCH:
		str_add(out, n->text);
		break;
	case NODE_BUILTIN:
		if (n->n_list)
			add_call(out, n);
		else
			str_add(out, n->text);
		break;
	case NODE_MAP:
		add_map(out, n);
		break;
	case NODE_CALL:
		add_call(out, n);
		break;
	case NODE_UNARY:
		str_add(out, op_rows[n->op].spelled);
		add_operand(out, n->a, strength + (n->a->kind == NODE_UNARY || n->a->kind == NODE_INT));
		break;
	case NODE_BINARY:
		add_operand(out, n->a, strength);
		str_addf(out, " %s ", op_rows[n->op].spelled);
		add_operand(out, n->b, strength + 1);
		break;
	case NODE_TERNARY:
		add_operand(out, n->a, 1);
		str_add(out, " ?");
		if (n->b) {
			str_addc(out, ' ');
			add_operand(out, n->b, 1);
			str_addc(out, ' ');
		}
		str_add(out, ": ");
		node_print(n->c, out);
		break;
	case NODE_INCDEC:
		str_add(out, n->flag ? "" : n->number > 0 ? "++" : "--");
		add_operand(out, n->a, 60);
		str_add(out, !n->flag ? "" : n->number > 0 ? "++" : "--");
		break;
	case NODE_DEREF:
	case NODE_ADDRESS:
		str_addc(out, n->kind == NODE_DEREF ? '*' : '&');
		add_operand(out, n->a, strength);
		break;
	case NODE_MEMBER:
		add_operand(out, n->a, 60);
		str_addf(out, "%s%s", n->flag ? "->" : ".", n->text);
		break;
	case NODE_INDEX:
		add_operand(out, n->a, 60);
		str_addc(out, '[');
		node_print(n->b, out);
		str_addc(out, ']');
		break;
	case NODE_CAST:
		str_addc(out, '(');
		if (n->spec)
			add_spec(out, n->spec);
		else			/* made by plan/ */
			type_print(n->type, out);
		str_addc(out, ')');
		add_operand(out, n->a, strength);
		break;
	case NODE_SIZEOF:
		add_of_type(out, "sizeof", n);
		break;
	case NODE_OFFSETOF:
		add_of_type(out, "offsetof", n);
		break;
	case NODE_TYPEINFO:
		add_of_type(out, "typeinfo", n);
		break;
	case NODE_TUPLE:
		add_tuple(out, n);
		break;
	case NODE_BLOCK:
		add_block(out, n);
		break;
	case NODE_IF:
		add_if(out, n);
		break;
	case NODE_COMPTIME:
		str_add(out, "comptime ");
		node_print(n->a, out);
		break;
	case NODE_CAPTURE:
		str_addf(out, "capture(%u)", n->slot);
		break;
	default:
		add_statement(out, n);
	}
}

/* ---- the tree ---- */

static void indent(const struct printer *p, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		str_addc(p->out, ' ');
}

static void end_line(const struct printer *p, const struct node *n)
{
	if (p->types && n && n->type && n->kind < NODE_ASSIGN) {
		str_add(p->out, " :: [");
		type_print(n->type, p->out);
		str_addc(p->out, ']');
	}
	str_addc(p->out, '\n');
}

static void print_word(const struct printer *p, const char *word, unsigned depth)
{
	indent(p, depth);
	str_add(p->out, word);
	str_addc(p->out, '\n');
}

/* What stands in the line of a node. */
static void print_head(const struct printer *p, const struct node *n)
{
	static const char *const heads[N_NODES] = {
		[NODE_INT] = "int: ", [NODE_STRING] = "string: ", [NODE_BOOL] = "bool: ",
		[NODE_NAME] = "identifier: ",
		[NODE_BUILTIN] = "builtin: ", [NODE_POSITIONAL] = "param: ", [NODE_SCRATCH] = "variable: ",
		[NODE_MAP] = "map: ", [NODE_CALL] = "call: ", [NODE_TERNARY] = "?:",
		[NODE_DEREF] = "dereference",
		[NODE_ADDRESS] = "&", [NODE_MEMBER] = ".", [NODE_INDEX] = "[]", [NODE_SIZEOF] = "sizeof: ",
		[NODE_OFFSETOF] = "offsetof: ", [NODE_TYPEINFO] = "typeinfo: ", [NODE_BLOCK] = "block",
		[NODE_IF] = "if", [NODE_COMPTIME] = "comptime", [NODE_LET] = "decl", [NODE_WHILE] = "while(",
		[NODE_UNROLL] = "unroll", [NODE_FOR] = "for", [NODE_BREAK] = "break",
		[NODE_CONTINUE] = "continue",
		[NODE_RETURN] = "return", [NODE_CAPTURE] = "capture: ",
	};
	struct str *out = p->out;

	str_add(out, heads[n->kind] ? heads[n->kind] : "");
	switch (n->kind) {
	case NODE_INT:
	case NODE_BOOL:
	case NODE_POSITIONAL:
		node_print(n, out);
		break;
	case NODE_STRING:
		add_string(out, n, false);
		break;
	case NODE_NAME:
	case NODE_BUILTIN:
	case NODE_SCRATCH:
	case NODE_MAP:
	case NODE_CALL:
		str_add(out, n->text);
		break;
	case NODE_UNARY:
	case NODE_BINARY:
		str_add(out, op_rows[n->op].spelled);
		break;
	case NODE_ASSIGN:
		str_addf(out, "%s=", n->op ? op_rows[n->op].spelled : "");
		break;
	case NODE_INCDEC:
		str_add(out, n->number > 0 ? "++" : "--");
		break;
	case NODE_CAST:
		str_addc(out, '(');
		add_spec(out, n->spec);
		str_addc(out, ')');
		break;
	case NODE_TUPLE:
		str_add(out, n->names ? "record:" : "tuple:");
		break;
	case NODE_SIZEOF:
	case NODE_OFFSETOF:
	case NODE_TYPEINFO:
		if (n->spec)
			add_spec(out, n->spec);
		break;
	case NODE_CAPTURE:
		str_addf(out, "%u", n->slot);
		break;
	default:
		break;
	}
}

static void print_named(const struct printer *p, const char *name, unsigned depth)
{
	indent(p, depth);
	str_addf(p->out, "variable: %s\n", name);
}

static void print_statements(const struct printer *p, const struct node *block, unsigned depth)
{
	if (block->kind != NODE_BLOCK) {
		print_node(p, block, depth);
		return;
	}
	for (unsigned i = 0; i < block->n_list; i++)
		print_node(p, block->list[i], depth);
	if (block->a)
		print_node(p, block->a, depth);
}

static void print_if(const struct printer *p, const struct node *n, unsigned depth)
{
	print_node(p, n->a, depth + 1);
	print_word(p, "then", depth + 1);
	print_statements(p, n->b, depth + 2);
	if (n->c) {
		print_word(p, "else", depth + 1);
		print_statements(p, n->c, depth + 2);
	}
}

/* What stands below a node's line. */
static void print_children(const struct printer *p, const struct node *n, unsigned depth)
{
	switch (n->kind) {
	case NODE_IF:
		print_if(p, n, depth);
		return;
	case NODE_LET:
		print_named(p, n->text, depth + 1);
		if (n->spec) {
			indent(p, depth + 1);
			str_add(p->out, "type: ");
			add_spec(p->out, n->spec);
			str_addc(p->out, '\n');
		}
		break;
	case NODE_FOR:
		print_named(p, n->text, depth + 1);
		break;
	case NODE_ASSIGN:
		if (!n->a)
			print_word(p, "_", depth + 1);
		break;
	case NODE_BLOCK:
		print_statements(p, n, depth + 1);
		return;
	default:
		break;
	}
	for (unsigned i = 0; i < n->n_list && n->kind != NODE_OFFSETOF; i++) {
		if (n->names) {
			indent(p, depth + 1);
			str_addf(p->out, ".%s=\n", n->names[i]);
		}
		print_node(p, n->list[i], depth + 1 + (n->names != NULL));
	}
	if (n->kind == NODE_CALL && n->spec) {
		indent(p, depth + 1);
		str_add(p->out, "type: ");
		add_spec(p->out, n->spec);
		str_addc(p->out, '\n');
	}
	if (n->a)
		print_node(p, n->a, depth + 1);
	if (n->kind == NODE_WHILE)
		print_word(p, ")", depth + 1);
	if (n->b)
		print_node(p, n->b, depth + 1);
	if (n->c)
		print_node(p, n->c, depth + 1);
	if (n->kind == NODE_MEMBER)
		print_word(p, n->text, depth + 1);
	for (unsigned i = 0; i < n->n_list && n->kind == NODE_OFFSETOF; i++)
		print_word(p, n->list[i]->text, depth + 1);
}

static void print_node(const struct printer *p, const struct node *n, unsigned depth)
{
	if (n->kind == NODE_INCDEC && n->flag) {	/* x++ is read from the left */
		print_node(p, n->a, depth);
		print_word(p, n->number > 0 ? "++" : "--", depth + 1);
		return;
	}
	indent(p, depth);
	print_head(p, n);
	end_line(p, n);
	print_children(p, n, depth);
}

static void print_clause(const struct printer *p, const struct node *predicate, const struct node *body)
{
	if (predicate) {
		print_word(p, "pred", 2);
		print_node(p, predicate, 3);
	}
	print_statements(p, body, 2);
}

/* ---- what was defined ---- */

static void print_layout(const struct layout *l, struct str *out)
{
	if (!l->complete)
		return;
	str_addf(out, "%s (%llu bytes, aligned to %llu)\n", *l->name ? l->name : "struct",
		 (unsigned long long)l->size,
		 (unsigned long long)l->align);
	for (unsigned i = 0; i < l->n_members; i++) {
		const struct member *m = &l->members[i];

		str_addf(out, " %llu", (unsigned long long)m->offset);
		if (m->bits)
			str_addf(out, " bits %u..%u", m->bit_offset, m->bit_offset + m->bits - 1);
		str_add(out, ": ");
		type_print(m->type, out);
		str_addf(out, "%s%s\n", *m->name ? " " : "", m->name);
	}
}

static void print_enumeration(const struct enumeration *e, struct str *out)
{
	str_addf(out, "%s\n", *e->name ? e->name : "enum");
	for (unsigned i = 0; i < e->n; i++)
		str_addf(out, " %s = %lld\n", e->values[i].name, (long long)e->values[i].value);
}

static void print_definitions(const struct program *p, struct str *out)
{
	for (unsigned i = 0; i < p->n_layouts; i++)
		print_layout(p->layouts[i], out);
	for (unsigned i = 0; i < p->n_enums; i++)
		print_enumeration(p->enums[i], out);
	for (unsigned i = 0; i < p->n_typedefs; i++) {
		str_addf(out, "typedef %s: ", p->typedefs[i].name);
		type_print(p->typedefs[i].type, out);
		str_addc(out, '\n');
	}
}

static void print_maps(const struct program *p, struct str *out)
{
	for (unsigned i = 0; i < p->n_maps; i++) {
		const struct map *m = p->maps[i];

		if (m->max_keys)
			str_addf(out, " let %s = %s(%llu)\n", m->name, m->lru ? "lruhash" : "hash",
				 (unsigned long long)m->max_keys);
		if (!m->value)
			continue;
		str_addf(out, " %s", m->name);
		if (m->key) {
			str_addc(out, '[');
			type_print(m->key, out);
			str_addc(out, ']');
		}
		str_add(out, " :: [");
		type_print(m->value, out);
		str_add(out, "]\n");
	}
}

static void print_subprogram(const struct printer *p, const struct subprogram *s)
{
	str_addf(p->out, " fn %s(", s->name);
	for (unsigned i = 0; i < s->n_parameters; i++) {
		str_addf(p->out, "%s%s: ", i ? ", " : "", s->parameters[i].name);
		add_spec(p->out, s->parameters[i].spec);
	}
	str_add(p->out, "): ");
	add_spec(p->out, s->result_spec);
	str_addc(p->out, '\n');
	print_statements(p, s->body, 2);
}

void program_print(const struct program *p, struct str *out)
{
	struct printer printer = { out, p->n_actions > 0 };

	config_print(&p->config, out);
	print_definitions(p, out);
	str_add(out, "Program\n");
	print_maps(p, out);
	for (unsigned i = 0; i < p->n_subprograms; i++)
		print_subprogram(&printer, p->subprograms[i]);
	for (unsigned i = 0; i < p->n_actions; i++) {
		str_addf(out, " %s\n", p->actions[i]->point->text);
		print_clause(&printer, p->actions[i]->predicate, p->actions[i]->body);
	}
	for (unsigned i = 0; p->n_actions == 0 && i < p->n_clauses; i++) {
		const struct clause *c = p->clauses[i];

		for (unsigned k = 0; k < c->n_points; k++) {
			if (c->points[k].label)
				str_addf(out, " %s=%s\n", c->points[k].label, c->points[k].text);
			else
				str_addf(out, " %s\n", c->points[k].text);
		}
		print_clause(&printer, c->predicate, c->body);
	}
}
