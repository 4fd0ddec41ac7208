/**
 * `npm run test:image [-- --folder DIR] [--keep]`: a card is flashed by `hedgerow flash`, boots as an emulated arm64 machine, becomes a device by
 * itself, earns, and comes back after a power cut. Minutes long; ends with 1 when something did not happen. See README.md beside.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type AdminClient, createAdminClient } from '../../cli/admin-client.ts'
import { EMULATED_HOST, Machine } from './machine.ts'

const root = resolve(import.meta.dirname, '../..')
const cli = join(root, 'dist/cli/main.js')
const JOIN_TIMEOUT_MS = 900_000
const COME_BACK_TIMEOUT_MS = 400_000
const JOB_TIMEOUT_MS = 300_000
const FINISH_TIMEOUT_MS = 300_000
const POLL_MS = 1_000
const WORDS = 'the quick brown fox jumps over the lazy dog\n'.repeat(40)
const WIFI_PASSWORD = 'correct horse battery'

const { values } = parseArgs({ options: { folder: { type: 'string' }, keep: { type: 'boolean', default: false } } })
const folder = values.folder ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'hedgerow', 'image')
const work = mkdtempSync(join(tmpdir(), 'hedgerow-image-'))
const state = join(work, 'state')
const card = join(work, 'card.img')
const logFile = join(folder, 'test-image.log')
const startMs = performance.now()
const steps: [seconds: string, what: string][] = []

function say(what: string): void {
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(0)
  steps.push([seconds, what])
  process.stdout.write(`${seconds.padStart(5)} s  ${what}\n`)
}

/** Runs a program to its end. @returns its output @throws when it fails */
function sh(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: work,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status === 0) return stdout
  throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? `${stdout}\n${stderr}`}`)
}

const hedgerow = (...args: string[]): string => sh(process.execPath, cli, ...args, '--state', state)
/** A file of the card's boot partition, read by mtools. */
const onBoot = (path: string): string | null => {
  const { status, stdout } = spawnSync('mtype', ['-i', `${card}@@4M`, `::${path}`], { encoding: 'utf8' })
  return status === 0 ? stdout : null
}

async function until<Value>(
  what: string,
  timeoutMs: number,
  look: () => Promise<Value | null> | Value | null,
): Promise<Value> {
  const endMs = performance.now() + timeoutMs
  for (;;) {
    const value = await look()
    if (value !== null) return value
    if (performance.now() > endMs)
      throw new Error(`${what}: not within ${timeoutMs / 1_000} s; the machine's console is in ${logFile}`)
    await new Promise(done => setTimeout(done, POLL_MS))
  }
}

/** Ended with the test, whatever becomes of it. */
const children: { stop(): Promise<void> | void }[] = []

async function startCoordinator(): Promise<AdminClient> {
  const args = [
    'coordinator',
    '--state',
    state,
    '--public-host',
    EMULATED_HOST,
    '--port',
    '0',
    '--http-port',
    '0',
    '--json',
  ]
  const child: ChildProcess = spawn(process.execPath, [cli, ...args], {
    cwd: work,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push({ stop: () => void child.kill('SIGTERM') })
  const httpUrl = await new Promise<string>((found, ended) => {
    child.stdout?.once('data', line => found((JSON.parse(String(line)) as { httpUrl: string }).httpUrl))
    child.once('exit', code => ended(new Error(`The coordinator ended with ${code}.`)))
  })
  const { adminToken } = JSON.parse(readFileSync(join(state, 'coordinator/admin.json'), 'utf8')) as {
    adminToken: string
  }
  return createAdminClient(httpUrl.replace(EMULATED_HOST, '127.0.0.1'), adminToken)
}

function prepareBase(): void {
  if (['base.img', 'kernel', 'initrd'].every(name => existsSync(join(folder, name)))) return
  say(`building an image of arm64 Debian in ${folder}, a quarter of an hour`)
  sh(join(import.meta.dirname, 'build-base'), folder)
}

function flash(): void {
  const bundle = join(work, 'hedgerow-bundle.tar.gz')
  hedgerow('flash', 'bundle', '--out', bundle)
  const claim = (JSON.parse(hedgerow('claim', 'new', '--owner', 'card', '--json')) as { code: string }).code
  const node = {
    hostname: 'hedge-1',
    label: 'card-in-qemu',
    claim,
    user: { name: 'gardener', authorizedKeys: [`ssh-ed25519 ${'A'.repeat(68)} gardener`] },
    wifi: { ssid: 'Meadow', password: WIFI_PASSWORD, country: 'DE' },
    timezone: 'Europe/Berlin',
    install: { from: 'bundle' },
  }
  writeFileSync(join(work, 'node.yaml'), JSON.stringify(node))
  const report = hedgerow(
    'flash',
    join(folder, 'base.img'),
    '--node',
    'node.yaml',
    '--bundle',
    bundle,
    '--to',
    card,
    '--json',
  )
  const { cards } = JSON.parse(report) as { cards: { detected: { os: string } }[] }
  say(`flashed a card of ${sh('du', '-BM', card).split('M')[0]} MiB for ${cards[0]?.detected.os}`)
}

async function online(api: AdminClient) {
  const device = (await api.deviceList()).find(({ label }) => label === 'card-in-qemu')
  return device?.online === true ? device : null
}

/** The boot partition after the first start is over: its status says so, and nothing secret is left on it. */
async function checkBootPartition(): Promise<void> {
  const status = await until(
    'the first start',
    FINISH_TIMEOUT_MS,
    () => onBoot('hedgerow-status.txt')?.match(/^Done.*/)?.[0] ?? null,
  )
  say(`the card says: ${status}`)
  const left = sh('mdir', '-i', `${card}@@4M`, '-/', '-b', '::')
    .split('\n')
    .filter(name => name !== '')
  const texts = left.map(path => ({ path, text: onBoot(path.replace(/^::\//, '')) ?? '' }))
  const told = texts.filter(({ text }) => text.includes('hedgerow-claim:') || text.includes(WIFI_PASSWORD))
  if (told.length > 0)
    throw new Error(`Secrets are left on the boot partition, in ${told.map(({ path }) => path).join(', ')}.`)
  if (left.some(path => path.includes('hedgerow-bundle'))) throw new Error('The bundle is left on the boot partition.')
  say('no secret is left on the boot partition')
}

async function earn(api: AdminClient): Promise<void> {
  hedgerow('submitter', 'add', 'me', '--fund', '10')
  copyFileSync(join(root, 'examples/hello-js/count-words.js'), join(work, 'count-words.js'))
  writeFileSync(join(work, 'words.txt'), WORDS)
  const job = {
    name: 'words on a card',
    task: { script: 'count-words.js' },
    split: { kind: 'blob', source: 'words.txt', by: 'lines', size: 10 },
    aggregate: 'merge-map',
    verify: 'trust',
  }
  writeFileSync(join(work, 'job.yaml'), JSON.stringify(job))
  const { id } = JSON.parse(hedgerow('job', 'submit', 'job.yaml', '--as', 'me', '--json')) as { id: string }
  const done = await until('the job', JOB_TIMEOUT_MS, async () => {
    const found = await api.job(id)
    if (found.state === 'failed' || found.state === 'cancelled')
      throw new Error(`The job ${found.state}: ${found.reason}`)
    return found.state === 'done' ? found : null
  })
  const result = hedgerow('job', 'result', id, '--as', 'me')
  if (!/^the\t80$/m.test(result)) throw new Error(`The result is wrong: ${result}`)
  const device = await online(api)
  if (device === null || BigInt(device.earnedMicro) === 0n) throw new Error('The device has earned nothing.')
  say(`a job of ${done.units} units is done; the card earned ${device.earnedMicro} micro-credits for ${done.fuel} fuel`)
  const audit = JSON.parse(hedgerow('ledger', 'verify', '--json')) as { ok: boolean }
  if (!audit.ok) throw new Error('The audit found something.')
  say('ledger verify: ok')
}

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  rmSync(logFile, { force: true })
  prepareBase()
  const api = await startCoordinator()
  flash()
  const machine = new Machine({
    folder,
    card,
    cmdline: onBoot('cmdline.txt') ?? '',
    log: text => appendFileSync(logFile, text),
  })
  children.push(machine)
  machine.start()
  say('the machine starts')
  const joined = await until('joining', JOIN_TIMEOUT_MS, () => online(api))
  say(`device ${joined.id} of ${joined.owner} has joined`)
  await checkBootPartition()
  await earn(api)
  await machine.cutPower()
  say('power cut')
  await until('the coordinator to notice', JOB_TIMEOUT_MS, async () => ((await online(api)) === null ? true : null))
  machine.start()
  const back = await until('coming back', COME_BACK_TIMEOUT_MS, () => online(api))
  if (back.id !== joined.id) throw new Error('Another device came back.')
  say('the same device is back, without a claim')
}

let code = 0
try {
  await main()
  say('ok')
} catch (error) {
  code = 1
  say(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
} finally {
  for (const child of children.reverse()) await child.stop()
  appendFileSync(logFile, `\n${steps.map(([seconds, what]) => `${seconds} s  ${what}`).join('\n')}\n`)
  if (values.keep) process.stdout.write(`Everything is in ${work}.\n`)
  else rmSync(work, { recursive: true, force: true })
}
process.exit(code)
