/** Everything that an auditor compares, from one store into another. */
import type { Store, Write } from '../../coordinator/store/index.ts'

/** Keys under which a store says something of its log. */
const KEYS = ['transfers-before-log', 'logged-policy', 'region-name']
const ALL = Number.MAX_SAFE_INTEGER

/** Copies the log and all rows. Names in the order in which rows name each other. */
export function copyLedger(from: Store, to: Store): void {
  to.commit([
    ...peopleOf(from),
    ...booksOf(from),
    ...workOf(from),
    ...sensingOf(from),
    ...settlementOf(from),
    ...logOf(from),
  ])
}

function* peopleOf(from: Store): Generator<Write> {
  for (const key of KEYS) {
    const value = from.meta(key)
    if (value !== null) yield { table: 'meta', key, value }
  }
  for (const row of from.claims()) yield { table: 'claim', row }
  for (const row of from.devices()) yield { table: 'device', row }
  for (const row of from.submitters()) yield { table: 'submitter', row }
  for (const row of from.owners()) yield { table: 'owner', row }
}

function* booksOf(from: Store): Generator<Write> {
  for (const row of from.accounts()) yield { table: 'account', row }
  for (const row of from.transfers()) yield { table: 'transfer', row }
  for (const row of from.holds()) yield { table: 'hold', row }
}

function* workOf(from: Store): Generator<Write> {
  for (const job of from.jobs()) {
    yield { table: 'job', row: job }
    const open = new Map(from.openLeases(job.id).map(row => [row.id, row]))
    for (const lease of from.leasesOfJob(job.id, ALL)) yield { table: 'lease', row: open.get(lease.id) ?? lease }
    for (const row of from.acceptedOutputs(job.id)) yield { table: 'accepted', row }
  }
}

function* sensingOf(from: Store): Generator<Write> {
  for (const row of from.places()) yield { table: 'place', row }
  for (const row of from.sensors()) yield { table: 'sensor', row }
  const frames = [...from.framesAbove(0)]
  for (const id of new Set(frames.map(({ profile }) => profile))) {
    const row = from.profile(id)
    if (row !== null) yield { table: 'profile', row }
  }
  for (const row of frames) yield { table: 'frame', row }
  for (const campaign of from.campaigns()) {
    yield { table: 'campaign', row: campaign }
    for (const row of from.judgements({ campaign: campaign.id })) yield { table: 'judgement', row }
    for (const row of from.windows({ campaign: campaign.id })) yield { table: 'window', row }
  }
}

function* settlementOf(from: Store): Generator<Write> {
  for (const row of from.receipts()) yield { table: 'receipt', row }
  for (const row of from.floors()) yield { table: 'floor', row }
  for (const row of from.prices()) yield { table: 'price', row }
  for (const row of from.bindings()) yield { table: 'binding', row }
  for (const row of from.epochs()) {
    yield { table: 'epoch', row }
    for (const payout of from.payouts(row.epoch)) yield { table: 'payout', row: payout }
  }
  for (const row of from.disputes()) yield { table: 'dispute', row }
}

function* logOf(from: Store): Generator<Write> {
  for (const [index, bytes] of from.entries(0, from.entryCount()).entries()) {
    yield { table: 'entry', row: { index, bytes } }
  }
  for (let level = 0; from.tile(level, 0) !== null; level++) {
    for (let index = 0; ; index++) {
      const hashes = from.tile(level, index)
      if (hashes === null) break
      yield { table: 'tile', row: { level, index, hashes } }
    }
  }
  const row = from.checkpoint()
  if (row !== null) yield { table: 'checkpoint', row }
}
