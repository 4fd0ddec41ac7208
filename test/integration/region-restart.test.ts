/** A coordinator that ends and starts again on the same folder, and one that cannot start. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { type CoordinatorOptions, startCoordinator } from '../../coordinator/index.ts'
import type { Runner } from '../../device/index.ts'
import { fromUtf8, regionName, utf8 } from '../../protocol/index.ts'
import { eventually } from '../support/eventually.ts'
import { ECHO, ENDLESS, FOR_LONG } from '../support/tasks.ts'
import { MEADOW, sha256HexOf, TestRegion, taskOf } from '../support/test-region.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
const echoed = (units: number): string => Array.from({ length: units }, (_, i) => `${i} ${i + 1}\n`).join('')
const echoJob = (units: number, more: Record<string, unknown> = {}) => ({
  task: taskOf(ECHO),
  split: range(units),
  aggregate: { kind: 'concat' },
  ...more,
})

/** Puts a gate in front of sandboxes: leases wait at it until it is opened. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  let waiting = 0
  const wrapRunner = (runner: Runner): Runner => ({
    run: async (lease, signal) => {
      waiting++
      await promise
      return runner.run(lease, signal)
    },
    close: () => runner.close(),
  })
  return { wrapRunner, waiting: () => waiting, open: resolve }
}

/** The text of a job's result, asked for again. */
async function resultOf(region: TestRegion, account: { name: string; token: string }, job: string): Promise<string> {
  const submitter = await region.connectBare(account)
  await submitter.publish(`${job}/get`)
  const { state, base64, url } = await submitter.result(job)
  expect(state).toBe('done')
  if (base64 !== undefined) return fromUtf8(Buffer.from(base64, 'base64'))
  return (await fetch(url)).text()
}

describe('a coordinator that starts again', () => {
  test('takes what devices have finished meanwhile, and leases nothing twice [STORE-1.1] [RESULT-3.2]', async () => {
    await using region = await TestRegion.start()
    const { wrapRunner, waiting, open } = gate()
    const { device } = await region.join('ann', { wrapRunner })
    const finished: number[] = []
    device.on('work', ({ leaseId }) => finished.push(leaseId))
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(2, { leaseUnitsMax: 1, verify: 'trust' }))
    await eventually('both units leased', async () => (await region.admin.job(body.job)).leases === 2)
    // Module and input have been fetched by then.
    await eventually('a lease at the gate', () => waiting() === 1)

    await region.stopCoordinator()
    open()
    await eventually('both units finished', () => finished.length === 2)
    await region.startCoordinator()
    expect(await resultOf(region, { name: 'lab', token: lab.token }, body.job)).toBe(echoed(2))
    const { leases, fuel, spentMicro, feeMicro } = await region.admin.job(body.job)
    expect([leases, spentMicro]).toEqual([2, fuel])
    await region.online(device)
    expect(await region.member(device)).toMatchObject({
      unitsAccepted: 2,
      leasesExpired: 0,
      earnedMicro: `${BigInt(spentMicro) - BigInt(feeMicro)}`,
    })
    expect(await region.bookProblems()).toEqual([])
  })

  test('still has the bill of a job that was done before, byte for byte [PAY-3.4]', async () => {
    await using region = await TestRegion.start()
    await region.join('ann')
    const account = await region.account('lab')
    const job = { ...echoJob(50), verify: 'trust' }
    const client = async () => region.connect(account)
    const { id } = await (await client()).submit(job).then(async handle => {
      await handle.result()
      return handle
    })
    const before = await (await client()).job(id).bill()
    await region.stopCoordinator()
    await region.startCoordinator()
    expect(await (await client()).job(id).bill()).toEqual(before)
    expect(fromUtf8(before).split('\n')).toHaveLength(52)
  })

  test('ends a job that an earlier version priced by the unit, and gives its budget back', async () => {
    await using region = await TestRegion.start()
    await region.join('ann')
    const lab = await region.bare('lab')
    const { body } = await lab.submit(echoJob(1, { task: taskOf(ENDLESS, FOR_LONG), verify: 'trust' }))
    await region.stopCoordinator()
    // As the database looks after it was brought forward.
    const db = new DatabaseSync(join(region.stateDir, 'ledger.sqlite'))
    db.exec("UPDATE job SET gigafuel_price_micro = 0, sum = ''")
    db.close()
    await region.startCoordinator()
    expect(await region.admin.job(body.job)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('before work was metered: submit it again'),
      spentMicro: '0',
      bill: null,
    })
    const [account] = (await region.admin.ledgerBalance('submitter:lab')).accounts
    expect(account?.balanceMicro).toBe('1000000000000000')
    expect(await region.bookProblems()).toEqual([])
  })

  test('again and again in the middle of a job ends it right and pays for it once [STORE-1.2]', async () => {
    await using region = await TestRegion.start()
    const devices = await region.joinAll('ann', 'bob', 'cat', 'dan')
    const account = await region.account('lab')
    const lab = await region.connectBare(account)
    const units = 3_000
    const { body } = await lab.submit(echoJob(units, { leaseUnitsMax: 5, ref: 'mine', verify: { theta: 0.99 } }))
    const id: string = body.job
    let verified = 0
    for (let round = 0; round < 3; round++) {
      const before = verified
      await eventually('some units verified', async () => {
        const job = await region.admin.job(id)
        verified = job.unitsVerified
        return verified > before || job.state === 'done'
      })
      await region.stopCoordinator()
      await region.startCoordinator()
      // Nothing that was verified is lost.
      expect((await region.admin.job(id)).unitsVerified).toBeGreaterThanOrEqual(verified)
    }
    expect(await resultOf(region, account, id)).toBe(echoed(units))
    for (const { device } of devices) await region.online(device)
    const members = await region.admin.deviceList()
    expect(members.map(({ standing }) => standing)).toEqual(Array(4).fill('joined'))
    const earned = members.reduce((sum, { earnedMicro }) => sum + BigInt(earnedMicro), 0n)
    const { fuel, spentMicro, feeMicro, replicaMicro, bill } = await region.admin.job(id)
    expect(`${earned + BigInt(feeMicro)}`).toBe(spentMicro)
    expect(`${BigInt(spentMicro) - BigInt(replicaMicro)}`).toBe(fuel)
    // The bill was written before one of the ends, or again after it: it is there, and adds up to what was burned.
    const csv = await (await region.admin.jobBill(id)).text()
    expect(sha256HexOf(utf8(csv))).toBe(bill?.sha256)
    const fuels = csv
      .trimEnd()
      .split('\n')
      .slice(1)
      .map(line => BigInt(line.split(',')[2] ?? ''))
    expect(fuels).toHaveLength(units)
    expect(`${fuels.reduce((sum, one) => sum + one, 0n)}`).toBe(fuel)
    expect(await region.bookProblems()).toEqual([])

    // It still knows what was submitted, by whom, and under which ref.
    const back = await region.connectBare(account)
    expect((await back.submit(echoJob(units, { ref: 'mine' }))).body).toMatchObject({ job: id, state: 'done' })
  })

  test('is the same region: its key, its addresses, its claims, its devices', async () => {
    await using region = await TestRegion.start()
    const { device } = await region.join('ann')
    const claim = await region.claim('bob')
    const { mqttUrl, httpUrl } = region.coordinator
    const { id } = await region.admin.region()
    await region.stopCoordinator()
    const again = await region.startCoordinator()
    expect([again.mqttUrl, again.httpUrl, (await region.admin.region()).id]).toEqual([mqttUrl, httpUrl, id])
    await region.online(device)
    await region.join('bob', { claim })
    expect(await region.admin.region()).toMatchObject({ devicesJoined: 2 })
    // Only one of the two knows it yet when it was away, so wait for the other.
    await eventually('both are here', async () => (await region.admin.region()).devicesOnline === 2)
  })
})

describe('a coordinator that cannot start says why in a plain sentence', () => {
  const start = (options: Partial<CoordinatorOptions> & { stateDir: string }) =>
    startCoordinator({ name: MEADOW, mqttPort: 0, httpPort: 0, onFatal: () => undefined, ...options })
  const portOf = (url: string) => Number(new URL(url).port)
  const sentence = expect.stringMatching(/^[A-Z].*\.$/s)

  test('when its folder is in use', async () => {
    await using region = await TestRegion.start()
    await expect(start({ stateDir: region.stateDir })).rejects.toMatchObject({ code: 'in_use', message: sentence })
    expect((await region.admin.region()).name).toBe('meadow')
  })

  test.each(['mqttPort', 'httpPort'] as const)(
    'when its %s is taken, and leaves its folder and other port free',
    async which => {
      await using region = await TestRegion.start()
      const { mqttUrl, httpUrl } = region.coordinator
      const taken = portOf(which === 'mqttPort' ? mqttUrl : httpUrl)
      const stateDir = join(region.dir, 'second')
      const failing = start({ stateDir, [which]: taken })
      await expect(failing).rejects.toMatchObject({ code: 'port_taken', message: sentence })
      await expect(failing).rejects.toThrow(`${taken}`)

      const second = await start({ stateDir, [which]: taken, portFallback: true, name: regionName('second') })
      expect(portOf(which === 'mqttPort' ? second.mqttUrl : second.httpUrl)).not.toBe(taken)
      await second.close()
    },
  )

  test('when a setting is out of range', async () => {
    await using region = await TestRegion.start()
    const failing = start({ stateDir: join(region.dir, 'second'), policy: { heartbeatMs: 1 } })
    await expect(failing).rejects.toMatchObject({
      code: 'bad_option',
      info: { path: 'heartbeatMs' },
      message: sentence,
    })
  })
})
