// A WASI command: counts lines, words and the most frequent word of its standard input, and prints them.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_BYTES_MAX 64
#define SLOTS 65536

struct count {
  char *word;
  int times;
};

static struct count counts[SLOTS];

static struct count *find(const char *word) {
  unsigned hash = 2166136261u;
  for (const char *at = word; *at != 0; at++) hash = (hash ^ (unsigned char)*at) * 16777619u;
  unsigned slot = hash % SLOTS;
  while (counts[slot].word != NULL && strcmp(counts[slot].word, word) != 0) slot = (slot + 1) % SLOTS;
  if (counts[slot].word == NULL) counts[slot].word = strdup(word);
  return &counts[slot];
}

static int by_times(const void *a, const void *b) {
  const struct count *x = a, *y = b;
  if (x->times != y->times) return y->times - x->times;
  if (x->word == NULL || y->word == NULL) return (x->word == NULL) - (y->word == NULL);
  return strcmp(x->word, y->word);
}

int main(void) {
  char word[WORD_BYTES_MAX + 1];
  int length = 0, lines = 0, words = 0, byte;
  while ((byte = getchar()) != EOF) {
    if (byte == '\n') lines++;
    if (isalpha(byte) && length < WORD_BYTES_MAX) {
      word[length++] = (char)tolower(byte);
    } else if (length > 0) {
      word[length] = 0;
      find(word)->times++;
      words++;
      length = 0;
    }
  }
  qsort(counts, SLOTS, sizeof counts[0], by_times);
  printf("%d lines, %d words, %.4f of them '%s'\n", lines, words, words == 0 ? 0 : (double)counts[0].times / words,
         counts[0].word == NULL ? "" : counts[0].word);
  return words > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
