// What all kernels share: the interface of two functions, a source of numbers, and the mixing of results into one checksum.
// A kernel's input is its size, 32 bits; its output is a checksum, 64 bits; both little-endian, and equal to those of its twin in AssemblyScript.
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SEED 0xcbf29ce484222325u

static uint64_t kernel(int32_t size);

static uint64_t output;
static uint32_t random_state = 1;

__attribute__((export_name("alloc"))) void *alloc(int32_t length) {
  return malloc((size_t)length);
}

__attribute__((export_name("run"))) uint64_t run(const uint8_t *input, int32_t length) {
  int32_t size;
  (void)length;
  memcpy(&size, input, sizeof size);
  output = kernel(size);
  return (uint64_t)(uintptr_t)&output << 32 | sizeof output;
}

// FNV-1a over whole words.
static inline uint64_t mix(uint64_t hash, uint64_t value) {
  return (hash ^ value) * 0x100000001b3u;
}

static inline void seed_random(uint32_t seed) {
  random_state = seed;
}

// 24 bits, from a linear congruential generator.
static inline uint32_t next_random(void) {
  random_state = random_state * 1664525u + 1013904223u;
  return random_state >> 8;
}

static inline uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
