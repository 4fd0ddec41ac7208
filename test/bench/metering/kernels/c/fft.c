// Fast Fourier transforms of 1024 complex numbers, there and back, again and again. The roots of unity come from half-angle formulas, so no library function is used.
#include "kernel.h"
#include <math.h>

#define BITS 10

static void swap(double *a, double *b) {
  double value = *a;
  *a = *b;
  *b = value;
}

static void permute(double *re, double *im, int32_t bits) {
  int32_t n = 1 << bits;
  for (int32_t i = 0; i < n; i++) {
    int32_t reversed = 0;
    for (int32_t bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
    if (reversed <= i) continue;
    swap(&re[i], &re[reversed]);
    swap(&im[i], &im[reversed]);
  }
}

static void transform(double *re, double *im, int32_t bits, double sign) {
  int32_t n = 1 << bits;
  permute(re, im, bits);
  // cos and sin of the angle between neighbouring roots: a half turn first.
  double cosine = -1, sine = 0;
  for (int32_t half = 1; half < n; half <<= 1) {
    double wr = 1, wi = 0;
    for (int32_t k = 0; k < half; k++) {
      for (int32_t even = k; even < n; even += half * 2) {
        int32_t odd = even + half;
        double tr = re[odd] * wr - im[odd] * wi;
        double ti = re[odd] * wi + im[odd] * wr;
        re[odd] = re[even] - tr;
        im[odd] = im[even] - ti;
        re[even] += tr;
        im[even] += ti;
      }
      double next = wr * cosine - wi * sine;
      wi = wr * sine + wi * cosine;
      wr = next;
    }
    double half_cosine = sqrt((1 + cosine) / 2);
    sine = sign * sqrt((1 - cosine) / 2);
    cosine = half_cosine;
  }
}

static uint64_t kernel(int32_t times) {
  int32_t n = 1 << BITS;
  double *re = malloc((size_t)n * sizeof *re);
  double *im = malloc((size_t)n * sizeof *im);
  uint64_t hash = SEED;
  seed_random(4);
  for (int32_t time = 0; time < times; time++) {
    for (int32_t i = 0; i < n; i++) {
      re[i] = (double)next_random() / 16777216;
      im[i] = (double)next_random() / 16777216;
    }
    transform(re, im, BITS, 1);
    for (int32_t i = 0; i < n; i++) hash = mix(mix(hash, bits_of(re[i])), bits_of(im[i]));
    transform(re, im, BITS, -1);
    for (int32_t i = 0; i < n; i++) hash = mix(hash, (uint64_t)(int64_t)floor((re[i] / n) * 65536 + 0.5));
  }
  free(re);
  free(im);
  return hash;
}
