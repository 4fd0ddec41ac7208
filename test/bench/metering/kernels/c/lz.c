// Packs generated text into the LZ4 block format, unpacks it, and compares. Greedy matching through a hash table of one entry per slot.
#include "kernel.h"

#define MATCH_MIN 4
// The format ends every block with literals.
#define TAIL_BYTES 12
#define DISTANCE_MAX 65535
#define HASH_BITS 12

static int32_t table[1 << HASH_BITS];

static inline int32_t least(int32_t a, int32_t b) {
  return a < b ? a : b;
}

static inline uint32_t read_word(const uint8_t *at) {
  uint32_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

// Words of few letters, some of them often.
static void write_text(uint8_t *to, int32_t length) {
  seed_random(3);
  for (int32_t i = 0; i < length; i++) {
    if (i >= 64 && next_random() % 8 == 0) {
      int32_t run = least((int32_t)(4 + next_random() % 24), length - i);
      const uint8_t *from = to + i - 1 - next_random() % (uint32_t)least(i - 32, 4096);
      for (int32_t k = 0; k < run; k++) to[i + k] = from[k];
      i += run - 1;
    } else {
      to[i] = (uint8_t)(97 + next_random() % 16);
    }
  }
}

static inline int32_t slot(uint32_t word) {
  return (int32_t)((word * 2654435761u) >> (32 - HASH_BITS));
}

static uint8_t *write_length(uint8_t *out, int32_t length) {
  for (; length >= 255; length -= 255) *out++ = 255;
  *out++ = (uint8_t)length;
  return out;
}

// A distance of 0 stands for the end of the block.
static uint8_t *write_sequence(uint8_t *to, const uint8_t *literals, int32_t count, int32_t distance, int32_t matched) {
  uint8_t *out = to + 1;
  int32_t extra = distance == 0 ? 0 : matched - MATCH_MIN;
  *to = (uint8_t)(least(count, 15) << 4 | least(extra, 15));
  if (count >= 15) out = write_length(out, count - 15);
  for (int32_t i = 0; i < count; i++) *out++ = literals[i];
  if (distance == 0) return out;
  *out++ = (uint8_t)distance;
  *out++ = (uint8_t)(distance >> 8);
  return extra >= 15 ? write_length(out, extra - 15) : out;
}

static int32_t pack(const uint8_t *from, int32_t length, uint8_t *to) {
  memset(table, 0xff, sizeof table);
  uint8_t *out = to;
  int32_t at = 0, anchor = 0, last = length - TAIL_BYTES;
  while (at < last) {
    uint32_t word = read_word(from + at);
    int32_t key = slot(word);
    int32_t candidate = table[key];
    table[key] = at;
    if (candidate < 0 || at - candidate > DISTANCE_MAX || read_word(from + candidate) != word) {
      at++;
      continue;
    }
    int32_t matched = MATCH_MIN;
    while (at + matched < last && from[candidate + matched] == from[at + matched]) matched++;
    out = write_sequence(out, from + anchor, at - anchor, at - candidate, matched);
    at += matched;
    anchor = at;
  }
  return (int32_t)(write_sequence(out, from + anchor, length - anchor, 0, 0) - to);
}

static int32_t read_length(const uint8_t **cursor, int32_t length) {
  if (length < 15) return length;
  int32_t byte;
  do {
    byte = *(*cursor)++;
    length += byte;
  } while (byte == 255);
  return length;
}

static int32_t unpack(const uint8_t *cursor, int32_t length, uint8_t *to) {
  const uint8_t *end = cursor + length;
  uint8_t *out = to;
  while (cursor < end) {
    int32_t token = *cursor++;
    int32_t count = read_length(&cursor, token >> 4);
    for (int32_t i = 0; i < count; i++) *out++ = *cursor++;
    if (cursor >= end) break;
    int32_t distance = cursor[0] | cursor[1] << 8;
    cursor += 2;
    int32_t matched = read_length(&cursor, token & 15) + MATCH_MIN;
    for (int32_t i = 0; i < matched; i++, out++) *out = out[-distance];
  }
  return (int32_t)(out - to);
}

static uint64_t kernel(int32_t length) {
  uint8_t *plain = malloc((size_t)length);
  uint8_t *packed = malloc((size_t)(length + length / 255 + 16));
  uint8_t *unpacked = malloc((size_t)length);
  write_text(plain, length);
  int32_t packed_length = pack(plain, length, packed);
  if (unpack(packed, packed_length, unpacked) != length || memcmp(plain, unpacked, (size_t)length) != 0) __builtin_trap();
  uint64_t hash = mix(SEED, (uint64_t)packed_length);
  for (int32_t i = 0; i < packed_length; i++) hash = mix(hash, packed[i]);
  free(plain);
  free(packed);
  free(unpacked);
  return hash;
}
