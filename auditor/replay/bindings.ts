/** Addresses that devices have bound their earnings to, each by a statement under the device's own key. */
import {
  type BindingEntry,
  type DeviceId,
  decodeStatement,
  equalBytes,
  frameAad,
  messageOf,
  openSign1,
  type RegionId,
  type Statement,
  type Verifier,
} from '../../protocol/index.ts'
import type { DeviceRules } from './devices.ts'
import type { Scene } from './scene.ts'

/** A binding as the log has it, with the number of its statement. */
export interface KnownBinding {
  readonly entry: BindingEntry
  readonly seq: number
}

/** The rules of bindings. */
export class BindingRules {
  private readonly scene: Scene
  private readonly devices: DeviceRules
  private readonly verifier: Verifier
  private readonly regionId: () => RegionId | null
  private readonly known: KnownBinding[] = []
  private readonly seqs = new Map<string, number>()

  constructor(scene: Scene, devices: DeviceRules, verifier: Verifier, regionId: () => RegionId | null) {
    this.scene = scene
    this.devices = devices
    this.verifier = verifier
    this.regionId = regionId
  }

  get count(): number {
    return this.known.length
  }

  all(): readonly KnownBinding[] {
    return this.known
  }

  bind(entry: BindingEntry): void {
    const { device, address, atMs, effectiveAtMs } = entry
    const signed = this.open(entry)
    if (effectiveAtMs < atMs) {
      this.scene.broken(
        'binding.effect',
        `the address of ${device} counts from ${effectiveAtMs} and is bound at ${atMs}.`,
      )
    }
    if (signed === null) return
    if (!equalBytes(signed.address, address)) {
      this.scene.broken('binding.statement', `${device} has signed another address than the one that is bound.`)
    }
    const last = this.seqs.get(device) ?? 0
    if (signed.seq <= last) {
      this.scene.broken('binding.order', `statement ${signed.seq} of ${device} is used, and ${last} was before.`)
    }
    this.seqs.set(device, Math.max(last, signed.seq))
    this.known.push({ entry, seq: signed.seq })
  }

  private open({ device, statement }: BindingEntry): { seq: number; address: Uint8Array } | null {
    const known = this.devices.expect(device, 'an address is bound for')
    const region = this.regionId()
    if (known === undefined || region === null) return null
    try {
      const opened = this.openStatement(statement, region, device, known.publicKey)
      if (opened.kind === 'payout-address') return opened
      this.scene.broken('binding.statement', `${device} has signed a statement of another kind, '${opened.kind}'.`)
    } catch (error) {
      this.scene.broken('binding.statement', `the statement of ${device} does not hold: ${messageOf(error)}`)
    }
    return null
  }

  private openStatement(frame: Uint8Array, regionId: RegionId, device: DeviceId, publicKey: Uint8Array): Statement {
    const aad = frameAad({ regionId, direction: 'up', device, class: 'statement' })
    return decodeStatement(openSign1(frame, aad, publicKey, this.verifier))
  }
}
