/**
 * The ledger: transfers a second into SQLite with the public log, beside a plain SQLite loop and TigerBeetle; and how long an auditor
 * takes to verify a log of a million entries.
 */
import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type Bench, type Figures, type Measured, target } from './harness.ts'
import { OurLedger } from './ledger/ours.ts'
import { payments } from './ledger/payments.ts'
import { PlainSqlite } from './ledger/plain.ts'
import { openTigerBeetle } from './ledger/tigerbeetle.ts'
import type { HistoryVerdict } from './ledger/verify-history.ts'
import { rounded, type Summary, summarize } from './statistics.ts'
import type { Workplace } from './workplace.ts'

const PARTS = ['transfers', 'verify'] as const
const ROUNDS = 5
/** Two milliseconds of group commit gather about 250; a region with more to do than that gathers more. */
const GROUPS = [250, 1_000, 8_000] as const
const JUDGED_GROUP = 1_000
const OUR_PAYMENTS = 64_000
const PLAIN_PAYMENTS = 8_000
const TIGERBEETLE_PAYMENTS = 160_000
const RATE_TARGET = 50_000
/** The smaller shows what grows with the log. */
const HISTORIES = [100_000, 1_000_000] as const
const VERIFY_SECONDS_TARGET = 60

export const ledger: Bench = {
  name: 'ledger',
  summary: `transfers a second into SQLite with the public log, and the audit of a million entries (parts: ${PARTS.join(', ')})`,
  measure,
}

async function measure(place: Workplace, parts: readonly string[]): Promise<Measured> {
  const unknown = parts.find(part => !PARTS.some(known => known === part))
  if (unknown !== undefined) throw new Error(`There is no part '${unknown}'; there are ${PARTS.join(' and ')}.`)
  const wants = (part: (typeof PARTS)[number]) => parts.length === 0 || parts.includes(part)
  const transfers = wants('transfers') ? await measureTransfers(place) : null
  const verify = wants('verify') ? await measureVerify(place) : null
  const both = [transfers, verify].filter(measured => measured !== null)
  return {
    ours: Object.assign({}, ...both.map(measured => measured.ours)) as Figures,
    peer: transfers?.peer ?? null,
    targets: both.flatMap(measured => measured.targets),
    notes: both.flatMap(measured => measured.notes),
  }
}

async function measureTransfers(place: Workplace): Promise<Measured> {
  const ours = new OurLedger(join(place.folder(), 'ledger.sqlite'))
  const plain = new PlainSqlite(join(place.folder(), 'plain.sqlite'))
  place.atEnd(() => ours.close())
  place.atEnd(() => plain.close())
  const tigerBeetle = await openTigerBeetle(place)
  const rates = new Map<string, number[]>()
  const note = (name: string, rate: number) => rates.set(name, [...(rates.get(name) ?? []), rate])
  const booked = { ours: 0, plain: 0, tigerBeetle: 0 }
  const next = (name: keyof typeof booked, count: number) => {
    const made = payments(booked[name], count)
    booked[name] += count
    return made
  }
  // The first round warms up and is forgotten.
  for (let round = 0; round <= ROUNDS; round++) {
    place.say(round === 0 ? 'warming up' : `round ${round} of ${ROUNDS}`)
    for (const group of GROUPS) note(`ours/${group}`, ours.book(next('ours', OUR_PAYMENTS), group))
    note('plain', plain.book(next('plain', PLAIN_PAYMENTS)))
    if (typeof tigerBeetle === 'string') continue
    note('tigerBeetle', await tigerBeetle.book(next('tigerBeetle', TIGERBEETLE_PAYMENTS)))
  }
  const measured = (name: string) => (rates.get(name) ?? []).slice(1)
  const summary = (name: string) => summarize(measured(name).map(rounded))
  const times = (name: string, peer: string): Summary =>
    summarize(measured(name).map((rate, round) => rounded(rate / (measured(peer)[round] ?? Number.NaN))))
  const judged = summary(`ours/${JUDGED_GROUP}`)
  const perGroup = (figure: (name: string) => Summary) =>
    Object.fromEntries(GROUPS.map(group => [`inGroupsOf${group}`, figure(`ours/${group}`)]))
  const isPeer = typeof tigerBeetle !== 'string'
  return {
    ours: {
      transfersPerSecond: perGroup(summary),
      timesPlainSqlite: perGroup(name => times(name, 'plain')),
      ...(isPeer ? { timesTigerBeetle: perGroup(name => times(name, 'tigerBeetle')) } : {}),
      transfersBooked: booked.ours,
    },
    peer: {
      plainSqliteTransfersPerSecond: summary('plain'),
      ...(isPeer ? { tigerBeetle: tigerBeetle.version, tigerBeetleTransfersPerSecond: summary('tigerBeetle') } : {}),
    },
    targets: [
      target(
        `transfers a second in groups of ${JUDGED_GROUP}, synced, with the log`,
        judged.median,
        'higher',
        RATE_TARGET,
      ),
    ],
    notes: [
      'Ours: a payment is checked, booked on two accounts, encoded, hashed into the tree of the log and written as two rows; a group is one transaction, synchronous=FULL.',
      'Plain SQLite: two updates and one insert in a transaction of their own, synchronous=FULL, on the same disk; no log.',
      isPeer
        ? 'TigerBeetle: one replica on the same disk, 8,189 transfers a message, one message at a time.'
        : tigerBeetle,
    ],
  }
}

async function measureVerify(place: Workplace): Promise<Measured> {
  const histories: Record<string, string | number>[] = []
  let last: HistoryVerdict | null = null
  for (const entries of HISTORIES) {
    const file = join(place.folder(), 'ledger.sqlite')
    place.say(`writing a log of ${entries} entries`)
    const written = JSON.parse(await runScript(place, 'write-history.ts', [file, `${entries}`])) as { seconds: number }
    place.say('verifying it')
    last = JSON.parse(await runScript(place, 'verify-history.ts', [file])) as HistoryVerdict
    if (last.problems.length > 0) throw new Error(`The log is not in order: ${last.problems[0]}`)
    histories.push({
      entries: last.entries,
      transfers: last.transfers,
      databaseMiB: Math.round(statSync(file).size / 2 ** 20),
      writtenInSeconds: rounded(written.seconds),
      verifiedInSeconds: rounded(last.seconds),
      entriesPerSecond: rounded(last.entries / last.seconds),
      peakMiB: last.peakMiB,
    })
  }
  return {
    ours: { histories },
    peer: null,
    targets: [
      target('seconds to verify 10^6 entries', rounded(last?.seconds ?? Number.NaN), 'lower', VERIFY_SECONDS_TARGET),
    ],
    notes: [
      'Verified: everything that `hedgerow ledger verify --file` looks at, the rows of the database included, in a process of its own; the peak is its resident memory, Node included.',
    ],
  }
}

/** Runs a script of this bench in a process of its own. @returns what it wrote */
function runScript(place: Workplace, name: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'ledger', name), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  place.adopt(child)
  let text = ''
  child.stdout.on('data', chunk => {
    text += String(chunk)
  })
  return new Promise((resolve, reject) => {
    child.once('close', code => (code === 0 ? resolve(text) : reject(new Error(`${name} ended with ${code}.`))))
  })
}
