/** What the department needs of a chain. Made by `chain/`, which is loaded only where earnings are paid out on one. */

/** What one address has been paid in all. */
export interface PaidAddress {
  /** `0x…` in lower case. */
  readonly payee: string
  readonly paidMicro: bigint
}

export interface RootSigner {
  /** Address of this coordinator's own key. */
  readonly address: string
  /** The root over everybody who was ever paid, each once, and this coordinator's signature over it for the epoch. */
  sign(epoch: number, paid: readonly PaidAddress[]): { readonly root: Uint8Array; readonly signature: string }
}
