import { Copied } from '../ui/copied.tsx'
import { dateTime } from '../ui/format.ts'
import { QrCode } from '../ui/qr.tsx'
import { Until } from '../ui/time.tsx'
import type { MadeClaim } from './claims-made.ts'
import { joinCommand, nodeDescription } from './claims-text.ts'

/** Claims to show, to copy and to print, each in a frame of its own. */
export function ClaimSheets({ claims }: { claims: readonly MadeClaim[] }) {
  if (claims.length === 0) return null
  return (
    <>
      <p class="muted no-print">Codes are shown only here, until this tab is closed. Whoever has one can use it.</p>
      <ul class="sheets">
        {claims.map(claim => (
          <li key={claim.id} class="card sheet">
            <Sheet claim={claim} />
          </li>
        ))}
      </ul>
    </>
  )
}

function Sheet({ claim }: { claim: MadeClaim }) {
  const { code, owner, hostname, expiresAtMs } = claim
  return (
    <>
      <div class="sheet-qr">
        <QrCode text={code} label={`Claim for ${hostname} as a QR code`} />
      </div>
      <div class="sheet-text">
        <h2>{hostname}</h2>
        <p>
          for a device of <strong>{owner}</strong>
        </p>
        <p class="muted">
          Ends <Until at={expiresAtMs} over="already: make another one" />
          <span class="print-only">, {dateTime(expiresAtMs)}</span>
        </p>
        <Copied title="Code" label="code" text={code} />
        <Copied title="On a machine that has Node 24" label="command" text={joinCommand(claim)} />
        <details class="no-print">
          <summary>
            For <code>hedgerow flash</code>
          </summary>
          <Copied title="node.yaml" label="node.yaml" text={nodeDescription(claim)} />
          <p class="field-note">
            <code>hedgerow flash IMAGE --node node.yaml --to /dev/sdX</code> puts it on a card; with{' '}
            <code>--owner</code> it makes the claims itself.
          </p>
        </details>
      </div>
    </>
  )
}
