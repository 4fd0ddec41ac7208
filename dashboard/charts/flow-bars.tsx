import { credits } from '../ui/format.ts'
import type { Flow } from '../verify/messages.ts'
import { moneyLinks, PLACE_WORDS } from './money-flows.ts'

const WIDTH = 300

/** The flows of money one below the other, for narrow screens. */
export function FlowBars({ flows }: { flows: readonly Flow[] }) {
  const links = moneyLinks(flows)
  const longest = Math.max(1, ...links.map(({ amountMicro }) => lengthOf(amountMicro)))
  return (
    <ol class="flow-bars">
      {links.map(({ from, to, kind, amountMicro }) => (
        <li key={`${from} ${to}`}>
          <span>
            {titleOf(from)} → {titleOf(to)}
          </span>
          <strong>{credits(amountMicro)}</strong>
          <svg viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden="true">
            <rect
              class={`flow-bar flow-bar-${kind}`}
              width={Math.max(2, (WIDTH * lengthOf(amountMicro)) / longest)}
              height="8"
              rx="3"
            />
          </svg>
        </li>
      ))}
    </ol>
  )
}

const lengthOf = (amountMicro: bigint): number => Math.sqrt(Number(amountMicro))
const titleOf = (id: string): string => PLACE_WORDS[id]?.title ?? id
