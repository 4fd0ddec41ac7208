import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { encode } from '../../../protocol/cbor/index.ts'
import { LIMITS } from '../../../protocol/limits.ts'
import { ABIS, STANDINGS, TRAP_KINDS } from '../../../protocol/messages/index.ts'
import {
  EXPONENT_MAX,
  GAIN_PPM_MAX,
  GAP_CAUSES,
  PROFILE_KINDS,
  SENSOR_FAULTS,
} from '../../../protocol/readings/index.ts'
import {
  DISPUTE_OUTCOMES,
  LOGGED_STANDINGS,
  PAYOUT_METHODS,
  TRANSFER_KINDS,
  TRANSFER_PHASES,
} from '../../../protocol/settlement/index.ts'
import { DOWNLINK_CLASSES, UPLINK_CLASSES } from '../../../protocol/topics.ts'
import { wireCddl } from '../../support/cddl.ts'
import { FAMILIES } from '../../support/message-families.ts'

const grammar = wireCddl()
const text = (length: number) => 'x'.repeat(length)
const bytes = (length: number) => new Uint8Array(length)
const CHANNEL = ['q', 'V', 0]
const SENSOR = ['m', '', [CHANNEL]]
const SERIES = [new Uint8Array(8), ...CHANNEL, null]
const STREAM = [1, 0, 1, 1, 0, [[new Uint8Array(8), 0]]]
const BALANCE = ['a', 0, 0]
const LINE = [new Uint8Array(8), 'x'.repeat(26), 0, 0, 0, new Uint8Array(32)]
const list = (length: number, item: Parameters<typeof encode>[0]) => new Array(length).fill(item)

describe('the CDDL of the wire', () => {
  test('every rule but the first is used, and every used rule is there', () => {
    const [root, ...rest] = grammar.names
    expect(root).toBe('wire')
    expect(rest.filter(name => !grammar.references.has(name))).toEqual([])
    expect([...grammar.references].filter(name => !grammar.names.includes(name))).toEqual([])
    expect(new Set(grammar.names).size).toBe(grammar.names.length)
  })

  test('every message has a rule and vectors, and every class of a topic is a message', () => {
    const files = readdirSync(new URL('../../../protocol/spec/vectors', import.meta.url))
    for (const { name, rule } of FAMILIES) {
      expect(grammar.names).toContain(rule)
      expect(files).toContain(`${name}.json`)
    }
    const classes = FAMILIES.map(family => family.class)
    expect(classes.toSorted()).toEqual(
      [...UPLINK_CLASSES, ...DOWNLINK_CLASSES, 'blob', 'connect', 'statement', 'reputation'].toSorted(),
    )
    for (const name of classes) expect(grammar.matches('class', name)).toBe(true)
  })

  test.each([
    ['frame-payload', bytes(LIMITS.frameBytesMax), bytes(LIMITS.frameBytesMax + 1)],
    ['outputs-bytes', bytes(LIMITS.resultOutputsInlineBytesMax), bytes(LIMITS.resultOutputsInlineBytesMax + 1)],
    ['inline-bytes', bytes(LIMITS.inlineBytesMax), bytes(LIMITS.inlineBytesMax + 1)],
    ['output-bytes', bytes(LIMITS.unitOutputBytesMax), bytes(LIMITS.unitOutputBytesMax + 1)],
    ['delimiter', bytes(LIMITS.delimiterBytesMax), bytes(LIMITS.delimiterBytesMax + 1)],
    ['label', text(LIMITS.labelBytesMax), text(LIMITS.labelBytesMax + 1)],
    ['name', text(LIMITS.nameLengthMax), text(LIMITS.nameLengthMax + 1)],
    ['reason', text(LIMITS.reasonBytesMax), text(LIMITS.reasonBytesMax + 1)],
    ['url', text(LIMITS.urlBytesMax), text(LIMITS.urlBytesMax + 1)],
    ['task-arg', text(LIMITS.taskArgBytesMax), text(LIMITS.taskArgBytesMax + 1)],
    ['task-args', list(LIMITS.taskArgsMax, ''), list(LIMITS.taskArgsMax + 1, '')],
    ['ack-seqs', list(LIMITS.ackSeqsMax, 0), list(LIMITS.ackSeqsMax + 1, 0)],
    ['cancel-ids', list(LIMITS.grantsPerFrameMax, 0), list(LIMITS.grantsPerFrameMax + 1, 0)],
    ['task-index', LIMITS.grantsPerFrameMax - 1, LIMITS.grantsPerFrameMax],
    ['lease-results', none(LIMITS.resultsPerFrameMax), none(LIMITS.resultsPerFrameMax + 1)],
    ['blob-put-size', LIMITS.leaseOutputBytesMax, LIMITS.leaseOutputBytesMax + 1],
    ['module-bytes', LIMITS.moduleBytesMax, LIMITS.moduleBytesMax + 1],
    ['memory-pages', LIMITS.memoryMiBMax * 16, LIMITS.memoryMiBMax * 16 + 1],
    ['unit-timeout', LIMITS.unitTimeoutMsMax, LIMITS.unitTimeoutMsMax + 1],
    ['metering-version', LIMITS.meteringVersionMax, LIMITS.meteringVersionMax + 1],
    ['metering-versions', list(LIMITS.meteringVersionsMax, 1), list(LIMITS.meteringVersionsMax + 1, 1)],
    ['unit-fuel-max', LIMITS.unitFuelMax, LIMITS.unitFuelMax + 1],
    ['unit-fuel', LIMITS.unitFuelMax, LIMITS.unitFuelMax + 1],
    ['unit-index', LIMITS.unitsPerJobMax - 1, LIMITS.unitsPerJobMax],
    ['unit-count', LIMITS.unitsPerLeaseMax, LIMITS.unitsPerLeaseMax + 1],
    ['unit-input-bytes', LIMITS.unitInputBytesMax, LIMITS.unitInputBytesMax + 1],
    ['blob-bytes', LIMITS.blobBytesMax, LIMITS.blobBytesMax + 1],
    ['blob-offset', LIMITS.blobBytesMax - 1, LIMITS.blobBytesMax],
    ['region-time', LIMITS.regionTimeMsMax, LIMITS.regionTimeMsMax + 1],
    ['sensor-list', list(LIMITS.sensorsMax, SENSOR), list(LIMITS.sensorsMax + 1, SENSOR)],
    ['sensor-channels', list(LIMITS.sensorChannelsMax, CHANNEL), list(LIMITS.sensorChannelsMax + 1, CHANNEL)],
    ['sensor-serial', text(LIMITS.sensorTextBytesMax), text(LIMITS.sensorTextBytesMax + 1)],
    ['sensor-model', text(LIMITS.nameLengthMax), text(LIMITS.nameLengthMax + 1)],
    ['exponent', EXPONENT_MAX, EXPONENT_MAX + 1],
    ['exponent', -EXPONENT_MAX, -EXPONENT_MAX - 1],
    ['gain-ppm', GAIN_PPM_MAX, GAIN_PPM_MAX + 1],
    ['reading-value', LIMITS.readingValueMax, LIMITS.readingValueMax + 1],
    ['reading-value', -LIMITS.readingValueMax, -LIMITS.readingValueMax - 1],
    ['formula', text(LIMITS.formulaBytesMax), text(LIMITS.formulaBytesMax + 1)],
    ['profile-channels', list(LIMITS.profileChannelsMax, SERIES), list(LIMITS.profileChannelsMax + 1, SERIES)],
    ['profile-kind', PROFILE_KINDS.length - 1, PROFILE_KINDS.length],
    ['period', LIMITS.periodMsMax, LIMITS.periodMsMax + 1],
    ['phase', LIMITS.periodMsMax - 1, LIMITS.periodMsMax],
    ['reading-count', LIMITS.frameReadingsMax, LIMITS.frameReadingsMax + 1],
    ['reading-span', LIMITS.frameReadingsMax, LIMITS.frameReadingsMax + 1],
    ['reading-index', LIMITS.frameReadingsMax - 1, LIMITS.frameReadingsMax],
    ['channel-index', LIMITS.profileChannelsMax - 1, LIMITS.profileChannelsMax],
    ['channel-index', LIMITS.sensorChannelsMax - 1, LIMITS.sensorChannelsMax],
    ['columns', bytes(LIMITS.frameBytesMax), bytes(LIMITS.frameBytesMax + 1)],
    ['fault-spans', list(LIMITS.frameNotesMax, [0, 0, 1, 0]), list(LIMITS.frameNotesMax + 1, [0, 0, 1, 0])],
    ['gaps', list(LIMITS.frameNotesMax, [0, 1, 0]), list(LIMITS.frameNotesMax + 1, [0, 1, 0])],
    ['sensor-fault', SENSOR_FAULTS.length - 1, SENSOR_FAULTS.length],
    ['gap-cause', GAP_CAUSES.length - 1, GAP_CAUSES.length],
    ['streams', list(LIMITS.streamsMax, STREAM), list(LIMITS.streamsMax + 1, STREAM)],
    ['slots', LIMITS.slotsMax, LIMITS.slotsMax + 1],
    ['credit-leases', LIMITS.creditLeasesMax, LIMITS.creditLeasesMax + 1],
    ['standing', STANDINGS.length - 1, STANDINGS.length],
    ['abi', ABIS.length - 1, ABIS.length],
    ['trap', TRAP_KINDS.length - 1, TRAP_KINDS.length],
    ['uint53', Number.MAX_SAFE_INTEGER, -1],
    ['key-id', text(26), text(27)],
    ['receipt-entry-bytes', bytes(LIMITS.receiptEntryBytesMax), bytes(LIMITS.receiptEntryBytesMax + 1)],
    ['receipt-proof', bytes(LIMITS.receiptProofBytesMax), bytes(LIMITS.receiptProofBytesMax + 1)],
    ['statement-frame', bytes(LIMITS.statementBytesMax), bytes(LIMITS.statementBytesMax + 1)],
    ['account', text(LIMITS.accountBytesMax), text(LIMITS.accountBytesMax + 1)],
    ['purpose', text(LIMITS.purposeBytesMax), text(LIMITS.purposeBytesMax + 1)],
    ['opening-balances', list(LIMITS.openingBalancesMax, BALANCE), list(LIMITS.openingBalancesMax + 1, BALANCE)],
    ['verdict-lines', list(LIMITS.verdictLinesMax, LINE), list(LIMITS.verdictLinesMax + 1, LINE)],
    ['reading-prices', list(LIMITS.pricesMax, ['q', 0]), list(LIMITS.pricesMax + 1, ['q', 0])],
    ['micro', LIMITS.amountMicroMax, LIMITS.amountMicroMax + 1n],
    ['price-micro', LIMITS.gigafuelPriceMicroMax, LIMITS.gigafuelPriceMicroMax + 1n],
    ['job-units', LIMITS.unitsPerJobMax, LIMITS.unitsPerJobMax + 1],
    ['transfer-kind', TRANSFER_KINDS.length - 1, TRANSFER_KINDS.length],
    ['transfer-phase', TRANSFER_PHASES.length - 1, TRANSFER_PHASES.length],
    ['logged-standing', LOGGED_STANDINGS.length - 1, LOGGED_STANDINGS.length],
    ['payout-method', PAYOUT_METHODS.length - 1, PAYOUT_METHODS.length],
    ['dispute-outcome', DISPUTE_OUTCOMES.length - 1, DISPUTE_OUTCOMES.length],
  ])('the bound of %s is the one in the code [WIRE-2.4] [WIRE-2.5]', (rule, largest, beyond) => {
    expect(grammar.matches(rule, largest)).toBe(true)
    expect(grammar.matches(rule, beyond)).toBe(false)
  })

  test('the outputs of the longest lease match, one unit more does not [OUT-1.3]', () => {
    expect(grammar.matches('outputs', list(LIMITS.unitsPerLeaseMax, [0, bytes(0)]))).toBe(true)
    expect(grammar.matches('outputs', list(LIMITS.unitsPerLeaseMax + 1, [0, bytes(0)]))).toBe(false)
    expect(grammar.matches('outputs', [])).toBe(false)
  })
})

function none(count: number) {
  return list(count, [0, 1, null, null, 0, '', 1])
}
