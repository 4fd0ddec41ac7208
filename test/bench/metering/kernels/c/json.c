// Writes a JSON text, parses it into a tree by recursive descent, and walks the tree.
#include "kernel.h"

#define RECORD_BYTES_MAX 160

enum kind { KIND_NULL, KIND_FALSE, KIND_TRUE, KIND_NUMBER, KIND_TEXT, KIND_LIST, KIND_RECORD };

// UTF-16, as JSON's escapes have it.
struct text {
  int32_t length;
  uint16_t units[];
};

struct value {
  enum kind kind;
  double number;
  struct text *text;
  // Name within a record.
  struct text *key;
  struct value *first, *next;
};

static uint8_t *cursor;

static void put(const char *text) {
  while (*text != 0) *cursor++ = (uint8_t)*text++;
}

static void put_number(uint32_t value) {
  if (value >= 10) put_number(value / 10);
  *cursor++ = (uint8_t)('0' + value % 10);
}

static uint8_t *write_all(uint8_t *to, int32_t records) {
  seed_random(9);
  cursor = to;
  put("[");
  for (int32_t i = 0; i < records; i++) {
    put(i == 0 ? "\n {\"id\": " : ",\n {\"id\": ");
    put_number((uint32_t)i);
    put(", \"name\": \"item \\\"");
    put_number(next_random() % 1000);
    put("\\\" caf\\u00e9\", \"price\": ");
    if (next_random() % 4 == 0) put("-");
    put_number(next_random() % 10000);
    put(".");
    put_number(10 + next_random() % 90);
    put(", \"tags\": [\"a\", \"b\", ");
    put_number(next_random() % 50);
    put("], \"ok\": ");
    put(next_random() % 2 == 0 ? "true" : "false");
    put(", \"none\": null, \"nested\": {\"x\": {\"y\": []}}}");
  }
  put("\n]");
  return cursor;
}

static uint8_t skip_space(void) {
  while (*cursor == ' ' || *cursor == '\n' || *cursor == '\r' || *cursor == '\t') cursor++;
  return *cursor;
}

static void expect(uint8_t byte) {
  if (skip_space() != byte) __builtin_trap();
  cursor++;
}

static struct value *make(enum kind kind) {
  struct value *value = calloc(1, sizeof *value);
  value->kind = kind;
  return value;
}

static uint16_t parse_escape(void) {
  uint8_t byte = *cursor++;
  if (byte == 'n') return '\n';
  if (byte == 't') return '\t';
  if (byte != 'u') return byte;
  uint16_t unit = 0;
  for (int i = 0; i < 4; i++) {
    uint8_t digit = *cursor++;
    unit = (uint16_t)(unit * 16 + (digit > '9' ? (digit | 0x20) - 'a' + 10 : digit - '0'));
  }
  return unit;
}

static struct text *parse_text(void) {
  expect('"');
  const uint8_t *end = cursor;
  for (; *end != '"'; end++) if (*end == '\\') end++;
  // An escape only gets shorter, so this is room enough.
  struct text *text = malloc(sizeof *text + (size_t)(end - cursor) * sizeof text->units[0]);
  int32_t length = 0;
  while (cursor < end) {
    uint16_t unit = *cursor++;
    text->units[length++] = unit == '\\' ? parse_escape() : unit;
  }
  text->length = length;
  cursor++;
  return text;
}

static bool is_digit(uint8_t byte) {
  return byte >= '0' && byte <= '9';
}

static struct value *parse_number(void) {
  bool negative = *cursor == '-';
  if (negative) cursor++;
  if (!is_digit(*cursor)) __builtin_trap();
  double digits = 0, scale = 1;
  while (is_digit(*cursor)) digits = digits * 10 + (*cursor++ - '0');
  if (*cursor == '.') {
    cursor++;
    while (is_digit(*cursor)) {
      digits = digits * 10 + (*cursor++ - '0');
      scale *= 10;
    }
  }
  struct value *value = make(KIND_NUMBER);
  value->number = negative ? -digits / scale : digits / scale;
  return value;
}

static struct value *parse_word(const char *word, enum kind kind) {
  while (*word != 0) if (*cursor++ != *word++) __builtin_trap();
  return make(kind);
}

static struct value *parse_value(void);

static struct value *parse_members(enum kind kind, uint8_t close) {
  struct value *all = make(kind), **place = &all->first;
  cursor++;
  if (skip_space() == close) {
    cursor++;
    return all;
  }
  for (;;) {
    struct text *key = NULL;
    if (kind == KIND_RECORD) {
      key = parse_text();
      expect(':');
    }
    struct value *value = parse_value();
    value->key = key;
    *place = value;
    place = &value->next;
    if (skip_space() != ',') break;
    cursor++;
  }
  expect(close);
  return all;
}

static struct value *parse_value(void) {
  switch (skip_space()) {
    case '[':
      return parse_members(KIND_LIST, ']');
    case '{':
      return parse_members(KIND_RECORD, '}');
    case '"': {
      struct value *value = make(KIND_TEXT);
      value->text = parse_text();
      return value;
    }
    case 't':
      return parse_word("true", KIND_TRUE);
    case 'f':
      return parse_word("false", KIND_FALSE);
    case 'n':
      return parse_word("null", KIND_NULL);
    default:
      return parse_number();
  }
}

static uint64_t mix_text(uint64_t hash, const struct text *text) {
  hash = mix(hash, text == NULL ? 0 : (uint64_t)text->length);
  for (int32_t i = 0; text != NULL && i < text->length; i++) hash = mix(hash, text->units[i]);
  return hash;
}

static uint64_t walk(uint64_t hash, const struct value *value) {
  hash = mix_text(mix(hash, value->kind), value->key);
  if (value->kind == KIND_NUMBER) hash = mix(hash, bits_of(value->number));
  if (value->kind == KIND_TEXT) hash = mix_text(hash, value->text);
  for (const struct value *child = value->first; child != NULL; child = child->next) hash = walk(hash, child);
  return hash;
}

static void let_go(struct value *value) {
  while (value != NULL) {
    struct value *next = value->next;
    let_go(value->first);
    free(value->text);
    free(value->key);
    free(value);
    value = next;
  }
}

static uint64_t kernel(int32_t records) {
  uint8_t *text = malloc((size_t)records * RECORD_BYTES_MAX + 16);
  const uint8_t *end = write_all(text, records);
  cursor = text;
  struct value *value = parse_value();
  if (cursor != end) __builtin_trap();
  uint64_t hash = walk(mix(SEED, (uint64_t)(end - text)), value);
  let_go(value);
  free(text);
  return hash;
}
