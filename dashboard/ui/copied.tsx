import { CopyButton } from './copy-button.tsx'

/** A text that is there to be copied, in a frame below its title. */
export function Copied({ title, label, text }: CopiedProps) {
  return (
    <div class="copied">
      <div class="copied-head">
        <span>{title}</span>
        <CopyButton text={text} label={label} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached with the keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </div>
  )
}

export interface CopiedProps {
  title: string
  /** What the button copies, such as `code`. */
  label: string
  text: string
}
