/** Statements: what a device has signed apart from its connection. The signature is the right to make them; each counts once. */
import {
  decodeStatement,
  deviceId,
  frameAad,
  openSign1,
  ProtocolError,
  type RegionId,
  type Statement,
  type Verifier,
} from '../../protocol/index.ts'
import type { Fleet, Member } from '../fleet/fleet.ts'
import { ApiError } from '../http/admin-api.ts'
import type { Region } from '../region.ts'

export interface StatementsComponents {
  region: Pick<Region, 'step' | 'committed'>
  fleet: Pick<Fleet, 'member' | 'takeStatementSeq'>
  verifier: Verifier
  /**
   * Does what the statement asks, or throws an {@link ApiError} that says why not. Its first step of the region happens before it
   * awaits anything, so that a statement is not used up without its effect.
   * @param frame - the signed bytes as they came
   */
  take(member: Member, statement: Statement, frame: Uint8Array): Promise<{ text: string }>
}

/** Takes a signed frame from anybody in the name of a device. */
export type TakeStatement = (device: string, frame: Uint8Array) => Promise<{ text: string }>

/**
 * @returns what to tell whoever brought the statement; it is on stable storage then
 * @see spec/clauses.md [LOG-8.6]
 */
export function createStatements(components: StatementsComponents, init: { regionId: RegionId }): TakeStatement {
  const { region, fleet, verifier } = components
  return async (device, frame) => {
    const id = deviceId(device)
    const member = fleet.member(id)
    if (!member) throw new ApiError('not_found', `There is no device ${id} in this region.`)
    const aad = frameAad({ regionId: init.regionId, direction: 'up', device: id, class: 'statement' })
    const payload = openAs(() => openSign1(frame, aad, member.row.publicKey, verifier))
    const statement = decodeStatement(payload)
    if (!region.step(() => fleet.takeStatementSeq(member, statement.seq))) {
      const message = `Statement ${statement.seq} of device ${id}, or a later one, was taken before: sign it again with a number above ${member.row.statementSeq}.`
      throw new ApiError('conflict', message)
    }
    const taken = await components.take(member, statement, frame)
    await region.committed()
    return taken
  }
}

function openAs(open: () => Uint8Array): Uint8Array {
  try {
    return open()
  } catch (cause) {
    if (!(cause instanceof ProtocolError) || cause.code !== 'bad_signature') throw cause
    const message =
      'The statement is not signed by this device for this region: sign it with the key that the device joined with.'
    throw new ApiError('bad_token', message, { cause })
  }
}
