import type { ComponentChildren } from 'preact'
import type { Device, Job } from '../../coordinator/http/admin-api.ts'
import type { PublicTotals } from '../../coordinator/http/live-api.ts'
import { role } from '../api/session.ts'
import { linkTo } from '../router.ts'
import { openSignIn } from '../shell/sign-in.tsx'
import { classOf } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Icon } from '../ui/icon.tsx'

interface FirstStepsProps {
  devices: readonly Device[] | null
  jobs: readonly Job[] | null
  totals: PublicTotals | null
}

/** For whoever is here for the first time: what this is, and what to do first. Nothing once they have done it. */
export function FirstSteps({ devices, jobs, totals }: FirstStepsProps) {
  if (role.value === 'public') return <Welcome />
  if (role.value !== 'operator' || devices === null || jobs === null || totals === null) return null
  const steps: StepProps[] = [
    {
      isDone: devices.length > 0,
      title: 'Let a device join',
      children: (
        <>
          <a href={linkTo('claims')}>Make a claim</a>: a code, also as QR, for a Raspberry Pi or any machine with Node.
        </>
      ),
    },
    {
      isDone: jobs.length > 0,
      title: 'Give it something to do',
      children: (
        <>
          <a href={linkTo('submit')}>Try a task</a>: pick an example, change it, and watch the devices run it.
        </>
      ),
    },
    {
      isDone: totals.paidMicro !== '0',
      title: 'See it paid',
      children: (
        <>
          What is accepted is paid at once; <a href={linkTo('ledger')}>the ledger</a> shows each transfer.
        </>
      ),
    },
  ]
  if (steps.every(({ isDone }) => isDone)) return null
  return (
    <Card title="First steps">
      <ol class="steps">
        {steps.map(step => (
          <Step key={step.title} {...step} />
        ))}
      </ol>
    </Card>
  )
}

interface StepProps {
  isDone: boolean
  title: string
  children: ComponentChildren
}

function Step({ isDone, title, children }: StepProps) {
  return (
    <li class={isDone ? 'step step-done' : 'step'}>
      <strong>
        {title}
        {isDone ? <span class="visually-hidden"> (done)</span> : null}
      </strong>
      <p>{children}</p>
    </li>
  )
}

function Welcome() {
  return (
    <section class="card welcome" aria-label="Welcome">
      <div>
        <h2>You see what everybody may see.</h2>
        <p>
          Owners and submitters of this region sign in with a token to see their own. If you run it, the command{' '}
          <code>hedgerow dashboard --token</code> on the coordinator’s machine prints an address that signs you in.
        </p>
      </div>
      <div class="welcome-ways">
        <button type="button" class={classOf('primary')} onClick={openSignIn}>
          <Icon name="person" size={18} /> Sign in with a token
        </button>
        <a href={linkTo('log')}>Check its public log yourself</a>
      </div>
    </section>
  )
}
