/** Makes a bundle: Node and Hedgerow with all it needs in one file, for cards that start where there is no network. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ConfigError } from '../protocol/index.ts'
import type { Io } from './io.ts'

const OUTPUT_BYTES_MAX = 16 * 1_048_576

/** What a bundle is made of. */
export interface BundleWish {
  /** Ends in `.tar.xz` or `.tar.gz`. */
  readonly out: string
  readonly arch: 'arm64' | 'x64'
  /** A folder with `bin/node` for that architecture; the registry's when null. */
  readonly nodeDir: string | null
}

/** What was made. */
export interface MadeBundle {
  readonly path: string
  readonly bytes: number
  readonly hedgerow: string
  /** A version, or where it is from. */
  readonly node: string
  readonly arch: string
}

/**
 * Packs this installation of Hedgerow, its dependencies from npm's registry, and Node. Programs of the system are used: npm and tar.
 * @throws {ConfigError} `damaged` with what npm or tar said; `not_found` without a built package or a Node
 */
export async function makeBundle(io: Io, wish: BundleWish, onStep: (what: string) => void): Promise<MadeBundle> {
  const { version, folder } = installedPackage(io.entry)
  const work = mkdtempSync(join(tmpdir(), 'hedgerow-bundle-'))
  const part = `${wish.out}.part`
  const call: Call = (program, args, cwd) => callProgram(io, program, args, cwd)
  try {
    onStep(`packing hedgerow ${version}`)
    const target = join(work, 'bundle', 'hedgerow')
    mkdirSync(target, { recursive: true })
    await call('npm', ['pack', folder, '--ignore-scripts', '--silent'], work)
    await call('tar', ['-xzf', join(work, onlyArchive(work)), '-C', target, '--strip-components=1'], work)
    onStep('fetching what it needs')
    const quiet = ['--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund']
    await call('npm', ['install', ...quiet, '--prefer-offline'], target)
    onStep(`fetching Node for ${wish.arch}`)
    const node = await placeNode(wish, join(work, 'bundle', 'node', wish.arch), call)
    onStep('compressing')
    const compression = wish.out.endsWith('.xz') ? '-J' : '-z'
    const plain = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner']
    await call('tar', [...plain, compression, '-cf', part, '-C', join(work, 'bundle'), 'node', 'hedgerow'], work)
    await rename(part, wish.out)
    return { path: wish.out, bytes: (await stat(wish.out)).size, hedgerow: version, node, arch: wish.arch }
  } finally {
    rmSync(work, { recursive: true, force: true })
    await rm(part, { force: true })
  }
}

/** The package that this command belongs to. */
function installedPackage(entry: string): { version: string; folder: string } {
  for (let folder = dirname(entry); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json')
    const found = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
    if (found?.name === 'hedgerow' && existsSync(join(folder, 'dist/cli/main.js'))) {
      return { version: String(found.version), folder }
    }
    if (folder !== dirname(folder)) continue
    const message =
      'The package that this command is from is not built: run npm run build in it, or install it with npm.'
    throw new ConfigError({ code: 'not_found', path: 'dist' }, message)
  }
}

type Call = (program: string, args: readonly string[], cwd: string) => Promise<string>

/** Puts `bin/node` there: the owner's, or the one that the project is tested with, compared with its known checksum. */
async function placeNode({ arch, nodeDir }: BundleWish, target: string, call: Call): Promise<string> {
  mkdirSync(join(target, 'bin'), { recursive: true })
  if (nodeDir !== null) {
    const own = join(nodeDir, 'bin', 'node')
    if (!existsSync(own)) {
      throw new ConfigError(
        { code: 'not_found', path: own },
        `There is no ${own}: --node-dir is a folder with bin/node.`,
      )
    }
    copyFileSync(own, join(target, 'bin', 'node'))
    chmodSync(join(target, 'bin', 'node'), 0o755)
    return nodeDir
  }
  const { NODE_VERSION, nodeIntegrity } = await import('../hardware/image/index.ts')
  const folder = dirname(target)
  await call('npm', ['pack', `node-linux-${arch}@${NODE_VERSION}`, '--silent'], folder)
  const archive = join(folder, onlyArchive(folder))
  if (createHash('sha512').update(readFileSync(archive)).digest('base64') !== nodeIntegrity(arch)) {
    const reason = 'it is not the Node that this version of Hedgerow knows'
    throw new ConfigError(
      { code: 'damaged', path: 'node', reason },
      `The registry's Node is not used, because ${reason}.`,
    )
  }
  await call('tar', ['-xzf', archive, '-C', target, '--strip-components=1', 'package/bin/node'], folder)
  rmSync(archive)
  return NODE_VERSION
}

function onlyArchive(folder: string): string {
  return readdirSync(folder).find(name => name.endsWith('.tgz')) ?? 'package.tgz'
}

async function callProgram(io: Io, program: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const env = { ...io.env, XZ_OPT: '-T0' }
    const options = { cwd, env, signal: io.stop, maxBuffer: OUTPUT_BYTES_MAX }
    return (await promisify(execFile)(program, [...args], options)).stdout
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    const said = stderr.trim().split('\n').at(-1) || message
    throw new ConfigError(
      { code: 'damaged', path: 'bundle', reason: said },
      `The bundle could not be made, since '${program} ${args[0]}' failed: ${said.replace(/\.$/, '')}.`,
      { cause: error },
    )
  }
}
