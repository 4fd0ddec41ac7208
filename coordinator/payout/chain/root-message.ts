/** What coordinators sign for an epoch, and what the contract is sent then. */
import { concatBytes, toHex, utf8 } from '../../../protocol/index.ts'
import type { ChainTerms } from '../config.ts'
import { keccak256 } from './keccak.ts'
import { addressWord, bytesWords, uintWord } from './words.ts'

/** One epoch's root as the contract is told it. */
export interface RootMessage {
  readonly root: Uint8Array
  readonly epoch: number
  /** The sum of the leaves, in base units of the token. */
  readonly total: bigint
}

const DOMAIN_TYPE = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'
const ROOT_TYPE = 'PayoutRoot(bytes32 root,uint64 epoch,uint128 total)'
const POST_ROOT = 'postRoot(bytes32,uint64,uint128,bytes[])'
const hashOfText = (text: string): Uint8Array => keccak256(utf8(text))

/**
 * The digest that a coordinator's signature is over: structured data bound to the chain and the contract.
 * @see https://eips.ethereum.org/EIPS/eip-712
 */
export function rootDigest(
  terms: Pick<ChainTerms, 'chainId' | 'contract'>,
  { root, epoch, total }: RootMessage,
): Uint8Array {
  const names = concatBytes(hashOfText(DOMAIN_TYPE), hashOfText('HedgerowDistributor'), hashOfText('1'))
  const domain = keccak256(concatBytes(names, uintWord(terms.chainId), addressWord(terms.contract)))
  const message = keccak256(concatBytes(hashOfText(ROOT_TYPE), root, uintWord(epoch), uintWord(total)))
  return keccak256(concatBytes(Uint8Array.of(0x19, 0x01), domain, message))
}

/**
 * The data of the transaction that posts the root, `0x…`: what any wallet sends to the contract.
 * @param signatures - by ascending address of their signers
 */
export function postRootData({ root, epoch, total }: RootMessage, signatures: readonly Uint8Array[]): string {
  const parts = signatures.map(bytesWords)
  const offsets: Uint8Array[] = []
  let offset = 32 * parts.length
  for (const part of parts) {
    offsets.push(uintWord(offset))
    offset += part.length
  }
  const head = concatBytes(root, uintWord(epoch), uintWord(total), uintWord(4 * 32), uintWord(parts.length))
  return `0x${toHex(concatBytes(hashOfText(POST_ROOT).subarray(0, 4), head, ...offsets, ...parts))}`
}
