/** The rows of jobs and campaigns that a log written by hand leads to, worked out here once more. */
import type { AcceptedRow, JobRow, JudgementRow, LeaseRow, Write } from '../../coordinator/store/index.ts'
import {
  type CampaignEntry,
  type DeviceId,
  encodeProfile,
  encodeReading,
  frameAad,
  fuelPrice,
  type JobEntry,
  type JobId,
  type LogEntry,
  type Profile,
  profileIdOf,
  QUANTITIES,
  sha256Hex,
  sign1,
  type TransferEntry,
  toHex,
  type VerdictEntry,
} from '../../protocol/index.ts'
import { CAMPAIGN, flagBytesOf, type LogBuilder, START_MS, sharesOf } from './log-builder.ts'
import { jobRow, leaseRow } from './rows.ts'
import { CELLS, campaignRow, placeRow, sensorRow, windowRow } from './sensing-rows.ts'

interface WorkedRun {
  readonly row: AcceptedRow
  readonly devices: DeviceId[]
}

interface WorkedJob {
  row: JobRow
  readonly runs: Map<number, WorkedRun>
}

/** Every reading of the sample is this, in hundredths. */
const HUNDREDTHS = 2_050

/** Takes entries in their order. */
export class WorkRows {
  private readonly log: LogBuilder
  private readonly jobs = new Map<string, WorkedJob>()
  private readonly leases = new Map<number, LeaseRow>()
  private readonly campaigns = new Map<string, ReturnType<typeof campaignRow>>()
  private readonly judgements = new Map<string, JudgementRow>()
  private readonly judgedMs = new Map<string, number>()
  private readonly names: readonly string[]

  /** @param names - of devices that measure, in the order of their frames */
  constructor(log: LogBuilder, names: readonly string[]) {
    this.log = log
    this.names = names
    for (const entry of log.entries) this.take(entry)
  }

  /** Rows in the order in which they name each other; devices are there already. */
  writes(): Write[] {
    return [
      ...[...this.jobs.values()].flatMap(({ row, runs }): Write[] => [
        { table: 'job', row: { ...row, fuel: sum(runs), replicaMicro: this.replicas(row, runs) } },
        ...[...runs.values()].map((run): Write => ({ table: 'accepted', row: run.row })),
      ]),
      ...[...this.leases.values()].map((row): Write => ({ table: 'lease', row })),
      ...(this.campaigns.size > 0 ? this.sensing() : []),
    ]
  }

  private take(entry: LogEntry): void {
    if (entry.type === 'job') this.job(entry)
    else if (entry.type === 'job-end') {
      const { row } = this.jobs.get(entry.job) as WorkedJob
      const resultSha256 = entry.result === null ? null : sha256Hex(toHex(entry.result))
      Object.assign(row, { state: entry.state, finishedAtMs: entry.atMs, resultSha256 })
    } else if (entry.type === 'campaign') this.campaign(entry)
    else if (entry.type === 'campaign-end') {
      Object.assign(this.campaigns.get(entry.campaign) ?? {}, { state: 'done', finishedAtMs: entry.atMs })
    } else if (entry.type === 'verdict') this.verdict(entry)
    else if (entry.type === 'standing' && entry.standing === 'caught') this.takeBack(entry.device)
    else if (entry.type === 'transfer') this.transfer(entry)
  }

  private job(entry: JobEntry): void {
    const { atMs: createdAtMs, submitter, units, gigafuelPriceMicro, feeBasisPoints, budgetMicro } = entry
    const terms = { submitter, units, gigafuelPriceMicro, feeBasisPoints, budgetMicro, createdAtMs }
    const row = { ...jobRow(entry.job), spec: this.log.specs.get(entry.job) ?? '', ...terms }
    this.jobs.set(entry.job, { row, runs: new Map() })
  }

  private transfer(entry: TransferEntry): void {
    const { kind, purpose, amountMicro, debit, credit } = entry
    const [, business = '', ...rest] = purpose.split('/')
    const work = this.jobs.get(business)?.row ?? this.campaigns.get(business)
    if (kind === 'fee' && work !== undefined) work.feeMicro = amountMicro
    if (kind === 'slash' && credit.startsWith('escrow:')) {
      const slashed = this.jobs.get(credit.slice('escrow:'.length))?.row
      if (slashed !== undefined) slashed.paidMicro -= amountMicro
    }
    if (kind !== 'pay') return
    if (work !== undefined && debit === `escrow:${business}`) work.paidMicro += amountMicro
    if (purpose.startsWith('pay/')) this.run(entry, business, rest)
    else this.sense(entry, business, rest)
  }

  private run({ debit, credit, basis, atMs }: TransferEntry, business: string, rest: string[]): void {
    const job = this.jobs.get(business)
    if (job === undefined || basis?.kind !== 'run') return
    const [lease = '', units = ''] = rest
    const [first = 0, count = 0] = units.split('+').map(Number)
    const device = credit.slice(credit.indexOf(':') + 1) as DeviceId
    const { digest, fuel } = basis
    const range = { firstUnit: first, unitCount: count, digest }
    const state = { state: 'accepted', issuedAtMs: atMs } as const
    this.leases.set(Number(lease), { ...leaseRow(Number(lease), job.row.id, device), ...range, ...state })
    if (debit !== `escrow:${business}`) return
    job.row.leases++
    job.row.feeMicro += sharesOf(fuelPrice(fuel, job.row.gigafuelPriceMicro)).feeMicro
    const known = job.runs.get(first)
    const devices = [...(known?.devices ?? []), device]
    const solo = devices.length === 1 ? device : null
    job.runs.set(first, { row: { job: business as JobId, ...range, outputs: null, solo, fuel }, devices })
  }

  /** What rests on a device's word alone is done again. */
  private takeBack(device: DeviceId): void {
    for (const { row, runs } of this.jobs.values()) {
      if (row.state !== 'running') continue
      for (const [first, { row: run, devices }] of [...runs]) {
        if (devices.length > 1 || devices[0] !== device) continue
        runs.delete(first)
        row.feeMicro -= sharesOf(fuelPrice(run.fuel, row.gigafuelPriceMicro)).feeMicro
      }
    }
  }

  private replicas({ gigafuelPriceMicro }: JobRow, runs: ReadonlyMap<number, WorkedRun>): bigint {
    const costs = [...runs.values()].map(
      ({ row, devices }) => fuelPrice(row.fuel, gigafuelPriceMicro) * BigInt(devices.length - 1),
    )
    return costs.reduce((total, micro) => total + micro, 0n)
  }

  private campaign({ campaign, submitter, atMs, feeBasisPoints, budgetMicro }: CampaignEntry): void {
    const startMs = Math.floor(atMs / CAMPAIGN.windowMs) * CAMPAIGN.windowMs
    const times = { createdAtMs: atMs, startMs, endMs: startMs + CAMPAIGN.durationMs }
    const spec = this.log.specs.get(campaign) ?? ''
    this.campaigns.set(campaign, { ...campaignRow(campaign), submitter, spec, ...times, feeBasisPoints, budgetMicro })
  }

  private verdict({ campaign, windowMs, revision, frameMax, lines, atMs }: VerdictEntry): void {
    for (const [i, line] of lines.entries()) {
      const { sensor, device, readings, accepted, paidReadings } = line
      const key = `${campaign}/${windowMs}/${sensor}`
      const before = this.judgements.get(key)
      this.judgements.set(key, {
        ...{ campaign, windowMs, sensor, device, cell: CELLS[0], revision, frameMax },
        frameFirst: before?.frameFirst ?? frameMax,
        place: '[52520000,13405000,34,false]',
        flags: flagBytesOf(readings, accepted),
        ...{ readings, accepted, rank: i + 1, paidReadings, paidMicro: before?.paidMicro ?? 0n },
        unpaidReason: accepted === 0 ? 'nothing_accepted' : '',
      })
    }
    this.judgedMs.set(`${campaign}/${windowMs}`, atMs)
  }

  private sense({ amountMicro, basis }: TransferEntry, campaign: string, [windowMs, sensor]: string[]): void {
    const judgement = this.judgements.get(`${campaign}/${windowMs}/${sensor}`)
    const work = this.campaigns.get(campaign)
    if (judgement === undefined || work === undefined || basis?.kind !== 'readings') return
    judgement.paidMicro += amountMicro
    work.feeMicro += sharesOf(CAMPAIGN.priceMicro * BigInt(basis.readings)).feeMicro
  }

  private sensing(): Write[] {
    const counted = [...this.campaigns.values()].map(row => {
      const own = [...this.judgements.values()].filter(({ campaign }) => campaign === row.id)
      const readings = own.reduce((total, judgement) => total + judgement.readings, 0)
      const accepted = own.reduce((total, judgement) => total + judgement.accepted, 0)
      return { ...row, readings, accepted, rejected: readings - accepted }
    })
    return [
      ...this.names.flatMap((name, i) => this.measured(name, i + 1)),
      ...counted.map((row): Write => ({ table: 'campaign', row })),
      ...[...this.judgements.values()].map((row): Write => ({ table: 'judgement', row })),
      ...[...this.judgedMs].flatMap(([key, judgedAtMs]) => this.window(key, judgedAtMs)),
    ]
  }

  /** Where a device stands, what it has, and an hour of what it measured. */
  private measured(name: string, id: number): Write[] {
    const [device, sensor] = [this.log.deviceId(name), this.log.sensor(name)]
    const { unit = '', exponent = 0 } = QUANTITIES.get('temperature') ?? {}
    const channel = { sensor, quantity: 'temperature', unit, exponent, calibration: null }
    const profile: Profile = { periodMs: CAMPAIGN.periodMs, kind: 'sample', channels: [channel] }
    const bytes = encodeProfile(profile)
    const columns = [new Float64Array(60).fill(HUNDREDTHS)]
    const head = { session: 1, seq: 7, profile: profileIdOf(bytes), fromMs: START_MS, uncertaintyMs: 0, count: 60 }
    const payload = encodeReading({ ...head, columns, faults: [], gaps: [] }, profile)
    const aad = frameAad({ regionId: this.log.regionId, direction: 'up', device, class: 'reading' })
    const frame = sign1(payload, aad, this.log.signerOf(name))
    const times = { receivedAtMs: START_MS + 3_601_000, fromMs: START_MS, toMs: START_MS + 3_600_000 }
    const info = { model: 'test', serial: name, channels: JSON.stringify([['temperature', unit, exponent]]) }
    return [
      { table: 'place', row: placeRow(device) },
      { table: 'sensor', row: { ...sensorRow(sensor, device), ...info } },
      { table: 'profile', row: { id: head.profile, bytes, channels: [{ sensor, quantity: 'temperature' }] } },
      { table: 'frame', row: { id, device, seq: head.seq, profile: head.profile, ...times, frame } },
    ]
  }

  private window(key: string, judgedAtMs: number): Write[] {
    const [campaign = '', windowMs = ''] = key.split('/')
    const all = [...this.judgements.values()].filter(
      row => row.campaign === campaign && row.windowMs === Number(windowMs),
    )
    const revision = Math.max(...all.map(row => row.revision))
    const newest = all.filter(row => row.revision === revision)
    const [first] = newest
    if (first === undefined) return []
    const readings = newest.reduce((total, row) => total + row.readings, 0)
    const accepted = newest.reduce((total, row) => total + row.accepted, 0)
    const text = accepted === 0 ? null : '20.5'
    const counts = { revision, readings, accepted, sensors: newest.length, judgedAtMs }
    const values = { value: text, least: text, greatest: text }
    return [
      { table: 'window', row: { ...windowRow(first.campaign, first.cell, first.windowMs), ...counts, ...values } },
    ]
  }
}

const sum = (runs: ReadonlyMap<number, WorkedRun>): bigint =>
  [...runs.values()].reduce((total, { row }) => total + BigInt(row.fuel), 0n)
