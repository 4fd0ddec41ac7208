import type { QrSymbol } from './symbol.ts'

/** A symbol as SVG: one path on white, a module a unit, sharp at every size. */
export function symbolSvg(symbol: QrSymbol): string {
  const size = symbol.length
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}h-${size}z"/><path d="${darkPath(symbol)}"/></svg>`
  )
}

/** A rectangle for each run of dark modules in a row. */
function darkPath(symbol: QrSymbol): string {
  const runs: string[] = []
  symbol.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue
      const start = x
      while (row[x + 1]) x++
      const width = x + 1 - start
      runs.push(`M${start} ${y}h${width}v1h-${width}z`)
    }
  })
  return runs.join('')
}
