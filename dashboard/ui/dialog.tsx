import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { messageOf } from '../../protocol/index.ts'
import { type ButtonKind, classOf } from './button.tsx'
import { Icon } from './icon.tsx'

/** A window above the page. The browser keeps the focus within it, closes it with Escape, and gives the focus back. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog ref={element} class="dialog" aria-labelledby={titleId} onClose={onClose}>
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
  onClose(): void
  children: ComponentChildren
}

/** Asks before something is done that others notice, and for the reason where one is needed. Closes when it is done. */
export function ConfirmDialog({ title, children, action, kind = 'primary', reason, onConfirm, onClose }: ConfirmProps) {
  const isBusy = useSignal(false)
  const problem = useSignal<string | null>(null)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (isBusy.value) return
    const given = String(new FormData(event.currentTarget as HTMLFormElement).get('reason') ?? '').trim()
    isBusy.value = true
    try {
      await onConfirm(given)
      onClose()
    } catch (thrown) {
      problem.value = messageOf(thrown)
      isBusy.value = false
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <div class="dialog-text">{children}</div>
        {reason === undefined ? null : (
          <label class="field">
            <span>{reason.label}</span>
            <input
              name="reason"
              required
              maxLength={reason.lengthMax}
              autocomplete="off"
              placeholder={reason.example}
            />
          </label>
        )}
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

export interface ConfirmProps extends DialogProps {
  /** What the button says that does it. */
  action: string
  kind?: ButtonKind
  /** Asked for when it is given. */
  reason?: { readonly label: string; readonly example: string; readonly lengthMax: number }
  /** @param reason - empty when none was asked for; what it throws is shown */
  onConfirm(reason: string): Promise<void>
}
