import fc from 'fast-check'
import { expect, it } from 'vitest'
import { IndexedSet } from '../../../../coordinator/scheduling/indexed-set.ts'

it('holds what a set holds, each at one place', () => {
  const step = fc.record({ add: fc.boolean(), item: fc.nat(9) })
  fc.assert(
    fc.property(fc.array(step), steps => {
      const subject = new IndexedSet<number>()
      const model = new Set<number>()
      for (const { add, item } of steps) {
        if (add) {
          subject.add(item)
          model.add(item)
        } else expect(subject.delete(item)).toBe(model.delete(item))
        expect(subject.size).toBe(model.size)
        const items = Array.from({ length: subject.size }, (_, index) => subject.at(index))
        expect(new Set(items)).toEqual(model)
        for (let other = 0; other < 10; other++) expect(subject.has(other)).toBe(model.has(other))
      }
      expect(subject.at(subject.size)).toBeUndefined()
    }),
  )
})
