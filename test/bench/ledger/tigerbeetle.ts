/**
 * TigerBeetle with the same accounts, when its client and its server are on this machine. Neither is one of our dependencies: the
 * client comes from npm (`npm install --no-save tigerbeetle-node`), the server is a program of its own from tigerbeetle.com.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { messageOf } from '../../../protocol/index.ts'
import { freePort, type Workplace } from '../workplace.ts'
import { type BenchPayment, ESCROW, HOLDBACKS, perSecond } from './payments.ts'

const CLIENT = 'tigerbeetle-node'
const SERVER = 'tigerbeetle'
/** As many as one of its messages holds. */
const BATCH = 8_189
const START_TIMEOUT_MS = 30_000
const LEDGER = 1
const CODE = 1

/** As much of the client as is used here. */
interface ClientModule {
  createClient(args: { cluster_id: bigint; replica_addresses: string[] }): Client
  readonly AccountFlags: { readonly debits_must_not_exceed_credits: number }
  readonly CreateAccountStatus: { readonly created: number }
  readonly CreateTransferStatus: { readonly created: number }
}

interface Client {
  createAccounts(batch: object[]): Promise<{ status: number }[]>
  createTransfers(batch: object[]): Promise<{ status: number }[]>
  destroy(): void
}

/** Starts it, or says in a sentence why there is no comparison with it. */
export async function openTigerBeetle(place: Workplace): Promise<TigerBeetle | string> {
  const version = spawnSync(SERVER, ['version'], { encoding: 'utf8' })
  let client: ClientModule
  try {
    client = (await import(CLIENT)) as ClientModule
  } catch (error) {
    return `No comparison with TigerBeetle: ${CLIENT} is not installed (${messageOf(error).split('\n')[0]}).`
  }
  if (version.error)
    return `No comparison with TigerBeetle: its server, the program '${SERVER}', is not in PATH; npm has its client alone.`
  const file = join(place.folder(), '0_0.tigerbeetle')
  const format = spawnSync(SERVER, ['format', '--cluster=0', '--replica=0', '--replica-count=1', file], {
    encoding: 'utf8',
  })
  if (format.status !== 0)
    return `No comparison with TigerBeetle: it cannot make its file here (${format.stderr.trim()}).`
  const port = await freePort()
  place.spawn(SERVER, ['start', `--addresses=127.0.0.1:${port}`, '--cache-grid=512MiB', file])
  const connected = client.createClient({ cluster_id: 0n, replica_addresses: [`127.0.0.1:${port}`] })
  place.atEnd(() => connected.destroy())
  const opened = new TigerBeetle(connected, client, version.stdout.trim())
  // The client asks again for ever, also of a server that has ended.
  const answered = await Promise.race([opened.open().then(() => true), pause(START_TIMEOUT_MS).then(() => false)])
  return answered
    ? opened
    : `No comparison with TigerBeetle: its server gave no answer within ${START_TIMEOUT_MS / 1_000} s.`
}

export class TigerBeetle {
  readonly version: string
  private readonly client: Client
  private readonly names: ClientModule

  constructor(client: Client, names: ClientModule, version: string) {
    this.client = client
    this.names = names
    this.version = version
  }

  /** Makes the accounts; the escrow is filled from one that may owe. */
  async open(): Promise<void> {
    const noOverdraft = this.names.AccountFlags.debits_must_not_exceed_credits
    const ids = [ESCROW, ...HOLDBACKS]
    const accounts = ids.map(id => accountOf(idOf(id), noOverdraft))
    const { created } = this.names.CreateAccountStatus
    expectAll(await this.client.createAccounts([accountOf(idOf('treasury'), 0), ...accounts]), created)
    const fill = transferOf('escrow', 'treasury', ESCROW, 10n ** 15n)
    expectAll(await this.client.createTransfers([fill]), this.names.CreateTransferStatus.created)
  }

  /** @returns payments a second, each on stable storage */
  async book(payments: readonly BenchPayment[]): Promise<number> {
    const startMs = performance.now()
    for (let at = 0; at < payments.length; at += BATCH) {
      const batch = payments.slice(at, at + BATCH)
      const transfers = batch.map(({ purpose, credit, amountMicro }) =>
        transferOf(purpose, ESCROW, credit, amountMicro),
      )
      expectAll(await this.client.createTransfers(transfers), this.names.CreateTransferStatus.created)
    }
    return perSecond(payments.length, startMs)
  }
}

function expectAll(results: readonly { status: number }[], status: number): void {
  const failed = results.find(result => result.status !== status)
  if (failed) throw new Error(`TigerBeetle refused something with status ${failed.status}.`)
}

function accountOf(id: bigint, flags: number): object {
  const sums = { debits_pending: 0n, debits_posted: 0n, credits_pending: 0n, credits_posted: 0n }
  const data = { user_data_128: 0n, user_data_64: 0n, user_data_32: 0, reserved: 0 }
  return { id, ...sums, ...data, ledger: LEDGER, code: CODE, flags, timestamp: 0n }
}

function transferOf(purpose: string, debit: string, credit: string, amount: bigint): object {
  const accounts = { debit_account_id: idOf(debit), credit_account_id: idOf(credit) }
  const data = { pending_id: 0n, user_data_128: 0n, user_data_64: 0n, user_data_32: 0, timeout: 0 }
  return { id: idOf(purpose), ...accounts, amount, ...data, ledger: LEDGER, code: CODE, flags: 0, timestamp: 0n }
}

const ids = new Map<string, bigint>()

/** As our transfers have it: 128 bits of the SHA-256 of what it is for. Accounts are hashed once. */
function idOf(name: string): bigint {
  const known = ids.get(name)
  if (known !== undefined) return known
  const id = BigInt(`0x${createHash('sha256').update(name).digest('hex').slice(0, 32)}`)
  if (name.includes(':')) ids.set(name, id)
  return id
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms).unref())
