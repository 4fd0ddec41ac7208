/**
 * Spans of requests and of the lives of jobs, for an operator who has registered a provider of OpenTelemetry before the coordinator started
 * (`node --import ./otel.mjs …`). Otherwise nothing of it is loaded.
 */
import type { Attributes, Span, Tracer } from '@opentelemetry/api'
import { messageOf } from '../../protocol/index.ts'
import type { JobRow, Store, Write } from '../store/rows.ts'
import type { MeasuredExchange } from './http-meter.ts'
import { routeClass } from './route-class.ts'

export interface Tracing {
  /** A span of one request until its answer is sent. */
  watch(exchange: MeasuredExchange): void
  /** The same store; jobs that are committed get spans. */
  measure(store: Store): Store
}

/** Where every version 1 of the API keeps what was registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')
const NAME = 'hedgerow'
/** `SpanKind.SERVER` and `SpanStatusCode.ERROR`; their module is only loaded for whoever traces. */
const SERVER = 1
const ERROR = 2

/**
 * @param warn - told why nothing is traced although a provider was registered
 * @returns null when nobody has registered one
 */
export async function openTracing(warn: (reason: string) => void): Promise<Tracing | null> {
  if (!(REGISTERED in globalThis)) return null
  const api = await import('@opentelemetry/api').catch((error: unknown) => warn(messageOf(error)))
  if (api === undefined) return null
  const tracer = api.trace.getTracer(NAME)
  const jobs = new JobSpans(tracer)
  return {
    watch: exchange => watch(tracer, exchange),
    measure: store => ({
      ...store,
      commit: writes => {
        store.commit(writes)
        for (const write of writes) jobs.note(write)
      },
    }),
  }
}

function watch(tracer: Tracer, { req, res, path }: MeasuredExchange): void {
  const route = routeClass(path)
  const attributes: Attributes = { 'http.request.method': req.method ?? '', 'http.route': route }
  const span = tracer.startSpan(`${req.method} ${route}`, { kind: SERVER, attributes })
  res.once('close', () => {
    if (res.headersSent) span.setAttribute('http.response.status_code', res.statusCode)
    if (res.statusCode >= 500) span.setStatus({ code: ERROR })
    span.end()
  })
}

/** One span a job, from its submission until it is paid; in it the moment when its last unit was decided. */
class JobSpans {
  private readonly tracer: Tracer
  private readonly spans = new Map<string, Span>()

  constructor(tracer: Tracer) {
    this.tracer = tracer
  }

  note(write: Write): void {
    if (write.table !== 'job') return
    const { id, state } = write.row
    const span = this.spans.get(id) ?? (isOver(write.row) ? null : this.begin(write.row))
    if (span === null) return
    if (state === 'aggregating') span.addEvent('decided')
    if (!isOver(write.row)) return
    const { units, failedUnits, leases, paidMicro } = write.row
    span.setAttributes({
      'hedgerow.job.state': state,
      'hedgerow.job.failed_units': failedUnits,
      'hedgerow.job.leases': leases,
      'hedgerow.job.paid_micro': Number(paidMicro),
      'hedgerow.job.units': units,
    })
    if (state === 'failed') span.setStatus({ code: ERROR })
    span.addEvent('paid')
    span.end()
    this.spans.delete(id)
  }

  private begin({ id, createdAtMs, units }: JobRow): Span {
    const attributes = { 'hedgerow.job.id': id, 'hedgerow.job.units': units }
    const span = this.tracer.startSpan('job', { startTime: createdAtMs, attributes })
    this.spans.set(id, span)
    return span
  }
}

function isOver({ state }: Pick<JobRow, 'state'>): boolean {
  return state !== 'running' && state !== 'aggregating'
}
