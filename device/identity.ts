/** A device's key: made at first start, kept in a file that only its own user can read. */
import { type DeviceId, deviceIdOf, keyThumbprint, type Random, type Signer } from '../protocol/index.ts'
import { nodeSigner, openSeedFile } from '../protocol/node/index.ts'

/** Who a device is. The id is the front half of the key's thumbprint, and its MQTT client id. */
export interface Identity {
  readonly id: DeviceId
  /** RFC 9679, 32 bytes. */
  readonly thumbprint: Uint8Array
  readonly signer: Signer
}

const WORDS = {
  name: 'device key',
  ifExposed: 'If somebody may have copied it, delete it and join again with a new claim.',
  ifDamaged: 'Put back a copy of it, or delete it to start as a new device with a new claim.',
}

/**
 * Reads the key file, or makes it when there is none.
 * @throws {ConfigError} `bad_option` when others may read it or it cannot be read or made, `damaged` when it is no key
 */
export function openIdentity(path: string, random: Random): Identity {
  return identityOf(nodeSigner(openSeedFile(path, random, WORDS)))
}

/** The identity behind a signer. */
export function identityOf(signer: Signer): Identity {
  return { id: deviceIdOf(signer.publicKey), thumbprint: keyThumbprint(signer.publicKey), signer }
}
