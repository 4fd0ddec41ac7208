// Builds, joins, splits and counts short strings: many small allocations.
#include "kernel.h"

#define WORDS 1000
#define SLOTS 2048
#define NUMBER_BYTES_MAX 10

struct count {
  char *word;
  int32_t times;
};

static struct count counts[WORDS];
static int32_t count_length;
// Places in `counts`, plus one; 0 where a slot is free.
static int32_t slots[SLOTS];

static char *with_number(const char *before, size_t length, uint32_t number) {
  char digits[NUMBER_BYTES_MAX];
  int32_t first = NUMBER_BYTES_MAX;
  do {
    digits[--first] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  size_t digits_length = (size_t)(NUMBER_BYTES_MAX - first);
  char *text = malloc(length + digits_length + 1);
  memcpy(text, before, length);
  memcpy(text + length, digits + first, digits_length);
  text[length + digits_length] = 0;
  return text;
}

static char *joined(const char *a, const char *b) {
  size_t length = strlen(a);
  char *text = malloc(length + strlen(b) + 1);
  memcpy(text, a, length);
  strcpy(text + length, b);
  return text;
}

static void count_word(const char *word) {
  uint32_t hash = 2166136261u;
  for (const char *at = word; *at != 0; at++) hash = (hash ^ (uint8_t)*at) * 16777619u;
  for (uint32_t slot = hash % SLOTS;; slot = (slot + 1) % SLOTS) {
    if (slots[slot] == 0) {
      counts[count_length].word = strdup(word);
      counts[count_length].times = 1;
      slots[slot] = ++count_length;
      return;
    }
    struct count *found = &counts[slots[slot] - 1];
    if (strcmp(found->word, word) != 0) continue;
    found->times++;
    return;
  }
}

static char *join_all(char *const *lines, int32_t count) {
  size_t length = 0;
  for (int32_t i = 0; i < count; i++) length += strlen(lines[i]) + 1;
  char *text = malloc(length + 1);
  char *at = text;
  for (int32_t i = 0; i < count; i++) {
    if (i > 0) *at++ = ',';
    size_t bytes = strlen(lines[i]);
    memcpy(at, lines[i], bytes);
    at += bytes;
  }
  *at = 0;
  return text;
}

static int32_t split_all(const char *text, char **parts) {
  int32_t count = 0;
  for (;;) {
    size_t length = strcspn(text, ",");
    char *part = malloc(length + 1);
    memcpy(part, text, length);
    part[length] = 0;
    parts[count++] = part;
    if (text[length] == 0) return count;
    text += length + 1;
  }
}

static uint64_t mix_text(uint64_t hash, const char *text) {
  hash = mix(hash, strlen(text));
  for (; *text != 0; text++) hash = mix(hash, (uint8_t)*text);
  return hash;
}

static uint64_t kernel(int32_t count) {
  char **lines = malloc((size_t)count * sizeof *lines);
  memset(slots, 0, sizeof slots);
  count_length = 0;
  seed_random(7);
  for (int32_t i = 0; i < count; i++) {
    char *word = with_number("word", 4, next_random() % WORDS);
    count_word(word);
    char *number = with_number(":", 1, (uint32_t)i);
    lines[i] = joined(word, number);
    free(word);
    free(number);
  }
  char *text = join_all(lines, count);
  for (int32_t i = 0; i < count; i++) free(lines[i]);
  int32_t parts = split_all(text, lines);
  free(text);
  uint64_t hash = mix(SEED, (uint64_t)parts);
  for (int32_t i = 0; i < parts; i++) {
    hash = mix_text(hash, lines[i]);
    free(lines[i]);
  }
  for (int32_t i = 0; i < count_length; i++) {
    hash = mix(mix_text(hash, counts[i].word), (uint64_t)counts[i].times);
    free(counts[i].word);
  }
  free(lines);
  return hash;
}
