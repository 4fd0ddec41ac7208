import { useSignal } from '@preact/signals'
import type { DatabaseSnapshot } from '../../coordinator/backup/index.ts'
import { askJson } from '../api/client.ts'
import { ActionButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { bytes, counted } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'

/** How the region is backed up, and the part of it that can be done from here: a copy of the database. */
export function BackupCard() {
  const made = useSignal<DatabaseSnapshot | null>(null)
  return (
    <Card title="Backup">
      <div class="operation">
        <p>
          <code>hedgerow backup DIR</code> on the coordinator’s machine copies the whole region while it runs: database,
          keys, certificates and blobs. From here the database alone can be copied, into the coordinator’s own folder;
          the copy before it is replaced.
        </p>
        <ActionButton
          onAction={async () => {
            made.value = null
            made.value = await askJson<DatabaseSnapshot>('/api/snapshot', { method: 'POST', body: {} })
          }}
        >
          Copy the database
        </ActionButton>
        {made.value === null ? null : (
          <Notice kind="good">
            Copied {counted(made.value.entries, 'entry', 'entries')} of the log, {bytes(made.value.bytes)}, to{' '}
            <span class="mono">{made.value.path}</span>
          </Notice>
        )}
      </div>
    </Card>
  )
}
