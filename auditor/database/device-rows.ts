/** What a device's row keeps beside its standing: when it joined, its holdback and its record. */
import { balanceMicro } from '../replay/accounts.ts'
import type { KnownDevice } from '../replay/devices.ts'
import { compareRow } from './compare.ts'
import type { Row } from './open.ts'
import { expectNone, type RowScene } from './row-scene.ts'

const DEVICES =
  'SELECT d.id, d.joined_at_ms, d.units_accepted, d.units_rejected, d.leases_expired, d.held_young_micro, d.held_old_micro, ' +
  'd.held_window, d.statement_seq, coalesce(c.lost, 0) AS lost FROM device d LEFT JOIN ' +
  "(SELECT device, count(*) AS lost FROM lease WHERE state IN ('expired', 'failed') GROUP BY device) c ON c.device = d.no"
const STATEMENTS =
  'SELECT d.id, d.statement_seq, s.seq FROM device d JOIN (SELECT device, max(seq) AS seq FROM ' +
  '(SELECT device, seq FROM binding UNION ALL SELECT device, seq FROM floor) GROUP BY device) s ON s.device = d.no ' +
  'WHERE s.seq > d.statement_seq OR s.seq < 1'
const FREE_RUNS = 'SELECT 1 FROM accepted WHERE fuel = 0 LIMIT 1'

/**
 * Compares what devices have earned and done with the log.
 * @param paidUnits - units that each device was paid for
 */
export function compareDevices(scene: RowScene, paidUnits: ReadonlyMap<string, bigint>): void {
  const record = new Records(scene, paidUnits)
  for (const row of scene.db.each(DEVICES)) {
    const device = scene.replay.devices.find(String(row.id))
    // Said already, by whoever compared standings.
    if (device === undefined) continue
    compareJoined(scene, row, device)
    compareHoldback(scene, row)
    record.compare(row, device)
  }
  expectNone(scene, 'row.device', STATEMENTS, ({ id, statement_seq, seq }) => {
    return `The device ${id} has made statement ${seq}, and its last is said to be ${statement_seq}.`
  })
}

/** A region whose devices are older than its log told of all of them at its beginning. */
function compareJoined({ replay, problems }: RowScene, row: Row, { joinedAtMs }: KnownDevice): void {
  const isTold = joinedAtMs === replay.genesis?.atMs
  const joined = row.joined_at_ms as bigint
  if (isTold ? joined <= BigInt(joinedAtMs) : joined === BigInt(joinedAtMs)) return
  const message = `The device ${row.id} joined at ${joined} by the database, and at ${joinedAtMs} by the log.`
  problems.add('row.device', null, message)
}

function compareHoldback({ replay, problems }: RowScene, row: Row): void {
  const id = String(row.id)
  const name = `The device ${id}`
  const account = replay.scene.accounts.find(`holdback:${id}`)
  const [young, old] = [row.held_young_micro as bigint, row.held_old_micro as bigint]
  const heldMicro = account === undefined ? 0n : balanceMicro(account)
  if (young + old !== heldMicro || young < 0n || old < 0n) {
    problems.add('row.holdback', null, `${name} has ${young} and ${old} held back, and by the log ${heldMicro}.`)
  }
  // While the windows had another length, or before the log, other moments counted.
  const [windowMs, other] = replay.windowsMs
  if (windowMs === undefined || other !== undefined || account?.fromBefore) return
  const window = row.held_window as bigint
  const youngMicro = replay.holdback.sinceMicro(id, Number(window))
  compareRow(problems, 'row.holdback', name, null, { held_young_micro: youngMicro }, row)
  if (window % BigInt(windowMs) === 0n) return
  problems.add('row.holdback', null, `${name} has earnings of ${window}, where no window of ${windowMs} ms begins.`)
}

/** What devices have done. Where something of that left no trace, only the least that it must be is known. */
class Records {
  private readonly scene: RowScene
  private readonly paidUnits: ReadonlyMap<string, bigint>
  /** A dispute has corrected records. */
  private readonly isCorrected: boolean
  /** Nobody is paid for a run that burned nothing. */
  private readonly hasFreeRuns: boolean

  constructor(scene: RowScene, paidUnits: ReadonlyMap<string, bigint>) {
    this.scene = scene
    this.paidUnits = paidUnits
    this.isCorrected = [...scene.replay.disputes.all()].some(([, { end }]) => end?.outcome === 'upheld')
    this.hasFreeRuns = scene.db.get(FREE_RUNS) !== undefined
  }

  compare(row: Row, { wasOut }: KnownDevice): void {
    const { problems, replay } = this.scene
    if (replay.startsFromBalances) return
    const id = String(row.id)
    const name = `The device ${id}`
    compareRow(problems, 'row.count', name, null, { leases_expired: row.lost ?? null }, row)
    if (this.isCorrected) return
    const paid = this.paidUnits.get(id) ?? 0n
    const accepted = row.units_accepted as bigint
    if (wasOut || this.hasFreeRuns ? accepted < paid : accepted !== paid) {
      problems.add('row.count', null, `${name} has ${accepted} accepted units, and was paid for ${paid}.`)
    }
    if (!wasOut) compareRow(problems, 'row.count', name, null, { units_rejected: 0n }, row)
  }
}
