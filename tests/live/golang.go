// golang.go - goroutines whose stacks grow and move while calls are under way; what they computed is printed.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

type pair struct{ left, right int }

//go:noinline
func (p *pair) Sum(more int) int { return p.left + p.right + more }

//go:noinline
func (p pair) Product() int { return p.left * p.right }

// Each call takes half a kilobyte of stack, which must move to grow.
//
//go:noinline
func deep(n int, word string) int {
	var pad [64]int
	for i := range pad {
		pad[i] = n
	}
	if n == 0 {
		return len(word)
	}
	return deep(n-1, word) + pad[n%64]%2
}

//go:noinline
func two(a, b int, word string) (int, string) { return a + b, word + "!" }

//go:noinline
func many(a, b, c, d, e, f, g, h, i, j, k int) int { return a + b + c + d + e + f + g + h + i + j + k }

//go:noinline
func generic[K comparable, V any](m map[K]V, key K) V { return m[key] }

type mix struct {
	n    int
	name string
	f    float64
}

//go:noinline
func mixed(a mix, items []int, how func(int) int) int {
	return a.n + len(a.name) + int(a.f) + how(items[0])
}

//go:noinline
func stacked(a, b, c, d, e, f, g, h, i int, m mix, how func(int) int, two [2]int) int {
	return a + b + c + d + e + f + g + h + i + how(two[1]) + m.n
}

//go:noinline
func recovers(n int) (result int) {
	defer func() {
		if recover() != nil {
			result = -n
		}
	}()
	if n%2 == 1 {
		panic("odd")
	}
	return n
}

func main() {
	seconds, _ := strconv.ParseFloat(os.Args[1], 64)
	end := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	var wait sync.WaitGroup
	var lock sync.Mutex
	calls, sum := 0, 0
	for g := 0; g < 4; g++ {
		wait.Add(1)
		go func(g int) {
			defer wait.Done()
			for round := 0; round < 3 || time.Now().Before(end); round++ {
				answer := make(chan int)
				go func() { answer <- deep(30+g, strings.Repeat("x", g)) }()
				value := <-answer
				lock.Lock()
				calls += 31 + g
				sum += value
				lock.Unlock()
			}
		}(g)
	}
	wait.Wait()
	p := &pair{3, 4}
	double := func(n int) int { return 2 * n }
	fmt.Println("mixes", mixed(mix{1, "two", 3.5}, []int{4, 5}, double),
		stacked(1, 2, 3, 4, 5, 6, 7, 8, 9, mix{10, "eleven", 12}, double, [2]int{13, 14}))
	n, word := two(20, 22, strings.Repeat("word", 3)+"\x00end")
	fmt.Println("calls", calls, "sum", sum)
	fmt.Println("others", p.Sum(5), p.Product(), n, len(word), many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
	fmt.Println("generic", generic(map[string]int{"a": 3}, "a"), recovers(3), recovers(4))
}
