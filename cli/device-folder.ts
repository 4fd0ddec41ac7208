/** Where the device of this machine keeps its key and its earnings. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Io } from './io.ts'
import { stateFolder } from './state.ts'

/** The option that names the device's folder, as `hedgerow device` has it. */
export const FOLDER_OPTION = {
  folder: { type: 'text', value: 'DIR', describe: "the device's folder; STATE/device when left out" },
} as const

/** Where the device keeps its key. */
export function deviceFolder(
  io: Io,
  options: { readonly state: string | undefined; readonly folder: string | undefined },
): string {
  return options.folder === undefined ? join(stateFolder(io, options.state), 'device') : resolve(io.cwd, options.folder)
}

/**
 * A file that the owner wrote for the device: the one named, else the usual one in its folder.
 * @returns its path; null when none was named and the usual one is not there
 */
export function ownerFile(io: Io, folder: string, usualName: string, named: string | undefined): string | null {
  if (named !== undefined) return resolve(io.cwd, named)
  const usual = join(folder, usualName)
  return existsSync(usual) ? usual : null
}
