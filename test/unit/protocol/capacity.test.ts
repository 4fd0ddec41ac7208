import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  CAPACITY_INPUT_BYTES,
  CAPACITY_MODULE_SHA256,
  CAPACITY_UNIT_FUEL,
  capacityAnswer,
  capacityModule,
} from '../../../protocol/capacity/index.ts'
import { utf8 } from '../../../protocol/index.ts'
import { inspectModule } from '../../../protocol/metering/index.ts'
import { runUnit, taskOf } from '../../support/run-task.ts'

const INPUTS = [1e15, 4_503_599_627_370_496, 8_999_999_999_999_998].map(from => utf8(`${from} ${from + 1}\n`))

describe('the task of capacity checks [PRICE-4.3]', () => {
  test('answers what the region computes without WebAssembly, and every unit burns the same', () => {
    const task = taskOf(capacityModule())
    for (const input of INPUTS) {
      expect(input).toHaveLength(CAPACITY_INPUT_BYTES)
      const right = { kind: 'ok', fuel: CAPACITY_UNIT_FUEL, bytes: capacityAnswer(input) }
      expect(runUnit(task, input)).toEqual(right)
    }
  })

  test('answers something else to every input', () => {
    const answers = new Set(INPUTS.map(input => Buffer.from(capacityAnswer(input)).toString('hex')))
    expect(answers.size).toBe(INPUTS.length)
  })

  test('is a reactor of one page of memory, of the hash that coordinators keep', () => {
    const bytes = capacityModule()
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(CAPACITY_MODULE_SHA256)
    expect(inspectModule(bytes)).toMatchObject({ abi: 'reactor', memory: { initialPages: 1 } })
  })
})
