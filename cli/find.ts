/** Finds the one thing a person means by the beginning of its id, or by its label. */
import { ConfigError } from '../protocol/index.ts'
import type { AdminClient } from './admin-client.ts'

/**
 * The full id of a device named by id, beginning of its id, or label.
 * @throws {ConfigError} `not_found` when there is none or more than one
 */
export async function findDevice(api: AdminClient, text: string): Promise<string> {
  if (/^[a-z2-7]{26}$/.test(text)) return text
  const devices = await api.deviceList()
  return only(
    'device',
    text,
    devices.map(({ id, label }) => ({ id, name: label })),
  )
}

/**
 * The full id of a job named by id, beginning of its id, or name.
 * @throws {ConfigError} `not_found` when there is none or more than one
 */
export async function findJob(api: AdminClient, text: string): Promise<string> {
  if (/^[a-z2-7]{16}$/.test(text)) return text
  return only('job', text, await api.jobList({}))
}

function only(kind: 'device' | 'job', text: string, all: readonly { id: string; name: string }[]): string {
  const found = all.filter(({ id, name }) => id.startsWith(text) || name === text)
  const [first] = found
  if (first !== undefined && found.length === 1) return first.id
  const problem = first === undefined ? `There is no ${kind} '${text}'` : `'${text}' means ${found.length} ${kind}s`
  const message = `${problem}: 'hedgerow ${kind} list' shows their ids.`
  throw new ConfigError({ code: 'not_found', path: text }, message)
}
