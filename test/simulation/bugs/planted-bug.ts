/** A mistake that is put into one source file as it is loaded; the file itself stays as it is. */
export interface PlantedBug {
  readonly id: string
  /** From the root of the repository. */
  readonly file: string
  /** Is in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** What does not hold any more. */
  readonly breaks: string
}
