/** base64: how Secrets carry their values, and how people read them. */
import { encodeBase64, textOfBase64, utf8Bytes } from '../../std/base64.ts'
import { afterInput, type Command, type Finished } from '../command.ts'
import { joinLines, readArguments, readFiles, usage } from './arguments.ts'

const GRAMMAR = { flags: 'di', values: 'w', long: { decode: 'd', wrap: 'w', 'ignore-garbage': 'i' } } as const

const wrapped = (text: string, width: number): string =>
  width === 0 ? text : joinLines(text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])

function decoded(text: string): Finished {
  const letters = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(letters)) return { err: 'base64: invalid input\n', code: 1 }
  return { out: textOfBase64(letters.padEnd(Math.ceil(letters.length / 4) * 4, '=')) }
}

export const base64 = afterInput(
  (host) => {
    const args = readArguments(host.argv, GRAMMAR)
    return typeof args !== 'string' && (args.operands.length === 0 || args.operands[0] === '-')
  },
  (input, host) => {
    const args = readArguments(host.argv, GRAMMAR)
    if (typeof args === 'string') return usage(args, 1)
    const { texts, err } = readFiles(host, args.operands, input)
    if (err) return { err, code: 1 }
    const text = texts.map((file) => file.text).join('')
    return args.flags.has('d')
      ? decoded(text)
      : { out: wrapped(encodeBase64(utf8Bytes(text)), Number(args.values.w ?? 76)) }
  },
  'Encode in base64, or decode with -d.',
) as Command
