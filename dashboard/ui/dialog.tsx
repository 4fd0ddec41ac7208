import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { LIMITS, messageOf } from '../../protocol/index.ts'
import { type ButtonKind, classOf } from './button.tsx'
import { Icon } from './icon.tsx'

/** A window above the page. The browser keeps the focus within it, closes it with Escape, and gives the focus back. */
export function Dialog({ title, describedBy, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    // Otherwise it would be on the button that closes it.
    dialog?.querySelector('input')?.focus()
    return () => dialog?.close()
  }, [])
  return (
    <dialog ref={element} class="dialog" aria-labelledby={titleId} aria-describedby={describedBy} onClose={onClose}>
      <header class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" class="button button-bare" onClick={onClose}>
          <Icon name="close" />
          <span class="visually-hidden">Close</span>
        </button>
      </header>
      {children}
    </dialog>
  )
}

export interface DialogProps {
  title: string
  /** The id of what is read out with the title. */
  describedBy?: string | undefined
  onClose(): void
  children: ComponentChildren
}

/** Asks before something is done that others notice, and for what has to be said to do it. Closes when it is done. */
export function ConfirmDialog({ title, children, action, kind = 'primary', fields, onConfirm, onClose }: ConfirmProps) {
  const isBusy = useSignal(false)
  const problem = useSignal<string | null>(null)
  const textId = useId()
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (isBusy.value) return
    const given = new FormData(event.currentTarget as HTMLFormElement)
    isBusy.value = true
    problem.value = null
    try {
      await onConfirm(name => String(given.get(name) ?? '').trim())
      onClose()
    } catch (thrown) {
      problem.value = messageOf(thrown)
      isBusy.value = false
    }
  }
  return (
    <Dialog title={title} describedBy={textId} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <div class="dialog-text" id={textId}>
          {children}
        </div>
        {(fields ?? []).map(({ name, label, ...input }) => (
          <label key={name} class="field">
            <span>{label}</span>
            <input name={name} required autocomplete="off" {...input} />
          </label>
        ))}
        {problem.value === null ? null : (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
        <div class="dialog-actions">
          <button type="button" class={classOf('plain')} onClick={onClose}>
            Not now
          </button>
          <button type="submit" class={classOf(kind, isBusy.value)} aria-busy={isBusy.value}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

export interface ConfirmProps extends Omit<DialogProps, 'describedBy'> {
  /** What the button says that does it. */
  action: string
  kind?: ButtonKind
  /** What has to be said. */
  fields?: readonly DialogField[]
  /** @param given - what was said in a field; empty when there is no such one. What it throws is shown. */
  onConfirm(given: (field: string) => string): Promise<void>
}

/** One line to fill in. */
export interface DialogField {
  readonly name: string
  readonly label: string
  readonly placeholder?: string
  readonly maxLength?: number
  readonly pattern?: string
  /** Says what the pattern is. */
  readonly title?: string
  readonly inputMode?: 'decimal' | 'numeric'
}

/** Why something is done: a sentence, which the region keeps. */
export const reasonField = (example: string): DialogField => ({
  name: 'reason',
  label: 'Why?',
  placeholder: example,
  maxLength: LIMITS.reasonBytesMax,
})
