import { useEffect, useRef } from 'preact/hooks'
import { later } from '../platform.ts'

/** What changes often is asked for again at most this often. */
const WAIT_MS = 2_000

/** Runs something a while after a value has become another one, once for all changes of that while. */
export function useWhenChanged(value: unknown, run: () => void): void {
  const seen = useRef(value)
  const isWaiting = useRef(false)
  useEffect(() => {
    if (seen.current === value) return
    seen.current = value
    if (isWaiting.current) return
    isWaiting.current = true
    later(() => {
      isWaiting.current = false
      run()
    }, WAIT_MS)
  }, [value, run])
}
