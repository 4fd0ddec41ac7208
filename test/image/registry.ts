/** An npm registry on this machine's loopback: this checkout as the package `hedgerow`, and everything else as the registry that npm is set up with has it. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { EMULATED_HOST } from './machine.ts'
import { ROOT, type Run } from './run.ts'

const JSON_TYPE = 'application/json'

interface Manifest {
  readonly name: string
  readonly version: string
}

interface Packument {
  versions: Record<string, { dist: { tarball: string } }>
}

export class LocalRegistry {
  /** Paths that were asked for and answered well. */
  readonly served: string[] = []
  readonly #upstream: string
  readonly #manifest: Manifest
  readonly #archive: Buffer
  readonly #server: Server

  private constructor(upstream: string, manifest: Manifest, archive: Buffer) {
    this.#upstream = upstream
    this.#manifest = manifest
    this.#archive = archive
    this.#server = createServer((request, response) => {
      this.#answer(request.url ?? '/', request.headers.accept ?? '*/*', response).catch(() => response.destroy())
    })
  }

  /** Packs this checkout, which must be built, and listens. */
  static async start(run: Run): Promise<LocalRegistry> {
    run.sh('npm', 'pack', ROOT, '--ignore-scripts', '--silent')
    const packed = readdirSync(run.work).find(name => name.endsWith('.tgz')) ?? ''
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest
    const upstream = run.sh('npm', 'config', 'get', 'registry').trim().replace(/\/+$/, '')
    const registry = new LocalRegistry(upstream, manifest, readFileSync(join(run.work, packed)))
    await new Promise<void>(done => registry.#server.listen(0, '127.0.0.1', done))
    return run.started(registry)
  }

  /** As the emulated machine reaches it. */
  get url(): string {
    return `http://${EMULATED_HOST}:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #answer(path: string, accept: string, response: ServerResponse): Promise<void> {
    const { name, version } = this.#manifest
    if (path === `/${name}`) this.#send(path, response, JSON_TYPE, JSON.stringify(this.#packument()))
    else if (path === `/${name}/-/${name}-${version}.tgz`) this.#send(path, response, 'application/gzip', this.#archive)
    else await this.#pass(path, accept, response)
  }

  #packument() {
    const { name, version } = this.#manifest
    const integrity = `sha512-${createHash('sha512').update(this.#archive).digest('base64')}`
    const dist = { tarball: `${this.url}/${name}/-/${name}-${version}.tgz`, integrity }
    return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...this.#manifest, dist } } }
  }

  async #pass(path: string, accept: string, response: ServerResponse): Promise<void> {
    const found = await fetch(`${this.#upstream}${path}`, { headers: { accept } })
    if (!found.ok) {
      response.writeHead(found.status).end()
      return
    }
    const type = found.headers.get('content-type') ?? 'application/octet-stream'
    if (!type.includes('json')) this.#send(path, response, type, Buffer.from(await found.arrayBuffer()))
    else this.#send(path, response, type, JSON.stringify(this.#here((await found.json()) as Packument)))
  }

  /** Archives are fetched from here too. */
  #here(packument: Packument): Packument {
    for (const { dist } of Object.values(packument.versions ?? {})) {
      dist.tarball = dist.tarball.replace(this.#upstream, this.url)
    }
    return packument
  }

  #send(path: string, response: ServerResponse, type: string, body: string | Buffer): void {
    this.served.push(path)
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
  }
}
