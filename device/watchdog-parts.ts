/** Parts of a device with a watchdog looking at them. What a part does is not changed. */
import type { Sensor } from '../hardware/sensor.ts'
import type { Connection, Link } from './link/index.ts'
import type { OpenSensors } from './sampling/index.ts'
import type { Watchdog } from './watchdog.ts'
import type { Runner } from './work/runner.ts'

/** The owner's rules are judged every 5 s. */
const HEALTH_MS = 60_000
/** Longer than every try to connect, with its time limit. */
const CONNECT_MS = 180_000
/** A connected device speaks at each heartbeat, at most 10 min apart; one that is not tries again within 2 min. */
const LINK_MS = 1_260_000
/** To compile a module and to end a sandbox that does not listen, besides the time of its units. */
const RUN_EXTRA_MS = 300_000
/** No sensor is asked for longer. */
const SAMPLE_MS = 300_000

/** Whatever is read every few seconds to judge the owner's rules. */
export function watchedReader<Value>(read: () => Value, watchdog: Watchdog | null): () => Value {
  if (watchdog === null) return read
  return () => {
    watchdog.turned('health', HEALTH_MS)
    return read()
  }
}

export function watchedLink(link: Link, watchdog: Watchdog | null): Link {
  if (watchdog === null) return link
  const turned = () => watchdog.turned('link', LINK_MS)
  return {
    async connect(target, handlers): Promise<Connection> {
      turned()
      const connecting = link.connect(target, {
        downlink: (name, frame) => {
          turned()
          handlers.downlink(name, frame)
        },
        closed: () => {
          turned()
          handlers.closed()
        },
      })
      const connection = await watchdog.expect('link', CONNECT_MS, connecting)
      return {
        publish: (name, frame) => {
          turned()
          return connection.publish(name, frame)
        },
        close: () => connection.close(),
      }
    },
  }
}

export function watchedRunner(runner: Runner, watchdog: Watchdog | null): Runner {
  if (watchdog === null) return runner
  return {
    run: (request, signal) => {
      const withinMs = request.inputs.length * request.unitTimeoutMs + RUN_EXTRA_MS
      return watchdog.expect('work', withinMs, runner.run(request, signal))
    },
    close: () => runner.close(),
  }
}

export function watchedSensors(open: OpenSensors, watchdog: Watchdog | null): OpenSensors {
  if (watchdog === null) return open
  return async config => {
    const opened = await open(config)
    return opened.map(one => ({ ...one, sensor: watchedSensor(one.sensor, watchdog) }))
  }
}

function watchedSensor(sensor: Sensor, watchdog: Watchdog): Sensor {
  const { model, serial, channels } = sensor
  const recordings = sensor.recordings?.bind(sensor)
  return {
    model,
    serial,
    channels,
    sample: () => watchdog.expect('sampling', SAMPLE_MS, sensor.sample()),
    health: () => sensor.health(),
    ...(recordings === undefined ? {} : { recordings }),
    close: () => sensor.close(),
  }
}
