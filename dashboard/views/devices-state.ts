/** How a device is, in one word and in a sentence. */
import type { Device } from '../../coordinator/http/admin-api.ts'
import type { Tone } from '../ui/badge.tsx'
import { sentence } from '../ui/format.ts'

/** In the order in which people want to hear of them. */
export const DEVICE_STATES = ['caught', 'offline', 'draining', 'paused', 'working', 'ready', 'revoked'] as const

/**
 * `working` holds leases, `ready` waits for some, `paused` takes none for now by its owner's rules, `draining` gets no more,
 * `caught` returned a wrong result, `revoked` was shut out by the operator.
 */
export type DeviceState = (typeof DEVICE_STATES)[number]

/** What a state is called, and what it means to whoever looks. */
export const DEVICE_STATE_WORDS: Readonly<Record<DeviceState, { readonly title: string; readonly tone: Tone }>> = {
  caught: { title: 'Caught', tone: 'bad' },
  offline: { title: 'Offline', tone: 'warn' },
  draining: { title: 'Draining', tone: 'warn' },
  paused: { title: 'Paused', tone: 'warn' },
  working: { title: 'Working', tone: 'busy' },
  ready: { title: 'Ready', tone: 'good' },
  revoked: { title: 'Revoked', tone: 'quiet' },
}

export function stateOf({ standing, online, drainReason, lastReason, leasesOut }: Device): DeviceState {
  if (standing !== 'joined') return standing
  if (!online) return 'offline'
  if (drainReason !== null) return 'draining'
  if (lastReason !== '') return 'paused'
  return leasesOut > 0 ? 'working' : 'ready'
}

/** Why it is so: a sentence, in the words of whoever decided it where somebody did. */
export function reasonOf(device: Device): string {
  switch (stateOf(device)) {
    case 'caught':
      return sentence(`It ${device.standingReason}`)
    case 'revoked':
      return sentence(device.standingReason)
    case 'offline':
      return 'It is not connected.'
    case 'draining':
      return sentence(`It finishes what it holds: ${device.drainReason}`)
    case 'paused':
      return sentence(device.lastReason)
    case 'working':
      return device.leasesOut === 1 ? 'It works on 1 lease.' : `It works on ${device.leasesOut} leases.`
    case 'ready':
      return 'It waits for work.'
  }
}

/** What people call it: its label, or its id while it has none. */
export function nameOf({ label, id }: Pick<Device, 'label' | 'id'>): string {
  return label === '' ? id : label
}
