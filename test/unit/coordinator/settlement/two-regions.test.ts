/** Two regions over real databases and real HTTP that witness each other. */
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createWitnessAdmin } from '../../../../coordinator/admin/witness-admin.ts'
import { ConfigError, openCheckpoint, parseVerifierKey, verifyCosignature } from '../../../../protocol/index.ts'
import { nodeVerifier } from '../../../../protocol/node/index.ts'
import { atEnd } from '../../../support/at-end.ts'
import { eventually } from '../../../support/eventually.ts'
import { SettledRegion, type SettledRegionOptions } from '../../../support/settled-region.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newDir = tempDirs()
const later = atEnd()
const verifier = nodeVerifier()

async function start(stateDir: string, options: SettledRegionOptions = {}): Promise<SettledRegion> {
  const region = await SettledRegion.start(stateDir, options)
  later(() => region.stop())
  return region
}

const adminOf = (region: SettledRegion) =>
  createWitnessAdmin({ region: region.shell, settlement: region.settlement, verifier })

/** Two regions that know each other. */
async function pair(): Promise<[SettledRegion, SettledRegion]> {
  const [meadow, hill] = [await start(newDir()), await start(newDir())]
  await adminOf(meadow).witnessAdd({ url: hill.httpUrl })
  await adminOf(hill).witnessAdd({ url: meadow.httpUrl })
  return [meadow, hill]
}

/** Signs what there is and waits until it is shown. */
async function sign(region: SettledRegion): Promise<void> {
  await region.clock.advance(10_000)
  region.tick()
  const size = region.log.size
  await eventually('shown', () => region.settlement.checkpoint()?.size === size)
}

async function cosigned(region: SettledRegion, witness: SettledRegion): Promise<void> {
  const { origin } = witness.settlement.card()
  const size = region.settlement.checkpoint()?.size
  await eventually('cosigned', () => region.settlement.client.state(origin).cosigned?.size === size)
}

const portOf = (region: SettledRegion) => Number(new URL(region.httpUrl).port)

const refusal = async (work: Promise<unknown>): Promise<ConfigError> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ConfigError)
  return error as ConfigError
}

describe('two regions', () => {
  test('cosign each other, and show checkpoints with the cosignature on them', async () => {
    const [meadow, hill] = await pair()
    const witnessKey = parseVerifierKey(hill.settlement.card().witnessKey)
    for (const entries of [3, 300, 1]) {
      await meadow.say(entries)
      await sign(meadow)
      const answer = await fetch(`${meadow.httpUrl}/log/checkpoint`)
      const note = await answer.text()
      expect(openCheckpoint(note, parseVerifierKey(meadow.settlement.card().logKey), verifier)).toMatchObject(
        meadow.log.head(),
      )
      expect(verifyCosignature(note, witnessKey, verifier)).toBe(Math.floor(hill.clock.wallMs() / 1_000))
    }
    const [seen] = await adminOf(hill).witnessList()
    expect(seen).toMatchObject({ cosignedByUs: 304, conflict: null })
    const [theirs] = await adminOf(meadow).witnessList()
    expect(theirs).toMatchObject({ url: hill.httpUrl, cosignedByThem: { size: 304 }, problem: '' })
    // The database has the cosignature too, for the next start.
    await meadow.shell.committed()
    expect(verifyCosignature(meadow.store.checkpoint()?.note ?? '', witnessKey, verifier)).not.toBeNull()
  })

  test('find each other again after a restart, and go on from what was cosigned', async () => {
    const [meadow, hill] = await pair()
    await meadow.say(5)
    await sign(meadow)
    await cosigned(meadow, hill)
    await meadow.stop()
    const again = await start(meadow.stateDir, { port: portOf(meadow) })
    expect(again.settlement.checkpoint()?.size).toBe(5)
    const cosignedByThem = { size: 5, atMs: Math.floor(hill.clock.wallMs() / 1_000) * 1_000 }
    expect(await adminOf(again).witnessList()).toMatchObject([{ cosignedByThem, problem: '' }])
    await again.say(2)
    await sign(again)
    await cosigned(again, hill)
    expect((await adminOf(hill).witnessList())[0]).toMatchObject({ cosignedByUs: 7 })
  })

  test('do not wait for one that is dead', async () => {
    const [meadow, hill] = await pair()
    await hill.stop()
    await meadow.say(1)
    await sign(meadow)
    expect((await adminOf(meadow).witnessList())[0]?.problem).toContain('cannot be reached')
    await meadow.stop()
    // Nor at the next start.
    const again = await start(meadow.stateDir)
    expect(again.warnings).toContain('witness_not_asked')
    expect(again.settlement.checkpoint()?.size).toBe(1)
  })
})

describe('a restored backup', () => {
  /** A region that has gone on after its folder was copied; the copy is of three entries, all of them signed. */
  async function backedUp() {
    const [meadow, hill] = await pair()
    await meadow.say(3)
    await sign(meadow)
    await cosigned(meadow, hill)
    await meadow.stop()
    const backup = join(newDir(), 'backup')
    cpSync(meadow.stateDir, backup, { recursive: true })
    const onward = await start(meadow.stateDir, { port: portOf(meadow) })
    await onward.say(4)
    await sign(onward)
    await cosigned(onward, hill)
    await onward.stop()
    const restore = (...names: string[]) => {
      for (const name of names) {
        rmSync(join(meadow.stateDir, name), { force: true })
        cpSync(join(backup, name), join(meadow.stateDir, name))
      }
      for (const rest of ['ledger.sqlite-wal', 'ledger.sqlite-shm'])
        rmSync(join(meadow.stateDir, rest), { force: true })
    }
    return { stateDir: meadow.stateDir, port: portOf(meadow), hill, restore }
  }

  test('[LOG-8.2] is found out by the head guard, and nothing is signed', async () => {
    const { stateDir, port, restore } = await backedUp()
    restore('ledger.sqlite')
    const error = await refusal(SettledRegion.start(stateDir, { port }))
    expect(error.code).toBe('damaged')
    expect(error.message).toContain('signed a log of 7 entries, and the database holds 3')
    expect(error.message).toContain('restored from a backup')
    expect(JSON.parse(readFileSync(join(stateDir, 'log-head.json'), 'utf8'))).toMatchObject({ size: 7 })
  })

  test('[LOG-8.3] is found out by a witness when the head guard was restored too', async () => {
    const { stateDir, port, hill, restore } = await backedUp()
    restore('ledger.sqlite', 'log-head.json')
    const error = await refusal(SettledRegion.start(stateDir, { port }))
    expect(error.code).toBe('damaged')
    expect(error.message).toContain(`the witness at ${hill.httpUrl} can show`)
    expect(error.message).toContain('7 entries, and the database holds 3')
  })

  test('[LOG-8.3] is found out when the witness comes back, before it signs more than it did before', async () => {
    const { stateDir, port, hill, restore } = await backedUp()
    restore('ledger.sqlite', 'log-head.json')
    await hill.stop()
    const forked = await start(stateDir, { port })
    const { origin } = hill.settlement.card()
    await eventually('asked in vain', () => forked.settlement.client.state(origin).problem !== '')
    const hillAgain = await start(hill.stateDir, { port: portOf(hill) })
    // Other entries than the ones before, and more of them.
    for (let i = 0; i < 9; i++) forked.move('treasury', 'submitter:bob', 1n)
    // The first rest after a failure is no longer.
    await forked.clock.advance(1_000)
    await eventually('ended', () => forked.fatal.length > 0)
    expect((forked.fatal[0] as ConfigError).message).toContain('can show that the region has signed')
    expect(hillAgain.settlement.peers.get(forked.settlement.card().origin)?.row.size).toBe(7)
    // It signs nothing any more.
    await forked.clock.advance(60_000)
    forked.tick()
    await forked.shell.committed()
    expect([forked.store.checkpoint()?.size, forked.settlement.checkpoint()?.size]).toEqual([3, 3])
  })

  test('is told how to go on when only the head guard is gone', async () => {
    const { stateDir, port } = await backedUp()
    const guard = join(stateDir, 'log-head.json')
    const text = readFileSync(guard, 'utf8')
    rmSync(guard)
    const error = await refusal(SettledRegion.start(stateDir, { port }))
    expect(error.message).toContain('is missing')
    expect(error.message).toContain(text.trim())
  })
})
