// Iterations of each point of a square picture of the Mandelbrot set.
#include "kernel.h"

#define ITERATIONS_MAX 100

static int32_t iterations(double cx, double cy) {
  double x = 0, y = 0;
  for (int32_t i = 0; i < ITERATIONS_MAX; i++) {
    double x2 = x * x, y2 = y * y;
    if (x2 + y2 > 4) return i;
    y = 2 * x * y + cy;
    x = x2 - y2 + cx;
  }
  return ITERATIONS_MAX;
}

static uint64_t kernel(int32_t size) {
  uint64_t hash = SEED;
  double scale = 3.0 / size;
  for (int32_t row = 0; row < size; row++) {
    for (int32_t column = 0; column < size; column++) {
      hash = mix(hash, (uint64_t)iterations(column * scale - 2.0, row * scale - 1.5));
    }
  }
  return hash;
}
