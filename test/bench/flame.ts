/** What takes a process's time: samples of a V8 `.cpuprofile` folded into a tree of calls, and added up by room. */
import { readFileSync } from 'node:fs'

interface CallFrame {
  readonly functionName: string
  readonly url: string
}

/** What is used here of the file that `node --cpu-prof` writes; times are microseconds of the system's monotonic clock. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: CallFrame
    readonly children?: readonly number[]
  }[]
  readonly startTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** From and to, in microseconds of `process.hrtime`, which every process of the machine shares. */
export type TimeSpan = readonly [fromUs: number, toUs: number]

/** A function that was running, with what it called. */
export interface FlameNode {
  /** `function file`, the file as a path of this repository or a package's name. */
  readonly name: string
  /** The department that the time counts for, such as `coordinator/store`. Native code counts for whoever called it. */
  readonly room: string
  /** Inclusive. */
  us: number
  readonly children: Map<string, FlameNode>
}

export interface Flame {
  /** Everything but waiting. */
  readonly root: FlameNode
  /** Waiting for something to do. */
  readonly idleUs: number
}

/** Shares of the time in which the process was not waiting, in per cent, the largest first. */
export type Shares = readonly (readonly [name: string, percent: number])[]

const NODE_ROOM = 'node'
const GC_ROOM = 'garbage collector'

/** Reads a profile and folds the samples that fall into one of the spans. @throws {Error} when it holds none of them */
export function readFlame(path: string, spans: readonly TimeSpan[]): Flame {
  const profile = JSON.parse(readFileSync(path, 'utf8')) as CpuProfile
  const flame = foldProfile(profile, spans)
  if (flame.root.us === 0) throw new Error(`The profile ${path} holds nothing of the time that was measured.`)
  return flame
}

/** Folds the samples that fall into one of the spans. */
export function foldProfile(profile: CpuProfile, spans: readonly TimeSpan[]): Flame {
  const paths = pathsOf(profile)
  const root: FlameNode = { name: 'all', room: NODE_ROOM, us: 0, children: new Map() }
  let idleUs = 0
  let atUs = profile.startTime
  for (const [index, id] of profile.samples.entries()) {
    atUs += profile.timeDeltas[index] ?? 0
    // A sample stands for the time until the next one.
    const us = profile.timeDeltas[index + 1] ?? 0
    if (!spans.some(([fromUs, toUs]) => atUs >= fromUs && atUs < toUs)) continue
    const frames = paths.get(id) ?? []
    if (frames.at(-1)?.functionName === '(idle)') idleUs += us
    else addSample(root, frames, us)
  }
  return { root, idleUs }
}

/** The calls that lead to every node, outermost first. */
function pathsOf({ nodes }: CpuProfile): Map<number, readonly CallFrame[]> {
  const byId = new Map(nodes.map(node => [node.id, node]))
  const paths = new Map<number, readonly CallFrame[]>()
  const walk = (id: number, above: readonly CallFrame[]): void => {
    const node = byId.get(id)
    if (node === undefined) return
    const path = node.callFrame.functionName === '(root)' ? above : [...above, node.callFrame]
    paths.set(id, path)
    for (const child of node.children ?? []) walk(child, path)
  }
  const [first] = nodes
  if (first !== undefined) walk(first.id, [])
  return paths
}

function addSample(root: FlameNode, frames: readonly CallFrame[], us: number): void {
  root.us += us
  let at = root
  for (const frame of frames) {
    const { name, room } = describe(frame, at.room)
    let next = at.children.get(name)
    if (next === undefined) {
      next = { name, room, us: 0, children: new Map() }
      at.children.set(name, next)
    }
    next.us += us
    at = next
  }
}

/** What a frame is called, and whose time it is. Paths of this machine are left out. */
function describe({ functionName, url }: CallFrame, callerRoom: string): { name: string; room: string } {
  const name = functionName === '' ? '(anonymous)' : functionName
  if (name === '(garbage collector)') return { name, room: GC_ROOM }
  const library = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
  if (library !== undefined) return { name: `${name} ${library}`, room: library }
  const file = /\/((?:protocol|coordinator|cli|client)\/[^?]+)$/.exec(url)?.[1]
  if (file !== undefined) return { name: `${name} ${file}`, room: roomOf(file) }
  return { name: url === '' ? name : `${name} ${url}`, room: callerRoom }
}

/** The first two levels of a path, and no file. */
function roomOf(file: string): string {
  return file.split('/').slice(0, -1).slice(0, 2).join('/')
}

/** How the time is shared among rooms. */
export function byRoom({ root }: Flame): Shares {
  const spent = new Map<string, number>()
  visit(root, node => spent.set(node.room, (spent.get(node.room) ?? 0) + selfUs(node)))
  return shares(spent, root.us)
}

/** How the time is shared among functions, each without what it called. */
export function byFunction({ root }: Flame): Shares {
  const spent = new Map<string, number>()
  visit(root, node => spent.set(node.name, (spent.get(node.name) ?? 0) + selfUs(node)))
  return shares(spent, root.us)
}

function visit(node: FlameNode, see: (node: FlameNode) => void): void {
  see(node)
  for (const child of node.children.values()) visit(child, see)
}

function selfUs(node: FlameNode): number {
  let us = node.us
  for (const child of node.children.values()) us -= child.us
  return us
}

function shares(spent: ReadonlyMap<string, number>, allUs: number): Shares {
  const list = [...spent].map(([name, us]) => [name, Math.round((us * 1_000) / allUs) / 10] as const)
  return list.filter(([, percent]) => percent > 0).sort((a, b) => b[1] - a[1])
}
