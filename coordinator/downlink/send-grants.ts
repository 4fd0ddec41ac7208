/** Leases on their way to devices. Those whose input's digest has to be found out first are held until it is there. */
import { ConfigError, type DeviceId, encodeLease, type JobId, type RunInput } from '../../protocol/index.ts'
import type { GrantEffect } from '../batch.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { PreparedJob } from '../jobs/job.ts'
import { LeaseFrame } from './lease-frame.ts'
import { runInput } from './run-input.ts'

export interface GrantComponents {
  blobs: Pick<BlobStore, 'read' | 'digestOf'>
  /** The session of a connected device, or null. */
  sessionOf(device: DeviceId): number | null
  /** What is known of a running job, or null when it has ended meanwhile. */
  preparedJob(job: JobId): PreparedJob | null
  /** The job's input is gone or damaged. */
  failJob(job: JobId, reason: string): void
  /** Sends one lease message. */
  send(device: DeviceId, payload: Uint8Array): void
}

export class GrantSender {
  readonly #components: GrantComponents
  /** By lease: the grant that waits for its digest, the newest when a lease was granted again to a device that came back. */
  readonly #held = new Map<number, GrantEffect>()

  constructor(components: GrantComponents) {
    this.#components = components
  }

  /** Sends grants of one device, as few messages as they fit; jobs that are over or lost their input get none. */
  send(device: DeviceId, session: number, effects: readonly GrantEffect[]): void {
    let frame = new LeaseFrame()
    for (const effect of effects) {
      const prepared = this.#components.preparedJob(effect.job)
      const input = prepared && this.#inputOf(prepared, effect)
      if (!prepared || input === undefined) continue
      if (input instanceof Promise) {
        void this.#hold(effect, session, input)
        continue
      }
      if (!frame.hasRoom(prepared, input)) {
        this.#sendFrame(device, session, frame)
        frame = new LeaseFrame()
      }
      frame.add(effect, prepared, input)
    }
    this.#sendFrame(device, session, frame)
  }

  /** Takes back a lease that was held. @returns false when its device may have it */
  takeBack(leaseId: number): boolean {
    return this.#held.delete(leaseId)
  }

  /** Undefined when the job's input cannot be read any more; the job has been failed then. */
  #inputOf(prepared: PreparedJob, effect: GrantEffect): RunInput | Promise<RunInput> | undefined {
    try {
      return runInput(this.#components.blobs, prepared, effect)
    } catch (error) {
      this.#fail(effect.job, error)
      return undefined
    }
  }

  async #hold(effect: GrantEffect, session: number, found: Promise<RunInput>): Promise<void> {
    const { device, leaseId, job } = effect
    this.#held.set(leaseId, effect)
    const input = await found.catch((error: unknown) => {
      this.#fail(job, error)
      return undefined
    })
    if (this.#held.get(leaseId) !== effect) return
    this.#held.delete(leaseId)
    const prepared = this.#components.preparedJob(job)
    // A device that has connected anew meanwhile was granted its leases again.
    if (input === undefined || prepared === null || this.#components.sessionOf(device) !== session) return
    const frame = new LeaseFrame()
    frame.add(effect, prepared, input)
    this.#sendFrame(device, session, frame)
  }

  #sendFrame(device: DeviceId, session: number, { tasks, grants }: LeaseFrame): void {
    if (grants.length > 0) this.#components.send(device, encodeLease({ session, tasks, grants }))
  }

  #fail(job: JobId, error: unknown): void {
    if (!(error instanceof ConfigError)) throw error
    this.#components.failJob(job, error.message)
  }
}
