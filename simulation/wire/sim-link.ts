/** The device's link over simulated connections, with what a faulty broker or an ill-behaved device adds to it. */
import type { Link } from '../../device/link/index.ts'
import {
  DOWNLINK_CLASSES,
  deviceTopic,
  downlinkFilter,
  parseTopic,
  TransportError,
  type UplinkClass,
} from '../../protocol/index.ts'
import { happens } from '../world/chance.ts'
import { MqttConnection, type MqttParts } from './mqtt-client.ts'

/** Frames that a broker in between may deliver once more after a reconnect. */
const REMEMBERED = 6

export interface LinkManners {
  /** How often each frame is sent; 1 is right. */
  readonly copies: number
  /** Share of frames that bytes follow which are no MQTT. */
  readonly garbageRate: number
}

interface Sent {
  readonly topic: string
  readonly frame: Uint8Array
}

/** @param sent - what earlier connections of this machine sent last; outlives its processes */
export function simLink(parts: MqttParts, manners: LinkManners, sent: Sent[]): Link {
  const { world, site } = parts
  return {
    async connect(target, handlers) {
      const login = {
        clientId: target.device,
        username: 'device',
        password: target.password,
        filter: downlinkFilter(target.region, target.device),
        qos: 0,
      } as const
      let isClosed = false
      const connection = await MqttConnection.open(parts, login, {
        message: (topic, payload) => {
          const parsed = parseTopic(topic)
          const name = DOWNLINK_CLASSES.find(known => parsed?.kind === 'device' && known === parsed.class)
          if (!isClosed && name !== undefined) handlers.downlink(name, payload)
        },
        closed: () => {
          if (!isClosed) handlers.closed()
        },
      })
      for (const { topic, frame } of sent.splice(0)) {
        if (!happens(site.random, site.redeliveryRate)) continue
        world.log.sometimes('frame delivered again after a reconnect')
        connection.publish(topic, frame, { dup: true })
      }
      return {
        publish: async (name: UplinkClass, frame: Uint8Array) => {
          const { region, device } = target
          const topic = deviceTopic({ region, device, direction: 'up', class: name })
          for (let copy = 0; copy < manners.copies; copy++) {
            if (connection.publish(topic, frame)) continue
            throw new TransportError({ code: 'closed', address: target.address }, 'The simulated connection is closed.')
          }
          sent.push({ topic, frame })
          if (sent.length > REMEMBERED) sent.shift()
          if (happens(site.random, manners.garbageRate)) connection.writeRaw(site.random.bytes(24))
        },
        close: () => {
          isClosed = true
          connection.close()
        },
      }
    },
  }
}

export type { Sent as SentFrame }
