/** Disks of recorded machines: which may be erased, and what is said of the others. */
import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CARD_BYTES_MAX, checkDisk, checkFits } from '../../../../hardware/image/disks/check.ts'
import { listDisks } from '../../../../hardware/image/disks/list.ts'
import { type Tree, writeTree } from '../../../support/sysfs.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newFolder = tempDirs()
const GB = 1e9

interface Block {
  readonly sizeBytes: number
  readonly number: string
  readonly files?: Tree
  readonly partitions?: Readonly<Record<string, string>>
  readonly slaves?: readonly string[]
  readonly holders?: Readonly<Record<string, string>>
}

interface Machine {
  readonly disks: Readonly<Record<string, Block>>
  /** `maj:min where type source` */
  readonly mounts: readonly string[]
  readonly swaps?: readonly string[]
}

/** Writes /sys and /proc as the kernel shows them. */
function record({ disks, mounts, swaps = [] }: Machine): string {
  const root = newFolder()
  const link = (path: string, to: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    symlinkSync(to, join(root, path))
  }
  const announce = (name: string, number: string, folder: string, whole: boolean): void => {
    link(`sys/class/block/${name}`, `../../${folder}`)
    link(`sys/dev/block/${number}`, `../../${folder}`)
    if (whole) link(`sys/block/${name}`, `../${folder}`)
  }
  for (const [name, block] of Object.entries(disks)) {
    const folder = `devices/pci0/block/${name}`
    writeTree(join(root, 'sys', folder), {
      dev: block.number,
      size: String(Math.floor(block.sizeBytes / 512)),
      removable: '0',
      ro: '0',
      ...block.files,
    })
    announce(name, block.number, folder, true)
    for (const [part, number] of Object.entries(block.partitions ?? {})) {
      writeTree(join(root, 'sys', folder, part), { dev: number, partition: part.at(-1) ?? '1' })
      announce(part, number, `${folder}/${part}`, false)
    }
    for (const slave of block.slaves ?? []) link(`sys/${folder}/slaves/${slave}`, '../../anything')
    for (const [part, holder] of Object.entries(block.holders ?? {})) {
      link(`sys/${folder}/${part === name ? '' : `${part}/`}holders/${holder}`, '../../anything')
    }
  }
  const mountinfo = mounts.map((line, index) => {
    const [number, where, type, source] = line.split(' ')
    return `${index + 20} 1 ${number} / ${where} rw,relatime shared:1 - ${type} ${source} rw`
  })
  writeTree(root, {
    'proc/self/mountinfo': mountinfo.join('\n'),
    'proc/swaps': ['Filename\tType\tSize\tUsed\tPriority', ...swaps.map(path => `${path} partition 1 0 -2`)].join('\n'),
  })
  return root
}

const CARD: Block = {
  sizeBytes: 31.9 * GB,
  number: '8:16',
  files: { removable: '1', 'device/vendor': 'Generic ', 'device/model': 'STORAGE DEVICE  ' },
  partitions: { sdb1: '8:17', sdb2: '8:18' },
}

/** A laptop whose root is on LVM over encryption, with a card in a USB reader. */
const LAPTOP: Machine = {
  disks: {
    nvme0n1: {
      sizeBytes: 512 * GB,
      number: '259:0',
      files: { 'device/model': 'Fast SSD 512' },
      partitions: { nvme0n1p1: '259:1', nvme0n1p2: '259:2', nvme0n1p3: '259:3' },
      holders: { nvme0n1p3: 'dm-0' },
    },
    'dm-0': { sizeBytes: 400 * GB, number: '253:0', slaves: ['nvme0n1p3'], files: { 'dm/name': 'crypt' } },
    'dm-1': { sizeBytes: 300 * GB, number: '253:1', slaves: ['dm-0'], files: { 'dm/name': 'vg-root' } },
    'dm-2': { sizeBytes: 8 * GB, number: '253:2', slaves: ['dm-0'], files: { 'dm/name': 'vg-swap' } },
    sda: { sizeBytes: 2_000 * GB, number: '8:0', files: { 'device/model': 'Backup' }, partitions: { sda1: '8:1' } },
    sdb: CARD,
    sdc: { sizeBytes: 0, number: '8:32', files: { removable: '1' } },
    zram0: { sizeBytes: GB, number: '252:0' },
    loop0: { sizeBytes: 0, number: '7:0' },
  },
  mounts: ['253:1 / ext4 /dev/mapper/vg-root', '259:1 /boot/efi vfat /dev/nvme0n1p1', '0:21 /proc proc proc'],
  swaps: ['/dev/dm-2'],
}

const check = (machine: Machine, path: string, yesReally = false) =>
  checkDisk(path, { root: record(machine), yesReally })

describe('the disks of a machine', () => {
  it('are listed with what they are and what they are used for', () => {
    const disks = listDisks({ root: record(LAPTOP) })
    expect(disks.map(({ name, removable, system }) => [name, removable, system])).toEqual([
      ['nvme0n1', false, true],
      ['sda', false, false],
      ['sdb', true, false],
      ['sdc', true, false],
    ])
    expect(disks[2]).toMatchObject({ path: '/dev/sdb', model: 'Generic STORAGE DEVICE', uses: [] })
    expect(disks[2]?.sizeBytes).toBe(31_900_000_000 - (31_900_000_000 % 512))
    expect(disks[0]?.uses).toContainEqual({ kind: 'mounted', device: 'dm-1', where: '/' })
    expect(disks[0]?.uses).toContainEqual({ kind: 'swap', device: 'dm-2' })
  })
})

describe('a card', () => {
  it('in a reader may be erased', () => {
    expect(check(LAPTOP, '/dev/sdb')).toMatchObject({ name: 'sdb', path: '/dev/sdb' })
  })

  it('in a slot that does not say that it is removable may be erased', () => {
    const slot: Block = { sizeBytes: 32 * GB, number: '179:0', files: { 'device/type': 'SD', 'device/name': 'SC32G' } }
    const disks = { ...LAPTOP.disks, mmcblk0: slot, mmcblk0boot0: { sizeBytes: 4e6, number: '179:8' } }
    expect(check({ ...LAPTOP, disks }, '/dev/mmcblk0')).toMatchObject({ model: 'SC32G', removable: true })
    expect(() => check({ ...LAPTOP, disks }, '/dev/mmcblk0boot0')).toThrow('There is no disk')
  })

  it('must be there, whole and writable', () => {
    expect(() => check(LAPTOP, '/dev/sdc')).toThrow('There is no card in /dev/sdc: put one in and try again.')
    expect(() => check(LAPTOP, '/dev/sdx')).toThrow(
      "There is no disk /dev/sdx: 'hedgerow flash --list' shows the cards.",
    )
    expect(() => check(LAPTOP, '/dev/sdb1')).toThrow('is a partition of a disk: give the whole disk, /dev/sdb.')
    expect(() => check(LAPTOP, '/dev/disk/sdb')).toThrow('There is no disk')
    const disks = { ...LAPTOP.disks, sdb: { ...CARD, files: { ...CARD.files, ro: '1' } } }
    expect(() => check({ ...LAPTOP, disks }, '/dev/sdb', true)).toThrow('is write-protected: move the small switch')
  })

  it('must have room', () => {
    const disk = check(LAPTOP, '/dev/sdb')
    checkFits(disk, disk.sizeBytes)
    expect(() => checkFits(disk, disk.sizeBytes + 1)).toThrow('The card in /dev/sdb is too small: it has 31.9 GB')
  })
})

describe('a disk that is in use', () => {
  it.each([
    ['8:17 /media/me/bootfs vfat /dev/sdb1', '/dev/sdb1 is mounted at /media/me/bootfs'],
    ['8:18 /media/me/root\\040fs ext4 /dev/sdb2', '/dev/sdb2 is mounted at /media/me/root fs'],
    ['8:16 /mnt vfat /dev/sdb', '/dev/sdb is mounted at /mnt'],
    // btrfs makes up its device numbers.
    ['0:44 /mnt btrfs /dev/sdb2', '/dev/sdb2 is mounted at /mnt'],
  ])('as by %s is refused, whatever is insisted on', (mount, said) => {
    const machine = { ...LAPTOP, mounts: [...LAPTOP.mounts, mount] }
    expect(() => check(machine, '/dev/sdb', true)).toThrow(
      `/dev/sdb is in use (${said}): unmount it with 'umount /dev/sdb`,
    )
    expect(() => check(machine, '/dev/sdb', true)).toThrow(expect.objectContaining({ code: 'in_use' }))
  })

  it('by a volume group is refused', () => {
    const disks = { ...LAPTOP.disks, sdb: { ...CARD, holders: { sdb2: 'md0' } } }
    expect(() => check({ ...LAPTOP, disks }, '/dev/sdb', true)).toThrow('/dev/sdb is in use (/dev/sdb2 is part of md0)')
  })
})

describe('the disk that the machine runs from', () => {
  const refused = /^This machine runs from \/dev\/\w+ \(.*\): it is never written to/

  it('is found below LVM and encryption', () => {
    expect(() => check(LAPTOP, '/dev/nvme0n1', true)).toThrow(refused)
  })

  it.each([
    ['8:18 / ext4 /dev/root', undefined],
    ['8:17 /boot/firmware vfat /dev/sdb1', undefined],
    ['0:30 / btrfs /dev/sdb2', undefined],
    ['8:18 /usr ext4 /dev/sdb2', undefined],
    ['0:21 /proc proc proc', '/dev/sdb2'],
  ])('is found by %s and swap on %s', (mount, swap) => {
    const machine = { disks: { sdb: CARD }, mounts: [mount], swaps: swap === undefined ? [] : [swap] }
    expect(() => check(machine, '/dev/sdb', true)).toThrow(refused)
  })

  it('is found in both halves of an array', () => {
    const half = (number: string, part: string): Block => ({ ...CARD, number, partitions: { [part]: `9${number}` } })
    const disks = {
      sda: half('8:0', 'sda1'),
      sdb: half('8:16', 'sdb1'),
      md0: { sizeBytes: GB, number: '9:0', slaves: ['sda1', 'sdb1'] },
    }
    const machine = { disks, mounts: ['9:0 / ext4 /dev/md0'] }
    expect(() => check(machine, '/dev/sda', true)).toThrow(refused)
    expect(() => check(machine, '/dev/sdb', true)).toThrow(refused)
  })
})

describe('a disk that is hardly a card', () => {
  it('needs to be insisted on', () => {
    expect(() => check(LAPTOP, '/dev/sda')).toThrow(
      '/dev/sda (Backup, 2000.0 GB) is not written to, because it is built in and no card: say --yes-really',
    )
    expect(check(LAPTOP, '/dev/sda', true)).toMatchObject({ name: 'sda' })
  })

  it('is one above the size of the largest cards', () => {
    const sized = (sizeBytes: number) => ({ disks: { sdb: { ...CARD, sizeBytes } }, mounts: [] })
    expect(check(sized(CARD_BYTES_MAX), '/dev/sdb')).toMatchObject({ sizeBytes: CARD_BYTES_MAX })
    expect(() => check(sized(CARD_BYTES_MAX + 512), '/dev/sdb')).toThrow('it is larger than any card')
    expect(check(sized(CARD_BYTES_MAX + 512), '/dev/sdb', true)).toMatchObject({ name: 'sdb' })
  })
})
