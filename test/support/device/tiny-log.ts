/** A region's public log without a coordinator: entries, checkpoints and receipts, served over HTTP as a region does. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  addSignatureLines,
  cosign,
  type DeviceId,
  encodeEntry,
  encodeInclusionReceipt,
  formatVerifierKey,
  inclusionPath,
  type LogEntry,
  leafHash,
  logKeyOf,
  logOrigin,
  parseLogPath,
  parseNote,
  type ReceiptEntry,
  regionIdOf,
  regionName,
  type Signer,
  signCheckpoint,
  tileWidth,
  treeRoot,
  witnessKeyOf,
  witnessName,
} from '../../../protocol/index.ts'
import { nodeSha256 as hash, nodeSigner } from '../../../protocol/node/index.ts'
import { plainReader } from '../plain-tree.ts'

export const AT_MS = 1_795_000_000_000

export class TinyLog {
  readonly signer: Signer
  readonly origin: string
  readonly #leaves: Uint8Array[] = []
  readonly #entries: Uint8Array[] = []
  /** What `/log/checkpoint` says. */
  note = ''

  /** @param signer - the region's, or a number that its key is made of */
  constructor(signer: Signer | number = 7) {
    this.signer = typeof signer === 'number' ? nodeSigner(new Uint8Array(32).fill(signer)) : signer
    this.origin = logOrigin(regionIdOf(this.signer.publicKey))
    this.append({
      type: 'genesis',
      atMs: AT_MS,
      regionId: regionIdOf(this.signer.publicKey),
      region: regionName('north'),
      publicKey: this.signer.publicKey,
      scale: 6,
    })
  }

  get size(): number {
    return this.#leaves.length
  }

  append(entry: LogEntry): number {
    const bytes = encodeEntry(entry)
    this.#entries.push(bytes)
    this.#leaves.push(leafHash(hash, bytes))
    return this.size - 1
  }

  /** Entries of no meaning for the device. */
  grow(count: number): void {
    for (let i = 0; i < count; i++) {
      const policy = { feeBasisPoints: i % 10_000, holdbackWindowMs: this.size, epochMs: 1_000 }
      this.append({ type: 'policy', atMs: AT_MS + this.size, ...policy })
    }
  }

  /** Appends a receipt and gives what the device is sent, proven in the tree as it is then. */
  receipt(device: DeviceId, fields: Partial<Omit<ReceiptEntry, 'type' | 'device'>> = {}) {
    const totals = { earnedMicro: 9n, lostMicro: 1n, releasedMicro: 5n, paidOutMicro: 2n }
    return this.prove(this.append({ type: 'receipt', atMs: AT_MS, device, seq: 1, ...totals, ...fields }))
  }

  /** An entry with the proof that it is in the tree of the first `size`. */
  prove(index: number, size: number = this.size) {
    const read = plainReader(hash, this.#leaves)
    const root = treeRoot(hash, read, size)
    const proof = encodeInclusionReceipt(
      { root, size, index, path: inclusionPath(hash, read, index, size) },
      this.signer,
    )
    return { entry: this.#entries[index] ?? new Uint8Array(), proof }
  }

  /** Signs the tree as it is; each witness cosigns. */
  sign(...witnesses: readonly TinyWitness[]): string {
    const root = treeRoot(hash, plainReader(hash, this.#leaves), this.size)
    this.note = signCheckpoint({ size: this.size, root }, this.origin, this.signer)
    const { body } = parseNote(this.note)
    for (const witness of witnesses) this.note = addSignatureLines(this.note, cosign(body, AT_MS / 1_000, witness))
    return this.note
  }

  /** What a path below `/log/` holds; null for nothing. */
  read(path: string): Uint8Array | null {
    if (path === 'card') return Buffer.from(JSON.stringify(this.card()))
    const what = parseLogPath(path)
    if (what?.kind === 'checkpoint') return Buffer.from(this.note)
    if (what?.kind !== 'tile' || tileWidth(what.level, what.index, this.size) < what.width) return null
    const read = plainReader(hash, this.#leaves)
    const nodes = Array.from({ length: what.width }, (_, i) => read(what.level * 8, what.index * 256 + i))
    return new Uint8Array(Buffer.concat(nodes))
  }

  card() {
    const regionId = regionIdOf(this.signer.publicKey)
    const logKey = formatVerifierKey(logKeyOf(this.origin, this.signer.publicKey))
    return { origin: this.origin, region: 'north', regionId, logKey, witnessKey: '', url: '' }
  }
}

/** A witness by the number that its key is made of. */
export interface TinyWitness {
  readonly name: string
  readonly signer: Signer
  readonly vkey: string
}

export function tinyWitness(seed: number): TinyWitness {
  const name = witnessName(regionIdOf(nodeSigner(new Uint8Array(32).fill(seed + 100)).publicKey))
  const signer = nodeSigner(new Uint8Array(32).fill(seed))
  return { name, signer, vkey: formatVerifierKey(witnessKeyOf(name, signer.publicKey)) }
}

/** A statement as it was brought. */
export interface Brought {
  readonly path: string
  readonly frame: Uint8Array
  readonly mediaType: string | undefined
}

/** The log on a port of its own, and the door for statements. */
export async function serveTinyLog(log: TinyLog) {
  const brought: Brought[] = []
  const answer = { status: 200, body: { text: 'Taken.' } as unknown }
  const server: Server = createServer((req, res) => {
    const path = req.url ?? ''
    if (req.method === 'POST') {
      const parts: Buffer[] = []
      req.on('data', (part: Buffer) => parts.push(part))
      req.on('end', () => {
        brought.push({ path, frame: new Uint8Array(Buffer.concat(parts)), mediaType: req.headers['content-type'] })
        res.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
      })
      return
    }
    const bytes = path.startsWith('/log/') ? log.read(path.slice('/log/'.length)) : null
    if (bytes === null) res.writeHead(404).end()
    else res.writeHead(200).end(bytes)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    brought,
    answer,
    close: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}
