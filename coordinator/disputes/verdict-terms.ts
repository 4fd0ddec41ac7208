/** Whether a verdict may be disputed, by whom and until when. */
import type { DisputeDesk, Party } from './dispute.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { VerdictFile } from './verdict-file.ts'

/**
 * Why the party may not dispute the verdict now; null when it may.
 * @see spec/clauses.md [DISP-1.1] [DISP-1.2]
 */
export function verdictObstacle(desk: DisputeDesk, file: VerdictFile, party: Party, nowMs: number): Refusal | null {
  const { campaign, judgement, judgedAtMs, earlier } = file
  const { sensor, device } = judgement
  if (party.kind === 'submitter' && party.name !== campaign.submitter) {
    return refuse('not_yours', `Campaign ${campaign.id} was not submitted by ${party.name}.`)
  }
  if (party.kind === 'device' && party.device !== device) {
    return refuse('not_yours', `Sensor ${sensor} was not on device ${party.device} in that window.`)
  }
  if (!isNewest(file)) {
    return refuse(
      'not_disputable',
      `The window was judged again without sensor ${sensor}, so what its verdict rested on cannot be gathered any more.`,
    )
  }
  if (earlier !== null) return refuse('twice', `That verdict has been disputed already, as dispute ${earlier}.`)
  const { holdbackWindowMs } = desk.policy
  if (nowMs - judgedAtMs <= holdbackWindowMs) return null
  return refuse(
    'too_late',
    `The window was judged ${Math.floor((nowMs - judgedAtMs) / 1_000)} seconds ago, and a verdict may be disputed for ${holdbackWindowMs / 1_000} seconds.`,
  )
}

/** Whether the judgement is of the window's last revision: only that can be computed again. */
export function isNewest({ judgement, window }: Pick<VerdictFile, 'judgement' | 'window'>): boolean {
  return window.every(({ revision }) => revision <= judgement.revision)
}
