/**
 * `npm run -s sim -- --seeds N` runs a fleet of seeds, `--seed N` replays one, `NAME` runs one of the named simulations; without any of
 * these it lists what there is. Every chance has a seed.
 */
import { parseArgs } from 'node:util'
import { huntBugs } from './bugs/command.ts'
import { replay, runSeeds } from './fleet/command.ts'
import { runCartel, STRATEGIES, STRUCTURES } from './pricing/cartel.ts'
import { middle, spread, turns } from './pricing/path.ts'
import { openMarket, type SteadyOptions } from './pricing/scenarios.ts'
import { printLifetimes } from './verification/lifetime-table.ts'
import { printVerification } from './verification/table.ts'

const EPOCHS = 80
const SHOWN = 12
const NAME_WIDTH = 64
const LIVES = 60

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Every so many epochs the price, then its middle and spread over the last half, and how often it turned. */
function row(name: string, path: readonly bigint[]): void {
  const every = Math.ceil(path.length / SHOWN)
  const shown = path.filter((_, epoch) => epoch % every === every - 1).map(price => String(price).padStart(6))
  const tail = path.slice(path.length / 2)
  const figures = `middle ${middle(tail)}, within ${(100 * spread(tail)).toFixed(1)} %, ${turns(tail)} turns`
  print(`${name.padEnd(NAME_WIDTH)}${shown.join('')}   ${figures}`)
}

function pricing(): void {
  print('Micro-credits for 10^9 fuel. 40 slots of 8 owners; the wanted slots are those at 8000.\n')
  for (const floors of ['spread', 'equal', 'none'] as const) {
    for (const elasticity of [0.5, 1, 2, 3]) {
      for (const slots of [16, 24]) {
        const options: SteadyOptions = { seed: `sim/${floors}/${elasticity}/${slots}`, floors, elasticity, slots }
        const market = openMarket(options)
        market.run(EPOCHS)
        row(`floors ${floors}, elasticity ${elasticity}, ${slots} slots wanted`, market.path)
      }
    }
  }
  print('\nA cartel of 40 of 100 slots; honest owners ask 8000, so 9600 is the bound.\n')
  for (const structure of STRUCTURES) {
    for (const strategy of STRATEGIES) {
      row(
        `${structure.name}: ${strategy.name}`.slice(0, NAME_WIDTH - 2),
        runCartel(structure, strategy, 'equal', 'sim').path,
      )
    }
  }
}

interface Simulation {
  readonly summary: string
  /** Whether all is well. */
  run(argument: string | undefined): boolean | Promise<boolean>
}

const SIMULATIONS: Readonly<Record<string, Simulation>> = {
  pricing: {
    summary: 'base prices under steady demand, and with a cartel',
    run: () => {
      pricing()
      return true
    },
  },
  verification: {
    summary: 'wrong results, replicas and punished devices among cheats of every kind; takes some minutes',
    run: () => {
      printVerification(print)
      return true
    },
  },
  rarely: {
    summary:
      'what of the cheats of a device that cheats rarely is wrong in the end; so many fleets, 60 when left out, take half an hour',
    run: count => {
      printLifetimes(print, count === undefined ? LIVES : Number(count))
      return true
    },
  },
  bugs: {
    summary: 'plants bugs one by one, or the one named, and says which seed found each',
    run: id => huntBugs(id, print),
  },
}

function usage(): void {
  print('npm run -s sim -- --seeds COUNT [--from FIRST]   a fleet of seeds: devices, faults and checks')
  print('npm run -s sim -- --seed SEED                    one of them again, and the hash of all that happened')
  print('npm run -s sim -- NAME\n')
  for (const [known, { summary }] of Object.entries(SIMULATIONS)) print(`  ${known.padEnd(12)}${summary}`)
}

const { values, positionals } = parseArgs({
  options: { seeds: { type: 'string' }, seed: { type: 'string' }, from: { type: 'string', default: '1' } },
  allowPositionals: true,
})
const chosen = SIMULATIONS[positionals[0] ?? '']
if (values.seed !== undefined) process.exitCode = (await replay(values.seed, print)) ? 0 : 1
else if (values.seeds !== undefined) {
  process.exitCode = (await runSeeds(Number(values.seeds), Number(values.from), print)) ? 0 : 1
} else if (chosen !== undefined) process.exitCode = (await chosen.run(positionals[1])) ? 0 : 1
else {
  usage()
  process.exitCode = positionals.length === 0 ? 0 : 2
}
