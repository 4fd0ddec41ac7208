/** The first entries of a log, and those that a start of the coordinator may add. */
import { assert, decodeEntry, LIMITS, type OpeningEntry, type RegionId, type RegionName } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { RegionPolicy } from '../config.ts'
import type { DeviceRow, Store } from '../store/rows.ts'

/** How many transfers there were when the log began: regions of before have some. */
export const TRANSFERS_BEFORE_LOG = 'transfers-before-log'
/** The rules about money that the log has last told of. */
const LOGGED_POLICY = 'logged-policy'

export interface LogRegion {
  readonly regionId: RegionId
  readonly region: RegionName
  readonly publicKey: Uint8Array
}

type BeginStore = Pick<Store, 'accounts' | 'meta' | 'transferCount' | 'devices' | 'entryCount'>

/** Wall time of the newest entry; 0 before the first. */
export function newestEntryMs(store: Pick<Store, 'entryCount' | 'entry'>): number {
  const count = store.entryCount()
  if (count === 0) return 0
  const newest = store.entry(count - 1)
  assert(newest, 'the log has no gaps')
  return decodeEntry(newest).atMs
}

/** Says who the region is when nothing has been said yet, and its rules about money when they are new. */
export function beginLog(
  store: BeginStore,
  region: LogRegion,
  policy: RegionPolicy,
  nowMs: number,
  batch: Batch,
): void {
  const atMs = Math.round(nowMs)
  if (store.entryCount() === 0) {
    batch.record({ type: 'genesis', atMs, ...region, scale: 6 })
    recordBefore(store, atMs, batch)
    batch.write({ table: 'meta', key: TRANSFERS_BEFORE_LOG, value: `${store.transferCount()}` })
  }
  const { feeBasisPoints, holdbackWindowMs, epochMs } = policy
  const rules = { feeBasisPoints, holdbackWindowMs, epochMs, keepsRemainders: true } as const
  const told = JSON.stringify(rules)
  if (store.meta(LOGGED_POLICY) === told) return
  batch.record({ type: 'policy', atMs, ...rules })
  batch.write({ table: 'meta', key: LOGGED_POLICY, value: told })
}

/** A region that ran before there was a log tells what its accounts hold and who its devices are. */
function recordBefore(store: BeginStore, atMs: number, batch: Batch): void {
  const balances = store
    .accounts()
    .map(({ id, debitsMicro, creditsMicro }) => ({ account: id, debitsMicro, creditsMicro }))
  for (let at = 0; at < balances.length; at += LIMITS.openingBalancesMax) {
    batch.record({
      type: 'opening',
      atMs,
      balances: balances.slice(at, at + LIMITS.openingBalancesMax),
    } satisfies OpeningEntry)
  }
  for (const row of store.devices()) recordDevice(row, atMs, batch)
}

function recordDevice({ id, publicKey, owner, standing, standingReason }: DeviceRow, atMs: number, batch: Batch): void {
  batch.record({ type: 'device', atMs, device: id, publicKey, owner })
  if (standing !== 'joined') batch.record({ type: 'standing', atMs, device: id, standing, reason: standingReason })
}
