/** A coordinator's own key for roots, and the check of other coordinators' signatures. */
import { ConfigError, fromHex, type Random, toHex } from '../../../protocol/index.ts'
import { openSeedFile } from '../../../protocol/node/index.ts'
import type { ChainTerms } from '../config.ts'
import type { PaidAddress, RootSigner } from '../root-signer.ts'
import { checksummed } from './address.ts'
import { epochTree } from './claims.ts'
import { type RootMessage, rootDigest } from './root-message.ts'
import { addressOfKey, isSecretKey, signDigest, signerOf } from './secp256k1.ts'

const WORDS = {
  name: 'payout key',
  ifExposed:
    'If somebody may have copied it, they can sign payouts for this coordinator: have the other coordinators replace it in the contract.',
  ifDamaged: 'Restore it from your backup, or make another and have the other coordinators put it into the contract.',
}

/** A key that signs roots. */
export interface PayoutKey {
  /** `0x…` in lower case. */
  readonly address: string
  /** 65 bytes, `0x…`. */
  sign(terms: ChainTerms, message: RootMessage): string
}

/**
 * Reads the key, or makes it when there is no file.
 * @throws {ConfigError} `damaged` when the file is not a key, `bad_option` when others may read it
 */
export function openPayoutKey(path: string, random: Random): PayoutKey {
  const secretKey = openSeedFile(path, random, WORDS)
  if (!isSecretKey(secretKey)) {
    const reason = 'it is no secret key of secp256k1'
    throw new ConfigError(
      { code: 'damaged', path, reason },
      `The ${WORDS.name} ${path} cannot be used: ${reason}. ${WORDS.ifDamaged}`,
    )
  }
  const sign = (terms: ChainTerms, message: RootMessage) =>
    `0x${toHex(signDigest(rootDigest(terms, message), secretKey))}`
  return { address: addressOfKey(secretKey), sign }
}

/**
 * Signs roots with the key, which must be one of the contract's.
 * @throws {ConfigError} `bad_option` when it is not among the signers
 */
export function rootSignerOf(terms: ChainTerms, key: PayoutKey): RootSigner {
  if (!terms.signers.includes(key.address)) {
    const reason = `this coordinator's own, ${checksummed(key.address)}, must be among them`
    const message = `The setting payout.chain.signers lists ${terms.signers.length} addresses: ${reason}, and among the contract's.`
    throw new ConfigError({ code: 'bad_option', path: 'payout.chain.signers', reason }, message)
  }
  const sign = (epoch: number, paid: readonly PaidAddress[]) => {
    const { message } = epochTree(terms, epoch, paid)
    return { root: message.root, signature: key.sign(terms, message) }
  }
  return { address: key.address, sign }
}

/** The address that signed a root, `0x…`; null when the text is no signature over it. */
export function signerOfRoot(terms: ChainTerms, message: RootMessage, signature: string): string | null {
  return /^0x[0-9a-f]{130}$/i.test(signature) ? signerOf(rootDigest(terms, message), fromHex(signature.slice(2))) : null
}
