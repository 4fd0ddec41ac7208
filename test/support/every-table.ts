/** Rows of every table that has sums, one with as many values as it can have and one with as few. None of them agrees with any log. */
import { openSqliteStore, type Write } from '../../coordinator/store/index.ts'
import {
  acceptedRow,
  accountRow,
  claimRow,
  DEVICES,
  deviceRow,
  JOBS,
  jobRow,
  leaseRow,
  NAMES,
  ownerRow,
  submitterRow,
} from './rows.ts'
import {
  CAMPAIGNS,
  campaignRow,
  frameRow,
  judgementRow,
  PROFILES,
  placeRow,
  profileRow,
  SENSORS,
  sensorRow,
} from './sensing-rows.ts'
import { checkpointRow, disputeRow, epochRow, floorRow, holdRow, peerRow } from './settlement-rows.ts'

const [device, other] = DEVICES
const [job, otherJob] = JOBS
const [campaign] = CAMPAIGNS
const [sensor, otherSensor] = SENSORS
const [profile] = PROFILES
const ADA = 'submitter:ada'
/** What texts may hold, and what SQLite and JavaScript write differently. */
const WORDS = 'grün \u{1F33F} \0 \ufffd'
const GREATEST = 2n ** 63n - 1n

/** The rows. */
export function everyTable(): Write[] {
  const done = {
    state: 'done',
    finishedAtMs: 5,
    resultSha256: NAMES.sha256,
    resultBytes: 2 ** 52,
    expectedWrongUnits: 1e-9,
  } as const
  const bill = { unitFuelLeast: 0, unitFuelGreatest: 7, billSha256: NAMES.sha256, billBytes: 30, fuel: GREATEST }
  const outputs = Uint8Array.from({ length: 300 }, (_, i) => i)
  const passedOver = { scope: `job/${job}`, reason: WORDS, times: 2, firstAtMs: 1, lastAtMs: 2 }
  const about = { lease: null, job: null, campaign, windowMs: 60_000, sensor }
  return [
    { table: 'meta', key: 'region-name', value: WORDS },
    { table: 'meta', key: 'empty', value: '' },
    { table: 'claim', row: claimRow('01') },
    { table: 'claim', row: { ...claimRow('02'), usedBy: device } },
    { table: 'device', row: { ...deviceRow(device), label: WORDS, heldYoungMicro: GREATEST, drainReason: 'new disk' } },
    { table: 'device', row: { ...deviceRow(other), heldOldMicro: -GREATEST - 1n } },
    { table: 'submitter', row: submitterRow() },
    { table: 'owner', row: ownerRow() },
    { table: 'owner', row: { ...ownerRow(), name: NAMES.otherOwner, tokenHash: null } },
    { table: 'job', row: jobRow(job) },
    { table: 'job', row: { ...jobRow(otherJob), ...done, ...bill } },
    { table: 'lease', row: { ...leaseRow(1, job, device), placement: WORDS } },
    { table: 'lease', row: { ...leaseRow(2, job, other), state: 'returned', digest: NAMES.digest, outputs } },
    { table: 'exclusion', row: { job, device, reason: WORDS, atMs: -1 } },
    { table: 'passed-over', row: { ...passedOver, kind: 'busy', untilMs: null } },
    { table: 'passed-over', row: { ...passedOver, kind: 'asleep', untilMs: 9 } },
    { table: 'accepted', row: { ...acceptedRow(job, 0), outputs } },
    { table: 'accepted', row: { ...acceptedRow(job, 64), outputs: null, solo: device } },
    { table: 'place', row: { ...placeRow(device), elevationM: -0, latitudeMicroDeg: -89_999_999 } },
    { table: 'sensor', row: sensorRow(sensor, device) },
    { table: 'sensor', row: { ...sensorRow(otherSensor, device), rival: other } },
    { table: 'profile', row: profileRow(profile, [sensor, 'temperature']) },
    { table: 'frame', row: frameRow(1, device, profile) },
    { table: 'campaign', row: campaignRow(campaign) },
    { table: 'judgement', row: judgementRow(campaign, 60_000, sensor, device) },
    { table: 'account', row: accountRow(ADA, 0n, 200n) },
    { table: 'account', row: accountRow('treasury', 200n, 0n) },
    { table: 'hold', row: holdRow('deposit/a', ADA, 'treasury') },
    { table: 'hold', row: holdRow('deposit/b', ADA, 'treasury') },
    { table: 'checkpoint', row: checkpointRow(1) },
    { table: 'peer', row: peerRow('hedgerow/log/north') },
    { table: 'floor', row: floorRow(device) },
    { table: 'epoch', row: epochRow(1) },
    { table: 'dispute', row: disputeRow('d1') },
    { table: 'dispute', row: { ...disputeRow('d2'), ...about, endedAtMs: 9 } },
  ]
}

/** Writes them to a new database. */
export function writeEveryTable(path: string): void {
  const store = openSqliteStore(path)
  store.commit(everyTable())
  store.close()
}
