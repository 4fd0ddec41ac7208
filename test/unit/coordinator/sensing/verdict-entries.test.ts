import { expect, it } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import type { Campaign, WindowState } from '../../../../coordinator/sensing/campaign.ts'
import { recordVerdict } from '../../../../coordinator/sensing/verdict-entries.ts'
import { decodeEntry, encodeEntry } from '../../../../protocol/index.ts'
import { auditEntries } from '../../../support/audit-entries.ts'
import { campaignOf, LogBuilder, START_MS } from '../../../support/log-builder.ts'

it('a window that is judged again without any readings is told as a revision without a line', () => {
  const campaign = campaignOf('air')
  const told = (revision: number) => {
    const batch = new Batch()
    const window = { windowMs: START_MS, revision, frameMax: 7 } as WindowState
    recordVerdict({ row: { id: campaign } } as Campaign, window, [], new Map(), START_MS + 5, batch)
    return batch.entries
  }
  const [entry, ...more] = told(2)
  expect(more).toEqual([])
  expect(entry).toEqual({
    type: 'verdict',
    atMs: START_MS + 5,
    campaign,
    windowMs: START_MS,
    revision: 2,
    frameMax: 7,
    lines: [],
  })
  expect(decodeEntry(encodeEntry(entry as never))).toEqual(entry)
  const log = new LogBuilder().join('ann').campaign('air')
  log
    .verdict('air', START_MS, 1)
    .add(entry as never)
    .verdict('air', START_MS, 3, log.line('ann', { paidReadings: 0 }))
  expect(auditEntries(log.entries)).toEqual([])
})
