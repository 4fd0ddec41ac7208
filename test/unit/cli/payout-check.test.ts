import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { exportLog } from '../../../auditor/index.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { checkEpoch } from '../../../cli/payout-check.ts'
import { run } from '../../../cli/run.ts'
import { epochTree, openPayoutKey, signerOfRoot } from '../../../coordinator/payout/chain/index.ts'
import { type ChainTerms, PayoutConfig } from '../../../coordinator/payout/index.ts'
import { logKeyOf, logOrigin, seededRandom, toHex } from '../../../protocol/index.ts'
import { bytesOf, DAY_MS, jobOf, LogBuilder, partsOf, sourceOf } from '../../support/log-builder.ts'
import { addressOf, CHAIN, OTHER, OWN } from '../../support/payout-world.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { fakeIo } from './fake-io.ts'

/** Another coordinator checks an epoch from an export of the public log, and signs nothing else. */

const tempDir = tempDirs()
const ADDRESS = `0x${toHex(bytesOf('address ann 1', 20))}`
let folder: string
beforeEach(() => {
  folder = tempDir()
})

function termsOf(chain: typeof CHAIN = CHAIN): ChainTerms {
  const config = PayoutConfig({ method: 'chain', chain })
  if (config.chain === null) throw new Error('it is a chain')
  return config.chain
}

interface Lie {
  readonly payee?: string
  readonly waitMs?: number
  readonly root?: Uint8Array
  readonly method?: 'csv'
  readonly revoked?: boolean
}

/** A log in which ann earns something, binds an address and is paid out; exported to the folder. */
async function exportedLog(lie: Lie = {}): Promise<{ epoch: number; amountMicro: bigint; log: LogBuilder }> {
  const log = new LogBuilder()
  log.join('ann', 'bob').job('one')
  log.pay('one', 'ann', { lease: 1, first: 0, count: 10 }).pay('one', 'bob', { lease: 2, first: 0, count: 10 })
  log.end(jobOf('one')).wait(2 * DAY_MS)
  const amountMicro = log.balanceMicro(`holdback:${log.deviceId('ann')}`)
  log.release('ann', amountMicro).bind('ann', 1)
  if (lie.revoked) log.stand('ann', 'revoked')
  log.wait(lie.waitMs ?? 3 * DAY_MS)
  const epoch = Math.floor(log.nowMs / DAY_MS) - 1
  const payee = lie.payee ?? ADDRESS
  const { message } = epochTree(termsOf(), epoch, [{ payee, paidMicro: amountMicro }])
  log.payout(epoch, 'ann', payee, amountMicro)
  log.closeEpoch(epoch, amountMicro, { root: lie.root ?? message.root, ...(lie.method ? { method: lie.method } : {}) })
  await exportLog(sourceOf(partsOf(log)), join(folder, 'log'))
  return { epoch, amountMicro, log }
}

const check = (epoch: number, terms = termsOf()) => checkEpoch(terms, epoch, join(folder, 'log'), null)

describe('an epoch of another region [PAY-8.4]', () => {
  test('is what its log says, root and total', async () => {
    const { epoch, amountMicro } = await exportedLog()
    const checked = await check(epoch)
    expect(checked).toMatchObject({ epoch, total: amountMicro, payees: 1, epochMicro: amountMicro })
    expect(checked.root).toEqual(epochTree(termsOf(), epoch, [{ payee: ADDRESS, paidMicro: amountMicro }]).message.root)
  })

  test('is read with the key that the signer knows, and with no other', async () => {
    const { epoch, log } = await exportedLog()
    const key = logKeyOf(logOrigin(log.regionId), log.signer.publicKey)
    await checkEpoch(termsOf(), epoch, join(folder, 'log'), key)
    const stranger = logKeyOf(logOrigin(log.regionId), log.signerOf('somebody else').publicKey)
    await expect(checkEpoch(termsOf(), epoch, join(folder, 'log'), stranger)).rejects.toThrow('checkpoint.key')
  })

  test.each<[string, Lie, string]>([
    [
      'that pays an address which was never bound',
      { payee: `0x${'66'.repeat(20)}` },
      'the address that counted for it was',
    ],
    ['that pays an address before it counts', { waitMs: 2 * DAY_MS }, 'was none'],
    ['that pays a revoked device', { revoked: true }, 'while it was revoked'],
    ['with another root', { root: bytesOf('another root') }, 'its transfers give the root'],
  ])('%s is not signed', async (_what, lie, reason) => {
    const { epoch } = await exportedLog(lie)
    await expect(check(epoch)).rejects.toMatchObject({ code: 'damaged', message: expect.stringContaining(reason) })
  })

  test('for another contract, chain or scale than the signer knows is not signed', async () => {
    const { epoch } = await exportedLog()
    for (const other of [
      { ...CHAIN, chainId: 2 },
      { ...CHAIN, contract: addressOf('another contract') },
      { ...CHAIN, creditScale: { baseUnits: 2n, micro: 1n } },
    ]) {
      await expect(check(epoch, termsOf(other))).rejects.toThrow('compare contract, chain and scale')
    }
  })

  test('that is not in the log is not signed', async () => {
    const { epoch } = await exportedLog()
    await expect(check(epoch + 1)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('whose log breaks a rule is not signed', async () => {
    const { epoch, log } = await exportedLog()
    // More than the fee that the job's payments allow.
    log.transfer({ kind: 'fee', debit: 'treasury', credit: 'fee', amountMicro: 1n, purpose: 'fee/nothing' })
    await exportLog(sourceOf(partsOf(log)), join(folder, 'broken'))
    const broken = checkEpoch(termsOf(), epoch, join(folder, 'broken'), null)
    await expect(broken).rejects.toThrow('it breaks the rule transfer.route')
  })
})

describe('hedgerow payout sign', () => {
  const settings = () => {
    const { chainId, contract, signers } = CHAIN
    const path = join(folder, 'settings.yaml')
    const payout = { method: 'chain', chain: { chainId, contract, signers: [...signers], threshold: 2 } }
    writeFileSync(path, JSON.stringify({ payout }))
    return path
  }

  test('prints the signature of the key over the root, and for whom', async () => {
    const { epoch, amountMicro } = await exportedLog()
    mkdirSync(join(folder, 'keys'))
    const io = fakeIo({ cwd: folder })
    const line = `payout sign ${epoch} --log log --settings ${settings()} --key keys/payout.key`
    expect(await run(line.split(' '), io)).toBe(EXIT.ok)
    const { address } = openPayoutKey(join(folder, 'keys', 'payout.key'), seededRandom('unused'))
    const { message } = epochTree(termsOf(), epoch, [{ payee: ADDRESS, paidMicro: amountMicro }])
    expect(signerOfRoot(termsOf(), message, io.stdout.text().trim())).toBe(address)
    expect(io.stderr.text()).toContain('not among the signers')
    expect([OWN, OTHER].map(addressOf)).not.toContain(address)
  })

  test('signs nothing that it has refused', async () => {
    const { epoch } = await exportedLog({ root: bytesOf('another root') })
    const io = fakeIo({ cwd: folder })
    const line = `payout sign ${epoch} --log log --settings ${settings()} --key payout.key`
    expect(await run(line.split(' '), io)).toBe(EXIT.failure)
    expect(io.stdout.text()).toBe('')
    expect(io.stderr.text()).toContain('is not to be signed for')
  })

  test.each([
    ['payout sign 7', 'Give either'],
    ['payout sign 7 --log x --signature 0x12', 'Give either'],
    ['payout sign 7 --log x', 'needs --settings FILE'],
    ['payout sign seven --log x', 'must be the number'],
  ])('%s says what is missing', async (line, words) => {
    const io = fakeIo({ cwd: folder })
    expect(await run(line.split(' '), io)).toBe(EXIT.usage)
    expect(io.stderr.text()).toContain(words)
  })
})
