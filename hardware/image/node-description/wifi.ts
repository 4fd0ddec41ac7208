/** The wireless network of a description. */
import { pbkdf2Sync } from 'node:crypto'
import { utf8 } from '../../../protocol/index.ts'
import type { NodeWifi } from '../customise/types.ts'
import { inside, readBoolean, readForm, readLine, readObject, refuse } from './fields.ts'
import { readCountry } from './places.ts'

const FIELDS = ['ssid', 'password', 'psk', 'hidden', 'country']
const SSID_BYTES_MAX = 32
const PASSWORD_BYTES_MIN = 8
const PASSWORD_BYTES_MAX = 63

/**
 * Reads `wifi`.
 * @param country - the description's own, used when the network names none
 */
export function readWifi(value: unknown, path: string, country: string | undefined): NodeWifi {
  const fields = readObject(value, path, FIELDS)
  const ssid = readLine(fields.ssid, inside(path, 'ssid'), SSID_BYTES_MAX)
  const wanted = fields.country === undefined ? country : readCountry(fields.country, inside(path, 'country'))
  if (wanted === undefined) {
    refuse(
      inside(path, 'country'),
      "is missing: without a country such as 'country: DE' the radio stays off, because each allows other channels",
    )
  }
  return {
    ssid,
    psk: readPsk(fields, path, ssid),
    hidden: fields.hidden === undefined ? false : readBoolean(fields.hidden, inside(path, 'hidden')),
    country: wanted,
  }
}

function readPsk(fields: Readonly<Record<string, unknown>>, path: string, ssid: string): string | null {
  if (fields.psk !== undefined && fields.password !== undefined) refuse(path, "must have 'password' or 'psk', not both")
  if (fields.psk !== undefined) {
    const at = inside(path, 'psk')
    return readForm(
      fields.psk,
      at,
      64,
      /^[0-9a-fA-F]{64}$/,
      '64 hexadecimal digits; a password goes into "password"',
    ).toLowerCase()
  }
  if (fields.password === undefined) return null
  const at = inside(path, 'password')
  const password = readLine(fields.password, at, 256)
  const bytes = utf8(password).length
  if (bytes < PASSWORD_BYTES_MIN || bytes > PASSWORD_BYTES_MAX) {
    refuse(
      at,
      `is ${bytes} characters long: a Wi-Fi password has ${PASSWORD_BYTES_MIN} to ${PASSWORD_BYTES_MAX}; leave it out for an open network`,
    )
  }
  return wpaKey(password, ssid)
}

/**
 * The pairwise master key of a WPA network: what is on the card instead of the password, which may be used elsewhere too.
 * @returns 64 hex digits
 * @see IEEE 802.11-2020, J.4.1
 */
export function wpaKey(password: string, ssid: string): string {
  return pbkdf2Sync(password, ssid, 4096, 32, 'sha1').toString('hex')
}
