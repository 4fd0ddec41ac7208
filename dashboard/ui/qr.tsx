import encodeQR from 'qr'

/** Squares without ink around the code, which readers need. */
const QUIET = 4

/** A text as a QR code, black on white in either scheme: one path, sharp at every size, also on paper. */
export function QrCode({ text, label }: { text: string /** What it holds, in words. */; label: string }) {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET })
  const size = rows.length
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" role="img" aria-label={label}>
      <rect class="qr-paper" width={size} height={size} />
      <path class="qr-ink" d={qrPath(rows)} />
    </svg>
  )
}

/** The dark squares as runs of each row. */
function qrPath(rows: readonly (readonly boolean[])[]): string {
  const runs: string[] = []
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue
      const from = x
      while (row[x]) x++
      runs.push(`M${from} ${y}h${x - from}v1h${from - x}z`)
    }
  }
  return runs.join('')
}
