/** Where a card gets its software from. */
import type { NodeInstall } from '../customise/types.ts'
import { maybe, readForm, readObject, refuse } from './fields.ts'

const REGISTRY = 'https://registry.npmjs.org'
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/

/** Reads `install`; the registry when it is left out. */
export function readInstall(value: unknown): NodeInstall {
  const fields = readObject(value ?? {}, 'install', ['from', 'version', 'registry'])
  const from = fields.from ?? 'registry'
  if (from !== 'bundle' && from !== 'registry') refuse('install.from', "must be 'bundle' or 'registry'")
  const registry = fields.registry === undefined ? REGISTRY : readRegistry(fields.registry, 'install.registry')
  return { from, registry, ...maybe(fields, 'install', 'version', readVersion) }
}

const readVersion = (value: unknown, path: string) => readForm(value, path, 64, VERSION, "a version such as '0.2.0'")

function readRegistry(value: unknown, path: string): string {
  const form = /^https?:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~/-]*)?$/
  return readForm(value, path, 256, form, `an address such as '${REGISTRY}', without user and password`).replace(
    /\/+$/,
    '',
  )
}
