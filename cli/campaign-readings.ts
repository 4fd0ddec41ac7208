/** Readings of a sensor or of a whole campaign, as files. */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadingsQuery } from '../protocol/index.ts'
import type { AdminClient } from './admin-client.ts'
import { request } from './http-request.ts'
import type { Terminal } from './io.ts'

/** `GET /api/campaigns/:id/readings`: the readings of all its sensors as they come. */
export function requestCampaignReadings(api: AdminClient, id: string, query: ReadingsQuery): Promise<Response> {
  const { from, to, format } = query
  const parameters = new URLSearchParams({ format })
  if (from !== undefined) parameters.set('from', String(from))
  if (to !== undefined) parameters.set('to', String(to))
  const path = `/api/campaigns/${encodeURIComponent(id)}/readings?${parameters}`
  return request(api.httpUrl, { method: 'GET', path, token: api.token })
}

/** Writes a body to a terminal or a pipe. */
export async function printBody(response: Response, stdout: Terminal): Promise<void> {
  for await (const chunk of response.body ?? []) stdout.write(chunk as Uint8Array)
}

/** Writes a body to a file, which has its name only once all of it is there. @returns its bytes */
export async function saveBody(response: Response, path: string): Promise<number> {
  const partial = `${path}.part`
  let bytes = 0
  try {
    const body = Readable.from(counted(response.body ?? [], count => (bytes += count)))
    await pipeline(body, createWriteStream(partial))
    await rename(partial, path)
    return bytes
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

async function* counted(
  chunks: AsyncIterable<unknown> | Iterable<unknown>,
  count: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    count((chunk as Uint8Array).length)
    yield chunk as Uint8Array
  }
}
