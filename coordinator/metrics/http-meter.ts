/** Counts requests over HTTP and how long they took. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../protocol/index.ts'
import type { Family } from './exposition.ts'
import { Histogram, SECONDS } from './histogram.ts'
import { routeClass } from './route-class.ts'
import { Tally } from './tally.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']

/** A request's exchange, as far as it is measured. */
export interface MeasuredExchange {
  readonly req: Pick<IncomingMessage, 'method'>
  readonly res: Pick<ServerResponse, 'once' | 'statusCode' | 'headersSent'>
  readonly path: string
}

export class HttpMeter {
  private readonly clock: Clock
  private readonly requests = new Tally(
    'hedgerow_http_requests_total',
    'Requests over HTTP that were answered; status 0 is of those who hung up before.',
    ['route', 'method', 'status'],
  )
  private readonly seconds = new Histogram(
    'hedgerow_http_request_duration_seconds',
    'From the head of a request to the last byte of its answer.',
    SECONDS,
    'route',
  )

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Measures one request until its answer is sent or its connection is gone. */
  watch({ req, res, path }: MeasuredExchange): void {
    const startedMs = this.clock.monotonicMs()
    const route = routeClass(path)
    const method = METHODS.find(known => known === req.method) ?? 'other'
    res.once('close', () => {
      this.requests.add([route, method, res.headersSent ? String(res.statusCode) : '0'])
      this.seconds.observe((this.clock.monotonicMs() - startedMs) / 1_000, route)
    })
  }

  families(): Family[] {
    return [this.requests.family(), this.seconds.family()]
  }
}
