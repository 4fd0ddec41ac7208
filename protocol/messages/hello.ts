/** What an enrolled device says of itself once a session is open. */
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import type { Abi } from './abi.ts'
import { ABIS } from './abi.ts'
import { Reader } from './read.ts'
import { clipText } from './text.ts'

export interface Hello {
  session: number
  seq: number
  /** The owner's name for the device. */
  label: string
  /** Such as `hedgerow/0.1.0`. */
  software: string
  /** Such as `arm64`. */
  arch: string
  cores: number
  memoryMiB: number
  /** Leases it can run at the same time. */
  slots: number
  /** Leases it wants to hold, running or waiting. */
  creditLeases: number
  /** Calling conventions it can run, each once. */
  abis: readonly Abi[]
  /** Versions of the metering rules it can run, each once, ascending: 1 to 8 of 1 to 255. */
  metering: readonly number[]
}

/** Above any machine there is; keeps sums of cores and MiB far from 2^53. */
const HARDWARE_COUNT_MAX = 0xffff_ffff

/** The payload of a hello. Names too long for the wire are cut. */
export function encodeHello(hello: Hello): Uint8Array {
  const { session, seq, cores, memoryMiB, slots, creditLeases } = hello
  const label = clipText(hello.label, LIMITS.labelBytesMax)
  const software = clipText(hello.software, LIMITS.nameLengthMax)
  const arch = clipText(hello.arch, LIMITS.nameLengthMax)
  const abis = hello.abis.map(abi => ABIS.indexOf(abi)).sort((a, b) => a - b)
  const metering = [...hello.metering].sort((a, b) => a - b)
  return encode([session, seq, label, software, arch, cores, memoryMiB, slots, creditLeases, abis, metering])
}

/**
 * Reads a hello.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [SESSION-2.1] [SESSION-2.4]
 */
export function decodeHello(bytes: Uint8Array): Hello {
  const read = Reader.open('hello', bytes, 11)
  return {
    session: read.uint('session'),
    seq: read.uint('seq'),
    label: read.text('label', LIMITS.labelBytesMax),
    software: read.text('software', LIMITS.nameLengthMax),
    arch: read.text('arch', LIMITS.nameLengthMax),
    cores: read.uint('cores', 1, HARDWARE_COUNT_MAX),
    memoryMiB: read.uint('memoryMiB', 1, HARDWARE_COUNT_MAX),
    slots: read.uint('slots', 0, LIMITS.slotsMax),
    creditLeases: read.uint('creditLeases', 0, LIMITS.creditLeasesMax),
    abis: read.set('abis', ABIS),
    metering: read.ascending('metering', LIMITS.meteringVersionsMax, 1, LIMITS.meteringVersionMax),
  }
}
