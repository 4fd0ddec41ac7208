/** Answers that are no JSON, or not only. */
import { type JsonObject, plainContent, type Shaped } from './parts.ts'

const CSV = plainContent('text/csv')

const READINGS: JsonObject = {
  'application/json': { schema: { type: 'array', items: { type: 'object' } } },
  ...CSV,
  'application/senml+json': { schema: { type: 'array', items: { type: 'object' } } },
  ...plainContent('application/senml+cbor'),
}

const REPLIES: Readonly<Record<string, JsonObject>> = {
  'GET /api/jobs/:id/result': plainContent('*/*'),
  'GET /api/jobs/:id/bill': CSV,
  'GET /api/campaigns/:id/windows.csv': CSV,
  'GET /api/campaigns/:id/readings': READINGS,
  'GET /api/sensors/:id/readings': READINGS,
  'GET /api/payouts/:epoch/file': CSV,
}

/** @returns the content of the answer; null for those that are plain JSON */
export function textReplyOf(route: string, { eventsSchema }: Shaped): JsonObject | null {
  if (route !== 'GET /api/events') return REPLIES[route] ?? null
  const schema = { type: 'string', description: String(eventsSchema.description ?? '') }
  return { 'text/event-stream': { schema, 'x-events': eventsSchema.properties ?? {} } }
}
