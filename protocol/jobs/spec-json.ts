/** The stored form of a job: canonical JSON that reads back as the same specification. */
import { assert } from '../errors.ts'
import type { Sha256Hex } from '../ids.ts'
import type { Source, StoredSource } from './source.ts'
import { type JobSpec, type ModuleTaskSpec, parseJobSpec, type StoredJobSpec, type TaskSpec } from './spec.ts'
import type { SplitSpec } from './split-spec.ts'

/**
 * Replaces bytes that came inline by the name of a blob, and a script by the module it becomes.
 * @param put - stores bytes and answers their SHA-256; called at most twice
 * @param compose - makes a module of a script; called once, for a job that has one
 */
export function storeInlineBytes(
  spec: JobSpec,
  put: (bytes: Uint8Array) => Sha256Hex,
  compose: (script: Source) => Uint8Array = refuseScript,
): StoredJobSpec {
  const stored = (source: Source): StoredSource => ('bytes' in source ? { sha256: put(source.bytes) } : source)
  const { split } = spec
  return {
    ...spec,
    task: storedTask(spec.task, stored, compose),
    split: split.kind === 'blob' ? { ...split, source: stored(split.source) } : split,
  }
}

function storedTask(
  task: TaskSpec,
  stored: (source: Source) => StoredSource,
  compose: (script: Source) => Uint8Array,
): ModuleTaskSpec<StoredSource> {
  if ('module' in task) return { ...task, module: stored(task.module) }
  const { script, ...settings } = task
  return { ...settings, module: stored({ bytes: compose(script) }) }
}

function refuseScript(): never {
  assert(false, 'a script is made a module before the job is stored')
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
      unitFuelMax: task.unitFuelMax,
    },
    split: splitToJson(split),
    aggregate:
      aggregate.kind === 'histogram'
        ? { kind: aggregate.kind, from: aggregate.from, to: aggregate.to, bins: aggregate.bins }
        : { kind: aggregate.kind },
    verify: verify.kind === 'trust' ? 'trust' : { theta: verify.theta },
    onUnitError,
    budgetMicro: spec.budgetMicro?.toString(),
    gigafuelPriceMaxMicro: spec.gigafuelPriceMaxMicro?.toString(),
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
  return storeInlineBytes(parseJobSpec(JSON.parse(json)), () => {
    assert(false, 'a stored job names its bytes by their SHA-256')
  })
}
