/**
 * An editor for code. The only file that knows CodeMirror; it is loaded when an editor is shown. It lives in a shadow tree, since there its
 * rules are adopted style sheets: a `<style>` element is what the page's policy refuses.
 */
import { javascript } from '@codemirror/lang-javascript'
import { json } from '@codemirror/lang-json'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { basicSetup } from 'codemirror'

/** What is written in it. */
export type CodeLanguage = 'javascript' | 'json'

/** A place that is wrong, counted from 1. */
export interface CodeProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** An editor in an element. */
export interface CodeEditor {
  text(): string
  /** Puts another text in its place; does nothing when it is the same. */
  set(text: string): void
  /** Marks a place, or none. */
  mark(problem: CodeProblem | null): void
  close(): void
}

/** What an editor is made with. */
export interface CodeEditorInit {
  readonly text: string
  readonly language: CodeLanguage
  /** What it holds, for those who hear it. */
  readonly label: string
  /** Hears each change that a person made. */
  onChange(text: string): void
}

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.comment], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.propertyName], color: 'var(--code-property)' },
  { tag: [tags.function(tags.variableName), tags.definition(tags.variableName)], color: 'var(--code-name)' },
  { tag: tags.invalid, color: 'var(--bad)' },
])

const THEME = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--text)', fontSize: '0.9rem', maxHeight: 'inherit' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--accent)', paddingBlock: '0.6rem' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--muted)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--raised) 60%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 22%, transparent)',
    outline: 'none',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '8px',
    overflow: 'hidden',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)' },
  '.cm-panel input, .cm-panel button': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    backgroundImage: 'none',
    border: '1px solid var(--line)',
  },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--raised)', color: 'var(--muted)', border: 'none' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
})

/** Opens an editor. */
export function createCodeEditor(
  element: HTMLElement,
  { text, language, label, onChange }: CodeEditorInit,
): CodeEditor {
  const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' })
  const parent = document.createElement('div')
  root.replaceChildren(parent)
  let isOwnChange = false
  const view = new EditorView({
    root,
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        basicSetup,
        lintGutter(),
        language === 'json' ? json() : javascript(),
        syntaxHighlighting(COLOURS),
        THEME,
        EditorState.tabSize.of(2),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        EditorView.updateListener.of(update => {
          if (update.docChanged && !isOwnChange) onChange(update.state.doc.toString())
        }),
      ],
    }),
  })
  return {
    text: () => view.state.doc.toString(),
    set(next) {
      if (next === view.state.doc.toString()) return
      isOwnChange = true
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } })
      isOwnChange = false
    },
    mark(problem) {
      view.dispatch(setDiagnostics(view.state, problem === null ? [] : [diagnosticOf(view.state, problem)]))
    },
    close: () => view.destroy(),
  }
}

function diagnosticOf({ doc }: EditorState, { line, column, message }: CodeProblem): Diagnostic {
  const found = doc.line(Math.min(Math.max(1, line), doc.lines))
  const from = Math.min(found.to, found.from + Math.max(0, column - 1))
  // A place at the end of a line marks the whole of it: nothing else would be seen.
  return { from: from === found.to ? found.from : from, to: found.to, severity: 'error', message }
}
