/** Everything about chains. Loaded only where earnings are paid out on one. */
export { addressBytes, addressOfBytes, checksummed, parseAddress } from './address.ts'
export { type EpochTree, epochTree, type PayoutClaims, payoutClaims } from './claims.ts'
export { postRootData, type RootMessage, rootDigest } from './root-message.ts'
export { addressOfKey, signDigest, signerOf } from './secp256k1.ts'
export { openPayoutKey, type PayoutKey, rootSignerOf, signerOfRoot } from './signer.ts'
export { type PayoutTree, payoutTree, type TreeLeaf } from './tree.ts'
