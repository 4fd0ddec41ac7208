/** What an operator meets: a result that is a lie, and releases to roll out. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom, utf8 } from '../../../protocol/index.ts'
import { systemClock } from '../../../protocol/node/index.ts'
import { ReleaseRepository } from '../../../releases/index.ts'
import { doneResult, HandDrivenDevice } from '../../support/hand-driven-device.ts'
import { ECHO } from '../../support/tasks.ts'
import { type TestRegion, taskOf } from '../../support/test-region.ts'
import { releaseArchive } from '../../support/updates/tar.ts'

/** A job of two leases that eve, alone in the region, answers wrongly. @returns its id */
export async function lie(region: TestRegion, lab: { name: string; token: string }): Promise<string> {
  const eve = new HandDrivenDevice('eve', await region.claim('eve'))
  await eve.enter()
  const client = await region.connectBare(lab)
  const split = { kind: 'range', from: 0, to: 2, chunk: 1 }
  const task = taskOf(ECHO)
  const job = {
    name: 'an hour of echoes',
    task,
    split,
    aggregate: { kind: 'concat' },
    verify: 'trust',
    leaseUnitsMax: 1,
  }
  const { body } = await client.submit(job)
  for (let seq = 1; seq <= 2; seq++) {
    const lease = await eve.lease()
    const answer = { fuel: 100, kind: 'ok', bytes: utf8(`nonsense ${lease.firstUnit}`) } as const
    await eve.results(seq, doneResult(lease.leaseId, [answer]))
  }
  await client.result(body.job)
  region.atEnd(() => void eve.client?.end(true))
  return body.job
}

/** Two versions: one for all, one for a quarter of the region. @returns the folder that is published, below `dir` */
export async function publishReleases(dir: string): Promise<string> {
  const published = join(dir, 'releases')
  const keys = { path: join(dir, 'keys'), passphrase: null }
  const repository = new ReleaseRepository(
    { clock: systemClock, random: seededRandom('releases') },
    { dir: published, keys },
  )
  repository.init()
  for (const [version, rollout] of [
    ['1.1.0', { '*': 100 }],
    ['1.2.0', { meadow: 25, '*': 0 }],
  ] as const) {
    const archive = join(dir, `${version}.tgz`)
    writeFileSync(archive, releaseArchive(version, ''))
    await repository.add(archive, version, rollout)
  }
  return published
}
