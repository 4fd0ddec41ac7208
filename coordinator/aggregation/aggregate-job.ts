/** Folds a job's accepted outputs into its answer and its bill, a slice at a time so that everything else goes on meanwhile. */
import {
  assert,
  decodeOutputs,
  type Sha256Hex,
  type StoredJobSpec,
  sha256Hex,
  TaskError,
  toHex,
} from '../../protocol/index.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { AcceptedRow } from '../store/rows.ts'
import { type BillEnd, BillWriter } from './bill.ts'
import { createAggregator, mediaTypeOf } from './index.ts'

export interface AggregateComponents {
  blobs: Pick<BlobStore, 'read' | 'writer'>
  /** Lets pending I/O go first. */
  breathe(): Promise<void>
}

export interface AggregateResult extends BillEnd {
  sha256: Sha256Hex
  bytes: number
  failedUnits: number
}

/** Units folded, and bytes of their outputs, before other work gets its turn: a few milliseconds each. */
const SLICE_UNITS = 20_000
const SLICE_BYTES = 2_097_152

/**
 * @param runs - the job's accepted runs by ascending unit, covering it exactly once
 * @throws {TaskError} `bad_output` when a unit's output does not fit the aggregate and failing units end the job, `cancelled` when
 * runs were taken back meanwhile
 */
export async function aggregateJob(
  components: AggregateComponents,
  spec: StoredJobSpec,
  units: number,
  runs: Iterable<AcceptedRow>,
): Promise<AggregateResult> {
  const writer = components.blobs.writer()
  const billWriter = components.blobs.writer()
  try {
    const bill = new BillWriter(billWriter)
    const aggregator = createAggregator(spec.aggregate, units, chunk => writer.write(chunk))
    let failedUnits = 0
    let sliceUnits = 0
    let sliceBytes = 0
    let next = 0
    for (const run of runs) {
      if (run.firstUnit !== next) throw takenBack()
      next += run.unitCount
      const outputs = run.outputs ?? components.blobs.read(sha256Hex(toHex(run.digest)))
      for (const [index, outcome] of decodeOutputs(outputs, run.unitCount).entries()) {
        const unit = run.firstUnit + index
        bill.add(unit, outcome)
        if (outcome.kind === 'ok' && takes(aggregator, unit, outcome.bytes, spec)) continue
        failedUnits++
        aggregator.skip(unit)
      }
      sliceUnits += run.unitCount
      sliceBytes += outputs.length
      if (sliceUnits < SLICE_UNITS && sliceBytes < SLICE_BYTES) continue
      sliceUnits = 0
      sliceBytes = 0
      await components.breathe()
    }
    if (next !== units) throw takenBack()
    const end = aggregator.finish()
    assert(end.mediaType === mediaTypeOf(spec.aggregate), 'an aggregate has the media type announced for it')
    writer.write(end.bytes)
    await writer.flush()
    const { sha256, size } = writer.finish()
    return { sha256, bytes: size, failedUnits, ...bill.finish() }
  } catch (error) {
    writer.abort()
    billWriter.abort()
    throw error
  }
}

/** Whether the unit's output was taken; false when it does not fit and the job goes on without such units. */
function takes(
  aggregator: ReturnType<typeof createAggregator>,
  unit: number,
  output: Uint8Array,
  spec: StoredJobSpec,
): boolean {
  try {
    aggregator.add(unit, output)
    return true
  } catch (error) {
    if (!(error instanceof TaskError) || spec.onUnitError === 'fail') throw error
    return false
  }
}

function takenBack(): TaskError {
  return new TaskError({ code: 'cancelled' }, 'Units of the job were taken back while its answer was put together.')
}
