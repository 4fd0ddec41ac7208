/** Leaves the certificate of the region's TLS authority where the commands about this device find it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** In the device's folder. It is public. */
export const AUTHORITY_FILE = 'region-ca.pem'

/** @returns keeps a certificate, when it is another than the last; on a full disk the commands go without */
export function keepAuthority(stateDir: string): (pem: string) => void {
  let last = ''
  return pem => {
    if (pem === last) return
    last = pem
    try {
      writeFileSync(join(stateDir, AUTHORITY_FILE), pem)
    } catch {
      last = ''
    }
  }
}
