/** The folder `hedgerow/` on the boot partition: all that the first start needs, in the same form for every system. */
import { createHash } from 'node:crypto'
import { utf8 } from '../../../protocol/index.ts'
import { type Asset, readAsset } from '../first-boot/assets.ts'
import { registryVariables } from '../first-boot/releases.ts'
import { networkManagerFile, wpaSupplicantFile } from './network.ts'
import { flashDropIn, modulesFile, sensorsDropIn } from './service.ts'
import { environmentLine, shellAssignments } from './shell.ts'
import type { BootFile, Bundle, NodeDescription } from './types.ts'

export const SEED_FOLDER = 'hedgerow'

/** A setting that the first-start script makes where the system has nothing that would. */
export type Setting = 'hostname' | 'user' | 'ssh' | 'wifi' | 'country' | 'timezone' | 'keymap' | 'locale'

export interface SeedInit {
  readonly nowMs: number
  /** Null when the software comes from the registry. */
  readonly bundle: Bundle | null
  readonly apply: readonly Setting[]
  /** Files that replace those on the boot partition when the first start is over, by path. */
  readonly after: Readonly<Record<string, string>>
}

/** The hardware watchdog of a Raspberry Pi counts to about 15 s; systems up to bookworm leave it off. */
const WATCHDOG =
  '# Written by hedgerow flash: a machine that hangs reboots.\n[Manager]\nRuntimeWatchdogSec=14\nRebootWatchdogSec=2min\n'

/** Every file of the folder. */
export function seedFiles(description: NodeDescription, init: SeedInit): readonly BootFile[] {
  const { claim, label, wifi, user, sensors, governor, sensorDevices } = description
  const environment = environmentLine('HEDGEROW_CLAIM', claim)
  const files = [
    asset('first-boot.sh', 'hedgerow-first-boot.sh'),
    asset('settings.sh', 'hedgerow-first-boot-settings.sh'),
    asset('hedgerow-first-boot.service'),
    asset('hedgerow-device.service'),
    asset('hedgerow-device-again.service'),
    asset('hedgerow-device-again.timer'),
    asset('start', 'start.sh'),
    text('10-flash.conf', flashDropIn(description)),
    text('20-sensors.conf', sensorsDropIn(sensorDevices)),
    text('hedgerow-modules.conf', modulesFile(description)),
    text('hedgerow-watchdog.conf', WATCHDOG),
    text('sensors.yaml', sensors ?? null),
    secret('governor.yaml', governor ?? null),
    text('authorized_keys', user?.authorizedKeys.map(key => `${key}\n`).join('') || null),
    secret('preconfigured.nmconnection', wifi === undefined ? null : networkManagerFile(wifi)),
    secret('wpa_supplicant.conf', wifi === undefined ? null : wpaSupplicantFile(wifi)),
    secret('device.env', label === undefined ? environment : environment + environmentLine('HEDGEROW_LABEL', label)),
    ...Object.entries(init.after).map(([path, content]) => text(`after/${path}`, content)),
  ].filter(file => file !== null)
  const settings = { ...variables(description, init), HEDGEROW_SEED_SHA256: sumOf(files) }
  // Last: the script takes a folder without it for one that is not complete, and another one for a card that was prepared again.
  return [...files, { path: at('node.env'), content: utf8(shellAssignments(settings)), secret: true }]
}

/** Differs when any file does. */
function sumOf(files: readonly BootFile[]): string {
  const sum = createHash('sha256')
  for (const { path, content } of files) sum.update(`${path} ${content.length}\n`).update(content)
  return sum.digest('hex')
}

function variables(description: NodeDescription, { nowMs, bundle, apply }: SeedInit): Readonly<Record<string, string>> {
  const { hostname, user, country, wifi, timezone, keymap, locale, install } = description
  return {
    HEDGEROW_FLASHED_AT: String(Math.floor(nowMs / 1_000)),
    HEDGEROW_APPLY: apply.join(' '),
    HEDGEROW_HOSTNAME: hostname,
    HEDGEROW_USER: user?.name ?? '',
    HEDGEROW_PASSWORD_HASH: user?.passwordHash ?? '',
    HEDGEROW_COUNTRY: wifi?.country ?? country ?? '',
    HEDGEROW_TIMEZONE: timezone ?? '',
    HEDGEROW_KEYMAP: keymap ?? '',
    HEDGEROW_LOCALE: locale ?? '',
    HEDGEROW_INSTALL: install.from,
    HEDGEROW_VERSION: install.version ?? '',
    HEDGEROW_REGISTRY: install.registry,
    HEDGEROW_BUNDLE: bundle?.name ?? '',
    HEDGEROW_BUNDLE_SHA256: bundle === null ? '' : createHash('sha256').update(bundle.content).digest('hex'),
    HEDGEROW_SECRETS: 'custom.toml firstrun.sh',
    ...registryVariables(),
  }
}

const at = (name: string): string => `${SEED_FOLDER}/${name}`

function asset(name: string, source = name): BootFile {
  return { path: at(name), content: readAsset(source as Asset) }
}

function text(name: string, content: string | null): BootFile | null {
  return content === null ? null : { path: at(name), content: utf8(content) }
}

function secret(name: string, content: string | null): BootFile | null {
  return content === null ? null : { path: at(name), content: utf8(content), secret: true }
}
