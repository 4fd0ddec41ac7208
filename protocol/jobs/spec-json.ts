/** The stored form of a job: canonical JSON that reads back as the same specification. */
import { assert } from '../errors.ts'
import type { Sha256Hex } from '../ids.ts'
import type { Source, StoredSource } from './source.ts'
import { type JobSpec, parseJobSpec, type StoredJobSpec } from './spec.ts'
import type { SplitSpec } from './split-spec.ts'

/**
 * Replaces bytes that came inline by the name of a blob.
 * @param put - stores bytes and answers their SHA-256; called at most twice
 */
export function storeInlineBytes(spec: JobSpec, put: (bytes: Uint8Array) => Sha256Hex): StoredJobSpec {
  const stored = (source: Source): StoredSource => ('bytes' in source ? { sha256: put(source.bytes) } : source)
  const { split } = spec
  return {
    ...spec,
    task: { ...spec.task, module: stored(spec.task.module) },
    split: split.kind === 'blob' ? { ...split, source: stored(split.source) } : split,
  }
}

/** Canonical JSON of a job: fixed field order, defaults written out, amounts as text. Equal jobs, equal texts. */
export function specToJson(spec: StoredJobSpec): string {
  const { name, task, split, aggregate, verify, onUnitError, leaseUnitsMax, deadlineMs, priority } = spec
  return JSON.stringify({
    name,
    task: {
      module: { sha256: task.module.sha256 },
      args: task.args,
      memoryMiB: task.memoryMiB,
      unitTimeoutMs: task.unitTimeoutMs,
    },
    split: splitToJson(split),
    aggregate:
      aggregate.kind === 'histogram'
        ? { kind: aggregate.kind, from: aggregate.from, to: aggregate.to, bins: aggregate.bins }
        : { kind: aggregate.kind },
    verify: verify.kind === 'trust' ? 'trust' : { theta: verify.theta },
    onUnitError,
    budgetMicro: spec.budgetMicro?.toString(),
    priceMicro: spec.priceMicro?.toString(),
    leaseUnitsMax,
    deadlineMs,
    priority,
  })
}

function splitToJson(split: SplitSpec<StoredSource>): object {
  switch (split.kind) {
    case 'range':
      return { kind: split.kind, from: split.from, to: split.to, chunk: split.chunk }
    case 'items':
      return { kind: split.kind, items: split.items }
    case 'grid':
      // The parameters' order is part of the job: it numbers the units.
      return { kind: split.kind, parameters: split.parameters }
    case 'blob': {
      const { kind, source, by, size, delimiter } = split
      return { kind, source: { sha256: source.sha256 }, by, size, delimiter }
    }
  }
}

/**
 * Reads what {@link specToJson} wrote.
 * @throws {ConfigError} `bad_job` when the text is another program's
 */
export function parseStoredJobSpec(json: string): StoredJobSpec {
  const spec = parseJobSpec(JSON.parse(json))
  return storeInlineBytes(spec, () => {
    assert(false, 'a stored job names its bytes by their SHA-256')
  })
}
