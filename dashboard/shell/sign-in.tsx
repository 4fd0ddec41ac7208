import { signal, useSignal } from '@preact/signals'
import type { Session } from '../../coordinator/http/session-api.ts'
import { messageOf } from '../../protocol/index.ts'
import { askJson } from '../api/client.ts'
import { keepToken, session } from '../api/session.ts'
import { classOf } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'

const isOpen = signal(false)

/** Opens the dialog that asks for a token. */
export function openSignIn(): void {
  isOpen.value = true
}

/** Who is signed in and the way out, or the way in. */
export function WhoIsHere() {
  const who = session.value
  if (who === null || who.role === 'public') {
    return (
      <button type="button" class={classOf('primary')} onClick={openSignIn}>
        <Icon name="person" size={18} /> Sign in
      </button>
    )
  }
  return (
    <div class="who">
      <Icon name="person" />
      <span class="who-name">
        <strong class="who-title">{who.name ?? 'Operator'}</strong>
        <span class="who-role">{who.role === 'operator' ? 'of this region' : who.role}</span>
      </span>
      <button type="button" class="button button-bare" onClick={() => keepToken(null)}>
        <Icon name="leave" />
        <span class="visually-hidden">Sign out</span>
      </button>
    </div>
  )
}

/** Asks for a token while it is open, and says where people find theirs. */
export function SignInDialog() {
  if (!isOpen.value) return null
  const close = () => {
    isOpen.value = false
  }
  return (
    <Dialog title="Sign in" onClose={close}>
      <SignInForm onDone={close} />
      <div class="sign-in-help">
        <h3>Where is my token?</h3>
        <dl>
          <div>
            <dt>You run this region</dt>
            <dd>
              On the coordinator’s machine, <code>hedgerow dashboard --token</code> prints an address that signs you in
              by itself.
            </dd>
          </div>
          <div>
            <dt>You own devices</dt>
            <dd>
              The operator gives you one, on the page <em>People</em> or with <code>hedgerow owner add NAME</code>
            </dd>
          </div>
          <div>
            <dt>You submit jobs</dt>
            <dd>
              The operator gives you one, on the page <em>People</em> or with <code>hedgerow submitter add NAME</code>
            </dd>
          </div>
        </dl>
        <p>It stays in this tab until you sign out or close it.</p>
      </div>
    </Dialog>
  )
}

function SignInForm({ onDone }: { onDone(): void }) {
  const problem = useSignal<string | null>(null)
  const isBusy = useSignal(false)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const entered = String(new FormData(event.currentTarget as HTMLFormElement).get('token')).trim()
    if (entered === '' || isBusy.value) return
    isBusy.value = true
    try {
      await askJson<Session>('/api/session', { token: entered })
      keepToken(entered)
      onDone()
    } catch (thrown) {
      problem.value = messageOf(thrown)
      isBusy.value = false
    }
  }
  return (
    <form class="form" onSubmit={submit}>
      <label class="field">
        <span>Token</span>
        <input name="token" type="password" autocomplete="off" spellcheck={false} required />
      </label>
      {problem.value === null ? null : (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
      <div class="dialog-actions">
        <button type="submit" class={classOf('primary', isBusy.value)} aria-busy={isBusy.value}>
          Sign in
        </button>
      </div>
    </form>
  )
}
