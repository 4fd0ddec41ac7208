import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Job, JobResult } from '../../coordinator/http/admin-api.ts'
import { fromBase64, messageOf } from '../../protocol/index.ts'
import { ask } from '../api/client.ts'
import { saveFile } from '../platform.ts'
import { ActionButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { bytes } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { fileEndingOf, type ReadableResult, readResult, SHOWN_BYTES_MAX } from './jobs-result-text.ts'

/** The answer of a job: shown when it is text and short, and to download in any case. */
export function JobResultCard({ job }: { job: Job }) {
  const { result } = job
  if (result === null) return null
  const path = `/api/jobs/${encodeURIComponent(job.id)}/result`
  const download = async () => {
    const response = await ask(path)
    saveFile(`${job.id}.${fileEndingOf(result.mediaType)}`, await response.blob())
  }
  return (
    <Card title="Result" aside={`${result.mediaType}, ${bytes(result.bytes)}`}>
      <Shown path={path} result={result} />
      <p class="card-foot">
        <ActionButton icon="download" kind="primary" onAction={download}>
          Download
        </ActionButton>
        <span class="muted">
          SHA-256 <span class="mono">{result.sha256.slice(0, 16)}…</span>{' '}
          <CopyButton text={result.sha256} label="SHA-256" />
        </span>
      </p>
    </Card>
  )
}

function Shown({ path, result }: { path: string; result: JobResult }) {
  const readable = useSignal<ReadableResult | null>(null)
  const problem = useSignal<string | null>(null)
  const { sha256, inline, mediaType } = result
  const isShort = result.bytes <= SHOWN_BYTES_MAX
  useEffect(() => {
    if (!isShort) return
    const load = async () => {
      const content = inline === undefined ? new Uint8Array(await (await ask(path)).arrayBuffer()) : fromBase64(inline)
      readable.value = readResult(content, mediaType)
    }
    load().catch((thrown: unknown) => {
      problem.value = messageOf(thrown)
    })
  }, [sha256, isShort])
  if (problem.value !== null) return <Notice kind="problem">{problem.value}</Notice>
  if (!isShort) return <p class="muted">It is too long to be shown here.</p>
  return readable.value === null ? null : <Content result={readable.value} />
}

function Content({ result }: { result: ReadableResult }) {
  if (result.kind === 'nothing') return <p class="muted">It is empty.</p>
  if (result.kind === 'bytes') return <p class="muted">It is not text.</p>
  if (result.kind === 'value') return <p class="result-value">{result.text}</p>
  if (result.kind === 'text') {
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached with the keyboard
      <pre class="result-text" tabIndex={0}>
        {result.text}
      </pre>
    )
  }
  const greatest = Math.max(...result.bars.map(([, value]) => value))
  return (
    <>
      <ol class="bars">
        {result.bars.map(([name, value]) => (
          <li key={name}>
            <span class="bars-name">{name}</span>
            <meter min={0} max={greatest} value={value} aria-label={name} />
            <span class="bars-value">{value.toLocaleString('en-GB')}</span>
          </li>
        ))}
      </ol>
      {result.more > 0 ? <p class="muted">And {result.more.toLocaleString('en-GB')} more in the file.</p> : null}
    </>
  )
}
