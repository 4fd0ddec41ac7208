/** Every way in which a device gets no lease although there is work: one word for programs, and the end of a sentence for people. */

/** Whatever the job: the device as it is. Each lasts until it ends, but the last two, which pass with the next answer. */
export const DEVICE_PASSES = ['standing', 'offline', 'drained', 'paused', 'full', 'resting'] as const
export type DevicePass = (typeof DEVICE_PASSES)[number]

/** Of one job. */
export const JOB_PASSES = [
  'price',
  'abi',
  'metering',
  'memory',
  'late',
  'first_answer',
  'unproven',
  'in_hand',
  'owner_share',
  'has_spoken',
  'budget',
  'not_asked',
  'being_checked',
  'maintenance',
] as const
export type JobPass = (typeof JOB_PASSES)[number]

/** Why a device was passed over. */
export interface Pass<Kind extends string> {
  readonly kind: Kind
  /** Such as `it is offline`. */
  readonly reason: string
}

/** Those that last until something ends them; the others are moments. */
const LASTING: readonly string[] = ['standing', 'offline', 'drained', 'paused'] satisfies DevicePass[]

export const lasts = (kind: string): boolean => LASTING.includes(kind)

/** A reason that differs from another in what was measured alone is the same reason. */
export const withoutNumbers = (reason: string): string => reason.replace(/\d+(\.\d+)?/g, '#')
