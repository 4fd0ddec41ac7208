// A machine of sixteen registers whose instructions are functions in a table; its program adds up the steps that numbers take in the Collatz sequence.
#include "kernel.h"

typedef void operation(int32_t a, int32_t b, int32_t c);

struct instruction {
  int32_t code, a, b, c;
};

static uint32_t registers[16];
static int32_t next;
static bool running;

static void op_move(int32_t a, int32_t b, int32_t c) {
  (void)c;
  registers[a] = registers[b];
}
static void op_constant(int32_t a, int32_t b, int32_t c) {
  (void)c;
  registers[a] = (uint32_t)b;
}
static void op_add(int32_t a, int32_t b, int32_t c) {
  registers[a] = registers[b] + registers[c];
}
static void op_subtract(int32_t a, int32_t b, int32_t c) {
  registers[a] = registers[b] - registers[c];
}
static void op_multiply(int32_t a, int32_t b, int32_t c) {
  registers[a] = registers[b] * registers[c];
}
static void op_and(int32_t a, int32_t b, int32_t c) {
  registers[a] = registers[b] & registers[c];
}
static void op_shift_right(int32_t a, int32_t b, int32_t c) {
  registers[a] = registers[b] >> (registers[c] & 31);
}
static void op_equal(int32_t a, int32_t b, int32_t c) {
  registers[a] = registers[b] == registers[c];
}
static void op_jump_if(int32_t a, int32_t b, int32_t c) {
  (void)c;
  if (registers[a] != 0) next = b;
}
static void op_halt(int32_t a, int32_t b, int32_t c) {
  (void)a;
  (void)b;
  (void)c;
  running = false;
}

enum { MOVE, CONSTANT, ADD, SUBTRACT, MULTIPLY, AND, SHIFT_RIGHT, EQUAL, JUMP_IF, HALT };

static operation *const OPERATIONS[] = {
    op_move, op_constant, op_add, op_subtract, op_multiply, op_and, op_shift_right, op_equal, op_jump_if, op_halt,
};

static const struct instruction PROGRAM[] = {
    /*  0 */ {MOVE, 3, 0, 0},
    /*  1 */ {CONSTANT, 4, 1, 0},
    /*  2 */ {EQUAL, 5, 3, 4},
    /*  3 */ {JUMP_IF, 5, 12, 0},
    /*  4 */ {AND, 5, 3, 4},
    /*  5 */ {JUMP_IF, 5, 8, 0},
    /*  6 */ {SHIFT_RIGHT, 3, 3, 4},
    /*  7 */ {JUMP_IF, 4, 10, 0},
    /*  8 */ {MULTIPLY, 3, 3, 6},
    /*  9 */ {ADD, 3, 3, 4},
    /* 10 */ {ADD, 2, 2, 4},
    /* 11 */ {JUMP_IF, 4, 2, 0},
    /* 12 */ {SUBTRACT, 0, 0, 4},
    /* 13 */ {JUMP_IF, 0, 0, 0},
    /* 14 */ {HALT, 0, 0, 0},
};

static uint64_t kernel(int32_t numbers) {
  registers[0] = (uint32_t)numbers;
  registers[2] = 0;
  registers[6] = 3;
  next = 0;
  running = true;
  uint64_t executed = 0;
  while (running) {
    const struct instruction *at = &PROGRAM[next++];
    executed++;
    OPERATIONS[at->code](at->a, at->b, at->c);
  }
  return mix(mix(SEED, registers[2]), executed);
}
