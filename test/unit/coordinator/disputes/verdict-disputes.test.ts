import { describe, expect, it } from 'vitest'
import type { Party } from '../../../../coordinator/disputes/dispute.ts'
import { Disputes } from '../../../../coordinator/disputes/disputes.ts'
import { createDisputeIntake } from '../../../../coordinator/disputes/intake.ts'
import { createRehearings } from '../../../../coordinator/disputes/rehearing.ts'
import type { Jobs } from '../../../../coordinator/jobs/jobs.ts'
import {
  availableAccount,
  escrowAccount,
  FEE,
  holdbackAccount,
  submitterAccount,
} from '../../../../coordinator/ledger/ledger.ts'
import type { DisputeRow, JudgementRow } from '../../../../coordinator/store/index.ts'
import { type CampaignId, type SensorId, submitterName } from '../../../../protocol/index.ts'
import { northOf, SensingWorld, START_MS, TOWN, type WorldDevice } from '../../../support/sensing-world.ts'

const town: Party = { kind: 'submitter', name: TOWN }
const DEPOSIT = 10_000n
const MINUTE = 60_000

/** No job is disputed here. */
const NO_JOBS = { wake: () => {}, active: () => undefined, retrialOf: () => undefined } as unknown as Jobs

/** A campaign of three sensors whose first window has been judged, and a region that takes disputes. */
class Court {
  readonly world = new SensingWorld()
  readonly devices: WorldDevice[]
  readonly campaign: CampaignId
  disputes!: Disputes
  private seen = 0

  constructor(changes: Record<string, unknown> = {}) {
    this.devices = [0, 300, 600].map((metres, i) => this.world.join(`owner${i}`, northOf(metres)))
    this.campaign = this.world.submit({ priceMicro: '20', paidPerCell: 3, ...changes })
    this.world.minutes(
      5,
      this.devices.map(device => [device, () => 20] as const),
    )
    this.world.pass(MINUTE)
    this.reopen()
  }

  get sensor(): SensorId {
    return this.devices[0]?.sensors[0] as SensorId
  }

  get device(): WorldDevice {
    return this.devices[0] as WorldDevice
  }

  /** Starts the department anew from its rows. */
  reopen(): void {
    const { fleet, ledger, policy, sensing, store } = this.world
    const desk = { fleet, ledger, policy, sensing, jobs: NO_JOBS }
    this.disputes = new Disputes(desk, store.disputes({ states: ['open'] }))
  }

  judgement(sensor = this.sensor): JudgementRow {
    const [row] = this.world.store.judgements({ campaign: this.campaign, sensor })
    return row as JudgementRow
  }

  /** Changes a judgement behind the region's back. */
  spoil(changes: Partial<JudgementRow>): void {
    this.world.store.commit([{ table: 'judgement', row: { ...this.judgement(), ...changes } }])
  }

  open(party: Party, sensor = this.sensor, atMs = START_MS + MINUTE) {
    const { world, disputes } = this
    const region = { step: world.step.bind(world) }
    return createDisputeIntake({ region, disputes, store: world.store }).verdict(
      party,
      this.campaign,
      atMs,
      sensor,
      'it is wrong',
    )
  }

  opened(party: Party): DisputeRow {
    const outcome = this.open(party)
    if (!outcome.ok) throw new Error(outcome.reason)
    return outcome.row
  }

  /** Lets the shell do what the department has asked for. */
  hear(): void {
    const { world } = this
    const deferred: (() => void)[] = []
    const rehear = createRehearings({
      step: world.step.bind(world),
      disputes: this.disputes,
      store: world.store,
      readings: world.open.readings,
      defer: fn => void deferred.push(fn),
    })
    for (const effect of world.effects.slice(this.seen)) if (effect.kind === 'rejudge') rehear(effect)
    this.seen = world.effects.length
    for (let next = deferred.shift(); next; next = deferred.shift()) next()
  }

  ended(row: DisputeRow): DisputeRow {
    return this.world.store.dispute(row.id) as DisputeRow
  }
}

/** The device's party, with enough available to dispute. */
function owner(court: Court): Party {
  const { world, device } = court
  world.step((now, batch) => {
    const fund = { kind: 'fund', debit: 'treasury', credit: availableAccount(device.id), amountMicro: 50_000n } as const
    world.ledger.transfer({ ...fund, purpose: `fund/${device.id}/0` }, now.wallMs, batch)
  })
  return { kind: 'device', device: device.id }
}

const refusalOf = (outcome: ReturnType<Court['open']>) => (outcome.ok ? null : outcome.code)

// Gifts and spoilt judgements are put into the books here, and an auditor sees that.
describe('a verdict that is disputed', () => {
  it('[DISP-4.1] is computed again from the same frames, and stands when they say the same', () => {
    const court = new Court()
    const { world } = court
    const before = world.balance(submitterAccount(TOWN))
    const fee = world.balance(FEE)
    const row = court.opened(town)
    expect(row.depositMicro).toBe(DEPOSIT)
    expect(court.disputes.stageOf(row.id)).toBe('recomputing')
    // What came since then does not count.
    world.report(court.device, START_MS, [99, 99, 99, 99, 99])
    court.hear()
    expect(court.ended(row)).toMatchObject({ state: 'dismissed', lease: null, sensor: court.sensor })
    expect(court.ended(row).detail).toContain('The same frames gave the same flags again for 5 readings')
    expect(world.balance(submitterAccount(TOWN))).toBe(before - DEPOSIT)
    expect(world.balance(FEE)).toBe(fee + DEPOSIT)
    expect(world.balance(escrowAccount(row.id))).toBe(0n)
    expect(world.audit('transfer.route', 'sense.verdict')).toEqual([])
  })

  it('[DISP-4.2] is corrected and paid by one more revision while its window may still change', () => {
    const court = new Court()
    const { world } = court
    const { flags, paidMicro } = court.judgement()
    const party = owner(court)
    const held = world.balance(holdbackAccount(court.device.id))
    court.spoil({ flags: new Uint8Array(10).fill(1), accepted: 0 })
    const row = court.opened(party)
    court.hear()
    expect(court.ended(row)).toMatchObject({ state: 'upheld' })
    expect(court.ended(row).detail).toContain('The window was judged once more')
    expect(court.judgement()).toMatchObject({ revision: 2, accepted: 5, flags, paidMicro })
    expect(world.balance(availableAccount(court.device.id))).toBe(50_000n)
    expect(world.balance(holdbackAccount(court.device.id))).toBe(held)
    expect(world.audit('transfer.route', 'sense.verdict')).toEqual([])
  })

  it('[DISP-4.2] pays by that revision what had not been paid', () => {
    const court = new Court()
    const { world } = court
    const party = owner(court)
    court.spoil({ flags: new Uint8Array(10).fill(1), accepted: 0, paidReadings: 0, paidMicro: 0n })
    world.restart()
    court.reopen()
    const held = world.balance(holdbackAccount(court.device.id))
    const row = court.opened(party)
    court.hear()
    expect(court.ended(row).state).toBe('upheld')
    expect(court.judgement()).toMatchObject({ revision: 2, accepted: 5, paidReadings: 5, paidMicro: 95n })
    expect(world.balance(holdbackAccount(court.device.id))).toBe(held + 95n)
    expect(world.audit('transfer.route', 'sense.verdict')).toEqual([])
  })

  it('[DISP-4.2] makes the region pay what is due when its window is closed', () => {
    const court = new Court({ correctionMs: 60_000 })
    const { world } = court
    const party = owner(court)
    world.pass(10 * MINUTE)
    expect(world.sensing.active(court.campaign)?.windows.has(START_MS)).toBe(false)
    const held = world.balance(holdbackAccount(court.device.id))
    const fee = world.balance(FEE)
    court.spoil({ flags: new Uint8Array(10).fill(1), accepted: 0, paidReadings: 0, paidMicro: 0n })
    world.step((now, batch) => {
      const gift = { kind: 'fund', debit: 'treasury', credit: FEE, amountMicro: 1_000n, purpose: 'fund/fee/0' } as const
      world.ledger.transfer(gift, now.wallMs, batch)
    })
    const row = court.opened(party)
    court.hear()
    expect(court.ended(row)).toMatchObject({ state: 'upheld' })
    expect(court.ended(row).detail).toContain('The window is closed and keeps its verdict.')
    // Five readings at 20 less the fee of 5 %.
    expect(world.balance(holdbackAccount(court.device.id))).toBe(held + 95n)
    expect(world.balance(FEE)).toBe(fee + 1_000n - 95n)
    expect(world.fleet.member(court.device.id)?.row.heldYoungMicro).toBe(held + 95n)
    expect(world.audit('transfer.route', 'sense.verdict')).toEqual([])
  })

  it('[DISP-4.2] gives a submitter back what it paid for readings that should not have been accepted', () => {
    const court = new Court()
    const { world } = court
    world.step((now, batch) => {
      const gift = { kind: 'fund', debit: 'treasury', credit: FEE, amountMicro: 1_000n, purpose: 'fund/fee/0' } as const
      world.ledger.transfer(gift, now.wallMs, batch)
    })
    const before = world.balance(submitterAccount(TOWN))
    const { accepted, paidReadings } = court.judgement()
    court.spoil({ paidReadings: paidReadings + 2, accepted: accepted + 2 })
    const row = court.opened(town)
    court.hear()
    expect(court.ended(row)).toMatchObject({ state: 'upheld' })
    expect(world.balance(submitterAccount(TOWN))).toBe(before + 40n)
    expect(world.audit('transfer.route', 'sense.verdict')).toEqual([])
  })

  it('[DISP-4.1] is computed again after a restart that broke it off', () => {
    const court = new Court()
    const row = court.opened(town)
    court.reopen()
    court.world.step((now, batch) => court.disputes.tick(now, batch))
    court.hear()
    expect(court.ended(row).state).toBe('dismissed')
  })

  it('waits while the window is being judged anew', () => {
    const court = new Court()
    const { world } = court
    const row = court.opened(town)
    const window = world.sensing.active(court.campaign)?.windows.get(START_MS)
    if (window) window.judging = true
    court.hear()
    expect(court.ended(row).state).toBe('open')
    if (window) window.judging = false
    world.step((now, batch) => court.disputes.tick(now, batch))
    court.hear()
    expect(court.ended(row).state).toBe('dismissed')
  })

  it('[DISP-3.5] is undecided when its sensor is in the window no more', () => {
    const court = new Court()
    const { world } = court
    const row = court.opened(town)
    const other = court.judgement(court.devices[1]?.sensors[0])
    world.store.commit([{ table: 'judgement', row: { ...other, revision: 2 } }])
    court.hear()
    expect(court.ended(row).state).toBe('undecided')
    expect(world.ledger.holdOf(`deposit/${row.id}`)).toBeUndefined()
  })
})

describe('a dispute about a verdict is refused', () => {
  it('[DISP-1.1] to whom neither the sensor nor the campaign belongs', () => {
    const court = new Court()
    const [, other] = court.devices as [WorldDevice, WorldDevice]
    expect(refusalOf(court.open({ kind: 'device', device: other.id }))).toBe('not_yours')
    expect(refusalOf(court.open({ kind: 'submitter', name: submitterName('bob') }))).toBe('not_yours')
    expect(refusalOf(court.open(town, court.sensor, START_MS + 3_600_000))).toBe('not_found')
  })

  it('[DISP-1.2] a holdback window after it was made', () => {
    const court = new Court()
    const { world } = court
    const judgedAtMs = world.store.windows({ campaign: court.campaign })[0]?.judgedAtMs ?? Number.NaN
    world.now = { ...world.now, wallMs: judgedAtMs + world.policy.holdbackWindowMs + 1 }
    expect(refusalOf(court.open(town))).toBe('too_late')
    world.now = { ...world.now, wallMs: judgedAtMs + world.policy.holdbackWindowMs }
    expect(refusalOf(court.open(town))).toBeNull()
  })

  it('[DISP-1.3] without the deposit', () => {
    const court = new Court()
    const outcome = court.open({ kind: 'device', device: court.device.id })
    expect(outcome).toMatchObject({ ok: false, code: 'insufficient' })
  })

  it('[DISP-1.4] a second time, whoever asks', () => {
    const court = new Court()
    const party = owner(court)
    const row = court.opened(town)
    expect(refusalOf(court.open(party))).toBe('twice')
    court.hear()
    expect(court.ended(row).state).toBe('dismissed')
    expect(refusalOf(court.open(party))).toBe('twice')
  })

  it('[DISP-1.1] when the window was judged again without its sensor', () => {
    const court = new Court()
    const other = court.judgement(court.devices[1]?.sensors[0])
    court.world.store.commit([{ table: 'judgement', row: { ...other, revision: 2 } }])
    expect(refusalOf(court.open(town))).toBe('not_disputable')
  })
})
