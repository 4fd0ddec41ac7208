/**
 * Signatures that cost a hash. Whoever knows the public key could make them, but nobody here does so for another: they bind key, place
 * and bytes as real ones do, at a fortieth of the cost. Some seeds run with real ones.
 */
import { createHash } from 'node:crypto'
import { equalBytes, type Random, type Signer, type Verifier } from '../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../protocol/node/index.ts'

export interface Signatures {
  /** A new key of this generator. */
  signer(random: Random): Signer
  readonly verifier: Verifier
}

const KEY_BYTES = 32

/** Ed25519 by the machine's own library. */
export const realSignatures = (): Signatures => ({
  signer: random => nodeSigner(random.bytes(KEY_BYTES)),
  verifier: nodeVerifier(),
})

/** A SHA-512 over key and message in place of each signature. */
export const cheapSignatures = (): Signatures => ({
  signer: random => {
    const publicKey = random.bytes(KEY_BYTES)
    return { publicKey, sign: message => seal(publicKey, message) }
  },
  verifier: { verify: (publicKey, message, signature) => equalBytes(seal(publicKey, message), signature) },
})

function seal(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha512').update(publicKey).update(message).digest())
}
