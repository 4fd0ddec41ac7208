/** Sees to it that the region knows a profile before a frame of it comes. */
import type { ProfileId } from '../protocol/index.ts'

export class ProfileTeller {
  readonly #tell: (id: ProfileId) => void
  readonly #told = new Set<ProfileId>()

  /** @param tell - says the profile to the region */
  constructor(tell: (id: ProfileId) => void) {
    this.#tell = tell
  }

  /** To be called ahead of each frame. */
  before(id: ProfileId): void {
    if (this.#told.has(id)) return
    this.#told.add(id)
    this.#tell(id)
  }

  /** What was told may be lost: each profile is told again with its next frame. */
  reset(): void {
    this.#told.clear()
  }
}
