/** From one node description, all the files that make a card that node, in the form that its system reads. */
import { assert, ConfigError, utf8 } from '../../../protocol/index.ts'
import { readAsset } from '../first-boot/assets.ts'
import { instanceId, metaData, networkConfigAfter, userData, userDataAfter } from './cloud-init.ts'
import { type CmdlineChange, changeCmdline, countryChange, MEMORY_CONTROLLER, SERIAL_CONSOLE } from './cmdline.ts'
import { changeConfigTxt } from './config-txt.ts'
import { customToml, isPlain } from './custom-toml.ts'
import { networkConfig } from './network.ts'
import { preseedToml } from './rpi-preseed.ts'
import { SEED_FOLDER, type Setting, seedFiles } from './seed.ts'
import type { BootFile, BootPartition, Customised, CustomiseOptions, Detected, NodeDescription } from './types.ts'

/** What one format adds to what all cards have. */
interface Form {
  readonly files: readonly BootFile[]
  readonly cmdline: CmdlineChange
  readonly apply: readonly Setting[]
  readonly after: Readonly<Record<string, string>>
}

const NO_CHANGE: CmdlineChange = { without: [], words: [] }
const FIRSTBOOT = /init=\S*\/raspberrypi-sys-mods\/firstboot/
const STATUS_FILE = 'hedgerow-status.txt'

/**
 * Every file to write, complete, changed ones of the image included.
 * @param detected - see `detectFormat`; its format may be replaced by one that the owner names
 * @throws {ConfigError} `bad_option` without a bundle that the description asks for; `damaged` without config.txt or cmdline.txt
 */
export async function customise(
  description: NodeDescription,
  detected: Detected,
  boot: BootPartition,
  { nowMs, bundle }: CustomiseOptions,
): Promise<Customised> {
  const wanted = description.install.from === 'bundle' ? bundle : undefined
  if (description.install.from === 'bundle' && wanted === undefined) {
    const reason = "the description says 'install: {from: bundle}', and there is no bundle"
    throw new ConfigError({ code: 'bad_option', path: 'bundle', reason }, `The card cannot be prepared: ${reason}.`)
  }
  const cmdline = await readText(boot, detected.cmdlinePath)
  const config = await readText(boot, 'config.txt')
  const form = formOf(description, detected, cmdline, nowMs)
  const seed = seedFiles(description, { nowMs, bundle: wanted ?? null, apply: form.apply, after: form.after })
  const status = `This card was prepared on ${new Date(nowMs).toISOString()} and has not been started yet.\n`
  return {
    files: [
      ...(wanted === undefined ? [] : [{ path: wanted.name, content: wanted.content }]),
      ...seed,
      file(STATUS_FILE, status),
      ...form.files,
      file('config.txt', changeConfigTxt(config, description)),
      file(detected.cmdlinePath, changeCmdline(cmdline, cmdlineOf(description, detected, form))),
    ],
    warnings: warningsOf(description, detected, bundle !== undefined && wanted === undefined),
  }
}

function formOf(description: NodeDescription, detected: Detected, cmdline: string, nowMs: number): Form {
  const stage = `${detected.bootFolder}/${SEED_FOLDER}/first-boot.sh`
  switch (detected.format) {
    case 'cloudinit':
    case 'cloudinit-rpi':
      return cloudInit(description, stage, detected.format === 'cloudinit-rpi', nowMs)
    case 'rpi-preseed': {
      const files = [file('rpi-preseed.toml', preseedToml(description, stage), true)]
      return { files, cmdline: NO_CHANGE, apply: [], after: {} }
    }
    case 'custom-toml': {
      const script = firstrun(
        description,
        detected,
        FIRSTBOOT.test(cmdline) ? leftByCustomToml(description) : undefined,
      )
      if (!FIRSTBOOT.test(cmdline)) return script
      return { ...script, files: [file('custom.toml', customToml(description), true), ...script.files] }
    }
    case 'systemd':
      return firstrun(description, detected)
  }
}

function cloudInit(description: NodeDescription, stage: string, rpi: boolean, nowMs: number): Form {
  const { wifi } = description
  const networkAfter = networkConfigAfter(description)
  return {
    files: [
      file('meta-data', metaData(nowMs)),
      ...(wifi === undefined ? [] : [file('network-config', networkConfig(wifi), true)]),
      file('user-data', userData(description, stage, rpi), true),
    ],
    cmdline: { without: [], words: [`ds=nocloud;i=${instanceId(nowMs)}`] },
    apply: [],
    after: {
      'user-data': userDataAfter(description),
      ...(networkAfter === null ? {} : { 'network-config': networkAfter }),
    },
  }
}

/** @param apply - what the script sets; everything that is described when left out */
function firstrun(description: NodeDescription, { bootFolder }: Detected, apply?: readonly Setting[]): Form {
  const { user, ssh, wifi, country, timezone, keymap, locale } = description
  const all: readonly (Setting | false)[] = [
    'hostname',
    user !== undefined && 'user',
    ssh && 'ssh',
    wifi !== undefined && 'wifi',
    (wifi ?? country) !== undefined && 'country',
    timezone !== undefined && 'timezone',
    keymap !== undefined && 'keymap',
    locale !== undefined && 'locale',
  ]
  // Where it is mounted, and not /boot/firstrun.sh as the imager says: on bookworm the initramfs would rewrite both files for that.
  const words = [
    `systemd.run=${bootFolder}/firstrun.sh`,
    'systemd.run_success_action=reboot',
    'systemd.unit=kernel-command-line.target',
  ]
  return {
    files: [{ path: 'firstrun.sh', content: readAsset('firstrun.sh') }],
    cmdline: { without: [], words },
    apply: apply ?? all.filter(setting => setting !== false),
    after: {},
  }
}

/** What custom.toml has no word for. */
function leftByCustomToml({ wifi, country, locale }: NodeDescription): readonly Setting[] {
  const isNetworkLeft = wifi !== undefined && !isPlain(wifi.ssid)
  const isCountryLeft = isNetworkLeft || (wifi === undefined && country !== undefined)
  return [
    ...(isNetworkLeft ? (['wifi'] as const) : []),
    ...(isCountryLeft ? (['country'] as const) : []),
    ...(locale === undefined ? [] : (['locale'] as const)),
  ]
}

function cmdlineOf({ wifi, country, interfaces }: NodeDescription, { format }: Detected, form: Form): CmdlineChange {
  const isInNetworkConfig = wifi !== undefined && format.startsWith('cloudinit')
  const radio = wifi?.country ?? country
  const parts = [
    { without: [], words: [MEMORY_CONTROLLER] },
    ...(radio === undefined || isInNetworkConfig ? [] : [countryChange(radio)]),
    ...(interfaces.serial ? [{ without: [SERIAL_CONSOLE], words: [] }] : []),
    form.cmdline,
  ]
  return { without: parts.flatMap(({ without }) => without), words: parts.flatMap(({ words }) => words) }
}

function warningsOf(description: NodeDescription, { os }: Detected, isBundleLeft: boolean): readonly string[] {
  const { user, remarks } = description
  const isOld = /bullseye or older/.test(os)
  return [
    ...remarks,
    ...(user === undefined
      ? ['Nobody can log in: no user is described. The device works without one, and cannot be looked into.']
      : []),
    ...(isOld && user?.passwordHash?.startsWith('$y$')
      ? ["Images of before 2023 may not know this form of password ($y$): use 'openssl passwd -5' if the log-in fails."]
      : []),
    ...(isBundleLeft ? ["The bundle is not put on the card: the description says 'install: {from: registry}'."] : []),
  ]
}

async function readText(boot: BootPartition, path: string): Promise<string> {
  const bytes = await boot.read(path)
  if (bytes !== null) return new TextDecoder().decode(bytes)
  const message = `The card cannot be prepared: ${path} is missing on its boot partition.`
  throw new ConfigError({ code: 'damaged', path, reason: 'the file is missing' }, message)
}

function file(path: string, text: string, secret = false): BootFile {
  assert(!path.startsWith('/'), 'paths start at the root of the partition')
  return { path, content: utf8(text), ...(secret ? { secret } : {}) }
}
