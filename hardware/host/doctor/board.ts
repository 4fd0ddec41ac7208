/** Does the board get enough power, and is it cool enough? */
import { broken, type Finding, HardwareError, warning, well } from '../../../protocol/index.ts'
import { readSocTemperatureMilliC, readThrottled } from '../../soc.ts'
import type { RunCommand } from '../run-command.ts'
import { readThrottledHistory } from '../throttled-history.ts'

export interface BoardPorts {
  readonly root: string
  readonly run: RunCommand
}

/** A Raspberry Pi slows down from 80 °C on and more from 85 °C on. */
const WARM_MILLI_C = 75_000
const HOT_MILLI_C = 80_000
const SUPPLY =
  'Use the power supply that is made for this board (Pi 4: 5.1 V 3 A, Pi 5: 5.1 V 5 A) with its own short cable, and power USB disks by themselves.'
const COOLING = 'Give it a heat sink or a fan, and air: sun, a closed box and the top of a router are too warm.'

export async function checkBoard({ root, run }: BoardPorts): Promise<Finding[]> {
  const history = await readThrottledHistory(run, { root })
  return [power(root, history), temperature(root, history)]
}

type History = Awaited<ReturnType<typeof readThrottledHistory>>

function power(root: string, history: History): Finding {
  const now = history?.underVoltageNow ?? reading(() => readThrottled({ root })?.underVoltage ?? null)
  if (now === true)
    return broken(
      'power',
      'The voltage is too low at this moment, and the board may stop or lose what it writes.',
      SUPPLY,
    )
  if (history?.underVoltageOnce)
    return warning('power', 'The voltage was too low at some time since the start.', SUPPLY)
  if (now === null) return well('power', 'This board does not tell of its voltage.')
  return well(
    'power',
    history === null ? 'The voltage is high enough.' : 'The voltage has been high enough since the start.',
  )
}

function temperature(root: string, history: History): Finding {
  const milliC = reading(() => readSocTemperatureMilliC({ root }))
  if (milliC === null) return well('temperature', 'This board does not tell its temperature.')
  const says = `The chip has ${(milliC / 1_000).toFixed(1)} °C`
  if (milliC >= HOT_MILLI_C || history?.throttledNow === true) {
    return broken('temperature', `${says} and is slowed down.`, COOLING)
  }
  if (milliC >= WARM_MILLI_C) return warning('temperature', `${says}, and is slowed down from 80 °C on.`, COOLING)
  if (history?.throttledOnce)
    return warning('temperature', `${says}, and was slowed down at some time since the start.`, COOLING)
  return well('temperature', `${says}.`)
}

/** A board that answers nonsense is one that says nothing. */
function reading<Value>(read: () => Value | null): Value | null {
  try {
    return read()
  } catch (thrown) {
    if (!(thrown instanceof HardwareError)) throw thrown
    return null
  }
}
