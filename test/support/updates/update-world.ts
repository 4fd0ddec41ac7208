/** A maker of releases, a server of files that can be made to lie, and a device that updates. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, normalize } from 'node:path'
import { type Files, Home, nodeFiles } from '../../../device/launcher/index.ts'
import { applyUpdate, type UpdateOutcome, type UpdaterComponents, writeSource } from '../../../device/update/index.ts'
import type { Clock } from '../../../protocol/index.ts'
import { systemClock, systemRandom } from '../../../protocol/node/index.ts'
import { ReleaseRepository } from '../../../releases/index.ts'
import { releaseArchive } from './tar.ts'

export const DAY_MS = 86_400_000

/** A clock whose calendar is set by the test; its timers are real. */
export interface Calendar extends Clock {
  shiftMs: number
}

export function calendar(): Calendar {
  return {
    ...systemClock,
    shiftMs: 0,
    wallMs() {
      return systemClock.wallMs() + this.shiftMs
    },
  }
}

/** What stands in for the file at a path, below the repository; undefined for the file itself. */
export type Lie = (path: string, req: IncomingMessage, res: ServerResponse) => Uint8Array | 'answered' | undefined

export interface FileServer {
  readonly url: string
  /** Paths that were asked for, in order. */
  readonly asked: string[]
  lie: Lie
  close(): Promise<void>
}

/** Serves a folder as any web server does. */
export async function serveFolder(dir: () => string): Promise<FileServer> {
  const asked: string[] = []
  const server = createServer((req, res) => {
    const path = normalize(req.url ?? '/')
    asked.push(path)
    try {
      const lie = running.lie(path, req, res)
      if (lie === 'answered') return
      const bytes = lie ?? readFileSync(join(dir(), path))
      const from = Number(/^bytes=(\d+)-$/.exec(req.headers.range ?? '')?.[1] ?? 0)
      if (from > 0) res.writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` })
      res.end(bytes.subarray(from))
    } catch {
      res.writeHead(404).end()
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const running: FileServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    lie: () => undefined,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return running
}

export interface UpdateWorld {
  readonly clock: Calendar
  readonly repository: ReleaseRepository
  /** What is published. */
  readonly dir: string
  readonly rootSha256: string
  readonly server: FileServer
  readonly home: Home
  /** What the updater remarked. */
  readonly log: string[]
  /** Publishes a small version. */
  publish(
    version: string,
    options?: { main?: string; rollout?: Record<string, number>; others?: Record<string, string> },
  ): Promise<void>
  /** One run of the updater. */
  update(files?: Files): Promise<UpdateOutcome>
  parts(files?: Files): UpdaterComponents
}

/** @param temp - an empty folder */
export async function updateWorld(temp: string): Promise<UpdateWorld> {
  const clock = calendar()
  const dir = join(temp, 'published')
  const keys = { path: join(temp, 'keys'), passphrase: null }
  const repository = new ReleaseRepository({ clock, random: systemRandom }, { dir, keys })
  repository.init()
  const rootSha256 = createHash('sha256')
    .update(readFileSync(join(dir, 'metadata/1.root.json')))
    .digest('hex')
  const server = await serveFolder(() => dir)
  const path = join(temp, 'home')
  const base = join(temp, 'base')
  mkdirSync(join(base, 'dist', 'cli'), { recursive: true })
  writeFileSync(join(base, 'package.json'), JSON.stringify({ name: 'hedgerow', version: '0.1.0' }))
  writeFileSync(join(base, 'dist', 'cli', 'main.js'), '')
  const home = new Home(nodeFiles, path, base)
  writeSource(home, { url: server.url, rootSha256 })
  const log: string[] = []
  const parts = (files: Files = nodeFiles) => ({
    home: new Home(files, path, base),
    clock,
    get: fetch,
    node: process.versions.node,
    log: (line: string) => void log.push(line),
  })
  return {
    clock,
    repository,
    dir,
    rootSha256,
    server,
    home,
    log,
    parts,
    update: files => applyUpdate(parts(files)),
    async publish(version, { main = `console.log('${version}')\n`, rollout = { '*': 100 }, others } = {}) {
      const archive = join(temp, `${version}.tgz`)
      writeFileSync(archive, releaseArchive(version, main, others))
      await repository.add(archive, version, rollout)
    },
  }
}
