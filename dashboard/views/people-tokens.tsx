/** Tokens that were just given out. They are nowhere else: the coordinator keeps only their hashes. */
import { useEffect, useRef } from 'preact/hooks'
import { ownSignal } from '../api/own-signal.ts'
import { signInAddress } from '../router.ts'
import { classOf } from '../ui/button.tsx'
import { Copied } from '../ui/copied.tsx'
import type { DialogField } from '../ui/dialog.tsx'

/** A token, and whose it is. */
export interface NewToken {
  readonly kind: 'submitter' | 'owner'
  readonly name: string
  readonly token: string
}

/** The newest first. */
const newTokens = ownSignal<readonly NewToken[]>([])

/** Shows a token until whoever looks has kept it, or the tab is closed. One that it replaces is shown no more. */
export function showToken(made: NewToken): void {
  hideToken(made)
  newTokens.value = [made, ...newTokens.value]
}

/** Shows somebody's token no more. */
export function hideToken({ kind, name }: Pick<NewToken, 'kind' | 'name'>): void {
  newTokens.value = newTokens.value.filter(made => made.kind !== kind || made.name !== name)
}

/** How submitters and owners are called. */
export const nameField = (placeholder: string): DialogField => ({
  name: 'name',
  label: 'Name',
  placeholder,
  pattern: '[a-z0-9\\-]{1,32}',
  title: '1 to 32 characters of a-z, 0-9 and -',
})

/** What somebody needs to sign in, shown this once. */
export function NewTokens() {
  return (
    <>
      {newTokens.value.map(made => (
        <Token key={made.token} made={made} />
      ))}
    </>
  )
}

function Token({ made }: { made: NewToken }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const { kind, name, token } = made
  return (
    <section class="card token" aria-label={`Token of the ${kind} ${name}`}>
      <header class="card-head">
        <h2 ref={heading} tabIndex={-1}>
          Token of the {kind} {name}
        </h2>
      </header>
      <p>
        It is shown only here and only now: the region keeps no copy. Give it to {name} in a way that nobody else reads;
        whoever has it can act as {name}.
      </p>
      <Copied title="Token" label={`token of ${name}`} text={token} />
      <Copied title="Address that signs in by itself" label={`address for ${name}`} text={signInAddress(token)} />
      <p>
        <button type="button" class={classOf('plain')} onClick={() => hideToken(made)}>
          It is kept: hide it
        </button>
      </p>
    </section>
  )
}
