/** Spans for an operator who has registered a provider of OpenTelemetry; here one that only keeps what it is told. */
import { type Span, type SpanOptions, trace } from '@opentelemetry/api'
import { afterEach, expect, test } from 'vitest'
import { openTracing } from '../../coordinator/metrics/tracing.ts'
import { echoJob } from '../support/echo-jobs.ts'
import { eventually } from '../support/eventually.ts'
import { TestRegion } from '../support/test-region.ts'

interface Kept {
  name: string
  startTime: unknown
  attributes: Record<string, unknown>
  events: string[]
  status: number
  ended: boolean
}

afterEach(() => trace.disable())

/** @returns spans as they begin */
function register(): Kept[] {
  const spans: Kept[] = []
  const startSpan = (name: string, { startTime, attributes = {} }: SpanOptions = {}): Span => {
    const kept: Kept = { name, startTime, attributes: { ...attributes }, events: [], status: 0, ended: false }
    spans.push(kept)
    const span = {
      setAttribute: (key: string, value: unknown) => void Object.assign(kept.attributes, { [key]: value }),
      setAttributes: (more: object) => void Object.assign(kept.attributes, more),
      addEvent: (event: string) => void kept.events.push(event),
      setStatus: ({ code }: { code: number }) => void Object.assign(kept, { status: code }),
      end: () => void Object.assign(kept, { ended: true }),
    }
    return span as unknown as Span
  }
  const tracer = { startSpan, startActiveSpan: () => undefined } as never
  expect(trace.setGlobalTracerProvider({ getTracer: () => tracer })).toBe(true)
  return spans
}

test('follow a job from its submission until it is paid, and requests until they are answered', async () => {
  const spans = register()
  await using region = await TestRegion.start()
  await region.join('ada')
  const submitter = await region.submitter('lab')
  const handle = await submitter.submit(echoJob(20))
  await handle.result()
  const job = await eventually('the span has ended', () => spans.find(({ name, ended }) => name === 'job' && ended))
  expect(job).toMatchObject({
    attributes: { 'hedgerow.job.id': handle.id, 'hedgerow.job.state': 'done', 'hedgerow.job.units': 20 },
    status: 0,
  })
  expect(job.events).toEqual(['decided', 'paid'])
  expect(spans.filter(({ name }) => name === 'job')).toHaveLength(1)
  await fetch(`${region.coordinator.httpUrl}/nowhere?token=secret`)
  const request = await eventually('the request has', () =>
    spans.find(({ name, ended }) => name === 'GET other' && ended),
  )
  expect(request.attributes).toEqual({
    'http.request.method': 'GET',
    'http.route': 'other',
    'http.response.status_code': 404,
  })
})

test('are none, and nothing is loaded for them, where nobody has registered anything', async () => {
  const registered = Symbol.for('opentelemetry.js.api.1')
  delete (globalThis as Record<symbol, unknown>)[registered]
  expect(await openTracing(() => {})).toBeNull()
  expect(registered in globalThis).toBe(false)
})
