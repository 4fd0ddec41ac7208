// Quicksort of random numbers: median of three, short runs by insertion.
#include "kernel.h"

#define SHORT 16

static inline int32_t least(int32_t a, int32_t b) {
  return a < b ? a : b;
}

static inline int32_t greatest(int32_t a, int32_t b) {
  return a > b ? a : b;
}

static int32_t partition(int32_t *values, int32_t low, int32_t high) {
  int32_t a = values[low], b = values[(low + high) / 2], c = values[high];
  int32_t pivot = greatest(least(a, b), least(greatest(a, b), c));
  int32_t left = low - 1, right = high + 1;
  for (;;) {
    do left++;
    while (values[left] < pivot);
    do right--;
    while (values[right] > pivot);
    if (left >= right) return right;
    int32_t value = values[left];
    values[left] = values[right];
    values[right] = value;
  }
}

static void insert(int32_t *values, int32_t low, int32_t high) {
  for (int32_t i = low + 1; i <= high; i++) {
    int32_t value = values[i], at = i - 1;
    while (at >= low && values[at] > value) {
      values[at + 1] = values[at];
      at--;
    }
    values[at + 1] = value;
  }
}

static void quicksort(int32_t *values, int32_t low, int32_t high) {
  while (high - low > SHORT) {
    int32_t cut = partition(values, low, high);
    if (cut - low < high - cut) {
      quicksort(values, low, cut);
      low = cut + 1;
    } else {
      quicksort(values, cut + 1, high);
      high = cut;
    }
  }
  insert(values, low, high);
}

static uint64_t kernel(int32_t count) {
  int32_t *values = malloc((size_t)count * sizeof *values);
  seed_random(5);
  for (int32_t i = 0; i < count; i++) values[i] = (int32_t)next_random() - 8388608;
  quicksort(values, 0, count - 1);
  uint64_t hash = SEED;
  for (int32_t i = 0; i < count; i++) {
    if (i > 0 && values[i - 1] > values[i]) __builtin_trap();
    hash = mix(hash, (uint32_t)values[i]);
  }
  free(values);
  return hash;
}
