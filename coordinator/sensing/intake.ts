/** The department's door for what devices send: finds the profile of a frame, reads it whole, and looks whether it is there already. */
import {
  assert,
  type DeviceId,
  decodeProfile,
  decodeReading,
  encodeProfile,
  type Profile,
  type ProfileId,
  ProtocolError,
  profileIdOf,
  type ReadingHead,
} from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Now } from '../jobs/jobs.ts'
import type { Store } from '../store/rows.ts'
import type { Sensing } from './sensing.ts'

/** What became of a frame. Only one whose profile is unknown is not acknowledged: the device sends both again. */
export type ReadingOutcome = 'taken' | 'repeated' | 'foreign' | 'malformed' | 'profile_unknown'

export interface ReadingIntake {
  profile(profile: Profile, batch: Batch): void
  reading(
    device: DeviceId,
    uplink: ReadingHead & { readonly payload: Uint8Array; readonly frame: Uint8Array },
    now: Now,
    batch: Batch,
  ): ReadingOutcome
  /** A profile that was stored, or announced and not committed yet; null when it never was. */
  profileOf(id: ProfileId): Profile | null
  /** The profile that a stored frame names, which is stored before any of its frames. */
  storedProfile(id: ProfileId): Profile
}

/** Profiles kept in memory; a region's devices have a few each. The others are read again. */
const PROFILES_MAX = 4_096

export function createReadingIntake(
  store: Pick<Store, 'profile' | 'hasFrame'>,
  sensing: Pick<Sensing, 'keepProfile' | 'reading'>,
): ReadingIntake {
  const known = new Map<ProfileId, Profile>()

  const remember = (id: ProfileId, profile: Profile): Profile => {
    if (known.size >= PROFILES_MAX) {
      const oldest = known.keys().next().value
      if (oldest !== undefined) known.delete(oldest)
    }
    known.set(id, profile)
    return profile
  }

  const profileOf = (id: ProfileId): Profile | null => {
    const held = known.get(id)
    if (held !== undefined) return held
    const row = store.profile(id)
    return row === null ? null : remember(id, decodeProfile(row.bytes))
  }

  return {
    profileOf,
    storedProfile(id) {
      const profile = profileOf(id)
      assert(profile, 'a stored frame has a stored profile')
      return profile
    },
    profile(profile, batch) {
      const bytes = encodeProfile(profile)
      const id = profileIdOf(bytes)
      if (profileOf(id) !== null) return
      remember(id, profile)
      sensing.keepProfile(id, bytes, profile, batch)
    },
    reading(device, { seq, profile: id, payload, frame: bytes }, now, batch) {
      const profile = profileOf(id)
      if (profile === null) return 'profile_unknown'
      try {
        const frame = decodeReading(payload, profile)
        return sensing.reading(device, { frame, profile, bytes }, store.hasFrame(device, seq), now, batch)
      } catch (thrown) {
        if (!(thrown instanceof ProtocolError)) throw thrown
        return 'malformed'
      }
    },
  }
}
