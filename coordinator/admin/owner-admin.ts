/** Owners and their tokens, and how many devices an owner may invite by itself. */
import { type Clock, ownerName } from '../../protocol/index.ts'
import { ApiError } from '../http/admin-api.ts'
import type { NewOwner, Owner, OwnerAdminApi } from '../http/session-api.ts'
import type { OwnerDirectory } from '../intake/owner-directory.ts'
import type { Region } from '../region.ts'
import type { OwnerRow } from '../store/rows.ts'
import { TokenBucket } from '../token-bucket.ts'

export interface OwnerAdminComponents {
  region: Region
  owners: OwnerDirectory
  clock: Clock
}

/** A room full of devices in a day; whoever has more asks the operator. */
const CLAIMS_PER_DAY = 20
const DAY_SECONDS = 86_400
/** Whoever has a token and takes part in nothing still costs a row. */
const OWNERS_MAX = 10_000

export interface OwnerAdmin extends OwnerAdminApi {
  /** @throws {ApiError} `too_busy` when the owner has made its claims of the day */
  countClaim(name: string): void
}

export function createOwnerAdmin({ region, owners, clock }: OwnerAdminComponents): OwnerAdmin {
  const claims = new Map<string, TokenBucket>()

  const rowOf = (name: string): OwnerRow => {
    const row = owners.get(ownerName(name))
    if (row) return row
    throw new ApiError('not_found', `The owner ${name} has no token. Give it one with \`hedgerow owner add ${name}\`.`)
  }
  const view = ({ name, createdAtMs }: OwnerRow): Owner => {
    const devices = [...region.fleet.all()].filter(({ row }) => row.owner === name).length
    return { name, createdAtMs, devices }
  }
  const give = async (name: string): Promise<NewOwner> => {
    const token = region.step((now, batch) => owners.give(ownerName(name), now.wallMs, batch))
    await region.committed()
    return { name, token }
  }

  return {
    ownerAdd: async name => {
      if (owners.get(ownerName(name))) {
        const help = `\`hedgerow owner renew ${name}\` gives it another and ends that one.`
        throw new ApiError('conflict', `The owner ${name} has a token already: ${help}`)
      }
      if (owners.all().length >= OWNERS_MAX) {
        throw new ApiError('conflict', `${OWNERS_MAX} owners have tokens, and no more can: remove one first.`)
      }
      return give(name)
    },
    ownerList: async () => {
      const counts = new Map<string, number>()
      for (const { row } of region.fleet.all()) counts.set(row.owner, (counts.get(row.owner) ?? 0) + 1)
      return owners.all().map(({ name, createdAtMs }) => ({ name, createdAtMs, devices: counts.get(name) ?? 0 }))
    },
    ownerRenew: async name => give(rowOf(name).name),
    ownerRemove: async name => {
      const row = rowOf(name)
      region.step((_now, batch) => owners.take(row, batch))
      await region.committed()
      return view(row)
    },
    countClaim: name => {
      const nowMs = clock.monotonicMs()
      const left = claims.get(name) ?? new TokenBucket(CLAIMS_PER_DAY / DAY_SECONDS, CLAIMS_PER_DAY, nowMs)
      claims.set(name, left)
      if (left.take(1, nowMs)) return
      const hours = Math.ceil(left.waitMs(1, nowMs) / 3_600_000)
      const when = hours === 1 ? 'within the hour' : `within ${hours} hours`
      throw new ApiError(
        'too_busy',
        `${name} has invited ${CLAIMS_PER_DAY} devices of late: the next may be ${when}, or ask the operator.`,
      )
    },
  }
}
