/** Finds out which system is on a card, by what lies on its boot partition. */
import { ConfigError } from '../../../protocol/index.ts'
import type { BootPartition, Detected, ImageFormat } from './types.ts'

/** Systems that take settings in ways of their own, by a file that only they have. */
const OTHERS: readonly (readonly [file: string, system: string])[] = [
  ['dietpi.txt', 'DietPi'],
  ['haos-config.txt', 'Home Assistant OS'],
  ['CONFIG', 'Home Assistant OS'],
  ['batocera-boot.conf', 'Batocera'],
  ['device_type.json', 'balenaOS'],
  ['oemsplash.png', 'LibreELEC'],
  ['RECOVERY.FILES', 'NOOBS'],
  ['recovery.cmdline', 'NOOBS'],
]
/** The first image of trixie has cloud-init's files nowhere and still runs firstrun.sh. */
const FIRST_TRIXIE = '2025-10-01'
/** From this image on the boot partition is mounted at /boot/firmware. */
const FIRST_BOOKWORM = '2023-10-10'
const SEEDS = ['meta-data', 'user-data', 'network-config']
const FIRSTBOOT = /init=\S*\/raspberrypi-sys-mods\/firstboot/

/**
 * Names the system and the format it takes.
 * @throws {ConfigError} `bad_option` in a sentence when it is none that can be prepared
 */
export async function detectFormat(boot: BootPartition): Promise<Detected> {
  const names = await boot.list()
  const has = (name: string) => names.some(candidate => candidate.toLowerCase() === name.toLowerCase())
  const other = OTHERS.find(([file]) => has(file))
  if (other !== undefined) {
    refuse(`is ${other[1]}, which takes its settings in its own way: use Raspberry Pi OS or Ubuntu Server`)
  }
  const config = await readText(boot, 'config.txt')
  if (config === null)
    refuse('is not the start of a Raspberry Pi system: there is no config.txt on its first partition')
  const cmdlinePath = has('cmdline.txt') ? 'cmdline.txt' : 'current/cmdline.txt'
  const cmdline = await readText(boot, cmdlinePath)
  if (cmdline === null) refuse('is not complete: there is no cmdline.txt on its first partition')
  const issue = await readText(boot, 'issue.txt')
  const date = /Raspberry Pi reference (\d{4}-\d{2}-\d{2})/.exec(issue ?? '')?.[1]
  const seen = { has, cmdline, date, piOs: date !== undefined || FIRSTBOOT.test(cmdline) }
  const [format, why] = choose(seen)
  return {
    format,
    os: nameOf(format, seen),
    why: [...(date === undefined ? [] : [`issue.txt says that it is Raspberry Pi OS of ${date}.`]), ...why],
    cmdlinePath,
    bootFolder: date !== undefined && date < FIRST_BOOKWORM ? '/boot' : '/boot/firmware',
  }
}

interface Seen {
  has(name: string): boolean
  readonly cmdline: string
  /** Of the Raspberry Pi OS image. */
  readonly date: string | undefined
  readonly piOs: boolean
}

function choose({ has, cmdline, date, piOs }: Seen): readonly [ImageFormat, readonly string[]] {
  if (has('rpi-preseed.toml') || /(?:^|\s)rpi_preseed\./.test(cmdline)) {
    return ['rpi-preseed', ['rpi-preseed.toml is there, or named on the kernel command line.']]
  }
  const seeds = SEEDS.filter(has)
  if (date === FIRST_TRIXIE) {
    return ['systemd', ['The first image of trixie runs firstrun.sh and does not look at cloud-init.']]
  }
  if (seeds.length >= 2) {
    const files = `Files of cloud-init are there: ${seeds.join(', ')}.`
    if (piOs) return ['cloudinit-rpi', [files]]
    return ['cloudinit', [files, 'It is no Raspberry Pi OS, so it is taken for Ubuntu.']]
  }
  if (FIRSTBOOT.test(cmdline)) return ['systemd', ['The kernel command line starts raspberrypi-sys-mods/firstboot.']]
  if (date !== undefined) return ['systemd', ['There are no files of cloud-init, so it runs firstrun.sh.']]
  refuse(
    'is neither Raspberry Pi OS (no issue.txt of it) nor Ubuntu (no user-data): use one of these, or name the format if you know it',
  )
}

function nameOf(format: ImageFormat, { date }: Seen): string {
  if (format === 'cloudinit') return 'Ubuntu, or another system with cloud-init'
  if (date === undefined) return 'Raspberry Pi OS'
  const release = date >= FIRST_TRIXIE ? 'trixie or newer' : date >= FIRST_BOOKWORM ? 'bookworm' : 'bullseye or older'
  return `Raspberry Pi OS (${release}), image of ${date}`
}

async function readText(boot: BootPartition, path: string): Promise<string | null> {
  const bytes = await boot.read(path)
  return bytes === null ? null : new TextDecoder().decode(bytes)
}

function refuse(reason: string): never {
  throw new ConfigError({ code: 'bad_option', path: 'image', reason }, `This card or image ${reason}.`)
}
