// Arguments and types as C++ declares them: references, enums, members of bases, functions and types within others.
#define KEEP __attribute__((noinline, noclone))

struct Base {
	int b;
	virtual ~Base() {}
};

namespace ns {
enum class Mode { Off, On = 7, Minus = -2 };

struct Derived : Base {
	enum Kind { A, B };
	struct Inner { short q; };
	int d;
	Inner in;
	Kind kind;
	union { int u1; float u2; };
	Mode modes[2];
};

template <typename T> struct Box {
	T v;
	KEEP int get(int k) { asm volatile(""); return (int)v + k; }
};
}

KEEP int byref(const ns::Derived &r, int &x, ns::Mode m, ns::Derived *p, int **pp)
{
	x += r.d + **pp;
	asm volatile("" : : : "memory");
	return r.b + (int)m + p->d;
}

struct Node { int value; };

KEEP int behind(int (&list)[4], const char *&text, Node *&node, Node (&nodes)[2])
{
	asm volatile("" : : : "memory");
	return list[1] + text[1] + node->value + nodes[1].value;
}

int main(int argc, char **)
{
	struct Local {
		int z;
		KEEP int method(int w) { asm volatile(""); return z + w; }
	};
	auto lambda = [&](int first, long second) KEEP { asm volatile(""); return first + (int)second + argc; };
	Local local{argc};
	ns::Box<int> box{4};
	ns::Derived d;
	int x = 5, two = 2, *pointer = &two, sum = 0;

	d.b = 1;
	d.d = 20;
	d.in.q = 3;
	d.kind = ns::Derived::B;
	d.u1 = 9;
	d.modes[0] = ns::Mode::On;
	d.modes[1] = ns::Mode::Minus;
	for (int i = 0; i < 2; i++) {
		sum += lambda(i, 10) + local.method(i + 3) + box.get(i);
		sum += byref(d, x, i ? ns::Mode::Minus : ns::Mode::On, &d, &pointer);
	}
	int list[4] = {10, 11, 12, 13};
	Node nodes[2] = {{30}, {31}}, *node = nodes;
	const char *text = "text";

	sum += behind(list, text, node, nodes);
	return sum == 0;
}
