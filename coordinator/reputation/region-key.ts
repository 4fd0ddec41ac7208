/** The key of another region as an operator gives it. */
import {
  assertStrictKey,
  ConfigError,
  fromBase64,
  HedgerowError,
  logOrigin,
  parseVerifierKey,
  type RegionId,
  regionIdOf,
} from '../../protocol/index.ts'

export interface RegionKey {
  readonly region: RegionId
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
}

const KEY_BYTES = 32

/**
 * Reads a region's key: the verifier key of its log, as `/log/card` shows it, or the 32 bytes in base64.
 * @throws {ConfigError} `bad_option` for anything else
 */
export function parseRegionKey(text: string): RegionKey {
  try {
    return text.includes('+') && text.includes('/log/') ? ofLog(text) : ofBytes(text)
  } catch (cause) {
    if (!(cause instanceof HedgerowError)) throw cause
    const reason = 'it must be the verifier key of its log, as its /log/card shows it, or its 32 bytes in base64'
    throw new ConfigError(
      { code: 'bad_option', path: 'key', reason },
      `'${text.slice(0, 64)}' is not the key of a region: ${reason}.`,
      { cause },
    )
  }
}

function ofLog(text: string): RegionKey {
  const { name, publicKey } = parseVerifierKey(text)
  const region = regionIdOf(publicKey)
  if (name !== logOrigin(region)) refuse('it is named for another region')
  return { region, publicKey }
}

function ofBytes(text: string): RegionKey {
  const publicKey = fromBase64(text)
  if (publicKey.length !== KEY_BYTES) refuse(`it has ${publicKey.length} bytes`)
  assertStrictKey(publicKey)
  return { region: regionIdOf(publicKey), publicKey }
}

function refuse(reason: string): never {
  throw new ConfigError({ code: 'bad_option', path: 'key', reason }, `The key is refused: ${reason}.`)
}
