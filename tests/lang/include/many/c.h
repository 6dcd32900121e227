struct many { int a; };
