/** What an owner sees and says of a device's earnings: the commands, on real files, against a small log behind real HTTP. */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { deviceDispute } from '../../cli/commands/device-dispute.ts'
import { deviceEarnings } from '../../cli/commands/device-earnings.ts'
import { devicePayoutAddress } from '../../cli/commands/device-payout-address.ts'
import { devicePriceFloor } from '../../cli/commands/device-price-floor.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { run } from '../../cli/run.ts'
import { openDeviceStore, openEarningsFolder, openIdentity } from '../../device/index.ts'
import { decodeStatement, frameAad, openSign1, regionIdOf, regionName } from '../../protocol/index.ts'
import { nodeVerifier, systemRandom } from '../../protocol/node/index.ts'
import { serveTinyLog, TinyLog, tinyWitness } from '../support/device/tiny-log.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { fakeIo } from '../unit/cli/fake-io.ts'

const newDir = tempDirs()
const COMMANDS = [deviceEarnings, devicePayoutAddress, deviceDispute, devicePriceFloor]
const witnesses = [tinyWitness(11), tinyWitness(12)]
const VKEYS = witnesses.map(({ vkey }) => vkey).join()
const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A device's folder while the device runs: its database is locked, its receipt is there. */
async function world() {
  const state = newDir()
  const stateDir = join(state, 'device')
  mkdirSync(stateDir)
  const log = new TinyLog()
  const server = await serveTinyLog(log)
  const store = openDeviceStore(join(stateDir, 'device.db'))
  closing.push(() => store.close(), server.close)
  const { id, signer } = openIdentity(join(stateDir, 'device.key'), systemRandom)
  const folder = openEarningsFolder(stateDir)
  folder.keepRegion({ region: regionName('north'), regionKey: log.signer.publicKey, blobUrl: `${server.url}/blob` })
  log.grow(300)
  folder.keep(
    log.receipt(id, {
      seq: 3,
      earnedMicro: 9_000_000n,
      lostMicro: 1_000_000n,
      releasedMicro: 5_000_000n,
      paidOutMicro: 2_500_000n,
    }),
  )
  log.grow(20)
  log.sign(...witnesses)
  const hedgerow = async (...words: string[]) => {
    const io = fakeIo({ cwd: state })
    const exit = await run([...words, '--state', state], io, COMMANDS)
    return { exit, stdout: io.stdout.text(), stderr: io.stderr.text() }
  }
  const statement = () => {
    const brought = server.brought.at(-1)
    const aad = frameAad({
      regionId: regionIdOf(log.signer.publicKey),
      direction: 'up',
      device: id,
      class: 'statement',
    })
    const frame = brought?.frame ?? new Uint8Array()
    return { ...brought, says: decodeStatement(openSign1(frame, aad, signer.publicKey, nodeVerifier())) }
  }
  return { log, server, folder, id, hedgerow, statement }
}

describe('hedgerow device earnings', () => {
  it('says what the newest receipt says, beside the running device', async () => {
    const { hedgerow } = await world()
    const { exit, stdout } = await hedgerow('device', 'earnings')
    expect(exit).toBe(EXIT.ok)
    for (const line of [/earned +9 cr/, /held back +3 cr/, /lost +1 cr/, /available +2\.5 cr/, /paid out +2\.5 cr/]) {
      expect(stdout).toMatch(line)
    }
  })

  it('--verify proves it, and keeps the witnesses that were named first [LOG-5.4]', async () => {
    const { hedgerow, folder, log } = await world()
    const first = await hedgerow('device', 'earnings', '--verify', '--witness', VKEYS)
    expect(first).toMatchObject({ exit: EXIT.ok, stderr: expect.stringContaining('trust on first use') })
    expect(first.stdout).toMatch(/ok witnesses: cosigned by hedgerow\/witness\/\S+ and hedgerow\/witness\//)
    expect(folder.checkpoint()).toBe(log.note)
    log.grow(5)
    log.sign(...witnesses)
    const again = await hedgerow('device', 'earnings', '--verify', '--json')
    expect(again.exit).toBe(EXIT.ok)
    expect(JSON.parse(again.stdout)).toMatchObject({
      seq: 3,
      heldMicro: '3000000',
      availableMicro: '2500000',
      evidence: [],
      verdict: { ok: true, broken: null, size: 327 },
    })
  })

  it.each([
    ['no witness is known', [], /BROKEN witnesses: 0 of the 2 .*0 witnesses are known/],
    [
      'one witness is known',
      ['--witness', witnesses[0]?.vkey ?? ''],
      /BROKEN witnesses: 1 of the 2 .*one witness is known/,
    ],
  ])('--verify fails when %s [LOG-5.4]', async (_what, words, line) => {
    const { hedgerow, folder } = await world()
    const { exit, stdout } = await hedgerow('device', 'earnings', '--verify', ...words)
    expect([exit, folder.checkpoint()]).toEqual([EXIT.failure, null])
    expect(stdout).toMatch(line)
    expect(stdout).toContain('NOT VERIFIED')
  })

  it('--verify names the first rule that is broken [LOG-5.4]', async () => {
    const { hedgerow, log } = await world()
    log.note = log.note.replace('\n322\n', '\n321\n')
    const { exit, stdout } = await hedgerow('device', 'earnings', '--verify', '--witness', VKEYS)
    expect(exit).toBe(EXIT.failure)
    expect(stdout.match(/BROKEN/g)).toHaveLength(1)
    expect(stdout).toContain('BROKEN checkpoint')
  })

  it('shows evidence against the region', async () => {
    const { hedgerow, folder } = await world()
    folder.keepEvidence('1-2-total_fell', new Uint8Array(9))
    expect((await hedgerow('device', 'earnings')).stdout).toContain(join('evidence', '1-2-total_fell.cbor'))
  })

  it('says what is missing', async () => {
    const { hedgerow, server } = await world()
    expect(await hedgerow('device', 'earnings', '--folder', 'nowhere')).toMatchObject({
      exit: EXIT.failure,
      stderr: expect.stringContaining('knows no region yet'),
    })
    expect((await hedgerow('device', 'earnings', '--witness', VKEYS)).exit).toBe(EXIT.usage)
    expect((await hedgerow('device', 'earnings', '--verify', '--witness', 'x')).exit).toBe(EXIT.failure)
    await server.close()
    const { exit } = await hedgerow('device', 'earnings', '--verify', '--witness', VKEYS)
    expect(exit).toBe(EXIT.unreachable)
  })
})

describe('statements [LOG-7.1]', () => {
  it('name the address of the earnings', async () => {
    const { hedgerow, statement, id } = await world()
    const address = '0x52908400098527886E0F7030069857D2E4169EE7'
    expect(await hedgerow('device', 'payout-address', address)).toMatchObject({ exit: EXIT.ok, stdout: 'Taken.\n' })
    expect(statement()).toMatchObject({
      path: `/api/statements/${id}`,
      mediaType: 'application/octet-stream',
      says: { kind: 'payout-address', address: new Uint8Array(Buffer.from(address.slice(2), 'hex')) },
    })
    const mistyped = await hedgerow('device', 'payout-address', address.replace('E7', 'e7'))
    expect(mistyped.exit).toBe(EXIT.failure)
  })

  it('dispute a lease or a verdict', async () => {
    const { hedgerow, statement } = await world()
    await hedgerow('device', 'dispute', '4711', '--reason', 'It ran twice.')
    expect(statement().says).toMatchObject({ kind: 'dispute-lease', lease: 4_711, reason: 'It ran twice.' })
    const campaign = 'campaign23456723'
    const verdict = ['--campaign', campaign, '--window', '2026-06-01T10:00:00Z', '--sensor', '0011223344556677']
    await hedgerow('device', 'dispute', ...verdict, '--reason', 'A road.')
    const windowMs = Date.UTC(2026, 5, 1, 10)
    expect(statement().says).toMatchObject({ kind: 'dispute-verdict', campaign, windowMs, reason: 'A road.' })
    for (const words of [
      ['4711'],
      ['x', '--reason', 'r'],
      ['--reason', 'r'],
      ['4711', ...verdict, '--reason', 'r'],
      [...verdict.slice(2), '--reason', 'r'],
    ]) {
      expect((await hedgerow('device', 'dispute', ...words)).exit).toBe(EXIT.usage)
    }
  })

  it('set a floor, with numbers that grow even when they are refused', async () => {
    const { hedgerow, statement, server, folder } = await world()
    await hedgerow('device', 'price-floor', '0.02', '--reading', '0.0001')
    const first = statement().says
    expect(first).toMatchObject({ kind: 'price-floor', gigafuelMicro: 20_000n, readingMicro: 100n, seq: 1_700_000_000 })
    server.answer.status = 409
    server.answer.body = { error: { code: 'conflict', message: 'It was taken before.' } }
    const refused = await hedgerow('device', 'price-floor', '0')
    expect(refused).toMatchObject({ exit: EXIT.failure, stderr: 'hedgerow: It was taken before.\n' })
    expect(statement().says.seq).toBe(first.seq + 1)
    expect(readdirSync(join(folder.path, 'statements'))).toEqual([`${first.seq + 1}.cbor`])
    server.answer.body = 'hello'
    expect((await hedgerow('device', 'price-floor', '0', '--json')).exit).toBe(EXIT.failure)
    expect((await hedgerow('device', 'price-floor', 'much')).exit).toBe(EXIT.failure)
  })
})
