/** What `npm pack` makes is installed into an empty folder, as a user does, and used there: its types, its command, a whole region. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const tools = join(root, 'node_modules/.bin')
const env = { ...process.env, PATH: `${tools}${delimiter}${process.env.PATH}`, NO_COLOR: '1', HEDGEROW_STATE: '' }

const folder = await mkdtemp(join(tmpdir(), 'hedgerow-package-'))
const source = join(folder, 'source')
const user = join(folder, 'user')
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a program to its end; its output is the error's message when it fails. */
function sh(cwd: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`)
  return stdout
}

/** A copy of what is in the repository, since a build of the whole would pull dist from under the other tests. */
function copySources(): void {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const path of files.split('\0').filter(path => path !== '' && existsSync(join(root, path))))
    cpSync(join(root, path), join(source, path), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'))
}

const isInstalled = (): boolean => existsSync(join(user, 'node_modules/hedgerow/package.json'))

beforeAll(() => {
  mkdirSync(source)
  copySources()
  sh(source, 'npm', 'run', '-s', 'build')
  sh(source, 'npm', 'pack', '--silent', '--pack-destination', folder)
  mkdirSync(user)
  writeFileSync(join(user, 'package.json'), '{"name":"user","version":"1.0.0","private":true,"type":"module"}')
  const tarball = join(folder, `hedgerow-${version()}.tgz`)
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--omit=dev', tarball]
  const { status, stderr } = spawnSync('npm', install, { cwd: user, env, encoding: 'utf8' })
  if (status !== 0 && /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENOTCACHED/.test(stderr)) {
    console.warn('skipped: the package was not installed, since no registry can be reached')
    return
  }
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
}, 180_000)

const version = (): string => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version

describe('the package', () => {
  test('is as publint and attw want it', () => {
    expect(sh(source, 'publint', 'run', '--strict', '.')).toContain('All good!')
    sh(source, 'attw', '--pack', '.', '--profile', 'esm-only')
  })

  test('holds what a user needs, and nothing of the workshop', () => {
    const files = JSON.parse(sh(source, 'npm', 'pack', '--dry-run', '--json', '--silent'))[0].files as {
      path: string
    }[]
    const paths = files.map(({ path }) => path)
    for (const needed of [
      'dist/cli/main.js',
      'dist/device/sandbox/main.cjs',
      'dist/dashboard/index.html',
      'README.md',
      'LICENSE',
    ])
      expect(paths).toContain(needed)
    expect(paths.filter(path => /^(test|node_modules|simulation|\.ci)\//.test(path) || path.endsWith('.map'))).toEqual(
      [],
    )
  })

  test('has a bill of materials that names all it installs', ({ skip }) => {
    if (!isInstalled()) skip()
    const { bomFormat, components } = JSON.parse(sh(user, 'npm', 'sbom', '--sbom-format=cyclonedx')) as {
      bomFormat: string
      components: { name: string; purl: string; licenses?: unknown[] }[]
    }
    expect(bomFormat).toBe('CycloneDX')
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const named = components.map(({ purl }) => decodeURIComponent(purl))
    const needed = Object.entries(manifest.dependencies).map(([name, at]) => `pkg:npm/${name}@${at}`)
    expect(named).toEqual(expect.arrayContaining(needed))
    expect(components.filter(({ licenses }) => !licenses?.length).map(({ name }) => name)).toEqual([])
    expect(named.filter(purl => /vitest|npm\/typescript@/.test(purl))).toEqual([])
  })

  test('runs where it was installed', ({ skip }) => {
    if (!isInstalled()) skip()
    expect(sh(user, 'npx', '--no-install', 'hedgerow', '--help')).toContain('hedgerow up')
    const program = `
      import { decodeClaimCode } from 'hedgerow/protocol'
      import { connectSubmitter } from 'hedgerow/client'
      import { runDevice } from 'hedgerow/device'
      import { startCoordinator } from 'hedgerow/coordinator'
      import { auditLog } from 'hedgerow/auditor'
      import { scanHardware } from 'hedgerow/hardware'
      console.log([decodeClaimCode, connectSubmitter, runDevice, startCoordinator, auditLog, scanHardware].map(f => typeof f).join())`
    writeFileSync(join(user, 'import.mjs'), program)
    expect(sh(user, 'node', 'import.mjs').trim()).toBe(Array(6).fill('function').join())
  })

  test('compiled nothing to be installed', ({ skip }) => {
    if (!isInstalled()) skip()
    const built = execFileSync('find', [
      join(user, 'node_modules'),
      '-path',
      '*/build/Release/*.node',
      '-newer',
      join(user, 'package.json'),
    ])
    expect(built.toString()).toBe('')
  })

  test('is a whole region there: a job is submitted, worked off and paid', async ({ skip }) => {
    if (!isInstalled()) skip()
    const cli = join(user, 'node_modules/hedgerow/dist/cli/main.js')
    const run = (...args: string[]) => sh(user, 'node', cli, ...args, '--state', join(user, 'state'))
    const up = spawn('node', [cli, 'up', '--port', '0', '--http-port', '0', '--state', join(user, 'state'), '--json'], {
      cwd: user,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await new Promise<void>((online, gone) => {
        up.stdout.once('data', () => online())
        up.once('exit', code => gone(new Error(`hedgerow up ended with ${code}`)))
      })
      run('submitter', 'add', 'me', '--fund', '10')
      for (const file of ['count-words.js', 'job.yaml']) cpSync(join(root, 'examples/hello-js', file), join(user, file))
      cpSync(join(root, 'README.md'), join(user, 'README.md'))
      expect(
        JSON.parse(run('job', 'submit', 'job.yaml', '--watch', '--json').trim().split('\n').at(-1) ?? ''),
      ).toMatchObject({ state: 'done' })
      expect(JSON.parse(run('ledger', 'verify', '--json'))).toMatchObject({ ok: true })
    } finally {
      up.kill('SIGTERM')
      await new Promise(gone => up.once('exit', gone))
    }
  }, 120_000)
})
