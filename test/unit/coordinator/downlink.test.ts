import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Effect, GrantEffect } from '../../../coordinator/batch.ts'
import { createDownlink, type DownlinkComponents } from '../../../coordinator/downlink.ts'
import type { PreparedJob } from '../../../coordinator/jobs/job.ts'
import {
  ConfigError,
  type Cut,
  type DeviceId,
  type DownlinkClass,
  decodeAck,
  decodeCancel,
  decodeLease,
  decodeNotice,
  decodeReceipt,
  decodeWelcome,
  frameAad,
  type Grant,
  type JobId,
  jobIdFromBytes,
  LIMITS,
  METERING_VERSION,
  openSign1,
  regionIdOf,
  type SplitPlan,
  seededRandom,
  sha256Hex,
} from '../../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../../protocol/node/index.ts'
import { DEVICES } from '../../support/rows.ts'

const signer = nodeSigner(seededRandom('region').bytes(32))
const REGION_ID = regionIdOf(signer.publicKey)
const PI = DEVICES[0]
const BOX = DEVICES[1]
/** Numbers as large as they get on the wire of a region that has run for a century. */
const LEASE_ID = 2 ** 47
const LEASE_MS = 30 * 86_400_000
const SESSION = 2 ** 47
const MOST = { unitTimeoutMs: LIMITS.unitTimeoutMsMax, unitFuelMax: LIMITS.unitFuelMax }

/** Any part of a blob: bytes that tell where it begins. */
const part = (_blob: string, offset = 0, length = 0) => new Uint8Array(length).fill(offset & 255)
const digestOfBytes = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

/** A downlink whose frames are kept, opened and checked against their bound. */
function setUp(jobs: readonly PreparedJob[] = [], more: Partial<DownlinkComponents> = {}) {
  const frames: { device: DeviceId; name: DownlinkClass; payload: Uint8Array }[] = []
  const events: string[] = []
  const verifier = nodeVerifier()
  const send = createDownlink(
    {
      signer,
      blobs: { read: part, digestOf: (...named) => digestOfBytes(part(...named)) },
      sessionOf: device => (device === BOX ? null : SESSION),
      planOf: () => undefined,
      preparedJob: id => jobs.find(job => job.id === id) ?? null,
      publish: (device, name, frame) => {
        expect(frame.length).toBeLessThanOrEqual(LIMITS.frameBytesMax)
        const aad = frameAad({ regionId: REGION_ID, direction: 'dn', device, class: name })
        frames.push({ device, name, payload: openSign1(frame, aad, signer.publicKey, verifier) })
        events.push(name)
      },
      kick: (device, reason) => void events.push(`kick ${device} ${reason}`),
      failJob: (job, reason) => void events.push(`fail ${job} ${reason}`),
      wallMs: () => 1_700_000_000_000,
      ...more,
    },
    { regionId: REGION_ID, blobUrl: () => 'http://region.example/blob', heartbeatMs: 15_000 },
  )
  return {
    send,
    frames,
    events,
    leases: () => frames.filter(({ name }) => name === 'lease').map(({ payload }) => decodeLease(payload)),
  }
}

type Input = 'range' | { inline: number } | { blob: number }

/** A running job with arguments of so many bytes, whose runs all have an input of one form. */
function jobOf(number: number, input: Input, args: readonly string[] = []): PreparedJob {
  const cut: Cut =
    input === 'range'
      ? { kind: 'range', from: 1 - 2 ** 52, to: 2 ** 52, chunk: 2 ** 31 }
      : { kind: 'records', delimiter: new Uint8Array(LIMITS.delimiterBytesMax), records: LIMITS.unitsPerJobMax }
  const plan: Pick<SplitPlan, 'cut' | 'runInput'> = {
    cut,
    runInput: () => {
      if (input === 'range') return null
      if ('inline' in input) return { kind: 'inline', bytes: new Uint8Array(input.inline) }
      return { kind: 'range', offset: LIMITS.blobBytesMax - input.blob, length: input.blob }
    },
  }
  const isBlob = typeof input === 'object' && 'blob' in input
  return {
    id: jobIdFromBytes(new Uint8Array(10).fill(number)),
    plan: plan as SplitPlan,
    input: isBlob ? sha256Hex('cc'.repeat(32)) : null,
    module: sha256Hex('aa'.repeat(32)),
    moduleBytes: LIMITS.moduleBytesMax,
    abi: 'reactor',
    memoryPagesMax: LIMITS.memoryMiBMax * 16,
    ref: '',
    specJson: '',
    spec: { task: { args, ...MOST } } as unknown as PreparedJob['spec'],
  }
}

function grantOf(job: PreparedJob, index: number, device: DeviceId = PI): GrantEffect {
  const unitCount = LIMITS.unitsPerLeaseMax
  const firstUnit = LIMITS.unitsPerJobMax - unitCount
  return { kind: 'grant', device, job: job.id, leaseId: LEASE_ID + index, firstUnit, unitCount, leaseMs: LEASE_MS }
}

/** What the frames grant, in order: the lease, its job and its input. */
function granted({ leases }: ReturnType<typeof setUp>): [number, JobId | undefined, Grant['input']][] {
  return leases().flatMap(({ tasks, grants }) =>
    grants.map((grant): [number, JobId | undefined, Grant['input']] => [
      grant.leaseId,
      tasks[grant.task]?.job,
      grant.input,
    ]),
  )
}

const MOST_ARGS = Array.from({ length: LIMITS.taskArgsMax }, () => 'x'.repeat(LIMITS.taskArgBytesMax))
const MOST_UTF8_ARGS = MOST_ARGS.map(() => `${'€'.repeat(341)}x`)

describe('a lease frame', () => {
  it.each<[what: string, job: PreparedJob, grants: number, frames: number]>([
    ['many small grants', jobOf(1, 'range'), 1_000, 4],
    ['the largest inline inputs', jobOf(1, { inline: LIMITS.inlineBytesMax }), 10, 4],
    ['the longest arguments', jobOf(1, 'range', MOST_ARGS), 3, 1],
    ['the longest arguments and inputs', jobOf(1, { inline: LIMITS.inlineBytesMax }, MOST_UTF8_ARGS), 3, 3],
    ['parts of a blob', jobOf(1, { blob: LIMITS.inlineBytesMax + 1 }), 512, 2],
    ['parts of a blob that fit inline', jobOf(1, { blob: LIMITS.inlineBytesMax }), 4, 2],
  ])('holds %s within its bound', (_what, job, count, frames) => {
    const it = setUp([job])
    it.send(Array.from({ length: count }, (_, index) => grantOf(job, index)))
    expect(granted(it).map(([leaseId]) => leaseId)).toEqual(Array.from({ length: count }, (_, i) => LEASE_ID + i))
    expect(it.leases()).toHaveLength(frames)
    for (const lease of it.leases()) expect(lease.tasks).toHaveLength(1)
  })

  it('names a task once and each of its grants by it [LEASE-1.1]', () => {
    const jobs = [jobOf(1, 'range', ['a']), jobOf(2, 'range', ['b'])] as const
    const it = setUp(jobs)
    it.send([grantOf(jobs[0], 1), grantOf(jobs[1], 2), grantOf(jobs[0], 3)])
    const [lease] = it.leases()
    expect(lease?.tasks.map(task => task.args)).toEqual([['a'], ['b']])
    expect(lease?.grants.map(grant => grant.task)).toEqual([0, 1, 0])
  })

  it('states the fuel that a unit may burn, and by which rules it is metered [JOB-3.1]', () => {
    const job = jobOf(1, 'range')
    const it = setUp([job])
    it.send([grantOf(job, 1)])
    expect(it.leases()[0]?.tasks).toMatchObject([{ ...MOST, metering: METERING_VERSION }])
  })

  it('names a part of a blob with the digest of exactly that part, unless it is small enough to travel along', () => {
    const large = jobOf(1, { blob: LIMITS.inlineBytesMax + 1 })
    const small = jobOf(2, { blob: LIMITS.inlineBytesMax })
    const it = setUp([large, small])
    it.send([grantOf(large, 1), grantOf(small, 2)])
    const part = new Uint8Array(LIMITS.inlineBytesMax + 1).fill(255)
    expect(granted(it).map(([, , input]) => input)).toEqual([
      {
        kind: 'range',
        blob: large.input,
        offset: LIMITS.blobBytesMax - part.length,
        length: part.length,
        digest: new Uint8Array(createHash('sha256').update(part).digest()),
      },
      { kind: 'inline', bytes: new Uint8Array(LIMITS.inlineBytesMax) },
    ])
  })

  describe('for a part whose digest has to be found out first', () => {
    const large = jobOf(1, { blob: LIMITS.inlineBytesMax + 1 })
    const small = jobOf(2, 'range')
    /** A downlink, and the digest that it waits for: the same for each part. */
    function waiting(more: Partial<DownlinkComponents> = {}) {
      const digest = Promise.withResolvers<Uint8Array>()
      let found: Uint8Array | null = null
      const arrive = async () => {
        found = new Uint8Array(32).fill(7)
        digest.resolve(found)
        await new Promise(setImmediate)
      }
      const digestOf = () => found ?? digest.promise
      return { ...setUp([large, small], { blobs: { read: part, digestOf }, ...more }), arrive, digest }
    }

    it('is sent when the digest is there, and keeps nothing else waiting', async () => {
      const it = waiting()
      it.send([grantOf(large, 1), grantOf(small, 2), { kind: 'ack', device: PI, seq: 5 }])
      expect(it.events).toEqual(['ack', 'lease'])
      await it.arrive()
      expect(granted(it).map(([leaseId]) => leaseId)).toEqual([LEASE_ID + 2, LEASE_ID + 1])
      expect(granted(it)[1]?.[2]).toMatchObject({ kind: 'range', digest: new Uint8Array(32).fill(7) })
    })

    it('is not sent when it was taken back meanwhile, and neither is the cancel', async () => {
      const it = waiting()
      it.send([grantOf(large, 1)])
      it.send([{ kind: 'cancel', device: PI, leaseId: LEASE_ID + 1 }])
      await it.arrive()
      expect(it.events).toEqual([])
      it.send([{ kind: 'cancel', device: PI, leaseId: LEASE_ID + 1 }])
      expect(it.events).toEqual(['cancel'])
    })

    it('is sent once to a device that has connected anew, which is granted its leases again', async () => {
      let session: number | null = 8
      const it = waiting({ sessionOf: () => session })
      it.send([grantOf(large, 1), grantOf(large, 2)])
      session = null
      it.send([{ kind: 'cancel', device: PI, leaseId: LEASE_ID + 2 }])
      session = 9
      it.send([grantOf(large, 1)])
      await it.arrive()
      expect(it.leases().map(({ session, grants }) => [session, grants.map(({ leaseId }) => leaseId)])).toEqual([
        [9, [LEASE_ID + 1]],
      ])
    })

    it('fails its job when the input turns out to be gone', async () => {
      const it = waiting()
      it.send([grantOf(large, 1)])
      it.digest.reject(new ConfigError({ code: 'not_found', path: 'x' }, 'It is gone.'))
      await new Promise(setImmediate)
      expect(it.events).toEqual([`fail ${large.id} It is gone.`])
    })
  })

  it('stays within its bound whatever is granted, and leaves nothing out', () => {
    const forms = fc.oneof(
      fc.constant<Input>('range'),
      fc.record({ inline: fc.integer({ min: 0, max: LIMITS.inlineBytesMax }) }),
      fc.record({ blob: fc.integer({ min: 1, max: 2 * LIMITS.inlineBytesMax }) }),
    )
    const args = fc.constantFrom([], ['--fast'], MOST_ARGS, MOST_UTF8_ARGS)
    const job = fc.record({ form: forms, args })
    const order = fc.array(fc.record({ job: fc.nat(3), times: fc.integer({ min: 1, max: 100 }) }), { maxLength: 8 })
    fc.assert(
      fc.property(fc.array(job, { minLength: 4, maxLength: 4 }), order, (forms, order) => {
        const jobs = forms.map(({ form, args }, number) => jobOf(number, form, args))
        const effects = order
          .flatMap(({ job, times }) => Array<PreparedJob>(times).fill(jobs[job] as PreparedJob))
          .map((job, index) => grantOf(job, index))
        const it = setUp(jobs)
        it.send(effects)
        expect(granted(it).map(([leaseId, job]) => [leaseId, job])).toEqual(
          effects.map(({ leaseId, job }) => [leaseId, job]),
        )
      }),
      { numRuns: 20 },
    )
  })

  it('has room for the heads of parts when inline inputs come after them', () => {
    const parts = jobOf(1, { blob: LIMITS.inlineBytesMax + 1 })
    for (const inline of [8_700, 8_800, 8_900, 9_700, 9_800, 9_900]) {
      const rest = jobOf(2, { inline })
      const it = setUp([parts, rest])
      it.send(Array.from({ length: 255 }, (_, index) => grantOf(index < 250 ? parts : rest, index)))
      expect(granted(it)).toHaveLength(255)
    }
  })

  it('is not made for a job that has ended, nor for a job whose input is gone', () => {
    const gone = jobOf(1, { blob: 10 })
    const ended = jobOf(2, 'range')
    const runs = jobOf(3, 'range')
    const read = () => {
      throw new ConfigError({ code: 'not_found', path: 'x' }, 'It is gone.')
    }
    const it = setUp([gone, runs], { blobs: { read, digestOf: read } })
    it.send([grantOf(gone, 1), grantOf(ended, 2), grantOf(runs, 3)])
    expect(granted(it).map(([leaseId]) => leaseId)).toEqual([LEASE_ID + 3])
    expect(it.events).toEqual([`fail ${gone.id} It is gone.`, 'lease'])
  })
})

describe('effects', () => {
  it('become one message of each kind for a device, as many as fit', () => {
    const it = setUp()
    const many = (kind: 'ack' | 'cancel', count: number): Effect[] =>
      Array.from({ length: count }, (_, i) =>
        kind === 'ack' ? { kind, device: PI, seq: LEASE_ID + i } : { kind, device: PI, leaseId: LEASE_ID + i },
      )
    it.send([...many('ack', 257), ...many('cancel', 300)])
    expect(it.frames.map(({ name }) => name)).toEqual(['ack', 'ack', 'cancel', 'cancel'])
    const seqs = it.frames.filter(({ name }) => name === 'ack').flatMap(({ payload }) => decodeAck(payload).seqs)
    expect(seqs).toEqual(Array.from({ length: 257 }, (_, i) => LEASE_ID + i))
    const ids = it.frames
      .filter(({ name }) => name === 'cancel')
      .flatMap(({ payload }) => decodeCancel(payload).leaseIds)
    expect(ids).toHaveLength(300)
  })

  it('bring a receipt with its proof as they are, signed for the device', () => {
    const { send, frames } = setUp()
    const [entry, proof] = [Uint8Array.of(1, 2), Uint8Array.of(3)]
    send([
      { kind: 'receipt', device: PI, entry, proof },
      { kind: 'receipt', device: BOX, entry, proof },
    ])
    expect(frames.map(({ device, name }) => [device, name])).toEqual([[PI, 'receipt']])
    expect(decodeReceipt(frames[0]?.payload ?? new Uint8Array())).toEqual({ session: SESSION, entry, proof })
  })

  it('for a device that is not connected are dropped: what matters is sent again at its hello', () => {
    const job = jobOf(1, 'range')
    const it = setUp([job])
    it.send([
      grantOf(job, 1, BOX),
      { kind: 'ack', device: BOX, seq: 1 },
      { kind: 'cancel', device: BOX, leaseId: 1 },
      { kind: 'welcome', device: BOX, standing: 'joined', reason: '' },
    ])
    expect(it.frames).toEqual([])
  })

  it('that give and take back the same lease send neither', () => {
    const job = jobOf(1, 'range')
    const it = setUp([job])
    it.send([grantOf(job, 1), grantOf(job, 2), { kind: 'cancel', device: PI, leaseId: LEASE_ID + 1 }])
    expect(it.events).toEqual(['lease'])
    expect(granted(it).map(([leaseId]) => leaseId)).toEqual([LEASE_ID + 2])
  })

  it('tell a device where it stands before it is cut off', () => {
    const it = setUp()
    it.send([
      { kind: 'welcome', device: PI, standing: 'caught', reason: 'returned a wrong result' },
      { kind: 'kick', device: PI, reason: 'revoked' },
      { kind: 'notice', device: PI, standing: 'revoked', text: 'sold' },
    ])
    expect(it.events).toEqual(['welcome', 'notice', `kick ${PI} revoked`])
    const [welcome, notice] = it.frames.map(({ payload }) => payload)
    expect(decodeWelcome(welcome as Uint8Array)).toEqual({
      session: SESSION,
      coordinatorWallMs: 1_700_000_000_000,
      regionKey: signer.publicKey,
      standing: 'caught',
      blobUrl: 'http://region.example/blob',
      heartbeatMs: 15_000,
      reason: 'returned a wrong result',
    })
    expect(decodeNotice(notice as Uint8Array)).toEqual({ session: SESSION, standing: 'revoked', text: 'sold' })
  })

  it('about jobs are for submitters, not for devices', () => {
    const it = setUp()
    const job = jobOf(1, 'range').id
    it.send([
      { kind: 'aggregate', job },
      { kind: 'job-changed', submitter: 'alice' as never, job, what: 'status' },
    ])
    expect(it.events).toEqual([])
  })
})
