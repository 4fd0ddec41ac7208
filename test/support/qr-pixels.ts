/** Pictures of QR codes, and what a camera reads from them. */
import decodeQR from 'qr/decode.js'

/** RGBA. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Rows of dark and light, each so many pixels. */
export function pixelsOf(rows: readonly (readonly boolean[])[], scale: number): Pixels {
  const [width, height] = [(rows[0]?.length ?? 0) * scale, rows.length * scale]
  const data = new Uint8Array(width * height * 4).fill(255)
  for (let y = 0; y < height; y++) {
    const row = rows[Math.floor(y / scale)] ?? []
    for (let x = 0; x < width; x++) {
      if (row[Math.floor(x / scale)]) data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3)
    }
  }
  return { width, height, data }
}

/** Draws the rectangles of an SVG of ours: `Mx yhWvHh-Wz`, white first, then black. */
export function pixelsOfSvg(svg: string): Pixels {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1])
  const rows = Array.from({ length: size }, () => new Array<boolean>(size).fill(true))
  for (const [, fill, path = ''] of svg.matchAll(/<path (?:fill="(#fff)" )?d="([^"]+)"/g)) {
    for (const [, x, y, width, height] of path.matchAll(/M(\d+) (\d+)h(\d+)v(\d+)h-\d+z/g)) {
      for (let row = Number(y); row < Number(y) + Number(height); row++) {
        rows[row]?.fill(fill === undefined, Number(x), Number(x) + Number(width))
      }
    }
  }
  return pixelsOf(rows, 4)
}

/** What a picture says. @throws when nothing can be read from it */
export function readQr(pixels: Pixels): string {
  // A busy machine may take longer than a frame of a video.
  return decodeQR(pixels, { timeLimit: 10_000 })
}
