// Counts and adds up the primes below a limit with the sieve of Eratosthenes.
#include "kernel.h"

static uint64_t kernel(int32_t limit) {
  uint8_t *composite = calloc((size_t)limit, 1);
  uint64_t count = 0, sum = 0;
  for (int32_t i = 2; i < limit; i++) {
    if (composite[i]) continue;
    count++;
    sum += (uint64_t)i;
    if ((int64_t)i * i >= limit) continue;
    for (int32_t multiple = i * i; multiple < limit; multiple += i) composite[multiple] = 1;
  }
  free(composite);
  return mix(mix(SEED, count), sum);
}
