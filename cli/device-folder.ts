/** Where the device of this machine keeps its key and its earnings. */
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
