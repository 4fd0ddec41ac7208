/** Coordinators' signatures over the root of an epoch, as its row keeps them. */
import type { EpochRow } from '../store/rows.ts'

export interface RootSignature {
  /** `0x…` in lower case. */
  readonly signer: string
  /** r, s and v: 65 bytes, `0x…`. */
  readonly signature: string
}

/** By ascending address, the order in which the contract wants them. */
export function signaturesOf(row: Pick<EpochRow, 'signatures'>): RootSignature[] {
  return row.signatures === '' ? [] : (JSON.parse(row.signatures) as RootSignature[])
}

/** The row's text with one more, or with one instead of an earlier one of the same signer. */
export function withSignature(row: Pick<EpochRow, 'signatures'>, added: RootSignature): string {
  const others = signaturesOf(row).filter(({ signer }) => signer !== added.signer)
  return JSON.stringify([...others, added].sort((a, b) => (a.signer < b.signer ? -1 : 1)))
}
