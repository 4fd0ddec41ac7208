// Multiplies two square matrices of 32-bit floats.
#include "kernel.h"

static float *filled(int32_t length) {
  float *values = malloc((size_t)length * sizeof *values);
  for (int32_t i = 0; i < length; i++) values[i] = (float)next_random() / 16777216;
  return values;
}

static uint64_t kernel(int32_t n) {
  seed_random(1);
  float *a = filled(n * n);
  float *b = filled(n * n);
  float *c = malloc((size_t)(n * n) * sizeof *c);
  for (int32_t row = 0; row < n; row++) {
    for (int32_t column = 0; column < n; column++) {
      float sum = 0;
      for (int32_t k = 0; k < n; k++) sum += a[row * n + k] * b[k * n + column];
      c[row * n + column] = sum;
    }
  }
  uint64_t hash = SEED;
  for (int32_t i = 0; i < n * n; i++) {
    uint32_t bits;
    memcpy(&bits, &c[i], sizeof bits);
    hash = mix(hash, bits);
  }
  free(a);
  free(b);
  free(c);
  return hash;
}
