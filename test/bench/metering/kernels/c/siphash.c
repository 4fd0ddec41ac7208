// SipHash-2-4 of many short messages: 64-bit arithmetic in small functions.
#include "kernel.h"

#define MESSAGE_BYTES 64

static uint8_t message[MESSAGE_BYTES];
static uint64_t v0, v1, v2, v3;

static inline uint64_t rotl(uint64_t value, int count) {
  return value << count | value >> (64 - count);
}

static void sip_round(void) {
  v0 += v1;
  v1 = rotl(v1, 13) ^ v0;
  v0 = rotl(v0, 32);
  v2 += v3;
  v3 = rotl(v3, 16) ^ v2;
  v0 += v3;
  v3 = rotl(v3, 21) ^ v0;
  v2 += v1;
  v1 = rotl(v1, 17) ^ v2;
  v2 = rotl(v2, 32);
}

static void absorb(uint64_t word) {
  v3 ^= word;
  sip_round();
  sip_round();
  v0 ^= word;
}

static uint64_t siphash(uint64_t k0, uint64_t k1, const uint8_t *bytes, int32_t length) {
  v0 = k0 ^ 0x736f6d6570736575u;
  v1 = k1 ^ 0x646f72616e646f6du;
  v2 = k0 ^ 0x6c7967656e657261u;
  v3 = k1 ^ 0x7465646279746573u;
  int32_t whole = length & ~7;
  for (int32_t i = 0; i < whole; i += 8) {
    uint64_t word;
    memcpy(&word, bytes + i, sizeof word);
    absorb(word);
  }
  uint64_t tail = (uint64_t)length << 56;
  for (int32_t i = whole; i < length; i++) tail |= (uint64_t)bytes[i] << ((i & 7) * 8);
  absorb(tail);
  v2 ^= 0xff;
  for (int i = 0; i < 4; i++) sip_round();
  return v0 ^ v1 ^ v2 ^ v3;
}

static uint64_t kernel(int32_t count) {
  for (int i = 0; i < MESSAGE_BYTES; i++) message[i] = (uint8_t)i;
  uint64_t hash = SEED;
  for (int32_t i = 0; i < count; i++) {
    memcpy(message, &i, sizeof i);
    hash = mix(hash, siphash(0x0706050403020100u, 0x0f0e0d0c0b0a0908u, message, i % MESSAGE_BYTES));
  }
  return hash;
}
