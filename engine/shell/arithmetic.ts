/**
 * `$(( … ))`: whole numbers, with C's operators, assignments to variables, and names that stand for their values.
 *
 * Left out: numbers beyond 2^53, other bases than 8, 10 and 16.
 */

export interface Names {
  readonly get: (name: string) => string
  readonly set: (name: string, value: string) => void
}

const TOKEN =
  /\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|\+\+|--|\*\*|<<=?|>>=?|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%<>=!~&|^?:(),])/y

interface Cursor {
  readonly tokens: readonly string[]
  at: number
  readonly names: Names
}

export interface ArithmeticProblem {
  readonly arithmetic: string
}

const problem = (arithmetic: string): ArithmeticProblem => ({ arithmetic })

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const rest = text.slice(TOKEN.lastIndex).trim()
    const match = TOKEN.exec(text)
    if (!match) throw problem(`${text.trim()}: syntax error: operand expected (error token is "${rest}")`)
    tokens.push(match[1]!)
  }
  return tokens
}

/** From what binds least to what binds most. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
  ['**'],
]

function divided(left: number, right: number, how: (left: number, right: number) => number): number {
  if (right === 0) throw problem('division by 0')
  return how(left, right)
}

const OPERATORS: Readonly<Record<string, (left: number, right: number) => number>> = {
  '||': (left, right) => Number(left !== 0 || right !== 0),
  '&&': (left, right) => Number(left !== 0 && right !== 0),
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '&': (left, right) => left & right,
  '==': (left, right) => Number(left === right),
  '!=': (left, right) => Number(left !== right),
  '<': (left, right) => Number(left < right),
  '<=': (left, right) => Number(left <= right),
  '>': (left, right) => Number(left > right),
  '>=': (left, right) => Number(left >= right),
  '<<': (left, right) => left * 2 ** right,
  '>>': (left, right) => Math.floor(left / 2 ** right),
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => divided(left, right, (a, b) => Math.trunc(a / b)),
  '%': (left, right) => divided(left, right, (a, b) => a % b),
  '**': (left, right) => left ** right,
}

const valueOf = (text: string): number => {
  const value = /^-?0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text === '' ? 0 : text)
  return Number.isInteger(value) ? value : 0
}

function binary(cursor: Cursor, level: number): number {
  const operators = LEVELS[level]
  if (!operators) return unary(cursor)
  let left = binary(cursor, level + 1)
  while (operators.includes(cursor.tokens[cursor.at] ?? '')) {
    const operator = cursor.tokens[cursor.at++]!
    left = OPERATORS[operator]!(left, binary(cursor, level + 1))
  }
  return left
}

function unary(cursor: Cursor): number {
  const token = cursor.tokens[cursor.at]
  if (token === '-' || token === '+' || token === '!' || token === '~') {
    cursor.at++
    const value = unary(cursor)
    return token === '-' ? -value : token === '!' ? Number(value === 0) : token === '~' ? ~value : value
  }
  if (token === '++' || token === '--') {
    cursor.at++
    const name = cursor.tokens[cursor.at++] ?? ''
    return assign(cursor, name, valueOf(cursor.names.get(name)) + (token === '++' ? 1 : -1))
  }
  return operand(cursor)
}

function assign(cursor: Cursor, name: string, value: number): number {
  cursor.names.set(name, String(value))
  return value
}

function operand(cursor: Cursor): number {
  const token = cursor.tokens[cursor.at++]
  if (token === undefined) throw problem('syntax error: operand expected')
  if (token === '(') {
    const value = expression(cursor)
    if (cursor.tokens[cursor.at++] !== ')') throw problem("missing `)'")
    return value
  }
  if (!/^[A-Za-z_]/.test(token)) return valueOf(token)
  const value = valueOf(cursor.names.get(token))
  const next = cursor.tokens[cursor.at]
  if (next !== '++' && next !== '--') return value
  cursor.at++
  assign(cursor, token, value + (next === '++' ? 1 : -1))
  return value
}

function expression(cursor: Cursor): number {
  const [name, operator] = [cursor.tokens[cursor.at] ?? '', cursor.tokens[cursor.at + 1] ?? '']
  if (/^[A-Za-z_]/.test(name) && /^([-+*/%&|^]|<<|>>)?=$/.test(operator)) {
    cursor.at += 2
    const right = expression(cursor)
    const compute = OPERATORS[operator.slice(0, -1)]
    return assign(cursor, name, compute ? compute(valueOf(cursor.names.get(name)), right) : right)
  }
  const value = binary(cursor, 0)
  if (cursor.tokens[cursor.at] !== '?') return value
  cursor.at++
  const yes = expression(cursor)
  cursor.at++
  const no = expression(cursor)
  return value !== 0 ? yes : no
}

/** The value, or what is wrong with the expression. */
export function evaluate(text: string, names: Names): number | ArithmeticProblem {
  try {
    const cursor: Cursor = { tokens: tokensOf(text), at: 0, names }
    if (cursor.tokens.length === 0) return 0
    let value = expression(cursor)
    while (cursor.tokens[cursor.at] === ',') {
      cursor.at++
      value = expression(cursor)
    }
    return value
  } catch (thrown) {
    if (typeof thrown === 'object' && thrown !== null && 'arithmetic' in thrown) return thrown as ArithmeticProblem
    throw thrown
  }
}
