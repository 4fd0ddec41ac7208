/** Where versions lie on a device, and what the files between launcher, updater and person are called. The names stay for ever. */
import { join } from 'node:path'
import { compareVersions, isVersion } from '../../protocol/releases/version.ts'
import { BASE, type BootState, freshState, readState } from './boot-state.ts'
import { discardFolder, exists, type Files, readJson, replaceFile, writeJson } from './files.ts'

/** The only program that is started of a version. */
export const ENTRY = ['dist', 'cli', 'main.js'] as const
/** Says which version a folder holds, and what each of its files is; both are written by the updater, this one last. */
export const MANIFEST = 'release.json'
/** SHA-256 by path. */
export const FILE_LIST = 'release-files.json'

/** One version that can be started. */
export interface Release {
  /** A version, or {@link BASE}. */
  readonly name: string
  /** What it is called among people; of the base, what its package says. */
  readonly version: string
  readonly entry: string
}

/** What the updater has put there for the launcher to try. */
export interface Staged {
  readonly version: string
}

/** What the device last said of itself, for the updater. */
export interface About {
  readonly device: string | null
  readonly region: string | null
  /** Where its region offers updates. */
  readonly updatesUrl: string | null
}

/** A device's folder of versions. */
export class Home {
  readonly files: Files
  readonly path: string
  readonly #base: string | null

  /** @param base - the package the card came with; null when there is none */
  constructor(files: Files, path: string, base: string | null) {
    this.files = files
    this.path = path
    this.#base = base
  }

  /** Where a version lies. */
  folder(version: string): string {
    return join(this.path, 'releases', version)
  }

  /** A version by its name; null when it is not there whole. */
  release(name: string): Release | null {
    const folder = name === BASE ? this.#base : this.folder(name)
    if (folder === null) return null
    const entry = join(folder, ...ENTRY)
    if (!exists(this.files, entry)) return null
    const { version } = readJson(this.files, join(folder, name === BASE ? 'package.json' : MANIFEST)) ?? {}
    if (name !== BASE) return version === name ? { name, version: name, entry } : null
    return { name, version: typeof version === 'string' && isVersion(version) ? version : '0.0.0', entry }
  }

  /** The versions that were installed whole, oldest first. */
  installed(): Release[] {
    const names = this.files.list(join(this.path, 'releases')).filter(isVersion)
    return names.flatMap(name => this.release(name) ?? []).sort((a, b) => compareVersions(a.version, b.version))
  }

  /** Whether a version has been good on this device, as its mark says. */
  isProven(version: string): boolean {
    return exists(this.files, `${this.folder(version)}.good`)
  }

  /** Says beside a version that it has been good: what is left to go by when the state is lost. */
  prove(version: string): void {
    if (version !== BASE) replaceFile(this.files, `${this.folder(version)}.good`, new Uint8Array(0))
  }

  /** The state, or what the folders say when it is lost. */
  state(): BootState {
    return readState(readJson(this.files, this.#statePath)) ?? freshState(this.bestGuess())
  }

  /** The version to fall back on when nothing is known: the newest that was good, the base, anything whole. */
  bestGuess(): string {
    const installed = this.installed()
    const proven = installed.findLast(({ name }) => this.isProven(name))
    if (proven !== undefined) return proven.name
    return this.release(BASE) === null ? (installed.at(-1)?.name ?? BASE) : BASE
  }

  /** @throws the system's error when it cannot be written */
  save(state: BootState): void {
    writeJson(this.files, this.#statePath, state)
  }

  staged(): Staged | null {
    const { version } = readJson(this.files, join(this.path, 'staged.json')) ?? {}
    return typeof version === 'string' && isVersion(version) ? { version } : null
  }

  /** @param version - null for none */
  stage(version: string | null): void {
    const path = join(this.path, 'staged.json')
    if (version !== null) writeJson(this.files, path, { version })
    else if (exists(this.files, path)) {
      this.files.remove(path)
      this.files.syncFolder(this.path)
    }
  }

  about(): About {
    const { device, region, updatesUrl } = readJson(this.files, join(this.path, 'about.json')) ?? {}
    const text = (value: unknown) => (typeof value === 'string' ? value : null)
    return { device: text(device), region: text(region), updatesUrl: text(updatesUrl) }
  }

  /** Written only when it changed. */
  noteAbout(about: About): void {
    const { device, region, updatesUrl } = this.about()
    if (device === about.device && region === about.region && updatesUrl === about.updatesUrl) return
    writeJson(this.files, join(this.path, 'about.json'), about)
  }

  /** The first file of a version that is not what was installed; null when all are, or nobody knows. */
  damage(name: string): string | null {
    if (name === BASE) return null
    const folder = this.folder(name)
    const list = readJson(this.files, join(folder, FILE_LIST))
    if (list === null) return FILE_LIST
    const wrong = Object.entries(list).find(([path, sha256]) => this.files.sha256(join(folder, path)) !== sha256)
    return wrong?.[0] ?? null
  }

  /** Takes a version off the disk; its mark goes first. */
  discard(version: string): void {
    this.files.remove(`${this.folder(version)}.good`)
    discardFolder(this.files, this.folder(version))
  }

  /** Removes every version that is of no more use, and what an interrupted removal left. */
  prune({ good, previous, trying }: BootState): void {
    const kept = new Set([good, previous, trying?.version, this.staged()?.version])
    for (const name of this.files.list(join(this.path, 'releases'))) {
      if (name.endsWith('.gone')) this.files.remove(join(this.path, 'releases', name))
      else if (isVersion(name) && !kept.has(name)) this.discard(name)
    }
  }

  /** Whether updates were set up here at all. */
  get hasSource(): boolean {
    return exists(this.files, this.path, 'source.json') || exists(this.files, this.path, 'root.json')
  }

  get #statePath(): string {
    return join(this.path, 'boot.json')
  }
}
