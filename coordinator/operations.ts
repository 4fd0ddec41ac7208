/** Puts together what those who run a coordinator look at: metrics, and whether it is well. */
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Clock, Random } from '../protocol/index.ts'
import type { BlobStore } from './blobs/index.ts'
import type { Core } from './core.ts'
import type { OperationsComponents } from './http/operations-routes.ts'
import {
  type CommitMeter,
  createMetrics,
  createReadiness,
  diskFamilies,
  diskFreeBytes,
  HttpMeter,
  openMetricsToken,
  ProcessMetrics,
  regionFamilies,
  type Tracing,
} from './metrics/index.ts'
import type { Store } from './store/index.ts'

export interface OperationsParts {
  readonly core: Pick<Core, 'departments' | 'settlement' | 'counters' | 'region'>
  readonly store: Pick<Store, 'checkpoint' | 'commit'>
  readonly blobs: Pick<BlobStore, 'usedBytes'>
  readonly commits: CommitMeter
  /** Null when nobody traces. */
  readonly tracing: Pick<Tracing, 'watch'> | null
  readonly clock: Clock
  readonly random: Random
  readonly broker: { readonly port: number; connectionCount(): number }
}

export interface OperationsInit {
  readonly stateDir: string
  /** The region's name. */
  readonly name: string
  /** Where the broker listens without TLS. */
  readonly host: string
  readonly checkpointMs: number
}

export interface Operations extends OperationsComponents {
  close(): void
}

const BROKER_TIMEOUT_MS = 2_000

/** @throws {ConfigError} when the token for metrics can neither be read nor made */
export function createOperations(parts: OperationsParts, init: OperationsInit): Operations {
  const { core, store, blobs, commits, tracing, clock, random, broker } = parts
  const { departments, settlement, counters, region } = core
  const { stateDir, host, checkpointMs } = init
  const http = new HttpMeter(clock)
  const process = new ProcessMetrics(clock.wallMs())
  const connections = () => broker.connectionCount()
  const ready = createReadiness(
    {
      clock,
      probeStore: () => store.commit([{ table: 'meta', key: 'ready-asked', value: `${Math.round(clock.wallMs())}` }]),
      probeBroker: () => reach(host, broker.port),
      committed: () => region.committed(),
      isStopped: () => region.isStopped,
      log: () => {
        const signed = store.checkpoint()
        return { entries: departments.log.size, signed: signed?.size ?? 0, signedAtMs: signed?.atMs ?? null }
      },
      diskFreeBytes: () => diskFreeBytes(stateDir),
    },
    { checkpointMs },
  )
  const metrics = createMetrics([
    { families: () => regionFamilies({ departments, settlement, store, counters, clock, connections }) },
    commits,
    http,
    process,
    { families: () => diskFamilies(stateDir, blobs.usedBytes()) },
  ])
  return {
    metrics,
    metricsToken: openMetricsToken(join(stateDir, 'metrics.token'), random),
    ready,
    regionName: async () => init.name,
    watch: exchange => {
      http.watch(exchange)
      tracing?.watch(exchange)
    },
    close: () => process.close(),
  }
}

/** Opens a connection and ends it. An address that means every network is reached on this machine. */
function reach(host: string, port: number): Promise<void> {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, timeout: BROKER_TIMEOUT_MS })
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
    socket.once('timeout', () => socket.destroy(new Error(`no answer within ${BROKER_TIMEOUT_MS} ms`)))
    socket.once('error', reject)
  })
}
