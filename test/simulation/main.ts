/** `npm run -s sim -- NAME`; without a name it lists what there is. Prints price paths, the same each time: every chance has a seed. */
import { runCartel, STRATEGIES, STRUCTURES } from './pricing/cartel.ts'
import { middle, spread, turns } from './pricing/path.ts'
import { openMarket, type SteadyOptions } from './pricing/scenarios.ts'

const EPOCHS = 80
const SHOWN = 12
const NAME_WIDTH = 64

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

const SIMULATIONS: Readonly<Record<string, { readonly summary: string; run(): void }>> = {
  pricing: { summary: 'base prices under steady demand, and with a cartel', run: pricing },
}

const [name] = process.argv.slice(2)
const chosen = name === undefined ? undefined : SIMULATIONS[name]
if (chosen !== undefined) chosen.run()
else {
  print('npm run -s sim -- NAME\n')
  for (const [known, { summary }] of Object.entries(SIMULATIONS)) print(`  ${known.padEnd(12)}${summary}`)
  process.exitCode = name === undefined ? 0 : 2
}
