/** The form of the files in `protocol/spec/vectors`, and where they are. */
import { readFileSync } from 'node:fs'
import type { ProtocolFailure } from '../../protocol/errors.ts'
import type { ProfileKind } from '../../protocol/readings/index.ts'
import type { Direction } from '../../protocol/topics.ts'
import type { Json } from '../support/diag.ts'

/** What a refusal must say: its code, and the part of its data that other implementations can give alike. */
export interface Refusal {
  readonly code: ProtocolFailure['code']
  readonly field?: string
  readonly reason?: string
}

export interface PositiveVector {
  readonly title: string
  readonly input: Json
  readonly payloadHex: string
  readonly aadHex: string
  readonly frameHex: string
}

export interface NegativeVector {
  readonly title: string
  readonly payloadHex: string
  readonly failure: Refusal
  /** The CDDL rule matches all the same, since it cannot express what is wrong. */
  readonly beyondCddl?: true
}

export interface MessageFile {
  readonly message: string
  readonly rule: string
  readonly direction: Direction
  readonly class: string
  readonly vectors: readonly (PositiveVector | NegativeVector)[]
}

export interface OutputsFile {
  readonly vectors: readonly (
    | {
        readonly title: string
        readonly input: Json
        readonly payloadHex: string
        readonly sha256Hex: string
        /** Units without an output, and the fuel of all units. */
        readonly failed: number
        readonly fuel: number
      }
    | {
        readonly title: string
        readonly units: number
        /** Only a reader that knows this limit of the task refuses the bytes. */
        readonly unitFuelMax?: number
        readonly payloadHex: string
        readonly failure: Refusal
      }
  )[]
}

export interface ColumnsFile {
  readonly vectors: readonly (Packed & ({ readonly columns: (number | null)[][] } | { readonly failure: Refusal }))[]
}

interface Packed {
  readonly title: string
  readonly kind: ProfileKind
  readonly channels: number
  /** Readings of the frame. */
  readonly count: number
  readonly packedHex: string
}

export interface ClaimFile {
  readonly derivations: readonly {
    readonly title: string
    readonly secretHex: string
    readonly deviceKeyHex: string
    readonly regionKeyHex: string
    readonly claimKeyHex: string
    readonly claimIdHex: string
    readonly proofHex: string
  }[]
  readonly codes: readonly (
    | { readonly title: string; readonly input: Json; readonly code: string }
    | { readonly title: string; readonly code: string; readonly failure: Refusal }
  )[]
}

export interface FrameFile {
  readonly vectors: readonly {
    readonly title: string
    readonly frameHex: string
    readonly aadHex: string
    readonly publicKeyHex: string
    readonly payloadHex?: string
    readonly failure?: Refusal
  }[]
}

export interface EntryFile {
  readonly rule: string
  readonly vectors: readonly (
    | { readonly title: string; readonly input: Json; readonly payloadHex: string; readonly leafHex: string }
    | NegativeVector
  )[]
}

export interface CheckpointFile {
  /** Verifier keys of the log and of the witness. */
  readonly logKey: string
  readonly witnessKey: string
  readonly checkpoints: readonly (
    | {
        readonly title: string
        readonly origin: string
        readonly size: number
        readonly rootHex: string
        readonly note: string
        /** Seconds since 1970; null when the witness has not. */
        readonly cosignedAtS: number | null
      }
    | { readonly title: string; readonly note: string; readonly failure: Refusal }
  )[]
  readonly bodies: readonly (
    | { readonly title: string; readonly body: string; readonly size: number }
    | { readonly title: string; readonly body: string; readonly failure: Refusal }
  )[]
  /** Requests to cosign. */
  readonly requests: readonly (
    | {
        readonly title: string
        readonly oldSize: number
        readonly pathHex: readonly string[]
        readonly note: string
        readonly request: string
      }
    | { readonly title: string; readonly request: string; readonly failure: Refusal }
  )[]
}

export interface InclusionFile {
  readonly vectors: readonly ({
    readonly title: string
    readonly receiptHex: string
    readonly leafHex: string
    readonly publicKeyHex: string
  } & ({ readonly size: number; readonly index: number; readonly rootHex: string } | { readonly failure: Refusal }))[]
}

export interface KeysFile {
  readonly device: { readonly seedHex: string; readonly publicKeyHex: string; readonly id: string }
  readonly region: { readonly seedHex: string; readonly publicKeyHex: string; readonly id: string }
}

/** Address of a vector file. */
export function vectorUrl(name: string): URL {
  return new URL(`../../protocol/spec/vectors/${name}.json`, import.meta.url)
}

/** The content of a vector file, whose form is the caller's claim. */
export function readVectors<File>(name: string): File {
  return JSON.parse(readFileSync(vectorUrl(name), 'utf8')) as File
}
