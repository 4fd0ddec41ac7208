import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { Explanation } from '../../coordinator/http/admin-api.ts'
import type { BasePrice, PriceMove, Prices } from '../../coordinator/http/price-api.ts'
import { live } from '../api/live.ts'
import { useResource } from '../api/resource.ts'
import { priceData, priceTitle, priceUnit, priceWords } from '../charts/price-history.ts'
import { TimeChart } from '../charts/time-chart.tsx'
import { nowMs } from '../platform.ts'
import { ExplanationText } from '../ui/explanation.tsx'
import { count, credits, creditsOnly, duration, percent } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Ago, Until } from '../ui/time.tsx'
import { PriceBand } from './prices-band.tsx'

/** `#/prices` */
export default function PricesView() {
  const asked = useResource<Prices>('/api/prices')
  const prices = live.prices.value ?? asked.value
  return (
    <Page
      title="Prices"
      lead={
        prices === null ? (
          'What work and readings cost.'
        ) : prices.priceStepMax === 0 ? (
          'Prices stay as they are in this region.'
        ) : (
          <>
            Epoch {count(prices.epoch)}, {duration(prices.epochMs)} long. Prices move{' '}
            <Until at={prices.nextMs} over="now" />, by {percent(prices.priceStepMax)} at most: up while more than{' '}
            {percent(prices.targetUtilisation)} of what is on offer is at work, down while less is.
          </>
        )
      }
    >
      {asked.problem === null || prices !== null ? null : <Notice kind="problem">{asked.problem}</Notice>}
      {prices === null ? null : (
        <div class="price-cards">
          {prices.prices.map(price => (
            <PriceCard key={price.what} price={price} moves={prices.moves.filter(({ what }) => what === price.what)} />
          ))}
        </div>
      )}
    </Page>
  )
}

function PriceCard({ price, moves }: { price: BasePrice; moves: readonly PriceMove[] }) {
  const { what, priceMicro, utilisation } = price
  const isExplained = useSignal(false)
  const last = moves[0]
  // As of the newest telling, so that the chart is not drawn again each second.
  const data = useMemo(() => priceData(price, moves, nowMs()), [price, moves.length])
  const isUp = last !== undefined && BigInt(last.afterMicro) > BigInt(last.beforeMicro)
  return (
    <section class="card price-card" aria-label={priceTitle(what)}>
      <header>
        <h2>{priceTitle(what)}</h2>
        <p class="card-note">{priceUnit(what)}</p>
      </header>
      <p class="price-now">
        <strong>{creditsOnly(priceMicro)}</strong> cr
        {last === undefined ? null : (
          <span class="price-move">
            {isUp ? '▲' : '▼'} from {creditsOnly(last.beforeMicro)} <Ago at={last.atMs} />
          </span>
        )}
      </p>
      <p class="price-use">
        {utilisation === null
          ? 'Nobody offers it at present.'
          : `${percent(utilisation)} of what is on offer is at work in this epoch.`}
      </p>
      <PriceBand price={price} />
      {moves.length === 0 ? (
        <p class="card-note">It has not moved yet.</p>
      ) : (
        <>
          <TimeChart data={data} label={priceWords(price, moves)} />
          <details class="chart-table">
            <summary>The same as a table</summary>
            <MoveTable moves={moves} />
          </details>
        </>
      )}
      <details
        class="chart-table"
        onToggle={event => {
          if (event.currentTarget.open) isExplained.value = true
        }}
      >
        <summary>Why this price</summary>
        {isExplained.value ? <Why what={what} /> : null}
      </details>
    </section>
  )
}

function Why({ what }: { what: string }) {
  const { value, problem } = useResource<Explanation>(`/api/prices/${encodeURIComponent(what)}/explain`)
  if (problem !== null) return <Notice kind="problem">{problem}</Notice>
  return value === null ? <p aria-busy="true">Asking …</p> : <ExplanationText explanation={value} />
}

const BOUNDS = { ceiling: 'held back by the ceiling', ground: 'held by the floor' } as const

function MoveTable({ moves }: { moves: readonly PriceMove[] }) {
  return (
    <Table
      caption="Moves of the price, newest first"
      rows={moves}
      keyOf={({ epoch }) => epoch}
      pageRows={10}
      columns={[
        { id: 'epoch', title: 'Epoch', isName: true, cell: ({ epoch }) => count(epoch) },
        { id: 'when', title: 'When', cell: ({ atMs }) => <Ago at={atMs} /> },
        { id: 'before', title: 'Before', numeric: true, cell: ({ beforeMicro }) => credits(beforeMicro) },
        { id: 'after', title: 'After', numeric: true, cell: ({ afterMicro }) => credits(afterMicro) },
        {
          id: 'use',
          title: 'At work',
          numeric: true,
          cell: ({ utilisation }) => (utilisation === null ? 'nobody' : percent(utilisation)),
        },
        { id: 'bound', title: 'Bound', cell: ({ bound }) => (bound === null ? '–' : BOUNDS[bound]) },
      ]}
    />
  )
}
