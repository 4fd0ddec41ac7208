/**
 * Finds out which system is on a card, by what lies on its boot partition. What the images have there was read in the sources that
 * build them, which docs/flashing-formats.md names.
 */
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
/** The first image of trixie comes without cloud-init's files and still runs firstrun.sh. */
const FIRST_TRIXIE = '2025-10-01'
/** Of the images whose config.txt does not say where it is mounted: those of this day and later are mounted at /boot/firmware. */
const FIRST_BOOKWORM = '2023-10-10'
const PRESEEDS = ['rpi-preseed.toml', 'rpi-preseed.toml.example']
const SEEDS = ['meta-data', 'user-data', 'network-config']
const FIRSTBOOT = /init=\S*\/raspberrypi-sys-mods\/firstboot/
/** pi-gen's scripts/common: the name of the release, which its users may change, and the day. */
const ISSUE = /^(?:Raspberry Pi reference (\d{4}-\d{2}-\d{2})|.* (\d{4}-\d{2}-\d{2})\r?\nGenerated using pi-gen)/m
/**
 * A comment in config.txt of every image. The day does not tell: images of bullseye came out until 2024-07, as "Legacy", beside those
 * of bookworm.
 */
const README = /^# .*(\/boot(?:\/firmware)?)\/overlays\/README/m

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
  const [, ofReference, ofAnother] = ISSUE.exec(issue ?? '') ?? []
  const date = ofReference ?? ofAnother
  const mounted = README.exec(config)?.[1]
  const isAtBoot = mounted === '/boot' || (mounted === undefined && date !== undefined && date < FIRST_BOOKWORM)
  const piOs = date !== undefined || FIRSTBOOT.test(cmdline)
  const seen: Seen = { has, cmdline, date, piOs, bootFolder: isAtBoot ? '/boot' : '/boot/firmware' }
  const [format, why] = choose(seen)
  return {
    format,
    os: nameOf(format, seen),
    why: [...(date === undefined ? [] : [`issue.txt says that it is Raspberry Pi OS of ${date}.`]), ...why],
    cmdlinePath,
    bootFolder: seen.bootFolder,
  }
}

interface Seen {
  has(name: string): boolean
  readonly cmdline: string
  /** Of the Raspberry Pi OS image. */
  readonly date: string | undefined
  readonly piOs: boolean
  readonly bootFolder: Detected['bootFolder']
}

function choose({ has, cmdline, date, piOs }: Seen): readonly [ImageFormat, readonly string[]] {
  if (PRESEEDS.some(has) || /(?:^|\s)rpi_preseed\./.test(cmdline)) {
    return ['rpi-preseed', ['rpi-preseed.toml or an example of it is there, or named on the kernel command line.']]
  }
  const seeds = SEEDS.filter(has)
  if (date === FIRST_TRIXIE && !FIRSTBOOT.test(cmdline)) {
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

function nameOf(format: ImageFormat, seen: Seen): string {
  if (format === 'cloudinit') return 'Ubuntu, or another system with cloud-init'
  if (seen.date === undefined) return 'Raspberry Pi OS'
  return `Raspberry Pi OS (${releaseOf(format, seen, seen.date)}), image of ${seen.date}`
}

/** Images of two releases have come out on one day since trixie; `resize` on the command line is of trixie, `init=` of those before. */
function releaseOf(format: ImageFormat, { cmdline, bootFolder }: Seen, date: string): string {
  if (bootFolder === '/boot') return 'bullseye or older'
  if (date < FIRST_TRIXIE || FIRSTBOOT.test(cmdline)) return 'bookworm'
  if (format === 'cloudinit-rpi' || format === 'rpi-preseed' || /\bresize\b/.test(cmdline)) return 'trixie or newer'
  return 'bookworm or newer'
}

async function readText(boot: BootPartition, path: string): Promise<string | null> {
  const bytes = await boot.read(path)
  return bytes === null ? null : new TextDecoder().decode(bytes)
}

function refuse(reason: string): never {
  throw new ConfigError({ code: 'bad_option', path: 'image', reason }, `This card or image ${reason}.`)
}
