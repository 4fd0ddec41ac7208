/**
 * An idle device: memory of its process, and the time from its start to its place in the region. PSS divides Node's own code by
 * the processes that run it, and a device on its board shares it with nobody. So a device is weighed twice, on copies of the Node
 * executable that nothing else on this machine has open: among three Node processes, as in a region on one machine, and alone.
 */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLAIM_VARIABLE } from '../../cli/local-devices.ts'
import { type Bench, type Measured, target } from './harness.ts'
import { childrenOf, type Footprint, footprint as footprintOf } from './memory.ts'
import { COMMAND, type Region, runNoop, startRegion, untilOnline } from './region.ts'
import { rounded, summarize } from './statistics.ts'
import type { Child, Workplace } from './workplace.ts'

const STARTS = 7
const WEIGHINGS = 3
/** Until what the start left behind has been collected and the process has come to rest. */
const REST_MS = 5_000

export const footprint: Bench = {
  name: 'footprint',
  summary: 'memory of an idle joined device, and the time from its start to joined',
  measure,
}

async function measure(place: Workplace): Promise<Measured> {
  const region = await startRegion(place, { owners: [] })
  const first: number[] = []
  const again: number[] = []
  // The first start warms the file cache and is forgotten.
  for (let i = 0; i <= STARTS; i++) {
    const device = await region.addDevice('ann', `start-${i}`)
    await device.child.stop()
    const againMs = await startAgain(place, region, device.folder, `start-${i}`)
    if (i === 0) continue
    first.push(Math.round(device.joinedMs))
    again.push(Math.round(againMs))
    place.say(`start ${i} of ${STARTS}: joined after ${first.at(-1)} ms, started again after ${again.at(-1)} ms`)
  }
  const among: Footprint[] = []
  const alone: Footprint[] = []
  const bare: Footprint[] = []
  for (let i = 1; i <= WEIGHINGS; i++) {
    place.say(`weighing ${i} of ${WEIGHINGS}`)
    const sharedNode = ownNode(place)
    const others = [idleNode(place, sharedNode), idleNode(place, sharedNode)]
    const device = await startOn(sharedNode, place, region, `among-${i}`)
    await rest()
    among.push(footprintOf(device.pid))
    await Promise.all([device, ...others].map(child => child.stop()))
    const lonely = await startOn(ownNode(place), place, region, `alone-${i}`)
    const node = idleNode(place, ownNode(place))
    await rest()
    alone.push(footprintOf(lonely.pid))
    bare.push(footprintOf(node.pid))
    await Promise.all([lonely.stop(), node.stop()])
  }
  const worked = await weighAfterWork(place, region)
  const pss = { among: median(among, 'pssMb'), alone: median(alone, 'pssMb') }
  const joined = summarize(first)
  return {
    ours: {
      idleAmongThreeNodes: summaryOf(among),
      idleAlone: summaryOf(alone),
      afterWorkAlone: worked,
      startToJoinedMs: joined,
      startAgainToJoinedMs: summarize(again),
    },
    peer: { name: "node -e 'setInterval(() => {}, 1e9)'", idleAlone: summaryOf(bare) },
    targets: [
      target('PSS of an idle joined device in MB, among three Node processes', pss.among, 'lower', 45),
      target('PSS of an idle joined device in MB, alone on its machine', pss.alone, 'lower', 45),
      target('start to joined in ms', joined.median, 'lower', 600),
    ],
    notes: [
      'A first start makes a key, presents its claim and is enrolled; joined means that the coordinator can give it work, asked every 10 ms.',
      'Among three Node processes the code of Node counts a third, alone it counts whole.',
    ],
  }
}

async function startAgain(place: Workplace, region: Region, folder: string, label: string): Promise<number> {
  const startMs = performance.now()
  const child = place.spawn(process.execPath, [COMMAND, 'device', '--folder', folder, '--label', label], QUIET)
  await untilOnline(region.admin, child, label)
  const ms = performance.now() - startMs
  await child.stop()
  return ms
}

const QUIET = { stdio: 'ignore' } as const

function idleNode(place: Workplace, node: string): Child {
  return place.spawn(node, ['-e', 'setInterval(() => {}, 1e9)'])
}

/** A device that runs on this Node executable, joined. */
async function startOn(node: string, place: Workplace, region: Region, label: string): Promise<Child> {
  const { code } = await region.admin.claimNew({ owner: 'ann', lifetimeMs: 3_600_000 })
  const args = [COMMAND, 'device', '--folder', join(region.folder, label), '--label', label]
  const child = place.spawn(node, args, { ...QUIET, env: { ...process.env, [CLAIM_VARIABLE]: code } })
  await untilOnline(region.admin, child, label)
  return child
}

/** What a device and its sandboxes hold right after a job; the sandboxes end when no work comes for a minute. */
async function weighAfterWork(
  place: Workplace,
  region: Region,
): Promise<{ devicePssMb: number; sandboxesPssMb: number; sandboxes: number }> {
  const device = await startOn(ownNode(place), place, region, 'worker')
  await runNoop(region, { units: 20_000, verify: 'trust' })
  await rest()
  const sandboxes = childrenOf(device.pid).map(pid => footprintOf(pid).pssMb)
  const devicePssMb = footprintOf(device.pid).pssMb
  await device.stop()
  return {
    devicePssMb,
    sandboxesPssMb: rounded(sandboxes.reduce((sum, mb) => sum + mb, 0)),
    sandboxes: sandboxes.length,
  }
}

let copies = 0

function ownNode(place: Workplace): string {
  const path = join(place.folder(), `node-${++copies}`)
  copyFileSync(process.execPath, path)
  return path
}

function rest(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, REST_MS))
}

function median(footprints: readonly Footprint[], name: keyof Footprint): number {
  return summarize(footprints.map(one => one[name])).median
}

function summaryOf(footprints: readonly Footprint[]): Record<keyof Footprint, number> {
  return {
    pssMb: median(footprints, 'pssMb'),
    rssMb: median(footprints, 'rssMb'),
    privateMb: median(footprints, 'privateMb'),
  }
}
