/** An awk program once it is understood, and how its text is read into it. */

export type Expression =
  | { readonly is: 'number'; readonly value: number }
  | { readonly is: 'text'; readonly value: string }
  | { readonly is: 'match'; readonly source: string }
  | { readonly is: 'variable'; readonly name: string }
  | { readonly is: 'field'; readonly index: Expression }
  | { readonly is: 'element'; readonly name: string; readonly index: readonly Expression[] }
  | { readonly is: 'assign'; readonly target: Expression; readonly operator: string; readonly value: Expression }
  | { readonly is: 'step'; readonly target: Expression; readonly by: 1 | -1; readonly before: boolean }
  | { readonly is: 'unary'; readonly operator: string; readonly of: Expression }
  | { readonly is: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly is: 'choice'; readonly condition: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly is: 'in'; readonly index: readonly Expression[]; readonly name: string }
  | { readonly is: 'call'; readonly name: string; readonly args: readonly Expression[] }

export type Statement =
  | { readonly is: 'expression'; readonly value: Expression }
  | { readonly is: 'print'; readonly args: readonly Expression[]; readonly formatted: boolean }
  | { readonly is: 'block'; readonly body: readonly Statement[] }
  | { readonly is: 'if'; readonly condition: Expression; readonly then: Statement; readonly otherwise?: Statement }
  | { readonly is: 'while'; readonly condition: Expression; readonly body: Statement; readonly atLeastOnce: boolean }
  | {
      readonly is: 'for'
      readonly first?: Statement
      readonly condition?: Expression
      readonly next?: Statement
      readonly body: Statement
    }
  | { readonly is: 'each'; readonly variable: string; readonly name: string; readonly body: Statement }
  | { readonly is: 'delete'; readonly name: string; readonly index?: readonly Expression[] }
  | { readonly is: 'jump'; readonly to: 'next' | 'exit' | 'break' | 'continue'; readonly value?: Expression }

export interface Rule {
  readonly when: 'BEGIN' | 'END' | 'line'
  readonly pattern?: Expression
  /** The end of a range `/a/,/b/`. */
  readonly until?: Expression
  /** Undefined prints the line. */
  readonly action?: Statement
}

export interface AwkProblem {
  readonly awk: string
}

const problem = (awk: string): AwkProblem => ({ awk })

interface Token {
  readonly is: 'number' | 'text' | 'match' | 'name' | 'call' | 'operator' | 'newline' | 'end'
  readonly text: string
}

const OPERATORS = [
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '++',
  '--',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '^=',
  '!~',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '!',
  '<',
  '>',
  '~',
  '?',
  ':',
  '=',
  '$',
  '|',
]

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', '/': '/' }

/** A slash begins a pattern unless something stands before it that it could divide. */
const mayDivide = (last: Token | undefined): boolean =>
  last !== undefined &&
  (last.is === 'number' ||
    last.is === 'name' ||
    last.is === 'text' ||
    last.text === ')' ||
    last.text === ']' ||
    last.text === '$')

function readQuoted(text: string, from: number, quote: string): readonly [string, number] {
  let value = ''
  for (let at = from + 1; at < text.length; at++) {
    const letter = text.charAt(at)
    if (letter === quote) return [value, at + 1]
    if (letter === '\\' && quote === '"') value += ESCAPES[text.charAt(++at)] ?? `\\${text.charAt(at)}`
    else if (letter === '\\' && text.charAt(at + 1) === '/') value += text.charAt(++at)
    else value += letter
  }
  throw problem(`unterminated ${quote === '"' ? 'string' : 'regular expression'}`)
}

const WORDS: readonly (readonly [Token['is'], RegExp])[] = [
  ['number', /\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+/y],
  ['call', /[A-Za-z_]\w*(?=\()/y],
  ['name', /[A-Za-z_]\w*/y],
]

function wordAt(text: string, at: number): Token | undefined {
  for (const [is, pattern] of WORDS) {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) return { is, text: found }
  }
  const operator = OPERATORS.find((one) => text.startsWith(one, at))
  return operator === undefined ? undefined : { is: 'operator', text: operator }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    const letter = text.charAt(at)
    const quoted = letter === '"' || (letter === '/' && !mayDivide(tokens.at(-1)))
    if (letter === '\n') tokens.push({ is: 'newline', text: '\n' })
    if (/\s/.test(letter)) at++
    else if (text.startsWith('\\\n', at)) at += 2
    else if (letter === '#') at = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at)
    else if (quoted) {
      const [value, end] = readQuoted(text, at, letter)
      tokens.push({ is: letter === '"' ? 'text' : 'match', text: value })
      at = end
    } else {
      const token = wordAt(text, at)
      if (!token) throw problem(`syntax error at source line 1: unexpected ${letter}`)
      tokens.push(token)
      at += token.text.length
    }
  }
  return [...tokens, { is: 'end', text: 'end of program' }]
}

interface Cursor {
  readonly tokens: readonly Token[]
  at: number
  /** Inside the brackets of `print`, `>` is a comparison; outside it would be a file. */
  depth: number
}

const peek = (cursor: Cursor): Token => cursor.tokens[cursor.at]!

const isNext = (cursor: Cursor, text: string): boolean =>
  peek(cursor).is !== 'text' && peek(cursor).is !== 'match' && peek(cursor).text === text

function take(cursor: Cursor, text: string): boolean {
  if (!isNext(cursor, text)) return false
  cursor.at++
  return true
}

function expect(cursor: Cursor, text: string): void {
  if (!take(cursor, text))
    throw problem(`syntax error at source line 1: expected ${text} and found ${peek(cursor).text}`)
}

function skipEnds(cursor: Cursor): void {
  while (peek(cursor).is === 'newline' || isNext(cursor, ';')) cursor.at++
}

const skipNewlines = (cursor: Cursor): void => {
  while (peek(cursor).is === 'newline') cursor.at++
}

/** From what binds least to what binds most; concatenation stands between comparison and addition. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['~', '!~'],
  ['<', '<=', '==', '!=', '>', '>='],
  ['concatenation'],
  ['+', '-'],
  ['*', '/', '%'],
]

const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '^=']

export function parseExpression(cursor: Cursor): Expression {
  const left = parseChoice(cursor)
  const operator = peek(cursor).text
  if (peek(cursor).is !== 'operator' || !ASSIGNMENTS.includes(operator)) return left
  cursor.at++
  return { is: 'assign', target: left, operator: operator.slice(0, -1), value: parseExpression(cursor) }
}

function parseChoice(cursor: Cursor): Expression {
  const condition = parseIn(cursor)
  if (!take(cursor, '?')) return condition
  const yes = parseExpression(cursor)
  expect(cursor, ':')
  return { is: 'choice', condition, yes, no: parseExpression(cursor) }
}

function parseIn(cursor: Cursor): Expression {
  const left = parseBinary(cursor, 0)
  if (!take(cursor, 'in')) return left
  return { is: 'in', index: [left], name: cursor.tokens[cursor.at++]!.text }
}

const BEGINS_OPERAND = new Set(['$', '!', '(', '-', '+', '++', '--'])

/** Two operands side by side are joined: `$1 " " $2`. A sign would be taken for an operator. */
function beginsOperand({ is, text }: Token): boolean {
  if (is === 'number' || is === 'text' || is === 'call') return true
  if (is === 'name') return text !== 'in'
  return is === 'operator' && BEGINS_OPERAND.has(text) && text !== '-' && text !== '+'
}

function parseBinary(cursor: Cursor, level: number): Expression {
  const operators = LEVELS[level]
  if (!operators) return parseUnary(cursor)
  let left = parseBinary(cursor, level + 1)
  for (;;) {
    const token = peek(cursor)
    if (operators[0] === 'concatenation') {
      if (!beginsOperand(token)) return left
      left = { is: 'binary', operator: 'concatenation', left, right: parseBinary(cursor, level + 1) }
    } else if (token.is === 'operator' && operators.includes(token.text)) {
      cursor.at++
      skipNewlines(cursor)
      left = { is: 'binary', operator: token.text, left, right: parseBinary(cursor, level + 1) }
    } else return left
  }
}

function parseUnary(cursor: Cursor): Expression {
  for (const operator of ['!', '-', '+'])
    if (take(cursor, operator)) return { is: 'unary', operator, of: parseUnary(cursor) }
  const base = parsePostfix(cursor)
  return take(cursor, '^') ? { is: 'binary', operator: '^', left: base, right: parseUnary(cursor) } : base
}

function parsePostfix(cursor: Cursor): Expression {
  if (take(cursor, '++')) return { is: 'step', target: parseOperand(cursor), by: 1, before: true }
  if (take(cursor, '--')) return { is: 'step', target: parseOperand(cursor), by: -1, before: true }
  const target = parseOperand(cursor)
  if (take(cursor, '++')) return { is: 'step', target, by: 1, before: false }
  return take(cursor, '--') ? { is: 'step', target, by: -1, before: false } : target
}

function parseArguments(cursor: Cursor, end: string): readonly Expression[] {
  const args: Expression[] = []
  cursor.depth++
  while (!take(cursor, end)) {
    args.push(parseExpression(cursor))
    if (!isNext(cursor, end)) expect(cursor, ',')
  }
  cursor.depth--
  return args
}

function parseGrouped(cursor: Cursor): Expression {
  const inside = parseArguments(cursor, ')')
  if (take(cursor, 'in')) return { is: 'in', index: inside, name: cursor.tokens[cursor.at++]!.text }
  if (inside.length !== 1) throw problem('syntax error at source line 1: a list in brackets')
  return inside[0]!
}

function parseOperand(cursor: Cursor): Expression {
  const token = cursor.tokens[cursor.at++]!
  if (token.is === 'number') return { is: 'number', value: Number(token.text) }
  if (token.is === 'text') return { is: 'text', value: token.text }
  if (token.is === 'match') return { is: 'match', source: token.text }
  if (token.is === 'call') {
    expect(cursor, '(')
    return { is: 'call', name: token.text, args: parseArguments(cursor, ')') }
  }
  if (token.is === 'name')
    return take(cursor, '[')
      ? { is: 'element', name: token.text, index: parseArguments(cursor, ']') }
      : nameOrCall(token.text)
  if (token.text === '$') return { is: 'field', index: take(cursor, '++') ? problemIn('$++') : parseOperand(cursor) }
  if (token.text === '(') return parseGrouped(cursor)
  throw problem(`syntax error at source line 1: unexpected ${token.text}`)
}

const problemIn = (what: string): never => {
  throw problem(`${what} is not modelled`)
}

/** `length` may be called without brackets. */
const nameOrCall = (name: string): Expression =>
  name === 'length' ? { is: 'call', name, args: [] } : { is: 'variable', name }

function parsePrint(cursor: Cursor, formatted: boolean): Statement {
  const args: Expression[] = []
  const ends = () =>
    isNext(cursor, ';') || isNext(cursor, '}') || peek(cursor).is === 'newline' || peek(cursor).is === 'end'
  while (!ends()) {
    args.push(...parsePrinted(cursor))
    if (isNext(cursor, '|')) problemIn('print into a command')
    if (!ends()) expect(cursor, ',')
  }
  return { is: 'print', args, formatted }
}

/** `print (a, b)` and `print a, b` are the same. */
function parsePrinted(cursor: Cursor): readonly Expression[] {
  const start = cursor.at
  if (take(cursor, '(')) {
    const inside = parseArguments(cursor, ')')
    if (inside.length > 1) return inside
    cursor.at = start
  }
  return [parseExpression(cursor)]
}

function parseBlock(cursor: Cursor): Statement {
  const body: Statement[] = []
  for (skipEnds(cursor); !take(cursor, '}'); skipEnds(cursor)) {
    if (peek(cursor).is === 'end') throw problem('syntax error at source line 1: missing }')
    body.push(parseStatement(cursor))
  }
  return { is: 'block', body }
}

function parseIf(cursor: Cursor): Statement {
  const condition = parseCondition(cursor)
  const then = parseStatement(cursor)
  const mark = cursor.at
  skipEnds(cursor)
  if (take(cursor, 'else')) return { is: 'if', condition, then, otherwise: parseStatement(cursor) }
  cursor.at = mark
  return { is: 'if', condition, then }
}

function parseCondition(cursor: Cursor): Expression {
  expect(cursor, '(')
  const condition = parseExpression(cursor)
  expect(cursor, ')')
  return condition
}

function parseFor(cursor: Cursor): Statement {
  expect(cursor, '(')
  const [variable, word, name, close] = cursor.tokens.slice(cursor.at, cursor.at + 4)
  if (word?.text === 'in' && close?.text === ')') {
    cursor.at += 4
    return { is: 'each', variable: variable!.text, name: name!.text, body: parseStatement(cursor) }
  }
  const first = isNext(cursor, ';') ? undefined : parseStatement(cursor)
  expect(cursor, ';')
  const condition = isNext(cursor, ';') ? undefined : parseExpression(cursor)
  expect(cursor, ';')
  const next = isNext(cursor, ')') ? undefined : parseStatement(cursor)
  expect(cursor, ')')
  return {
    is: 'for',
    ...(first && { first }),
    ...(condition && { condition }),
    ...(next && { next }),
    body: parseStatement(cursor),
  }
}

function parseDo(cursor: Cursor): Statement {
  const body = parseStatement(cursor)
  skipEnds(cursor)
  expect(cursor, 'while')
  return { is: 'while', condition: parseCondition(cursor), body, atLeastOnce: true }
}

function parseDelete(cursor: Cursor): Statement {
  const name = cursor.tokens[cursor.at++]!.text
  return take(cursor, '[') ? { is: 'delete', name, index: parseArguments(cursor, ']') } : { is: 'delete', name }
}

function parseJump(cursor: Cursor, to: 'next' | 'exit' | 'break' | 'continue'): Statement {
  const valued = to === 'exit' && (peek(cursor).is === 'number' || peek(cursor).is === 'name')
  return { is: 'jump', to, ...(valued && { value: parseExpression(cursor) }) }
}

const STATEMENTS: Readonly<Record<string, (cursor: Cursor) => Statement>> = {
  '{': parseBlock,
  print: (cursor) => parsePrint(cursor, false),
  printf: (cursor) => parsePrint(cursor, true),
  if: parseIf,
  while: (cursor) => ({
    is: 'while',
    condition: parseCondition(cursor),
    body: parseStatement(cursor),
    atLeastOnce: false,
  }),
  do: parseDo,
  for: parseFor,
  delete: parseDelete,
  next: (cursor) => parseJump(cursor, 'next'),
  exit: (cursor) => parseJump(cursor, 'exit'),
  break: (cursor) => parseJump(cursor, 'break'),
  continue: (cursor) => parseJump(cursor, 'continue'),
}

function parseStatement(cursor: Cursor): Statement {
  skipNewlines(cursor)
  const token = peek(cursor)
  const parse = token.is === 'text' || token.is === 'match' ? undefined : STATEMENTS[token.text]
  if (!parse || !Object.hasOwn(STATEMENTS, token.text)) return { is: 'expression', value: parseExpression(cursor) }
  cursor.at++
  return parse(cursor)
}

function parseRule(cursor: Cursor): Rule {
  const when = take(cursor, 'BEGIN') ? 'BEGIN' : take(cursor, 'END') ? 'END' : 'line'
  if (isNext(cursor, 'function')) problemIn('function')
  const pattern = when === 'line' && !isNext(cursor, '{') ? parseExpression(cursor) : undefined
  const until = pattern && take(cursor, ',') ? parseExpression(cursor) : undefined
  const action = take(cursor, '{') ? parseBlock(cursor) : undefined
  return { when, ...(pattern && { pattern }), ...(until && { until }), ...(action && { action }) }
}

/** Reads a program; throws an AwkProblem. */
export function parseProgram(text: string): readonly Rule[] {
  const cursor: Cursor = { tokens: tokensOf(text), at: 0, depth: 0 }
  const rules: Rule[] = []
  for (skipEnds(cursor); peek(cursor).is !== 'end'; skipEnds(cursor)) rules.push(parseRule(cursor))
  return rules
}
