import { useSignal } from '@preact/signals'
import type { ReleaseFacts } from '../../protocol/releases/facts.ts'
import { ApiFailure, askJson } from '../api/client.ts'
import { session } from '../api/session.ts'
import { ActionButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Notice } from '../ui/notice.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { Until } from '../ui/time.tsx'
import { type Published, readPublished, stageHere, stages } from './operations-releases.ts'

/** Which versions the region offers its devices, and to how many of them. Asked for when somebody wants to know. */
export function UpdatesCard() {
  const found = useSignal<Published | 'none' | null>(null)
  const look = async () => {
    try {
      found.value = await readPublished(name => askJson(`/updates/metadata/${name}`))
    } catch (thrown) {
      if (!(thrown instanceof ApiFailure && thrown.info.status === 404)) throw thrown
      found.value = 'none'
    }
  }
  return (
    <Card title="Updates">
      <div class="operation">
        <p>
          Versions are published and staged where the keys are, which is not here:{' '}
          <code>hedgerow release rollout DIR VERSION REGION=PERCENT</code>.
        </p>
        <ActionButton onAction={look}>Show what is published</ActionButton>
        {found.value === null ? null : found.value === 'none' ? (
          <Notice>
            This region offers no updates: its coordinator was started without --releases, or none is published.
          </Notice>
        ) : (
          <Shown published={found.value} />
        )}
      </div>
    </Card>
  )
}

function Shown({ published: { releases, expiresMs } }: { published: Published }) {
  return (
    <>
      <Table caption="versions" rows={releases} columns={COLUMNS} keyOf={({ version }) => version} />
      <p class="muted">
        Devices take them while they are signed freshly: that ends{' '}
        <Until at={expiresMs} over="already, so run hedgerow release refresh" />.
      </p>
    </>
  )
}

const COLUMNS: readonly Column<ReleaseFacts>[] = [
  { id: 'version', title: 'Version', isName: true, cell: ({ version }) => version },
  { id: 'here', title: 'Offered to', cell: facts => stageHere(facts, session.value?.region ?? '') },
  { id: 'stages', title: 'As signed', cell: facts => stages(facts) },
  { id: 'node', title: 'Needs Node', cell: ({ nodeMin }) => `${nodeMin} or later` },
]
