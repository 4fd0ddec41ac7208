// Fibonacci numbers by recursion: nothing but calls.
#include "kernel.h"

static int32_t fib(int32_t n) {
  if (n < 2) return n;
  int32_t before = fib(n - 1);
  return before + fib(n - 2);
}

static uint64_t kernel(int32_t n) {
  return (uint64_t)fib(n);
}
