/* Adds up the decimal digits of all numbers of a range. An ordinary command: it reads `start end` and prints a number. */

#include <stdio.h>

int main(void) {
  unsigned long long start, end, sum = 0;
  if (scanf("%llu %llu", &start, &end) != 2) {
    fputs("expected two numbers\n", stderr);
    return 2;
  }
  for (unsigned long long n = start; n < end; n++) {
    for (unsigned long long rest = n; rest > 0; rest /= 10) sum += rest % 10;
  }
  printf("%llu\n", sum);
  return 0;
}
