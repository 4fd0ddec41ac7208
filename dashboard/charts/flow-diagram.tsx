import { useMemo } from 'preact/hooks'
import { credits, creditsRoughly } from '../ui/format.ts'
import type { Flow } from '../verify/messages.ts'
import { layFlows } from './flow-layout.ts'
import { KIND_WORDS, MONEY_PLACES, moneyLinks, PLACE_WORDS } from './money-flows.ts'

const SIZES = { width: 1_000, height: 250, boxWidth: 14, gap: 56, least: 3 }
const LABEL_TOP = 34
const SIDE = 4

/** Where the region's money has gone so far, drawn; the same stands in a table below it. */
export function FlowDiagram({ flows }: { flows: readonly Flow[] }) {
  const { boxes, bands, height } = useMemo(() => layFlows(MONEY_PLACES, moneyLinks(flows), SIZES), [flows])
  return (
    <div class="flows-wide">
      <svg
        class="flows"
        viewBox={`${-SIDE} ${-LABEL_TOP} ${SIZES.width + 2 * SIDE} ${height + LABEL_TOP + 8}`}
        role="img"
        aria-label={`Flows of money: ${bands.map(({ link }) => `${credits(link.amountMicro)} from ${titleOf(link.from)} to ${titleOf(link.to)}`).join(', ')}.`}
      >
        {bands.map(({ link, path, width }) => (
          <path key={`${link.from} ${link.to}`} class={`flow-band flow-${link.kind}`} d={path} stroke-width={width}>
            <title>{`${credits(link.amountMicro)} ${KIND_WORDS[link.kind as Flow['kind']]}`}</title>
          </path>
        ))}
        {boxes.map(({ id, x, y, width, height: tall, inMicro, outMicro }) => (
          <g key={id}>
            <rect class={`flow-box flow-box-${id}`} x={x} y={y} width={width} height={tall} rx="4" />
            <text class="flow-title" x={labelX(x)} y={y - 19} text-anchor={anchorOf(x)}>
              {titleOf(id)}
            </text>
            <text class="flow-amount" x={labelX(x)} y={y - 5} text-anchor={anchorOf(x)}>
              {creditsRoughly(id === 'treasury' ? outMicro : inMicro)} cr
            </text>
          </g>
        ))}
      </svg>
    </div>
  )
}

const titleOf = (id: string): string => PLACE_WORDS[id]?.title ?? id
const isLast = (x: number): boolean => x > SIZES.width - SIZES.boxWidth - 1
const labelX = (x: number): number => (isLast(x) ? x + SIZES.boxWidth : x)
const anchorOf = (x: number): 'start' | 'end' => (isLast(x) ? 'end' : 'start')
