/** Hostile variations of WebAssembly modules that keep their structure, so that more than the outermost reader meets them. */
import { concatBytes } from '../../protocol/bytes.ts'
import { TaskError } from '../../protocol/errors.ts'
import { InstructionReader } from '../../protocol/metering/instructions.ts'
import { readLocals } from '../../protocol/metering/read-locals.ts'
import { ModuleReader } from '../../protocol/metering/reader.ts'
import type { Random } from '../../protocol/random.ts'
import { mutate, pick } from '../support/mutate.ts'
import { leb } from '../support/wasm-module.ts'

const HEADER_BYTES = 8
const CODE_SECTION = 10

/** Instructions that change what is live, what is counted, or what is on the stack. */
const INSTRUCTIONS: readonly (readonly number[])[] = [
  [0x00],
  [0x02, 0x40],
  [0x03, 0x40],
  [0x41, 0x00, 0x04, 0x40],
  [0x05],
  [0x0b],
  [0x0c, 0x00],
  [0x0c, 0x01],
  [0x41, 0x01, 0x0d, 0x00],
  [0x41, 0x01, 0x0e, 0x01, 0x00, 0x01],
  [0x0f],
  [0x10, 0x00],
  [0x10, 0x01],
  [0x1a],
  [0x20, 0x00],
  [0x21, 0x00],
  [0x41, 0x00],
  [0x41, 0x00, 0x40, 0x00, 0x1a],
  [0x41, 0x00, 0x41, 0x00, 0x41, 0x00, 0xfc, 0x0b, 0x00],
  [0x43, 0x00, 0x00, 0xa0, 0x7f, 0xbc, 0x1a],
  [0x6a],
  [0xd2, 0x00, 0x1a],
]

interface Piece {
  readonly id: number
  readonly contents: Uint8Array
}

/** A module changed inside one section or one function body, with the lengths around it made right again; any bytes when it is none. */
export function mutateModule(valid: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const sections = sectionsOf(valid)
  const code = sections.findIndex(({ id }) => id === CODE_SECTION)
  const at = code >= 0 && pick(random, 4) > 0 ? code : pick(random, sections.length)
  const section = sections[at]
  if (section === undefined || pick(random, 8) === 0) return mutate(valid, other, random)
  const contents =
    section.id === CODE_SECTION ? mutateCode(section.contents, random) : mutate(section.contents, other, random)
  const pieces = sections.map((piece, index) => (index === at ? { ...piece, contents } : piece))
  return concatBytes(valid.subarray(0, HEADER_BYTES), ...pieces.map(sectionBytes))
}

/** One to three bodies with instructions put in, taken out, or replaced. */
function mutateCode(contents: Uint8Array, random: Random): Uint8Array {
  const { value: count, end } = readLeb(contents, 0)
  const bodies = piecesOf(contents, end, () => null)
  for (let changes = 1 + pick(random, 3); changes > 0; changes--) {
    const at = pick(random, bodies.length)
    const body = bodies[at]
    if (body !== undefined) bodies[at] = { ...body, contents: mutateBody(body.contents, random) }
  }
  return concatBytes(Uint8Array.from(leb(count)), ...bodies.map(({ contents: body }) => lengthAnd(body)))
}

/** Mostly between whole instructions. */
function mutateBody(body: Uint8Array, random: Random): Uint8Array {
  const starts = instructionsOf(body)
  const place = pick(random, starts.length)
  const at = pick(random, 8) === 0 ? pick(random, body.length) : (starts[place] ?? 0)
  const end = pick(random, 3) === 0 ? (starts[place + 1] ?? at) : at
  const from = pick(random, starts.length)
  const inserted =
    pick(random, 3) === 0
      ? body.subarray(starts[from] ?? 0, starts[from + 1 + pick(random, 6)] ?? starts[from] ?? 0)
      : Uint8Array.from(INSTRUCTIONS[pick(random, INSTRUCTIONS.length)] ?? [])
  return concatBytes(body.subarray(0, at), inserted, body.subarray(Math.max(at, end)))
}

/** Where the instructions of a body begin, as far as they can be read. */
function instructionsOf(body: Uint8Array): number[] {
  const starts: number[] = []
  try {
    const reader = new ModuleReader(body, 'body', 0, body.length)
    readLocals(reader)
    const code = new InstructionReader(reader)
    while (!reader.done) {
      starts.push(reader.offset)
      code.next()
    }
  } catch (thrown) {
    if (!(thrown instanceof TaskError)) throw thrown
  }
  return starts
}

function sectionsOf(module: Uint8Array): Piece[] {
  return piecesOf(module, HEADER_BYTES, at => module[at] ?? null)
}

/** What stands one behind the other: an id when `idAt` gives one, a length, and so many bytes. Ends where that makes no sense. */
function piecesOf(bytes: Uint8Array, start: number, idAt: (at: number) => number | null): Piece[] {
  const pieces: Piece[] = []
  for (let at = start; at < bytes.length; ) {
    const id = idAt(at)
    const { value, end } = readLeb(bytes, id === null ? at : at + 1)
    pieces.push({ id: id ?? 0, contents: bytes.subarray(end, end + value) })
    at = end + value
  }
  return pieces
}

function readLeb(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0
  let at = start
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++] ?? 0
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  return { value, end: at }
}

function sectionBytes({ id, contents }: Piece): Uint8Array {
  return concatBytes(Uint8Array.of(id), lengthAnd(contents))
}

function lengthAnd(contents: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.from(leb(contents.length)), contents)
}
