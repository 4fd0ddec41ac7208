// Copies and fills ranges of a buffer with the instructions made for it; the ranges may overlap.
#include "kernel.h"

#define BUFFER_BYTES 262144
#define RANGE_BYTES_MAX 8192

static uint64_t kernel(int32_t count) {
  uint8_t *buffer = malloc(BUFFER_BYTES);
  seed_random(8);
  for (int32_t i = 0; i < BUFFER_BYTES; i++) buffer[i] = (uint8_t)next_random();
  for (int32_t i = 0; i < count; i++) {
    uint32_t length = next_random() % RANGE_BYTES_MAX;
    uint32_t to = next_random() % (BUFFER_BYTES - RANGE_BYTES_MAX);
    uint32_t from = next_random() % (BUFFER_BYTES - RANGE_BYTES_MAX);
    if (i % 64 == 0) memset(buffer + to, i & 255, length >> 3);
    else memmove(buffer + to, buffer + from, length);
  }
  uint64_t hash = SEED;
  for (int32_t i = 0; i < BUFFER_BYTES; i += 8) {
    uint64_t word;
    memcpy(&word, buffer + i, sizeof word);
    hash = mix(hash, word);
  }
  free(buffer);
  return hash;
}
