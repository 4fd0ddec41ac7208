/** Why a device or a job is as it is, in words first and numbers after. */
import { type Clock, formatCredits, parseStoredJobSpec } from '../../protocol/index.ts'
import type { Member } from '../fleet/fleet.ts'
import type { Explanation } from '../http/admin-api.ts'
import { paceOf } from '../intake/job-view.ts'
import { type Desk, isTrusting, type Job } from '../jobs/job.ts'
import { maySpeakOn } from '../jobs/may-speak.ts'
import { affordableUnits } from '../jobs/reservation.ts'
import { type DoubtfulUnits, trustsAnybody } from '../jobs/suspect-units.ts'
import { expectedWrongText, pairReasons, suspectText, wrongText } from '../jobs/verification-words.ts'
import { availableAccount, holdbackAccount } from '../ledger/ledger.ts'
import { barred, explainPlacement, hasRoom, whyNot } from '../scheduling/index.ts'
import type { ExclusionRow, JobRow, LeaseRow, PassedOverRow } from '../store/rows.ts'
import { repliesNeeded } from '../verification/credibility.ts'
import { devicePassWords, passWords } from './passed-over.ts'

const credits = (micro: bigint): string => `${formatCredits(micro)} credits`
const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

export function explainDevice(
  desk: Desk,
  member: Member,
  jobs: readonly Job[],
  recent: readonly LeaseRow[],
  passedOver: readonly ExclusionRow[],
  passes: readonly PassedOverRow[],
  clock: Clock,
): Explanation {
  const { row, presence } = member
  const load = desk.loads.of(row.id)
  const reasons: string[] = []
  if (row.standing === 'caught')
    reasons.push(
      `It ${row.standingReason}. It gets no work until the operator reinstates it, and its holdback is forfeit.`,
    )
  if (row.standing === 'revoked') reasons.push(`It was revoked: ${row.standingReason}.`)
  if (row.standing === 'joined' && !presence)
    reasons.push('It is not connected. Its leases are given to others once its grace period is over.')
  if (presence && row.standing === 'joined') reasons.push(...workReasons(desk, member, jobs, clock))
  const [newest] = recent
  const placed = newest && explainPlacement(newest.placement)
  reasons.push(...pairReasons(desk.pairs, row.owner))
  if (newest && placed) reasons.push(`Its newest lease, ${newest.id}, is of job ${newest.job}. ${placed}`)
  for (const { job, reason } of passedOver) reasons.push(`It was passed over for job ${job}: ${reason}.`)
  reasons.push(...devicePassWords(passes))
  const failed = recent.filter(lease => lease.state === 'failed' || lease.state === 'expired').length
  if (failed > 0)
    reasons.push(`${plural(failed, 'lease')} of its last ${recent.length} came back without a result or not at all.`)
  const holdbackMicro = desk.ledger.balanceMicro(holdbackAccount(row.id))
  const availableMicro = desk.ledger.balanceMicro(availableAccount(row.id))
  return {
    summary: deviceSummary(member, load.leases.size),
    reasons,
    facts: {
      owner: row.owner,
      standing: row.standing,
      online: presence !== null,
      lastSeenSecondsAgo: presence ? Math.round((clock.wallMs() - presence.lastSeenMs) / 1_000) : -1,
      leasesOut: load.leases.size,
      creditLeases: presence?.creditLeases ?? 0,
      checksPassed: row.checksPassed,
      credibility: desk.fleet.credibility(member),
      unitsAccepted: row.unitsAccepted,
      unitsRejected: row.unitsRejected,
      leasesExpired: row.leasesExpired,
      holdbackMicro: `${holdbackMicro}`,
      availableMicro: `${availableMicro}`,
    },
  }
}

function deviceSummary(member: Member, leasesOut: number): string {
  const { row, presence } = member
  const name = row.label === '' ? row.id : `${row.label} (${row.id})`
  if (row.standing !== 'joined') return `${name} gets no work: it is ${row.standing}.`
  if (!presence) return `${name} gets no work: it is offline.`
  return leasesOut > 0 ? `${name} is working on ${plural(leasesOut, 'lease')}.` : `${name} is waiting for work.`
}

function workReasons(desk: Desk, member: Member, jobs: readonly Job[], clock: Clock): string[] {
  const { presence, row } = member
  if (row.drainReason !== null) return [`It finishes what it holds and gets no more: ${row.drainReason}.`]
  if (desk.maintenance !== null) return [`No work is handed out in the region: ${desk.maintenance}.`]
  if (presence?.reason) return [`It says: ${presence.reason}`]
  if (member.restsUntilMs > clock.monotonicMs()) return ['It rests a moment, since its last lease came to nothing.']
  if (!hasRoom(desk, member)) return ['It holds as much work as it asked for.']
  const running = jobs.filter(job => job.row.state === 'running')
  if (running.length === 0) return ['No job is running.']
  return running.map(job => {
    const unable = whyNot(desk, job, member, clock.wallMs())
    if (unable) return `Job ${job.row.id}: ${unable.reason}.`
    if (!job.pending.isEmpty) return `Job ${job.row.id} has units for it; the next round of scheduling hands them out.`
    const trusting = isTrusting(job)
    const open = [...job.needy].some(run => maySpeakOn(run, member, trusting))
    return open
      ? `Job ${job.row.id} needs its opinion on some runs.`
      : `Job ${job.row.id} has handed out all its units, and where it needs a second opinion it must come from an owner other than ${row.owner}.`
  })
}

/** Why devices were passed over for a job and for second looks at it, by kind. */
export interface JobPasses {
  readonly job: readonly PassedOverRow[]
  readonly secondLook: readonly PassedOverRow[]
}

export function explainJob(
  desk: Desk,
  row: JobRow,
  job: Job | undefined,
  passedOver: readonly ExclusionRow[],
  passes: JobPasses,
  { suspect, wrong }: DoubtfulUnits,
  monotonicMs: number,
): Explanation {
  const { verified, done, ratePerSecond, etaMs } = paceOf(row, job, monotonicMs)
  const spent = row.paidMicro + row.feeMicro
  const spec = parseStoredJobSpec(row.spec)
  const reasons: string[] = []
  if (row.reason !== '') reasons.push(`It is ${row.state}: ${row.reason}.`)
  if (job) reasons.push(...waitReasons(desk, job))
  const expected = spec.verify.kind === 'trust' ? null : expectedWrongText(row)
  const isTrusting = trustsAnybody(row)
  for (const text of [expected, suspectText(suspect, isTrusting), wrongText(wrong)])
    if (text !== null) reasons.push(text)
  if (passedOver.length > 0)
    reasons.push(
      `${plural(passedOver.length, 'device')} ${passedOver.length === 1 ? 'was' : 'were'} passed over for it at some time: \`hedgerow job placements ${row.id}\` says why.`,
    )
  reasons.push(
    ...passWords('Devices', 'it', passes.job),
    ...passWords('Devices', 'a second look at it', passes.secondLook),
  )
  reasons.push(
    spec.verify.kind === 'trust'
      ? 'Single results are accepted, as its submitter asked.'
      : `A result counts once it is right with probability ${spec.verify.theta}: new devices need ${repliesNeeded(spec.verify.theta, 0, desk.fleet.saboteurShare)} equal answers of different owners, proven ones fewer.`,
  )
  reasons.push(
    `${plural(row.leases, 'lease')} so far: ${row.replicaLeases} for agreement, ${row.speculativeLeases} copies of late ones. ` +
      `Spent ${credits(spent)} of ${credits(row.budgetMicro)}, of which ${credits(row.replicaMicro)} bought agreement and ${credits(row.feeMicro)} is the region's fee; what is left goes back at the end.`,
  )
  reasons.push(
    `Its verified units burned ${row.fuel} fuel, each counted once, at ${credits(row.gigafuelPriceMicro)} for 10^9; a unit may burn ${spec.task.unitFuelMax}.`,
  )
  return {
    summary: `Job ${row.id} is ${row.state}: ${verified} of ${plural(row.units, 'unit')} verified.`,
    reasons,
    facts: {
      submitter: row.submitter,
      state: row.state,
      units: row.units,
      returned: done,
      verified,
      ratePerSecond,
      etaMs: etaMs ?? -1,
      leases: row.leases,
      replicaLeases: row.replicaLeases,
      speculativeLeases: row.speculativeLeases,
      failedUnits: row.failedUnits,
      fuel: `${row.fuel}`,
      unitFuelMax: spec.task.unitFuelMax,
      gigafuelPriceMicro: `${row.gigafuelPriceMicro}`,
      budgetMicro: `${row.budgetMicro}`,
      spentMicro: `${spent}`,
      feeMicro: `${row.feeMicro}`,
      replicaMicro: `${row.replicaMicro}`,
    },
  }
}

function waitReasons(desk: Desk, job: Job): string[] {
  const reasons: string[] = []
  const out = [...job.leases.values()].filter(lease => lease.state === 'out').length
  const members = [...desk.fleet.all()].filter(member => member.row.standing === 'joined')
  const online = members.filter(member => member.presence)
  if (desk.maintenance !== null) reasons.push(`No work is handed out in the region: ${desk.maintenance}.`)
  if (out > 0) reasons.push(`${plural(out, 'lease')} out with devices.`)
  if (online.length === 0) reasons.push('No device is online.')
  const unable = online.map(member => barred(desk, job, member)?.reason).filter(reason => reason !== undefined)
  if (unable.length > 0)
    reasons.push(`${plural(unable.length, 'device')} cannot run it: ${[...new Set(unable)].join('; ')}.`)
  if (!job.pending.isEmpty) reasons.push(`${plural(job.pending.units, 'unit')} wait for a device with room.`)
  if (job.needy.size > 0) {
    const trusting = isTrusting(job)
    const stuck = [...job.needy].filter(run => !online.some(member => maySpeakOn(run, member, trusting))).length
    reasons.push(`${plural(job.needy.size, 'run')} need another opinion.`)
    if (stuck > 0) reasons.push(`${plural(stuck, 'run')} need one from an owner who has no device online.`)
  }
  if (out > 0 && affordableUnits(job) < 1)
    reasons.push(
      `What is not spent of its budget is set aside for leases that are out, each unit at ${credits(job.unitMicroMax)}: the price of all the fuel it may burn. A lower task.unitFuelMax lets more units run at a time.`,
    )
  return reasons
}
