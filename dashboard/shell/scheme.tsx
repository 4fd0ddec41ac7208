/** Light or dark: as the system has it, or as somebody chose in this browser. */
import { signal } from '@preact/signals'
import { browserStorage } from '../platform.ts'
import { Icon, type IconName } from '../ui/icon.tsx'

const KEY = 'hedgerow-scheme'
const SCHEMES = ['system', 'light', 'dark'] as const

type Scheme = (typeof SCHEMES)[number]

const ICONS: Record<Scheme, IconName> = { system: 'system', light: 'sun', dark: 'moon' }
const TITLES: Record<Scheme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }

const scheme = signal<Scheme>(SCHEMES.find(known => known === browserStorage.getItem(KEY)) ?? 'system')

/** Sets the colours that were chosen before; called once, before anything is shown. */
export function applyScheme(): void {
  if (scheme.value === 'system') delete document.documentElement.dataset.scheme
  else document.documentElement.dataset.scheme = scheme.value
}

/** Chooses between the schemes. */
export function SchemeSwitch() {
  return (
    <fieldset class="scheme">
      <legend class="visually-hidden">Colours</legend>
      {SCHEMES.map(known => (
        <button
          key={known}
          type="button"
          aria-pressed={known === scheme.value}
          title={TITLES[known]}
          onClick={() => {
            scheme.value = known
            browserStorage.setItem(KEY, known)
            applyScheme()
          }}
        >
          <Icon name={ICONS[known]} size={17} />
          <span class="visually-hidden">{TITLES[known]}</span>
        </button>
      ))}
    </fieldset>
  )
}
