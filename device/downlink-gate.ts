/** The one door for what the region says: size, signature, shape. Nothing is acted on that the pinned key did not sign. */
import {
  type Ack,
  type Cancel,
  type DownlinkClass,
  decodeAck,
  decodeCancel,
  decodeLease,
  decodeNotice,
  decodePlan,
  decodeReceipt,
  decodeWelcome,
  equalBytes,
  frameAad,
  keyThumbprint,
  type LeaseMessage,
  LIMITS,
  type Notice,
  openSign1,
  type Plan,
  ProtocolError,
  peekSign1,
  type Receipt,
  type Verifier,
  type Welcome,
} from '../protocol/index.ts'
import type { Trust } from './membership.ts'

export type Downlink =
  | { readonly name: 'welcome'; readonly message: Welcome }
  | { readonly name: 'lease'; readonly message: LeaseMessage }
  | { readonly name: 'ack'; readonly message: Ack }
  | { readonly name: 'cancel'; readonly message: Cancel }
  | { readonly name: 'notice'; readonly message: Notice }
  | { readonly name: 'plan'; readonly message: Plan }
  | { readonly name: 'receipt'; readonly message: Receipt }

/**
 * Opens one downlink frame. While the region's key is unknown only a welcome can be opened: it brings the key, whose
 * thumbprint must be the pinned one.
 * @throws {ProtocolError} `bad_claim` when another region answers; otherwise why the frame is refused
 */
export function openDownlink(name: DownlinkClass, frame: Uint8Array, trust: Trust, verifier: Verifier): Downlink {
  if (frame.length > LIMITS.frameBytesMax) {
    throw new ProtocolError({ code: 'bad_frame', reason: 'too large' }, 'The frame is larger than any may be.')
  }
  const key = trust.regionKey ?? introducedKey(name, frame, trust)
  const aad = frameAad({ regionId: trust.regionId, direction: 'dn', device: trust.device, class: name })
  return decodeDownlink(name, openSign1(frame, aad, key, verifier))
}

/** @see spec/clauses.md [JOIN-2.2] */
function introducedKey(name: DownlinkClass, frame: Uint8Array, trust: Trust): Uint8Array {
  if (name !== 'welcome') {
    throw new ProtocolError({ code: 'bad_frame', reason: 'before welcome' }, 'The region spoke before its welcome.')
  }
  const { regionKey } = decodeWelcome(peekSign1(frame).payload)
  if (equalBytes(keyThumbprint(regionKey), trust.regionThumbprint)) return regionKey
  throw new ProtocolError(
    { code: 'bad_claim', reason: 'region key' },
    'Another region answers at this address: its key is not the one in the claim. ' +
      'Nothing was sent to it but the request to join; ask the owner for a new claim code.',
  )
}

function decodeDownlink(name: DownlinkClass, payload: Uint8Array): Downlink {
  switch (name) {
    case 'welcome':
      return { name, message: decodeWelcome(payload) }
    case 'lease':
      return { name, message: decodeLease(payload) }
    case 'ack':
      return { name, message: decodeAck(payload) }
    case 'cancel':
      return { name, message: decodeCancel(payload) }
    case 'notice':
      return { name, message: decodeNotice(payload) }
    case 'plan':
      return { name, message: decodePlan(payload) }
    case 'receipt':
      return { name, message: decodeReceipt(payload) }
  }
}
