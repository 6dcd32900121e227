=== fmt: a line
BEGIN{printf("hi %d\n",1);exit()}
---
BEGIN
{
  printf("hi %d\n", 1);
  exit()
}

=== fmt: a clause with all
kprobe:f,kprobe:g/pid==1&&comm!="x"/{@[pid,comm]=count();if(@x>1){print(@x)}else if $y{$z=1}else{delete(@x,1);}}
---
kprobe:f,
kprobe:g
/pid == 1 && comm != "x"/
{
  @[pid, comm] = count();
  if (@x > 1) {
    print(@x)
  } else if $y {
    $z = 1
  } else {
    delete(@x, 1);
  }
}

=== fmt: operators
BEGIN{$x=1+2*-3;$y=!$x&&~$z;$a=$b?1:2;$c=$d?:3;$e++;--$f;@g[1]++;$h=*$p;$i=&$x;$j-=1;$k=$l-1;$m=$n*2;$o=(int32)$q;$r=(struct foo*)arg0;$s=$t->u.v;$w=a[1];$x=-1;$y=f(-1,*$z,(1,2));}
---
BEGIN
{
  $x = 1 + 2 * -3;
  $y = !$x && ~$z;
  $a = $b ? 1 : 2;
  $c = $d ?: 3;
  $e++;
  --$f;
  @g[1]++;
  $h = *$p;
  $i = &$x;
  $j -= 1;
  $k = $l - 1;
  $m = $n * 2;
  $o = (int32)$q;
  $r = (struct foo *)arg0;
  $s = $t->u.v;
  $w = a[1];
  $x = -1;
  $y = f(-1, *$z, (1, 2));
}

=== fmt: loops
BEGIN{for $i:0..10{print($i);}for($kv:@m){}while($i<3){$i++;}unroll(3){$x++;}}
---
BEGIN
{
  for $i : 0..10 {
    print($i);
  }
  for ($kv : @m) {
  }
  while ($i < 3) {
    $i++;
  }
  unroll(3) {
    $x++;
  }
}

=== fmt: comments
// top


/* a
 * b */
BEGIN // behind
{
// own line
print(1); // behind a statement
/* before */ print(2);



print(3);
// last
}
// end
---
// top

/* a
 * b */
BEGIN // behind
{
  // own line
  print(1); // behind a statement
  /* before */ print(2);

  print(3);
  // last
}
// end

=== fmt: directives
#define A 1
#ifndef B
  #include <linux/x.h>
#endif
BEGIN{
#ifdef A
print(A);
#endif
}
---
#define A 1
#ifndef B
#include <linux/x.h>
#endif
BEGIN
{
#ifdef A
  print(A);
#endif
}

=== fmt: definitions
struct foo{int a;char b[4];struct foo*next;unsigned c:3;struct{int d;}e;};enum e{A,B=2};typedef int t;BEGIN{}
---
struct foo {
  int a;
  char b[4];
  struct foo *next;
  unsigned c : 3;
  struct {
    int d;
  } e;
};

enum e {
  A,
  B = 2
};
typedef int t;

BEGIN
{
}

=== fmt: config and others
config={max_strlen=5;missing_probes=warn}
let @m=hash(5);macro f($x,y){$x+y}fn g($a:int64):int64{return $a;}BEGIN{}
---
config = {
  max_strlen = 5;
  missing_probes = warn
}
let @m = hash(5);

macro f($x, y) {
  $x + y
}

fn g($a : int64) : int64 {
  return $a;
}

BEGIN
{
}

=== fmt: broken lines stay broken
BEGIN
{
	printf("%d %d\n",
	    1,
	    2);
	$x = $a &&
	    $b;
}
---
BEGIN
{
  printf("%d %d\n",
      1,
      2);
  $x = $a &&
      $b;
}

=== fmt: block expressions
BEGIN{$x={$y=1;$y};$z=if $a{1}else{2};print({5});}
---
BEGIN
{
  $x = {
    $y = 1;
    $y
  };
  $z = if $a {
    1
  } else {
    2
  };
  print({
    5
  });
}

=== fmt: labels
a=kprobe:f,b = kprobe:g{}
---
a=kprobe:f,
b=kprobe:g
{
}

=== fmt: two lines become one empty
BEGIN { }



END { }
END { }
---
BEGIN
{
}

END
{
}

END
{
}

=== fmt: a shebang
#!/usr/bin/env trapline
BEGIN { }
---
#!/usr/bin/env trapline
BEGIN
{
}

=== fmt: predicates
kprobe:f /1/ { } kprobe:g
/ @x[tid] / { } uprobe:/bin/x:f /(a / 2) == 1/ { }
---
kprobe:f
/1/
{
}

kprobe:g
/@x[tid]/
{
}

uprobe:/bin/x:f
/(a / 2) == 1/
{
}

=== fmt: casts and products
BEGIN { $x = (int32)$y; $x = (a) * b; $x = (a)*b; $x = (foo_t)*$p; $x = (uint8)-1; }
---
BEGIN
{
  $x = (int32)$y;
  $x = (a) * b;
  $x = (a)*b;
  $x = (foo_t)*$p;
  $x = (uint8)-1;
}

=== fmt: what stands behind a struct
struct a{int x;}__attribute__((packed));typedef struct{int y;}b_t;struct c{int z;}BEGIN{}
---
struct a {
  int x;
} __attribute__((packed));
typedef struct {
  int y;
} b_t;

struct c {
  int z;
}

BEGIN
{
}

=== fmt: branches that are left out
#if 0
  anything, "at all
#else
BEGIN{}
#endif
#ifdef NO


  BEGIN{x}

#endif
END{}
---
#if 0
  anything, "at all
#else
BEGIN
{
}
#endif
#ifdef NO

  BEGIN{x}

#endif
END
{
}

=== fmt: semicolons
BEGIN { ; print(1) ;; print(2); }
---
BEGIN
{
  print(1);
  print(2);
}

=== fmt: numbers and strings stay as they are
BEGIN { print((0x1F, 1_000, 1e6, 10ms, "a\tb\x41")); }
---
BEGIN
{
  print((0x1F, 1_000, 1e6, 10ms, "a\tb\x41"));
}

