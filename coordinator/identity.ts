/** The region's key. Whoever holds it is the region. */
import { keyThumbprint, type Random, type RegionId, regionIdOf, type Signer } from '../protocol/index.ts'
import { nodeSigner, openSeedFile } from '../protocol/node/index.ts'

export interface RegionIdentity {
  id: RegionId
  thumbprint: Uint8Array
  signer: Signer
}

const WORDS = {
  name: 'region key',
  ifExposed: 'If somebody may have copied it, they can pose as this region: start a new one and let devices join it.',
  ifDamaged: 'Restore it from your backup.',
}

/**
 * Reads the region's key, or makes it at the first start.
 * @throws {ConfigError} `damaged` when the file is not a key, `bad_option` when others may read it
 */
export function openRegionKey(path: string, random: Random): RegionIdentity {
  const signer = nodeSigner(openSeedFile(path, random, WORDS))
  return { id: regionIdOf(signer.publicKey), thumbprint: keyThumbprint(signer.publicKey), signer }
}
