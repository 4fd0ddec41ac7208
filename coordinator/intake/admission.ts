/**
 * Everything about a submission that needs I/O or costs time, done before it reaches the jobs department: inline bytes are
 * stored, a script becomes a module, the module is read and checked, the input is indexed. What cannot run is refused here or by the terms.
 */
import {
  BlobIndexer,
  ConfigError,
  composeScript,
  cutOf,
  inspectModule,
  type JobId,
  LIMITS,
  MODULE_LIMITS,
  type ModuleInfo,
  PAGE_BYTES,
  parseJobSpec,
  planSplit,
  type Sha256Hex,
  type Source,
  type StoredJobSpec,
  specToJson,
  storeInlineBytes,
  TaskError,
} from '../../protocol/index.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { PreparedJob } from '../jobs/job.ts'
import { isValidModule } from './engine-check.ts'

const MEBIBYTE = 1_048_576
const MODULES_REMEMBERED = 256

export interface Admission {
  /**
   * Prepares a new submission.
   * @throws {ConfigError} `bad_job` naming the field · {TaskError} `bad_module` · {TaskError} `bad_script`
   */
  admit(specification: unknown, id: JobId, ref: string): Promise<PreparedJob>
  /** Prepares a job that was admitted before, from its row. */
  readmit(spec: StoredJobSpec, id: JobId, ref: string): Promise<PreparedJob>
}

/** @param readEngine - gives what scripts are composed with, always as the same array; called at the first of them */
export function createAdmission(
  blobs: Pick<BlobStore, 'has' | 'put' | 'read' | 'readStream'>,
  readEngine: () => Uint8Array,
): Admission {
  const modules = new Map<Sha256Hex, ModuleInfo>()

  const readModule = (sha256: Sha256Hex): ModuleInfo => {
    // Asked for even when it is known: it may have been deleted meanwhile, and what is asked for stays.
    const size = sizeOf(blobs, sha256, 'task.module')
    const known = modules.get(sha256)
    if (known) return known
    if (size > MODULE_LIMITS.bytesMax) {
      throw badJob('task.module', `must be at most ${MODULE_LIMITS.bytesMax} bytes and has ${size}`)
    }
    const bytes = blobs.read(sha256)
    const info = inspectModule(bytes)
    if (!isValidModule(bytes)) {
      const reason = 'the engine finds it invalid'
      throw new TaskError(
        { code: 'bad_module', section: 'module', offset: 0, reason },
        `The module is not valid WebAssembly: ${reason}.`,
      )
    }
    if (modules.size >= MODULES_REMEMBERED) modules.clear()
    modules.set(sha256, info)
    return info
  }

  const compose = (script: Source): Uint8Array => {
    if ('bytes' in script) return composeScript(readEngine(), script.bytes)
    const size = sizeOf(blobs, script.sha256, 'task.script')
    if (size > LIMITS.scriptBytesMax) {
      throw badJob('task.script', `must be at most ${LIMITS.scriptBytesMax} bytes and has ${size}`)
    }
    return composeScript(readEngine(), blobs.read(script.sha256))
  }

  const prepare = async (spec: StoredJobSpec, id: JobId, ref: string): Promise<PreparedJob> => {
    const module = spec.task.module.sha256
    const info = readModule(module)
    const memoryPagesMax = (spec.task.memoryMiB * MEBIBYTE) / PAGE_BYTES
    if (info.memory.initialPages > memoryPagesMax) {
      const needed = Math.ceil((info.memory.initialPages * PAGE_BYTES) / MEBIBYTE)
      throw badJob('task.memoryMiB', `must be at least ${needed}, which the module starts with`)
    }
    const { split } = spec
    if (split.kind !== 'blob') {
      return preparedJob(spec, id, ref, info, memoryPagesMax, planSplit(split), null)
    }
    const input = split.source.sha256
    sizeOf(blobs, input, 'split.source')
    const indexer = new BlobIndexer(cutOf(split))
    for await (const chunk of blobs.readStream(input)) indexer.push(chunk)
    return preparedJob(spec, id, ref, info, memoryPagesMax, planSplit(split, indexer.finish()), input)
  }

  return {
    admit: async (specification, id, ref) => {
      const spec = storeInlineBytes(parseJobSpec(specification), bytes => blobs.put(bytes), compose)
      return prepare(spec, id, ref)
    },
    readmit: prepare,
  }
}

function preparedJob(
  spec: StoredJobSpec,
  id: JobId,
  ref: string,
  info: ModuleInfo,
  memoryPagesMax: number,
  plan: PreparedJob['plan'],
  input: Sha256Hex | null,
): PreparedJob {
  if (plan.units > LIMITS.unitsPerJobMax)
    throw badJob('split', `makes ${plan.units} units; at most ${LIMITS.unitsPerJobMax} are allowed`)
  const module = spec.task.module.sha256
  return {
    id,
    spec,
    specJson: specToJson(spec),
    ref,
    plan,
    input,
    module,
    moduleBytes: info.bytes,
    abi: info.abi,
    memoryPagesMax,
  }
}

function sizeOf(blobs: Pick<BlobStore, 'has'>, sha256: Sha256Hex, path: string): number {
  const found = blobs.has(sha256)
  if (!found) throw badJob(path, `names the blob ${sha256}, which is not here: put it up first`)
  return found.size
}

function badJob(path: string, reason: string): ConfigError {
  return new ConfigError({ code: 'bad_job', path, reason }, `The job's ${path} ${reason}.`)
}
