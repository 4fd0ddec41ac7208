/** What a description says of the region, and whether the claim agrees. */
import { type ClaimCode, decodeClaimCode, ProtocolError, toBase32, toHex } from '../../../protocol/index.ts'
import type { NodeRegion } from '../customise/types.ts'
import { type Fields, readLine, refuse } from './fields.ts'

/**
 * Reads `claim`, and `region` and `coordinator` when the owner repeats there what the claim must say.
 * @throws {ConfigError} `bad_option` when the claim is damaged, or of another region than the description wants
 */
export function readBelonging(fields: Fields): { readonly claim: string; readonly region: NodeRegion } {
  const claim = readLine(typeof fields.claim === 'string' ? fields.claim.trim() : fields.claim, 'claim', 4_096)
  const code = decoded(claim)
  const fingerprint = toBase32(code.regionKeyThumbprint.subarray(0, 16))
  if (fields.region !== undefined) {
    const wanted = readLine(fields.region, 'region', 128).toLowerCase()
    if (![fingerprint, toHex(code.regionKeyThumbprint)].includes(wanted)) {
      refuse(
        'region',
        `is '${wanted}', and the claim is for a region with another key, '${fingerprint}': take a claim of your region, or correct the fingerprint`,
      )
    }
  }
  if (fields.coordinator !== undefined) {
    const wanted = readLine(fields.coordinator, 'coordinator', 512)
    if (wanted.replace(/\/$/, '') !== code.mqttUrl.replace(/\/$/, '')) {
      refuse(
        'coordinator',
        `is '${wanted}', and the claim leads to '${code.mqttUrl}': take a claim of that coordinator`,
      )
    }
  }
  return { claim, region: { name: code.region, mqttUrl: code.mqttUrl, fingerprint } }
}

function decoded(claim: string): ClaimCode {
  try {
    return decodeClaimCode(claim)
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown
    refuse('claim', `cannot be used: ${thrown.message.replace(/\.$/, '')}`)
  }
}
