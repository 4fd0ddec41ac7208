/** A bundle that is as large as a bundle's shape: this machine's own Node, and a package with a version. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const BUNDLED_VERSION = '0.9.1'

/** Node's names for what Debian calls the programs of this machine. */
export const ARCH = process.arch === 'arm64' ? 'arm64' : 'x64'

/** A gzipped archive of a folder that `fill` fills. */
export function archive(fill: (folder: string) => void): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-archive-'))
  try {
    mkdirSync(join(folder, 'in'))
    fill(join(folder, 'in'))
    execFileSync('tar', [
      '-czf',
      join(folder, 'out.tar.gz'),
      '-C',
      join(folder, 'in'),
      ...readdirSync(join(folder, 'in')),
    ])
    return readFileSync(join(folder, 'out.tar.gz'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export function putNode(folder: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'bin/node'), `#!/bin/sh\nexec '${process.execPath}' "$@"\n`)
  chmodSync(join(folder, 'bin/node'), 0o755)
}

export function putHedgerow(folder: string, version = BUNDLED_VERSION): void {
  mkdirSync(join(folder, 'dist/cli'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'hedgerow', version }, null, 2))
  writeFileSync(join(folder, 'dist/cli/main.js'), 'console.log(process.argv.slice(2).join(" "))\n')
}

export const fakeBundle = (version?: string): Uint8Array =>
  archive(folder => {
    putNode(join(folder, 'node', ARCH))
    putHedgerow(join(folder, 'hedgerow'), version)
  })
