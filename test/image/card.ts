/** A card image: what its partitions hold, seen from outside while nobody runs from it. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Run } from './run.ts'

const SECTOR_BYTES = 512

export class Card {
  readonly path: string
  readonly #run: Run
  #offsets: readonly number[] = []

  /** @param path - of an image that may yet have to be written */
  constructor(run: Run, path: string) {
    this.#run = run
    this.path = path
  }

  /** A copy to go on with. */
  static copy(run: Run, from: string): Card {
    const card = new Card(run, join(run.work, 'card.img'))
    run.sh('cp', '--sparse=always', from, card.path)
    return card
  }

  /** A file of the boot partition, also while the machine runs; null when there is none. */
  onBoot(path: string): string | null {
    const { status, stdout } = spawnSync('mtype', ['-i', `${this.path}@@${this.#offset(0)}`, `::${path}`], {
      encoding: 'utf8',
    })
    return status === 0 ? stdout : null
  }

  /** Paths of all files of the boot partition. */
  bootFiles(): readonly string[] {
    const listed = this.#run.sh('mdir', '-i', `${this.path}@@${this.#offset(0)}`, '-/', '-b', '::')
    return listed
      .split('\n')
      .filter(name => name !== '' && !name.endsWith('/'))
      .map(name => name.replace(/^::\//, ''))
  }

  /** The sentences for whoever puts the card into another computer. */
  get status(): string {
    return this.onBoot('hedgerow-status.txt') ?? ''
  }

  get cmdline(): string {
    return this.onBoot('cmdline.txt') ?? ''
  }

  /** Hands out the boot partition as a folder, as a desktop would show it, and takes it back: by copies, since a kernel may know no FAT. */
  withBoot(act: (folder: string) => void): void {
    const folder = join(this.#run.work, 'boot')
    const image = `${this.path}@@${this.#offset(0)}`
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    this.#run.sh('mcopy', '-s', '-i', image, '::*', folder)
    act(folder)
    for (const path of this.bootFiles()) {
      if (!existsSync(join(folder, path))) this.#run.sh('mdel', '-i', image, `::${path}`)
    }
    this.#run.sh('mcopy', '-s', '-o', '-i', image, ...readdirSync(folder).map(name => join(folder, name)), '::')
  }

  /** Looks into the system, which was cut off at any moment. */
  withSystem(act: (folder: string) => void): void {
    const folder = join(this.#run.work, 'system')
    mkdirSync(folder, { recursive: true })
    this.#run.sh('mount', '-o', `loop,offset=${this.#offset(1)}`, this.path, folder)
    try {
      act(folder)
    } finally {
      this.#run.sh('umount', folder)
    }
  }

  /** In bytes, of the boot partition and of the system's. */
  #offset(partition: 0 | 1): number {
    if (this.#offsets.length === 0) {
      const { partitiontable } = JSON.parse(this.#run.sh('sfdisk', '--json', this.path)) as {
        readonly partitiontable: { readonly partitions: readonly { readonly start: number }[] }
      }
      this.#offsets = partitiontable.partitions.map(({ start }) => start * SECTOR_BYTES)
    }
    return this.#offsets[partition] ?? 0
  }
}
