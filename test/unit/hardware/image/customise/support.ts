/** Boot partitions in memory and in folders, and a description that uses everything. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type BootFile,
  type BootPartition,
  type Customised,
  customise,
  detectFormat,
  type ImageFormat,
  type NodeDescription,
} from '../../../../../hardware/image/customise/index.ts'
import { readNodeDescription } from '../../../../../hardware/image/node-description.ts'
import { encodeClaimCode, fromUtf8, regionName, utf8 } from '../../../../../protocol/index.ts'

export const NOW_MS = Date.UTC(2026, 10, 21, 9, 30)
export const CLAIM = encodeClaimCode({
  mqttUrl: 'mqtts://north.example:8883',
  region: regionName('north'),
  regionKeyThumbprint: new Uint8Array(32).fill(7),
  secret: new Uint8Array(16).fill(9),
})
export const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'B'.repeat(43)} ann@desk [büro]`

/**
 * What lies on the boot partitions of real images, as far as it is read, from the sources that build them (pi-gen's tags, pi-gadget's
 * branch classic): docs/flashing-formats.md, "Where this is from".
 */
export const IMAGES = {
  bookworm: {
    'config.txt': 'dtparam=audio=on\n# /boot/firmware/overlays/README\n\n[cm4]\notg_mode=1\n\n[all]\n',
    'cmdline.txt':
      'console=serial0,115200 console=tty1 root=PARTUUID=4e639091-02 rootfstype=ext4 fsck.repair=yes rootwait quiet init=/usr/lib/raspberrypi-sys-mods/firstboot\n',
    'issue.txt':
      'Raspberry Pi reference 2024-11-19\nGenerated using pi-gen, https://github.com/RPi-Distro/pi-gen, 891df1e21ed2, stage2\n',
  },
  bullseye: {
    'config.txt': '# Additional overlays and parameters are documented /boot/overlays/README\ndtparam=audio=on\n',
    'cmdline.txt':
      'console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 fsck.repair=yes rootwait quiet init=/usr/lib/raspberrypi-sys-mods/firstboot\n',
    'issue.txt': 'Raspberry Pi reference 2022-09-22\n',
  },
  firstTrixie: {
    'config.txt': 'dtparam=audio=on\n# /boot/firmware/overlays/README\n',
    'cmdline.txt':
      'console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 fsck.repair=yes rootwait resize\n',
    'issue.txt': 'Raspberry Pi reference 2025-10-01\n',
  },
  trixie: {
    'config.txt': 'dtparam=audio=on\r\n# /boot/firmware/overlays/README\r\n[pi5]\r\ndtoverlay=nospi10',
    'cmdline.txt':
      'console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 fsck.repair=yes rootwait resize',
    'issue.txt': 'Raspberry Pi reference 2025-12-04\n',
    'user-data': '#cloud-config\n',
    'meta-data': 'dsmode: local\ninstance_id: rpios-image\n',
    'network-config': '#network:\n',
  },
  preseed: {
    'config.txt': 'dtparam=audio=on\n',
    'cmdline.txt': 'console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootwait resize\n',
    'issue.txt': 'Raspberry Pi reference 2026-09-01\n',
    'rpi-preseed.toml': 'config_version = "1.0"\n',
  },
  ubuntu: {
    'config.txt': '[all]\narm_64bit=1\nkernel=vmlinuz\n',
    'cmdline.txt':
      'console=serial0,115200 multipath=off dwc_otg.lpm_enable=0 console=tty1 root=LABEL=writable rootfstype=ext4 rootwait fixrtc\n',
    'user-data': '#cloud-config\nchpasswd:\n  expire: true\n',
    'meta-data': 'dsmode: local\ninstance_id: cloud-image\n',
    'network-config': 'network:\n  version: 2\n',
  },
  newUbuntu: {
    'config.txt': '[all]\nos_prefix=current/\n',
    'current/cmdline.txt': 'console=serial0,115200 console=tty1 root=LABEL=writable rootwait\n',
    'user-data': '#cloud-config\n',
    'meta-data': 'dsmode: local\n',
  },
} as const satisfies Record<string, Readonly<Record<string, string>>>

export function bootOf(files: Readonly<Record<string, string>>): BootPartition {
  return {
    list: async () => [...new Set(Object.keys(files).map(path => path.split('/')[0] ?? ''))],
    read: async path => (files[path] === undefined ? null : utf8(files[path])),
  }
}

/** Everything that a description can wish for. */
export const EVERYTHING = {
  hostname: 'meadow-7',
  label: 'Meadow 7',
  claim: CLAIM,
  user: { name: 'ann', passwordHash: `$6$abcdefgh$${'x'.repeat(40)}`, authorizedKeys: [KEY] },
  wifi: { ssid: 'Café 😀 "a\'; $(reboot) `x` \\', password: 'correct horse', country: 'DE', hidden: true },
  timezone: 'Europe/Berlin',
  keymap: 'de',
  locale: 'de_DE.UTF-8',
  sensors: {
    location: { latitude: 52.5, longitude: 13.4, elevation: 30 },
    sensors: [
      { driver: 'sds011', port: '/dev/serial0' },
      { driver: 'mhz19', port: '/dev/serial/by-id/usb-1a86' },
      { driver: 'iio', device: 'bme280', at: '1-0077' },
      { driver: 'ds18b20' },
    ],
  },
  governor: { hours: ['22:00-06:00'], exclusive: ['kodi'] },
}

export const describeNode = (value: unknown): NodeDescription => readNodeDescription(JSON.stringify(value), 'node.yaml')

export interface Prepared extends Customised {
  /** Texts of the files by their paths. */
  readonly texts: Readonly<Record<string, string>>
}

/** What `hedgerow flash` would write onto an image. */
export async function prepare(
  image: Readonly<Record<string, string>>,
  wish: unknown,
  init: { readonly format?: ImageFormat; readonly bundle?: Uint8Array; readonly nowMs?: number } = {},
): Promise<Prepared> {
  const boot = bootOf(image)
  const detected = await detectFormat(boot)
  const { format = detected.format, bundle, nowMs = NOW_MS } = init
  const made = await customise(describeNode(wish), { ...detected, format }, boot, {
    nowMs,
    ...(bundle === undefined ? {} : { bundle: { name: 'hedgerow-bundle.tar.gz', content: bundle } }),
  })
  const texts = made.files
    .filter(({ path }) => !path.endsWith('.gz'))
    .map(({ path, content }) => [path, fromUtf8(content)] as const)
  return { ...made, texts: Object.fromEntries(texts) }
}

/** Puts files where a system would see them. */
export function writeFiles(folder: string, files: readonly Pick<BootFile, 'path' | 'content'>[]): void {
  for (const { path, content } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}
