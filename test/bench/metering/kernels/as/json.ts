// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Writes a JSON text, parses it into a tree by recursive descent, and walks the tree.
import { answer, mix, random, SEED, seedRandom, sizeAt } from './reactor'

export { alloc } from './reactor'

const RECORD_BYTES_MAX = 160

const enum Kind {
  Null,
  False,
  True,
  Number,
  Text,
  List,
  Record,
}

class Value {
  number: f64 = 0
  text: string = ''
  /** Name within a record. */
  key: string = ''
  first: Value | null = null
  next: Value | null = null
  constructor(public kind: Kind) {}
}

let cursor: usize = 0

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(records: i32): u64 {
  const text = heap.alloc(records * RECORD_BYTES_MAX + 16)
  const end = writeAll(text, records)
  cursor = text
  const value = parseValue()
  if (cursor != end) unreachable()
  heap.free(text)
  return walk(mix(SEED, end - text), value)
}

function put(text: string): void {
  for (let i = 0; i < text.length; i++) store<u8>(cursor++, text.charCodeAt(i) as u8)
}

function putNumber(value: u32): void {
  if (value >= 10) putNumber(value / 10)
  store<u8>(cursor++, (48 + (value % 10)) as u8)
}

function writeAll(to: usize, records: i32): usize {
  seedRandom(9)
  cursor = to
  put('[')
  for (let i = 0; i < records; i++) {
    put(i == 0 ? '\n {"id": ' : ',\n {"id": ')
    putNumber(i)
    put(', "name": "item \\"')
    putNumber(random() % 1000)
    put('\\" caf\\u00e9", "price": ')
    if (random() % 4 == 0) put('-')
    putNumber(random() % 10000)
    put('.')
    putNumber(10 + (random() % 90))
    put(', "tags": ["a", "b", ')
    putNumber(random() % 50)
    put('], "ok": ')
    put(random() % 2 == 0 ? 'true' : 'false')
    put(', "none": null, "nested": {"x": {"y": []}}}')
  }
  put('\n]')
  return cursor
}

function skipSpace(): i32 {
  let byte: i32 = load<u8>(cursor)
  while (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09) byte = load<u8>(++cursor)
  return byte
}

function expect(byte: i32): void {
  if (skipSpace() != byte) unreachable()
  cursor++
}

function parseValue(): Value {
  switch (skipSpace()) {
    case 0x5b:
      return parseList()
    case 0x7b:
      return parseRecord()
    case 0x22: {
      const value = new Value(Kind.Text)
      value.text = parseText()
      return value
    }
    case 0x74:
      return parseWord('true', Kind.True)
    case 0x66:
      return parseWord('false', Kind.False)
    case 0x6e:
      return parseWord('null', Kind.Null)
    default:
      return parseNumber()
  }
}

function parseWord(word: string, kind: Kind): Value {
  for (let i = 0; i < word.length; i++) if (load<u8>(cursor++) != word.charCodeAt(i)) unreachable()
  return new Value(kind)
}

function parseList(): Value {
  const list = new Value(Kind.List)
  let last: Value | null = null
  cursor++
  if (skipSpace() == 0x5d) {
    cursor++
    return list
  }
  for (;;) {
    const value = parseValue()
    if (last === null) list.first = value
    else last.next = value
    last = value
    if (skipSpace() != 0x2c) break
    cursor++
  }
  expect(0x5d)
  return list
}

function parseRecord(): Value {
  const record = new Value(Kind.Record)
  let last: Value | null = null
  cursor++
  if (skipSpace() == 0x7d) {
    cursor++
    return record
  }
  for (;;) {
    skipSpace()
    const key = parseText()
    expect(0x3a)
    const value = parseValue()
    value.key = key
    if (last === null) record.first = value
    else last.next = value
    last = value
    if (skipSpace() != 0x2c) break
    cursor++
  }
  expect(0x7d)
  return record
}

function textEnd(): usize {
  let at = cursor
  for (; load<u8>(at) != 0x22; at++) if (load<u8>(at) == 0x5c) at++
  return at
}

function parseText(): string {
  expect(0x22)
  const end = textEnd()
  // An escape only gets shorter, so this is room enough.
  const units = new StaticArray<u16>((end - cursor) as i32)
  let length = 0
  while (cursor < end) {
    let unit: u16 = load<u8>(cursor++)
    if (unit == 0x5c) unit = parseEscape()
    units[length++] = unit
  }
  cursor++
  return String.UTF16.decodeUnsafe(changetype<usize>(units), (length as usize) * 2)
}

function parseEscape(): u16 {
  const byte: u16 = load<u8>(cursor++)
  if (byte == 0x6e) return 0x0a
  if (byte == 0x74) return 0x09
  if (byte != 0x75) return byte
  let unit: u16 = 0
  for (let i = 0; i < 4; i++) {
    const digit: u16 = load<u8>(cursor++)
    unit = unit * 16 + (digit > 0x39 ? (digit | 0x20) - 0x57 : digit - 0x30)
  }
  return unit
}

function isDigit(byte: i32): bool {
  return byte >= 0x30 && byte <= 0x39
}

function parseNumber(): Value {
  const negative = load<u8>(cursor) == 0x2d
  if (negative) cursor++
  if (!isDigit(load<u8>(cursor))) unreachable()
  let digits: f64 = 0
  let scale: f64 = 1
  while (isDigit(load<u8>(cursor))) digits = digits * 10 + ((load<u8>(cursor++) - 0x30) as f64)
  if (load<u8>(cursor) == 0x2e) {
    cursor++
    while (isDigit(load<u8>(cursor))) {
      digits = digits * 10 + ((load<u8>(cursor++) - 0x30) as f64)
      scale *= 10
    }
  }
  const value = new Value(Kind.Number)
  value.number = negative ? -digits / scale : digits / scale
  return value
}

function walk(start: u64, value: Value): u64 {
  let hash = mixText(mix(start, value.kind), value.key)
  if (value.kind == Kind.Number) hash = mix(hash, reinterpret<u64>(value.number))
  if (value.kind == Kind.Text) hash = mixText(hash, value.text)
  let child = value.first
  while (child !== null) {
    hash = walk(hash, child)
    child = child.next
  }
  return hash
}

function mixText(start: u64, text: string): u64 {
  let hash = mix(start, text.length)
  for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i))
  return hash
}
