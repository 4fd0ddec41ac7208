/*
 * The task of capacity checks: work of a fixed amount that nobody can have done beforehand, and that a native program does hardly faster than
 * metered WebAssembly. Eight lanes each read and write a table of their own at places that depend on what they read last: vectors do not help,
 * since every lane reads elsewhere; nor does doing two units at once, since one fills the first-level cache of a small processor (32 KiB); and
 * nothing waits for memory. The unit's input is its seed. answer.ts computes the same.
 *
 * Built with clang 14 into task-module.ts:
 *   clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,-z,stack-size=1024 \
 *     -Wl,--initial-memory=65536 -Wl,--max-memory=65536 -s -o task.wasm task.c
 */

typedef unsigned int u32;
typedef unsigned long long u64;

#define LANES 8
#define WORDS 1024
#define STEPS (1 << 18)

static u32 table[LANES][WORDS];
static unsigned char input[64];
static u32 answer[2];

static inline u32 mix(u32 x) {
  x = (x ^ (x >> 16)) * 0x85ebca6bu;
  x = (x ^ (x >> 13)) * 0xc2b2ae35u;
  return x ^ (x >> 16);
}

__attribute__((export_name("alloc"))) unsigned char *alloc(u32 length) { return length <= sizeof input ? input : 0; }

#define STEP(lane, number)             \
  index = lane & (WORDS - 1);          \
  word = table[number][index];         \
  lane = (lane ^ word) * 0x9e3779b1u;  \
  lane ^= lane >> 15;                  \
  table[number][index] = word + lane;

__attribute__((export_name("run"))) u64 run(const unsigned char *bytes, u32 length) {
  u32 low = 0x243f6a88u, high = 0x85a308d3u;
  for (u32 at = 0; at < length; at++) {
    low = mix(low ^ bytes[at]);
    high = mix(high + low);
  }
  u32 next = low;
  for (u32 at = 0; at < LANES * WORDS; at++) {
    next = mix(next + high + at);
    table[0][at] = next;
  }
  u32 a = mix(next + 1), b = mix(a + 2), c = mix(b + 3), d = mix(c + 4);
  u32 e = mix(d + 5), f = mix(e + 6), g = mix(f + 7), h = mix(g + 8);
  for (u32 step = 0; step < STEPS; step++) {
    u32 index, word;
    STEP(a, 0) STEP(b, 1) STEP(c, 2) STEP(d, 3) STEP(e, 4) STEP(f, 5) STEP(g, 6) STEP(h, 7)
  }
  low = mix(a ^ mix(b ^ mix(c ^ mix(d ^ mix(e ^ mix(f ^ mix(g ^ mix(h))))))));
  high = low;
  for (u32 at = 0; at < LANES * WORDS; at++) high = mix(high ^ table[0][at]);
  answer[0] = low;
  answer[1] = high;
  return (u64)(u32)(unsigned long)answer << 32 | sizeof answer;
}
