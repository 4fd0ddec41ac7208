import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ConditionPolicy } from '../../../../device/governor/condition-policy.ts'
import { fileSource, type TopicHandlers, topicSource } from '../../../../device/governor/condition-source.ts'
import { utf8 } from '../../../../protocol/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const newFolder = tempDirs()
const policy = (field?: string): ConditionPolicy => ({
  name: 'solar',
  source: { file: '' },
  demand: { atLeast: 1 },
  ...(field === undefined ? {} : { field }),
})

function world(field?: string) {
  const path = join(newFolder(), 'solar.json')
  const clock = new VirtualClock()
  return { path, clock, source: fileSource(clock, policy(field), path) }
}

describe('a file', () => {
  it.each([
    ['230.5\n', undefined, '230.5'],
    [' cheap ', undefined, 'cheap'],
    ['{"watts": 230}', 'watts', '230'],
    ['{"power": {"phases": [{"watts": -12.5}]}}', 'power.phases.0.watts', '-12.5'],
    ['{"grid": true}', 'grid', 'true'],
    ['{"tariff": "low"}', 'tariff', 'low'],
  ])('with %j and the field %s says %s', (content, field, text) => {
    const { path, source } = world(field)
    writeFileSync(path, content)
    expect(source.read()).toMatchObject({ text, fault: '' })
  })

  it.each([
    ['', undefined, 'it is empty'],
    ['watts=3', 'watts', 'it is not JSON'],
    ['{"watts": 3}', 'power.watts', "it has no value at 'power.watts'"],
    ['{"watts": null}', 'watts', "it has no value at 'watts'"],
    ['{"watts": [1]}', 'watts', "it has no value at 'watts'"],
    ['{}', 'constructor.name', "it has no value at 'constructor.name'"],
  ])('with %j and the field %s has no value', (content, field, fault) => {
    const { path, source } = world(field)
    writeFileSync(path, content)
    expect(source.read()).toEqual({ text: null, ageMs: null, fault })
  })

  it('is read anew each time, and as old as its last change', () => {
    const { path, clock, source } = world()
    expect(source.read()).toEqual({ text: null, ageMs: null, fault: `there is no file ${path}` })
    writeFileSync(path, '1')
    utimesSync(path, 0, clock.wallMs() / 1_000 - 90)
    expect(source.read()).toEqual({ text: '1', ageMs: 90_000, fault: '' })
    rmSync(path)
    expect(source.read().text).toBeNull()
  })

  it('is not read when it is no small file', () => {
    const { path, source } = world()
    writeFileSync(path, ' '.repeat(65_537))
    expect(source.read().fault).toMatch(/has more than 65536 bytes$/)
    expect(fileSource(new VirtualClock(), policy(), newFolder()).read()).toMatchObject({
      text: null,
      fault: expect.stringMatching(/EISDIR/),
    })
  })
})

describe('a topic', () => {
  function topic(field?: string) {
    const clock = new VirtualClock()
    let hear: TopicHandlers | null = null
    let closed = false
    const address = { url: 'mqtt://house', topic: 'sun' }
    const source = topicSource(clock, policy(field), address, (asked, handlers) => {
      expect(asked).toBe(address)
      hear = handlers
      return () => {
        closed = true
      }
    })
    const heard = (): TopicHandlers => {
      if (hear === null) throw new Error('nobody listens')
      return hear
    }
    return { clock, source, heard, isClosed: () => closed }
  }

  it('says what came last, and how long ago', async () => {
    const { clock, source, heard } = topic('watts')
    expect(source.read()).toEqual({ text: null, ageMs: null, fault: 'nothing has come on sun yet' })
    heard().message(utf8('{"watts": 5}'))
    heard().message(utf8('{"watts": 7}'))
    await clock.advance(30_000)
    expect(source.read()).toEqual({ text: '7', ageMs: 30_000, fault: '' })
    heard().message(utf8('nonsense'))
    expect(source.read()).toEqual({ text: null, ageMs: null, fault: 'it is not JSON' })
  })

  it('says why nothing can come, until something has', async () => {
    const { clock, source, heard } = topic()
    heard().lost('The broker at mqtt://house cannot be reached: nobody listens there.')
    expect(source.read().fault).toBe('the broker at mqtt://house cannot be reached: nobody listens there')
    heard().message(utf8('3'))
    heard().lost('The broker at mqtt://house closed the connection.')
    await clock.advance(1_000)
    expect(source.read()).toEqual({ text: '3', ageMs: 1_000, fault: '' })
  })

  it('refuses a message that is no value', () => {
    const { source, heard } = topic()
    heard().message(new Uint8Array(65_537))
    expect(source.read().fault).toBe('its message is too long')
  })

  it('is left when nobody asks any more', () => {
    const { source, isClosed } = topic()
    source.close()
    expect(isClosed()).toBe(true)
  })
})
