/** The parsers that meet bytes from strangers, each with what must hold when it accepts them. */
import { FrameGuard } from '../../coordinator/broker/frame-guard.ts'
import { engine } from '../../device/sandbox/engine.ts'
import { equalBytes, fromUtf8, toHex } from '../../protocol/bytes.ts'
import { decode, encode, encodeSequence, iterateSequence, skim } from '../../protocol/cbor/index.ts'
import { openSign1, sign1 } from '../../protocol/cose/index.ts'
import { assert, TaskError } from '../../protocol/errors.ts'
import {
  decodeBundle,
  encodeBundle,
  entriesPath,
  formatAddCheckpoint,
  formatCheckpoint,
  formatVerifierKey,
  openInclusionReceipt,
  parseAddCheckpoint,
  parseCheckpoint,
  parseLogPath,
  parseNote,
  parseVerifierKey,
  portableSha256,
  tilePath,
} from '../../protocol/merkle/index.ts'
import {
  checkOutputs,
  decodeClaimCode,
  decodeOutputs,
  decodeReading,
  encodeClaimCode,
  encodeOutputs,
  encodeReading,
  sliceOutputs,
} from '../../protocol/messages/index.ts'
import { inspectModule, type MeterShape, meterModule } from '../../protocol/metering/index.ts'
import {
  decodeSenmlCbor,
  decodeSenmlJson,
  encodeSenmlCbor,
  encodeSenmlJson,
  type Profile,
  resolveSenml,
  type SenmlRecord,
  sensorId,
} from '../../protocol/readings/index.ts'
import { decodeEntry, encodeEntry } from '../../protocol/settlement/index.ts'
import { parseTopic } from '../../protocol/topics.ts'
import { FAMILIES } from '../support/message-families.ts'

export interface Target {
  readonly name: string
  /**
   * Parses hostile bytes.
   * @returns whether it accepted them; a ProtocolError refuses them too, and any other error is a finding
   */
  run(bytes: Uint8Array): boolean
}

const NO_AAD = new Uint8Array()
const SHAPES: readonly MeterShape[] = ['fast', 'exact', 'profile']
/** Pages of memory that a mutated module may have: few, and more than the smallest ones begin with. */
const MEMORY_PAGES_MAX = 64
/** The profile by which every reading is read, whatever it was written by. */
export const FUZZED_PROFILE: Profile = {
  periodMs: 60_000,
  kind: 'sample',
  channels: ['a', 'b', 'c'].map(quantity => {
    return { sensor: sensorId('0000000000000000'), quantity, unit: 'V', exponent: 0, calibration: null }
  }),
}
/** Whatever the signature is, the code behind it must stand what it lets through. */
const credulous = { verify: () => true }

const families = FAMILIES.map((family): Target => {
  return { name: `decode ${family.name}`, run: bytes => sameBytes(family.encode(family.decode(bytes)), bytes) }
})

/** Every target sees every input, whatever it is a mutation of. */
export const TARGETS: readonly Target[] = [
  { name: 'skim', run: skimmed },
  { name: 'decode', run: bytes => sameBytes(encode(decode(bytes)), bytes) },
  { name: 'sequence', run: bytes => sameBytes(encodeSequence(iterateSequence(bytes)), bytes) },
  { name: 'frame', run: openFrame },
  ...families,
  ...[FUZZED_PROFILE, { ...FUZZED_PROFILE, kind: 'statistics' as const }].map((profile): Target => {
    const run = (bytes: Uint8Array) => sameBytes(encodeReading(decodeReading(bytes, profile), profile), bytes)
    return { name: profile.kind === 'sample' ? 'columns' : 'statistics', run }
  }),
  { name: 'senml json', run: bytes => readPack(bytes, decodeSenmlJson, encodeSenmlJson) },
  { name: 'senml cbor', run: bytes => readPack(bytes, decodeSenmlCbor, encodeSenmlCbor) },
  { name: 'outputs', run: readOutputs },
  { name: 'claim code', run: readClaim },
  { name: 'log entry', run: bytes => sameBytes(encodeEntry(decodeEntry(bytes)), bytes) },
  { name: 'bundle', run: readBundle },
  { name: 'inclusion receipt', run: readInclusion },
  { name: 'note', run: bytes => parseNote(textOf(bytes)).body !== '' },
  { name: 'checkpoint', run: bytes => sameCheckpoint(textOf(bytes)) },
  { name: 'verifier key', run: bytes => sameText(textOf(bytes), text => formatVerifierKey(parseVerifierKey(text))) },
  {
    name: 'request to cosign',
    run: bytes => sameText(textOf(bytes), text => formatAddCheckpoint(parseAddCheckpoint(text))),
  },
  { name: 'log path', run: bytes => sameLogPath(textOf(bytes.subarray(0, 400))) },
  { name: 'topic', run: bytes => parseTopic(String.fromCharCode(...bytes.subarray(0, 400))) !== null },
  { name: 'frame guard', run: guard },
  { name: 'inspect module', run: bytes => taskRefused(() => inspectModule(bytes)) },
  ...SHAPES.map(
    (shape): Target => ({ name: `meter ${shape}`, run: bytes => taskRefused(() => metered(bytes, shape)) }),
  ),
]

function readBundle(bytes: Uint8Array): boolean {
  let count = 0
  for (let at = 0; at + 1 < bytes.length; count++) at += 2 + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0)
  return sameBytes(encodeBundle(decodeBundle(bytes, count)), bytes)
}

/** Whoever takes a receipt knows its root afterwards, so it can be written again. */
function readInclusion(bytes: Uint8Array): boolean {
  const { size, index } = openInclusionReceipt(bytes, new Uint8Array(32), NO_AAD, credulous, portableSha256)
  assert(index < size, 'an entry is in its tree')
  return true
}

/** As readers of files and bodies have it. */
function textOf(bytes: Uint8Array): string {
  return fromUtf8(bytes)
}

function sameText(text: string, again: (text: string) => string): boolean {
  assert(again(text) === text, 'what was accepted is written alike')
  return true
}

/** Further lines say nothing, so only what comes before them is written again. */
function sameCheckpoint(text: string): boolean {
  const checkpoint = parseCheckpoint(text)
  assert(text.startsWith(formatCheckpoint(checkpoint)), 'what was accepted is written alike')
  return true
}

function sameLogPath(text: string): boolean {
  const what = parseLogPath(text)
  if (what === null) return false
  if (what.kind === 'tile') return sameText(text, () => tilePath(what.level, what.index, what.width))
  return sameText(text, () => (what.kind === 'entries' ? entriesPath(what.index, what.width) : 'checkpoint'))
}

function skimmed(bytes: Uint8Array): boolean {
  skim(bytes)
  return true
}

/** True, or a finding: each value has one byte form. */
function sameBytes(again: Uint8Array, bytes: Uint8Array): boolean {
  assert(equalBytes(again, bytes), `what was accepted is written alike, not as ${toHex(again)}`)
  return true
}

function openFrame(bytes: Uint8Array): boolean {
  const payload = openSign1(bytes, NO_AAD, NO_AAD, credulous)
  const signature = bytes.subarray(bytes.length - 64)
  return sameBytes(sign1(payload, NO_AAD, { publicKey: NO_AAD, sign: () => signature }), bytes)
}

/** What a pack says is what it says when it is written again; whether it can be resolved is another question. */
function readPack(
  bytes: Uint8Array,
  decodePack: (bytes: Uint8Array) => SenmlRecord[],
  encodePack: (records: readonly SenmlRecord[]) => Uint8Array,
): boolean {
  const records = decodePack(bytes)
  const again = encodePack(records)
  sameBytes(encodePack(decodePack(again)), again)
  resolveSenml(records, 0)
  return true
}

/** With the number of units that the head seems to claim. */
function readOutputs(bytes: Uint8Array): boolean {
  const count = claimedCount(bytes)
  sliceQuietly(bytes)
  checkOutputs(bytes, count)
  sameBytes(encodeOutputs(decodeOutputs(bytes, count)), bytes)
  return sameBytes(sliceOutputs(bytes, 0, count), bytes)
}

/** A slice may succeed before a fault that lies behind it; it must only not fail in another way. */
function sliceQuietly(bytes: Uint8Array): void {
  const half = Math.max(1, claimedCount(bytes) >> 1)
  const slice = sliceOutputs(bytes, 0, half)
  checkOutputs(slice, half)
}

function claimedCount(bytes: Uint8Array): number {
  const [first = 0, a = 0, b = 0] = bytes
  if (first < 0x98) return first & 31
  return first === 0x98 ? a : a * 256 + b
}

function readClaim(bytes: Uint8Array): boolean {
  const text = String.fromCharCode(...bytes.subarray(0, 3_000))
  const code = text.trim()
  assert(encodeClaimCode(decodeClaimCode(text)) === code, 'an accepted claim code is written alike')
  return true
}

/** In chunks whose sizes the bytes themselves decide; a refusal must stand. */
function guard(bytes: Uint8Array): boolean {
  const watch = new FrameGuard()
  let refusal: string | null = null
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + ((bytes[at] ?? 0) & 63)
    const verdict = watch.accept(bytes.subarray(at, at + size))
    assert(refusal === null || verdict === refusal, 'a refused connection stays refused')
    refusal = verdict
    at += size
  }
  return refusal === null
}

/** Runs what refuses with a TaskError, and nothing else. */
function taskRefused(run: () => unknown): boolean {
  try {
    run()
    return true
  } catch (thrown) {
    if (thrown instanceof TaskError && thrown.code === 'bad_module') return false
    throw thrown
  }
}

/** What an engine takes before, it takes afterwards. Modules that it does not take are never metered: a sandbox asks it first. */
function metered(bytes: Uint8Array, shape: MeterShape): void {
  const { bytes: rewritten } = meterModule(bytes, { memoryPagesMax: MEMORY_PAGES_MAX, shape })
  assert(!engine.validate(bytes) || engine.validate(rewritten), 'metering leaves a valid module valid')
}
