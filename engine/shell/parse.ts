/**
 * Words and operators made into commands, pipelines and loops, by descent: each function reads one construct of the grammar.
 */
import { INCOMPLETE, type SyntaxProblem, syntaxProblem, type Token, tokensOf } from './lex.ts'
import type { Assignment, Item, Node, Parsed, Pipeline, Redirect, Script, Word } from './syntax.ts'

interface Cursor {
  readonly text: string
  readonly tokens: readonly Token[]
  at: number
}

const now = (cursor: Cursor): Token => cursor.tokens[cursor.at]!

const isOperator = (token: Token, text: string): boolean => token.is === 'operator' && token.text === text

/** A word that was typed plainly, which is what a reserved word must be. */
const plainWord = (token: Token): string | undefined =>
  token.is === 'word' && token.word.every((part) => part.is === 'text' && !part.quoted) ? token.raw : undefined

function skipNewlines(cursor: Cursor): void {
  while (now(cursor).is === 'newline') cursor.at++
}

function unexpected(token: Token): never {
  if (token.is === 'end') throw INCOMPLETE
  const what = token.is === 'newline' ? 'newline' : token.is === 'word' ? token.raw : token.text
  throw syntaxProblem(`syntax error near unexpected token \`${what}'`)
}

function expectWord(cursor: Cursor, word: string): void {
  skipNewlines(cursor)
  if (plainWord(now(cursor)) !== word) unexpected(now(cursor))
  cursor.at++
}

function expectOperator(cursor: Cursor, text: string): void {
  skipNewlines(cursor)
  if (!isOperator(now(cursor), text)) unexpected(now(cursor))
  cursor.at++
}

const CLOSERS = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'])

const endsList = (token: Token): boolean =>
  token.is === 'end' || isOperator(token, ')') || isOperator(token, ';;') || CLOSERS.has(plainWord(token) ?? '')

function parseList(cursor: Cursor): Script {
  const items: Item[] = []
  for (;;) {
    skipNewlines(cursor)
    if (endsList(now(cursor))) return items
    items.push(parseItem(cursor))
    const token = now(cursor)
    if (token.is === 'newline' || isOperator(token, ';') || isOperator(token, '&')) cursor.at++
    else if (!endsList(token)) unexpected(token)
  }
}

/** A list that may not be empty: the body of a loop. */
function parseBody(cursor: Cursor): Script {
  const script = parseList(cursor)
  if (script.length === 0) unexpected(now(cursor))
  return script
}

function parseItem(cursor: Cursor): Item {
  const start = now(cursor).at
  const pipelines: { after: '' | '&&' | '||'; pipeline: Pipeline }[] = [{ after: '', pipeline: parsePipeline(cursor) }]
  for (;;) {
    const token = now(cursor)
    if (!isOperator(token, '&&') && !isOperator(token, '||')) break
    cursor.at++
    skipNewlines(cursor)
    pipelines.push({ after: (token as { text: '&&' | '||' }).text, pipeline: parsePipeline(cursor) })
  }
  const text = cursor.text.slice(start, now(cursor).at).trim()
  return { pipelines, background: isOperator(now(cursor), '&'), text }
}

function parsePipeline(cursor: Cursor): Pipeline {
  const negated = plainWord(now(cursor)) === '!'
  if (negated) cursor.at++
  const commands = [parseCommand(cursor)]
  while (isOperator(now(cursor), '|')) {
    cursor.at++
    skipNewlines(cursor)
    commands.push(parseCommand(cursor))
  }
  return { negated, commands }
}

const COMPOUND: Readonly<Record<string, (cursor: Cursor) => Node>> = {
  if: parseIf,
  while: (cursor) => parseWhile(cursor, false),
  until: (cursor) => parseWhile(cursor, true),
  for: parseFor,
  case: parseCase,
  '{': parseGroup,
  '[[': parseTest,
  function: parseFunctionKeyword,
}

function parseCommand(cursor: Cursor): Node {
  const token = now(cursor)
  const compound = COMPOUND[plainWord(token) ?? '']
  if (compound) {
    cursor.at++
    return compound(cursor)
  }
  if (isOperator(token, '((')) return parseArithmeticCommand(cursor)
  if (isOperator(token, '(')) return parseSubshell(cursor)
  if (isFunctionDefinition(cursor)) return parseFunction(cursor)
  return parseSimple(cursor)
}

const isFunctionDefinition = ({ tokens, at }: Cursor): boolean =>
  /^[A-Za-z_][\w-]*$/.test(plainWord(tokens[at]!) ?? '') &&
  isOperator(tokens[at + 1]!, '(') &&
  tokens[at + 2] !== undefined &&
  isOperator(tokens[at + 2]!, ')')

function parseFunction(cursor: Cursor): Node {
  const name = plainWord(now(cursor))!
  cursor.at += 3
  skipNewlines(cursor)
  return { is: 'function', name, body: parseCommand(cursor) }
}

function parseFunctionKeyword(cursor: Cursor): Node {
  const name = plainWord(now(cursor)) ?? unexpected(now(cursor))
  cursor.at++
  if (isOperator(now(cursor), '(')) cursor.at += 2
  skipNewlines(cursor)
  return { is: 'function', name, body: parseCommand(cursor) }
}

function parseIf(cursor: Cursor): Node {
  const branches: { condition: Script; body: Script }[] = []
  let otherwise: Script | null = null
  const branch = () => {
    const condition = parseBody(cursor)
    expectWord(cursor, 'then')
    branches.push({ condition, body: parseBody(cursor) })
  }
  branch()
  while (plainWord(now(cursor)) === 'elif') {
    cursor.at++
    branch()
  }
  if (plainWord(now(cursor)) === 'else') {
    cursor.at++
    otherwise = parseBody(cursor)
  }
  expectWord(cursor, 'fi')
  return { is: 'if', branches, otherwise, redirects: parseRedirects(cursor) }
}

function parseDo(cursor: Cursor): Script {
  expectWord(cursor, 'do')
  const body = parseBody(cursor)
  expectWord(cursor, 'done')
  return body
}

function parseWhile(cursor: Cursor, until: boolean): Node {
  const condition = parseBody(cursor)
  const body = parseDo(cursor)
  return { is: 'while', until, condition, body, redirects: parseRedirects(cursor) }
}

function parseFor(cursor: Cursor): Node {
  const name = plainWord(now(cursor)) ?? unexpected(now(cursor))
  cursor.at++
  skipNewlines(cursor)
  let words: Word[] | null = null
  if (plainWord(now(cursor)) === 'in') {
    cursor.at++
    words = []
    for (let token = now(cursor); token.is === 'word'; token = now(cursor)) {
      words.push(token.word)
      cursor.at++
    }
  }
  if (isOperator(now(cursor), ';')) cursor.at++
  const body = parseDo(cursor)
  return { is: 'for', name, words, body, redirects: parseRedirects(cursor) }
}

function parseCase(cursor: Cursor): Node {
  const subject = wordHere(cursor)
  expectWord(cursor, 'in')
  const clauses: { patterns: Word[]; body: Script }[] = []
  for (skipNewlines(cursor); plainWord(now(cursor)) !== 'esac'; skipNewlines(cursor)) {
    if (isOperator(now(cursor), '(')) cursor.at++
    const patterns = [wordHere(cursor)]
    while (isOperator(now(cursor), '|')) {
      cursor.at++
      patterns.push(wordHere(cursor))
    }
    expectOperator(cursor, ')')
    clauses.push({ patterns, body: parseList(cursor) })
    if (isOperator(now(cursor), ';;')) cursor.at++
  }
  cursor.at++
  return { is: 'case', subject, clauses, redirects: parseRedirects(cursor) }
}

function wordHere(cursor: Cursor): Word {
  const token = now(cursor)
  if (token.is !== 'word') return unexpected(token)
  cursor.at++
  return token.word
}

function parseGroup(cursor: Cursor): Node {
  const body = parseBody(cursor)
  expectWord(cursor, '}')
  return { is: 'group', body, redirects: parseRedirects(cursor) }
}

function parseSubshell(cursor: Cursor): Node {
  cursor.at++
  const body = parseBody(cursor)
  expectOperator(cursor, ')')
  return { is: 'subshell', body, redirects: parseRedirects(cursor) }
}

/** `[[ … ]]`: the words between, with `&&`, `||`, `<`, `>` and brackets as words of their own. */
function parseTest(cursor: Cursor): Node {
  const words: Word[] = []
  while (plainWord(now(cursor)) !== ']]') {
    const token = now(cursor)
    if (token.is === 'end') throw INCOMPLETE
    if (token.is === 'word') words.push(token.word)
    else if (token.is === 'operator') words.push([{ is: 'text', text: token.text, quoted: false }])
    cursor.at++
  }
  cursor.at++
  return { is: 'test', words, redirects: parseRedirects(cursor) }
}

/** `(( … ))`: taken from the text, because its operators are not the shell's. */
function parseArithmeticCommand(cursor: Cursor): Node {
  const from = now(cursor).at + 2
  const end = cursor.text.indexOf('))', from)
  if (end < 0) throw INCOMPLETE
  while (now(cursor).is !== 'end' && now(cursor).at < end + 2) cursor.at++
  const text: Word = [{ is: 'text', text: cursor.text.slice(from, end), quoted: true }]
  return { is: 'arithmetic', text, redirects: parseRedirects(cursor) }
}

function parseRedirects(cursor: Cursor): readonly Redirect[] {
  const redirects: Redirect[] = []
  for (let found = parseRedirect(cursor); found.length > 0; found = parseRedirect(cursor)) redirects.push(...found)
  return redirects
}

const KINDS: Readonly<Record<string, Redirect['kind']>> = {
  '<': '<',
  '>': '>',
  '>|': '>',
  '>>': '>>',
  '>&': '>&',
  '<&': '<&',
  '<<': '<<',
  '<<-': '<<',
  '<<<': '<<<',
}

function parseRedirect(cursor: Cursor): readonly Redirect[] {
  const token = now(cursor)
  if (token.is !== 'operator') return []
  if (token.text === '&>') {
    cursor.at++
    const one: Word = [{ is: 'text', text: '1', quoted: true }]
    return [
      { descriptor: 1, kind: '>', target: wordHere(cursor) },
      { descriptor: 2, kind: '>&', target: one },
    ]
  }
  const kind = KINDS[token.text]
  if (!kind) return []
  cursor.at++
  return [{ descriptor: token.descriptor ?? (kind.startsWith('<') ? 0 : 1), kind, target: wordHere(cursor) }]
}

const ASSIGNMENT = /^([A-Za-z_]\w*)=/

function assignmentOf(token: Token): Assignment | undefined {
  if (token.is !== 'word') return undefined
  const [first, ...rest] = token.word
  if (first?.is !== 'text' || first.quoted) return undefined
  const match = ASSIGNMENT.exec(first.text)
  if (!match) return undefined
  const left = first.text.slice(match[0].length)
  return { name: match[1]!, value: left === '' ? rest : [{ ...first, text: left }, ...rest] }
}

function parseSimple(cursor: Cursor): Node {
  const { line } = now(cursor)
  const assignments: Assignment[] = []
  const words: Word[] = []
  const redirects: Redirect[] = []
  for (;;) {
    const token = now(cursor)
    const assignment = words.length === 0 ? assignmentOf(token) : undefined
    if (assignment) assignments.push(assignment)
    else if (token.is === 'word') words.push(token.word)
    else {
      const found = parseRedirect(cursor)
      if (found.length === 0) break
      redirects.push(...found)
      continue
    }
    cursor.at++
  }
  if (assignments.length + words.length + redirects.length === 0) unexpected(now(cursor))
  return { is: 'simple', assignments, words, redirects, line }
}

/** Reads a whole script. */
export function parseScript(text: string): Parsed {
  try {
    const cursor: Cursor = { text, tokens: tokensOf(text), at: 0 }
    const script = parseList(cursor)
    if (now(cursor).is !== 'end') unexpected(now(cursor))
    return { script }
  } catch (thrown) {
    if (thrown === INCOMPLETE) return { incomplete: true }
    const { problem } = thrown as Partial<SyntaxProblem>
    if (problem === undefined) throw thrown
    return { error: problem }
  }
}
