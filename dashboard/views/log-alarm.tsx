import { saveFile } from '../platform.ts'
import { ActionButton } from '../ui/button.tsx'
import { count, dateTime } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import type { CheckedCheckpoint } from '../verify/messages.ts'
import { forgetSeen } from '../verify/state.ts'

/** What must not be overlooked: a log that is not the one this browser saw, or is not signed by its key. */
export function Alarm({ checked }: { checked: CheckedCheckpoint }) {
  const words = alarmWords(checked)
  if (words === null) return null
  const keep = () =>
    saveFile('hedgerow-log-conflict.json', new Blob([JSON.stringify(checked, null, 2)], { type: 'application/json' }))
  return (
    <section class="alarm" role="alert">
      <Icon name="warning" size={36} />
      <div>
        <h2>{words.title}</h2>
        <p>{words.text}</p>
        <div class="alarm-actions">
          <button type="button" class="button button-plain" onClick={keep}>
            <Icon name="download" size={18} /> Keep both as evidence
          </button>
          {words.mayForget ? (
            <ActionButton kind="bare" onAction={forgetSeen}>
              Forget what this browser saw
            </ActionButton>
          ) : null}
        </div>
      </div>
    </section>
  )
}

/** What is wrong, in words; null when nothing is. */
export function alarmWords({
  signature,
  idMatchesKey,
  continuity,
  size,
}: CheckedCheckpoint): { title: string; text: string; mayForget: boolean } | null {
  if (!signature.valid) {
    return {
      title: 'The newest checkpoint is not signed by the region’s key',
      text: `${signature.reason} Believe nothing on this page until that is cleared up.`,
      mayForget: false,
    }
  }
  if (!idMatchesKey) {
    return {
      title: 'The key is not the one of the region’s id',
      text: 'A region’s id is made of its key, and these two do not belong together.',
      mayForget: false,
    }
  }
  switch (continuity.kind) {
    case 'forked':
      return {
        title: 'The log has two pasts',
        text: `On ${dateTime(continuity.seen.seenMs)} this browser saw ${count(continuity.seen.size)} entries that are not the beginning of what is shown now. ${continuity.reason} Whoever has the key has told two stories: keep the evidence and ask the operator.`,
        mayForget: true,
      }
    case 'shrunk':
      return {
        title: 'The log has become shorter',
        text: `On ${dateTime(continuity.seen.seenMs)} it had ${count(continuity.seen.size)} entries, and now it shows ${count(size)}. An old backup was restored, or its end is being hidden.`,
        mayForget: true,
      }
    case 'other-key':
      return {
        title: 'The log is signed with another key than before',
        text: `Until ${dateTime(continuity.seen.seenMs)} this address served another region’s log, or somebody stands between. Compare the fingerprint below with the one on your claim.`,
        mayForget: true,
      }
    default:
      return null
  }
}
