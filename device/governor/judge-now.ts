import type { Clock } from '../../protocol/index.ts'
import { Governor, type Verdict } from './governor.ts'
import type { HostReader } from './host-reader.ts'
import { localTime } from './local-time.ts'
import type { GovernorPolicy } from './policy.ts'

/** A verdict of one moment; its reason would speak of waits. */
export type Judgement = Omit<Verdict, 'reason'>

/**
 * What every rule says of this moment, without the waits by which a device keeps from fluttering.
 * @param lookMs - between two looks: over it load is measured, and topics have time to be heard
 */
export async function judgeNow(
  policy: GovernorPolicy,
  reader: Pick<HostReader, 'read'>,
  clock: Clock,
  lookMs: number,
): Promise<readonly Judgement[]> {
  const conditions = policy.conditions.map(condition => ({ ...condition, forMs: 0 }))
  const governor = new Governor({ ...policy, recoveryMs: 0, loadWindowMs: lookMs, idleMs: 0, conditions })
  const look = () => {
    const monotonicMs = clock.monotonicMs()
    governor.judge(reader.read(), { monotonicMs, local: localTime(clock.wallMs()) })
  }
  look()
  await new Promise<void>(resolve => clock.setTimeout(resolve, lookMs))
  look()
  return governor.verdicts.map(({ rule, paused, reading, limit }) => ({ rule, paused, reading, limit }))
}
