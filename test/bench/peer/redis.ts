/** A Redis server of our own: a free port of the loopback address, nothing on disk. */
import { spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { freePort, until, type Workplace } from '../workplace.ts'

export interface Redis {
  readonly port: number
  readonly version: string
}

const COMMAND = 'redis-server'

/** Starts it and waits until it listens; null when this machine has none. */
export async function startRedis(place: Workplace): Promise<Redis | null> {
  const version = redisVersion()
  if (version === null) {
    place.say(
      `there is no ${COMMAND} on this machine (on Debian: apt install redis-server), so there is nothing to compare with`,
    )
    return null
  }
  const port = await freePort()
  const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: place.folder(), loglevel: 'warning' }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = place.spawn(COMMAND, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  await until('The start of redis-server', 10_000, () => {
    if (child.process.exitCode !== null) throw new Error(`${COMMAND} ended with code ${child.process.exitCode}.`)
    return listens(port)
  })
  return { port, version }
}

function redisVersion(): string | null {
  const { status, stdout } = spawnSync(COMMAND, ['--version'], { encoding: 'utf8' })
  return status === 0 ? (/v=(\S+)/.exec(stdout)?.[1] ?? 'unknown') : null
}

function listens(port: number): Promise<true | null> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(null))
  })
}
