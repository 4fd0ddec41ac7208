import { useEffect, useRef } from 'preact/hooks'
import type { CodeEditor, CodeLanguage, CodeProblem } from './code-editor.ts'

/** A text of code that can be edited, with a place in it that is wrong. */
export function CodeField({ text, language, label, problem, onChange }: CodeFieldProps) {
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<CodeEditor | null>(null)
  const newest = useRef({ text, problem, onChange })
  newest.current = { text, problem, onChange }
  useEffect(() => {
    let isGone = false
    void import('./code-editor.ts').then(({ createCodeEditor }) => {
      if (isGone || place.current === null) return
      editor.current = createCodeEditor(place.current, {
        text: newest.current.text,
        language,
        label,
        onChange: changed => newest.current.onChange(changed),
      })
      editor.current.mark(newest.current.problem)
    })
    return () => {
      isGone = true
      editor.current?.close()
      editor.current = null
    }
  }, [language, label])
  useEffect(() => {
    editor.current?.set(text)
    editor.current?.mark(problem)
  }, [text, problem])
  return (
    <div
      class={problem === null ? `code-field code-${language}` : `code-field code-${language} code-wrong`}
      ref={place}
    />
  )
}

interface CodeFieldProps {
  text: string
  language: CodeLanguage
  label: string
  problem: CodeProblem | null
  onChange(text: string): void
}
