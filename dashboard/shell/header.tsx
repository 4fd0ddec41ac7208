import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { isLive } from '../api/live.ts'
import { role, session } from '../api/session.ts'
import { linkTo, path } from '../router.ts'
import { Icon } from '../ui/icon.tsx'
import { VIEWS } from '../views/index.ts'
import { SchemeSwitch } from './scheme.tsx'
import { WhoIsHere } from './sign-in.tsx'

/** Whose region it is, where one can go, and who is signed in: at the left, or on a phone above, where it opens. */
export function Header() {
  const isOpen = useSignal(false)
  const place = path.value.join('/')
  useEffect(() => {
    isOpen.value = false
  }, [place, isOpen])
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key === 'Escape') isOpen.value = false
    }
    addEventListener('keydown', close)
    return () => removeEventListener('keydown', close)
  }, [isOpen])
  return (
    <header class={isOpen.value ? 'side side-open' : 'side'}>
      <div class="side-top">
        <a class="brand" href={linkTo()}>
          <img src="/dashboard/icon.svg" alt="" width="34" height="34" />
          <span>
            <strong class="brand-region">{session.value?.region ?? 'Hedgerow'}</strong>
            <span class="brand-kind">Hedgerow region</span>
          </span>
        </a>
        <button
          type="button"
          class="button button-bare side-toggle"
          aria-expanded={isOpen.value}
          aria-controls="side-menu"
          onClick={() => {
            isOpen.value = !isOpen.value
          }}
        >
          <Icon name={isOpen.value ? 'close' : 'menu'} size={24} />
          <span class="visually-hidden">Menu</span>
        </button>
      </div>
      <div class="side-menu" id="side-menu">
        <Navigation />
        <div class="side-foot">
          <div class="side-row">
            <LiveSign />
            <SchemeSwitch />
          </div>
          <WhoIsHere />
        </div>
      </div>
    </header>
  )
}

function Navigation() {
  const [current = VIEWS[0]?.id] = path.value
  return (
    <nav aria-label="Pages">
      <ul>
        {VIEWS.filter(({ roles }) => roles.includes(role.value)).map(({ id, title, icon }) => (
          <li key={id}>
            <a href={linkTo(id)} aria-current={id === current ? 'page' : undefined}>
              <Icon name={icon} />
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function LiveSign() {
  return (
    <span
      class={isLive.value ? 'live live-on' : 'live'}
      title={isLive.value ? 'What happens is shown as it happens.' : 'The coordinator does not answer; trying again.'}
    >
      {isLive.value ? 'Live' : 'Not connected'}
    </span>
  )
}
