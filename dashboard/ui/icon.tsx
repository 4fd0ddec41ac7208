/** Outlines on a grid of 24, drawn with a line of 1.8. */
const PATHS = {
  region: 'M12 3 3.5 9.5V20h17V9.5zM9.5 20v-6h5v6',
  map: 'm9 4-6 2.5v13.5l6-2.5 6 2.5 6-2.5V4l-6 2.5zM9 4v13.5M15 6.5V20',
  device: 'M7 7h10v10H7zM10 3v4m4-4v4m-4 10v4m4-4v4M3 10h4m-4 4h4m10-4h4m-4 4h4',
  job: 'M4 6h9M4 12h7M4 18h9m2.5-5.5 2.5 2.5 4-5',
  submit: 'M6 4.5v15l13-7.5z',
  claim: 'M4 4h6v6H4zm10 0h6v6h-6zM4 14h6v6H4zm10 0h2.5v2.5H14zm3.5 3.5H20V20h-2.5z',
  price: 'M4 18.5 9.5 12l4 3.5L20 7m-5 0h5v5',
  ledger: 'M6 3.5h12.5v17H6a2 2 0 0 1-2-2v-13a2 2 0 0 1 2-2zM8.5 8.5H15m-6.5 4H15',
  log: 'M12 3 4.5 6v5.5c0 4.5 3 7.700 7.5 9.5 4.5-1.800 7.5-5 7.5-9.5V6zm-3 9 2.200 2.200L15.5 10',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.5m0 15V22M2 12h2.5m15 0H22M5 5l1.700 1.700m10.600 10.600L19 19M5 19l1.700-1.700M17.300 6.700 19 5',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
  system: 'M3.5 5h17v11.5h-17zM9 20.5h6m-3-4v4',
  menu: 'M4 6.5h16M4 12h16M4 17.5h16',
  close: 'm6 6 12 12M18 6 6 18',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  warning: 'M12 3.5 2.5 20h19zM12 10v4.5m0 2.600v.1',
  next: 'm9 5 7 7-7 7',
  back: 'm15 5-7 7 7 7',
  print: 'M7 9V3.5h10V9M7 18H4V9h16v9h-3M7 14h10v6.5H7z',
  download: 'M12 4v11m-4.5-4.5L12 15l4.5-4.5M4.5 20h15',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm5 11.5L20.5 20.5',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c.5-4 3.5-6 7.5-6s7 2 7.5 6',
  people:
    'M9 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM2.500 19.500c.5-3.500 3-5 6.500-5s6 1.500 6.500 5M16 5.500a3.200 3.200 0 0 1 0 6m2 3.300c2 .6 3.200 2.200 3.500 4.700',
  operations:
    'M4 7.500h9m5 0h2M4 16.500h2m5 0h9M15.500 5a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM8.500 14a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z',
  dispute: 'M5.500 21V4m0 0h12l-2.500 4 2.500 4h-12',
  leave: 'M10 4H5v16h5m4-12 4 4-4 4m4-4H10',
  up: 'm6 14.5 6-6 6 6',
  down: 'm6 9.5 6 6 6-6',
  sensor:
    'M12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM7.800 16.200a6 6 0 0 1 0-8.400m8.400 0a6 6 0 0 1 0 8.400M5 19A10 10 0 0 1 5 5m14 0a10 10 0 0 1 0 14',
} as const

/** What an icon shows. */
export type IconName = keyof typeof PATHS

/** A small picture beside words; it says nothing by itself. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}
