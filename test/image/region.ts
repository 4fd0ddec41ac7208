/** A region on this machine's loopback, with the command line around it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AdminClient, createAdminClient } from '../../cli/admin-client.ts'
import { trustFor } from '../../cli/trust.ts'
import { decodeClaimCode, encodeClaimCode } from '../../protocol/index.ts'
import { EMULATED_HOST } from './machine.ts'
import { ROOT, type Run } from './run.ts'

const CLI = join(ROOT, 'dist/cli/main.js')
const JOB_TIMEOUT_MS = 900_000
/** A processor that is emulated, and shared, may stand still for a while. */
const UNIT_TIMEOUT_MS = 300_000
const HOST_JOIN_TIMEOUT_MS = 60_000
const WORDS = 'the quick brown fox jumps over the lazy dog\n'.repeat(40)
/** What the owner calls the card. */
export const LABEL = 'card-in-qemu'

export class Region {
  readonly #run: Run
  readonly #state: string
  readonly api: AdminClient

  private constructor(run: Run, state: string, api: AdminClient) {
    this.#run = run
    this.#state = state
    this.api = api
  }

  /** @param options - more of `hedgerow coordinator` */
  static async start(run: Run, ...options: readonly string[]): Promise<Region> {
    const state = join(run.work, 'state')
    const ports = ['--port', '0', '--http-port', '0']
    const args = ['coordinator', '--state', state, '--public-host', EMULATED_HOST, ...ports, '--json', ...options]
    const child: ChildProcess = spawn(process.execPath, [CLI, ...args], {
      cwd: run.work,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    run.started({ stop: () => void child.kill('SIGTERM') })
    await new Promise<void>((found, ended) => {
      child.stdout?.once('data', () => found())
      child.once('exit', code => ended(new Error(`The coordinator ended with ${code}.`)))
    })
    const { httpUrl, adminToken, caPem } = JSON.parse(readFileSync(join(state, 'coordinator/admin.json'), 'utf8')) as {
      readonly httpUrl: string
      readonly adminToken: string
      readonly caPem: string | null
    }
    trustFor(httpUrl, caPem)
    return new Region(run, state, createAdminClient(httpUrl, adminToken))
  }

  hedgerow(...args: readonly string[]): string {
    return this.#run.sh(process.execPath, CLI, ...args, '--state', this.#state)
  }

  newClaim(): string {
    return (JSON.parse(this.hedgerow('claim', 'new', '--owner', 'card', '--json')) as { code: string }).code
  }

  /** Writes the description of the card's node. @returns its path */
  describe(fields: Readonly<Record<string, unknown>>): string {
    const node = {
      hostname: 'hedge-1',
      label: LABEL,
      user: { name: 'gardener', authorizedKeys: [`ssh-ed25519 ${'A'.repeat(68)} gardener`] },
      timezone: 'Europe/Berlin',
      ...fields,
    }
    const path = join(this.#run.work, 'node.yaml')
    writeFileSync(path, JSON.stringify(node))
    return path
  }

  /** The card's device when it is connected and belongs here. */
  async online() {
    const device = (await this.api.deviceList()).find(({ label }) => label === LABEL)
    return device?.online === true ? device : null
  }

  /** Lets a device of this machine take a claim. */
  async useUp(claim: string): Promise<void> {
    const code = decodeClaimCode(claim)
    const here = encodeClaimCode({ ...code, mqttUrl: code.mqttUrl.replace(EMULATED_HOST, '127.0.0.1') })
    const args = ['device', '--folder', join(this.#run.work, 'another-device'), '--label', 'another', '--claim', here]
    const child = spawn(process.execPath, [CLI, ...args], { stdio: 'ignore' })
    await this.#run.until('another device to join', HOST_JOIN_TIMEOUT_MS, async () =>
      (await this.api.deviceList()).some(({ label }) => label === 'another') ? true : null,
    )
    child.kill('SIGTERM')
    await once(child, 'exit')
  }

  /** Has the card's device work off a job, looks at the result and what it earned, and audits. */
  async earn(): Promise<void> {
    const { work } = this.#run
    this.hedgerow('submitter', 'add', 'me', '--fund', '10')
    copyFileSync(join(ROOT, 'examples/hello-js/count-words.js'), join(work, 'count-words.js'))
    writeFileSync(join(work, 'words.txt'), WORDS)
    const job = {
      name: 'words on a card',
      task: { script: 'count-words.js', unitTimeoutMs: UNIT_TIMEOUT_MS },
      split: { kind: 'blob', source: 'words.txt', by: 'lines', size: 10 },
      aggregate: 'merge-map',
      verify: 'trust',
    }
    writeFileSync(join(work, 'job.yaml'), JSON.stringify(job))
    const { id } = JSON.parse(this.hedgerow('job', 'submit', 'job.yaml', '--as', 'me', '--json')) as { id: string }
    const done = await this.#run.until('the job', JOB_TIMEOUT_MS, async () => {
      const found = await this.api.job(id)
      if (found.state === 'failed' || found.state === 'cancelled')
        throw new Error(`The job ${found.state}: ${found.reason}`)
      return found.state === 'done' ? found : null
    })
    const result = this.hedgerow('job', 'result', id, '--as', 'me')
    if (!/^the\t80$/m.test(result)) throw new Error(`The result is wrong: ${result}`)
    const device = await this.online()
    if (device === null || BigInt(device.earnedMicro) === 0n) throw new Error('The device has earned nothing.')
    const { units, fuel } = done
    this.#run.say(
      `a job of ${units} units is done; the card earned ${device.earnedMicro} micro-credits for ${fuel} fuel`,
    )
    const audit = JSON.parse(this.hedgerow('ledger', 'verify', '--json')) as { ok: boolean }
    if (!audit.ok) throw new Error('The audit found something.')
    this.#run.say('ledger verify: ok')
  }
}
