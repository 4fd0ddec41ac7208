/** The part of the administration that is about payouts. */
import type { PayoutClaims } from '../payout/chain/index.ts'
import type { EpochState } from '../store/index.ts'

/** How the region pays out. */
export interface PayoutTerms {
  method: 'points' | 'csv' | 'chain'
  minimumMicro: string
  feeMicro: string
  epochMs: number
  /** When the running epoch is over. */
  nextMs: number
  chain: PayoutChain | null
}

/** The contract, and whose signatures it asks for. `baseUnits` of the token are `micro` micro-credits. */
export interface PayoutChain {
  chainId: number
  contract: string
  signers: string[]
  threshold: number
  /** This coordinator's own. */
  signer: string
  baseUnits: string
  micro: string
}

/** One epoch that was closed, and how far its payment is. */
export interface PayoutEpoch {
  epoch: number
  fromMs: number
  toMs: number
  method: 'points' | 'csv' | 'chain'
  state: EpochState
  closedAtMs: number
  /** What the log says of it: SHA-256 of the file, or the root for the contract. Hexadecimal. */
  root: string
  payees: number
  epochMicro: string
  totalMicro: string
  /** Who has signed the root; empty for a file. */
  signers: string[]
}

/** What one payee gets of an epoch. */
export interface PayoutPayment {
  payee: string
  devices: number
  amountMicro: string
  feeMicro: string
  netMicro: string
  /** Of all epochs up to this one. */
  cumulativeMicro: string
  /** Whether it waits to be confirmed. */
  pending: boolean
}

/** An epoch with all that it pays. */
export interface PayoutDetail extends PayoutEpoch {
  payments: PayoutPayment[]
}

/** How the region pays out, and its epochs, newest first. */
export interface PayoutOverview {
  terms: PayoutTerms
  epochs: PayoutEpoch[]
}

/** Where the earnings of a device go, or will go. */
export interface BoundAddress {
  device: string
  label: string
  owner: string
  address: string
  boundAtMs: number
  effectiveAtMs: number
  /** Whether it waits for its time. */
  waits: boolean
}

/** Each method names its route, as in {@link AdminApi}. */
export interface PayoutAdminApi {
  /** `GET /api/payouts` */
  payoutList(): Promise<PayoutOverview>
  /** `GET /api/payouts/:epoch`; the file for a bank is at `…/file`. */
  payout(epoch: number): Promise<PayoutDetail>
  /** `GET /api/payouts/:epoch/claims` */
  payoutClaims(epoch: number): Promise<PayoutClaims>
  /** `POST /api/payouts/:epoch/confirm`: the payments were made, or the root was posted. */
  payoutConfirm(epoch: number): Promise<PayoutEpoch>
  /** `POST /api/payouts/:epoch/void` with `{payee?}`: the payments, or one of them, failed. */
  payoutVoid(epoch: number, payee?: string): Promise<PayoutEpoch>
  /** `POST /api/payouts/:epoch/signatures` with `{signature}` of another coordinator. 201 */
  payoutSign(epoch: number, signature: string): Promise<PayoutEpoch>
  /** `GET /api/bindings` */
  bindingList(): Promise<BoundAddress[]>
}

/** What only the coordinator itself can do, since the answer is no JSON. */
export interface PayoutFiles {
  /** `GET /api/payouts/:epoch/file`: the CSV whose SHA-256 is in the log. */
  payoutFile(epoch: number): string
}
