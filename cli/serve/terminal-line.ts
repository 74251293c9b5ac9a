/**
 * What a terminal does with keys before a program sees them: it shows them, lets one take back the last, and hands over whole lines.
 *
 * Left out: every key but return, backspace, ctrl-C, ctrl-D and ctrl-U; programs that want each key at once.
 */
export interface TerminalSide {
  /** A line, with its end, goes to the program. */
  readonly type: (text: string) => void
  readonly echo: (text: string) => void
}

const INTERRUPT = '\u0003'
const END_OF_INPUT = '\u0004'
const KILL_LINE = '\u0015'
const BACKSPACES = ['\u007f', '\b']

export function newTerminalLine({ type, echo }: TerminalSide): (keys: string) => void {
  let line = ''
  const erase = (count: number) => {
    echo('\b \b'.repeat(count))
    line = line.slice(0, line.length - count)
  }
  const hand = (text: string) => {
    line = ''
    type(text)
  }
  const press = (key: string): void => {
    if (key === '\r' || key === '\n') {
      echo('\r\n')
      hand(`${line}\n`)
    } else if (key === INTERRUPT) {
      echo('^C\r\n')
      hand(INTERRUPT)
    } else if (key === END_OF_INPUT) {
      if (line === '') hand(END_OF_INPUT)
    } else if (BACKSPACES.includes(key)) erase(Math.min(1, line.length))
    else if (key === KILL_LINE) erase(line.length)
    else if (key >= ' ') {
      line += key
      echo(key)
    }
  }
  return (keys) => {
    for (const key of keys) press(key)
  }
}
