import {
  assert,
  decodeProfile,
  encodeProfile,
  type Profile,
  type ProfileId,
  profileIdOf,
} from '../../protocol/index.ts'
import type { Samples } from '../store/index.ts'

/** The profiles of what is kept, decoded once. */
export class Profiles {
  readonly #samples: Samples
  readonly #known = new Map<ProfileId, Profile>()

  constructor(samples: Samples) {
    this.#samples = samples
  }

  /** A profile that something kept is of. */
  get(id: ProfileId): Profile {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const body = this.#samples.profile(id)
    assert(body !== null, 'a profile is kept for as long as readings of it')
    const profile = decodeProfile(body)
    this.#known.set(id, profile)
    return profile
  }

  /** Keeps a profile, within a transaction of the caller. */
  keep(profile: Profile): ProfileId {
    const body = encodeProfile(profile)
    const id = profileIdOf(body)
    this.#samples.saveProfile(id, body)
    return id
  }
}
