/** The ceiling of moving a file to several processes of one machine: a plain HTTP server and loops that fetch and hash. */
import { once } from 'node:events'
import { join } from 'node:path'
import type { Workplace } from '../workplace.ts'

/** Bytes [start, end) of the file. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface FetchOrder {
  readonly port: number
  readonly ranges: readonly Range[]
}

export interface RangePeer {
  /** Moves every range once, dealt out in turn. @returns milliseconds from the first request to the last hash */
  run(ranges: readonly Range[]): Promise<number>
}

/** Starts the server and the fetchers, each a process of its own. */
export async function startRangePeer(place: Workplace, path: string, fetchers: number): Promise<RangePeer> {
  const start = async (file: string, args: readonly string[]) => {
    const child = place.spawn(process.execPath, [join(import.meta.dirname, file), ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const [said] = await once(child.process, 'message')
    return { process: child.process, said: said as unknown }
  }
  const { said: port } = await start('range-server.ts', [path])
  const loops = await Promise.all(Array.from({ length: fetchers }, () => start('range-fetcher.ts', [])))
  return {
    run: async ranges => {
      const startMs = performance.now()
      const answers = loops.map(async ({ process }, index): Promise<number> => {
        const order: FetchOrder = { port: Number(port), ranges: ranges.filter((_, i) => i % fetchers === index) }
        const answer = once(process, 'message')
        process.send(order)
        return Number((await answer)[0])
      })
      const moved = (await Promise.all(answers)).reduce((sum, bytes) => sum + bytes, 0)
      const wanted = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
      if (moved !== wanted) throw new Error(`The peer moved ${moved} of ${wanted} bytes.`)
      return performance.now() - startMs
    },
  }
}
