// @ts-nocheck: AssemblyScript, checked by its own compiler.
// A machine of sixteen registers whose instructions are functions in a table; its program adds up the steps that numbers take in the Collatz sequence.
import { answer, mix, SEED, sizeAt } from './reactor'

export { alloc } from './reactor'

type Operation = (a: i32, b: i32, c: i32) => void

const registers = new StaticArray<u32>(16)
let next: i32 = 0
let running = false

function move(a: i32, b: i32, _c: i32): void {
  registers[a] = registers[b]
}
function constant(a: i32, b: i32, _c: i32): void {
  registers[a] = b
}
function add(a: i32, b: i32, c: i32): void {
  registers[a] = registers[b] + registers[c]
}
function subtract(a: i32, b: i32, c: i32): void {
  registers[a] = registers[b] - registers[c]
}
function multiply(a: i32, b: i32, c: i32): void {
  registers[a] = registers[b] * registers[c]
}
function and(a: i32, b: i32, c: i32): void {
  registers[a] = registers[b] & registers[c]
}
function shiftRight(a: i32, b: i32, c: i32): void {
  registers[a] = registers[b] >> (registers[c] & 31)
}
function equal(a: i32, b: i32, c: i32): void {
  registers[a] = registers[b] == registers[c] ? 1 : 0
}
function jumpIf(a: i32, b: i32, _c: i32): void {
  if (registers[a] != 0) next = b
}
function halt(_a: i32, _b: i32, _c: i32): void {
  running = false
}

const OPERATIONS: StaticArray<Operation> = [move, constant, add, subtract, multiply, and, shiftRight, equal, jumpIf, halt]
const MOVE = 0
const CONSTANT = 1
const ADD = 2
const SUBTRACT = 3
const MULTIPLY = 4
const AND = 5
const SHIFT_RIGHT = 6
const EQUAL = 7
const JUMP_IF = 8
const HALT = 9

const PROGRAM: StaticArray<i32> = [
  /*  0 */ MOVE, 3, 0, 0,
  /*  1 */ CONSTANT, 4, 1, 0,
  /*  2 */ EQUAL, 5, 3, 4,
  /*  3 */ JUMP_IF, 5, 12, 0,
  /*  4 */ AND, 5, 3, 4,
  /*  5 */ JUMP_IF, 5, 8, 0,
  /*  6 */ SHIFT_RIGHT, 3, 3, 4,
  /*  7 */ JUMP_IF, 4, 10, 0,
  /*  8 */ MULTIPLY, 3, 3, 6,
  /*  9 */ ADD, 3, 3, 4,
  /* 10 */ ADD, 2, 2, 4,
  /* 11 */ JUMP_IF, 4, 2, 0,
  /* 12 */ SUBTRACT, 0, 0, 4,
  /* 13 */ JUMP_IF, 0, 0, 0,
  /* 14 */ HALT, 0, 0, 0,
]

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(numbers: i32): u64 {
  registers[0] = numbers
  registers[2] = 0
  registers[6] = 3
  next = 0
  running = true
  let executed: u64 = 0
  while (running) {
    const at = next * 4
    next++
    executed++
    OPERATIONS[PROGRAM[at]](PROGRAM[at + 1], PROGRAM[at + 2], PROGRAM[at + 3])
  }
  return mix(mix(SEED, registers[2]), executed)
}
