/** Who is enrolled, and in which standing. */
import { type DeviceEntry, deviceIdOf, type StandingEntry } from '../../protocol/index.ts'
import type { Scene } from './scene.ts'

/** A device as the log has it. */
export interface KnownDevice {
  readonly publicKey: Uint8Array
  readonly owner: string
  readonly joinedAtMs: number
  standing: StandingEntry['standing']
  standingReason: string
  /** It was caught or revoked at some time, though it may be reinstated. */
  wasOut: boolean
}

/** The rules of devices. */
export class DeviceRules {
  private readonly scene: Scene
  private readonly devices = new Map<string, KnownDevice>()

  constructor(scene: Scene) {
    this.scene = scene
  }

  get count(): number {
    return this.devices.size
  }

  all(): IterableIterator<[string, KnownDevice]> {
    return this.devices.entries()
  }

  find(id: string): KnownDevice | undefined {
    return this.devices.get(id)
  }

  enrol({ device, publicKey, owner, atMs }: DeviceEntry): void {
    const expected = deviceIdOf(publicKey)
    if (expected !== device)
      this.scene.broken('device.key', `device ${device} is enrolled with the key of ${expected}.`)
    if (this.devices.has(device)) this.scene.broken('device.twice', `device ${device} is enrolled again.`)
    this.devices.set(device, {
      publicKey,
      owner,
      joinedAtMs: atMs,
      standing: 'joined',
      standingReason: '',
      wasOut: false,
    })
  }

  stand({ device, standing, reason }: StandingEntry): void {
    const known = this.expect(device, 'the standing changes of')
    if (known === undefined) return
    known.standing = standing
    known.standingReason = reason
    known.wasOut ||= standing !== 'joined'
  }

  /**
   * A device is paid for work.
   * @param again - for a second look: who has left since is paid for it all the same
   */
  checkPaid(device: string, again: boolean): void {
    const known = this.expect(device, 'a payment goes to')
    if (known === undefined || (again && known.standing === 'revoked')) return
    if (known.standing !== 'joined') {
      this.scene.broken('pay.standing', `${device} is paid, and it is ${known.standing}.`)
    }
  }

  /** A device; a broken rule when it is not enrolled. */
  expect(device: string, what: string): KnownDevice | undefined {
    const known = this.devices.get(device)
    if (known === undefined) this.scene.broken('device.unknown', `${what} ${device}, which is not enrolled.`)
    return known
  }
}
