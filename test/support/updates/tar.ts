/** Writes tar archives, good and bad ones. */
import { gzipSync } from 'node:zlib'

export interface TarEntry {
  readonly path: string
  readonly text?: string
  /** `0` a file, `5` a folder, `2` a symbolic link, and so on. Default `0`. */
  readonly type?: string
  readonly mode?: number
  readonly link?: string
  /** What the header says instead of the text's length. */
  readonly size?: number
}

/** One header and its content. */
export function tarEntry({ path, text = '', type = '0', mode = 0o644, link = '', size }: TarEntry): Buffer {
  const content = Buffer.from(text)
  const header = Buffer.alloc(512)
  header.write(path.slice(0, 100), 0)
  header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100)
  header.write(`${(size ?? content.length).toString(8).padStart(11, '0')}\0`, 124)
  header.write('        ', 148)
  header.write(type, 156)
  header.write(link, 157)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

/** A pax header for the entry that follows. */
export function paxEntry(records: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`)
    const digits = String(rest + String(rest).length).length
    return `${rest + digits} ${key}=${value}\n`
  })
  return tarEntry({ path: 'PaxHeader', type: 'x', text: lines.join('') })
}

/** All of it, not compressed. */
export function tar(...parts: (TarEntry | Buffer)[]): Buffer {
  return Buffer.concat([...parts.map(part => (Buffer.isBuffer(part) ? part : tarEntry(part))), Buffer.alloc(1024)])
}

/** A release as it is published: `package/` with a program and whatever else. */
export function releaseArchive(version: string, main: string, others: Readonly<Record<string, string>> = {}): Buffer {
  const manifest = JSON.stringify({ name: 'hedgerow', version, type: 'module', engines: { node: '>=24' } })
  return gzipSync(
    tar(
      { path: 'package/', type: '5', mode: 0o755 },
      { path: 'package/package.json', text: manifest },
      { path: 'package/dist/cli/main.js', text: main, mode: 0o755 },
      ...Object.entries(others).map(([path, text]) => ({ path: `package/${path}`, text })),
    ),
  )
}
