import { useSignal } from '@preact/signals'
import { copyText, later } from '../platform.ts'
import { Icon } from './icon.tsx'

const SHOWN_MS = 2_000

/** Puts a text on the clipboard and says whether that worked. */
export function CopyButton({ text, label }: { text: string /** What is copied, such as `code`. */; label: string }) {
  const outcome = useSignal<boolean | null>(null)
  const copy = async () => {
    outcome.value = await copyText(text)
    later(() => {
      outcome.value = null
    }, SHOWN_MS)
  }
  const said = outcome.value === null ? '' : outcome.value ? 'Copied' : 'Select and copy it by hand'
  return (
    <span class="copy">
      <button type="button" class="button button-plain button-small" onClick={copy}>
        <Icon name={outcome.value === true ? 'check' : 'copy'} size={16} />
        <span>
          Copy<span class="visually-hidden"> {label}</span>
        </span>
      </button>
      <span class="copy-said" role="status">
        {said}
      </span>
    </span>
  )
}
