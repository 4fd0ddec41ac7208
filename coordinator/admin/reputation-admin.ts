/** Reputation across regions for the operator: says what is known here, and takes what trusted regions say. */
import {
  type Clock,
  deviceId,
  fromBase64,
  ownerName,
  ProtocolError,
  type RegionId,
  type Reputation,
  regionId,
  type Signer,
  toBase64Url,
  type Verifier,
} from '../../protocol/index.ts'
import type { RegionPolicy } from '../config.ts'
import { ApiError } from '../http/admin-api.ts'
import type { ReputationAdminApi, ReputationStatement, TrustedRegion } from '../http/reputation-api.ts'
import type { Region } from '../region.ts'
import {
  type ImportOutcome,
  openReputation,
  parseRegionKey,
  type Reputations,
  type Standing,
  signReputation,
  type TrustedRegion as Trusted,
} from '../reputation/index.ts'
import { credibilityOf } from '../verification/index.ts'

export interface ReputationAdminComponents {
  region: Pick<Region, 'step' | 'committed' | 'fleet'>
  reputations: Reputations
  policy: Pick<RegionPolicy, 'saboteurShare'>
  signer: Signer
  verifier: Verifier
  clock: Pick<Clock, 'wallMs'>
}

const REFUSALS: Record<Exclude<ImportOutcome['status'], 'waiting' | 'applied'>, string> = {
  about_an_owner: 'A statement about an owner gives no device a start: export that of the device.',
  from_the_future: 'The statement is dated in the future: set the clocks of both regions right and export it again.',
  stale: 'The statement is more than ninety days old, or no newer than one that was taken before: export a new one.',
  worthless: 'The statement gives the device nothing: it was found wrong there, or has passed fewer than two checks.',
  known_here: 'The device has worked in this region, so it is judged by that and not by another region.',
  full: 'Too many statements are kept already.',
}

export function createReputationAdmin(
  components: ReputationAdminComponents,
  init: { id: RegionId },
): ReputationAdminApi {
  const { region, reputations, policy, signer, verifier, clock } = components

  const state = (subject: Reputation['subject'], standing: Standing): ReputationStatement => {
    const atMs = Math.round(Math.max(clock.wallMs(), standing.sinceMs))
    const frame = signReputation({ region: init.id, subject, ...standing, atMs }, signer)
    return {
      region: init.id,
      kind: subject.kind,
      subject: subject.kind === 'device' ? subject.id : subject.name,
      ...standing,
      credibility: credibilityOf(standing.checksPassed, policy.saboteurShare),
      atMs,
      statement: toBase64Url(frame),
    }
  }

  return {
    reputationOfDevice: async text => {
      const id = deviceId(text)
      const member = region.fleet.member(id)
      if (member === undefined)
        throw new ApiError('not_found', `There is no device ${id} in this region. \`hedgerow device list\` shows them.`)
      return state({ kind: 'device', id }, reputations.ofDevice(member))
    },
    reputationOfOwner: async text => {
      const name = ownerName(text)
      const standing = reputations.ofOwner(name)
      if (standing === null) throw new ApiError('not_found', `No device of an owner ${name} belongs to this region.`)
      return state({ kind: 'owner', name }, standing)
    },
    reputationImport: async text => {
      const reputation = open(text)
      const { subject, region: from } = reputation
      const outcome = region.step((now, batch) => reputations.import(reputation, now.wallMs, batch))
      if (!('checks' in outcome)) throw new ApiError('conflict', REFUSALS[outcome.status])
      await region.committed()
      const { status, checks } = outcome
      const device = subject.kind === 'device' ? subject.id : ''
      return { region: from, device, outcome: status, checks, credibility: credibilityOf(checks, policy.saboteurShare) }
    },
    trustedRegions: async () => reputations.trusted().map(view),
    regionTrust: async text => {
      const key = parseRegionKey(text)
      if (key.region === init.id) throw new ApiError('conflict', 'That is the key of this region itself.')
      const trusted = region.step((now, batch) => reputations.trust(key, now.wallMs, batch))
      await region.committed()
      return view(trusted)
    },
    regionDistrust: async text => {
      const id = regionId(text)
      const known = reputations.trusted().find(trusted => trusted.region === id)
      if (known === undefined)
        throw new ApiError(
          'not_found',
          `The region ${id} is not trusted. \`hedgerow reputation trust\` lists those that are.`,
        )
      region.step((_now, batch) => reputations.distrust(id, batch))
      await region.committed()
      return view(known)
    },
  }

  function open(text: string): Reputation {
    try {
      const frame = fromBase64(text)
      const { region: from, reputation } = openReputation(frame, id => reputations.keyOf(id), verifier)
      if (reputation !== null) return reputation
      const hint = 'add its key with `hedgerow reputation trust KEY`, or with --trust KEY'
      throw new ApiError('not_allowed', `The region ${from} is not trusted here: ${hint}.`)
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause
      throw new ApiError('bad_request', `That is no statement of a region: ${cause.message}`, { cause })
    }
  }
}

const view = ({ region, publicKey, addedAtMs }: Trusted): TrustedRegion => ({
  region,
  key: toBase64Url(publicKey),
  addedAtMs,
})
