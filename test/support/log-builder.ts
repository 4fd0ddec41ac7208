/** Writes public logs by hand: every rule kept, unless a test breaks one. Made with the protocol alone, as a stranger would. */
import { createHash } from 'node:crypto'
import {
  addSignatureLines,
  type BindingEntry,
  type CampaignId,
  campaignId,
  campaignToJson,
  cosign,
  type DeviceId,
  deviceIdOf,
  encodeBundle,
  encodeEntry,
  encodeStatement,
  Frontier,
  flag,
  frameAad,
  fuelPrice,
  type JobEntry,
  type JobId,
  jobIdFromBytes,
  type LogEntry,
  leafHash,
  logOrigin,
  type NoteKey,
  nodeHash,
  ownerName,
  type PayoutEntry,
  type PolicyEntry,
  type PriceEntry,
  parseCampaignSpec,
  parseNote,
  type ReceiptEntry,
  regionIdOf,
  regionName,
  type SensorId,
  type Signer,
  sensorIdOf,
  sign1,
  signCheckpoint,
  splitLargestRemainder,
  submitterName,
  TILE_WIDTH,
  type TransferEntry,
  tileWidth,
  toBase32,
  type VerdictLine,
  witnessKeyOf,
} from '../../protocol/index.ts'
import { nodeSha256, nodeSigner } from '../../protocol/node/index.ts'

export const START_MS = Date.UTC(2026, 0, 5)
export const DAY_MS = 86_400_000
export const FEE_BASIS_POINTS = 500
export const GIGAFUEL_MICRO = 10_000n
export const READING_MICRO = 100n
export const BUDGET_MICRO = 1_000_000n
export const ALICE = submitterName('alice')

/** Bytes that follow from a text. */
export const bytesOf = (text: string, length = 32): Uint8Array =>
  new Uint8Array(createHash('sha256').update(text).digest()).slice(0, length)

const signerOf = (name: string): Signer => nodeSigner(bytesOf(`seed of ${name}`))

/** Business ids that follow from a text. */
export const jobOf = (name: string): JobId => jobIdFromBytes(bytesOf(`job ${name}`, 10))
export const campaignOf = (name: string): CampaignId => campaignId(toBase32(bytesOf(`campaign ${name}`, 10)))
export const disputeOf = (name: string): string => toBase32(bytesOf(`dispute ${name}`, 10))

/** What every campaign asks for: an hour of a reading each minute, as one window. */
export const CAMPAIGN = parseCampaignSpec({
  quantity: 'temperature',
  area: { box: [-90, -180, 90, 180] },
  periodMs: 60_000,
  windowMs: 3_600_000,
  durationMs: 3_600_000,
  priceMicro: `${READING_MICRO}`,
})
export const CAMPAIGN_JSON = campaignToJson(CAMPAIGN)

/** The flags of so many readings, the accepted ones first, two bytes each. */
export function flagBytesOf(readings: number, accepted: number): Uint8Array {
  const bytes = new Uint8Array(readings * 2)
  const view = new DataView(bytes.buffer)
  for (let i = accepted; i < readings; i++) view.setUint16(i * 2, flag('jump'))
  return bytes
}

/** What is left of a price when the region has taken its fee. */
export function sharesOf(
  priceMicro: bigint,
  feeBasisPoints = FEE_BASIS_POINTS,
): { deviceMicro: bigint; feeMicro: bigint } {
  const weights = [10_000n - BigInt(feeBasisPoints), BigInt(feeBasisPoints)]
  const [deviceMicro = 0n, feeMicro = 0n] = splitLargestRemainder(priceMicro, weights)
  return { deviceMicro, feeMicro }
}

/** A run that a device is paid for. */
export interface RunPay {
  readonly lease: number
  readonly first: number
  readonly count: number
  readonly fuel?: number
  /** What the answer is made of. */
  readonly answer?: string
  readonly amountMicro?: bigint
  readonly escrow?: string
}

type Sums = Record<'earned' | 'slashed' | 'released' | 'paidOut', bigint>

/** A log that grows by one entry at a time; time moves only when it is told to. */
export class LogBuilder {
  readonly entries: LogEntry[] = []
  readonly signer = signerOf('region')
  readonly regionId = regionIdOf(this.signer.publicKey)
  /** Specifications of jobs and campaigns by their id. */
  readonly specs = new Map<string, string>()
  nowMs = START_MS
  private readonly signers = new Map<string, Signer>()
  private readonly balances = new Map<string, bigint>()
  private readonly sums = new Map<string, Sums>()
  private readonly fees = new Map<string, bigint>()
  private readonly seqs = new Map<string, number>()
  private paidOutMicro = 0n

  /** @param begun - writes the first two entries, and gives alice ten credits */
  constructor(begun = true) {
    if (!begun) return
    this.genesis()
    this.policy()
    this.fund(10_000_000n)
  }

  get origin(): string {
    return logOrigin(this.regionId)
  }

  add(entry: LogEntry): this {
    this.entries.push(entry)
    return this
  }

  wait(ms: number): this {
    this.nowMs += ms
    return this
  }

  genesis(): this {
    const { regionId, nowMs: atMs, signer } = this
    return this.add({
      type: 'genesis',
      atMs,
      regionId,
      region: regionName('test'),
      publicKey: signer.publicKey,
      scale: 6,
    })
  }

  policy(rules: Partial<Omit<PolicyEntry, 'type' | 'atMs'>> = {}): this {
    const defaults = { feeBasisPoints: FEE_BASIS_POINTS, holdbackWindowMs: DAY_MS, epochMs: DAY_MS }
    return this.add({ type: 'policy', atMs: this.nowMs, ...defaults, ...rules })
  }

  opening(balances: Record<string, readonly [debitsMicro: bigint, creditsMicro: bigint]>): this {
    const told = Object.entries(balances).map(([account, [debitsMicro, creditsMicro]]) => {
      this.book(account, creditsMicro - debitsMicro)
      return { account, debitsMicro, creditsMicro }
    })
    return this.add({ type: 'opening', atMs: this.nowMs, balances: told })
  }

  /** A transfer of any kind; whatever is not said is as for a `single` one without a basis. */
  transfer(
    transfer: Pick<TransferEntry, 'kind' | 'debit' | 'credit' | 'amountMicro' | 'purpose'> & Partial<TransferEntry>,
  ): this {
    const { debit, credit, amountMicro, phase = 'single', kind } = transfer
    if (phase === 'single' || phase === 'post') {
      this.book(debit, -amountMicro)
      this.book(credit, amountMicro)
      const [debitForm, device = ''] = debit.split(':')
      if (credit.startsWith('holdback:')) this.sumsOf(credit.slice('holdback:'.length)).earned += amountMicro
      if (debitForm === 'holdback') this.sumsOf(device)[kind === 'release' ? 'released' : 'slashed'] += amountMicro
      if (debitForm === 'available') this.sumsOf(device).paidOut += amountMicro
    }
    const rest = { phase, pending: null, timeoutMs: null, basis: null } as const
    return this.add({ type: 'transfer', atMs: this.nowMs, ...rest, ...transfer })
  }

  balanceMicro(account: string): bigint {
    return this.balances.get(account) ?? 0n
  }

  fund(amountMicro: bigint, name: string = ALICE): this {
    const purpose = `fund/${name}/${this.entries.length.toString(16)}`
    return this.transfer({ kind: 'fund', debit: 'treasury', credit: `submitter:${name}`, amountMicro, purpose })
  }

  signerOf(name: string): Signer {
    let signer = this.signers.get(name)
    if (signer === undefined) {
      signer = signerOf(name)
      this.signers.set(name, signer)
    }
    return signer
  }

  deviceId(name: string): DeviceId {
    return deviceIdOf(this.signerOf(name).publicKey)
  }

  /** Enrols devices by name, each of an owner of the same name. */
  join(...names: string[]): this {
    for (const name of names) {
      const { publicKey } = this.signerOf(name)
      this.add({ type: 'device', atMs: this.nowMs, device: deviceIdOf(publicKey), publicKey, owner: ownerName(name) })
    }
    return this
  }

  stand(name: string, standing: 'joined' | 'caught' | 'revoked'): this {
    return this.add({ type: 'standing', atMs: this.nowMs, device: this.deviceId(name), standing, reason: '' })
  }

  /** A job's terms, and its escrow unless `filled` is false. */
  job(name: string, terms: Partial<JobEntry> & { filled?: boolean } = {}): this {
    const job = jobOf(name)
    const { filled = true, ...other } = terms
    const hashes = { module: bytesOf('module'), spec: bytesOf(name) }
    const prices = { gigafuelPriceMicro: GIGAFUEL_MICRO, feeBasisPoints: FEE_BASIS_POINTS, budgetMicro: BUDGET_MICRO }
    const entry: JobEntry = {
      type: 'job',
      atMs: this.nowMs,
      job,
      submitter: ALICE,
      ...hashes,
      units: 100,
      ...prices,
      trusting: false,
      ...other,
    }
    this.add(entry)
    this.specs.set(job, name)
    return filled ? this.escrow(job, entry.budgetMicro) : this
  }

  escrow(business: string, amountMicro: bigint = BUDGET_MICRO): this {
    const accounts = { debit: `submitter:${ALICE}`, credit: `escrow:${business}` }
    return this.transfer({ kind: 'escrow', ...accounts, amountMicro, purpose: `escrow/${business}` })
  }

  /** A device is paid for a run of a job. */
  pay(job: string, device: string, run: RunPay): this {
    const { lease, first, count, fuel = count * 1_000_000_000, answer = 'right' } = run
    const { deviceMicro, feeMicro } = sharesOf(fuelPrice(fuel, GIGAFUEL_MICRO))
    const escrow = run.escrow ?? `escrow:${jobOf(job)}`
    this.fees.set(escrow, (this.fees.get(escrow) ?? 0n) + feeMicro)
    return this.transfer({
      kind: 'pay',
      debit: escrow,
      credit: `holdback:${this.deviceId(device)}`,
      amountMicro: run.amountMicro ?? deviceMicro,
      purpose: `pay/${jobOf(job)}/${lease}/${first}+${count}`,
      basis: { kind: 'run', digest: bytesOf(`${job} ${first}+${count} ${answer}`), fuel },
    })
  }

  /** Fee, refund and last entry of a job or campaign. */
  end(business: JobId | CampaignId, last: 'done' | 'failed' | 'campaign' = 'done', feeMicro?: bigint): this {
    const escrow = `escrow:${business}`
    const fee = feeMicro ?? this.fees.get(escrow) ?? 0n
    const kinds = {
      fee: { kind: 'fee', debit: escrow, credit: 'fee' },
      back: { kind: 'refund', debit: escrow },
    } as const
    if (fee > 0n) this.transfer({ ...kinds.fee, amountMicro: fee, purpose: `fee/${business}` })
    const amountMicro = this.balanceMicro(escrow)
    const purpose = `refund/${business}`
    if (amountMicro > 0n) this.transfer({ ...kinds.back, credit: `submitter:${ALICE}`, amountMicro, purpose })
    const { nowMs: atMs } = this
    if (last === 'campaign') return this.add({ type: 'campaign-end', atMs, campaign: business as CampaignId })
    const result = last === 'done' ? bytesOf('result') : null
    return this.add({ type: 'job-end', atMs, job: business as JobId, state: last, result })
  }

  /** What was earned becomes available. */
  release(device: string, amountMicro: bigint, windowMs: number = DAY_MS): this {
    const id = this.deviceId(device)
    const purpose = `release/${id}/${this.nowMs - (this.nowMs % windowMs)}`
    const accounts = { debit: `holdback:${id}`, credit: `available:${id}` }
    return this.transfer({ kind: 'release', ...accounts, amountMicro, purpose })
  }

  slash(device: string, amountMicro: bigint, job: string | null = null): this {
    const id = this.deviceId(device)
    const credit = job === null ? 'slashed' : `escrow:${jobOf(job)}`
    const purpose = `slash/${id}/1/${this.nowMs}${job === null ? '' : `/${jobOf(job)}`}`
    return this.transfer({ kind: 'slash', debit: `holdback:${id}`, credit, amountMicro, purpose })
  }

  campaign(name: string, priceMicro: bigint = READING_MICRO): this {
    const campaign = campaignOf(name)
    this.specs.set(campaign, CAMPAIGN_JSON)
    const terms = { priceMicro, feeBasisPoints: FEE_BASIS_POINTS, budgetMicro: BUDGET_MICRO }
    this.add({ type: 'campaign', atMs: this.nowMs, campaign, submitter: ALICE, spec: bytesOf(CAMPAIGN_JSON), ...terms })
    return this.escrow(campaign)
  }

  sensor(name: string): SensorId {
    return sensorIdOf('test', name)
  }

  line(
    device: string,
    counts: Partial<Pick<VerdictLine, 'readings' | 'accepted' | 'paidReadings' | 'sensor'>> = {},
  ): VerdictLine {
    const all = { readings: 60, accepted: 50, paidReadings: 50, ...counts }
    const flags = new Uint8Array(createHash('sha256').update(flagBytesOf(all.readings, all.accepted)).digest())
    return { sensor: this.sensor(device), device: this.deviceId(device), flags, ...all }
  }

  verdict(campaign: string, windowMs: number, revision: number, ...lines: VerdictLine[]): this {
    const head = { campaign: campaignOf(campaign), windowMs, revision, frameMax: 2 }
    return this.add({ type: 'verdict', atMs: this.nowMs, ...head, lines })
  }

  /** A device is paid for readings. */
  sense(
    campaign: string,
    windowMs: number,
    revision: number,
    device: string,
    readings: number,
    amountMicro?: bigint,
  ): this {
    const id = campaignOf(campaign)
    const escrow = `escrow:${id}`
    const shares = sharesOf(READING_MICRO * BigInt(readings))
    this.fees.set(escrow, (this.fees.get(escrow) ?? 0n) + shares.feeMicro)
    return this.transfer({
      kind: 'pay',
      debit: escrow,
      credit: `holdback:${this.deviceId(device)}`,
      amountMicro: amountMicro ?? shares.deviceMicro,
      purpose: `sense/${id}/${windowMs}/${this.sensor(device)}/${revision}`,
      basis: { kind: 'readings', readings },
    })
  }

  /** The next receipt of a device, with what its accounts come to. */
  receipt(device: string, wrong: Partial<ReceiptEntry> = {}): this {
    const id = this.deviceId(device)
    const seq = (this.seqs.get(id) ?? 0) + 1
    this.seqs.set(id, seq)
    const { earned, slashed, released, paidOut } = this.sumsOf(id)
    const totals = { earnedMicro: earned, lostMicro: slashed, releasedMicro: released, paidOutMicro: paidOut }
    return this.add({ type: 'receipt', atMs: this.nowMs, device: id, seq, ...totals, ...wrong })
  }

  price(epoch: number, gigafuelPriceMicro: bigint, more: Partial<PriceEntry> = {}): this {
    const use = { utilisationBasisPoints: 8_000, floorMicro: 0n }
    return this.add({ type: 'price', atMs: this.nowMs, epoch, gigafuelPriceMicro, readings: [], ...use, ...more })
  }

  payout(epoch: number, device: string, payee: string, amountMicro: bigint, more: Partial<TransferEntry> = {}): this {
    const id = this.deviceId(device)
    this.paidOutMicro += amountMicro
    const accounts = { debit: `available:${id}`, credit: `payout:${payee}` }
    return this.transfer({ kind: 'payout', ...accounts, amountMicro, purpose: `payout/${epoch}/${id}`, ...more })
  }

  closeEpoch(epoch: number, epochMicro: bigint, more: Partial<PayoutEntry> = {}): this {
    const sums = { payees: 1, epochMicro, totalMicro: this.paidOutMicro }
    const root = bytesOf(`epoch ${epoch}`)
    return this.add({ type: 'payout', atMs: this.nowMs, epoch, method: 'chain', root, ...sums, ...more })
  }

  /** A device binds an address; `by` signs instead of the device. */
  bind(device: string, seq: number, more: Partial<BindingEntry> = {}, by: string = device): this {
    const id = this.deviceId(device)
    const address = bytesOf(`address ${device} ${seq}`, 20)
    const aad = frameAad({ regionId: this.regionId, direction: 'up', device: id, class: 'statement' })
    const statement = sign1(encodeStatement({ kind: 'payout-address', seq, address }), aad, this.signerOf(by))
    const effectiveAtMs = this.nowMs + 3 * DAY_MS
    return this.add({ type: 'binding', atMs: this.nowMs, device: id, address, effectiveAtMs, statement, ...more })
  }

  /** Sets a deposit aside. */
  deposit(name: string, amountMicro: bigint, account: string = `submitter:${ALICE}`): this {
    const dispute = disputeOf(name)
    const accounts = { debit: account, credit: `escrow:${dispute}` }
    const pending = { phase: 'pending', timeoutMs: 7 * DAY_MS } as const
    return this.transfer({ kind: 'deposit', ...accounts, amountMicro, purpose: `deposit/${dispute}`, ...pending })
  }

  /** Resolves a deposit, or a part of it. */
  resolve(
    name: string,
    phase: 'post' | 'void' | 'expire',
    amountMicro: bigint,
    more: Partial<TransferEntry> = {},
  ): this {
    const pending = `deposit/${disputeOf(name)}`
    const accounts = { debit: `submitter:${ALICE}`, credit: `escrow:${disputeOf(name)}` }
    const purpose = `${pending}/${phase === 'post' ? 'post/1' : phase}`
    return this.transfer({ kind: 'deposit', ...accounts, phase, amountMicro, purpose, pending, ...more })
  }

  /** @param about - a lease by its number, or the subject itself */
  dispute(name: string, depositMicro: bigint, about: number | string = 1, account = `submitter:${ALICE}`): this {
    const subject = typeof about === 'string' ? about : `lease/${about}`
    const accounts = { dispute: disputeOf(name), account, subject }
    return this.add({ type: 'dispute', atMs: this.nowMs, ...accounts, depositMicro })
  }

  award(name: string, debit: string, credit: string, amountMicro: bigint): this {
    const purpose = `award/${disputeOf(name)}/${credit}/${debit}`
    return this.transfer({ kind: 'award', debit, credit, amountMicro, purpose })
  }

  endDispute(name: string, outcome: 'upheld' | 'dismissed' | 'undecided' = 'upheld'): this {
    return this.add({ type: 'dispute-end', atMs: this.nowMs, dispute: disputeOf(name), outcome, detail: '' })
  }

  private book(account: string, amountMicro: bigint): void {
    this.balances.set(account, this.balanceMicro(account) + amountMicro)
  }

  private sumsOf(device: string): Sums {
    let sums = this.sums.get(device)
    if (sums === undefined) {
      sums = { earned: 0n, slashed: 0n, released: 0n, paidOut: 0n }
      this.sums.set(device, sums)
    }
    return sums
  }
}

/** The parts of a log as its readers find them; a test may change any byte. */
export interface LogParts {
  note: string
  readonly entries: Uint8Array[]
  /** Hashes by level, end to end. */
  readonly levels: Uint8Array[]
}

/** A witness, with the key that others know it by. */
export function witnessOf(name: string): { key: NoteKey; cosign: (body: string, timeS: number) => string } {
  const signer = signerOf(`witness ${name}`)
  const full = `hedgerow/witness/${name}`
  return {
    key: witnessKeyOf(full, signer.publicKey),
    cosign: (body, timeS) => cosign(body, timeS, { name: full, signer }),
  }
}

/**
 * Signs a log, and computes its tiles the simple way.
 * @param entries - other bytes than those of the log's entries
 */
export function partsOf(
  log: LogBuilder,
  witnesses: readonly ReturnType<typeof witnessOf>[] = [],
  entries: readonly Uint8Array[] = log.entries.map(encodeEntry),
): LogParts {
  const frontier = new Frontier(nodeSha256)
  const leaves = entries.map(entry => leafHash(nodeSha256, entry))
  for (const leaf of leaves) frontier.append(leaf)
  let note = signCheckpoint({ size: entries.length, root: frontier.root() }, log.origin, log.signer)
  const { body } = parseNote(note)
  for (const [i, witness] of witnesses.entries())
    note = addSignatureLines(note, witness.cosign(body, 1_800_000_000 + i))
  const levels: Uint8Array[] = []
  for (let row = leaves; row.length > 0; row = above(row)) levels.push(new Uint8Array(Buffer.concat(row)))
  return { note, entries: [...entries], levels }
}

/** The roots of the full tiles over a row of hashes. */
function above(row: readonly Uint8Array[]): Uint8Array[] {
  const roots: Uint8Array[] = []
  for (let at = 0; at + TILE_WIDTH <= row.length; at += TILE_WIDTH) {
    let nodes = row.slice(at, at + TILE_WIDTH)
    while (nodes.length > 1) {
      nodes = Array.from({ length: nodes.length / 2 }, (_, i) => {
        return nodeHash(nodeSha256, nodes[2 * i] as Uint8Array, nodes[2 * i + 1] as Uint8Array)
      })
    }
    roots.push(nodes[0] as Uint8Array)
  }
  return roots
}

/** A source that gives these parts. */
export function sourceOf({ note, entries, levels }: LogParts) {
  return {
    name: 'memory',
    checkpoint: async () => note,
    size: async () => null,
    tile: async (level: number, index: number, width: number) => {
      const hashes = levels[level] ?? new Uint8Array()
      return hashes.slice(index * TILE_WIDTH * 32, (index * TILE_WIDTH + width) * 32)
    },
    entries: async (index: number, width: number) => {
      return encodeBundle(entries.slice(index * TILE_WIDTH, index * TILE_WIDTH + width))
    },
    close: () => {},
  }
}

/** Every tile and bundle of a log by its place, as a server keeps them. */
export function placesOf(size: number): { level: number; index: number; width: number }[] {
  const places: { level: number; index: number; width: number }[] = []
  for (let level = 0; tileWidth(level, 0, size) > 0; level++) {
    for (let index = 0; tileWidth(level, index, size) > 0; index++) {
      places.push({ level, index, width: tileWidth(level, index, size) })
    }
  }
  return places
}
