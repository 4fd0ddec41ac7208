/** Files of the package that go onto every card as they are: scripts and units. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { assert } from '../../../protocol/index.ts'

const SCRIPTS = 'hardware/image/first-boot'
const UNITS = 'device/systemd'
/** From a file of `dist/` or of this folder to the package's root it is fewer steps. */
const STEPS_MAX = 8

export type Asset =
  | 'hedgerow-first-boot.sh'
  | 'hedgerow-first-boot-settings.sh'
  | 'hedgerow-first-boot.service'
  | 'firstrun.sh'
  | 'start.sh'
  | 'hedgerow-device.service'
  | 'hedgerow-device-again.service'
  | 'hedgerow-device-again.timer'

/** The bytes of a file that the package ships. */
export function readAsset(name: Asset): Uint8Array {
  const folder = name.startsWith('hedgerow-device') ? UNITS : SCRIPTS
  return readFileSync(join(packageRoot(), folder, name))
}

function packageRoot(): string {
  let folder = import.meta.dirname
  for (let step = 0; step < STEPS_MAX; step++) {
    if (existsSync(join(folder, SCRIPTS, 'hedgerow-first-boot.sh'))) return folder
    folder = dirname(folder)
  }
  assert(false, 'the package ships the scripts of the first start')
}
