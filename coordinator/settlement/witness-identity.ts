/** The key that this region cosigns other logs with. It is never the region's own: a cosignature must not pass for anything else. */
import type { Random, Signer } from '../../protocol/index.ts'
import { nodeSigner, openSeedFile } from '../../protocol/node/index.ts'

const WORDS = {
  name: 'witness key',
  ifExposed:
    'If somebody may have copied it, they can cosign logs in the name of this region: replace it, and tell its peers.',
  ifDamaged: 'Restore it from your backup, or delete it and tell the peers of this region that it has a new one.',
}

/**
 * Reads the witness key, or makes it at the first start.
 * @throws {ConfigError} `damaged` when the file is not a key, `bad_option` when others may read it
 */
export function openWitnessKey(path: string, random: Random): Signer {
  return nodeSigner(openSeedFile(path, random, WORDS))
}
