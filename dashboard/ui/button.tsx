import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { messageOf } from '../../protocol/index.ts'
import { Icon, type IconName } from './icon.tsx'

/** A button whose work takes a while: it shows that, cannot be pressed twice, and says below itself why the work failed. */
export function ActionButton({ children, onAction, kind = 'plain', icon, disabled = false }: ActionButtonProps) {
  const isBusy = useSignal(false)
  const problem = useSignal<string | null>(null)
  const press = async () => {
    if (isBusy.value) return
    isBusy.value = true
    problem.value = null
    try {
      await onAction()
    } catch (thrown) {
      problem.value = messageOf(thrown)
    }
    isBusy.value = false
  }
  return (
    <span class="action">
      <button
        type="button"
        class={classOf(kind, isBusy.value)}
        aria-busy={isBusy.value}
        disabled={disabled}
        onClick={press}
      >
        {icon === undefined ? null : <Icon name={icon} size={18} />}
        {children}
      </button>
      {problem.value === null ? null : (
        <span class="problem" role="alert">
          {problem.value}
        </span>
      )}
    </span>
  )
}

/** How much a button asks for attention. */
export type ButtonKind = 'plain' | 'primary' | 'danger' | 'bare'

/** The class of a button, busy or not. */
export function classOf(kind: ButtonKind, isBusy = false): string {
  return `button button-${kind}${isBusy ? ' is-busy' : ''}`
}

export interface ActionButtonProps {
  children: ComponentChildren
  /** The work; what it throws is shown. */
  onAction(): Promise<void>
  kind?: ButtonKind
  icon?: IconName
  disabled?: boolean
}
