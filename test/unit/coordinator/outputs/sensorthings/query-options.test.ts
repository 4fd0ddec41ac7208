import { describe, expect, test } from 'vitest'
import { parseQueryOptions } from '../../../../../coordinator/outputs/sensorthings/query-options.ts'
import { parseResourcePath } from '../../../../../coordinator/outputs/sensorthings/resource-path.ts'

describe('a query', () => {
  test('without options leaves everything open', () => {
    expect(parseQueryOptions('')).toMatchObject({
      filter: null,
      orderBy: [],
      top: null,
      skip: 0,
      count: false,
      select: null,
    })
    expect(parseQueryOptions('_=1&utm_source=x')).toMatchObject({ written: [] })
  })

  test('is read option by option, percent-encoded or not', () => {
    const options = parseQueryOptions(
      '%24top=5&$skip=2&$count=true&$select=id,%20name&$orderby=phenomenonTime%20desc,Datastream/id&$resultFormat=dataArray',
    )
    expect(options).toMatchObject({
      ...{ top: 5, skip: 2, count: true, select: ['id', 'name'], dataArray: true },
      orderBy: [
        { path: ['phenomenonTime'], descending: true },
        { path: ['Datastream', 'id'], descending: false },
      ],
    })
    expect(parseQueryOptions('$orderby=name+asc').orderBy).toEqual([{ path: ['name'], descending: false }])
  })

  test('expands links within links, with options of their own', () => {
    const { expand } = parseQueryOptions(
      "$expand=Datastreams($select=name;$filter=name eq 'a;b,(c';$expand=Observations($top=1;$orderby=result desc)),Locations",
    )
    expect(expand.map(({ name }) => name)).toEqual(['Datastreams', 'Locations'])
    const [streams] = expand
    expect(streams?.options).toMatchObject({ select: ['name'], filter: { right: { value: 'a;b,(c' } } })
    expect(streams?.options.expand[0]).toMatchObject({ name: 'Observations', options: { top: 1 } })
    const [slashed] = parseQueryOptions('$expand=Datastreams/Observations($top=3)').expand
    expect(slashed?.options.expand[0]).toMatchObject({ name: 'Observations', options: { top: 3 } })
  })

  test.each([
    ['$top=-1', '$top cannot be read: it must be a whole number from 0'],
    ['$top=1.5', '$top cannot be read'],
    ['$top=1e9', '$top cannot be read'],
    ['$top=99999999999999999999', '$top cannot be read'],
    ['$skip=x', '$skip cannot be read'],
    ['$count=yes', '$count cannot be read: it must be true or false'],
    ['$resultFormat=csv', '$resultFormat cannot be read: it must be dataArray'],
    ['$top=1&$top=2', '$top cannot be read: it is there twice'],
    ['$search=x', '$search cannot be read: there is none: there are $filter,'],
    ['$orderby=name sideways', "'name sideways' must be a property, then asc or desc"],
    ['$select=name,,id', '$select cannot be read: a name is missing'],
    ['$filter=', '$filter cannot be read at character 1'],
    ['$expand=Datastreams(', "a ')' is missing"],
    ['$expand=Datastreams)', "there is a ')' too many"],
    ["$expand=Datastreams($filter=name eq 'x)", 'a text is never closed'],
    ['$expand=Data streams', 'must be a link'],
    ['$expand=A($expand=B($expand=C($expand=D($expand=E))))', 'nested more than 4 deep'],
    ['$expand=A/B/C/D/E', 'nested more than 4 deep'],
    [`$expand=${Array.from({ length: 17 }, () => 'Datastreams').join(',')}`, 'names more than 16 links'],
    [`$expand=${Array.from({ length: 6 }, () => 'A($expand=B,C)').join(',')}`, 'names more than 16 links'],
    [`$select=${Array.from({ length: 40 }, () => 'name').join(',')}`, 'names more than 32'],
    [`$filter=${'x'.repeat(5_000)}`, 'more than 4096 characters'],
    [`$filter=${'%20'.repeat(5_000)}`, 'more than 4096 characters'],
    ['$filter=%E0%A4%A', 'not percent-encoded UTF-8'],
  ])('%s is refused', (query, message) => {
    expect(() => parseQueryOptions(query)).toThrow(message)
  })
})

describe('a path', () => {
  test.each([
    ['', []],
    ['/', []],
    ['/Things', [['Things', null]]],
    ['/Things/', [['Things', null]]],
    [
      "/Things('a')/Datastreams('b-pm2.5')",
      [
        ['Things', 'a'],
        ['Datastreams', 'b-pm2.5'],
      ],
    ],
    ['/Things(abc)', [['Things', 'abc']]],
    ["/Things(%27a''b%27)", [['Things', "a'b"]]],
    [
      '/Things/$ref',
      [
        ['Things', null],
        ['$ref', null],
      ],
    ],
  ])('%s', (path, expected) => {
    expect(parseResourcePath(path).map(({ name, id }) => [name, id])).toEqual(expected)
  })

  test.each([
    ["/Things('a'", 'is no step of a path'],
    ['/Things()', 'is no step of a path'],
    ['//Things', 'is no step of a path'],
    ['/../../etc/passwd', 'is no step of a path'],
    ["/Things('a' or 1 eq 1)", 'is no step of a path'],
    ['/Things/%ff', 'not percent-encoded UTF-8'],
    [`/${'Things/'.repeat(12)}`, 'at most 10 steps'],
  ])('%s is refused', (path, message) => {
    expect(() => parseResourcePath(path)).toThrow(message)
  })
})
