/** What the processes of the load generator are told, and what they answer; all of it crosses an IPC channel as JSON. */
import type { LoadCounts } from './load-device.ts'

/** What a load process is asked to do. Times it does not know are its own to choose. */
export type LoadCommand =
  /** One device for each claim connects, joins and says hello. */
  | { readonly kind: 'enter'; readonly claims: readonly string[] }
  /** So many clients connect under names of devices, subscribe, and are silent. */
  | { readonly kind: 'idle'; readonly count: number }
  /** Every device says that it is there, again and again, each as soon as its last word was taken. */
  | { readonly kind: 'heartbeats'; readonly forMs: number }
  | { readonly kind: 'count' }
  /** Devices whose connection was lost come back. */
  | { readonly kind: 'come-back' }

export interface LoadReply {
  /** Devices that entered or came back, clients that connected, heartbeats that were taken. */
  readonly done: number
  readonly failed: number
  /** Why the first of those that failed did; empty when none did. */
  readonly reason: string
  readonly counts: LoadCounts
}

/** A client that follows its own inbox, as devices do, or what the region says to everybody. */
export interface Subscriber {
  readonly kind: 'device' | 'submitter'
  /** It stops reading once it has subscribed. */
  readonly isFrozen: boolean
}

/** The level below `out` that healthy submitters follow; frozen ones follow all there are. */
export const FOR_ALL = 'weather'

export type SubscriberCommand =
  | { readonly kind: 'subscribe'; readonly subscribers: readonly Subscriber[] }
  /** Tells the gaps since the last time it was asked. */
  | { readonly kind: 'gaps' }

export interface SubscriberReply {
  /** Ids of those that have subscribed, in their order. */
  readonly ids: readonly string[]
  /** From each delivery to a healthy subscriber to its next one. */
  readonly gapsMs: readonly number[]
  /** Connections that the broker has ended so far. */
  readonly thrownOut: number
}

/** What the process of a coordinator or of a broker is asked: for `memory` it collects what is not needed any more first. */
export type ServerQuestion = 'memory' | 'cpu'

export interface ServerReply {
  /** Live objects, and what lies outside of V8's heap on their behalf. */
  readonly heapBytes: number
  readonly residentBytes: number
  /** Processor time since the start. */
  readonly cpuMs: number
}

/** A question with the number that its answer carries. */
export interface Asked<Question> {
  readonly number: number
  readonly question: Question
}

export interface Answered<Answer> {
  readonly number: number
  readonly answer: Answer
}

/** The first message of a server process. */
export interface Listening {
  readonly listening: { readonly mqttUrl: string; readonly httpUrl: string; readonly adminToken: string }
}
