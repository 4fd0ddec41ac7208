/** Devices and jobs as they are now: asked for once, then kept up to date by the stream, and shared by all who show them. */
import { effect, type ReadonlySignal, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Device, Job } from '../../coordinator/http/admin-api.ts'
import type { LiveEvents } from '../../coordinator/http/live-api.ts'
import { messageOf } from '../../protocol/index.ts'
import { askJson } from './client.ts'
import { onLive, streamRound } from './live.ts'
import { role, token } from './session.ts'

interface LiveListInit<Row> {
  /** Who may ask for it; nobody else's page does. */
  readonly roles: readonly string[]
  readonly path: string
  /** The event that tells of rows that changed. */
  readonly event: keyof LiveEvents
  rowsOf(event: never): readonly Row[]
}

/** Rows by their id, kept up to date while at least one part of the page shows them. */
export class LiveList<Row extends { readonly id: string }> {
  readonly #rows = signal<ReadonlyMap<string, Row> | null>(null)
  readonly #problem = signal<string | null>(null)
  readonly #init: LiveListInit<Row>
  /** Rows that were told of while the list was on its way: they are newer than it. */
  #meanwhile: Row[] = []
  #users = 0
  #stop = () => {}

  constructor(init: LiveListInit<Row>) {
    this.#init = init
  }

  /** Null until they came for the first time, and for whoever may not see them. */
  get rows(): ReadonlySignal<ReadonlyMap<string, Row> | null> {
    return this.#rows
  }

  /** Why they did not come the last time; null when they did. */
  get problem(): ReadonlySignal<string | null> {
    return this.#problem
  }

  /** Takes a row that a call answered with, before the stream tells of it. */
  take(row: Row): void {
    this.#merge([row])
  }

  /** Keeps the list up to date until it is let go. @returns lets it go */
  hold(): () => void {
    if (this.#users++ === 0) this.#stop = this.#start()
    return () => {
      if (--this.#users === 0) this.#stop()
    }
  }

  #start(): () => void {
    const { event, rowsOf } = this.#init
    const stopHearing = onLive<never>(event, data => this.#merge(rowsOf(data)))
    let askedWith: string | null | undefined
    const stopAsking = effect(() => {
      const bearer = token.value
      void streamRound.value
      if (bearer !== askedWith) this.#rows.value = null
      askedWith = bearer
      if (!this.#init.roles.includes(role.value)) return
      const abort = new AbortController()
      void this.#ask(abort.signal)
      return () => abort.abort()
    })
    return () => {
      stopHearing()
      stopAsking()
    }
  }

  async #ask(stop: AbortSignal): Promise<void> {
    this.#meanwhile = []
    try {
      const rows = await askJson<Row[]>(this.#init.path, { signal: stop })
      this.#rows.value = new Map([...rows, ...this.#meanwhile].map(row => [row.id, row]))
      this.#problem.value = null
    } catch (thrown) {
      if (!stop.aborted) this.#problem.value = messageOf(thrown)
    }
  }

  #merge(rows: readonly Row[]): void {
    this.#meanwhile.push(...rows)
    if (this.#rows.value === null) return
    const merged = new Map(this.#rows.value)
    for (const row of rows) merged.set(row.id, row)
    this.#rows.value = merged
  }
}

/** All devices for the operator, an owner's own for an owner. */
export const devices = new LiveList<Device>({
  roles: ['owner', 'operator'],
  path: '/api/devices',
  event: 'devices',
  rowsOf: (event: LiveEvents['devices']) => event.devices,
})

/** All jobs for the operator, a submitter's own for a submitter. */
export const jobs = new LiveList<Job>({
  roles: ['submitter', 'operator'],
  path: '/api/jobs',
  event: 'jobs',
  rowsOf: (event: LiveEvents['jobs']) => event.jobs,
})

/** What is known of a list by now, kept up to date while the component that asks is shown. */
export function useLiveList<Row extends { readonly id: string }>(list: LiveList<Row>) {
  useEffect(() => list.hold(), [list])
  return { rows: list.rows.value, problem: list.problem.value }
}
