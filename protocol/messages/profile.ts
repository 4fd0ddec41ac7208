/** A profile on its way to the coordinator, ahead of the frames whose columns it explains. */
import { encode } from '../cbor/index.ts'
import { PROFILE_FIELDS, profileFields, readProfile } from '../readings/profile.ts'
import type { ProfileMessage } from '../readings/types.ts'
import { Reader } from './read.ts'

/** The payload of a profile message. */
export function encodeProfileMessage({ session, seq, profile }: ProfileMessage): Uint8Array {
  return encode([session, seq, profileFields(profile)])
}

/**
 * Reads a profile message. Since a profile has one byte form, its id is that of the profile encoded again.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [READ-1.1]
 */
export function decodeProfileMessage(bytes: Uint8Array): ProfileMessage {
  const read = Reader.open('profile', bytes, 3)
  return {
    session: read.uint('session'),
    seq: read.uint('seq'),
    profile: readProfile(read.record('profile', PROFILE_FIELDS)),
  }
}
