/** What a device's signed statement about its address leads to, in words for whoever brought it. */
import { toHex } from '../../protocol/index.ts'
import type { Member } from '../fleet/fleet.ts'
import { ApiError } from '../http/admin-api.ts'
import type { Region } from '../region.ts'
import type { Payouts } from './payouts.ts'

/**
 * Binds the address that a statement names. The statement has been checked and its number burned.
 * @param frame - the signed bytes as they came, for the log
 * @throws {ApiError} that says why not
 */
export function bindAddress(
  { region, payouts }: { region: Pick<Region, 'step'>; payouts: Payouts },
  member: Member,
  statement: { readonly seq: number; readonly address: Uint8Array },
  frame: Uint8Array,
): { text: string } {
  const { seq, address } = statement
  const device = member.row.id
  const text = `0x${toHex(address)}`
  const { status, from } = region.step((now, batch) => {
    const status = payouts.bindings.bind(member, { seq, address, statement: frame }, now.wallMs, batch)
    const { pending, current } = payouts.bindings.of(device, now.wallMs)
    return { status, from: (pending ?? current)?.effectiveAtMs ?? now.wallMs }
  })
  const since = new Date(from).toISOString()
  switch (status) {
    case 'zero_address':
      throw new ApiError('bad_request', `Nobody owns the address ${text}: name your own.`)
    case 'too_soon':
      throw new ApiError('too_busy', `Device ${device} has bound an address just now: try again in a minute.`)
    case 'unchanged':
      return { text: `Earnings of device ${device} go to ${text} already, from ${since} on.` }
    case 'bound':
      return {
        text: `Earnings of device ${device} go to ${text} from ${since} on. Until then another address takes its place.`,
      }
  }
}
