import { ConfigError } from '../../../protocol/index.ts'

/** A FAT file system that says something impossible about itself. */
export function damagedFat(reason: string): ConfigError {
  return new ConfigError(
    { code: 'damaged', path: 'boot partition', reason },
    `The boot partition of the image is damaged (${reason}): download the image again.`,
  )
}
