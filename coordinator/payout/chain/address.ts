/** Accounts and contracts of a chain, as text: `0x` and 40 hexadecimal digits, in lower case within the coordinator. */
import { ConfigError, fromHex, toHex, utf8 } from '../../../protocol/index.ts'
import { keccak256 } from './keccak.ts'

/**
 * The address in lower case. One in mixed case carries a checksum, which must be right.
 * @throws {ConfigError} `bad_option`
 * @see https://eips.ethereum.org/EIPS/eip-55
 */
export function parseAddress(text: string): string {
  const address = text.toLowerCase()
  if (!/^0x[0-9a-f]{40}$/.test(address)) throw refused(text, 'it must be 0x and 40 hexadecimal digits')
  const digits = text.slice(2)
  const carriesChecksum = digits !== digits.toLowerCase() && digits !== digits.toUpperCase()
  if (carriesChecksum && text !== checksummed(address)) throw refused(text, 'its checksum is wrong, so it is mistyped')
  return address
}

/** The address with its checksum in the case of its letters, as wallets show it. */
export function checksummed(address: string): string {
  const hash = toHex(keccak256(utf8(address.slice(2))))
  const digits = [...address.slice(2)].map((digit, i) =>
    Number.parseInt(hash[i] ?? '0', 16) >= 8 ? digit.toUpperCase() : digit,
  )
  return `0x${digits.join('')}`
}

/** The 20 bytes. */
export const addressBytes = (address: string): Uint8Array => fromHex(address.slice(2))

/** The text of 20 bytes. */
export const addressOfBytes = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

function refused(text: string, reason: string): ConfigError {
  const shown = text.slice(0, 64)
  return new ConfigError(
    { code: 'bad_option', path: 'address', reason },
    `The address '${shown}' cannot be used: ${reason}.`,
  )
}
