/** `printf` and `echo -e`: texts with places to fill in. The format is used again while arguments are left. */

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  '"': '"',
}

const unescaped = (text: string): string =>
  text.replace(/\\(?:x([0-9a-fA-F]{1,2})|0?([0-7]{1,3})|(.))/g, (whole, hexadecimal, octal, letter) => {
    if (hexadecimal) return String.fromCharCode(Number.parseInt(hexadecimal, 16))
    if (octal) return String.fromCharCode(Number.parseInt(octal, 8))
    return ESCAPES[letter] ?? whole
  })

const PLACE = /%(%|([-+ 0#]*)(\d*)(?:\.(\d+))?([diouxXcsbqeEfgG]))/g

function padded(text: string, flags: string, width: string): string {
  const size = Number(width)
  if (flags.includes('-')) return text.padEnd(size)
  return flags.includes('0') ? text.padStart(size, '0') : text.padStart(size)
}

function numberText(argument: string, kind: string, precision: string | undefined): string {
  const value = argument.startsWith("'") ? argument.charCodeAt(1) : Number(argument || 0)
  if (kind === 'x') return Math.trunc(value).toString(16)
  if (kind === 'X') return Math.trunc(value).toString(16).toUpperCase()
  if (kind === 'o') return Math.trunc(value).toString(8)
  if (kind === 'f') return value.toFixed(precision === undefined ? 6 : Number(precision))
  if (kind === 'e' || kind === 'E' || kind === 'g' || kind === 'G') return String(value)
  return String(Math.trunc(value))
}

function filled(kind: string, argument: string, precision: string | undefined): string {
  if (kind === 's') return precision === undefined ? argument : argument.slice(0, Number(precision))
  if (kind === 'b') return unescaped(argument)
  if (kind === 'c') return argument.charAt(0)
  if (kind === 'q') return /^[\w./:-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`
  return numberText(argument, kind, precision)
}

export interface Formatted {
  readonly text: string
  readonly problem?: string
}

export function formatted(format: string, args: readonly string[]): Formatted {
  const left = [...args]
  let text = ''
  let problem: string | undefined
  const plain = unescaped(format)
  do {
    const before = left.length
    text += plain.replace(PLACE, (_whole, percent, flags, width, precision, kind) => {
      if (percent === '%') return '%'
      const argument = left.shift() ?? ''
      if ('diouxX'.includes(kind) && argument !== '' && Number.isNaN(Number(argument)) && !argument.startsWith("'"))
        problem = `${argument}: invalid number`
      const value = problem === undefined ? filled(kind, argument, precision) : '0'
      return padded(value, flags, width)
    })
    if (left.length === before) break
  } while (left.length > 0)
  return problem === undefined ? { text } : { text, problem }
}
