import { useEffect, useRef } from 'preact/hooks'
import type { Plot, PlotData } from './plot.ts'

/** Curves over time, drawn when their code has come; what they show is also said in words and stands in a table beside them. */
export function TimeChart({
  data,
  label,
}: {
  data: PlotData /** All that the chart shows, in a sentence. */
  label: string
}) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | null>(null)
  const newest = useRef(data)
  newest.current = data
  useEffect(() => {
    let isGone = false
    void import('./plot.ts').then(({ createPlot }) => {
      if (!isGone && place.current !== null) plot.current = createPlot(place.current, newest.current)
    })
    return () => {
      isGone = true
      plot.current?.close()
      plot.current = null
    }
  }, [])
  useEffect(() => {
    plot.current?.set(data)
  }, [data])
  return (
    <figure class="chart">
      <div class="chart-plot" ref={place} role="img" aria-label={label} />
    </figure>
  )
}
