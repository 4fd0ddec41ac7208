import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { Badge, type Tone } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { count, dateTime } from '../ui/format.ts'
import { Ago } from '../ui/time.tsx'
import { askWorker } from '../verify/ask-worker.ts'
import { trustedWitnesses, trustWitnesses } from '../verify/memory.ts'
import type { CheckedCheckpoint, CosignatureCheck, KeyComparison } from '../verify/messages.ts'
import { checkNow } from '../verify/state.ts'

/** What this browser verified of the newest checkpoint, and what it takes on trust. */
export function LogVerified({ checked }: { checked: CheckedCheckpoint }) {
  const { size, rootHex, signature, idMatchesKey } = checked
  return (
    <Card title="Verified in this browser" aside={<span class="card-note">{count(size)} entries</span>}>
      <ol class="proofs">
        <Proof
          tone={signature.valid ? 'good' : 'bad'}
          badge={signature.valid ? 'verified' : 'refused'}
          title="The checkpoint is signed"
        >
          {signature.valid
            ? 'The region’s key has signed these words: so many entries, and this root over all of them.'
            : signature.reason}
          <Hash label="root" text={rootHex} />
        </Proof>
        <Proof {...continuityWords(checked)} />
        <Proof {...witnessWords(checked.cosignatures)}>
          <Witnesses cosignatures={checked.cosignatures} />
        </Proof>
        <Proof
          tone={idMatchesKey ? 'good' : 'bad'}
          badge={idMatchesKey ? 'verified' : 'refused'}
          title="The region’s id is made of that key"
        >
          Nobody else can have this id: it is the beginning of the key’s SHA-256.
          <Hash label="region id" text={checked.regionId} />
        </Proof>
        <KeyTrust />
      </ol>
    </Card>
  )
}

interface ProofProps {
  tone: Tone
  badge: string
  title: string
  text?: ComponentChildren
  children?: ComponentChildren
}

function Proof({ tone, badge, title, text, children }: ProofProps) {
  return (
    <li class="proof">
      <div class="proof-head">
        <h3>{title}</h3>
        <Badge tone={tone}>{badge}</Badge>
      </div>
      <div class="proof-text">
        {text}
        {children}
      </div>
    </li>
  )
}

function Hash({ label, text }: { label: string; text: string }) {
  return (
    <p class="hash">
      <code>{text}</code> <CopyButton text={text} label={label} />
    </p>
  )
}

function continuityWords({ continuity }: CheckedCheckpoint): ProofProps {
  switch (continuity.kind) {
    case 'first':
      return {
        tone: 'quiet',
        badge: 'first visit',
        title: 'It goes on from what you saw before',
        text: 'This browser has not seen this log before. It remembers this checkpoint, and from now on finds out if the past is changed.',
      }
    case 'same':
    case 'grown':
      return {
        tone: 'good',
        badge: 'verified',
        title: 'It goes on from what you saw before',
        text: (
          <>
            The {count(continuity.seen.size)} entries that this browser saw <Ago at={continuity.seen.seenMs} /> are its
            beginning, unchanged.
          </>
        ),
      }
    default:
      return {
        tone: 'bad',
        badge: 'refused',
        title: 'It goes on from what you saw before',
        text: `It does not: see above. Last seen on ${dateTime(continuity.seen.seenMs)}.`,
      }
  }
}

function witnessWords(cosignatures: readonly CosignatureCheck[]): ProofProps {
  const title = 'Other regions watch it'
  const valid = cosignatures.filter(({ verdict }) => verdict === 'valid').length
  if (cosignatures.some(({ verdict }) => verdict === 'invalid'))
    return { tone: 'bad', badge: 'refused', title, text: 'A cosignature is not valid.' }
  if (valid > 0)
    return {
      tone: 'good',
      badge: `${valid} verified`,
      title,
      text: 'Witnesses have signed that they were shown the same past.',
    }
  if (cosignatures.length > 0) {
    return {
      tone: 'warn',
      badge: 'not checked',
      title,
      text: 'There are cosignatures, but this browser does not know the keys of these witnesses. Add those that you trust.',
    }
  }
  return {
    tone: 'quiet',
    badge: 'none',
    title,
    text: 'No other region has cosigned it, so a region that shows different pasts to different people is found only by those who compare.',
  }
}

const VERDICTS: Record<CosignatureCheck['verdict'], string> = {
  valid: 'verified',
  invalid: 'not valid',
  unknown: 'key not known here',
}

function Witnesses({ cosignatures }: { cosignatures: readonly CosignatureCheck[] }) {
  const keys = useSignal(trustedWitnesses())
  const keep = async (event: SubmitEvent) => {
    event.preventDefault()
    trustWitnesses(keys.value)
    await checkNow()
  }
  return (
    <>
      {cosignatures.length === 0 ? null : (
        <ul class="witnesses">
          {cosignatures.map(({ name, timeS, verdict }) => (
            <li key={name}>
              <code>{name}</code> {timeS === null ? '' : <Ago at={timeS * 1_000} />}: {VERDICTS[verdict]}
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>Witnesses that you trust</summary>
        <form class="form" onSubmit={keep}>
          <label class="field">
            <span>Their keys, one a line</span>
            <textarea
              rows={3}
              spellcheck={false}
              placeholder="hedgerow/witness/…+1a2b3c4d+BA…"
              value={keys.value}
              onInput={event => {
                keys.value = event.currentTarget.value
              }}
            />
            <span class="field-note">
              Every region’s witness key is in its /log/card. They are kept in this browser only.
            </span>
          </label>
          <button type="submit" class="button button-plain">
            Keep and check
          </button>
        </form>
      </details>
    </>
  )
}

const COMPARED: Record<KeyComparison, { tone: Tone; badge: string; text: string }> = {
  same: { tone: 'good', badge: 'compared', text: 'It is the key on what you entered.' },
  other: {
    tone: 'bad',
    badge: 'other key',
    text: 'It is NOT the key on what you entered. Somebody else serves this page, or the claim is of another region.',
  },
  unreadable: { tone: 'warn', badge: 'on trust', text: 'That is neither a claim code nor a region’s id.' },
}

/** The one thing that nothing on this page can prove. */
function KeyTrust() {
  const outcome = useSignal<KeyComparison | null>(null)
  const said = outcome.value === null ? null : COMPARED[outcome.value]
  const compare = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const text = String(new FormData(form).get('from-elsewhere'))
    outcome.value = (await askWorker({ kind: 'compare', text })).comparison
  }
  return (
    <Proof tone={said?.tone ?? 'warn'} badge={said?.badge ?? 'on trust'} title="The key is really this region’s">
      That, and that this page’s own code is what it says, comes from the server you are looking at. Compare it with
      what you have from elsewhere: each claim carries the key’s fingerprint.
      <form class="compare" onSubmit={compare}>
        <label>
          <span class="visually-hidden">A claim code, or the region’s id, from elsewhere</span>
          <input
            name="from-elsewhere"
            autocomplete="off"
            spellcheck={false}
            required
            placeholder="hedgerow-claim:1:… or a region’s id"
          />
        </label>
        <button type="submit" class="button button-plain">
          Compare
        </button>
      </form>
      {said === null ? null : <p role="status">{said.text}</p>}
    </Proof>
  )
}
