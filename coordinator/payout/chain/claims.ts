/** An epoch's tree as payees and contracts need it: amounts in base units, proofs, and the transaction that posts the root. */
import { assert, fromHex, toHex } from '../../../protocol/index.ts'
import type { ChainTerms } from '../config.ts'
import type { PaidAddress } from '../root-signer.ts'
import type { RootSignature } from '../signatures.ts'
import { postRootData, type RootMessage } from './root-message.ts'
import { type PayoutTree, payoutTree } from './tree.ts'

/** Everything about an epoch that is needed to post its root and to claim under it. Whole numbers are decimal texts. */
export interface PayoutClaims {
  readonly format: 'hedgerow-claims-1'
  readonly chainId: number
  readonly contract: string
  readonly epoch: number
  readonly root: string
  /** Of all payees, in base units of the token. */
  readonly total: string
  readonly signatures: readonly RootSignature[]
  /** What a transaction to the contract carries to post the root; null until enough coordinators have signed. */
  readonly postRoot: string | null
  /** By payee: all it has had to get, and the proof, the arguments of `claim(payee, cumulative, root, proof)`. */
  readonly claims: Readonly<Record<string, { readonly cumulative: string; readonly proof: readonly string[] }>>
}

/** A root with the tree it is of. */
export interface EpochTree {
  readonly message: RootMessage
  readonly tree: PayoutTree
  readonly leaves: readonly { readonly payee: string; readonly cumulative: bigint }[]
}

/**
 * The tree at the end of an epoch.
 * @param paid - everybody who was ever paid, at least one; amounts are whole multiples of the scale's micro-credits
 */
export function epochTree(terms: ChainTerms, epoch: number, paid: readonly PaidAddress[]): EpochTree {
  const { baseUnits, micro } = terms.creditScale
  const leaves = paid.map(({ payee, paidMicro }) => {
    assert(paidMicro % micro === 0n, 'what is paid is whole in the scale of the token')
    return { payee, cumulative: (paidMicro / micro) * baseUnits }
  })
  const tree = payoutTree(terms, leaves)
  const total = leaves.reduce((sum, { cumulative }) => sum + cumulative, 0n)
  return { message: { root: tree.root, epoch, total }, tree, leaves }
}

/** @param signatures - by ascending address of their signers */
export function payoutClaims(
  terms: ChainTerms,
  { message, tree, leaves }: EpochTree,
  signatures: readonly RootSignature[],
): PayoutClaims {
  const { chainId, contract, threshold } = terms
  const { epoch, root, total } = message
  const frames = signatures.map(({ signature }) => fromHex(signature.slice(2)))
  const byPayee = [...leaves].sort((a, b) => (a.payee < b.payee ? -1 : 1))
  const claims = byPayee.map(({ payee, cumulative }) => [
    payee,
    { cumulative: `${cumulative}`, proof: tree.proof(payee).map(hash => `0x${toHex(hash)}`) },
  ])
  return {
    format: 'hedgerow-claims-1',
    chainId,
    contract,
    epoch,
    root: `0x${toHex(root)}`,
    total: `${total}`,
    signatures,
    postRoot: frames.length < threshold ? null : postRootData(message, frames),
    claims: Object.fromEntries(claims),
  }
}
