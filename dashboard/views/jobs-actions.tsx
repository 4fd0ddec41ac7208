import { useSignal } from '@preact/signals'
import type { Job } from '../../coordinator/http/admin-api.ts'
import type { Dispute } from '../../coordinator/http/dispute-api.ts'
import { askJson } from '../api/client.ts'
import { jobs } from '../api/live-list.ts'
import { goTo } from '../router.ts'
import { classOf } from '../ui/button.tsx'
import { ConfirmDialog, reasonField } from '../ui/dialog.tsx'
import { isOver, jobNameOf } from './jobs-state.ts'

/** What whoever paid for a job, or the operator, can do with it. */
export function JobActions({ job }: { job: Job }) {
  const asked = useSignal<'cancel' | 'dispute' | null>(null)
  const close = () => {
    asked.value = null
  }
  return (
    <>
      {job.spentMicro === '0' ? null : (
        <button
          type="button"
          class={classOf('plain')}
          onClick={() => {
            asked.value = 'dispute'
          }}
        >
          Dispute a unit
        </button>
      )}
      {isOver(job) ? null : (
        <button
          type="button"
          class={classOf('danger')}
          onClick={() => {
            asked.value = 'cancel'
          }}
        >
          Cancel
        </button>
      )}
      {asked.value === 'cancel' ? <Cancel job={job} onClose={close} /> : null}
      {asked.value === 'dispute' ? <DisputeUnit job={job} onClose={close} /> : null}
    </>
  )
}

interface QuestionProps {
  job: Job
  onClose(): void
}

function Cancel({ job, onClose }: QuestionProps) {
  return (
    <ConfirmDialog
      title={`Cancel ${jobNameOf(job)}?`}
      action="Cancel the job"
      kind="danger"
      onConfirm={async () => {
        jobs.take(await askJson<Job>(`/api/jobs/${encodeURIComponent(job.id)}/cancel`, { method: 'POST', body: {} }))
      }}
      onClose={onClose}
    >
      <p>
        What was verified so far is paid; the rest of the budget goes back to {job.submitter}. It cannot be resumed.
      </p>
    </ConfirmDialog>
  )
}

function DisputeUnit({ job, onClose }: QuestionProps) {
  const unit = {
    name: 'unit',
    label: `Which unit? From 0 to ${job.units - 1}.`,
    pattern: '\\d{1,15}',
    title: 'the number of a unit, from 0',
    inputMode: 'numeric',
  } as const
  return (
    <ConfirmDialog
      title={`Dispute a unit of ${jobNameOf(job)}?`}
      action="Dispute it"
      fields={[unit, { ...reasonField('17 is a prime'), label: 'What is wrong?' }]}
      onConfirm={async given => {
        const body = { job: job.id, unit: Number(given('unit')), reason: given('reason') }
        const { id } = await askJson<Dispute>('/api/disputes', { method: 'POST', body })
        goTo('disputes', id)
      }}
      onClose={onClose}
    >
      <p>
        Devices of other owners run again what the device returned that was paid for this unit. A deposit is taken from
        the account of {job.submitter}: it comes back when the result is wrong, and is lost when it is right.
      </p>
    </ConfirmDialog>
  )
}
