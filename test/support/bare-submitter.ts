/** A submitter with nothing but a stock MQTT client: publishes JSON, reads JSON. */
import mqtt, { type MqttClient } from 'mqtt'
import { eventually } from './eventually.ts'

export interface Received {
  /** The topic below the submitter's own level, such as `refused` or `<job>/status`. */
  readonly topic: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON as it came.
  readonly body: any
}

export interface BareSubmitterInit {
  readonly mqttUrl: string
  readonly region: string
  readonly name: string
  readonly token: string
}

export class BareSubmitter {
  readonly received: Received[] = []
  readonly client: MqttClient
  readonly token: string
  readonly #below: string

  private constructor(client: MqttClient, token: string, below: string) {
    this.client = client
    this.token = token
    this.#below = below
    client.on('message', (topic, payload) => {
      this.received.push({ topic: topic.slice(below.length), body: JSON.parse(payload.toString()) })
    })
    client.on('error', () => undefined)
  }

  /** Connects and subscribes to everything that is the submitter's. Rejects with the broker's answer. */
  static async connect({ mqttUrl, region, name, token }: BareSubmitterInit): Promise<BareSubmitter> {
    const below = `hr/1/${region}/jobs/${name}/`
    const options = { username: name, password: token, protocolVersion: 4, reconnectPeriod: 0 } as const
    const client = await mqtt.connectAsync(mqttUrl, options)
    const submitter = new BareSubmitter(client, token, below)
    await client.subscribeAsync(`${below}#`, { qos: 1 })
    return submitter
  }

  /** Publishes below the submitter's level: an object as JSON, a text or bytes as they are. */
  async publish(topic: string, payload: unknown = ''): Promise<void> {
    const raw = typeof payload === 'string' || Buffer.isBuffer(payload)
    await this.client.publishAsync(`${this.#below}${topic}`, raw ? payload : JSON.stringify(payload), { qos: 1 })
  }

  /** The first message that fits, whether it has come already or not. */
  message(what: string, fits: (message: Received) => boolean): Promise<Received> {
    return eventually(what, () => this.received.find(fits))
  }

  /** Submits and waits for the answer: a job's status, or a refusal. */
  async submit(job: Record<string, unknown>): Promise<Received> {
    const from = this.received.length
    await this.publish('submit', job)
    return eventually('an answer to the submission', () =>
      this.received.slice(from).find(({ topic }) => topic === 'refused' || topic.endsWith('/status')),
    )
  }

  /** The result of a job. */
  async result(job: string): Promise<Received['body']> {
    return (await this.message(`the result of ${job}`, ({ topic }) => topic === `${job}/result`)).body
  }

  close(): void {
    this.client.end(true)
  }
}
