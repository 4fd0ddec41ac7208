/** A sheet of claims to print, cut and put beside the cards: one HTML file that needs nothing else. */
import { type ClaimCode, decodeClaimCode, toHex } from '../protocol/index.ts'
import { symbolSvg } from './qr/svg.ts'
import { qrSymbol } from './qr/symbol.ts'

/** What is on one label. */
export interface SheetClaim {
  readonly id: string
  readonly code: string
  readonly expiresAtMs: number
}

export interface SheetInit {
  readonly owner: string
  readonly claims: readonly SheetClaim[]
}

/** Two columns of five on A4; other paper takes what fits. */
const LABELS_PER_PAGE = 10

/** The sheet as HTML. */
export function claimSheet({ owner, claims }: SheetInit): string {
  const labels = claims.map((claim, index) => label(claim, { owner, number: index + 1, count: claims.length }))
  const pages: string[] = []
  for (let first = 0; first < labels.length; first += LABELS_PER_PAGE) {
    pages.push(`<section>\n${labels.slice(first, first + LABELS_PER_PAGE).join('\n')}\n</section>`)
  }
  const region = claims[0] === undefined ? '' : decodeClaimCode(claims[0].code).region
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Claims of ${escapeHtml(owner)} for the region ${escapeHtml(region)}</title>
<style>${STYLE}</style>
<p class="note">${counted(claims.length)} for ${escapeHtml(owner)}. Whoever has a code can join one device on behalf of ${escapeHtml(owner)}, once: print this sheet, cut along the lines, and delete the file.</p>
${pages.join('\n')}
</html>
`
}

interface Place {
  readonly owner: string
  readonly number: number
  readonly count: number
}

function label({ id, code, expiresAtMs }: SheetClaim, { owner, number, count }: Place): string {
  const claim = decodeClaimCode(code)
  const facts: [string, string][] = [
    ['Owner', owner],
    ['Region', claim.region],
    ['Works once, until (UTC)', new Date(expiresAtMs).toISOString().slice(0, 16).replace('T', ' ')],
    ['Region key', fingerprint(claim)],
    ['Joins at', claim.mqttUrl],
  ]
  const rows = facts.map(([name, value]) => `<dt>${name}</dt><dd class="${classOf(name)}">${escapeHtml(value)}</dd>`)
  return `<article>
<div class="qr" role="img" aria-label="QR code of claim ${number}">${symbolSvg(qrSymbol(code, 'paper'))}</div>
<div class="words">
<h2><span>${number}</span> of ${count}, claim ${escapeHtml(id.slice(0, 8))}</h2>
<dl>${rows.join('')}</dl>
</div>
</article>`
}

/** The front half of the thumbprint, which is what people compare: eight groups of four. */
function fingerprint({ regionKeyThumbprint }: ClaimCode): string {
  return (toHex(regionKeyThumbprint.subarray(0, 16)).match(/.{4}/g) ?? []).join(' ')
}

const CODES: readonly string[] = ['Region key', 'Joins at']
const classOf = (name: string): string => (CODES.includes(name) ? 'code' : 'text')

function counted(count: number): string {
  return count === 1 ? '1 claim' : `${count} claims`
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

/** Black on white, no picture and no font from elsewhere. */
const STYLE = `
@page { size: A4; margin: 10mm; }
* { box-sizing: border-box; margin: 0; padding: 0; }
html { background: #fff; color: #000; font: 9pt/1.3 system-ui, sans-serif; }
.note { max-width: 190mm; margin: 6mm auto; padding: 0 2mm; font-size: 11pt; }
section { width: 190mm; margin: 0 auto 10mm; display: grid; grid-template-columns: 95mm 95mm; grid-auto-rows: 55mm; }
article { display: flex; gap: 1mm; align-items: center; padding: 1.5mm 2mm 1.5mm 0.5mm; border: 0.2mm dashed #000; margin: 0 -0.2mm -0.2mm 0; overflow: hidden; break-inside: avoid; }
.qr { flex: none; width: 50mm; height: 50mm; }
.qr svg { display: block; width: 100%; height: 100%; }
.words { min-width: 0; flex: 1; }
h2 { font-size: 7pt; font-weight: 400; line-height: 1; margin-bottom: 1mm; }
h2 span { font-size: 18pt; font-weight: 700; }
dt { font-size: 6pt; line-height: 1.2; }
dd { margin-bottom: 0.7mm; overflow-wrap: anywhere; overflow: hidden; }
dd.text { font-size: 8.5pt; font-weight: 600; line-height: 1.15; max-height: 2.3em; }
dd.code { font: 6pt/1.2 ui-monospace, monospace; max-height: 3.6em; }
@media print {
  .note { display: none; }
  section { margin: 0 auto; break-after: page; }
  section:last-of-type { break-after: auto; }
}
`
