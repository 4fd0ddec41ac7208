import { useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Session } from '../../coordinator/http/session-api.ts'
import { messageOf } from '../../protocol/index.ts'
import { takeTokenFromAddress } from '../api/arrival.ts'
import { ApiFailure, askJson } from '../api/client.ts'
import { isLive, startLive } from '../api/live.ts'
import { startNow } from '../api/now.ts'
import { keepToken, role, session, token } from '../api/session.ts'
import { path } from '../router.ts'
import { classOf } from '../ui/button.tsx'
import { Empty } from '../ui/empty.tsx'
import { Icon } from '../ui/icon.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { VIEWS, type View } from '../views/index.ts'
import { Announcer } from './announcer.tsx'
import { Header } from './header.tsx'
import { MaintenanceBanner } from './maintenance.tsx'
import { openSignIn, SignInDialog } from './sign-in.tsx'

/** The whole page: header, navigation, and the view that the address names. */
export function App() {
  const content = useRef<HTMLElement>(null)
  const problem = useSession()
  useEffect(takeTokenFromAddress, [])
  useEffect(startLive, [])
  useEffect(startNow, [])
  return (
    <>
      <button type="button" class="skip" onClick={() => content.current?.focus()}>
        Skip to the content
      </button>
      <Header />
      <main ref={content} id="content" tabIndex={-1}>
        <MaintenanceBanner />
        {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
        {session.value === null ? null : <CurrentView />}
      </main>
      <SignInDialog />
      <Announcer />
    </>
  )
}

/** Asks who is signed in, again for each token and when the coordinator is back. @returns why that is not known */
function useSession(): string | null {
  const problem = useSignal<string | null>(null)
  const bearer = token.value
  const isBack = isLive.value && session.value === null
  useEffect(() => {
    const abort = new AbortController()
    askJson<Session>('/api/session', { signal: abort.signal }).then(
      reply => {
        session.value = reply
        if (problem.value !== TOKEN_GONE) problem.value = null
      },
      thrown => {
        if (abort.signal.aborted) return
        const isUnknown = thrown instanceof ApiFailure && thrown.info.status === 401 && bearer !== null
        problem.value = isUnknown ? TOKEN_GONE : messageOf(thrown)
        if (isUnknown) keepToken(null)
      },
    )
    if (bearer !== null) problem.value = null
    return () => abort.abort()
  }, [bearer, isBack, problem])
  return problem.value
}

const TOKEN_GONE =
  'Your token is not known here, so you see what everybody sees: it was renewed or removed, or belongs to another region.'

function CurrentView() {
  const [id = VIEWS[0]?.id] = path.value
  const view = VIEWS.find(known => known.id === id)
  if (view === undefined) {
    return (
      <Page title="Nothing here">
        <p>There is no such page. The navigation shows what there is.</p>
      </Page>
    )
  }
  return view.roles.includes(role.value) ? <Loaded key={view.id} view={view} /> : <NotAllowed view={view} />
}

function NotAllowed({ view }: { view: View }) {
  const people = view.roles.map(known => (known === 'owner' ? 'owners of devices' : `${known}s`)).join(' and ')
  return (
    <Page title={view.title}>
      <Empty icon="person" title={`This page is for ${people}.`}>
        <p>Sign in with a token of theirs to see it.</p>
        <button type="button" class={classOf('primary')} onClick={openSignIn}>
          <Icon name="person" size={18} /> Sign in
        </button>
      </Empty>
    </Page>
  )
}

/** Loads a view's code when it is first gone to. */
function Loaded({ view }: { view: View }) {
  const component = useSignal<ComponentType | null>(null)
  const problem = useSignal<string | null>(null)
  useEffect(() => {
    view.load().then(
      loaded => {
        component.value = loaded.default
      },
      thrown => {
        problem.value = messageOf(thrown)
      },
    )
  }, [view, component, problem])
  if (problem.value !== null) return <Notice kind="problem">This page could not be loaded: {problem.value}</Notice>
  const Component = component.value
  return Component === null ? <p aria-busy="true">Loading …</p> : <Component />
}
